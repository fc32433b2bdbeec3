"""Two sides that are compared: the smallest difference that a study of this size would find.

Every function takes `times`, how many standard errors a difference must be
(`power.standard_errors`), and gives None where no difference on that side would be found, however
large. Sides in clusters come in as the people that they are worth (`Side.worth`).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from scipy import optimize

from analysis.inference.planned.power import design_effect

LARGEST_RATIO = 1000.0  # of two rates: beyond it there is nothing to plan
LARGEST_HAZARD = 20.0  # of two hazards, either way: beyond it the formula does not hold


@dataclass(frozen=True)
class Side:
    """One side: people who count (after loss), and the clusters that they stand in (0: none)."""

    people: float
    clusters: float = 0.0

    def worth(self, intraclass_correlation: float, size_variation: float = 0.0) -> float:
        """As many people by themselves would tell as much. Source: Eldridge, Ashby and Kerry
        2006."""
        if not self.clusters:
            return self.people
        size = self.people / self.clusters
        return self.people / max(1.0, design_effect(size, intraclass_correlation, size_variation))


def mean_difference(n: float, reference_n: float, spread: float, times: float) -> float | None:
    """Smallest difference of two means, in the unit of `spread` (standard deviation of people)."""
    if not (n > 0 and reference_n > 0):
        return None
    return times * spread * math.sqrt(1 / n + 1 / reference_n)


def allowed_for_before(spread: float, correlation: float) -> float:
    """What is left of a standard deviation once a measure before the start is allowed for. Source:
    Borm, Fransen and Lemmens 2007."""
    return spread * math.sqrt(1 - correlation**2)


def share_difference(
    n: float, reference_n: float, base: float, times: float, *, higher: bool
) -> float | None:
    """Smallest difference of two shares (0 to 1, above 0), from `base` upwards or downwards, each
    side with its own variance. Source: Fleiss, Levin and Paik 2003, chapter 4."""
    if not (n > 0 and reference_n > 0 and 0 < base < 1):
        return None
    sign, room = (1, 1 - base) if higher else (-1, base)

    def excess(difference: float) -> float:
        share = base + sign * difference
        variance = share * (1 - share) / n + base * (1 - base) / reference_n
        return difference - times * math.sqrt(variance)

    return _root(excess, room)


def rate_ratio(events: float, reference_events: float, times: float) -> float | None:
    """Smallest ratio above 1 of two rates; `events`: expected on each side if they are alike,
    divided by the over-dispersion."""
    if not (events > 0 and reference_events > 0):
        return None

    def excess(log_ratio: float) -> float:
        error = math.sqrt(1 / reference_events + 1 / (events * math.exp(log_ratio)))
        return log_ratio - times * error

    found = _root(excess, math.log(LARGEST_RATIO))
    return None if found is None else math.exp(found)


def hazard_difference(
    n: float, reference_n: float, base: float, times: float, *, higher: bool
) -> float | None:
    """Smallest difference in the share (0 to 1) with the event by the horizon, of hazards in one
    ratio; `base`: the share on the other side. None where only a ratio beyond `LARGEST_HAZARD`
    would be found. Source: Schoenfeld 1983."""
    if not (n > 0 and reference_n > 0 and 0 < base < 1):
        return None
    sides = n * reference_n / (n + reference_n) ** 2
    sign, most = (1, LARGEST_HAZARD) if higher else (-1, 1 / LARGEST_HAZARD)
    room = sign * (1 - (1 - base) ** most - base)

    def excess(difference: float) -> float:
        share = base + sign * difference
        ratio = math.log(max(1 - share, 1e-12)) / math.log(1 - base)
        events = n * share + reference_n * base
        return abs(math.log(max(ratio, 1e-12))) - times / math.sqrt(events * sides)

    return _root(excess, room)


def _root(excess: Callable[[float], float], room: float) -> float | None:
    """Where it crosses from below 0; None where it does not within the room."""
    end = room * (1 - 1e-9)
    return float(optimize.brentq(excess, 1e-12, end)) if excess(end) > 0 else None
