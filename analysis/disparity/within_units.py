"""The relative rate index within units: people of one unit beside each other, and the units put
together.

Where groups are unevenly spread over units that differ, the crude ratio holds the difference
between units too, and its test takes people of one unit for independent: with nothing planted it
rejects in a quarter of samples (tests/test_within_units.py). Mantel and Haenszel (1959) compare
inside each unit; their ratio is a mean of the ratios of the units, steady with many small units,
and holds for these units: where the ratio differs from unit to unit it is their average, and its
interval says nothing of other units.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from analysis.disparity.relative_rate import ALPHA
from analysis.results import Estimate, NotEstimable, Support

ESTIMAND, METHOD, UNIT = "relative_rate_index", "mantel_haenszel", "times"
KINDS = ("share", "rate")
_Z = float(stats.norm.isf(ALPHA / 2))


@dataclass(frozen=True)
class UnitCounts:
    """Counts of one unit: events over `base` (people at risk, or exposure) in the group and in the
    reference."""

    unit: str
    events: int
    base: float
    reference_events: int
    reference_base: float

    @property
    def counts(self) -> tuple:
        return self.events, self.base, self.reference_events, self.reference_base


def relative_rate_within_units(
    units: Sequence[UnitCounts], *, kind: str, inflation: tuple[float, float] = (1.0, 1.0)
) -> Estimate | NotEstimable:
    """Rate of the group divided by that of the reference (times), within units, weighted by Mantel
    and Haenszel.

    "share": people. "rate": events over exposure; `inflation`: of the variance of the log rate on
    either side, where people come back (`rates.variance_inflation`). Log-normal limits, variance of
    Greenland and Robins (1985), consistent for few large and for many small units; with inflation
    each side's part of it times its own. Units that hold one side only tell nothing. Support:
    people, or events of rates; cells_identifying: units with both sides and an event.
    """
    if kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}")
    table = _checked(units, kind)
    told = (table[1] > 0) & (table[3] > 0)
    a, n, b, m = inside = table[:, told]
    support = _support(table, inside, kind)
    if not told.any():
        return NotEstimable(ESTIMAND, METHOD, UNIT, "no_comparison", support)
    if not (a.any() and b.any()):
        return NotEstimable(ESTIMAND, METHOD, UNIT, "zero_events", support)
    whole = n + m
    own, other = float((a * m / whole).sum()), float((b * n / whole).sum())
    ratio = own / other
    spread = (
        _share_spread(*inside)
        if kind == "share"
        else _rate_spread(*inside, ratio=ratio, inflation=inflation)
    )
    error = math.sqrt(spread / (own * other))
    if error < 1e-9:  # everyone on both sides had the event
        return NotEstimable(ESTIMAND, METHOD, UNIT, "constant_outcome", support)
    log = math.log(ratio)
    return Estimate(
        ESTIMAND,
        METHOD,
        UNIT,
        ratio,
        math.exp(log - _Z * error),
        math.exp(log + _Z * error),
        p_value=float(2 * stats.norm.sf(abs(log) / error)),
        support=support,
    )


def _checked(units: Sequence[UnitCounts], kind: str) -> np.ndarray:
    """Rows: events, base, events and base of the reference; columns: units."""
    table = np.array([unit.counts for unit in units], dtype=float).reshape(-1, 4).T
    a, n, b, m = table
    if (table < 0).any() or ((a > 0) & (n == 0)).any() or ((b > 0) & (m == 0)).any():
        raise ValueError(
            "events and their base are not negative, and there are no events without a base"
        )
    if kind == "share" and ((a > n).any() or (b > m).any()):
        raise ValueError("people with the event are a part of the people at risk")
    return table


def _share_spread(a, n, b, m) -> float:
    """Numerator of the variance of the log ratio of risks (Greenland and Robins 1985)."""
    whole = n + m
    return float(((n * m * (a + b) - a * b * whole) / whole**2).sum())


def _rate_spread(a, n, b, m, *, ratio: float, inflation: tuple[float, float]) -> float:
    """The same for rates; without inflation sum(n m (a + b) / T^2) (Greenland and Robins 1985)."""
    whole = n + m
    times = (inflation[0] * m + inflation[1] * ratio * n) / (m + ratio * n)
    return float((n * m * (a + b) * times / whole**2).sum())


def _support(table: np.ndarray, inside: np.ndarray, kind: str) -> Support:
    """People in all units and in those that compare; of rates, events stand in the place of
    people."""
    a, n, b, m = inside
    first, second = (table[1], table[3]) if kind == "share" else (table[0], table[2])
    compared, reference = (n, m) if kind == "share" else (a, b)
    parts = [a.sum(), b.sum()] + ([(n - a).sum(), (m - b).sum()] if kind == "share" else [])
    everyone = int(first.sum() + second.sum())
    informative = int((a + b > 0).sum())
    return Support(
        n=everyone,
        n_identifying=int(compared.sum() + reference.sum()),
        cells_identifying=informative,
        n_treated=int(compared.sum()),
        clusters_treated=len(a),
        clusters_comparison=len(a),
        persons=everyone,
        smallest_cell=int(min(parts, default=0)),
        residual_df=max(everyone - len(a) - 1, 0),
    )
