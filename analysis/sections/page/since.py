"""How far the row that leads a page has moved since a round was first published: what it was then,
and what it is now. Each kind of study says it of its own rows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from analysis.judgement.wording.figures_in_words import printed
from analysis.judgement.wording.statements import (
    difference_in_words,
    limit_in_words,
    ratio_in_words,
)
from analysis.plans.plan import Plan
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.said.phrases import EVERY_100
from analysis.said.texts import leaves, sentence
from analysis.study.words import finding, lead_row

WITHHELD, NOT_WORKED_OUT, COUNTS = "withheld to protect people", "no difference", "counts only"
NOT_SHOWN = {"withheld": WITHHELD, "not_estimable": NOT_WORKED_OUT, "described": COUNTS}


@dataclass(frozen=True)
class Move:
    """One row as first published and as now, in words.

    of: what it is about. same_period: both are of one period, so that no new people are in it; else
    the newer one is of a period that moved on.
    """

    of: str
    then: str
    now: str
    same_period: bool

    def __post_init__(self):
        leaves(self, "a sentence of a page", "of", "then", "now")

    @property
    def is_beyond_rounding(self) -> bool:
        """What is printed is not the same."""
        return self.then != self.now


Moves = Callable[[Any, Record, Record], tuple[Move, ...]]  # of (plan, then, now)


def same_period(then: Record, now: Record) -> bool:
    """Whether both records are of the same people at the same time."""
    names = ("period_from", "period_to", "follow_up_complete_to")
    return all(getattr(then, name) == getattr(now, name) for name in names)


def pilot_moves(plan: Plan, then: Record, now: Record) -> tuple[Move, ...]:
    """The leading outcome of a pilot; none where one of the records has no such row."""
    was, is_now = lead_row(plan, then), lead_row(plan, now)
    if was is None or is_now is None:
        return ()
    noun = plan.outcome(plan.leading).noun or plan.title
    said_then, said_now = _in_words(plan, was, then), _in_words(plan, is_now, now)
    return (Move(noun, said_then, said_now, same_period(then, now)),)


@sentence
def _in_words(plan: Plan, row: Row, record: Record) -> str:
    """ "2.4 fewer (6.3 fewer to 1.5 more) in every 100"."""
    if row.status != "estimated":
        return NOT_SHOWN.get(row.status, "a rank only")
    found = finding(plan, row, record)
    if not found.has_number:
        return NOT_WORKED_OUT
    figures, ends = printed(found), found.estimate
    low, high = (
        limit_in_words(found, end, text)
        for end, text in ((ends.low, figures.low), (ends.high, figures.high))
    )
    if found.kind == "rate":
        return f"{ratio_in_words(figures.value)} ({low} to {high})"
    per = "" if found.kind == "scale" else f" {EVERY_100}"
    return f"{difference_in_words(found, figures)} ({low} to {high}){per}"
