"""How often something happens to matched people beside those like them: a ratio of rates."""

import warnings

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats
from statsmodels.tools.sm_exceptions import ConvergenceWarning

from analysis.designs.cohorts.matching import METHOD, Matched, MatchedSample
from analysis.inference.absorbed.effects import independent_columns
from analysis.inference.clusters import t_interval
from analysis.inference.columns import Quantity
from analysis.results import Estimate, NotEstimable

LARGEST_LOG = 10.0  # of a ratio and its error: beyond it the fit runs away


def matched_ratio(matched: Matched, quantity: Quantity) -> Estimate | NotEstimable:
    """Events a person of the treated over those of the people like them (times), of a matched
    sample whose outcome counts events.

    Poisson regression of the count on treatment and covariates with the weights of the matching,
    errors clustered as there: the mean needs no Poisson law, and repeat events of one person widen
    the interval (Wooldridge 1999). A result that could not be worked out keeps its reason.
    """
    found, sample = matched.result, matched.sample
    what = (quantity.estimand, METHOD, quantity.unit)
    if isinstance(found, NotEstimable) or sample is None:
        reason = found.reason if isinstance(found, NotEstimable) else "too_few_matched"
        return NotEstimable(*what, reason or "too_few_matched", found.support)
    inside = sample.weights > 0
    sides = [sample.y[inside & part] for part in (sample.side, ~sample.side)]
    if not all((own > 0).any() for own in sides):
        return NotEstimable(*what, "zero_events", found.support)
    fitted = _log_ratio(sample)
    if fitted is None:
        return NotEstimable(*what, "no_fit", found.support)
    value, error, df = fitted
    low, high = t_interval(value, error, df)
    p = float(2 * stats.t.sf(abs(value / error), df))
    return Estimate(
        *what,
        float(np.exp(value)),
        float(np.exp(low)),
        float(np.exp(high)),
        None,
        p,
        df,
        support=found.support,
        allowed_for=found.allowed_for,
    )


def _log_ratio(sample: MatchedSample) -> tuple[float, float, float] | None:
    """Log of the ratio, its clustered error and degrees of freedom; None where it does not
    converge."""
    inside = sample.weights > 0
    weights = sample.weights[inside]
    columns = np.column_stack([sample.side, sample.values])[inside].astype(float)
    centred = (columns - np.average(columns, axis=0, weights=weights)) * np.sqrt(weights)[:, None]
    kept = independent_columns(centred, columns)
    if 0 not in kept:
        return None
    design = sm.add_constant(columns[:, kept], has_constant="add")
    y = sample.y[inside]
    model = sm.GLM(y, design, family=sm.families.Poisson(), freq_weights=weights)
    with warnings.catch_warnings():
        for category in (ConvergenceWarning, RuntimeWarning):
            warnings.simplefilter("error", category)
        try:
            fit = model.fit(maxiter=100)
        except (ConvergenceWarning, RuntimeWarning, np.linalg.LinAlgError):
            return None
    groups = pd.factorize(sample.clusters[inside])[0]
    value = float(fit.params[1])
    error = _clustered_error(design, weights, y - fit.mu, fit.mu, groups)
    if not (abs(value) < LARGEST_LOG and 0 < error < LARGEST_LOG):
        return None
    return value, error, float(groups.max())


def _clustered_error(
    design: np.ndarray,
    weights: np.ndarray,
    left: np.ndarray,
    mean: np.ndarray,
    groups: np.ndarray,
) -> float:
    """Error of the second coefficient: the sandwich with weighted scores summed by cluster, times
    G / (G - 1) and (n - 1) / (n - k) as for the linear model."""
    bread = np.linalg.inv((design * (weights * mean)[:, None]).T @ design)
    scores = pd.DataFrame(design * (weights * left)[:, None]).groupby(groups).sum().to_numpy()
    spread = bread @ scores.T @ scores @ bread
    count, (n, k) = len(scores), design.shape
    return float(np.sqrt(spread[1, 1] * count / (count - 1) * (n - 1) / (n - k)))
