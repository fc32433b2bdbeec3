"""How much of an effect goes along with a mediator that was measured after the exposure and before
the outcome. Exploratory always: nobody drew the mediator by lot.

Linear models with an effect of each unit and of each block x period (Imai, Keele and Yamamoto
2010): the part through the mediator is a x b, a: of the exposure on the mediator, b: of the
mediator on the outcome with the exposure held alike. Intervals by resampling units within their
block, those that start and others apart. The second assumption, that nothing unrecorded moves
mediator and outcome together, cannot be tested: `rho_nil` is the correlation of what moves them at
which the part would be nil (their theorem 4), `rho_interval` the nearest to 0 at which its interval
holds nil.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.inference.coding import numbers, zero_one

DRAWS = 500
GRID = np.linspace(-0.95, 0.95, 191)
FEWEST = 3  # units that start, in all
EMPTY = 1e-12


@dataclass(frozen=True, kw_only=True)
class MediationColumns:
    """One row a unit and period: the exposure and the mediator of the period before, the outcome of
    this one. ever: 1 of units that start in the data."""

    unit: str
    block: str
    period: str
    ever: str
    exposure: str
    mediator: str
    outcome: str


@dataclass(frozen=True)
class Mediated:
    """In the outcome's unit. through: the part through the mediator, with both ends of its 95 %
    interval; direct: the rest. rho_nil, rho_interval: correlations (see above); rho_interval is 0
    where the interval holds nil as it stands. cells: rows used."""

    through: float
    low: float
    high: float
    direct: float
    rho_nil: float
    rho_interval: float
    cells: int
    units: int


def mediated(
    frame: pd.DataFrame, columns: MediationColumns, *, seed: int, draws: int = DRAWS
) -> Mediated | None:
    """The part of an effect that goes along with a mediator. None: too few units that start, or
    nothing varies."""
    names = (columns.exposure, columns.mediator, columns.outcome)
    for name in (columns.exposure, columns.ever):
        zero_one(frame[name], name)
    rows = frame.dropna(subset=list(names))
    blocks = [_Block.of(own, columns) for _, own in rows.groupby(columns.block)]
    if sum(int(block.ever.sum()) for block in blocks) < FEWEST:
        return None
    fit = _fit(np.concatenate([block.within(np.arange(len(block.ever))) for block in blocks]))
    if fit is None:
        return None
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(draws):
        resampled = np.concatenate([block.within(block.drawn(rng)) for block in blocks])
        again = _fit(resampled)
        if again is not None:
            drawn.append(np.concatenate([[again.a * again.b], again.at(GRID)]))
    ends = np.quantile(np.array(drawn), [0.025, 0.975], axis=0)
    holds = (ends[0, 1:] <= 0) & (ends[1, 1:] >= 0)
    nearest = float(GRID[holds][np.argmin(np.abs(GRID[holds]))]) if holds.any() else np.nan
    as_it_is = ends[0, 0] <= 0 <= ends[1, 0]
    return Mediated(
        fit.a * fit.b,
        float(ends[0, 0]),
        float(ends[1, 0]),
        fit.direct,
        fit.rho_nil,
        0.0 if as_it_is else nearest,
        len(rows),
        sum(len(block.ever) for block in blocks),
    )


@dataclass(frozen=True)
class _Fit:
    a: float
    b: float
    direct: float
    rho_nil: float  # correlation of mediator and outcome, the exposure taken out of both
    spread: float  # of the outcome over that of the mediator, the exposure taken out of both

    def at(self, rho: np.ndarray) -> np.ndarray:
        """The part through the mediator at each correlation of what moves both."""
        left = np.sqrt((1 - self.rho_nil**2) / (1 - rho**2))
        return self.a * self.spread * (self.rho_nil - rho * left)


def _fit(within: np.ndarray) -> _Fit | None:
    """From exposure, mediator and outcome, unit and period taken out."""
    d, m, y = within.T
    total = float(d @ d)
    if total <= EMPTY:
        return None
    a, whole = float(d @ m) / total, float(d @ y) / total
    own, other = m - a * d, y - whole * d
    squares = float(own @ own), float(other @ other)
    if min(squares) <= EMPTY:
        return None
    b = float(own @ other) / squares[0]
    rho = float(own @ other) / np.sqrt(squares[0] * squares[1])
    return _Fit(a, b, whole - a * b, float(rho), float(np.sqrt(squares[1] / squares[0])))


@dataclass(frozen=True, eq=False)
class _Block:
    """values: exposure, mediator and outcome of each row; unit: number of its unit; ever: by
    unit."""

    values: np.ndarray
    unit: np.ndarray
    period: np.ndarray
    ever: np.ndarray

    @classmethod
    def of(cls, rows: pd.DataFrame, columns: MediationColumns) -> "_Block":
        names = (columns.exposure, columns.mediator, columns.outcome)
        values = np.column_stack([numbers(rows[name], name) for name in names])
        unit, units = pd.factorize(rows[columns.unit])
        first = np.zeros(len(units), dtype=int)
        first[unit[::-1]] = np.arange(len(unit))[::-1]
        ever = rows[columns.ever].to_numpy(dtype=bool)[first]
        return cls(values, unit, pd.factorize(rows[columns.period])[0], ever)

    def drawn(self, rng: np.random.Generator) -> np.ndarray:
        """Units drawn with replacement, as many that start and that do not as there are."""
        sides = [np.flatnonzero(side) for side in (self.ever, ~self.ever)]
        return np.concatenate([rng.choice(side, len(side)) for side in sides if len(side)])

    def within(self, units: np.ndarray) -> np.ndarray:
        """Rows of these units (each time that one stands there anew), the effects of unit and
        period taken out."""
        at = [np.flatnonzero(self.unit == unit) for unit in units]
        rows, again = np.concatenate(at), np.repeat(np.arange(len(at)), [len(own) for own in at])
        period = self.period[rows]
        dummies = np.concatenate(
            [again[:, None] == np.arange(len(at)), period[:, None] == np.unique(period)], axis=1
        ).astype(float)
        values = self.values[rows]
        return values - dummies @ np.linalg.lstsq(dummies, values, rcond=None)[0]
