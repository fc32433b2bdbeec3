"""Maximum (pseudo-)likelihood of cumulative logit models, with design weights and the clustered
sandwich.

Rating y takes the ordered categories 0 to J - 1. Cut j lies between categories j and j + 1:
logit P(y <= j) = d'tau_j - x'beta, where d is 1 and the columns whose effect differs from cut to
cut (none of them: proportional odds, McCullagh 1980; some: partial proportional odds, Peterson and
Harrell 1990). Own likelihood because statsmodels' `OrderedModel` knows neither weights nor partial
models; the tests hold the two against each other.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

MAX_ITERATIONS = 80
DECREMENT = 1e-10  # Newton decrement (log-likelihood) at which the fit stands still
# A coefficient whose standard error, times the range of its column, exceeds this many log odds is
# running away: under separation it is in the thousands once the decrement is small, in fits that
# exist it stays in single figures.
RUNAWAY = 25.0


@dataclass(frozen=True, eq=False)
class CumulativeFit:
    """A fitted model. Parameters in the order: beta (p), then for each cut its threshold and its
    own slopes (tau_j).

    params (k); information (k x k): minus the second derivative; scores (rows x k): weighted first
    derivative of each row, summing to zero; thresholds (J - 1): where all covariates are 0;
    cut_slopes (J - 1 x m): log odds of being above cut j for each column with an effect of its own;
    log_likelihood: weighted.
    """

    params: np.ndarray
    information: np.ndarray
    scores: np.ndarray
    slopes: np.ndarray
    thresholds: np.ndarray
    cut_slopes: np.ndarray
    log_likelihood: float

    @classmethod
    def of(
        cls,
        params: np.ndarray,
        information: np.ndarray,
        scores: np.ndarray,
        value: float,
        shape: tuple[int, int],
    ) -> "CumulativeFit":
        """The fit at these parameters; shape: columns of x, and categories."""
        p, categories = shape
        taus = params[p:].reshape(categories - 1, -1)
        return cls(params, information, scores, params[:p], taus[:, 0], -taus[:, 1:], value)

    def covariance(self, clusters: np.ndarray | None) -> np.ndarray:
        """k x k: inverse information (None), or the sandwich over `clusters` (codes, one a row)
        with factor G/(G-1)."""
        inverse = np.linalg.inv(self.information)
        if clusters is None:
            return inverse
        totals = cluster_totals(self.scores, clusters)
        return inverse @ (totals.T @ totals) @ inverse * len(totals) / (len(totals) - 1)


def cluster_totals(rows: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Sums of `rows` (n x k) over each cluster (G x k)."""
    codes = np.unique(clusters, return_inverse=True)[1]
    return np.column_stack([np.bincount(codes, column) for column in rows.T])


def cut_designs(
    y: np.ndarray, x: np.ndarray, own: np.ndarray, categories: int
) -> tuple[np.ndarray, np.ndarray]:
    """Derivatives of the linear predictor at the cut above and the cut below each row's category
    (each n x k).

    Zero where there is no such cut: above the highest category and below the lowest.
    """
    n, p = x.shape
    d = np.column_stack([np.ones(n), own])
    width = d.shape[1]
    above, below = (np.zeros((n, p + (categories - 1) * width)) for _ in range(2))
    for design, cut in ((above, y), (below, y - 1)):
        there = np.flatnonzero((cut >= 0) & (cut < categories - 1))
        design[there, :p] = -x[there]
        for position in range(width):
            design[there, p + cut[there] * width + position] = d[there, position]
    return above, below


def row_likelihood(params, above, below, y, categories, offset=0.0):
    """Probability of each row's own category (n), and its first derivatives over it at the cut
    above and below.

    `offset` moves every cut down: it adds to x'beta. Probabilities at or under 0 mean that cuts
    have crossed.
    """
    upper = np.where(y < categories - 1, above @ params - offset, np.inf)
    lower = np.where(y > 0, below @ params - offset, -np.inf)
    high = (
        upper + np.where(np.isinf(lower), upper, lower) > 0
    )  # the tail in which nothing is lost to rounding
    probability = np.where(high, expit(-lower) - expit(-upper), expit(upper) - expit(lower))
    safe = np.maximum(probability, 1e-300)
    return (
        probability,
        expit(upper) * expit(-upper) / safe,
        expit(lower) * expit(-lower) / safe,
        upper,
        lower,
    )


def fit_cumulative(
    y: np.ndarray,
    x: np.ndarray,
    *,
    own: np.ndarray | None = None,
    weights: np.ndarray | None = None,
) -> CumulativeFit | None:
    """Fit the model to categories `y` (0 to J - 1, each present) on `x` (rows x p) and `own` (rows
    x m).

    `weights` (rows): design weights, scaled by the caller. None where the data have no finite fit:
    separation, a column that repeats another, or cuts that cross.
    """
    own = np.empty((len(y), 0)) if own is None else own
    weights = np.ones(len(y)) if weights is None else weights
    categories = int(y.max()) + 1
    above, below = cut_designs(y, x, own, categories)
    params = _start(y, x, own, weights, categories)
    value = _log_likelihood(params, above, below, y, categories, weights)
    for _ in range(MAX_ITERATIONS):
        scores, information = _derivatives(params, above, below, y, categories, weights)
        total = scores.sum(axis=0)
        step = _uphill(information, total)
        if step is None:
            return None
        if total @ step < DECREMENT:
            fit = CumulativeFit.of(params, information, scores, value, (x.shape[1], categories))
            return None if _runs_away(fit, x, own) else fit
        for halving in range(30):
            trial = params + step / 2**halving
            reached = _log_likelihood(trial, above, below, y, categories, weights)
            if reached >= value:
                break
        else:
            return None
        params, value = trial, reached
    return None


def exceedance(
    fit: CumulativeFit, x: np.ndarray, own: np.ndarray, cut: int
) -> tuple[np.ndarray, np.ndarray]:
    """P(y > cut) of each row (n, from 0 to 1), and its derivative by the parameters (n x k)."""
    cuts = len(fit.thresholds)
    designs = cut_designs(np.full(len(x), cut), x, own, cuts + 1)[0]
    probability = expit(-(designs @ fit.params))
    return probability, -(probability * (1 - probability))[:, None] * designs


def _start(y, x, own, weights, categories) -> np.ndarray:
    share = np.cumsum(np.bincount(y, weights, categories))[:-1] / weights.sum()
    taus = np.zeros((categories - 1, 1 + own.shape[1]))
    taus[:, 0] = logit(share)
    return np.concatenate([np.zeros(x.shape[1]), taus.ravel()])


def _log_likelihood(params, above, below, y, categories, weights) -> float:
    probability = row_likelihood(params, above, below, y, categories)[0]
    return float(weights @ np.log(probability)) if (probability > 0).all() else -np.inf


def _derivatives(params, above, below, y, categories, weights) -> tuple[np.ndarray, np.ndarray]:
    _, up, down, upper, lower = row_likelihood(params, above, below, y, categories)
    scores = weights[:, None] * (up[:, None] * above - down[:, None] * below)
    # Second derivatives of log P by its two cuts: the logistic density f has f' = f (1 - 2F).
    both_up = up * (1 - 2 * expit(upper)) - up**2
    both_down = -down * (1 - 2 * expit(lower)) - down**2
    mixed = (above * (weights * up * down)[:, None]).T @ below
    curvature = (above * (weights * both_up)[:, None]).T @ above + (
        below * (weights * both_down)[:, None]
    ).T @ below
    return scores, -(curvature + mixed + mixed.T)


def _uphill(information, total) -> np.ndarray | None:
    """Newton step; where the likelihood is not concave (partial models, far from the top) a damped
    one."""
    scale = np.sqrt(np.maximum(np.abs(np.diag(information)), 1e-300))
    scaled = information / np.outer(scale, scale)
    lowest = np.linalg.eigvalsh(scaled)[0]
    if -1e-12 < lowest < 1e-12:
        return None
    damping = 0.0 if lowest > 0 else 0.1 - lowest
    return np.linalg.solve(scaled + damping * np.eye(len(scale)), total / scale) / scale


def _runs_away(fit: CumulativeFit, x: np.ndarray, own: np.ndarray) -> bool:
    """The fit has no finite end, or a coefficient that nothing holds."""
    p, width, cuts = x.shape[1], 1 + own.shape[1], len(fit.thresholds)
    ranges = np.concatenate([np.ptp(x, axis=0), np.tile([1.0, *np.ptp(own, axis=0)], cuts)])
    if np.linalg.eigvalsh(fit.information)[0] <= 0:
        return True
    errors = np.sqrt(np.diag(np.linalg.inv(fit.information))) * ranges
    runaway = np.concatenate([errors[:p], errors[p:].reshape(cuts, width)[:, 1:].ravel()])
    return bool(runaway.max(initial=0) > RUNAWAY)
