"""A relative rate index followed over rounds: whether the newest round is news, and how long a
verdict has held.

A Shewhart chart (Shewhart 1931) of log relative rate indices, each with its own standard error.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

FEWEST_ROUNDS = 5  # fewer rounds show no level to compare with
ROUNDS_FOR_SPREAD = (
    8  # rounds, the newest among them, from which variation between rounds is estimated
)
# rounds in a row on one side of the centre line: Western Electric 1956, rule 4 (Nelson 1984 takes
# 9)
RUN = 8
_Z_95, _Z_99_8 = (float(stats.norm.isf(tail)) for tail in (0.025, 0.001))


@dataclass(frozen=True)
class ChartRound:
    """One round on the chart, in the unit of the series (logs: exp gives times).

    z: distance from the centre line in its standard errors with tau^2. outside_95, outside_99_8:
    beyond those limits.
    run: this round and the seven before it lie on the same side of the centre line.
    """

    value: float
    z: float
    low_95: float
    high_95: float
    low_99_8: float
    high_99_8: float
    outside_95: bool
    outside_99_8: bool
    run: bool


@dataclass(frozen=True)
class ControlChart:
    """Centre line, its standard error, and the rounds, oldest first (None: not estimable in that
    round).

    tau_squared: variance between rounds beyond their standard errors, added to these; None: too few
    rounds to tell, and limits are then those of chance alone. centre_rounds: how many rounds the
    centre line is made of.
    """

    centre: float
    centre_error: float
    tau_squared: float | None
    centre_rounds: int
    rounds: tuple[ChartRound | None, ...]


@dataclass(frozen=True)
class Persistence:
    """How long the newest verdict has held: in `same` of the last `of` rounds, and in `unbroken`
    rounds running.

    All count the newest round; `unbroken` looks at the whole series and so may exceed `of`.
    """

    same: int
    of: int
    unbroken: int


def control_chart(
    values: np.ndarray, std_errors: np.ndarray, *, baseline: int | None = None
) -> ControlChart | None:
    """Control limits for a series of log relative rate indices, oldest first. None: fewer than five
    rounds.

    Centre line: mean of the first `baseline` rounds (None: of all before the newest, so that the
    newest does not hide in a line of its own making), weighted by the inverse of (standard error
    squared + tau^2). Limits: centre -/+ 1.96 and 3.09 times the root of the same sum; tau^2 by
    moments from the rounds of the centre line, seven or more (eight with the newest). Neither the
    error of the centre line nor that of tau^2 is in the limits: a newest round in which nothing
    changed lies beyond the 99.8 limits in about 7 of 1000 series of five rounds and in 2 to 3 long
    ones; where rounds vary beyond their errors, in 17 of 1000 series of eight rounds and in 8 of
    twenty. A slow drift of the earlier rounds goes into tau^2; the run rule looks for it. A round
    without value is None and ends a run.
    """
    values, errors = np.asarray(values, dtype=float), np.asarray(std_errors, dtype=float)
    if values.shape != errors.shape or values.ndim != 1:
        raise ValueError("one value and one standard error a round")
    if baseline is not None and baseline < 1:
        raise ValueError("the baseline is a number of rounds")
    known = np.flatnonzero(np.isfinite(values) & np.isfinite(errors) & (errors > 0))
    if len(known) < FEWEST_ROUNDS:
        return None
    used = known[known < baseline] if baseline is not None else known[:-1]
    if not len(used):
        return None
    weights = 1 / errors[used] ** 2
    tau_squared = _tau_squared(values[used], errors[used])
    if tau_squared:
        weights = 1 / (errors[used] ** 2 + tau_squared)
    centre, centre_error = (
        float(weights @ values[used] / weights.sum()),
        float(weights.sum() ** -0.5),
    )
    spreads = np.sqrt(errors**2 + (tau_squared or 0.0))
    runs = _in_run(values, known, centre)
    rounds: list[ChartRound | None] = [None] * len(values)
    for i in known.tolist():
        rounds[i] = _round(float(values[i]), centre, float(spreads[i]), bool(runs[i]))
    return ControlChart(centre, centre_error, tau_squared, len(used), tuple(rounds))


def persistent(verdicts: Sequence[str | None], *, last: int | None = None) -> Persistence | None:
    """How many of the `last` rounds (None: of all) have the verdict of the newest, oldest first.

    A round without verdict (None) counts in `of` and agrees with nothing. None: no rounds, or no
    newest verdict.
    """
    if last is not None and last < 1:
        raise ValueError("`last` is a number of rounds")
    if not verdicts or verdicts[-1] is None:
        return None
    window = verdicts[-last:] if last else verdicts
    agrees = [verdict == verdicts[-1] for verdict in reversed(verdicts)]
    unbroken = agrees.index(False) if False in agrees else len(agrees)
    return Persistence(sum(agrees[: len(window)]), len(window), unbroken)


def _tau_squared(values: np.ndarray, errors: np.ndarray) -> float | None:
    """DerSimonian and Laird 1986; by hand, since statsmodels takes roots of negative numbers on the
    way (0.15)."""
    if len(values) + 1 < ROUNDS_FOR_SPREAD:
        return None
    weights = 1 / errors**2
    squares = weights @ (values - weights @ values / weights.sum()) ** 2
    spread = weights.sum() - weights @ weights / weights.sum()
    return max(float((squares - (len(values) - 1)) / spread), 0.0)


def _in_run(values: np.ndarray, known: np.ndarray, centre: float) -> np.ndarray:
    """Whether a round ends eight or more in a row on one side; on the centre line is on neither
    side."""
    sides = np.zeros(len(values))
    sides[known] = np.sign(values[known] - centre)
    length, lengths = 0, []
    for before, side in zip([0.0, *sides[:-1]], sides, strict=True):
        length = 0 if not side else length + 1 if side == before else 1
        lengths.append(length)
    return np.array(lengths) >= RUN


def _round(value: float, centre: float, spread: float, run: bool) -> ChartRound:
    z = (value - centre) / spread
    wide, widest = _Z_95 * spread, _Z_99_8 * spread
    limits = (centre - wide, centre + wide, centre - widest, centre + widest)
    return ChartRound(value, z, *limits, abs(z) > _Z_95, abs(z) > _Z_99_8, run)
