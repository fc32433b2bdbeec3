"""Courts chosen by need in the study of pre-sentence reports: what a nation of such courts may be
called."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.disclosure.attack.protection import NOTHING
from analysis.disclosure.suppression import LONGEST_LABEL
from analysis.extracts.frames.sentencing import Sentencing
from analysis.inference.columns import WeightedColumns
from analysis.judgement.claims import claim
from analysis.plans.designs import CHECKS
from analysis.plans.kinds import designs
from analysis.plans.plan import Plan
from analysis.plans.registry import load_plan, parse_source
from analysis.results import Estimate
from analysis.study.opening import open_exact
from analysis.study.rollouts.need import NeedOf, periods
from analysis.study.rollouts.panels import PANEL
from analysis.synthetic.courts.chosen_by_need import Spells, spells

PLAN = load_plan("psr_quality")
CUSTODY = PLAN.outcome("custody")
GROUND = designs()["staggered_sites"].ground("by_need")
OF_AN_OUTCOME = [
    name for name in GROUND.checks if CHECKS[name].of == "outcome" and CHECKS[name].survey is None
]


@pytest.fixture(scope="module")
def nation():
    """Two outcomes, one by month and one by quarter."""
    outcomes = tuple(o for o in PLAN.outcomes if o.id in ("custody", "good_rating"))
    plan = PLAN.model_copy(update={"outcomes": outcomes})
    return open_exact(plan, "all", parse_source("synthetic"))[0]


def chosen_by_need(study, seed: int):
    """The study with sentences drawn anew: no effect, and at each start the court in the worst
    spell of those that the region has left is the one that starts."""
    rng, courts = np.random.default_rng([20261302, seed]), study.courts
    months = int(study.everyone["month"].max()) - int(study.everyone["month"].min()) + 1
    first = int(study.everyone["month"].min())
    own = (
        0.25
        + spells(rng, Spells(months=months, spell_spread=0.05), len(courts))
        + 0.01 * rng.normal(size=(len(courts), 1))
    )
    place = {}
    for _, region in courts.groupby("region"):
        free = list(courts.index.get_indexer(region.index))
        for index, row in region.sort_values("start").iterrows():
            start = months if pd.isna(row["start"]) else int(row["start"]) - first
            worst = max(
                free,
                key=lambda i: (
                    own[i, max(start - 3, 0) : start].mean() if start < months else rng.random()
                ),
            )
            place[courts.loc[index, "court_id"]] = worst
            free.remove(worst)
    cases = study.data.cases
    known = cases["court_id"].isin(place)
    month = (cases.loc[known, "month"] - first).astype(int).to_numpy()
    share = own[cases.loc[known, "court_id"].map(place).to_numpy(), month].clip(0, 1)
    cases.loc[known, "custody"] = (rng.random(known.sum()) < share).astype(float)
    data = Sentencing(cases, courts, study.data.audits, study.data.training)
    return type(study)(study.plan, study.place, data, hidden=NOTHING)


def custody_checks(study) -> dict[str, bool | None]:
    main, same = study.effect("custody"), study.same_level(CUSTODY)
    columns = WeightedColumns(**PANEL, outcome="custody", weight="weight", scale=100.0)
    own = NeedOf(study.panel("custody"), columns, CUSTODY, months=1, seen=3)
    return {check.id.removesuffix("_custody"): check.passed for check in own.checks(main, same, {})}


def test_every_outcome_has_every_check_under_its_own_id_and_says_whose_it_is(nation):
    checks = {check.id: check for check in nation.checks}
    assert len(nation.plan.compared) == 2
    for outcome in nation.plan.compared:
        assert {f"{name}_{outcome.id}" for name in OF_AN_OUTCOME} <= set(checks)
        for name in OF_AN_OUTCOME:
            text = checks[f"{name}_{outcome.id}"].text
            assert text.lower().startswith(outcome.noun.lower()) and text.endswith(".")
    longest = max(len(outcome.noun) for outcome in PLAN.compared) - min(
        len(o.noun) for o in nation.plan.compared
    )
    of_need = [c for c in nation.checks if not c.id.startswith("pre_trend")]
    assert all(
        len(check.text) + longest <= LONGEST_LABEL for check in of_need
    )  # a cell of the table of checks holds it


def test_the_months_of_need_are_left_out_of_the_leading_row_and_counted(nation):
    support = nation.effect("custody").support
    left_out = dict(support.left_out)
    people = nation.people("custody")
    before = people["start"] - people["month"]
    assert left_out["need_seen_then"] == int(before.between(1, 3).sum()) > 0
    assert support.n + sum(left_out.values()) == len(people)


@pytest.mark.simulation
def test_where_nothing_is_planted_and_courts_start_in_a_bad_spell_no_nation_reads_likely(nation):
    """The base of three months calls most of them a fall; the page may not."""
    naive = 0
    for seed in range(3):
        study = chosen_by_need(nation, seed)
        shown = study.based("custody", 3, "group_time_permutation")
        naive += isinstance(shown, Estimate) and shown.conf_high < 0
        ran = dict.fromkeys(GROUND.checks, True) | custody_checks(
            study
        )  # even where nothing else objects
        assert (
            claim(GROUND, ran.values(), assumption_named=True, estimand="average_effect")
            == "linked"
        )
    assert naive >= 2


@pytest.mark.parametrize("how", ["by_choice", "by_lot"])
def test_every_other_choice_makes_the_checks_that_its_design_names_and_leaves_no_month_out(
    nation, how
):
    plan = nation.plan.model_copy(
        update={"comparison": PLAN.comparison.model_copy(update={"how_chosen": how})}
    )
    study = replace(nation, plan=plan)
    assert "need_seen_then" not in dict(study.effect("custody").support.left_out)
    made = {check.id: check for check in study.need_checks()}
    named = {
        name
        for o in plan.compared
        for name, check in plan.checks_of(o).items()
        if check.id == "bases_agree"
    }
    assert set(made) == named and bool(named) == (how == "by_choice")
    assert all(check.passed is not None for check in made.values()), "it ran"


def test_months_of_need_belong_to_a_choice_by_need():
    given = PLAN.model_dump(by_alias=True, exclude_unset=True)
    assert Plan.model_validate(given).comparison.need_seen_months == 3
    given["comparison"] |= {"how_chosen": "by_choice"}
    with pytest.raises(ValueError, match="need_seen_months"):
        Plan.model_validate(given)


@pytest.mark.parametrize(
    ("months", "length", "found"),
    [(3, 1, 3), (3, 3, 1), (4, 3, 2), (1, 3, 1), (0, 3, 0), (12, 3, 4)],
)
def test_a_part_of_a_period_counts_whole(months, length, found):
    assert periods(months, length) == found
