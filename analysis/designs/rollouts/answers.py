"""Answers to repeated surveys in a roll-out: weights for those who did not answer, and what they
could hide.

Waves are repeated cross-sections: one row a person asked in a wave, and nobody is followed from one
to the next. Weights are those of adjustment cells (Little 1986): in each cell the inverse of the
share who answered, trimmed at a quantile (Cole and Hernan 2008). They are right where those who
answered in a cell are like those of the cell who did not; where the answer itself keeps people from
answering, only the worst-case bounds hold (Manski 1989).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.designs.cohorts.balance import combined_codes
from analysis.designs.rollouts.imputation import imputed_effect
from analysis.inference.coding import first_treated_period
from analysis.inference.columns import WaveColumns, WeightedColumns
from analysis.inference.missing import Bounds
from analysis.results import Estimate, NotEstimable, Support, What, allowing_for

TRIMMED_AT = 0.99  # quantile of the weights, Cole and Hernan 2008
SMALLEST_CELL = 5  # answers; a cell with fewer has the share of all who were asked in its wave
SMALLEST_SITES = 10  # on a side: the bootstrap of fewer is too narrow (METHODS section 0 rule 3)
DRAWS = 199
LARGEST_SHARE_FAILED = 0.05


@dataclass(frozen=True)
class WeightedAnswers:
    """result: the effect with inverse-response weights, its interval by a bootstrap of whole sites
    within blocks in which the weights are fitted anew. answers: how many there are; effective_n:
    how many answers alike would tell as much (Kish 1965). largest: the largest weight, once
    trimmed, as a multiple of their mean."""

    result: Estimate | NotEstimable
    answers: int
    effective_n: float
    largest: float


@dataclass(frozen=True, eq=False)
class AskedPeople:
    """Everyone asked, as whole numbers: answer (missing: none), cell of response, wave, and cell of
    site and wave; cells: a row each, with site, wave, first wave under the programme and block."""

    answer: np.ndarray
    response: np.ndarray
    wave: np.ndarray
    cell: np.ndarray
    cells: pd.DataFrame

    @classmethod
    def of(cls, asked: pd.DataFrame, columns: WaveColumns) -> "AskedPeople":
        """One row a person asked in a wave. ValueError where a site lies in two blocks."""
        start, period = columns.first_treated, columns.period
        first_treated_period(asked, first_treated=start, period=period)
        names = [columns.unit, columns.period, columns.first_treated, columns.block]
        if (asked.groupby(columns.unit)[columns.block].nunique() > 1).any():
            raise ValueError("a site lies in two blocks")
        cell = combined_codes(asked, names[:2])
        first = np.zeros(int(cell.max(initial=-1)) + 1, dtype=np.int64)
        first[cell[::-1]] = np.arange(len(cell))[::-1]
        return cls(
            asked[columns.outcome].to_numpy(dtype=float),
            combined_codes(asked, [columns.period, *columns.response]),
            pd.factorize(asked[columns.period])[0],
            cell,
            asked.iloc[first][names].reset_index(drop=True),
        )

    @property
    def answered(self) -> np.ndarray:
        return ~np.isnan(self.answer)

    def weights(self, times: np.ndarray | float = 1.0) -> np.ndarray:
        """Inverse share who answered of each person's cell, trimmed, times how often each counts;
        0 for who did not answer."""
        often = np.broadcast_to(np.asarray(times, dtype=float), self.answer.shape)
        own, whole = (self._share(codes, often) for codes in (self.response, self.wave))
        few = own[0][self.response] < SMALLEST_CELL
        share = np.where(few, whole[1][self.wave], own[1][self.response])
        told = self.answered & (share > 0) & (often > 0)
        weight = np.divide(1.0, share, out=np.zeros(len(share)), where=told)
        if not told.any():
            return weight
        return np.minimum(weight, np.quantile(weight[told], TRIMMED_AT)) * often

    def _share(self, codes: np.ndarray, often: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of each cell: how many answered, and their share of those asked."""
        n, every = np.bincount(codes, often * self.answered), np.bincount(codes, often)
        return n, np.divide(n, every, out=np.zeros_like(n), where=every > 0)

    def means(self, weight: np.ndarray, columns: WaveColumns) -> pd.DataFrame:
        """One row a site and wave with answers: their mean by `weight`, which adds up in
        `weight`."""
        told = np.where(self.answered, weight, 0.0)
        n = len(self.cells)
        whole = np.bincount(self.cell, told, n)
        value = np.bincount(self.cell, told * np.nan_to_num(self.answer), n)
        there = whole > 0
        mean = {"weight": whole[there], columns.outcome: value[there] / whole[there]}
        return self.cells[there].assign(**mean)


def wave_means(asked: pd.DataFrame, columns: WaveColumns) -> pd.DataFrame:
    """One row a site and wave with answers: their plain mean, and how many there are in
    `weight`."""
    people = AskedPeople.of(asked, columns)
    return people.means(np.ones(len(asked)), columns)


def of_cells(columns: WaveColumns) -> WeightedColumns:
    """The columns of `wave_means`, for a roll-out by imputation."""
    return WeightedColumns(
        unit=columns.unit,
        period=columns.period,
        first_treated=columns.first_treated,
        block=columns.block,
        outcome=columns.outcome,
        weight="weight",
        scale=columns.scale,
    )


def answered_like_asked(
    asked: pd.DataFrame, columns: WaveColumns, what: What, *, seed: int
) -> WeightedAnswers:
    """The effect with weights for those who did not answer. NotEstimable: fewer than ten sites on a
    side, or too few draws in which there is an effect."""
    people = AskedPeople.of(asked, columns)
    weight = people.weights()
    told = weight[weight > 0]
    kish = float(told.sum() ** 2 / (told**2).sum()) if len(told) else 0.0
    seen = (len(told), kish, float(told.max() / told.mean()) if len(told) else 0.0)
    sites = people.cells.drop_duplicates(columns.unit)
    last = people.cells[columns.period].max()
    started = int((sites[columns.first_treated] <= last).sum())
    support = Support(clusters_treated=started, clusters_comparison=len(sites) - started)
    value = imputed_effect(people.means(weight, columns), of_cells(columns))
    if value is None or min(started, len(sites) - started) < SMALLEST_SITES:
        return WeightedAnswers(NotEstimable(*what, "too_few_sites", support), *seen)
    found = _drawn(people, columns, seed)
    if len(found) < (1 - LARGEST_SHARE_FAILED) * DRAWS:
        return WeightedAnswers(NotEstimable(*what, "no_fit", support), *seen)
    low, high = (float(end) for end in np.quantile(found, [0.025, 0.975]))
    result = Estimate(
        *what,
        value,
        min(low, value),
        max(high, value),
        float(found.std(ddof=1)),
        support=support,
        seed=seed,
        reason="percentile bootstrap of sites within regions, weights fitted anew",
    )
    held = (columns.unit, columns.period, columns.block)
    return WeightedAnswers(allowing_for(result, *held), *seen)


def _drawn(people: AskedPeople, columns: WaveColumns, seed: int) -> np.ndarray:
    """The effect in each draw of sites: of each block one fewer than there are of those that start,
    and of those that do not (Rao and Wu 1988: with few in a stratum as many would vary too little).
    A site that is drawn twice counts twice, which is what a second one like it would do."""
    random, cells = np.random.default_rng(seed), people.cells
    site = pd.factorize(cells[columns.unit])[0]
    sites = cells.drop_duplicates(columns.unit).reset_index(drop=True)
    side = sites[columns.first_treated] <= cells[columns.period].max()
    strata = [own.to_numpy() for own in sites.groupby([sites[columns.block], side]).groups.values()]
    found = []
    for _ in range(DRAWS):
        drawn = [random.choice(own, max(len(own) - 1, 1)) for own in strata]
        times = np.bincount(np.concatenate(drawn), minlength=len(sites))[site][people.cell]
        weight = people.weights(times)
        found.append(imputed_effect(people.means(weight, columns), of_cells(columns)))
    return np.array([value for value in found if value is not None])


def worst_case(
    asked: pd.DataFrame, columns: WaveColumns, *, ends: tuple[float, float]
) -> Bounds | None:
    """Lowest and highest effect that those who did not answer could make (unit of the outcome times
    `scale`): all of them at one end of the scale where the programme had started, and at the other
    where it had not. Not an interval: chance comes on top."""
    start, period, value = columns.first_treated, columns.period, asked[columns.outcome]
    started = asked[period] >= first_treated_period(asked, first_treated=start, period=period)
    found = []
    for on, off in (ends, ends[::-1]):
        filled = value.fillna(pd.Series(np.where(started, on, off), index=asked.index))
        cells = wave_means(asked.assign(**{columns.outcome: filled}), columns)
        found.append(imputed_effect(cells, of_cells(columns)))
    if found[0] is None or found[1] is None:
        return None
    return Bounds(min(found[0], found[1]), max(found[0], found[1]))
