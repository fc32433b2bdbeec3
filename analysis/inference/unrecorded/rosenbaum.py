"""Rosenbaum bounds: how far an unrecorded characteristic may tilt who of a pair is treated before
the finding could be its doing."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

ALPHA = 0.05  # two-sided, as everywhere: each side is held against half of it
STEP, LARGEST = 0.05, 20.0  # of gamma: the grid, and where it ends


@dataclass(frozen=True)
class PairBounds:
    """Pairs with the event on one side alone: the treated, or the comparison person. gamma: the
    largest odds (from 1) by which, of two people alike in what is recorded, one may be likelier
    treated and the finding still not be that alone; None where it could be chance already."""

    treated_only: int
    comparison_only: int
    gamma: float | None

    def summary(self) -> str:
        if self.gamma is None:
            return "The pairs do not rule chance out, so that there is nothing to explain away."
        return (
            f"Odds of {self.gamma:.2f} of being treated among people who look alike could be hidden"
            " before the finding might be their doing."
        )


def pair_p_value(more: int, less: int, gamma: float) -> float:
    """Largest one-sided p that `more` pairs against `less` can have where the odds of treatment
    within a pair are at most `gamma` (McNemar; Rosenbaum 2002, section 4.3.2)."""
    if gamma < 1:
        raise ValueError("gamma is at least 1: at 1 the two of a pair are alike")
    return float(stats.binom.sf(more - 1, more + less, gamma / (1 + gamma)))


def pair_bounds(treated_only: int, comparison_only: int) -> PairBounds:
    """The largest gamma, in steps of 0.05, at which the finding stands at the two-sided 5 percent
    level."""
    more, less = (
        max(treated_only, comparison_only),
        min(treated_only, comparison_only),
    )
    gamma = None
    for step in range(int((LARGEST - 1) / STEP) + 1):
        at = 1 + step * STEP
        if pair_p_value(more, less, at) > ALPHA / 2:
            break
        gamma = round(at, 2)
    return PairBounds(treated_only, comparison_only, gamma)


def nearest_pairs(
    logit: np.ndarray, treated: np.ndarray, strata: np.ndarray, radius: float
) -> np.ndarray:
    """Positions of pairs (n x 2: treated, comparison): each treated person, those hardest to pair
    first, with the nearest comparison person left within `radius` and the same stratum.

    Without replacement, since bounds on pairs need pairs that share nobody.
    """
    found: list[tuple[int, int]] = []
    for stratum in np.unique(strata):
        here = (strata == stratum) & np.isfinite(logit)
        own, others = np.flatnonzero(here & treated), np.flatnonzero(here & ~treated)
        others = others[np.argsort(logit[others], kind="stable")]
        free = np.ones(len(others), dtype=bool)
        for one in own[np.argsort(-logit[own], kind="stable")]:
            low = np.searchsorted(logit[others], logit[one] - radius, side="left")
            high = np.searchsorted(logit[others], logit[one] + radius, side="right")
            left = low + np.flatnonzero(free[low:high])
            if len(left):
                near = left[np.argmin(np.abs(logit[others[left]] - logit[one]))]
                free[near] = False
                found.append((int(one), int(others[near])))
    return np.array(found, dtype=int).reshape(-1, 2)
