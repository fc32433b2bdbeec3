"""Time to an event: survival, log-rank, and Cox regression with a check that hazards are
proportional.

Times are in the unit of the data (days, months) and count from each person's own index date. A
person without the event leaves at the end of their follow-up (censored). Where another exit makes
the event impossible (recall, death), `analysis/designs/trials/competing_exits.py` is right and the
survival curve here is not.

Survival curves and the log-rank test also tell who leaves before the second wave of a survey
(`studies/staff_inclusion`).
"""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import SurvfuncRight, survdiff
from statsmodels.tools.sm_exceptions import ConvergenceWarning

from analysis.designs.cohorts.balance import combined_codes, covariate_matrix
from analysis.inference.absorbed.effects import independent_columns
from analysis.inference.clusters import has_infinite, t_interval
from analysis.inference.coding import numbers, zero_one
from analysis.results import CheckResult, Estimate, NotEstimable, Support
from analysis.said.numbers import cleared_p
from analysis.said.texts import named, say

SMALLEST_CLUSTERS = 10  # METHODS section 0 rule 3
SMALLEST_AT_RISK = (
    10  # people followed to the horizon: below it the end of a curve rests on a handful
)
ALPHA = 0.05
# As for ratings: a standard error times the range of its column, beyond which a coefficient is
# running away.
RUNAWAY = 25.0


@dataclass(frozen=True)
class LogRank:
    """Log-rank test that the curves of all groups are the same: chi-square with `df` degrees of
    freedom."""

    statistic: float
    df: int
    p_value: float

    def summary(self) -> str:
        return (
            f"Log-rank test: chi-square {self.statistic:.2f} on {self.df} degrees of freedom, p"
            f" {self.p_value:.3g}."
        )


@dataclass(frozen=True, eq=False)
class CoxModel:
    """estimates: one a covariate column, log hazard ratios; checks: proportional hazards, one a
    column (value is p)."""

    estimates: tuple[Estimate, ...]
    checks: tuple[CheckResult, ...]
    log_likelihood: float
    n_left_out: int

    def summary(self) -> str:
        told = (
            f"{e.estimand}: {e.value:.2f} ({e.conf_low:.2f} to {e.conf_high:.2f})"
            for e in self.estimates
        )
        return "Log hazard ratios (95% confidence interval). " + "; ".join(told) + "."

    def to_frame(self) -> pd.DataFrame:
        return pd.concat([estimate.to_frame() for estimate in self.estimates], ignore_index=True)


def survival_curve(people: pd.DataFrame, *, time: str, event: str) -> pd.DataFrame:
    """Kaplan-Meier curve: one row an event time, with at_risk, events, survival (share, 0 to 1) and
    its std_error.

    Greenwood's standard error, for people who are independent of each other. Source: Kaplan and
    Meier 1958.
    """
    rows = _observed(people, time, event)
    curve = SurvfuncRight(rows[time].to_numpy(dtype=float), rows[event].to_numpy(dtype=int))
    columns = {
        "time": curve.surv_times,
        "at_risk": curve.n_risk.astype(int),
        "events": curve.n_events.astype(int),
        "survival": curve.surv_prob,
        "std_error": curve.surv_prob_se,
    }
    return pd.DataFrame(columns)


def kaplan_meier(
    people: pd.DataFrame, *, time: str, event: str, horizon: float
) -> Estimate | NotEstimable:
    """How many in every 100 have not had the event by `horizon` (in_every_100).

    The interval is that of the complementary log-log scale (Kalbfleisch and Prentice 2002), for
    independent people.
    """
    rows = _observed(people, time, event)
    what, support = (
        ("share_without_event", "kaplan_meier", "in_every_100"),
        Support(n=len(rows), persons=len(rows)),
    )
    times, happened = rows[time].to_numpy(dtype=float), rows[event].to_numpy(dtype=bool)
    if not follow_up_reaches(times, ~happened, horizon):
        return NotEstimable(*what, "follow_up_incomplete", support)
    if not (happened & (times <= horizon)).any():
        return NotEstimable(*what, "zero_events", support)
    curve = survival_curve(rows, time=time, event=event)
    last = curve[curve["time"] <= horizon].iloc[-1]
    share, error = float(last["survival"]), float(last["std_error"])
    if share <= 0:
        return NotEstimable(*what, "constant_outcome", support)
    low, high = double_log_interval(share, error)
    return Estimate(*what, 100 * share, 100 * low, 100 * high, 100 * error, support=support)


def log_rank(
    people: pd.DataFrame, *, time: str, event: str, group: str, strata: str | None = None
) -> LogRank | NotEstimable:
    """Whether the groups have the event at the same pace. People are taken to be independent: not
    for sites or regions that were assigned as a whole. Source: Mantel 1966.
    """
    rows = _observed(people, time, event, [group] if strata is None else [group, strata])
    codes, happened = combined_codes(rows, [group]), rows[event].to_numpy(dtype=int)
    reason = (
        "no_comparison" if codes.max(initial=0) == 0 else None if happened.any() else "zero_events"
    )
    if reason:
        return NotEstimable("survival", "log_rank", "in_every_100", reason, Support(n=len(rows)))
    layers = None if strata is None else combined_codes(rows, [strata])
    statistic, p_value = survdiff(rows[time].to_numpy(dtype=float), happened, codes, strata=layers)
    return LogRank(float(np.squeeze(statistic)), int(codes.max()), float(np.squeeze(p_value)))


def cox(
    people: pd.DataFrame,
    *,
    time: str,
    event: str,
    covariates: list[str],
    cluster: str | None = None,
    strata: str | None = None,
) -> CoxModel | NotEstimable:
    """Log of the hazard in which one more unit of each covariate is multiplied (log_hazard); 0
    means no difference.

    Cox 1972, ties after Efron 1977. With `cluster` the standard errors are the sandwich (Lin and
    Wei 1989), with clusters less one degrees of freedom. For one exit among several, censor the
    others: cause-specific hazards. With `strata` nobody is compared with people of another one, and
    whether hazards are proportional is not tested. Rows with a missing value are left out.
    """
    matrix = covariate_matrix(people, list(covariates))
    _observed(people, time, event)  # refuses times and codes of events that are none
    used = matrix.notna().all(axis=1) & people[[time, event]].notna().all(axis=1)
    used &= True if cluster is None else people[cluster].notna()
    rows, x = people.loc[used], matrix.loc[used]
    times, happened = rows[time].to_numpy(dtype=float), rows[event].to_numpy(dtype=bool)
    codes = None if cluster is None else combined_codes(rows, [cluster])
    what, support = ("log_hazard", "cox", "log_hazard"), Support(n=len(rows), persons=len(rows))
    reason = _refusal(x.to_numpy(), happened, codes)
    if reason:
        return NotEstimable(*what, reason, support)
    layers = None if strata is None else combined_codes(rows, [strata])
    model = PHReg(times, x.to_numpy(), status=happened.astype(int), ties="efron", strata=layers)
    fit = _fit(model, None if strata else codes)
    if fit is None or (np.asarray(fit.bse) * np.ptp(x.to_numpy(), axis=0)).max() > RUNAWAY:
        return NotEstimable(*what, "separation", support)
    df = None if codes is None else float(codes.max())
    errors = np.asarray(fit.bse) if strata is None or codes is None else _sandwich(fit, codes)
    parts = zip(x.columns, np.asarray(fit.params), errors, strict=True)
    estimates = tuple(
        _log_hazard(str(name), float(b), float(e), df, support) for name, b, e in parts
    )
    checks = () if strata else _proportional(fit, times, happened, list(x.columns))
    return CoxModel(estimates, checks, float(fit.llf), int((~used).sum()))


def follow_up_reaches(times: np.ndarray, censored: np.ndarray, horizon: float) -> bool:
    """Whether the curve is known at `horizon`: no one left unknown before it, or at least 10 people
    followed to it."""
    lost = (censored & (times < horizon)).any()
    return not lost or int((times >= horizon).sum()) >= SMALLEST_AT_RISK


def double_log_interval(share: float, error: float, level: float = 0.95) -> tuple[float, float]:
    """Interval of a share (0 to 1, ends excluded) from the scale log(-log share): never outside 0
    and 1."""
    width = float(stats.norm.ppf(1 - (1 - level) / 2)) * error / (share * abs(np.log(share)))
    return float(share ** np.exp(width)), float(share ** np.exp(-width))


def _observed(people, time, event, more=()) -> pd.DataFrame:
    people = people.assign(
        **{time: numbers(people[time], time), event: zero_one(people[event], event)}
    )
    rows = people.loc[people[[time, event, *more]].notna().all(axis=1)]
    if (rows[time] < 0).any() or has_infinite(rows[time].to_numpy(dtype=float)):
        raise ValueError(
            f"column {time!r}: times count from the index date, finite and not below 0"
        )
    return rows


def _refusal(x, happened, codes) -> str | None:
    if not happened.any():
        return "zero_events"
    if (np.ptp(x, axis=0) == 0).any():
        return "no_comparison"
    if len(independent_columns(x - x.mean(axis=0), x)) < x.shape[1]:
        return "collinear"
    for column in x.T:
        if np.isin(column, (0.0, 1.0)).all() and not (
            happened[column == 1].any() and happened[column == 0].any()
        ):
            return "zero_events"
    return "too_few_sites" if codes is not None and codes.max() + 1 < SMALLEST_CLUSTERS else None


def _fit(model, codes):
    with warnings.catch_warnings():
        for category in (ConvergenceWarning, RuntimeWarning):
            warnings.simplefilter("error", category)
        try:
            fit = model.fit() if codes is None else model.fit(groups=codes)
        except (ConvergenceWarning, RuntimeWarning, np.linalg.LinAlgError):
            return None
    return fit if np.isfinite(fit.bse).all() else None


def _sandwich(fit, codes) -> np.ndarray:
    """Standard errors clustered on `codes`, as statsmodels gives them without strata; with strata
    it gives none where a stratum has no event (0.15), since its rows then have no residual."""
    residuals = np.nan_to_num(np.asarray(fit.score_residuals))
    sums = np.zeros((codes.max() + 1, residuals.shape[1]))
    np.add.at(sums, codes, residuals)
    bread = np.linalg.inv(-np.asarray(fit.model.hessian(fit.params)))
    return np.sqrt(np.diag(bread @ (sums.T @ sums) @ bread))


def _log_hazard(name, value, error, df, support) -> Estimate:
    low, high = t_interval(value, error, df)
    p = 2 * (
        stats.norm.sf(abs(value / error)) if df is None else stats.t.sf(abs(value / error), df)
    )
    return Estimate(
        name, "cox", "log_hazard", value, low, high, error, float(p), df, support=support
    )


def _proportional(fit, times, happened, names) -> tuple[CheckResult, ...]:
    """Correlation of scaled Schoenfeld residuals with 1 - Kaplan-Meier of time (Grambsch and
    Therneau 1994)."""
    order = np.flatnonzero(happened)
    residuals = np.asarray(fit.schoenfeld_residuals)[order]
    pace = _pace(times, happened)[order]
    kept = np.isfinite(residuals).all(axis=1)
    residuals, centred = residuals[kept], pace[kept] - pace[kept].mean()
    information = np.linalg.inv(
        np.asarray(fit.model.hessian(fit.params)) * -1
    )  # of the model, not the sandwich
    scaled = residuals @ information * len(residuals)
    checks = []
    for k, name in enumerate(names):
        spread = len(residuals) * information[k, k] * float(centred @ centred)
        p = (
            float(stats.chi2.sf(float(centred @ scaled[:, k]) ** 2 / spread, 1))
            if spread > 0
            else None
        )
        passed = None if p is None else p > ALPHA
        words = {None: "could not be tested", True: "shows no change", False: "changes"}[passed]
        text = say("{name}: the ratio of hazards {words} over time.", name=named(name), words=words)
        checks.append(
            CheckResult(
                f"proportional_hazards: {name}",
                passed,
                text,
                p,
                ALPHA,
                bears_on="class",
                shown=None if p is None else cleared_p(p),
            )
        )
    return tuple(checks)


def _pace(times, happened) -> np.ndarray:
    """1 - Kaplan-Meier just before each time: spreads events evenly, so that late ones do not lead
    the test."""
    curve = SurvfuncRight(times, happened.astype(int))
    before = np.concatenate([[1.0], curve.surv_prob])
    return 1 - before[np.searchsorted(curve.surv_times, times, side="left")]
