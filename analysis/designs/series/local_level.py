"""The step of a series by a local level: its level wanders at random, and no straight trend is
assumed (Harvey and Durbin 1986, on the law on seat belts).

A second opinion beside `interrupted_series`: where the two disagree, the answer hangs on how the
series would have gone on without the change.
"""

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.tsa.statespace.structural import UnobservedComponents

from analysis.designs.series.interrupted import refusal
from analysis.inference.clusters import t_interval
from analysis.inference.columns import Quantity, SeriesColumns
from analysis.results import Estimate, NotEstimable, Support

METHOD = "local_level"
LARGEST = 1e6  # an error above it: the likelihood is flat
MOST_STEPS = 500


def local_level_step(
    points: pd.DataFrame,
    columns: SeriesColumns,
    what: Quantity,
    *,
    start: float,
    season: int | None = None,
    support: Support | None = None,
) -> Estimate | NotEstimable:
    """Step at `start`, by maximum likelihood: a level that is a random walk, a fixed seasonal of
    `season` points where given, the covariates, and noise. `columns.slope` is not used.

    Points that are left out are gaps, which the Kalman filter bridges. Normal errors. NotEstimable
    as of `interrupted_series`, and "no_fit" where the likelihood has no maximum.
    """
    names = [columns.time, columns.outcome, *columns.covariates]
    rows = points.dropna(subset=names).sort_values(columns.time).set_index(columns.time)
    time = rows.index.to_numpy(dtype=float)
    support = support or Support(n=len(rows))
    reason = refusal(time, start)
    if reason:
        return NotEstimable(what.estimand, METHOD, what.unit, reason, support)
    every = np.arange(time.min(), time.max() + 1)
    filled = rows.reindex(every)
    y = filled[columns.outcome].to_numpy(dtype=float) * columns.scale
    other = filled[list(columns.covariates)].ffill().to_numpy(dtype=float)
    explained = np.column_stack([(every >= start).astype(float), other])
    model = UnobservedComponents(
        y, level="local level", seasonal=season, stochastic_seasonal=False, exog=explained
    )
    fit = model.fit(disp=0, maxiter=MOST_STEPS)
    at = model.param_names.index("beta.x1")
    value, error = float(fit.params[at]), float(fit.bse[at])
    if not 0 < error < LARGEST:
        return NotEstimable(what.estimand, METHOD, what.unit, "no_fit", support)
    low, high = t_interval(value, error, None)
    p = float(2 * stats.norm.sf(abs(value / error)))
    allowed = ("level", *columns.covariates)
    return Estimate(
        what.estimand,
        METHOD,
        what.unit,
        value,
        low,
        high,
        error,
        p,
        support=support,
        allowed_for=allowed,
    )
