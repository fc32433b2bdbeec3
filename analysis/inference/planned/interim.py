"""Interim looks: how far a result must stand out at each look, so that all looks together call
something out of nothing in no more than alpha of studies; and whether going on can still show it.

A look sees the standardised estimate Z = estimate / standard error, and the share t of the
information (1 / standard error squared) that the protocol planned. Over looks the score Z sqrt(t)
has independent increments of variance t_k - t_(k-1), with mean `drift` x t: what Z is expected to
be at the end. Source: Jennison and Turnbull 2000, chapters 2, 7 and 19.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

import numpy as np
from scipy import optimize, stats

Spending = Literal["obrien_fleming", "pocock"]
ALPHA = 0.05
NODES = 96  # Gauss-Legendre points a look: constants of Jennison and Turnbull to four decimals
FAR = 8.0  # standard deviations: beyond it less than 1e-15 is left
LEAST = 1e-9  # of alpha: a look that may spend less has no critical value that a double can hold


def _obrien_fleming(share: float, alpha: float) -> float:
    each_side = stats.norm.ppf(1 - alpha / 4)
    return float(4 * stats.norm.sf(each_side / math.sqrt(share)))


def _pocock(share: float, alpha: float) -> float:
    return alpha * math.log(1 + (math.e - 1) * share)


# Of alpha, half on each side, what is spent when a share of the information is there. Source: Lan
# and DeMets 1983.
SPENDING: Mapping[str, Callable[[float, float], float]] = MappingProxyType(
    {"obrien_fleming": _obrien_fleming, "pocock": _pocock}
)


@dataclass(frozen=True)
class Look:
    """One look. fraction: of the planned information, 0 to 1. critical: the Z, either way, from
    which a difference is called. spent: of alpha, up to and with this look."""

    fraction: float
    critical: float
    spent: float


def looks(
    fractions: Sequence[float], spending: Spending, *, alpha: float = ALPHA
) -> tuple[Look, ...]:
    """What each look needs. `fractions`: of the planned information, rising, the last at most 1.

    Looks to come are not needed: what an early look may spend does not hang on them. ValueError for
    fractions that do not rise from above 0 to at most 1, an unknown way to spend, and an alpha
    outside 0 to 1.
    """
    _check_fractions(fractions)
    if spending not in SPENDING:
        raise ValueError(f"no such way to spend alpha: {spending!r}; valid: {', '.join(SPENDING)}")
    if not 0 < alpha < 1:
        raise ValueError("alpha is a share between 0 and 1")
    return _looks(tuple(float(share) for share in fractions), spending, alpha)


@lru_cache(maxsize=256)
def _looks(fractions: tuple[float, ...], spending: Spending, alpha: float) -> tuple[Look, ...]:
    found: list[Look] = []
    spent_before = 0.0
    for k, share in enumerate(fractions):
        spent = SPENDING[spending](share, alpha)
        earlier = [look.critical for look in found]
        critical = _critical(fractions[: k + 1], earlier, spent - spent_before)
        found.append(Look(share, critical, spent))
        spent_before = spent
    return tuple(found)


def _check_fractions(fractions: Sequence[float]) -> None:
    steps = np.diff([0.0, *fractions])
    if not len(fractions) or (steps <= 0).any() or fractions[-1] > 1 + 1e-12:
        raise ValueError("fractions of the information rise from above 0 to at most 1")


def _critical(fractions: Sequence[float], earlier: list[float], to_spend: float) -> float:
    if to_spend < LEAST * ALPHA:
        return FAR

    def too_much(critical: float) -> float:
        return sum(crossed(fractions, [*earlier, critical])[-1]) - to_spend

    return float(optimize.brentq(too_much, 0.0, FAR, xtol=1e-10))


def crossed(
    fractions: Sequence[float], critical: Sequence[float], *, drift: float = 0.0
) -> tuple[tuple[float, float], ...]:
    """Of studies, the share that is called at each look and at none before it: (better, worse).

    `drift`: what Z is expected to be when all information is there (0: nothing is true). Worked out
    by recursive numerical integration over the scores that go on.
    """
    _check_fractions(fractions)
    at, weight = np.zeros(1), np.ones(1)  # before the first look every study is at nil
    found, before = [], 0.0
    for share, bound in zip(fractions, critical, strict=True):
        spread, mean = math.sqrt(share - before), drift * (share - before)
        edge = bound * math.sqrt(share)
        better = float(weight @ stats.norm.sf((edge - at - mean) / spread))
        worse = float(weight @ stats.norm.cdf((-edge - at - mean) / spread))
        found.append((better, worse))
        nodes, width = _nodes(edge)
        density = stats.norm.pdf(nodes[:, None], at[None, :] + mean, spread) @ weight
        at, weight, before = nodes, width * density, share
    return tuple(found)


def _nodes(edge: float) -> tuple[np.ndarray, np.ndarray]:
    """Points and weights over the scores that go on, from -edge to edge."""
    points, weights = np.polynomial.legendre.leggauss(NODES)
    return edge * points, edge * weights


def conditional_power(z: float, fraction: float, final_critical: float, *, drift: float) -> float:
    """Of studies that stand where this one does, the share that will be called good at the last
    look, if the drift is what is true.

    `drift`: of the effect that is assumed. ValueError where nothing is left to come.
    Source: Lan, Simon and Halperin 1982; Jennison and Turnbull 2000, section 10.2.
    """
    if not 0 < fraction < 1:
        raise ValueError("conditional power is of a study with information still to come")
    left = 1 - fraction
    expected = z * math.sqrt(fraction) + drift * left
    return float(stats.norm.sf((final_critical - expected) / math.sqrt(left)))
