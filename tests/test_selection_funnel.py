"""The two studies of a selection funnel: what is published, what may be shown, who says that it did
not take part, and the answer of all regions beside what is planted."""

from functools import cache

import pandas as pd
import pytest

from analysis.designs.selection.exact_share import exact_share
from analysis.judgement.wording.statements import class_can_say, class_cannot_say
from analysis.notebook import open_study
from analysis.paths import EXAMPLE_RECORDS
from analysis.plans.kinds import kind_of
from analysis.plans.registry import load_plan, parse_source
from analysis.record import store
from analysis.results import EVERYONE, Estimate
from analysis.sections.page.block import page_of
from analysis.studies.selection_funnel import tables
from analysis.studies.selection_funnel.published import (
    exact_words,
    filled,
    gap_findings,
    pass_rates,
)
from analysis.study.opening import open_exact
from analysis.study.words import slots
from analysis.synthetic.planted import load_planted
from analysis.synthetic.selection.selection import planted_webinar_effect
from analysis.vocabulary.regions import ALL, NATIONAL, place_set

WEBINARS, VACANCIES = "assessment_centre_webinars", "lived_experience_recruitment"
TAKES_PART, DID_NOT, FEW = "yorkshire_and_the_humber", "wales", "north_west"


@cache
def exact(study: str, place: str):
    return open_exact(load_plan(study), place, parse_source("synthetic"))[0]


@cache
def record(study: str, place: str):
    return store.load(EXAMPLE_RECORDS / study / f"{place}.json")


# -- what was published ----------------------------------------------------------------------------
def test_the_published_count_is_said_with_its_exact_interval():
    said = exact_words(filled().appointed, filled().vacancies)
    assert said == "1 of 51 vacancies; 95% confidence interval from 0.05 to 10.4 in every 100"


def test_a_share_without_a_base_has_no_interval_and_no_verdict():
    plan = load_plan(WEBINARS)
    words = slots(plan, plan.outcome(plan.leading), ALL)
    said = {group: class_can_say(found, words) for group, found in gap_findings()}
    assert said["Black"] == (
        "The published figures are 36.1% and 56.2%: 20.1 percentage points apart. The number of"
        " people was not published, so there is no margin of error."
    )
    assert {rate.candidates for rate in pass_rates()} == {None}
    for _, found in gap_findings():
        assert class_cannot_say(found, words) == "Whether the gap could be chance"


def test_the_page_of_the_nation_shows_it_and_asks_for_the_number():
    plan, national = load_plan(WEBINARS), record(WEBINARS, NATIONAL)
    page = page_of(plan)
    block = page.block(plan, national, national, {})
    assert block.settle[0] == plan.ask_the_region[0]
    assert "How many candidates of each ethnic group" in block.settle[0]
    last = page.sections(plan, national)[-1]
    assert last.title.startswith("Published") and len(last.lines) == 3
    assert all(line.cannot_say == "Whether the gap could be chance." for line in last.lines)


# -- webinars --------------------------------------------------------------------------------------
def test_the_answer_of_all_regions_holds_what_is_planted():
    study = exact(WEBINARS, ALL)
    plan, people = study.plan, study.people(study.plan.outcome("passed"))
    treated = people[(people["minority"] == 1) & (people["internal"] == 1) & (people["since"] == 1)]
    truth = (
        100
        * treated["region"]
        .map(
            {
                place: planted_webinar_effect(load_planted(), place)
                for place in load_planted().regions
            }
        )
        .mean()
    )
    row = study.outcome_rows(plan.leading)[0]
    assert row.group == EVERYONE and row.conf_low <= truth <= row.conf_high
    naive = {
        one.method: one.value
        for one in study.outcome_rows(plan.leading)
        if one.estimand == "naive_difference"
    }
    assert set(naive) == {"attended_less_did_not", "before_and_after"}
    assert all(value > truth + 3 for value in naive.values())


def test_every_row_on_quarters_says_so_and_checks_carry_the_claim():
    national = record(WEBINARS, NATIONAL)
    method = kind_of(load_plan(WEBINARS)).method
    lead = national.find(outcome="passed", group=EVERYONE, method=method)
    assert lead.claim == "likely" and lead.df == 12
    passed = {check.id: check.passed for check in national.checks if check.passed is not None}
    assert {"earlier_stages", "pre_trend_passed", "placebo_start_passed"} <= set(passed)


def test_stages_before_the_offer_do_not_change_with_it():
    study = exact(WEBINARS, ALL)
    for stage in ("sifted_in", "invited"):
        found = study.change(study.plan.outcome(stage))
        assert isinstance(found, Estimate) and found.conf_low <= 0 <= found.conf_high


@pytest.mark.parametrize("place", [DID_NOT, "london"])
def test_a_region_describes_and_works_out_no_effect(place):
    study = exact(WEBINARS, place)
    assert study.checks == ()
    for outcome in study.plan.compared:
        row = study.outcome_rows(outcome.id)[0]
        assert row.status == "described" and row.value is None


def test_rates_are_of_internal_candidates_since_the_start_who_reached_the_stage():
    study = exact(WEBINARS, ALL)
    rows = study.everyone[(study.everyone["excluded"] == "") & (study.everyone["since"] == 1)]
    rows = rows[(rows["route"] == "internal") & (rows["invited"] == 1)]
    white = rows[rows["ethnic_group"] == "White"]
    counts = study.counts(study.plan.outcome("passed")).loc["White"]
    assert abs(counts["people"] - len(white)) <= 2
    assert abs(counts["events"] - white["passed"].sum()) <= 2


def test_the_funnel_is_closed_and_multiplies():
    pairs = list(tables.stage_pairs(exact(WEBINARS, ALL)))
    assert [pair[0] for _, pair in pairs[:-1]] == [pair[1] for _, pair in pairs[1:]]
    said = tables.chain_words(pairs)
    assert said.startswith("From the first stage to the last: ") and " times." in said
    hidden = tables.chain_words([(pairs[0][0], None), *pairs[1:]])
    assert hidden == "Not all stages can be shown, so that they are not multiplied."


def test_the_gap_before_and_since_is_worked_out_from_the_counts_that_are_shown():
    study = exact(WEBINARS, ALL)
    outcome = study.plan.outcome("passed")
    counts = tables.gap_counts(study, outcome)
    frame = counts.to_frame().set_index(["Route", "Period", "Candidates"])
    shares = (100 * frame["Came through"] / frame["Reached it"]).astype(float)
    own = shares.sort_index().xs(("internal", "before"))
    gap = tables.gap_table(study, outcome, counts).to_frame()
    assert gap.iloc[0]["Gap, points"] == f"{own['White'] - own['minority ethnic groups']:.1f} fewer"


# -- vacancies -------------------------------------------------------------------------------------
def test_a_small_count_of_vacancies_is_withheld_and_a_larger_one_has_its_interval():
    few = record(VACANCIES, FEW).find(outcome="lived_appointed", method="exact")
    assert few.status == "withheld" and few.value is None and few.conf_low is None
    shown = record(VACANCIES, TAKES_PART).find(outcome="lived_appointed", method="exact")
    assert shown.status == "described" and shown.conf_low < shown.value < shown.conf_high
    truth = 100 * load_planted().selection.vacancies.appointed[TAKES_PART]
    assert shown.conf_low <= truth <= shown.conf_high


def test_the_interval_is_of_counts_in_fives():
    row = record(VACANCIES, ALL).find(outcome="lived_appointed", method="exact")
    assert row.n % 5 == 0 and row.n_treated % 5 == 0
    found = exact_share(row.n_treated, row.n)
    assert (row.conf_low, row.conf_high) == pytest.approx(
        (found.conf_low, found.conf_high), rel=0.005
    )


def test_the_naive_share_counts_vacancies_that_are_still_open():
    rows = exact(VACANCIES, ALL).outcome_rows("lived_appointed")
    share = {row.method: row for row in rows if row.estimand == "share"}
    assert share["exact"].n < share["exact_open_counted"].n
    assert share["exact"].value > share["exact_open_counted"].value


def test_regions_that_did_not_take_part_say_so_and_others_do_not():
    plan = load_plan(VACANCIES)
    for place in place_set(plan.data.places).ids:
        block = page_of(plan).block(plan, record(VACANCIES, place), record(VACANCIES, NATIONAL), {})
        outside = place not in plan.comparison.arms
        assert (block.lines[0] == "This region did not take part.") == outside
        assert ("outside the pilot" in block.headline) == outside
        assert "1 of 51 vacancies" in block.lines[1]


def test_the_notebook_of_vacancies_speaks_of_no_effect():
    study = open_study(VACANCIES, TAKES_PART, "synthetic")
    for section in (study.answer(), study.limits(), study.compare("organisation")):
        said = " ".join(str(getattr(part, "text", "")) for part in section.parts)
        assert "effect" not in said
    assert pd.DataFrame(study.compare("input").estimates.to_frame())["status"].eq("described").all()
