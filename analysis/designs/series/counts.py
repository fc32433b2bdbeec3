"""An interrupted series of counts over an exposure: quasi-Poisson with a log link.

log E[y] = log(exposure) + b0 + b1 t + b2 P + b3 (t - t*) P + season; exp(b2) is by how many times
the rate steps AT t*. The estimating equations are those of Poisson, whatever the dispersion
(McCullagh and Nelder 1989, chapter 9); the errors are Newey and West's of their scores over the
lags of `interrupted.lags_of`, so that counts may vary more than Poisson and neighbours resemble
each other. The statistic is held against its own simulated distribution, as there: with weights mu
the scores are those of least squares on rows times sqrt(mu), and their distribution is that of this
design.

The season is harmonics of the year (cosine and sine), which take two terms a pair instead of
eleven months (Bhaskaran and others 2013).
"""

import math
import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

from analysis.designs.series.interrupted import (
    ALPHA,
    Interrupted,
    design_of,
    lags_of,
    refusal,
)
from analysis.designs.series.reference import Points, reference_of
from analysis.inference.clusters import has_infinite
from analysis.inference.columns import CountColumns, Quantity
from analysis.results import Estimate, NotEstimable, Support

METHOD = "quasi_poisson_series"
A_YEAR = 12  # points, of monthly counts: slopes are told for a year
PAIRS = 2  # of harmonics (Bhaskaran and others 2013; Lopez Bernal and others 2017)


def harmonics(month: pd.Series, pairs: int = PAIRS) -> pd.DataFrame:
    """Cosine and sine of the month of the year (1 to 12), once and more often a year: `season_1`,
    `season_2`, ... in the order cosine, sine."""
    angle = 2 * np.pi * month.to_numpy(dtype=float) / A_YEAR
    waves = [wave((k + 1) * angle) for k in range(pairs) for wave in (np.cos, np.sin)]
    return pd.DataFrame(
        {f"season_{k + 1}": wave for k, wave in enumerate(waves)}, index=month.index
    )


def season_of(pairs: int = PAIRS) -> tuple[str, ...]:
    """The columns of `harmonics`."""
    return tuple(f"season_{k + 1}" for k in range(2 * pairs))


def interrupted_counts(
    points: pd.DataFrame,
    columns: CountColumns,
    what: Quantity,
    *,
    start: float,
    breaks: tuple[float, ...] = (),
    support: Support | None = None,
) -> Interrupted:
    """By how many times the rate steps at `start`; slope and trend are times a year (a month a
    point).

    `points`: a row a month; months that are left out are gaps. NotEstimable as of
    `interrupted_series`, and "zero_events" where no month on one side has a count.
    """
    names = [columns.time, columns.outcome, columns.over, *columns.covariates]
    rows = points.dropna(subset=names).sort_values(columns.time)
    time = rows[columns.time].to_numpy(dtype=float)
    y, exposure = (rows[name].to_numpy(dtype=float) for name in (columns.outcome, columns.over))
    support = support or Support(n=len(rows))
    design = design_of(rows, time - start, columns)
    reason = refusal(time, start, breaks) or _degenerate(y, exposure, time >= start, design)
    fit = None if reason else _fit(y, exposure, design, time)
    if fit is None:
        no = NotEstimable(what.estimand, METHOD, what.unit, reason or "no_fit", support)
        return Interrupted(no, no, no)
    return _told(fit, what, columns, support)


def mean_ratio(
    points: pd.DataFrame,
    columns: CountColumns,
    what: Quantity,
    *,
    start: float,
    support: Support | None = None,
) -> Estimate | NotEstimable:
    """The rate after `start` over the rate before it (times): whatever moves in between is in it,
    but for the covariates. Same errors, and the same refusals, as `interrupted_counts`."""
    names = [columns.time, columns.outcome, columns.over, *columns.covariates]
    rows = points.dropna(subset=names).sort_values(columns.time)
    time = rows[columns.time].to_numpy(dtype=float)
    y, exposure = (rows[name].to_numpy(dtype=float) for name in (columns.outcome, columns.over))
    support = support or Support(n=len(rows))
    own = [np.ones(len(rows)), (time >= start).astype(float)]
    design = np.column_stack([*own, rows[list(columns.covariates)].to_numpy(dtype=float)])
    reason = refusal(time, start) or _degenerate(y, exposure, time >= start, design)
    fit = None if reason else _fit(y, exposure, design, time)
    if fit is None:
        return NotEstimable(what.estimand, METHOD, what.unit, reason or "no_fit", support)
    return _ratio(fit, 1, what, support, 1)


def _degenerate(
    y: np.ndarray, exposure: np.ndarray, after: np.ndarray, design: np.ndarray
) -> str | None:
    if (y < 0).any() or (exposure <= 0).any():
        raise ValueError("counts are 0 or more, and exposures above 0")
    if has_infinite(y, exposure):
        return "infinite_values"
    if min(y[after].sum(), y[~after].sum()) == 0:
        return "zero_events"
    full = np.linalg.matrix_rank(design) == design.shape[1]
    return None if full and len(y) > design.shape[1] + 1 else "collinear"


@dataclass(frozen=True, eq=False)
class Fit:
    """A fit of statsmodels, its rows (weighted by the root of the mean) in time, and the largest
    correlation of neighbours that its residuals leave open."""

    found: Any
    points: Points
    memory: float


def _fit(y: np.ndarray, exposure: np.ndarray, design: np.ndarray, time: np.ndarray) -> Fit | None:
    """The quasi-Poisson fit with Newey-West errors; None where it does not converge."""
    options = {"maxlags": lags_of(len(y)), "use_correction": True}
    model = sm.GLM(y, design, family=sm.families.Poisson(), offset=np.log(exposure))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        fit = model.fit(cov_type="HAC", cov_kwds=options, use_t=True, tol=1e-10)
    if not (fit.converged and np.isfinite(fit.bse).all()):
        return None
    points = Points.of(design * np.sqrt(fit.fittedvalues)[:, None], time, lags_of(len(y)))
    return Fit(fit, points, points.likeness(np.asarray(fit.resid_pearson)))


def _told(fitted: Fit, what: Quantity, columns: CountColumns, support: Support) -> Interrupted:
    allowed, fit = ("trend", *columns.covariates), fitted.found
    trend, step, *slope = (
        replace(_ratio(fitted, at, what, support, times), allowed_for=allowed)
        for at, times in ((1, A_YEAR), (2, 1), *(((3, A_YEAR),) if columns.slope else ()))
    )
    own = 4 if columns.slope else 3
    other = fit.model.exog[:, own:].mean(axis=0) @ fit.params[own:]
    without = math.exp(float(fit.params[0] + other))
    level = without * math.exp(float(fit.params[2]))
    slopes = slope[0] if slope else None
    return Interrupted(step, slopes, trend, without, level, fitted.points.lags)


def _ratio(fitted: Fit, at: int, what: Quantity, support: Support, times: int) -> Estimate:
    """One coefficient as a ratio, over `times` points, held against its simulated distribution."""
    fit, points = fitted.found, fitted.points
    reference = reference_of(points, at, fitted.memory)
    value, error = times * float(fit.params[at]), times * float(fit.bse[at])
    reach = float(np.quantile(reference, 1 - ALPHA)) * error
    p = (1 + int((reference >= abs(value) / error).sum())) / (1 + len(reference))
    return Estimate(
        what.estimand,
        METHOD,
        what.unit,
        math.exp(value),
        math.exp(value - reach),
        math.exp(value + reach),
        p_value=p,
        df=float(fit.df_resid),
        support=support,
        reason=f"Newey-West over {points.lags} lags, held against its simulated distribution",
    )


def log_error(ratio: Estimate) -> float:
    """Standard error of the logarithm of a ratio, from its interval and degrees of freedom."""
    width = math.log(ratio.conf_high / ratio.conf_low) / 2
    law = stats.norm if ratio.df is None else stats.t(ratio.df)
    return width / float(law.ppf(1 - ALPHA / 2))
