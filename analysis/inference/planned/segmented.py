"""An interrupted series: how far off the step at the start would be."""

import numpy as np


def step_error(before: int, after: int, spread: float, autocorrelation: float = 0.0) -> float:
    """Standard error of the step at the start, in the unit of `spread`: that of single points.

    Least squares on a level, a trend, a step and a change of trend, of errors that follow on each
    other (AR(1)). ValueError where a side has fewer than three points. Source: Wagner, Soumerai,
    Zhang and Ross-Degnan 2002; of dependent errors: Greene 2018, chapter 20.
    """
    if min(before, after) < 3:
        raise ValueError("a series has three points or more on either side")
    time = np.arange(before + after, dtype=float) - before
    started = (time >= 0).astype(float)
    x = np.column_stack([np.ones_like(time), time, started, started * time])
    errors = autocorrelation ** np.abs(time[:, None] - time[None, :])
    inverse = np.linalg.inv(x.T @ x)
    return spread * float(np.sqrt((inverse @ x.T @ errors @ x @ inverse)[2, 2]))
