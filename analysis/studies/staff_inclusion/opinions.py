"""Second opinions on an outcome: naive comparisons, each site alike from the one wave before its
start, weights for those who did not answer, and what these could hide."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from analysis.designs.rollouts.answers import (
    WeightedAnswers,
    answered_like_asked,
    of_cells,
    wave_means,
    worst_case,
)
from analysis.designs.rollouts.block_rollout import StartLot, block_effect
from analysis.inference.columns import BlockColumns, Quantity
from analysis.inference.randomisation import seed_for
from analysis.plans.plan import Outcome
from analysis.record.row import Row
from analysis.results import EVERYONE, Estimate, Fact, NotEstimable, Result, Support, What
from analysis.studies.staff_inclusion.kind import (
    ASKED_OR_NOT,
    BEFORE_AFTER,
    EFFECT,
    WEIGHTED,
    WORST,
)

if TYPE_CHECKING:
    from analysis.studies.staff_inclusion.study import InclusionStudy

SITE, WAVE, SECOND = "site_id", "wave", "second_opinion"
SMALLEST_SITES = 3  # on a side, for a spread between them


def of_outcome(study: "InclusionStudy", outcome: Outcome) -> Iterator[Row]:
    """Rows of all sites together."""
    asked = study.asked_in(outcome)
    answers = asked[asked[outcome.id].notna()]
    everything = np.ones(len(answers), dtype=bool)
    found: list[Result] = [_each_site_alike(study, outcome, asked)]
    if outcome.survey and outcome.role == "primary":
        found.append(weighted(study, outcome).result)
    found.append(_before_after(study, outcome, answers))
    for result in found:
        told = study.with_people(result, answers, outcome, everything)
        yield study.row(outcome, EVERYONE, told, note=SECOND)
    yield _asked_or_not(study, outcome)
    if outcome.survey:
        yield from _bounds(study, outcome, asked)


def _each_site_alike(study: "InclusionStudy", outcome: Outcome, asked: pd.DataFrame) -> Result:
    columns = study.columns(outcome)
    cells = wave_means(asked, columns)
    own = of_cells(columns)
    block = BlockColumns(
        unit=own.unit,
        period=own.period,
        first_treated=own.first_treated,
        block=own.block,
        outcome=own.outcome,
        scale=own.scale,
    )
    name = "group_time_permutation"
    seed = seed_for(study.plan.study, study.place, outcome.id, name)
    lot = StartLot(seed=seed, randomised=study.plan.comparison.how_chosen == "by_lot")
    return block_effect(cells, block, Quantity(EFFECT, outcome.unit), lot, method=name).result


def weighted(study: "InclusionStudy", outcome: Outcome) -> WeightedAnswers:
    """The effect with inverse-response weights; worked out once."""
    if outcome.id not in study.weighted:
        seed = seed_for(study.plan.study, study.place, outcome.id, WEIGHTED)
        what, asked = (EFFECT, WEIGHTED, outcome.unit), study.asked_in(outcome)
        found = answered_like_asked(asked, study.columns(outcome), what, seed=seed)
        study.weighted[outcome.id] = found
    return study.weighted[outcome.id]


def _bounds(study: "InclusionStudy", outcome: Outcome, asked: pd.DataFrame) -> Iterator[Row]:
    ends = outcome.scale or (0.0, 1.0)
    found = worst_case(asked, study.columns(outcome), ends=ends)
    if found is not None:
        row = study.row(outcome, EVERYONE, Fact(EFFECT, WORST, outcome.unit))
        yield row.bounded(found.low, found.high)


# -- naive -----------------------------------------------------------------------------------------
def _before_after(study: "InclusionStudy", outcome: Outcome, answers: pd.DataFrame) -> Result:
    """Each site that started: its mean after the start less that before it."""
    what = (BEFORE_AFTER, "paired_sites", outcome.unit)
    means = answers.groupby([SITE, "started"])[outcome.id].mean().unstack()
    if not {0.0, 1.0} <= set(means.columns):
        return NotEstimable(*what, "no_comparison", Support())
    change = (means[1.0] - means[0.0]).dropna().to_numpy() * study.columns(outcome).scale
    return _of_spread(what, change)


def _of_spread(what: What, values: np.ndarray) -> Result:
    n = len(values)
    support = Support(clusters_treated=n)
    if n < SMALLEST_SITES or np.ptp(values) == 0:
        return NotEstimable(*what, "too_few_sites", support)
    found = stats.ttest_1samp(values, 0.0)
    low, high = found.confidence_interval()
    error = float(values.std(ddof=1) / np.sqrt(n))
    own = (float(values.mean()), float(low), float(high), error, float(found.pvalue))
    return Estimate(*what, *own, float(n - 1), support=support)


def _asked_or_not(study: "InclusionStudy", outcome: Outcome) -> Row:
    """Means of sites in the last wave: those that started less those that never asked."""
    what = (ASKED_OR_NOT, "two_kinds_of_sites", outcome.unit)
    rows = study.everyone[study.everyone[WAVE] == study.waves]
    started = (rows["excluded"] == "") & (rows["first_wave"] <= study.waves)
    rows = rows.assign(started=started * 1.0)[started | (rows["excluded"] == "did_not_ask")]
    rows = rows[rows[outcome.id].notna()]
    means = rows.groupby(SITE).agg(value=(outcome.id, "mean"), started=("started", "first"))
    sides = [means.loc[means["started"] == side, "value"].to_numpy() for side in (1.0, 0.0)]
    result: Result = NotEstimable(*what, "too_few_sites", Support())
    if min(map(len, sides)) >= SMALLEST_SITES:
        scale = study.columns(outcome).scale
        found = stats.ttest_ind(*(scale * side for side in sides), equal_var=False)
        low, high = found.confidence_interval()
        value = scale * float(sides[0].mean() - sides[1].mean())
        support = Support(clusters_treated=len(sides[0]), clusters_comparison=len(sides[1]))
        own = (value, float(low), float(high), None, float(found.pvalue), float(found.df))
        result = Estimate(*what, *own, support=support)
    told = study.with_people(result, rows, outcome, np.ones(len(rows), dtype=bool))
    return study.row(outcome, EVERYONE, told, note=SECOND)
