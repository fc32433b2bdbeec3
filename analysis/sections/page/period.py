"""The period that a page speaks of, in words, and which dated instructions are over by then."""

import re
from collections.abc import Callable
from datetime import date

from analysis.judgement.wording.periods import (
    day_words,
    days_named,
    period_words,
)
from analysis.plans.study_plan import StudyPlan
from analysis.record.record import Record
from analysis.said.texts import cut, settled, together

# An instruction that holds until a day.
_ASKS = re.compile(
    r"\b(pre-release|fact[- ]check\w*|embargo\w*|comments?|repl(?:y|ies)|not before|do"
    r" not|please|send)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def dated_period(plan: StudyPlan, record: Record, more: Callable[[date], str]) -> str:
    """ "July to September 2026"; the plan's own words where the record has no dates. `more`: what
    is said after it, from its last day."""
    first, last = _date(record.period_from), _date(record.period_to)
    if first is None or last is None:
        return plan.data.cohort
    return settled(f"{period_words(first, last)}{more(last)}")


def followed_period(plan: StudyPlan, record: Record) -> str:
    """The period of a pilot, and how far its people were followed, where that is longer than the
    period itself."""
    return dated_period(plan, record, lambda last: _followed(record, last))


def not_over(texts: tuple[str, ...], record: Record) -> tuple[str, ...]:
    """`texts` without sentences that ask something until a day, where that day has passed when the
    figures were taken: "Pre-release until 5 May 2026." disappears on 6 May."""
    shown_on = _date(record.extract_date) or _date(record.period_to)
    kept = (
        together(" ", (one for one in cut(text, _SENTENCE) if not _is_over(one, shown_on)))
        for text in texts
    )
    return tuple(text for text in kept if text)


def _is_over(sentence: str, shown_on: date | None) -> bool:
    if shown_on is None or not _ASKS.search(sentence):
        return False
    days = days_named(sentence)
    return bool(days) and max(days) < shown_on


def day(text: str | None) -> str:
    """ "2026-10-03" as "3 October 2026"; what is no date stays as it is."""
    found = _date(text)
    return day_words(found) if found else text or ""


def _followed(record: Record, last: date) -> str:
    followed = _date(record.follow_up_complete_to)
    return settled(f", followed to {day_words(followed)}") if followed and followed > last else ""


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
