"""What a monitor's leading measure was when a round was first published, and what the same round is
in the record of today."""

from datetime import date, timedelta

from analysis.display.amounts import is_drawn
from analysis.judgement.wording.periods import quarter_label
from analysis.judgement.wording.rates_in_words import interval_text, ratio_texts
from analysis.plans.monitor import Measure, Monitor
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.said.texts import sentence
from analysis.sections.page.since import Move, same_period
from analysis.studies.disparity.rows import (
    VERDICT_WORDS,
    beside_row,
    drawn_row,
    people_from,
    period_of,
)
from analysis.studies.disparity.study import TREND

ONE_DAY = timedelta(days=1)


def monitor_moves(plan: Monitor, then: Record, now: Record) -> tuple[Move, ...]:
    """The leading measure, group by group: the figure of the earlier record, and that of the same
    period in the record of today. A group of which one of them has no row is left out."""
    measure = plan.measure(plan.leads.measure)
    found = []
    for group in plan.compared_groups:
        was = drawn_row(plan, then, measure, group)
        is_now = _of_period(plan, then, now, measure, group)
        if was is not None and is_now is not None:
            of = _of(plan, then, measure, group)
            # the same months in both: whatever moved, no new people did it
            found.append(Move(of, _in_words(was), _in_words(is_now), same_period=True))
    return tuple(found)


def _of_period(
    plan: Monitor, then: Record, now: Record, measure: Measure, group: str
) -> Row | None:
    """The row of the record of today that is of the earlier record's period."""
    if same_period(then, now):
        return drawn_row(plan, now, measure, group)
    for note in _notes(plan, then, now):
        row = beside_row(plan, now, measure, group, note)
        if row is not None:
            return row
    return None


def _notes(plan: Monitor, then: Record, now: Record) -> tuple[str, ...]:
    """Notes of rows of the record of today that can be of the earlier one's period."""
    if then.period_from is None or then.period_to is None or now.period_from is None:
        return ()
    last = date.fromisoformat(then.period_to)
    follows = str(last + ONE_DAY) == now.period_from
    label = quarter_label(date(last.year, last.month, 1))
    whole = f"year to {label}" if plan.round.length == "year" else label
    trend = (f"{TREND}{whole}", f"round_{last.year}")
    return ("last_round", *trend) if follows else trend


@sentence
def _of(plan: Monitor, then: Record, measure: Measure, group: str) -> str:
    """ "Black people on licence, recall, April to June 2026"."""
    return f"{people_from(group, measure.people)}, {measure.noun}, {period_of(plan, then)}"


@sentence
def _in_words(row: Row) -> str:
    """ "1.42 times as often (1.10 to 1.84)"; what is not drawn, by its verdict."""
    if not is_drawn(row):
        return VERDICT_WORDS.get(row.result_class or row.status, "not shown")
    value, low, high = ratio_texts(*row.estimate)
    return f"{value} times as often ({interval_text(low, high, row.estimate.high)})"
