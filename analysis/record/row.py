"""One row of a record: a result with what it is about, what it rests on and what it may be called.

The same type serves the exact row, for the private folder and for pooling, and the released one:
what only the exact one carries (`support`, `allowed_for`, `role`, `from_counts`) is None in the
other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, Self

from analysis.results import (
    LEVELS,
    Estimate,
    Fact,
    Interval,
    NotEstimable,
    Ranked,
    Result,
    Support,
    Withheld,
)

Level = Literal["input", "reaction", "learning", "behaviour", "organisation", "society"]
Unit = Literal["in_every_100", "times", "points", "per_exposure", "count", "money"]
Direction = Literal["higher", "lower", "undefined"]
Status = Literal["estimated", "ranked", "described", "not_estimable", "withheld"]

# Counts of a row that its support holds exactly and the released row in fives.
SUPPORT_KEYS = (
    "n",
    "n_identifying",
    "cells_identifying",
    "n_treated",
    "clusters_treated",
    "clusters_comparison",
)
# Of a relative rate with a verdict: whether its event is good or bad for the person, which way of
# counting decides (event or opposite), who is worse off (group or reference), and the ratio of
# those without the event (times).
VERDICT_KEYS = (
    "counts",
    "decided_by",
    "worse_off",
    "opposite_value",
    "opposite_low",
    "opposite_high",
)
PRIVATE = ("support", "allowed_for", "role", "from_counts")
FROM_ESTIMATE = (
    "value",
    "std_error",
    "conf_low",
    "conf_high",
    "p_value",
    "df",
    "reason",
    "seed",
    "allowed_for",
    *LEVELS,
)


@dataclass(frozen=True, slots=True)
class Role:
    """What the people of a row are: the whole of partitions, a part of one, or neither.

    name: of the part, where it is no ethnic group.
    """

    whole_of: tuple[str, ...] = ()
    part_of: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One estimate, fact or reason why there is none, of one outcome and group.

    unit: of value, interval, levels, sesoi and mde. status: `described` where a fact stands or
    nothing is compared, `ranked` where a value has a rank among places (1: it differs most) and
    neither interval nor p-value. n and the other counts: people and units, exact or in fives.
    comparison_value, group_value: levels observed; comparison_estimated, group_estimated: those
    that a model gives. sesoi: smallest effect of interest; mde: minimum detectable effect.
    left_out, clusters_left_out: people and units behind the row that are not in n, where the study
    counts them. k to places_missing: of places put together (k: how many).
    support, allowed_for, role, from_counts: exact, in the private record alone; role is None where
    it follows from the group, from_counts are the counts in fives of a relative rate.
    """

    level: Level
    outcome: str
    group: str
    direction: Direction
    estimand: str
    method: str
    unit: Unit
    status: Status
    reason: str | None = None
    value: float | None = None
    std_error: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    family: str | None = None
    df: float | None = None
    n: int | None = None
    n_identifying: int | None = None
    cells_identifying: int | None = None
    n_treated: int | None = None
    clusters_treated: int | None = None
    clusters_comparison: int | None = None
    sesoi: float | None = None
    mde: float | None = None
    result_class: str | None = None
    claim: str | None = None
    harm_watch: str | None = None
    seed: int | None = None
    comparison_value: float | None = None
    group_value: float | None = None
    comparison_estimated: float | None = None
    group_estimated: float | None = None
    note: str | None = None
    counts: Literal["good", "bad"] | None = None
    decided_by: Literal["event", "opposite"] | None = None
    worse_off: Literal["group", "reference"] | None = None
    opposite_value: float | None = None
    opposite_low: float | None = None
    opposite_high: float | None = None
    left_out: Mapping[str, int | None] | None = None
    clusters_left_out: int | None = None
    k: int | None = None
    tau2: float | None = None
    i2: float | None = None
    i2_definition: str | None = None
    pi_low: float | None = None
    pi_high: float | None = None
    places_missing: tuple[str, ...] | None = None
    rank: int | None = None
    places: int | None = None
    support: Support | None = None
    allowed_for: tuple[str, ...] | None = None
    role: Role | None = None
    from_counts: tuple[int, ...] | None = None

    @classmethod
    def of(
        cls,
        result: Result | Fact,
        *,
        level: Level,
        outcome: str,
        group: str,
        direction: Direction = "undefined",
        **more: Any,
    ) -> Self:
        """The row of one result. `more` gives further fields (family, sesoi, mde, note, n_treated
        of a fact), in the place of what the result says. TypeError for one that no row has."""
        cells = {"estimand": result.estimand, "method": result.method, "unit": result.unit}
        cells |= {"level": level, "outcome": outcome, "group": group, "direction": direction}
        return cls(**cells | _found(result) | _rests_on(result) | more)

    def bounded(self, low: float, high: float, *, reason: str | None = None) -> Self:
        """The row with no value but the ends between which it lies, whatever is not known
        (`reason`)."""
        ends = {"conf_low": low, "conf_high": high}
        return self.with_(status="described", value=None, reason=reason, note="bounds", **ends)

    def with_(self, **changed: Any) -> Self:
        """The row with other values. TypeError for a field that no row has."""
        return replace(self, **changed)

    @property
    def estimate(self) -> Interval:
        """The value and its interval. ValueError where there is none."""
        if self.value is None or self.conf_low is None or self.conf_high is None:
            raise ValueError(f"the row of {self.outcome}, {self.group} has no estimate")
        return Interval(self.value, self.conf_low, self.conf_high)

    @property
    def ranked(self) -> tuple[float, int, int]:
        """Value, rank and number of places. ValueError where the row has no rank."""
        if self.value is None or self.rank is None or self.places is None:
            raise ValueError(f"the row of {self.outcome}, {self.group} has no rank")
        return self.value, self.rank, self.places

    @property
    def cell(self) -> tuple[str, str, str, str]:
        """(outcome, estimand, group, method): what the rows of several places have in common."""
        return self.outcome, self.estimand, self.group, self.method

    @property
    def opposite(self) -> tuple[float, float, float] | None:
        """The ratio of those without the event with its interval; None where there is none."""
        value, low, high = self.opposite_value, self.opposite_low, self.opposite_high
        return None if value is None or low is None or high is None else (value, low, high)

    @property
    def released(self) -> Self:
        """The row without what stands in the private record alone."""
        return self.with_(**dict.fromkeys(PRIVATE))

    @property
    def without_counts(self) -> Self:
        """The released row without the number of people and units that it rests on."""
        return self.with_(**dict.fromkeys((*SUPPORT_KEYS, *PRIVATE)))

    @property
    def is_exact(self) -> bool:
        """The row carries what stands in the private record alone."""
        return any(getattr(self, name) is not None for name in PRIVATE)

    @property
    def result(self) -> Result | Fact:
        """The result that the row was made from."""
        what, support = (self.estimand, self.method, self.unit), self.support or Support()
        if self.status == "estimated":
            numbers = {name: getattr(self, name) for name in FROM_ESTIMATE}
            reliable = self.note != "not_reliable"
            return Estimate(*what, **numbers, support=support, reliable=reliable)
        if self.status == "ranked":
            return Ranked(*what, *self.ranked, support, self.allowed_for)
        if self.status == "described":
            return Fact(*what, self.value, support)
        if self.status == "withheld":
            return Withheld(*what, self.reason or "small_numbers", support)
        return NotEstimable(*what, self.reason or "", support)


FIELDS = tuple(field.name for field in fields(Row))


def _found(result: Result | Fact) -> dict[str, Any]:
    match result:
        case Estimate():
            note = None if result.reliable else "not_reliable"
            numbers = {name: getattr(result, name) for name in FROM_ESTIMATE}
            return numbers | {"status": "estimated", "note": note}
        case Ranked():
            names = ("value", "rank", "places", "reason", "allowed_for")
            return {"status": "ranked"} | {name: getattr(result, name) for name in names}
        case Fact():
            return {"status": "described", "value": result.value}
        case NotEstimable():
            return {"status": "not_estimable", "reason": result.reason}
        case Withheld():
            return {"status": "withheld", "reason": result.reason}
    raise TypeError(f"a row is made from a result, not from {type(result).__name__}")


def _rests_on(result: Result | Fact) -> dict[str, Any]:
    """Counts of people and units; none of a result that is withheld."""
    if isinstance(result, Withheld):
        return {}
    support = result.support
    counts = {name: getattr(support, name) for name in SUPPORT_KEYS} | {"support": support}
    if support.left_out is None:
        return counts
    return counts | {
        "left_out": dict(support.left_out),
        "clusters_left_out": support.clusters_left_out,
    }
