"""Ratings by auditors drawn from many: proportional odds with a random intercept for each auditor.

The auditor's severity is integrated out by Gauss-Hermite quadrature (Hedeker and Gibbons 1994),
each auditor's nodes laid where that auditor's likelihood is (adaptive: Pinheiro and Bates 1995).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, stats
from scipy.special import expit, logsumexp

from analysis.designs.audits.ratings import rated_rows
from analysis.designs.cohorts.balance import combined_codes
from analysis.inference.clusters import t_interval
from analysis.inference.columns import RatingColumns
from analysis.inference.ordinal import cluster_totals, cut_designs, row_likelihood
from analysis.results import Estimate, NotEstimable, Support

NODES = 15  # the log-likelihood of the validation data changes by less than 1e-5 beyond it
SMALLEST_AUDITORS = 5  # fewer draws say nothing about a spread between auditors
METHOD = "proportional_odds_random_auditor"


@dataclass(frozen=True, eq=False)
class AuditorModel:
    """estimates: log odds within an auditor, one a covariate column; thresholds (J - 1) for an
    auditor of mean severity.

    auditor_sd: standard deviation between auditors (log odds); log_likelihood: marginal. An
    auditor_sd of 0 means that the data show no difference between auditors beyond chance.
    """

    estimates: tuple[Estimate, ...]
    thresholds: np.ndarray
    auditor_sd: float
    log_likelihood: float
    n_auditors: int

    def summary(self) -> str:
        told = (
            f"{e.estimand}: {e.value:.2f} ({e.conf_low:.2f} to {e.conf_high:.2f})"
            for e in self.estimates
        )
        spread = f"Standard deviation between auditors {self.auditor_sd:.2f}."
        return (
            "Log odds of a higher rating (95% confidence interval). "
            + "; ".join(told)
            + ". "
            + spread
        )

    def to_frame(self) -> pd.DataFrame:
        return pd.concat([estimate.to_frame() for estimate in self.estimates], ignore_index=True)


def random_auditor(
    ratings: pd.DataFrame,
    *,
    rating: str,
    covariates: list[str],
    auditor: str,
    scale: list | tuple | None = None,
    nodes: int = NODES,
) -> AuditorModel | NotEstimable:
    """Log odds of a higher rating per unit of each covariate, within one auditor (log_odds).

    Larger than those of `proportional_odds` without auditor effects, because they hold the auditor
    fixed. Standard errors from the curvature of the marginal likelihood; needs at least 5 auditors.
    """
    columns = RatingColumns(
        rating=rating, covariates=tuple(covariates), scale=None if scale is None else tuple(scale)
    )
    rows = rated_rows(ratings.loc[ratings[auditor].notna()], columns)
    codes = combined_codes(ratings.loc[rows.x.index], [auditor])
    what, support = ("log_odds", METHOD, "log_odds"), Support(n=len(rows.y), persons=len(rows.y))
    if rows.reason:
        return NotEstimable(*what, rows.reason, support, rows.detail)
    if codes.max() + 1 < SMALLEST_AUDITORS:
        return NotEstimable(*what, "too_few_raters", support)
    start = rows.fit()
    if start is None:
        return NotEstimable(*what, "separation", support)
    model = _Marginal(rows.y, rows.x.to_numpy(), codes, nodes)
    best = optimize.minimize(
        model.loss,
        np.append(start.params, np.log(0.5)),
        jac=True,
        method="BFGS",
        options={"gtol": 1e-4},
    )
    errors = _errors(model, best.x)
    if errors is None or not np.isfinite(best.fun):
        return NotEstimable(*what, "no_fit", support)
    p = len(rows.x.columns)
    parts = zip(rows.x.columns, best.x[:p], errors[:p], strict=True)
    estimates = tuple(_estimate(str(name), float(b), float(e), support) for name, b, e in parts)
    thresholds, spread = best.x[p:-1].copy(), float(np.exp(best.x[-1]))
    return AuditorModel(
        estimates,
        thresholds,
        0.0 if spread < 0.01 else spread,
        -float(best.fun),
        int(codes.max() + 1),
    )


class _Marginal:
    """Minus the marginal log-likelihood and its gradient; parameters: slopes, thresholds, log
    standard deviation."""

    def __init__(self, y, x, codes, nodes):
        self.y, self.codes, self.auditors = y, codes, int(codes.max()) + 1
        self.categories, self.thresholds = int(y.max()) + 1, slice(x.shape[1], -1)
        self.above, self.below = cut_designs(y, x, np.empty((len(y), 0)), self.categories)
        self.nodes, weights = np.polynomial.hermite_e.hermegauss(nodes)
        self.log_weights = np.log(weights) + self.nodes**2 / 2

    def rows(self, params, severity):
        return row_likelihood(
            params[:-1],
            self.above,
            self.below,
            self.y,
            self.categories,
            offset=severity[self.codes],
        )

    def modes(self, params) -> tuple[np.ndarray, np.ndarray]:
        """Where each auditor's integrand peaks, in standard deviations, and the width of the peak
        (both: auditors)."""
        spread, peak = np.exp(params[-1]), np.zeros(self.auditors)
        for _ in range(30):
            _, up, down, upper, lower = self.rows(params, spread * peak)
            slope = np.bincount(self.codes, down - up, self.auditors) * spread - peak
            fisher = (
                up**2
                + down**2
                - up * (1 - 2 * expit(upper))
                + down * (1 - 2 * expit(lower))
                - 2 * up * down
            )
            bend = np.bincount(self.codes, fisher, self.auditors) * spread**2 + 1
            step = np.clip(slope / np.maximum(bend, 1.0), -2, 2)
            peak = peak + step
            if np.abs(step).max() < 1e-10:
                break
        return peak, 1 / np.sqrt(np.maximum(bend, 1.0))

    def loss(self, params) -> tuple[float, np.ndarray]:
        spread = np.exp(params[-1])
        if (np.diff(params[self.thresholds]) <= 0).any():  # crossed: the line search turns back
            return 1e10, np.zeros(len(params))
        peak, width = self.modes(params)
        logs, gradients = [], []
        for node, log_weight in zip(self.nodes, self.log_weights, strict=True):
            z = peak + width * node
            probability, up, down, _, _ = self.rows(params, spread * z)
            log_rows = np.log(np.maximum(probability, 1e-300))
            prior = log_weight + np.log(width) - z**2 / 2 - np.log(2 * np.pi) / 2
            logs.append(np.bincount(self.codes, log_rows, self.auditors) + prior)
            rows = up[:, None] * self.above - down[:, None] * self.below
            moved = ((down - up) * spread * z[self.codes])[:, None]
            gradients.append(cluster_totals(np.hstack([rows, moved]), self.codes))
        by_node = np.array(logs)
        total = logsumexp(by_node, axis=0)
        posterior = np.exp(by_node - total)
        gradient = np.einsum("qa,qak->k", posterior, np.array(gradients))
        return -float(total.sum()), -gradient


def _errors(model, params) -> np.ndarray | None:
    """Standard errors from the numerical curvature; a standard deviation at its edge of 0 is held
    there."""
    free = len(params) if np.exp(params[-1]) >= 0.01 else len(params) - 1
    curvature, width = np.zeros((free, free)), 1e-4
    for k in range(free):
        shift = np.zeros(len(params))
        shift[k] = width
        curvature[k] = (model.loss(params + shift)[1] - model.loss(params - shift)[1])[:free] / (
            2 * width
        )
    curvature = (curvature + curvature.T) / 2
    if not np.isfinite(curvature).all() or np.linalg.eigvalsh(curvature)[0] <= 0:
        return None
    return np.sqrt(np.diag(np.linalg.inv(curvature)))


def _estimate(name, value, error, support) -> Estimate:
    low, high = t_interval(value, error, None)
    p = float(2 * stats.norm.sf(abs(value / error)))
    return Estimate(name, METHOD, "log_odds", value, low, high, error, p, support=support)
