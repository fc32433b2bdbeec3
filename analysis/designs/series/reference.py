"""What the statistic of a series is held against: its own distribution, simulated with points that
resemble each other as much as these could.

Newey and West's errors are too small in a short series, even held against their distribution under
independent errors: with 44 months and 8 coefficients a step that is none is found in 5 in 100 at a
correlation of 0 between neighbours, in 8 to 10 at 0.4, in 11 to 15 at 0.6. The correlation of
residuals cannot simply be put in: the fit takes most of it away (with this model 0.14 is left of
0.4), as Turner and others (2021) found for every method. So it is turned round by simulation, for
this design: `likeness` is the correlation at which LOW of draws have residuals that resemble each
other less than these do, the upper end of an interval and not its middle (Andrews 1993), since an
estimate from few points is as often too low as too high. The statistic is simulated at it. LOW is
chosen by size, among a half, a quarter and a sixth: with a half a step that is none is found in 6
to 7 in 100 at 0.4, with a quarter in 4 to 6 up to 0.6, with a sixth in 3 to 5, for wider intervals.

First-order autoregression by the time between points, normal errors. A negative correlation is
taken for none, since intervals would become narrower by it.

Sources: Kiefer and Vogelsang 2005 (fixed-b); Andrews 1993, Exactly median-unbiased estimation of
first order autoregressive models; Turner and others 2021, BMC Medical Research Methodology 21, 181.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from analysis.inference.randomisation import seed_for

NAME = "interrupted_series"
DRAWS = 9_999
DRAWS_OF_LIKENESS = 1_999  # for each correlation of GRID
GRID = np.arange(10) / 10  # correlations of neighbours; above 0.9 no series of this length tells
FINE = 0.05  # what is simulated at one correlation serves its neighbours
LOW = 0.25  # of draws (chosen by size, see above)


@dataclass(frozen=True)
class Points:
    """The rows of a design (weighted, where the model has weights) and how far apart they stand.

    Bytes, so that what is simulated for them is kept. spacing: in the smallest distance between
    two points. lags: of Newey and West.
    """

    design: bytes
    columns: int
    spacing: bytes
    lags: int

    @classmethod
    def of(cls, design: np.ndarray, time: np.ndarray, lags: int) -> "Points":
        apart = np.diff(time)
        spacing = (apart / apart.min()).astype(float)
        return cls(design.astype(float).tobytes(), design.shape[1], spacing.tobytes(), lags)

    @property
    def rows(self) -> np.ndarray:
        return np.frombuffer(self.design).reshape(-1, self.columns)

    def noise(self, draws: int, memory: float, *words: str) -> np.ndarray:
        """Normal errors, a row a draw: `memory` is the correlation of points at distance 1."""
        spacing = np.frombuffer(self.spacing)
        rng = np.random.default_rng(seed_for(NAME, str(len(spacing) + 1), *words))
        shocks = rng.standard_normal((draws, len(spacing) + 1))
        kept = memory**spacing
        for at, part in enumerate(kept if memory else (), start=1):
            shocks[:, at] = part * shocks[:, at - 1] + np.sqrt(1 - part**2) * shocks[:, at]
        return shocks

    def left_over(self, noise: np.ndarray) -> np.ndarray:
        """Residuals of least squares on the rows."""
        x = self.rows
        return noise - (noise @ x) @ np.linalg.inv(x.T @ x) @ x.T

    def resemblance(self, residuals: np.ndarray) -> np.ndarray:
        """Correlation of residuals at distance 1, for each row."""
        next_to = np.frombuffer(self.spacing) == 1
        products = (residuals[:, 1:] * residuals[:, :-1])[:, next_to]
        return products.sum(axis=1) / (residuals**2).sum(axis=1)

    def likeness(self, residuals: np.ndarray) -> float:
        """The largest correlation of neighbours (0 to 0.9, to the next 0.05) that these residuals
        leave open."""
        found = float(self.resemblance(residuals[None, :])[0])
        return round(round(float(np.interp(found, lowest_of(self), GRID)) / FINE) * FINE, 2)


@lru_cache(maxsize=64)
def lowest_of(points: Points) -> np.ndarray:
    """For each correlation of GRID, below which resemblance of residuals LOW of draws lie."""
    found = []
    for memory in GRID:
        left = points.left_over(points.noise(DRAWS_OF_LIKENESS, float(memory), "likeness"))
        found.append(np.quantile(points.resemblance(left), LOW))
    return np.maximum.accumulate(found)


def reference_of(points: Points, at: int, memory: float) -> np.ndarray:
    """Absolute statistics of the coefficient at place `at` where it is nil, in order: the larger of
    those without correlation and at `memory`. With few rows for their columns the statistic is
    smaller where neighbours correlate, and intervals would become narrower by it."""
    return np.maximum(simulated(points, at, 0.0), simulated(points, at, memory))


@lru_cache(maxsize=128)
def simulated(points: Points, at: int, memory: float) -> np.ndarray:
    """DRAWS absolute statistics of the coefficient at place `at` where it is nil and neighbours
    correlate at `memory`, in order."""
    x, n = points.rows, len(points.rows)
    weight = x @ np.linalg.inv(x.T @ x)[:, at]
    noise = points.noise(DRAWS, memory, str(points.columns), str(at))
    value, moment = noise @ weight, points.left_over(noise) * weight
    variance = (moment**2).sum(axis=1)
    for lag in range(1, points.lags + 1):
        bartlett = 1 - lag / (points.lags + 1)
        variance += 2 * bartlett * (moment[:, lag:] * moment[:, :-lag]).sum(axis=1)
    return np.sort(np.abs(value) / np.sqrt(variance * n / (n - points.columns)))
