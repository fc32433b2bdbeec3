"""An interval for one treated unit by conformal inference, under an assumption that somebody must
argue for.

The residuals of the mix that was fitted under each effect that is tried are shifted round in time;
an effect is kept where the residuals since the start are not unusually large among all shifts
(Chernozhukov, Wüthrich and Zhu 2021, moving block permutations of the average effect). It holds if
residuals are stationary: what happens from month to month is of one kind before and after. It is
not the placebo rank of regions, and says nothing about how unlike regions are.
"""

import numpy as np

from analysis.designs.regions.synthetic import simplex_weights
from analysis.designs.regions.unit_panel import UnitPanel
from analysis.inference.columns import Quantity
from analysis.results import Estimate, NotEstimable

METHOD, ALPHA = "conformal", 0.05
GRID = 201  # effects tried, over REACH standard deviations of the differences before the start
REACH = 12.0


def conformal_interval(panel: UnitPanel, what: Quantity) -> Estimate | NotEstimable:
    """Effect (mean since the start, in `what.unit`) with every constant effect that is not rejected
    at ALPHA. NotEstimable: fewer than 20 periods, so that no shift of them can be at most ALPHA;
    or effects at the ends of the grid are kept."""
    own, others, periods = panel.own, panel.others, panel.means.shape[1]
    if periods < 1 / ALPHA:
        return NotEstimable(what.estimand, METHOD, what.unit, "incomplete_periods", panel.support)
    after = np.arange(periods) >= panel.before
    free = own - simplex_weights(others[:, ~after].T, own[~after]) @ others
    centre = float(free[after].mean())
    spread = float(free[~after].std()) or 1.0
    tried = centre + np.linspace(-REACH, REACH, GRID) * spread
    kept = tried[[_p_value(own - t * after, others, after) > ALPHA for t in tried]]
    if not len(kept) or kept[0] == tried[0] or kept[-1] == tried[-1]:
        return NotEstimable(what.estimand, METHOD, what.unit, "unbounded", panel.support)
    value = min(max(centre, float(kept[0])), float(kept[-1]))
    return Estimate(
        what.estimand,
        METHOD,
        what.unit,
        value,
        float(kept[0]),
        float(kept[-1]),
        support=panel.support,
        reason="conformal: residuals taken as stationary in time",
        allowed_for=("unit", "period"),
    )


def _mix(own: np.ndarray, others: np.ndarray) -> np.ndarray:
    return simplex_weights(others.T, own) @ others


def _p_value(adjusted: np.ndarray, others: np.ndarray, after: np.ndarray) -> float:
    """Share of shifts in time whose residuals in the place of those since the start are at least as
    large."""
    left = adjusted - _mix(adjusted, others)
    shifts = [np.roll(left, k)[after] for k in range(len(left))]
    sizes = np.abs(np.array(shifts).mean(axis=1))
    return float((sizes >= sizes[0] - 1e-12).mean())
