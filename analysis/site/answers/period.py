"""The period that a page speaks of, in words, and which dated instructions are over by then: of a
pilot its people and how far they were followed, of a monitor its newest round and until when that
is provisional, of a list of commitments the dates of the documents.
"""

import re
from datetime import date

from analysis.judgement.wording.periods import (
    day_words,
    days_named,
    period_words,
    provisional_words,
)
from analysis.plans.action_plan import ActionPlan
from analysis.plans.monitor import Monitor
from analysis.plans.study_plan import StudyPlan
from analysis.record.record import Record
from analysis.studies.promises.study import open_action_plan
from analysis.vocabulary.regions import ALL

# An instruction that holds until a day.
_ASKS = re.compile(
    r"\b(pre-release|fact[- ]check\w*|embargo\w*|comments?|repl(?:y|ies)|not before|do"
    r" not|please|send)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def period(plan: StudyPlan, record: Record) -> str:
    """ "July to September 2026, provisional until April 2027"; the plan's own words where the
    record has no dates."""
    if isinstance(plan, ActionPlan):
        return _of_documents(plan)
    first, last = _date(record.period_from), _date(record.period_to)
    if first is None or last is None:
        return plan.data.cohort
    more = (
        _provisional(plan, record, last) if isinstance(plan, Monitor) else _followed(record, last)
    )
    return period_words(first, last) + more


def not_over(texts: tuple[str, ...], record: Record) -> tuple[str, ...]:
    """`texts` without sentences that ask something until a day, where that day has passed when the
    figures were taken: "Pre-release until 5 May 2026." disappears on 6 May."""
    shown_on = _date(record.extract_date) or _date(record.period_to)
    kept = (
        " ".join(one for one in _SENTENCE.split(text) if not _is_over(one, shown_on))
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


def _of_documents(plan: ActionPlan) -> str:
    """The dates at which the documents state what they state."""
    dates = open_action_plan(plan, ALL).items["state_as_of"].dropna()
    first, last = dates.min().date(), dates.max().date()
    return f"as documents of {day_words(first)} to {day_words(last)} state it"


def _followed(record: Record, last: date) -> str:
    """How far the people of a pilot were followed, where that is longer than the period itself."""
    followed = _date(record.follow_up_complete_to)
    return f", followed to {day_words(followed)}" if followed and followed > last else ""


def _provisional(plan: Monitor, record: Record, last: date) -> str:
    """Until when cases of the newest round are still being entered; empty once the plan's months
    have passed."""
    if not any(check.id == "provisional" for check in record.checks):
        return ""
    return f", {provisional_words(last, plan.round.provisional_until_months)}"


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
