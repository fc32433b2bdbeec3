"""Few regions or sites that change, beside others: what their own scatter allows to be found."""

import math

import numpy as np

from analysis.inference.planned.power import ALPHA
from analysis.inference.unit_permutation import attainable_size

MOST_UNITS = 60  # with more the lot is never what forbids an answer


def change_spread(
    spread: float, people: float, intraclass_correlation: float, correlation: float
) -> float:
    """Standard deviation of the change of a unit's mean, in the unit of `spread` (of people).

    `people`: of a unit, before or after. `correlation`: of the lasting part of a unit's mean before
    and after; who is counted is drawn anew each time. Source: Murray 1998, chapter 7.
    """
    between = intraclass_correlation * spread**2
    within = (1 - intraclass_correlation) * spread**2 / people
    return math.sqrt(2 * (1 - correlation) * between + 2 * within)


def change_error(treated: float, others: float, spread: float) -> float:
    """Standard error of the mean change of the treated units less that of the others."""
    return spread * math.sqrt(1 / treated + 1 / others)


def reachable(treated: int, others: int, alpha: float = ALPHA) -> float | None:
    """Largest size up to `alpha` that a permutation of units can have (a share); None: it can never
    call a difference. Of more than `MOST_UNITS`: `alpha` itself."""
    if treated + others > MOST_UNITS:
        return alpha
    sides = np.repeat([True, False], [treated, others])
    return attainable_size(sides, alpha=alpha)[1]
