"""An interrupted series of counts: log mean = log base + b0 + b1 t + b2 P + b3 (t - t*) P + waves
of the year, where exp(b2) is the step AT t* (times).

Quasi-Poisson: the mean is that of a Poisson model with the base as an offset, and the variance is
whatever the months show. Errors are Newey and West's over lags_of months, held against their own
distribution as in interrupted.py: the score of a Poisson model is that of least squares with each
row weighted by the root of its mean, so that the reference is simulated for that weighted design.
tests/test_counted_series.py measures what is left. Waves: `harmonics` pairs of sine and cosine over
a year, without which a series that is cut in August takes the season for a step.

Source: Bernal, Cummins and Gasparrini 2017, Interrupted time series regression for the evaluation
of public health interventions (their appendix).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

from analysis.designs.series.interrupted import ALPHA, lags_of, refusal
from analysis.designs.series.local_level import local_level_step
from analysis.designs.series.reference import Points, reference_of
from analysis.inference.columns import Quantity, SeriesColumns
from analysis.results import Estimate, NotEstimable, Support

METHOD = "interrupted_counts"
STEP = Quantity("step_of_a_series", "times")
SLOPE = Quantity("change_of_slope", "times")
MONTHS = 12  # in a year: slopes are told by the year
FEWEST_EVENTS = 5  # a month, on average: of fewer, the log of a rate is no outcome
Result = Estimate | NotEstimable


@dataclass(frozen=True)
class InterruptedCounts:
    """What a series of counts shows at a date.

    step: the level just after, divided by what the months before lead one to expect (times). slope:
    by how much growth over a year changes from then on (times; 1: not at all; None:
    not asked). dispersion: variance
    over that of a Poisson count (times). lags: over which errors are correlated, months.
    """

    step: Result
    slope: Result | None
    lags: int = 0
    dispersion: float | None = None


def waves(month: np.ndarray, harmonics: int) -> np.ndarray:
    """Columns of sine and cosine over a year. month: number of the month, equally spaced."""
    turns = 2 * np.pi * np.outer(month, np.arange(1, harmonics + 1)) / MONTHS
    return np.hstack([np.sin(turns), np.cos(turns)])


def interrupted_counts(
    months: pd.DataFrame,
    *,
    start: float,
    harmonics: int,
    slope: bool = True,
    support: Support | None = None,
) -> InterruptedCounts:
    """Step at `start` and change of slope of a series of counts; without `slope` growth stays.

    `months`: columns month (a number), events, base; a row a month, none with a base of 0.
    NotEstimable with fewer than 8 months on either side, or fewer than 5 events a month.
    """
    rows = months.sort_values("month")
    time, events = rows["month"].to_numpy(float), rows["events"].to_numpy(float)
    support = support or Support(n=len(rows))
    reason = refusal(time, start)
    if reason is None and events.mean() < FEWEST_EVENTS:
        reason = "too_few_people"
    if reason:
        none = [NotEstimable(q.estimand, METHOD, q.unit, reason, support) for q in (STEP, SLOPE)]
        return InterruptedCounts(none[0], none[1])
    since, after = time - start, (time >= start).astype(float)
    own = [np.ones(len(time)), since, after, *([since * after] if slope else [])]
    design = np.column_stack([*own, waves(time, harmonics)])
    offset = np.log(rows["base"].to_numpy(float))
    lags = lags_of(len(time))
    fit = sm.GLM(events, design, family=sm.families.Poisson(), offset=offset).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, scale="X2"
    )
    step = _estimate(fit, 2, STEP, support, (lags, 1))
    turns = _estimate(fit, 3, SLOPE, support, (lags, MONTHS)) if slope else None
    return InterruptedCounts(step, turns, lags, float(fit.pearson_chi2 / fit.df_resid))


def _estimate(fit, at: int, what: Quantity, support: Support, how: tuple[int, int]) -> Estimate:
    """exp(times b), with the interval of b held against its simulated distribution. how: lags, and
    the months over which a slope is told."""
    lags, times = how
    weighted = fit.model.exog * np.sqrt(fit.mu)[:, None]
    points = Points.of(weighted, fit.model.exog[:, 1], lags)
    reference = reference_of(points, at, points.likeness(np.asarray(fit.resid_pearson)))
    value, error = float(fit.params[at]), float(fit.bse[at])
    reach = float(np.quantile(reference, 1 - ALPHA)) * error
    p = (1 + int((reference >= abs(value) / error).sum())) / (1 + len(reference))
    df = float(fit.df_resid)
    ratio, low, high = (float(np.exp(times * x)) for x in (value, value - reach, value + reach))
    return Estimate(
        what.estimand,
        METHOD,
        what.unit,
        ratio,
        low,
        high,
        std_error=times * reach / float(stats.t.ppf(1 - ALPHA / 2, df)),
        p_value=p,
        df=df,
        support=support,
        reason=f"quasi-Poisson; Newey-West over {lags} lags, held against its simulation",
        allowed_for=("trend", "season"),
    )


def wandering_level(
    months: pd.DataFrame, *, start: float, support: Support | None = None
) -> Result:
    """The second opinion: the step of the log rate where its level wanders at random and no
    straight trend is assumed, with a fixed season (times)."""
    rate = np.log((months["events"] + 0.5) / months["base"])
    columns = SeriesColumns(time="month", outcome="rate")
    found = local_level_step(
        months.assign(rate=rate), columns, STEP, start=start, season=MONTHS, support=support
    )
    if not isinstance(found, Estimate):
        return found
    value, low, high = (float(np.exp(x)) for x in (found.value, found.conf_low, found.conf_high))
    return Estimate(
        STEP.estimand,
        found.method,
        STEP.unit,
        value,
        low,
        high,
        std_error=found.std_error,
        p_value=found.p_value,
        support=found.support,
        allowed_for=found.allowed_for,
    )
