"""Months of a table, and how a measure moves over them in one region.

Planted: an effect from the start on in the regions that have the initiative. What a naive method
shows: regions grow apart, since some follow the common growth more than others; everywhere a step
comes with the start (a national campaign), and where an initiative went by need a dip comes before
it. So before and after takes the step, and the plain comparison with all others the own path, for
an effect (params/synthetic.yml, `initiatives`; tests/test_synthetic_initiatives.py).
"""

import numpy as np
import pandas as pd

from analysis.synthetic.initiatives.planted_initiatives import Initiative, Path
from analysis.synthetic.monitors.quarters import MISSING_KINDS
from analysis.synthetic.planted import GROUPS, MINORITIES, Planted
from analysis.synthetic.supervision.supervision import draw_rows, ethnicity_codes

DIP_MONTHS = 3  # before the start
STAYS = 0.5  # of what a region adds of its own, into the next month


def month_starts(table: Initiative) -> pd.DatetimeIndex:
    """First day of each month."""
    return pd.date_range(table.first_month, periods=table.months, freq="MS")


def since_start(table: Initiative) -> np.ndarray:
    """Months since the start, below 0 before it."""
    starts, begin = month_starts(table), pd.Timestamp(table.start)
    return np.asarray((starts.year - begin.year) * 12 + starts.month - begin.month)


def moved(
    rng: np.random.Generator, truth: Planted, table: Initiative, path: Path, region: str
) -> np.ndarray:
    """The measure of the reference group in each month, without what the initiative adds."""
    since = since_start(table)
    growth = path.a_year * np.arange(table.months) / 12
    shocks, own = rng.normal(0, path.shock, table.months), np.zeros(table.months)
    for month in range(table.months):
        before = own[month - 1] if month else 0.0
        own[month] = STAYS * before + np.sqrt(1 - STAYS**2) * shocks[month]
    dip = path.dip * (region in path.effect) * ((since < 0) & (since >= -DIP_MONTHS))
    step = path.step * (since >= 0)
    return path.level + truth.initiatives.follows[region] * growth + step - dip + own


def of_people(
    table: Initiative,
    path: Path,
    region: str,
    levels: np.ndarray,
    month: np.ndarray,
    group: np.ndarray,
) -> np.ndarray:
    """The measure of each person (number of their month and group), with what the initiative
    adds."""
    added = np.array([path.group.get(name, 0.0) for name in GROUPS])[group]
    reached = (group > 0) if path.minority else np.ones(len(group), dtype=bool)
    effect = path.effect.get(region, 0.0) * (since_start(table)[month] >= 0) * reached
    return levels[month] + added + effect


def happens(rng: np.random.Generator, share: np.ndarray) -> np.ndarray:
    """Whether it happened to each person."""
    return rng.random(len(share)) < np.clip(share, 0.005, 0.995)


def rows_by_month(
    rng: np.random.Generator, table: Initiative, part: float
) -> tuple[np.ndarray, np.ndarray]:
    """The number of the month of each row, and its day (within the month)."""
    n = max(round(table.rows * part), 3)
    month = np.repeat(np.arange(table.months), n)
    day = month_starts(table)[month] + pd.to_timedelta(rng.integers(0, 28, len(month)), unit="D")
    return month, np.asarray(day.astype("datetime64[us]"))


def groups_of(rng: np.random.Generator, shares: dict[str, float], n: int) -> np.ndarray:
    """The true group of each of n people (number in GROUPS), from shares of minority ethnic
    groups."""
    weights = np.array([1 - sum(shares.values()), *(shares[name] for name in MINORITIES)])
    return draw_rows(rng, np.tile(weights / weights.sum(), (n, 1)))


def recorded_ethnicity(
    rng: np.random.Generator, table: Initiative, group: np.ndarray, less: np.ndarray | float = 0.0
) -> np.ndarray:
    """The code that is recorded, missing not at random; `less`: taken off the share missing among
    minority ethnic people."""
    share = np.array([table.missing[name] for name in GROUPS])[group]
    missing = rng.random(len(group)) < np.maximum(share - np.where(group > 0, less, 0.0), 0.0)
    return ethnicity_codes(rng, group, missing, MISSING_KINDS)
