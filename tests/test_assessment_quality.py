"""The study of the help text on the synthetic nation: the planted step, the instrument that looks
like an improvement, and what the page says of both."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from analysis.designs.series.interrupted import interrupted_series
from analysis.designs.series.repeated import TOUCHED, series_of, support_of
from analysis.errors import PlanError
from analysis.extracts.tables.pilots.assessment_tables import ITEMS, NEW, OLD
from analysis.inference.columns import Quantity, RepeatedColumns, SeriesColumns
from analysis.judgement.claims import claim
from analysis.paths import PARAMS
from analysis.plans.kinds import kind_of
from analysis.plans.plan import Comparison, Event
from analysis.plans.registry import load_plan, read_plan
from analysis.results import EVERYONE, Estimate, NotEstimable
from analysis.studies.repeated_audits.opening import open_audits
from analysis.studies.repeated_audits.ratings import Twice
from analysis.studies.repeated_audits.rounds import Rounds
from analysis.synthetic.assessments import assessments as made
from analysis.synthetic.nation import make_region
from analysis.synthetic.planted import load_planted
from analysis.vocabulary.regions import ALL

PLAN = load_plan("assessment_quality")
LEADING = PLAN.outcome(PLAN.leading)
PLACES = tuple(load_planted().regions)


def made_with(**planted) -> dict[str, pd.DataFrame]:
    """The tables of all regions, with other values planted."""
    truth = load_planted()
    own = truth.assessments.model_copy(update=planted)
    truth = truth.model_copy(update={"assessments": own})
    names = ("audited_assessments", "second_ratings", "bridging_ratings")
    found = []
    for i, region in enumerate(PLACES):
        rng = {name: np.random.default_rng([11, i, k]) for k, name in enumerate(names)}
        found.append(made.make_assessments(rng, truth, region, part=1.0))
    return {name: pd.concat([one[name] for one in found], ignore_index=True) for name in found[0]}


@cache
def nation():
    parts = [make_region(region, service="assessments") for region in PLACES]
    tables = {name: pd.concat([one[name] for one in parts]) for name in parts[0]}
    tables = {name: table.reset_index(drop=True) for name, table in tables.items()}
    return opened(tables)


def opened(tables: dict[str, pd.DataFrame], plan=PLAN, place: str = ALL):
    return open_audits(plan, place, tables, hidden=frozenset())[0]


def rows_of(study, estimand: str, method: str, group: str = EVERYONE):
    rows = study.outcome_rows(PLAN.leading)
    return [r for r in rows if (r.estimand, r.method, r.group) == (estimand, method, group)]


def check_of(study, name: str):
    return next(check for check in study.checks if check.id == name)


def test_the_step_is_held_and_the_naive_mean_is_not_it():
    study = nation()
    (main,) = rows_of(study, "step", "difference_series")
    (naive,) = rows_of(study, "naive_difference", "crude_means")
    assert main.conf_low <= made.TRUE_STEP <= main.conf_high
    assert main.conf_low > 0
    assert naive.conf_low > made.TRUE_STEP  # it holds the trend as well, and seems sure of it
    assert (main.support.clusters_comparison, main.support.clusters_treated) == (15, 26)


def test_without_any_effect_no_step_is_found():
    none = dict.fromkeys(PLACES, 0.0)
    groups = dict.fromkeys(load_planted().assessments.help_text_group, 0.0)
    study = opened(made_with(help_text=none, help_text_group=groups))
    (main,) = rows_of(study, "step", "difference_series")
    (naive,) = rows_of(study, "naive_difference", "crude_means")
    assert main.conf_low <= 0 <= main.conf_high
    assert naive.conf_low > 0


def test_july_2021_is_not_estimable_and_the_page_says_why():
    study = nation()
    found = study.instrument_change(LEADING)
    assert isinstance(found, NotEstimable)
    assert found.reason == "instrument_changed"
    check = check_of(study, "instrument_change")
    assert check.passed is None
    assert "nobody was rated with both" in check.text
    assert "better or worse" in check.text
    assert "5 July 2021" in check.text
    (row,) = rows_of(study, "instrument_change", "mean_equating")
    assert row.status == "not_estimable"


def test_read_as_one_series_the_instrument_looks_like_an_improvement():
    """The trap: with no refusal, a step of more than 10 in every 100 is found in July 2021."""
    study = nation()
    rows = study.everyone[study.everyone["round"] < study.rounds.start]
    points = series_of(rows, study.columns(LEADING))
    asked = SeriesColumns(time="time", outcome=TOUCHED)
    what = Quantity("step", "in_every_100")
    found = interrupted_series(points, asked, what, start=study.rounds.instrument)
    assert found.step.conf_low > 10


def test_with_a_bridging_sample_the_two_are_equated_and_the_page_says_so():
    """Nothing changed in July 2021 but the instrument: the equated step holds nil."""
    study = opened(made_with(bridging=30))
    found = study.instrument_change(LEADING)
    assert isinstance(found, Estimate)
    assert found.method == "mean_equating"
    assert found.conf_low <= 0 <= found.conf_high
    text = check_of(study, "instrument_change").text
    assert "equated by a bridging sample" in text
    assert "mean equating" in text
    assert len(study.bridge) == 30 * len(PLACES)


def test_by_month_seven_points_before_are_refused():
    """July 2021 to January 2022 are seven months: monthly audits could not answer."""
    study = nation()
    used = study.everyone[study.everyone["excluded"] == ""]
    month = used["round_from"].dt.year * 12 + used["round_from"].dt.month
    by_month = RepeatedColumns(point="month", outcome=PLAN.leading, beside="good_untouched")
    points = series_of(used.assign(month=month), by_month)
    asked = SeriesColumns(time="time", outcome="difference")
    what = Quantity("step", "in_every_100")
    # the round of 28 February is the first after the change, and is counted in its month
    found = interrupted_series(points, asked, what, start=2022 * 12 + 2)
    assert found.step.reason == "too_few_points"


def test_everything_common_to_the_items_is_taken_out():
    """A shock at that date in all items moves the single series and not the difference."""
    study = nation()
    everyone = study.everyone.copy()
    late = everyone["round"] >= study.rounds.start
    moved = everyone[late].sample(frac=0.15, random_state=1).index
    everyone.loc[moved, [PLAN.leading, "good_untouched"]] = 1.0
    shocked = replace(study, everyone=everyone)
    alone = [one.interrupted(LEADING, of=TOUCHED).step.value for one in (study, shocked)]
    beside = [one.interrupted(LEADING).step.value for one in (study, shocked)]
    assert alone[1] - alone[0] > 4
    assert abs(beside[1] - beside[0]) < 2.5


def test_the_sample_is_weighted():
    study = nation()
    rows = study.people(LEADING)
    points = series_of(rows, study.columns(LEADING)).set_index("time")
    one = rows[rows["round"] == 60]
    by_hand = 100 * np.average(one[PLAN.leading], weights=1 / one["sampling_share"])
    assert points.loc[60, TOUCHED] == pytest.approx(by_hand)
    plain = 100 * one[PLAN.leading].mean()
    assert points.loc[60, TOUCHED] != pytest.approx(plain)


def test_groups_and_the_difference_between_them():
    study = nation()
    white = rows_of(study, "group_effect", "difference_series", "White")[0]
    black = rows_of(study, "group_effect", "difference_series", "Black")[0]
    gap = rows_of(study, "gap_difference", "difference_series", "Black less White")[0]
    assert gap.value == pytest.approx(black.value - white.value, abs=1e-6)
    other = rows_of(study, "group_effect", "difference_series", "Other")[0]
    assert (other.status, other.reason) == ("not_estimable", "too_few_people")


def test_regions_show_their_own_figures_and_no_effect():
    tables = make_region("wales", service="assessments")
    study = opened(tables, place="wales")
    lead = study.outcome_rows(PLAN.leading)[0]
    assert lead.status == "described"
    assert {check.id for check in study.checks} == {"instrument_change"}
    assert study.n_in == study.n_used + sum(study.excluded.values())
    assert set(study.excluded) == {"old_instrument", "while_it_changed"}


def test_the_claim_is_a_link_since_auditors_read_the_help_text_too():
    """No assumption is named in the plan; with one, all checks passed, it would be likely."""
    ground, passed = PLAN.comparison.ground, [True] * 4
    assert PLAN.comparison.assumption is None
    assert claim(ground, passed, assumption_named=False, estimand="step") == "linked"
    assert claim(ground, passed, assumption_named=True, estimand="step") == "likely"
    checks = PLAN.checks_of(LEADING)
    assert {"untouched_still", "agreement"} <= set(checks)
    assert kind_of(PLAN).id == "repeated_audits"


@pytest.mark.parametrize(("noise", "passed"), [(0.4, True), (1.2, False)])
def test_auditors_who_disagree_lower_the_claim(noise, passed):
    own = load_planted().assessments.ratings.model_copy(update={"noise": noise})
    study = opened(made_with(ratings=own))
    check = check_of(study, "agreement")
    assert (check.passed, check.bears_on) == (passed, "claim")


def test_agreement_is_worked_out_item_by_item():
    twice = Twice(nation())
    found = [twice.coefficients(item) for item in ITEMS]
    assert all(isinstance(one, Estimate) for each in found for one in each.values())
    alpha, single = (
        [each[name].value for each in found]
        for name in ("Krippendorff alpha", "Intraclass correlation")
    )
    assert alpha == pytest.approx(single, abs=0.05)  # four even steps: ordinal is nearly numeric


def test_an_ordinal_model_tells_touched_items_from_the_others():
    """Odds of a higher rating, weighted, by item: the touched ones rise, the others do not."""
    from analysis.studies.repeated_audits.ratings import odds_of_step

    study = nation()
    odds = {item: odds_of_step(study, item)[0].value for item in ITEMS}
    touched, beside = [odds[i] for i in ITEMS[:3]], [odds[i] for i in ITEMS[3:]]
    assert min(touched) > max(beside)
    assert np.mean(touched) - np.mean(beside) > 0.25


def test_rounds_of_the_month_in_which_it_changed_are_left_out():
    study = nation()
    gone = study.everyone[study.everyone["excluded"] == "while_it_changed"]
    assert sorted(gone["round_from"].dt.date.astype(str).unique()) == ["2022-01-31", "2022-02-14"]
    rounds = Rounds.of(PLAN)
    assert (rounds.start, rounds.instrument) == (56, 39)
    assert str(rounds.day(rounds.start).date()) == "2022-02-28"
    new = study.everyone["instrument"] == NEW
    assert study.everyone.loc[new, "round"].min() == rounds.instrument
    assert (study.everyone.loc[~new, "instrument"] == OLD).all()


def test_events_stand_with_their_days():
    words = PLAN.comparison.rival_words
    assert "the unification of probation (26 June 2021)" in words
    assert any("COVID-19 (23 March 2020 to 24 February 2022)" in one for one in words)
    with pytest.raises(ValidationError, match="before `date`"):
        Event(kind="rival", date="2022-02-01", until="2022-01-01", text="a thing")
    asked = PLAN.comparison.model_dump()
    two = [*asked["events"], {"kind": "start", "date": "2022-03-01", "text": "again"}]
    with pytest.raises(ValidationError, match="at most"):
        Comparison.model_validate(asked | {"events": two})


def test_a_series_without_a_start_is_refused(tmp_path):
    own = (PARAMS / "pilots" / "assessment_quality.yml").read_text(encoding="utf-8")
    path = tmp_path / "assessment_quality.yml"
    path.write_text(own.replace("kind: start", "kind: rival"), encoding="utf-8")
    with pytest.raises(PlanError, match="needs an event of kind `start`"):
        read_plan(path)


def test_what_a_series_rests_on():
    cases = pd.DataFrame({"point": [0, 0, 1, 2, 2, 3], "y": [1.0, 0.0, 1.0, 0.0, 1.0, 1.0]})
    columns = RepeatedColumns(point="point", outcome="y")
    found = support_of(cases, columns, 2)
    assert (found.n, found.n_treated, found.smallest_cell) == (6, 3, 1)
    assert (found.clusters_comparison, found.clusters_treated) == (2, 2)
    with pytest.raises(ValueError, match="above 0"):
        series_of(cases.assign(w=0.0), replace(columns, weights="w"))
