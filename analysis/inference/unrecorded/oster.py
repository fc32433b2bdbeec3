"""Oster's bounds: how much more unrecorded characteristics would have to matter than recorded ones
did to take a coefficient away."""

import math
from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm

from analysis.inference.absorbed.effects import independent_columns

TIMES_R2 = 1.3  # of the R2 with controls, the largest that is thought possible (Oster 2019)


@dataclass(frozen=True)
class Oster:
    """delta: how strongly, times what the recorded characteristics did, unrecorded ones would have
    to go along with treatment to make the effect nil (None: no amount does, in this direction, or
    the recorded ones moved nothing). adjusted: the effect were they as strong as the recorded ones,
    in the unit of the outcome. short, long: coefficients without and with the recorded ones; r2_*
    their shares of variance."""

    delta: float | None
    adjusted: float
    short: float
    long: float
    r2_short: float
    r2_long: float
    r2_most: float

    def summary(self) -> str:
        if self.delta is None:
            return "No strength of unrecorded characteristics of this kind makes the effect nil."
        return (
            f"Unrecorded characteristics would have to matter {self.delta:.2f} times as much as the"
            " recorded ones to make the effect nil."
        )


def oster(
    y: np.ndarray, treated: np.ndarray, controls: np.ndarray, r2_most: float | None = None
) -> Oster:
    """Bounds of the coefficient of `treated` in a linear regression of `y` on it and `controls`
    (rows x columns, no constant; columns that repeat others are left out).

    delta: proposition 2 of Oster 2019 (selection on observables and unobservables, JBES 37) at an
    effect of nil; adjusted: the effect at delta 1, the root of its equation nearest to the one with
    controls. `r2_most`: by default 1.3 times the R2 with controls, at most 1.
    """
    t = treated.astype(float)
    controls = controls[:, independent_columns(controls - controls.mean(axis=0), controls)]
    short = sm.OLS(y, sm.add_constant(t)).fit()
    long = sm.OLS(y, sm.add_constant(np.column_stack([t, controls]))).fit()
    left = sm.OLS(t, sm.add_constant(controls)).fit()
    most = min(1.0, TIMES_R2 * float(long.rsquared)) if r2_most is None else r2_most
    parts = _Parts(
        float(short.params[1]),
        float(long.params[1]),
        float(short.rsquared),
        float(long.rsquared),
        most,
        float(np.var(y, ddof=1)),
        float(np.var(t, ddof=1)),
        float(left.ssr / (len(t) - 1)),
    )
    return Oster(
        _delta(parts),
        _adjusted(parts),
        parts.short,
        parts.long,
        parts.r2_short,
        parts.r2_long,
        most,
    )


@dataclass(frozen=True)
class _Parts:
    """Coefficients and R2 without and with controls, the largest R2, and variances: of the outcome,
    of treatment, and of what controls leave of treatment."""

    short: float
    long: float
    r2_short: float
    r2_long: float
    r2_most: float
    yy: float
    xx: float
    tau: float

    @property
    def moved(self) -> float:
        return self.short - self.long

    @property
    def gained(self) -> float:
        """Variance of the outcome that the controls account for."""
        return (self.r2_long - self.r2_short) * self.yy

    @property
    def left(self) -> float:
        """Variance that could be accounted for still."""
        return (self.r2_most - self.r2_long) * self.yy


def _delta(p: _Parts) -> float | None:
    b = p.long  # less an effect of nil
    over = (
        b * p.gained * p.tau
        + b * p.xx * p.tau * p.moved**2
        + 2 * b**2 * p.tau * p.moved * p.xx
        + b**3 * (p.tau * p.xx - p.tau**2)
    )
    under = (
        p.left * p.moved * p.xx
        + b * p.left * (p.xx - p.tau)
        + b**2 * p.tau * p.moved * p.xx
        + b**3 * (p.tau * p.xx - p.tau**2)
    )
    if under == 0 or not math.isfinite(over / under):
        return None
    return float(over / under) if over / under > 0 else None


def _adjusted(p: _Parts) -> float:
    """The effect at delta 1: a quadratic in how far it moves from the coefficient with controls."""
    theta = p.left * (p.xx - p.tau) - p.gained * p.tau - p.xx * p.tau * p.moved**2
    root = theta**2 + 4 * p.left * p.moved**2 * p.xx**2 * p.tau
    if p.moved == 0:
        return p.long
    moves = [
        (-theta + sign * math.sqrt(root)) / (-2 * p.tau * p.moved * p.xx) for sign in (1.0, -1.0)
    ]
    return float(p.long - min(moves, key=abs))
