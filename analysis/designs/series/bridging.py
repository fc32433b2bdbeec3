"""A change of the measure within a series: refused, unless the same cases were rated with both.

The link is mean equating with a single group (Kolen and Brennan 2014, chapters 1 and 2): the same
cases, rated with the old and with the new instrument, differ by the instrument and by nothing else,
and their mean difference is taken out of the step of the series. On a share it is the one number
that is needed, since the step is worked out at one date; linear and equipercentile equating would
also say how other scores translate, which is not asked. It assumes that the cases of the bridge are
a sample of the cases of that time.

Without a bridge the step of the series is that of the instrument and of practice together, and
nothing can tell them apart: "instrument_changed".
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from analysis.inference.clusters import t_interval
from analysis.inference.columns import Quantity
from analysis.results import Estimate, NotEstimable, Support

METHOD = "mean_equating"
FEWEST_BRIDGED = 30  # chosen: as many as a share needs to be shown (disclosure rule S16)


def instrument_shift(
    bridge: pd.DataFrame, *, old: str, new: str, weights: str | None = None, scale: float = 1.0
) -> Estimate | NotEstimable:
    """Weighted mean of `new` less `old` over the cases of a bridging sample, a row a case, times
    `scale`. "instrument_changed" with fewer than FEWEST_BRIDGED cases rated with both."""
    rows = bridge.dropna(subset=[old, new])
    what = ("instrument_shift", METHOD, "in_every_100")
    n = len(rows)
    if n < FEWEST_BRIDGED:
        return NotEstimable(*what, "instrument_changed", Support(n=n, persons=n))
    share = np.ones(n) if weights is None else rows[weights].to_numpy(dtype=float)
    share = share / share.sum()
    moved = scale * (rows[new] - rows[old]).to_numpy(dtype=float)
    value = float(share @ moved)
    error = float(np.sqrt(n / (n - 1) * ((share * (moved - value)) ** 2).sum()))
    low, high = t_interval(value, error, n - 1)
    return Estimate(
        *what, value, low, high, error, df=float(n - 1), support=Support(n=n, persons=n)
    )


def equated_step(
    step: Estimate | NotEstimable, shift: Estimate | NotEstimable, what: Quantity
) -> Estimate | NotEstimable:
    """The step of a series at the change of instrument, less what the instrument alone makes.

    The bridge is a sample of its own, so that variances add up; degrees of freedom by Satterthwaite
    (1946). NotEstimable where either is: without a bridge "instrument_changed".
    """
    if isinstance(shift, NotEstimable):
        return NotEstimable(what.estimand, METHOD, what.unit, shift.reason, step.support)
    if isinstance(step, NotEstimable):
        return NotEstimable(what.estimand, METHOD, what.unit, step.reason, step.support)
    parts = [((e.std_error or 0.0) ** 2, e.df or np.inf) for e in (step, shift)]
    variance = sum(part for part, _ in parts)
    df = float(variance**2 / sum(part**2 / df for part, df in parts))
    value, error = step.value - shift.value, float(np.sqrt(variance))
    low, high = t_interval(value, error, df)
    return replace(
        step,
        estimand=what.estimand,
        method=METHOD,
        value=value,
        conf_low=low,
        conf_high=high,
        std_error=error,
        p_value=float(2 * stats.t.sf(abs(value / error), df)),
        df=df,
        reason="mean equating with a single group (Kolen and Brennan 2014)",
    )
