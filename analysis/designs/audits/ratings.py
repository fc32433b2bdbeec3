"""Ordinal audit ratings: proportional odds with auditor effects and design weights, and what it
means in every 100.

Coefficients are log odds of being rated above a cut, and stand in the analyst's tables. Pages show
the difference in the share rated at or above a named category (`difference_at_or_above`).
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from analysis.designs.cohorts.balance import combined_codes, covariate_matrix
from analysis.inference.absorbed.effects import independent_columns
from analysis.inference.clusters import t_interval
from analysis.inference.coding import zero_one
from analysis.inference.columns import RatingColumns
from analysis.inference.ordinal import CumulativeFit, cluster_totals, exceedance, fit_cumulative
from analysis.measurement.category_order import ordered_categories
from analysis.results import Estimate, NotEstimable, Support, What

SMALLEST_CLUSTERS = 10  # in all, and on a side of the exposure (METHODS section 0 rule 3)
METHOD = "proportional_odds"


@dataclass(frozen=True, eq=False)
class RatingModel:
    """A fitted model of ratings.

    estimates: one a covariate column, in log odds; a column that is not proportional has one a cut,
    and its estimand ends in "at or above" the category. thresholds (J - 1): log odds of being at or
    below each category but the highest where all covariates are 0. log_likelihood is weighted;
    n_left_out: rows with a missing rating or covariate.
    """

    estimates: tuple[Estimate, ...]
    thresholds: np.ndarray
    scale: tuple
    log_likelihood: float
    n_left_out: int

    def summary(self) -> str:
        told = (
            f"{e.estimand}: {e.value:.2f} ({e.conf_low:.2f} to {e.conf_high:.2f})"
            for e in self.estimates
        )
        return "Log odds of a higher rating (95% confidence interval). " + "; ".join(told) + "."

    def to_frame(self) -> pd.DataFrame:
        return pd.concat([estimate.to_frame() for estimate in self.estimates], ignore_index=True)


@dataclass(frozen=True, eq=False)
class RatedRows:
    """Rows ready for the likelihood: y (n, from 0), x and own (n x columns), weights with mean 1,
    cluster codes."""

    y: np.ndarray
    x: pd.DataFrame
    own: pd.DataFrame
    weights: np.ndarray | None
    clusters: np.ndarray | None
    scale: tuple
    n_left_out: int
    reason: str | None  # why nothing can be fitted
    detail: str

    def fit(self) -> CumulativeFit | None:
        return fit_cumulative(
            self.y, self.x.to_numpy(), own=self.own.to_numpy(), weights=self.weights
        )

    def variance_clusters(self) -> np.ndarray | None:
        """Weighted rows need the sandwich even where nothing is clustered: each row is then its own
        cluster."""
        return (
            np.arange(len(self.y))
            if self.clusters is None and self.weights is not None
            else self.clusters
        )

    def df(self) -> float | None:
        clusters = self.variance_clusters()
        return None if clusters is None else float(len(np.unique(clusters)) - 1)


def proportional_odds(ratings: pd.DataFrame, columns: RatingColumns) -> RatingModel | NotEstimable:
    """Log odds of a higher rating per unit of each covariate (log_odds); 0 means no difference.

    Cumulative logit (McCullagh 1980). Covariates named in `not_proportional` have an effect of
    their own at each cut (partial proportional odds: Peterson and Harrell 1990). `auditor` adds a
    fixed effect for each auditor: with few ratings an auditor these bias the slopes away from 0
    (use `random_auditor`). `weights`: inverse sampling probabilities, where the sample was
    stratified, say by ethnicity (pseudo-likelihood: Binder 1983). With `weights` or `cluster` the
    standard errors are the sandwich, else those of the model. `scale` is the ordered list of
    categories, without which words are refused (numbers are taken by size). Rows with a missing
    value are left out.
    """
    rows = rated_rows(ratings, columns)
    what = ("log_odds", METHOD, "log_odds")
    support = Support(n=len(rows.y), persons=len(rows.y))
    if rows.reason:
        return NotEstimable(*what, rows.reason, support, rows.detail)
    fit = rows.fit()
    if fit is None:
        return NotEstimable(*what, "no_fit" if len(rows.own.columns) else "separation", support)
    errors = np.sqrt(np.diag(fit.covariance(rows.variance_clusters())))
    estimates = [
        _log_odds(rows, name, value, error, support)
        for name, value, error in _coefficients(rows, fit, errors)
    ]
    return RatingModel(
        tuple(estimates), fit.thresholds.copy(), rows.scale, fit.log_likelihood, rows.n_left_out
    )


def difference_at_or_above(
    ratings: pd.DataFrame,
    columns: RatingColumns,
    *,
    at_least: object,
    exposure: str,
    estimand: str = "share_at_or_above",
) -> Estimate | NotEstimable:
    """How many more in every 100 would be rated `at_least` or higher with the exposure (0/1) than
    without (in_every_100).

    Standardisation: each row's probability with the exposure set to 1 and to 0, averaged over the
    (weighted) rows. The standard error is the delta method on cluster totals, and counts the
    sampling of the rows as well (Terza 2016).
    """
    ratings = ratings.assign(**{exposure: zero_one(ratings[exposure], exposure)})
    explained_by = (exposure, *columns.covariates)
    rows = rated_rows(ratings, replace(columns, covariates=explained_by))
    what = (estimand, METHOD, "in_every_100")
    if rows.reason:
        return NotEstimable(*what, rows.reason, Support(n=len(rows.y)), rows.detail)
    cut = rows.scale.index(at_least) - 1
    if cut < 0:
        raise ValueError(
            f"everyone is rated {at_least!r} or higher: choose a category above the lowest of"
            " `scale`"
        )
    own_effect = exposure in rows.own.columns
    side = (rows.own if own_effect else rows.x)[exposure].to_numpy()
    support, reason = _sides(rows, side, rows.y > cut)
    fit = None if reason else rows.fit()
    if fit is None:
        return NotEstimable(
            *what, reason or ("no_fit" if len(rows.own.columns) else "separation"), support
        )
    return _standardised(what, rows, fit, exposure, cut, support)


def rated_rows(ratings: pd.DataFrame, columns: RatingColumns) -> RatedRows:
    """Complete rows of `ratings`, or why they cannot be used. Shared with `auditors` and
    `brant`."""
    rating, auditor = columns.rating, columns.auditor
    weights, cluster = columns.weights, columns.cluster
    matrix = covariate_matrix(ratings, list(columns.covariates))
    used = matrix.notna().all(axis=1) & ratings[rating].notna()
    for column in (auditor, weights, cluster):
        used &= True if column is None else ratings[column].notna()
    frame, matrix = ratings.loc[used], matrix.loc[used]
    found, categories = set(frame[rating]), ordered_categories(frame[rating], columns.scale)
    off = [value for value in found if value not in categories]
    order = tuple(value for value in categories if value in found)
    y = pd.Index(order).get_indexer(frame[rating]).astype(int)
    if auditor is not None:
        effects = covariate_matrix(frame.assign(**{auditor: frame[auditor].astype(str)}), [auditor])
        matrix = pd.concat([matrix, effects], axis=1)
    separate = [
        c
        for c in matrix.columns
        if any(c == name or c.startswith(f"{name}: ") for name in columns.not_proportional)
    ]
    design = None if weights is None else frame[weights].to_numpy(dtype=float)
    if design is not None and (design <= 0).any():
        raise ValueError(f"column {weights!r}: design weights lie above 0")
    codes = None if cluster is None else combined_codes(frame, [cluster])
    reason = _refusal(y, matrix.to_numpy(), order, off, codes)
    return RatedRows(
        y,
        matrix.drop(columns=separate),
        matrix[separate],
        None if design is None else design / design.mean(),
        codes,
        order,
        int((~used).sum()),
        reason,
        f"off the scale: {off}" if off else "",
    )


def _refusal(y, matrix, order, off, codes) -> str | None:
    if off:
        return "off_scale"
    if len(order) < 2:
        return "constant_outcome"
    if matrix.size and (np.ptp(matrix, axis=0) == 0).any():
        return "no_comparison"
    if (
        len(independent_columns(matrix - matrix.mean(axis=0), matrix)) < matrix.shape[1]
        or len(y) <= matrix.shape[1]
    ):
        return "collinear"
    return "too_few_sites" if codes is not None and codes.max() + 1 < SMALLEST_CLUSTERS else None


def _coefficients(rows, fit, errors):
    """Name, value and standard error of each covariate column."""
    p, width = len(rows.x.columns), 1 + len(rows.own.columns)
    yield from zip(rows.x.columns, fit.slopes, errors[:p], strict=True)
    own_errors = errors[p:].reshape(-1, width)[:, 1:]
    for k, name in enumerate(rows.own.columns):
        for cut, category in enumerate(rows.scale[1:]):
            yield f"{name}, at or above {category}", fit.cut_slopes[cut, k], own_errors[cut, k]


def _log_odds(rows: RatedRows, name: str, value: float, error: float, support: Support) -> Estimate:
    value, error, df = float(value), float(error), rows.df()
    low, high = t_interval(value, error, df)
    p = 2 * (
        stats.norm.sf(abs(value / error)) if df is None else stats.t.sf(abs(value / error), df)
    )
    return Estimate(
        str(name), METHOD, "log_odds", value, low, high, error, float(p), df, support=support
    )


def _sides(rows, side, event) -> tuple[Support, str | None]:
    """What the contrast rests on, and why it is refused."""
    if not np.isin(side, (0.0, 1.0)).all():
        raise ValueError("the exposure of a difference is 0 or 1")
    codes = np.arange(len(side)) if rows.clusters is None else rows.clusters
    cells = [int(((side == s) & (event == e)).sum()) for s in (0, 1) for e in (False, True)]
    with_it, without = (len(np.unique(codes[side == s])) for s in (1, 0))
    support = Support(
        len(side), len(side), 1, int(side.sum()), with_it, without, len(side), min(cells)
    )  # one cell: no effects are absorbed
    if min(cells) == 0:
        return support, "zero_events"
    few = rows.clusters is not None and min(with_it, without) < SMALLEST_CLUSTERS
    return support, "too_few_sites" if few else None


def _standardised(
    what: What, rows: RatedRows, fit: CumulativeFit, exposure: str, cut: int, support: Support
) -> Estimate:
    weights = np.ones(len(rows.y)) if rows.weights is None else rows.weights
    share = weights / weights.sum()
    levels, slopes, each = [], [], []
    for value in (1.0, 0.0):
        x, own = (f.assign(**{exposure: value}) if exposure in f else f for f in (rows.x, rows.own))
        probability, derivative = exceedance(fit, x.to_numpy(), own.to_numpy(), cut)
        levels.append(float(share @ probability))
        slopes.append(share @ derivative)
        each.append(probability)
    difference = levels[0] - levels[1]
    own_part = share * (each[0] - each[1] - difference)
    influence = own_part + fit.scores @ np.linalg.solve(fit.information, slopes[0] - slopes[1])
    codes = np.arange(len(influence)) if rows.clusters is None else rows.clusters
    totals = cluster_totals(influence[:, None], codes)[:, 0]
    error = 100 * float(np.sqrt(len(totals) / (len(totals) - 1) * (totals @ totals)))
    df, value = float(len(totals) - 1), 100 * difference
    low, high = t_interval(value, error, df)
    p = float(2 * stats.t.sf(abs(value / error), df))
    with_it, without = (100 * level for level in levels)
    return Estimate(
        *what,
        value,
        low,
        high,
        error,
        p,
        df,
        comparison_estimated=without,
        group_estimated=with_it,
        support=support,
    )
