"""What the units without an initiative lead one to expect of those with it: four ways to weight
them.

Each returns the expected series over all periods and the weights behind it. difference_in_
differences: the mean of the others, moved to the own level before. synthetic_control: a mix of the
others (weights of 0 or more that add up to 1) that comes closest to the own series before the start
(Abadie, Diamond and Hainmueller 2010, with past outcomes as the only predictors). augmented: the
same, corrected by a ridge regression for what the mix leaves (Ben-Michael, Feller and Rothstein
2021). synthetic_did: weights of units and of periods, with a level of its own (Arkhangelsky et al.
2021), by the functions of diff-diff.

A mix of others cannot lie above the highest or below the lowest of them; synthetic_did, which lets
the level differ, can follow such a unit. Difference in differences alone takes a path that units of
one kind share for an effect (planted in the tests).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy.optimize import nnls

from analysis.designs.regions.unit_panel import UnitPanel

RIDGES = tuple(10.0 ** (k / 2) for k in range(-4, 9))  # of the standardised series, tried in turn


@dataclass(frozen=True, eq=False)
class Expected:
    """series: expected in each period, in the unit of the panel. weights: of the other units, in
    their order; those of `augmented` may be below 0."""

    series: np.ndarray
    weights: np.ndarray


def difference_in_differences(panel: UnitPanel) -> Expected:
    """Every other unit alike, at the own level before the start."""
    others = panel.others
    weights = np.full(len(others), 1 / len(others))
    return _at_own_level(panel, weights, np.full(panel.before, 1 / panel.before))


def synthetic_control(panel: UnitPanel) -> Expected:
    """The closest mix of the other units before the start, at its own level."""
    weights = simplex_weights(panel.others[:, : panel.before].T, panel.own[: panel.before])
    return Expected(weights @ panel.others, weights)


def augmented(panel: UnitPanel) -> Expected:
    """The closest mix, and what it leaves before the start carried on by ridge regression."""
    before, others, own = panel.before, panel.others, panel.own
    weights = simplex_weights(others[:, :before].T, own[:before])
    x = others[:, :before] - others[:, :before].mean(axis=0)
    left = own[:before] - weights @ others[:, :before]
    ridge = _ridge(panel) * np.trace(x @ x.T) / len(x)
    correction = left @ np.linalg.solve(x.T @ x + ridge * np.eye(before), x.T)
    return Expected((weights + correction) @ others, weights + correction)


def synthetic_did(panel: UnitPanel) -> Expected:
    """Weights of units and of periods by the functions of diff-diff, with its default
    regularisation."""
    from diff_diff.utils import compute_sdid_unit_weights, compute_time_weights

    before, others = panel.before, panel.others
    pre, post = others[:, :before].T, others[:, before:].T
    noise = float(np.diff(pre, axis=0).std(ddof=1)) if before > 1 else 0.0
    reach = (int(panel.treated.sum()) * len(post)) ** 0.25  # Arkhangelsky et al. 2021, eq. 2.2
    stops = 1e-5 * noise or 1e-5  # as the authors' own implementation does
    units = compute_sdid_unit_weights(
        pre, panel.own[:before], zeta_omega=reach * noise, min_decrease=stops
    )
    periods = compute_time_weights(pre, post, zeta_lambda=1e-6 * noise, min_decrease=stops)
    return _at_own_level(panel, units, periods)


METHODS: Mapping[str, Callable[[UnitPanel], Expected]] = MappingProxyType(
    {
        "synthetic_did": synthetic_did,
        "synthetic_control": synthetic_control,
        "augmented_synthetic_control": augmented,
        "difference_in_differences": difference_in_differences,
    }
)


def effect(panel: UnitPanel, method: str) -> float:
    """Mean difference between the own and the expected series since the start, in the unit of the
    panel."""
    return float(gaps(panel, method)[panel.before :].mean())


def gaps(panel: UnitPanel, method: str) -> np.ndarray:
    """Own less expected in each period. ValueError names the valid methods."""
    if method not in METHODS:
        raise ValueError(f"no such method {method!r}; valid: {', '.join(METHODS)}")
    return panel.own - METHODS[method](panel).series


def simplex_weights(donors: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Weights of 0 or more that add up to 1 and bring donors (periods x units) closest to target.

    Non-negative least squares, with the sum held by a last row: scaled first, since a plain solver
    on unscaled data can return equal weights and say nothing.
    """
    apart = donors - target[:, None]
    scale = float(np.sqrt((apart**2).mean())) or 1.0
    tall = np.vstack([apart / scale, np.ones(donors.shape[1])])
    found, _ = nnls(tall, np.append(np.zeros(len(target)), 1.0))
    return found / found.sum()


def _at_own_level(panel: UnitPanel, weights: np.ndarray, periods: np.ndarray) -> Expected:
    series = weights @ panel.others
    level = periods @ (panel.own - series)[: panel.before]
    return Expected(series + level, weights)


def _ridge(panel: UnitPanel) -> float:
    """The ridge, as a share of the mean squared size of a unit, that best foretells each period
    before the start from the others (leave one period out)."""
    before, others, own = panel.before, panel.others, panel.own
    errors = []
    for ridge in RIDGES:
        missed = []
        for out in range(before):
            kept = np.arange(before) != out
            x = others[:, :before][:, kept]
            weights = simplex_weights(x.T, own[:before][kept])
            centred = x - x.mean(axis=0)
            left = own[:before][kept] - weights @ x
            size = ridge * np.trace(centred @ centred.T) / len(x)
            more = left @ np.linalg.solve(
                centred.T @ centred + size * np.eye(kept.sum()), centred.T
            )
            missed.append(own[out] - (weights + more) @ others[:, out])
        errors.append(np.mean(np.square(missed)))
    return RIDGES[int(np.argmin(errors))]
