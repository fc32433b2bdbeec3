"""A planted trap: courts that start because they are bad, as a panel of court and month.

Planted: each court has a level of its own for good, and spells that fade (an autoregression); the
courts of a region with the worst months before a start are chosen for it, by the figures, by the
truth behind them, or by lot. A naive method sees them get better afterwards whether or not the
programme did anything.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

RATE = 0.20  # share with the outcome, custody say


@dataclass(frozen=True)
class Spells:
    """What is planted, in shares (0 to 1) and months. memory: what is left of a spell a month
    later; looked_at: months before a start by which courts are chosen; effect: added from the start
    on."""

    regions: int = 9
    courts: int = 6  # in each region
    chosen: int = 2  # of them
    months: int = 36
    starts: tuple[int, ...] = (16, 19, 22, 25)  # the first month is 1
    level_spread: float = 0.015
    spell_spread: float = 0.02
    memory: float = 0.8
    month_spread: float = 0.01  # of a region, shared by its courts
    people: tuple[int, int] = (60, 116)  # a court and month
    looked_at: int = 3
    by: Literal["figures", "truth", "lot"] = "figures"
    effect: float = 0.0


def courts_by_need(rng: np.random.Generator, planted: Spells) -> pd.DataFrame:
    """One row a court and month: court_id, region, month, start (missing: never), weight (people)
    and custody (share)."""
    n, months = planted.regions * planted.courts, planted.months
    region, people = (
        np.repeat(np.arange(planted.regions), planted.courts),
        rng.integers(*planted.people, n),
    )
    shock = rng.normal(size=(planted.regions, months))[region] * planted.month_spread
    truth = RATE + rng.normal(size=(n, 1)) * planted.level_spread + spells(rng, planted, n) + shock
    error = np.sqrt(RATE * (1 - RATE) / people)[:, None]
    figures = truth + rng.normal(size=(n, months)) * error
    looked_at = {"figures": figures, "truth": truth, "lot": rng.normal(size=(n, months))}[
        planted.by
    ]
    start = worst_first(rng, looked_at, region, planted)
    figures = figures + planted.effect * (np.arange(1, months + 1) >= start[:, None])
    return pd.DataFrame(
        {
            "court_id": np.repeat(np.arange(n), months),
            "region": np.repeat(region, months),
            "month": np.tile(np.arange(1, months + 1), n),
            "start": np.repeat(start, months),
            "weight": np.repeat(people.astype(float), months),
            "custody": figures.ravel(),
        }
    )


def spells(rng: np.random.Generator, planted: Spells, courts: int) -> np.ndarray:
    """Spells of each court (courts x months) that keep their spread and fade by their memory."""
    draws = rng.normal(size=(courts, planted.months)) * planted.spell_spread
    found = draws.copy()
    for month in range(1, planted.months):
        fresh = np.sqrt(1 - planted.memory**2) * draws[:, month]
        found[:, month] = planted.memory * found[:, month - 1] + fresh
    return found


def worst_first(
    rng: np.random.Generator, looked_at: np.ndarray, region: np.ndarray, planted: Spells
) -> np.ndarray:
    """Month of the start of each court (NaN: never): for each start the worst court of its region
    in the months before."""
    start = np.full(len(region), np.nan)
    for code in np.unique(region):
        for month in np.sort(rng.choice(planted.starts, planted.chosen)):
            free = np.flatnonzero((region == code) & np.isnan(start))
            before = looked_at[free, max(month - 1 - planted.looked_at, 0) : month - 1].mean(axis=1)
            start[free[np.argmax(before)]] = month
    return start
