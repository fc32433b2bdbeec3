"""Which rounds a monitor has: from the plan and the day of the extract, never from the quarters
that data happen to hold.

A quarter is closed when its last day lies before the day of the extract (and not after `data: to`
of the plan). Rounds are counted back from the newest closed quarter, a year being four quarters of
the calendar. A round of which a quarter was not delivered is not whole: no figures are made of it,
and it never reaches back to an older quarter. An extract that does not say when it was drawn is
taken to end with its newest quarter, which is the one thing the data then decide.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.errors import ParameterError
from analysis.extracts.rules.calendar_rules import few_rows, last_closed_quarter
from analysis.judgement.wording.figures_in_words import listed
from analysis.judgement.wording.periods import day_words, quarter_label, round_words
from analysis.plans.monitor import Monitor
from analysis.said.carried import read_out
from analysis.said.texts import sentence
from analysis.said.told import told

QUARTERS = {"quarter": 1, "year": 4}  # in a round
DELIVERY = "delivery"  # id of the check that says what was not delivered


@dataclass(frozen=True)
class Slot:
    """One round of the calendar: first days of its first and last quarter, and its quarters that
    were not delivered."""

    label: str
    first: pd.Timestamp
    last: pd.Timestamp
    missing: tuple[pd.Timestamp, ...] = ()

    @property
    def whole(self) -> bool:
        return not self.missing


@dataclass(frozen=True)
class RoundCalendar:
    """The rounds of one place, oldest first: from the first that was delivered to the newest that
    was closed.

    not_closed: quarters that the data hold and the extract was too early for. few: quarters with
    far fewer rows than those beside them. places_without: (quarter, places) where some of several
    places delivered nothing.
    """

    slots: tuple[Slot, ...]
    extract_date: str | None
    not_closed: tuple[pd.Timestamp, ...] = ()
    few: tuple[pd.Timestamp, ...] = ()
    few_percent: float = 0.0
    places_without: tuple[tuple[pd.Timestamp, tuple[str, ...]], ...] = ()

    @property
    def whole(self) -> tuple[Slot, ...]:
        """The rounds that have figures."""
        return tuple(slot for slot in self.slots if slot.whole)

    @property
    def until_newest(self) -> tuple[Slot, ...]:
        """Rounds up to the newest whole one, the holes between them included."""
        return self.slots[: self.slots.index(self.whole[-1]) + 1]

    @sentence
    def lines(self) -> tuple[str, ...]:
        """What was not delivered, in sentences; none where everything was."""
        found = [_hole(slot) for slot in self.until_newest if not slot.whole]
        found += _since_the_newest(self.slots[len(self.until_newest) :])
        found += [
            f"{_quarter(q)} was not over on the day of the extract ({day_words(self.extract_date)})"
            " and is left out."
            for q in self.not_closed
            if self.extract_date
        ]
        found += [
            f"{_quarter(q)} holds fewer than {told(self.few_percent)}% of the rows of the quarters"
            " beside it: it may have been delivered in part."
            for q in self.few
        ]
        found += [
            f"{_quarter(q)} was not delivered for {listed(names)}."
            for q, names in self.places_without
        ]
        return tuple(found)


def _hole(slot: Slot) -> str:
    """A round between others that has no figures."""
    if slot.first == slot.last:
        return (
            f"{_quarter(slot.first)} was not delivered: it is a gap, and no verdict is counted"
            " across it."
        )
    return f"The {round_words(slot.label)} is not whole: {_named(slot.missing)} not delivered."


def _since_the_newest(slots: Sequence[Slot]) -> list[str]:
    """Rounds that were closed, and newer than the newest that has figures."""
    if not slots:
        return []
    if slots[0].first != slots[0].last:
        return [*map(_hole, slots), "These are the figures of an earlier year."]
    verb = "was" if len(slots) == 1 else "were"
    named = listed(tuple(_quarter(slot.first) for slot in slots))
    return [f"{named} {verb} closed and not delivered: these are the figures of an earlier round."]


def _named(quarters: Sequence[pd.Timestamp]) -> str:
    verb = "was" if len(quarters) == 1 else "were"
    return f"{listed(tuple(_quarter(q) for q in quarters))} {verb}"


def _quarter(first: pd.Timestamp) -> str:
    return round_words(quarter_label(first))


def round_label(last: pd.Timestamp, size: int) -> str:
    """ "2026 Q3" or "year to 2026 Q3", of the round whose last quarter begins on `last`."""
    return quarter_label(last) if size == 1 else f"year to {quarter_label(last)}"


def shifted(quarter: pd.Timestamp, quarters: int) -> pd.Timestamp:
    """The first day of the quarter so many quarters on."""
    return quarter + pd.DateOffset(months=3 * quarters)


def last_closed(extract_date: str | None, to: str | None) -> pd.Timestamp | None:
    """First day of the newest quarter that was over before the day of the extract and by `to`;
    None: neither is known."""
    ends = [pd.Timestamp(extract_date)] if extract_date else []
    ends += [pd.Timestamp(to) + pd.Timedelta(days=1)] if to else []
    return last_closed_quarter(str(min(ends).date())).start_time if ends else None


def rounds_of_calendar(
    plan: Monitor,
    rows: Mapping[pd.Timestamp, int],
    *,
    delivered: Iterable[pd.Timestamp] | None = None,
    extract_date: str | None = None,
    places_without: Mapping[pd.Timestamp, Sequence[str]] | None = None,
) -> RoundCalendar:
    """The rounds of one place.

    rows: by quarter (its first day), how many rows of the plan's table the place has. delivered:
    quarters that all tables of the plan hold (None: those of `rows`). ParameterError E155 where no
    round is whole.
    """
    held = {q for q in rows if rows[q] > 0}
    held &= set(delivered) if delivered is not None else held
    closed = last_closed(extract_date, plan.data.to) or max(rows)
    within = {q for q in held if q <= closed}
    slots = _slots(plan, closed, within)
    first, last = slots[0].first, slots[-1].last
    few = [q for q in _few(rows, plan.round.partial_below_percent, closed) if first <= q <= last]
    without = {
        q: tuple(names)
        for q, names in (places_without or {}).items()
        if first <= q <= last and q in within
    }
    return RoundCalendar(
        slots,
        extract_date,
        tuple(sorted(q for q in rows if q > closed)),
        tuple(few),
        plan.round.partial_below_percent,
        tuple(sorted(without.items())),
    )


def _slots(plan: Monitor, closed: pd.Timestamp, held: set[pd.Timestamp]) -> tuple[Slot, ...]:
    """As many rounds as the plan shows, back from the newest whole one, and those closed since."""
    size = QUARTERS[plan.round.length]
    found, last = [], closed
    while held and last >= min(held):
        found.append(_slot(last, size, held))
        last = shifted(last, -size)
    since = pd.Timestamp(plan.data.from_) if plan.data.from_ else None
    found = [slot for slot in found if since is None or slot.first >= since]
    whole = [k for k, slot in enumerate(found) if slot.whole]
    if not whole:
        raise _no_whole_round(plan, closed, found)
    until = whole[0] + plan.trend.rounds - 1
    said = [
        k for k, slot in enumerate(found) if slot.whole or any(q > min(held) for q in slot.missing)
    ]
    until = max(
        k for k in said if k <= until
    )  # before the first quarter of all nothing was to be delivered
    return tuple(reversed(found[: until + 1]))


def _slot(last: pd.Timestamp, size: int, held: set[pd.Timestamp]) -> Slot:
    quarters = [shifted(last, k) for k in range(1 - size, 1)]
    return Slot(
        round_label(last, size), quarters[0], last, tuple(q for q in quarters if q not in held)
    )


def _no_whole_round(plan: Monitor, closed: pd.Timestamp, found: Sequence[Slot]) -> ParameterError:
    size = QUARTERS[plan.round.length]
    newest = found[0] if found else _slot(closed, size, set())
    text = (
        f"the {round_words(newest.label)} is not whole: {_named(newest.missing)} not delivered, and"
        " no earlier round is whole."
    )
    return ParameterError("E155", read_out(text), remedy="Deliver all quarters of the round.")


def _few(
    rows: Mapping[pd.Timestamp, int], percent: float, closed: pd.Timestamp
) -> list[pd.Timestamp]:
    """Quarters that have far fewer rows than those beside them."""
    by_quarter = pd.Series(
        {quarter.to_period("Q"): n for quarter, n in rows.items() if quarter <= closed}
    )
    return [quarter.start_time for quarter in few_rows(by_quarter, percent=percent)]


__all__ = [
    "DELIVERY",
    "QUARTERS",
    "RoundCalendar",
    "Slot",
    "last_closed",
    "round_label",
    "rounds_of_calendar",
    "shifted",
]
