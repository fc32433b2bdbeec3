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


def response_weights(asked: pd.DataFrame, columns: WaveColumns) -> np.ndarray:
    """Inverse share who answered of each person's cell, trimmed; 0 for who did not answer."""
    answered = asked[columns.outcome].notna().to_numpy()
    cell = combined_codes(asked, [columns.period, *columns.response])
    wave = pd.factorize(asked[columns.period])[0]
    own, whole = (_answered(codes, answered) for codes in (cell, wave))
    share = np.where(own[0][cell] >= SMALLEST_CELL, own[1][cell], whole[1][wave])
    weight = np.divide(1.0, share, out=np.zeros(len(share)), where=answered & (share > 0))
    if not answered.any():
        return weight
    return np.minimum(weight, np.quantile(weight[answered], TRIMMED_AT))


def _answered(codes: np.ndarray, answered: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each cell: how many answered, and their share of those asked."""
    n = np.bincount(codes, answered)
    return n, n / np.maximum(np.bincount(codes), 1)


def wave_means(asked: pd.DataFrame, columns: WaveColumns, weight: np.ndarray) -> pd.DataFrame:
    """One row a site and wave with answers: their mean by `weight`, which adds up in `weight`."""
    rows = asked[[columns.unit, columns.period, columns.first_treated, columns.block]]
    value = asked[columns.outcome].to_numpy(dtype=float)
    told = (weight > 0) & ~np.isnan(value)
    rows = rows.assign(weight=weight, value=np.nan_to_num(value) * weight)[told]
    keys = [columns.unit, columns.period]
    cells = rows.groupby(keys, as_index=False, observed=True, sort=True).agg(
        {columns.first_treated: "first", columns.block: "first", "weight": "sum", "value": "sum"}
    )
    return cells.assign(**{columns.outcome: cells["value"] / cells["weight"]})


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
    weight = response_weights(asked, columns)
    value = imputed_effect(wave_means(asked, columns, weight), of_cells(columns))
    told = weight[weight > 0]
    kish = float(told.sum() ** 2 / (told**2).sum()) if len(told) else 0.0
    largest = float(told.max() / told.mean()) if len(told) else 0.0
    seen = (len(told), kish, largest)
    sites = asked.groupby(columns.unit)[columns.first_treated].first()
    last = asked[columns.period].max()
    started = int((sites <= last).sum())
    support = Support(clusters_treated=started, clusters_comparison=len(sites) - started)
    if value is None or min(started, len(sites) - started) < SMALLEST_SITES:
        return WeightedAnswers(NotEstimable(*what, "too_few_sites", support), *seen)
    found = _drawn(asked, columns, seed)
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


def _drawn(asked: pd.DataFrame, columns: WaveColumns, seed: int) -> np.ndarray:
    """The effect in each draw: of each block one site fewer than there are of those that start, and
    of those that do not (Rao and Wu 1988: with few in a stratum as many would vary too little)."""
    random, last = np.random.default_rng(seed), asked[columns.period].max()
    rows = asked.reset_index(drop=True)
    places = {name: at.to_numpy() for name, at in rows.groupby(columns.unit).groups.items()}
    sites = rows.drop_duplicates(columns.unit)
    side = [sites[columns.block], sites[columns.first_treated] <= last]
    strata = [part.to_numpy() for _, part in sites[columns.unit].groupby(side)]
    found = []
    for _ in range(DRAWS):
        drawn = np.concatenate([random.choice(own, max(len(own) - 1, 1)) for own in strata])
        at = np.concatenate([places[name] for name in drawn])
        number = np.repeat(np.arange(len(drawn)), [len(places[name]) for name in drawn])
        again = rows.iloc[at].assign(**{columns.unit: number})
        weight = response_weights(again, columns)
        found.append(imputed_effect(wave_means(again, columns, weight), of_cells(columns)))
    return np.array([value for value in found if value is not None])


def worst_case(
    asked: pd.DataFrame, columns: WaveColumns, *, ends: tuple[float, float]
) -> Bounds | None:
    """Lowest and highest effect that those who did not answer could make (unit of the outcome times
    `scale`): all of them at one end of the scale where the programme had started, and at the other
    where it had not. Not an interval: chance comes on top."""
    value = asked[columns.outcome]
    started = asked[columns.period] >= asked[columns.first_treated].fillna(np.inf)
    everyone, found = np.ones(len(asked)), []
    for on, off in (ends, ends[::-1]):
        filled = value.fillna(pd.Series(np.where(started, on, off), index=asked.index))
        cells = wave_means(asked.assign(**{columns.outcome: filled}), columns, everyone)
        found.append(imputed_effect(cells, of_cells(columns)))
    if found[0] is None or found[1] is None:
        return None
    return Bounds(min(found[0], found[1]), max(found[0], found[1]))
