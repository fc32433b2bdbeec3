"""The study of pre-sentence reports: what is planted is found, what the pilot selects is said, and
a region describes."""

import numpy as np
import pytest

from analysis.clearing.judged_rows import judged_rows
from analysis.disclosure.attack.protection import NOTHING
from analysis.disclosure.release import released_rows
from analysis.disclosure.rules import Clearance
from analysis.disclosure.suppression import LONGEST_LABEL
from analysis.disparity.decomposition import oaxaca_blinder
from analysis.extracts.frames.sentencing import Sentencing
from analysis.judgement.wording.figures_in_words import number
from analysis.judgement.wording.statements import size
from analysis.notebook import open_study
from analysis.plans.kinds import kind_of
from analysis.plans.registry import load_plan, parse_source
from analysis.record import store
from analysis.said.carried import read_out
from analysis.sections import rollouts
from analysis.sections.rollouts import LEFT_OUT_REASONS, flow_table
from analysis.studies.rollout import study as psr_quality
from analysis.studies.rollout.audits import DOMAINS, Audits
from analysis.study.opening import open_exact
from analysis.study.rollouts import effects, fair
from analysis.study.words import finding, slots
from analysis.synthetic.courts.courts import (
    SELECTION,
    planted_custody_effect,
    planted_report_effect,
)
from analysis.synthetic.planted import load_planted

PRIVATE = Clearance(public=False, clusters_are_people=False, hidden=NOTHING)

PLAN = load_plan("psr_quality")


@pytest.fixture(scope="module")
def nation():
    return open_exact(PLAN, "all", parse_source("synthetic"))[0]


@pytest.fixture(scope="module")
def wales():
    return open_study("psr_quality", "wales", "synthetic")


@pytest.fixture(scope="module")
def leads(nation):
    return {outcome.id: nation.effect(outcome.id) for outcome in PLAN.compared}


def test_every_case_is_used_or_excluded_by_reason(nation):
    assert nation.n_in == nation.n_used + sum(nation.excluded.values())


def test_custody_among_all_sentenced_is_what_is_planted(nation, leads):
    minority = nation.cases["ethnic_group"].isin(nation.minorities)
    share = minority[nation.cases["started"].astype(bool)].mean()
    truth = 100 * planted_custody_effect(load_planted().courts, minority_share=share)
    assert leads["custody"].conf_low <= truth <= leads["custody"].conf_high


@pytest.mark.parametrize("outcome", [outcome.id for outcome in PLAN.compared])
def test_levels_are_the_rates_seen_and_the_one_without_the_pilot_is_an_estimate(
    nation, leads, outcome
):
    """24.6 in every 100 was printed as counted among people sentenced without the pilot: 21.4
    were."""
    people, found = nation.used(outcome), leads[outcome]
    assert len(people) == found.support.n
    with_pilot = people["started"].astype(bool)
    for side, level in ((with_pilot, found.group_value), (~with_pilot, found.comparison_value)):
        rows = people[side]
        assert level == pytest.approx(
            100 * (rows[outcome] * rows["weight"]).sum() / rows["weight"].sum()
        )
    assert found.comparison_estimated == pytest.approx(found.group_value - found.value)
    if outcome == "custody":
        assert found.comparison_estimated - found.comparison_value > 2


def test_the_sentence_words_the_level_without_the_pilot_as_an_estimate(nation):
    row = next(row for row in nation.outcome_rows("custody") if row.method == kind_of(PLAN).method)
    said = size(
        finding(PLAN, row.with_(result_class="unreliable"), None),
        slots(PLAN, PLAN.outcome("custody"), "all"),
    )
    levels = (row.comparison_estimated, row.comparison_value)
    estimated, seen = (str(read_out(number(level, 1))) for level in levels)
    assert f"We estimate it would have been {estimated} in every 100 without the pilot" in said
    assert f"Observed among people sentenced without the pilot: {seen} in every 100" in said


def test_reports_on_adjournment_are_what_is_planted(leads):
    truth = 100 * planted_report_effect(load_planted().courts, "on_adjournment")
    assert leads["on_adjournment"].conf_low <= truth <= leads["on_adjournment"].conf_high
    assert leads["on_adjournment"].conf_low > 0


def test_what_is_found_among_reports_is_the_mix_and_is_marked_as_selected(leads):
    """Nothing is planted on proposals: their interval holds what the change of mix alone makes."""
    assert leads["proposal_followed"].conf_low <= SELECTION <= leads["proposal_followed"].conf_high
    selected = {outcome.id for outcome in PLAN.compared if outcome.selected_by_pilot}
    assert selected == {"proposal_followed", "good_rating"}


def test_the_raw_difference_hides_the_fall_in_custody(nation, leads):
    crude = next(row for row in nation.outcome_rows("custody") if row.method == "crude_means")
    assert crude.value > 0 > leads["custody"].value


def test_courts_of_the_same_level_stand_among_the_second_opinions(nation):
    row = next(row for row in nation.outcome_rows("custody") if row.method == "same_starting_level")
    assert row.note == "second_opinion" and row.status == "estimated" and row.n > 100_000


def test_a_region_has_rows_for_every_outcome_and_no_estimate(wales):
    released = store.validate(wales._opened.released)
    lead = [row for row in released.rows if row.estimand == "average_effect"]
    assert {row.outcome for row in lead} == {outcome.id for outcome in PLAN.compared}
    assert {row.status for row in lead} == {"described"} and all(row.value is None for row in lead)
    assert not [row for row in released.rows if row.estimand in ("group_effect", "gap_difference")]


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("wales", "2 of the pilot courts lie in Wales"),
        ("north_east", "None of the pilot courts lies in North East"),
    ],
)
def test_a_region_says_why_nothing_is_worked_out(place, words):
    checks = open_study("psr_quality", place, "synthetic")._opened.released.checks
    assert next(check.text for check in checks if check.id == "own_sites").startswith(words)


def test_line_one_says_that_training_and_tool_cannot_be_told_apart(wales):
    assert "cannot be told apart" in wales.answer().text.split("\n")[0]


def test_the_gap_taken_apart_stays_in_the_private_record(nation):
    rows = nation.outcome_rows("custody")
    parts = {row.method: row.value for row in rows if row.note == "analyst"}
    assert parts["oaxaca_blinder_gap"] == pytest.approx(
        sum(v for k, v in parts.items() if k != "oaxaca_blinder_gap")
    )
    released = released_rows(rows, place="wales", clearance=PRIVATE)
    assert not [row for row in released if "oaxaca" in row.method]


def test_oaxaca_blinder_gives_the_reference_values():
    """statsmodels `ccard`, average expenditure of home owners less renters (METHODS section 1)."""
    import statsmodels.api as sm

    people = sm.datasets.ccard.load_pandas().data
    found = oaxaca_blinder(
        people,
        outcome="AVGEXP",
        group="OWNRENT",
        reference=1.0,
        covariates=["AGE", "INCOME", "INCOMESQ"],
        smallest=10,
    )
    assert found.gap == pytest.approx(158.750, abs=5e-4)
    assert (found.endowments, found.coefficients, found.interaction) == pytest.approx(
        (321.748, 75.454, -238.452), abs=5e-4
    )


def test_oaxaca_blinder_keeps_the_order_of_groups_that_the_caller_names():
    import statsmodels.api as sm

    people = sm.datasets.ccard.load_pandas().data
    found = oaxaca_blinder(
        people,
        outcome="AVGEXP",
        group="OWNRENT",
        reference=0.0,
        covariates=["AGE", "INCOME", "INCOMESQ"],
        smallest=10,
    )
    assert found.gap == pytest.approx(-158.750, abs=5e-4)


def test_oaxaca_blinder_refuses_small_groups():
    import statsmodels.api as sm

    people = sm.datasets.ccard.load_pandas().data
    assert (
        oaxaca_blinder(
            people, outcome="AVGEXP", group="OWNRENT", reference=1.0, covariates=["AGE", "INCOME"]
        )
        is None
    )


@pytest.mark.parametrize("domain", DOMAINS)
def test_brant_finds_the_domain_whose_effect_differs_between_cuts(nation, domain):
    check = Audits(nation.audits, PLAN.groups.reference).alike_at_every_cut(domain)
    assert check.passed == (domain != "proposal")


def test_ratings_rise_and_two_auditors_agree_more_than_chance(nation):
    audits = Audits(nation.audits, PLAN.groups.reference)
    started = next(
        e
        for e in audits.model("analysis").estimates
        if e.estimand.startswith("started") or e.estimand == "started"
    )
    assert started.conf_low > 0
    for name in ("Weighted kappa", "Krippendorff alpha", "Gwet AC2"):
        assert audits.agreement("analysis")[name].conf_low > 0


def test_event_study_shows_no_fall_before_and_one_after(nation):
    found = nation.event_study("custody").set_index("event_time")["value"]
    assert abs(found[found.index < -3].mean()) < 2 < np.abs(found[found.index >= 3]).mean()


def test_does_not_change_its_data(nation):
    before = nation.data.cases.copy()
    nation.event_study("custody")
    nation.outcome_rows("proposal_followed")
    assert nation.data.cases.equals(before)


# -- who is in each row, and by whom it is weighed -------------------------------------------------
@pytest.fixture(scope="module")
def small_nation():
    return open_exact(PLAN, "all", parse_source("synthetic:x0.1"))[0]


def behind(study, row: dict) -> int:
    """People behind a row: with the outcome known, in its group or groups."""
    people = study.people(row.outcome)["ethnic_group"]
    named = row.group.split(" less ")
    groups = {
        g
        for name in named
        for g in (study.minorities if name == "minority ethnic groups" else (name,))
    }
    return len(people) if row.group == "all" else int(people.isin(groups).sum())


def test_everyone_behind_a_row_is_used_or_left_out_by_a_reason_that_has_words(small_nation):
    rows = [
        row
        for o in ("custody", "proposal_followed")
        for row in small_nation.outcome_rows(o)
        if row.left_out is not None
    ]
    assert {"average_effect", "group_effect", "gap_difference"} <= {row.estimand for row in rows}
    for row in rows:
        assert row.n + sum(row.left_out.values()) == behind(small_nation, row), (
            row.group,
            row.method,
        )
        assert set(row.left_out) <= set(LEFT_OUT_REASONS)
    assert any(row.left_out for row in rows)


def test_a_court_with_an_empty_quarter_stays_in_its_comparison(small_nation):
    """Small groups at a small nation: most courts have a quarter without anybody, and were dropped
    with all their people."""
    own = small_nation.of_groups("custody", ("Asian",))
    quarters = small_nation.panel("custody", own, months=3).groupby("unit").size()
    regions = own.drop_duplicates("unit").set_index("unit")["region"]
    row = next(
        r
        for r in small_nation.outcome_rows("custody")
        if r.group == "Asian" and r.estimand == "group_effect"
    )
    assert (quarters < quarters.max()).sum() > 30
    followed = regions.isin(
        regions[small_nation.courts.set_index("court_id")["pilot"].reindex(regions.index)]
    )
    assert row.clusters_treated + row.clusters_comparison >= 0.9 * followed.sum()
    assert row.clusters_left_out == len(regions) - row.clusters_treated - row.clusters_comparison


def test_what_is_left_out_is_shown_in_fives_and_small_reasons_together(small_nation):
    rows = released_rows(small_nation.outcome_rows("custody"), place="wales", clearance=PRIVATE)
    shown = [row for row in rows if row.left_out is not None]
    assert shown and all(row.status == "estimated" for row in shown)
    for row in shown:
        assert all(n is None or (n % 5 == 0 and n >= 10) for n in row.left_out.values())
    table = flow_table(PLAN, rows, left_out="Courts left out", clearance=PRIVATE).to_frame()
    assert len(table) == sum(row.note != "second_opinion" for row in shown)


def test_all_reasons_of_a_row_fit_into_one_label():
    """A row worked out by imputation can have every reason but that of panels that must be
    complete."""
    named = {name: 1_234_567 for name in LEFT_OUT_REASONS if name != "incomplete_periods"}
    assert len(rollouts._reasons_words(named)) <= LONGEST_LABEL


def test_weights_of_the_plan_are_those_of_the_panel(small_nation):
    cells = small_nation.panel("custody")
    assert cells["weight"].sum() == small_nation.people("custody").shape[0]
    comparison = PLAN.comparison.model_copy(update={"weights": "courts"})
    plan = PLAN.model_copy(update={"comparison": comparison})
    by_court = psr_quality.PsrStudy(plan, "all", small_nation.data, hidden=NOTHING)
    assert (by_court.panel("custody")["weight"] == 1.0).all()
    assert by_court.effect("custody").value != pytest.approx(
        small_nation.effect("custody").value, abs=1e-3
    )


# -- no class hangs on the seed --------------------------------------------------------------------
def seeded(monkeypatch, study, number: int):
    """The same study of the same data, its permutations drawn from other seeds."""
    seed_for = seeded.original
    for module in (effects, fair):
        monkeypatch.setattr(module, "seed_for", lambda *names: seed_for(*names, str(number)))
    return psr_quality.PsrStudy(PLAN, "all", study.data, hidden=NOTHING)


seeded.original = effects.seed_for


def classes_of(study, rows) -> tuple:
    released = released_rows(tuple(rows), place="wales", clearance=PRIVATE)
    judged = judged_rows(PLAN, released, {o.id: {} for o in PLAN.compared}, national=True)
    return tuple((r.outcome, r.group, r.method, r.result_class) for r in judged)


@pytest.mark.slow
def test_the_class_of_custody_does_not_change_over_twenty_seeds(monkeypatch, small_nation):
    lead = PLAN.outcome("custody")

    def classes(number: int) -> tuple:
        study = seeded(monkeypatch, small_nation, number)
        return classes_of(study, [study.rollout_row(lead, "all", study.effect("custody"))])

    assert len({classes(number) for number in range(20)}) == 1


@pytest.mark.slow
def test_no_class_of_any_permuted_row_changes_over_twenty_seeds(monkeypatch, nation):
    monkeypatch.setattr(psr_quality.PsrStudy, "rate_rows", lambda self, outcome: iter(()))
    monkeypatch.setattr(psr_quality, "decomposition_rows", lambda study, outcome: iter(()))
    monkeypatch.setattr(psr_quality.PsrStudy, "opinion_rows", lambda *given: iter(()))
    found = []
    for seed in range(20):
        study = seeded(monkeypatch, nation, seed)
        checks = tuple((check.id, check.passed) for check in study.checks)
        found.append(
            classes_of(study, [row for o in PLAN.compared for row in study.outcome_rows(o.id)])
            + checks
        )
    for row in zip(*found, strict=True):
        assert len(set(row)) == 1, set(row)


def test_a_court_that_started_long_before_the_study_has_no_figures_from_before_and_stops_nothing(
    small_nation,
):
    courts, cases = small_nation.data.courts, small_nation.data.cases
    first = courts.loc[courts["pilot"], "court_id"].iloc[0]
    early = small_nation._first_month - 40
    changed = Sentencing(
        cases.assign(start=cases["start"].mask(cases["court_id"] == first, early)),
        courts.assign(start=courts["start"].mask(courts["court_id"] == first, early)),
        small_nation.data.audits,
        small_nation.data.training,
    )
    study = psr_quality.PsrStudy(PLAN, "all", changed, hidden=NOTHING)
    rows = [row for row in study.outcome_rows("custody") if row.status == "estimated"]
    assert {"average_effect"} <= {row.estimand for row in rows}
    assert rows[0].left_out["no_figures_before"] == int((cases["court_id"] == first).sum())
