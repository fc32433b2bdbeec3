"""Least squares within absorbed effects, and its sandwich clustered on one factor or on two.

The same numbers as linearmodels' `AbsorbingLS` without a small-sample factor, which
`absorbing_least_squares` asks for the row that leads a study; here they cost a tenth. A test holds
the two against each other.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.inference.absorbed.effects import Effects, sums


@dataclass(frozen=True, eq=False)
class AbsorbedFit:
    """Coefficients (k) and their covariance (k x k), one row a regressor.

    second_factor (k): what clustering on the second factor adds to each variance, never negative.
    residual_df: rows less columns and absorbed effects.
    """

    params: np.ndarray
    covariance: np.ndarray
    second_factor: np.ndarray
    residual_df: int


@dataclass(frozen=True, eq=False)
class WithinRows:
    """Rows of a regression once its effects are taken out: outcome (rows) and regressors (rows x
    k), which are independent (`independent_columns`)."""

    outcome: np.ndarray
    regressors: np.ndarray
    effects: Effects

    @classmethod
    def of(cls, outcome: np.ndarray, regressors: np.ndarray, effects: Effects) -> "WithinRows":
        """The rows of a regression as they come."""
        return cls(effects.without(outcome[:, None])[:, 0], effects.without(regressors), effects)

    @cached_property
    def factors(self) -> tuple[np.ndarray, np.ndarray]:
        """Orthonormal basis of the regressors (rows x k) and its triangle (k x k)."""
        basis, triangle = np.linalg.qr(self.regressors)
        return basis, triangle

    @cached_property
    def residual(self) -> np.ndarray:
        """What the regressors leave of the outcome."""
        basis = self.factors[0]
        return self.outcome - basis @ (basis.T @ self.outcome)

    def fit(self, clusters: list[np.ndarray]) -> AbsorbedFit:
        """Coefficients with the sandwich clustered on one factor, or on two.

        No small-sample factor (METHODS section 2). With two factors each variance is the larger of
        the two-way and the first factor's own: the two-way sum can fall below it, even below zero,
        in a sample (MacKinnon, Nielsen and Webb 2024).
        """
        basis, triangle = self.factors
        inverse = np.linalg.inv(triangle)
        params = inverse @ (basis.T @ self.outcome)
        scores = (basis * self.residual[:, None]) @ inverse.T
        one_way = _clustered(scores, clusters[0])
        covariance = _two_way(scores, one_way, clusters) if len(clusters) == 2 else one_way
        rows, columns = self.regressors.shape
        return AbsorbedFit(
            params,
            covariance,
            np.diag(covariance) - np.diag(one_way),
            rows - columns - self.effects.rank,
        )


def absorbed_regression(
    outcome: np.ndarray,
    regressors: np.ndarray,
    *,
    effects: list[np.ndarray],
    clusters: list[np.ndarray],
) -> AbsorbedFit:
    """Least squares of `outcome` on `regressors` within `effects` (`WithinRows.fit`)."""
    return WithinRows.of(outcome, regressors, Effects(tuple(effects))).fit(clusters)


def absorbing_least_squares(
    outcome: np.ndarray, regressors: np.ndarray, *, effects: list[np.ndarray], cluster: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (k) and clustered covariance (k x k) of the same regression by linearmodels'
    `AbsorbingLS`."""
    from linearmodels.iv.absorbing import AbsorbingLS

    absorbed = pd.DataFrame(
        {f"effect_{i}": pd.Categorical(codes) for i, codes in enumerate(effects)}
    )
    fit = AbsorbingLS(outcome, regressors, absorb=absorbed).fit(
        cov_type="clustered", clusters=cluster, debiased=False, use_cache=False
    )
    return fit.params.to_numpy(), fit.cov.to_numpy()


def _clustered(scores: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    totals = sums(scores, cluster, int(cluster.max()) + 1)
    return totals.T @ totals


def _two_way(scores: np.ndarray, one_way: np.ndarray, clusters: list[np.ndarray]) -> np.ndarray:
    """Two-way covariance (Cameron, Gelbach and Miller 2011), no variance below that of the first
    factor."""
    if not (np.diag(one_way) > 0).all():
        return one_way  # fitted without error: there is nothing to widen
    pairs = pd.factorize(clusters[0].astype(np.int64) * (int(clusters[1].max()) + 1) + clusters[1])[
        0
    ]
    two_way = one_way + _clustered(scores, clusters[1]) - _clustered(scores, pairs)
    widen = np.sqrt(np.maximum(np.diag(two_way) / np.diag(one_way), 1.0))
    usable = np.linalg.eigvalsh(two_way)[0] > 0 and np.all(np.diag(two_way) >= np.diag(one_way))
    return two_way if usable else one_way * np.outer(widen, widen)
