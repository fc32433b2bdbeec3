"""A chain of decisions: the relative rate index at each stage among those who reached it, and what
the stages make up.

Only a closed chain multiplies: where the people at risk at each stage are exactly those with the
event at the stage before, the ratios of the stages multiply to the ratio from first base to last
event. Published tables of different years or sources are no closed chain, however neatly their
names follow each other. A ratio of 1 at a stage is no proof of equal treatment there: who reached
the stage was decided before.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from scipy import stats

from analysis.disparity.relative_rate import ALPHA, log_wald_interval, relative_rate_index
from analysis.results import Estimate, NotEstimable

# Why the stages do not multiply, for the analyst.
OPEN_REASONS = {
    "no_stages": "there are no stages",
    "not_followed": "the stages are not said to follow the same people",
    "counts_differ": (
        "the people at risk at a stage are not those with the event at the stage before"
    ),
    "zero_events": "at a stage no one on one side had the event",
}
AGREES = 1e-9  # the product and the overall ratio are one number up to rounding
_Z = float(stats.norm.isf(ALPHA / 2))


@dataclass(frozen=True)
class Stage:
    """One decision: people at risk of it (`base`) and those of them with the event, in the group
    and the reference."""

    name: str
    events: int
    base: int
    reference_events: int
    reference_base: int

    @property
    def counts(self) -> tuple[int, int, int, int]:
        return self.events, self.base, self.reference_events, self.reference_base


@dataclass(frozen=True)
class StageRatio:
    """The conditional relative rate index of a stage (times, score interval).

    distance: |ln of the ratio|, with log-Wald limits; None where a count is zero.
    """

    name: str
    ratio: Estimate | NotEstimable
    distance: float | None
    distance_low: float | None
    distance_high: float | None


@dataclass(frozen=True)
class Chain:
    """Stages side by side, and their product where the chain is closed.

    overall: last events over first base (times); not estimable in an open chain, where these are
    other people.
    product: of the ratios of the stages, the same number as overall; None with the reason, a key of
    OPEN_REASONS.
    adds_most: the stage whose ratio lies furthest from 1, either way, if it stands apart from all
    others; else None.
    """

    stages: tuple[StageRatio, ...]
    is_closed: bool
    overall: Estimate | NotEstimable
    product: float | None
    reason: str | None
    adds_most: str | None

    def __post_init__(self) -> None:
        assert (self.product is None) == (self.reason is not None), (
            "a product, or the reason why there is none"
        )
        if self.product is not None:
            assert self.is_closed and isinstance(self.overall, Estimate)
            assert math.isclose(self.product, self.overall.value, rel_tol=AGREES)


def decision_chain(stages: Sequence[Stage], *, closed: bool) -> Chain:
    """Ratios of the stages in order, what they multiply to, and which stands apart.

    `closed`: the tables follow the same people from stage to stage. That is checked on the counts,
    not believed; equal counts alone do not make a chain closed. Intervals of the stages: score
    (Miettinen and Nurminen 1985). Product: chain rule of conditional shares.
    """
    ratios = tuple(_stage_ratio(stage) for stage in stages)
    reason = _open_reason(stages, closed)
    is_closed, overall = reason is None, _overall(stages, reason is None)
    product = None
    if is_closed and any(stage.distance is None for stage in ratios):
        reason = "zero_events"
    if reason is None:
        found = (stage.ratio for stage in ratios)
        product = math.prod(one.value for one in found if isinstance(one, Estimate))
    return Chain(ratios, is_closed, overall, product, reason, stands_apart(ratios))


def stands_apart(ratios: Sequence[StageRatio]) -> str | None:
    """Stage whose |ln ratio| is the largest, if its interval lies above that of every other stage;
    else None.

    Log-Wald intervals (Katz and others 1978), not the score intervals shown: the stages are
    compared on the scale on which they add up. Intervals that do not overlap ask more than a test
    of the difference would: naming the wrong stage is worse than naming none. None too where a
    stage has a count of zero: it may be the largest.
    """
    placed = [
        (stage.distance, stage.distance_low, stage.distance_high, stage.name)
        for stage in ratios
        if stage.distance is not None
        and stage.distance_low is not None
        and stage.distance_high is not None
    ]
    if len(ratios) < 2 or len(placed) < len(ratios):
        return None
    first, *others = sorted(placed, key=lambda stage: -stage[0])
    return first[3] if all(first[1] > other[2] for other in others) else None


def _stage_ratio(stage: Stage) -> StageRatio:
    ratio = relative_rate_index(*stage.counts)
    if 0 < stage.events == stage.base and 0 < stage.reference_events == stage.reference_base:
        return StageRatio(
            stage.name, ratio, 0.0, 0.0, 0.0
        )  # everyone went on: the stage tells no one apart
    logged = log_wald_interval(*stage.counts)
    if logged is None or isinstance(ratio, NotEstimable):
        return StageRatio(stage.name, ratio, None, None, None)
    distance, width = abs(math.log(ratio.value)), _Z * logged[0]
    return StageRatio(stage.name, ratio, distance, max(distance - width, 0.0), distance + width)


def _open_reason(stages: Sequence[Stage], closed: bool) -> str | None:
    if not stages:
        return "no_stages"
    if not closed:
        return "not_followed"
    follow = all(
        (a.events, a.reference_events) == (b.base, b.reference_base) for a, b in pairwise(stages)
    )
    return None if follow else "counts_differ"


def _overall(stages: Sequence[Stage], is_closed: bool) -> Estimate | NotEstimable:
    if not is_closed:
        return NotEstimable("relative_rate_index", "score", "times", "follow_up_incomplete")
    first, last = stages[0], stages[-1]
    return relative_rate_index(last.events, first.base, last.reference_events, first.reference_base)
