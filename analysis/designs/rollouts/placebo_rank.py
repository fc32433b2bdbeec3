"""One treated unit, or few, against all others: the change that they show beside the change that
each other choice of as many units would show.

The estimate is the mean change of the treated units less that of the others. Its p-value is a rank:
the share of all choices of as many units whose difference is at least as large (a placebo test over
units, Abadie, Diamond and Hainmueller 2010; with several treated units Pitman's permutation test,
1937). It takes units as exchangeable. With n units of which one is treated, it is never below 1/n.

The interval is that of Donald and Lang (2007) over the changes of units: t with n - 2 degrees of
freedom; with one treated unit the others alone say how far changes scatter. It takes changes as
normal with one spread. Where the rank does not rule out nil, the interval is widened to hold it, so
that the two never contradict each other. With fewer than 20 choices no rank can be at most 0.05:
the estimate is then marked as not reliable, so that it is shown and sets no class.

Before and after alone takes a change that all units share for an effect (planted in the tests).
"""

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from analysis.inference.columns import ChangeColumns, Quantity
from analysis.inference.randomisation import seed_for
from analysis.results import Estimate, NotEstimable, Support
from analysis.said.numbers import tally
from analysis.said.texts import say

METHOD, ALPHA = "placebo_rank", 0.05
FEWEST_OTHERS = 5  # other units: fewer ranks say nothing
MOST_CHOICES, DRAWS = 20_000, 9_999  # every choice is looked at up to the first, else so many
CELLS = 8  # treated or not, before or after, with or without the event
TIE = 1e-9  # differences so close are one


@dataclass(frozen=True, eq=False)
class PlaceboRank:
    """placebos: the difference that each choice of units would show, in the unit of the outcome.
    rank: choices whose difference is at least as large as the own one, which is among them."""

    result: Estimate | NotEstimable
    placebos: np.ndarray
    rank: int

    @property
    def words(self) -> str:
        """The rank in words, and the smallest p-value that there could be."""
        n = len(self.placebos)
        if not n:
            return "the change could not be set beside that of others."
        return say(
            "of {n} possible choices of places, {rank} differ from the others by as much or more"
            " (the p-value is that share, at least 1 in {n}).",
            n=tally(n, "places"),
            rank=tally(self.rank, "places"),
        )


def unit_changes(frame: pd.DataFrame, columns: ChangeColumns, start) -> pd.Series:
    """Mean outcome from `start` on less the mean before, for each unit (times `scale`).

    Every row counts alike within its unit. A unit without rows on one of the sides is left out.
    """
    after = frame[columns.period] >= start
    means = frame.groupby([columns.unit, after])[columns.outcome].mean().unstack()
    means = means.reindex(columns=[False, True])
    return ((means[True] - means[False]) * columns.scale).dropna()


def placebo_rank(
    frame: pd.DataFrame, columns: ChangeColumns, what: Quantity, *, treated: tuple[str, ...], start
) -> PlaceboRank:
    """The change of the treated units set beside that of the others, from one row a person or case
    (see `unit_changes`), in `what.unit`."""
    changes = unit_changes(frame, columns, start)
    return rank_of(changes, treated, what, support=_support(frame, columns, treated, start))


def _support(
    frame: pd.DataFrame, columns: ChangeColumns, treated: tuple[str, ...], start
) -> Support:
    """What the comparison rests on. The smallest cell: treated or not, before or after, with or
    without the event."""
    own, after = frame[columns.unit].isin(treated), frame[columns.period] >= start
    cells = frame.groupby([own, after, frame[columns.outcome]]).size()
    units = frame[columns.unit].nunique()
    started = frame.loc[own, columns.unit].nunique()
    return Support(
        n=len(frame),
        n_identifying=len(frame),
        persons=len(frame),
        n_treated=int((own & after).sum()),
        clusters_treated=started,
        clusters_comparison=units - started,
        smallest_cell=int(cells.min()) if len(cells) == CELLS else 0,
        residual_df=len(frame) - 2 * units,  # a mean for each unit before and after
    )


def rank_of(
    changes: pd.Series, treated: tuple[str, ...], what: Quantity, *, support: Support | None = None
) -> PlaceboRank:
    """The change of the treated units set beside that of the others.

    `changes`: one a unit, in `what.unit`. NotEstimable where a treated unit has no change, or fewer
    than FEWEST_OTHERS others have one.
    """
    support = support or Support()
    own = changes.index.isin(treated)
    others = len(changes) - int(own.sum())
    missing = "incomplete_periods" if own.sum() < len(treated) else None
    reason = missing or ("too_few_sites" if others < FEWEST_OTHERS else None)
    if reason or not treated:
        empty = NotEstimable(what.estimand, METHOD, what.unit, reason or "no_comparison", support)
        return PlaceboRank(empty, np.array([]), 0)
    values = changes.to_numpy(dtype=float)
    value = float(values[own].mean() - values[~own].mean())
    placebos = _placebos(values, own)
    rank = int((np.abs(placebos) >= abs(value) - TIE).sum())
    p = rank / len(placebos)
    low, high, error = _interval(values, own, value)
    if p > ALPHA:
        low, high = min(low, 0.0), max(high, 0.0)
    found = Estimate(
        what.estimand,
        METHOD,
        what.unit,
        value,
        low,
        high,
        std_error=error,
        p_value=p,
        df=len(values) - 2,
        support=support,
        reliable=1 / len(placebos) <= ALPHA,
        reason=f"rank among {len(placebos):,} choices of units, smallest p-value"
        f" {1 / len(placebos):.2g}",
        allowed_for=("unit", "period"),
    )
    return PlaceboRank(found, placebos, rank)


def _placebos(values: np.ndarray, own: np.ndarray) -> np.ndarray:
    """The difference of every choice of as many units; of very many choices, that of the own one
    and of DRAWS drawn at random."""
    n, k = len(values), int(own.sum())
    if math.comb(n, k) <= MOST_CHOICES:
        chosen = [values[list(units)].sum() for units in combinations(range(n), k)]
    else:
        rng = np.random.default_rng(seed_for(METHOD, str(n), str(k)))
        drawn = (rng.permutation(values)[:k].sum() for _ in range(DRAWS))
        chosen = [values[own].sum(), *drawn]
    sums = np.array(chosen)
    return sums / k - (values.sum() - sums) / (n - k)


def _interval(values: np.ndarray, own: np.ndarray, value: float) -> tuple[float, float, float]:
    """Limits and standard error from the spread of changes between units, as in a two-sample t
    test."""
    sides = values[own], values[~own]
    df = len(values) - 2
    spread = sum(((side - side.mean()) ** 2).sum() for side in sides) / df
    error = float(np.sqrt(spread * sum(1 / len(side) for side in sides)))
    reach = float(stats.t.ppf(1 - ALPHA / 2, df)) * error
    return value - reach, value + reach, error
