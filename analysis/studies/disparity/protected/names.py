"""Names of the counts of a monitor: one name for one number, wherever it is printed.

Numbers are named by their columns, and not by the measure that counts them: the people at risk of
several measures are one number where these count over one column, and so are those who had the
event of a stage and those at risk of the next. That is what makes relations between measures, and
between the stages of a way, plain.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from analysis.disclosure.attack.known import DIMENSIONS, key
from analysis.plans.monitor import Measure, Monitor
from analysis.studies.disparity.counted.counts import TOGETHER

ETHNIC_GROUP = "ethnic_group"  # a column of tables that are asked for
NEWEST = "newest"  # period of the flow of people, whatever the newest round is
KNOWN = "known"  # group: all whose group is one of the page's
EXPOSURE = "base"  # count: person-time


@dataclass(frozen=True, slots=True)
class At:
    """Where counts stand: place, round (or several, put together), unit, and further columns of a
    table ("grade=band_3"). where: what prints them, for the checker; no part of their names."""

    place: str
    period: str
    unit: str = ""
    by: str = ""
    where: str = ""

    def name(self, outcome: str, group: str, count: str = "people") -> str:
        """The name of one number here."""
        return key(
            place=self.place,
            outcome=outcome,
            period=_plain(self.period),
            group=_plain(group),
            unit=_plain(self.unit),
            by=_plain(self.by),
            count=count,
        )


def _plain(label: str) -> str:
    """A label of somebody else's table may hold what stands between the parts of a name."""
    return label.replace(";", ",")


def period_of(rounds: tuple[str, ...]) -> str:
    """The period of one round, or of several that are put together."""
    return TOGETHER.join(rounds)


class Name(NamedTuple):
    """The parts of a name, in the order of known.DIMENSIONS; empty where it does not say."""

    place: str = ""
    outcome: str = ""
    period: str = ""
    group: str = ""
    unit: str = ""
    by: str = ""
    arm: str = ""
    count: str = ""


assert Name._fields == DIMENSIONS, "a name has the parts that a key has"


def name_of(found: str) -> Name:
    """The parts of a name as it is noted."""
    return Name(**dict(part.split("=", 1) for part in found.split(";")))


def levels_of(one: Name) -> Iterator[tuple[str, Name]]:
    """Each further column of a name, and the name without it. The ethnic group is a column where
    others stand beside it, and else the group of the name."""
    held = one.by.split(", ") if one.by else []
    if one.group and not held:
        yield ETHNIC_GROUP, one._replace(group="")
    for k, level in enumerate(held):
        left = held[:k] + held[k + 1 :]
        column, group = level.partition("=")[0], ""
        if len(left) == 1 and left[0].startswith(f"{ETHNIC_GROUP}="):
            group, left = left[0].partition("=")[2], []
        yield column, one._replace(by=", ".join(left), group=group or one.group)


def quarters_of(period: str) -> tuple[str, ...]:
    """The quarters of "year to 2026 Q3", newest first; none of another period."""
    found = re.fullmatch(r"year to (\d{4}) Q([1-4])", period)
    if found is None:
        return ()
    last = 4 * int(found[1]) + int(found[2]) - 1
    return tuple(f"{k // 4} Q{k % 4 + 1}" for k in range(last, last - 4, -1))


@dataclass(frozen=True, slots=True)
class CellNames:
    """Names of the numbers of one cell: people at risk, those with the event and without it, events
    and exposure. The last two are None for a share, where events are people."""

    people: str
    with_event: str
    without: str
    events: str | None
    base: str | None


def cell_names(
    plan: Monitor, measure: Measure, group: str, at: At, *, by_column: bool, go_on: bool
) -> CellNames:
    """Names of the numbers of one cell.

    by_column: rows of a table were counted, so that equal columns are one number; else counts were
    made by somebody else, and each measure has its own. go_on: exactly those with the event are at
    risk of the measure that `follower` names.
    """
    own = f"{event_column(measure)} of {column(measure, measure.of)}" if by_column else measure.id
    with_event = at.name(own, group, "with")
    if go_on and (after := follower(plan, measure)) is not None:
        with_event = people_name(after, group, at, by_column=by_column)
    is_rate = measure.kind == "rate"
    return CellNames(
        people=people_name(measure, group, at, by_column=by_column),
        with_event=with_event,
        without=at.name(own, group, "without"),
        events=at.name(own, group, "events") if is_rate else None,
        base=at.name(own, group, EXPOSURE) if is_rate else None,
    )


def people_name(measure: Measure, group: str, at: At, *, by_column: bool) -> str:
    """The name of the people at risk."""
    return at.name(column(measure, measure.of) if by_column else measure.id, group)


def column(measure: Measure, name: str) -> str:
    """A column as it is told apart from those of other tables."""
    return f"{measure.table}.{name}" if measure.table else name


def event_column(measure: Measure) -> str:
    return column(measure, measure.count)


def follower(plan: Monitor, measure: Measure) -> Measure | None:
    """The measure whose people at risk are those with the event of this one: its base is the column
    of these events, or it is the next stage. None for rates, and where there is none."""
    if measure.kind != "share":
        return None
    same = (m for m in plan.measures if m.table == measure.table and m.of == measure.count)
    return next(same, None) or _next_stage(plan, measure)


def _next_stage(plan: Monitor, measure: Measure) -> Measure | None:
    stages = plan.stages.measures if plan.stages else ()
    if measure.id not in stages[:-1]:
        return None
    return plan.measure(stages[stages.index(measure.id) + 1])
