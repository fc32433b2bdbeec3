"""The study of reporting on the synthetic nation: the planted step, the form that counts twice, and
what the page says of both."""

import json
from functools import cache

import numpy as np
import pandas as pd
import pytest

from analysis.errors import PlanError
from analysis.judgement.classes import BENEFIT, HARM, INCONCLUSIVE
from analysis.paths import PARAMS, ROOT
from analysis.plans.registry import load_plan, read_plan
from analysis.results import EVERYONE, Estimate, NotEstimable
from analysis.studies.interrupted_reporting.months import Months
from analysis.studies.interrupted_reporting.opening import open_reporting
from analysis.synthetic.nation import make_region
from analysis.synthetic.planted import load_planted
from analysis.synthetic.reporting import reporting as made
from analysis.vocabulary.regions import ALL

PLAN = load_plan("discrimination_reporting")
LEADING = PLAN.outcome(PLAN.leading)
PLACES = tuple(load_planted().regions)
NAMES = ("discrimination_reports", "people_held", "experience_survey")
NIL = dict.fromkeys(PLACES, 0.0)


def made_with(places=PLACES, **planted) -> dict[str, pd.DataFrame]:
    """The tables of regions, with other values planted."""
    truth = load_planted()
    truth = truth.model_copy(update={"reporting": truth.reporting.model_copy(update=planted)})
    found = []
    for region in places:
        i = PLACES.index(region)
        rng = {name: np.random.default_rng([13, i, k]) for k, name in enumerate(NAMES)}
        found.append(made.make_reporting(rng, truth, region, part=1.0))
    return {name: pd.concat([one[name] for one in found], ignore_index=True) for name in NAMES}


def opened(tables: dict[str, pd.DataFrame], place: str = ALL):
    return open_reporting(PLAN, place, tables, hidden=frozenset())[0]


@cache
def nation():
    parts = [make_region(region, service="reporting") for region in PLACES]
    return opened({k: pd.concat([p[k] for p in parts], ignore_index=True) for k in NAMES})


@cache
def rows():
    return {(r.outcome, r.estimand, r.method): r for r in nation().rows if r.group == EVERYONE}


def test_the_step_is_held_and_a_count_of_forms_is_not_it():
    main = rows()["incidents", "step", "interrupted_counts"]
    naive = rows()["incidents", "naive_difference", "crude_means"]
    truth = made.planted_step(load_planted())
    assert main.conf_low <= truth <= main.conf_high
    assert naive.conf_low > truth * 1.2  # it holds the copies and the trend, and seems sure of it
    assert (main.support.clusters_comparison, main.support.clusters_treated) == (20, 21)


def test_a_step_of_twice_the_size_is_found_and_the_planted_one_is_not_told_from_nothing():
    """41 months that correlate carry a step of 1.3 in seven of ten nations; this one is no such."""
    main = rows()["incidents", "step", "interrupted_counts"]
    assert main.conf_low < 1 < main.value
    twice = {region: 2 * step for region, step in load_planted().reporting.step.items()}
    found = opened(made_with(step=twice)).step(LEADING)
    assert found.conf_low > 1


def test_forms_as_they_were_filed_are_refused():
    row = rows()["incidents", "step", "forms_as_filed"]
    assert (row.status, row.reason) == ("not_estimable", "instrument_changed")


def test_other_ways_without_the_copies_agree():
    """Prisons that kept the old form, and people who reported."""
    main = rows()["incidents", "step", "interrupted_counts"]
    for method in ("unchanged_sites", "persons_reporting"):
        other = rows()["incidents", "step", method]
        assert other.value == pytest.approx(main.value, rel=0.1)


def test_no_step_and_a_form_that_counts_twice():
    """The trap: forms double with nothing true; incidents show no step."""
    everywhere = dict.fromkeys(PLACES, 8)
    study = opened(made_with(step=NIL, new_form=everywhere))
    naive = study.naive
    assert naive.conf_low > 1.7
    found = study.step(LEADING)
    assert isinstance(found, Estimate)
    assert found.conf_low <= 1 <= found.conf_high
    assert isinstance(study.forms_as_filed.step, NotEstimable)
    texts = {check.id: check.text for check in study.checks}
    assert "more forms, and not more incidents" in texts["copies"]
    assert "not set beside forms before it" in texts["form_change"]
    without = read_as_if_no_change_were_named(study)
    assert isinstance(without, NotEstimable)  # found from the forms alone


def read_as_if_no_change_were_named(study):
    assert study.copies.form_is_another
    return study.forms_as_filed.step


@pytest.mark.parametrize("lost", ["numbers", "copies with numbers of their own"])
def test_where_copies_cannot_be_told_nothing_is_worked_out(lost):
    own = lost != "numbers"
    tables = made_with(step=NIL, new_form=dict.fromkeys(PLACES, 8), new_numbers=own)
    if not own:
        reports = tables["discrimination_reports"]
        gone = reports["incident_id"].where(reports["form"] == "old")
        tables["discrimination_reports"] = reports.assign(incident_id=gone)
    study = opened(tables)
    assert not study.copies.are_told
    for row in study.outcome_rows("incidents"):
        if row.method in ("interrupted_counts", "local_level", "delta_method"):
            assert (row.status, row.reason) == ("not_estimable", "instrument_changed"), row.method
    once = next(check for check in study.checks if check.id == "counted_once")
    assert once.passed is False
    assert "a new form alone could make more reports" in once.text


def test_regions_one_by_one_hold_what_is_planted_and_nil_regions_show_no_step():
    held, steps = [], load_planted().reporting.step
    for region in PLACES:
        found = opened(make_region(region, service="reporting"), region).step(LEADING)
        held.append(found.conf_low <= np.exp(steps[region]) <= found.conf_high)
        if steps[region] == 0:
            assert found.conf_low <= 1 <= found.conf_high, region
    assert sum(held) >= 10


def test_a_region_shows_its_own_figures_and_no_effect():
    study = opened(make_region("wales", service="reporting"), "wales")
    lead = study.outcome_rows("incidents")[0]
    assert lead.status == "described"
    assert study.n_in == study.n_used + sum(study.excluded.values())
    assert set(study.excluded) == {"another_form", "short_event", "while_it_came"}
    assert not any(check.bears_on == "claim" for check in study.checks)


def test_experience_rises_where_it_is_planted_and_not_elsewhere():
    def apart(region):
        study = opened(make_region(region, service="reporting"), region)
        found = [r for r in study.rows if r.estimand == "wave_difference"]
        return next(r for r in found if r.outcome == "experienced")

    rises, stays = apart("south_west"), apart("north_east")
    assert rises.conf_low > 0 and rises.conf_low <= 12 <= rises.conf_high
    assert stays.conf_low <= 0 <= stays.conf_high


def test_more_is_reported_for_each_experience():
    """Reports rise and prevalence does not: more of what happens is told."""
    row = rows()["incidents", "reports_for_experience", "delta_method"]
    assert row.conf_low > 1


def test_nothing_calls_more_reports_better_or_worse():
    for row in nation().outcome_rows("incidents"):
        assert row.direction == "undefined"
    assert LEADING.better is None and LEADING.why
    assert PLAN.comparison.ground.strongest == "described"


def test_months_and_events():
    months = Months.of(PLAN)
    at = 12 * 2023
    assert months.start == at + 9
    assert months.coming == {at + 5, at + 6, at + 7, at + 8}
    assert months.events == {at + 18, at + 19, at + 20}  # July to September 2024
    assert months.form == months.start
    assert any("summer 2024" in words for words in PLAN.comparison.rival_words)


def test_a_series_without_a_start_is_refused(tmp_path):
    own = (PARAMS / "pilots" / "discrimination_reporting.yml").read_text(encoding="utf-8")
    path = tmp_path / "discrimination_reporting.yml"
    path.write_text(own.replace("kind: start", "kind: rival"), encoding="utf-8")
    with pytest.raises(PlanError, match="needs an event of kind `start`"):
        read_plan(path)


def test_no_committed_record_calls_reports_better_or_worse():
    """Of every place and of the nation: size only, no verdict, no harm watch."""
    files = sorted((ROOT / "tests" / "guards" / "records" / PLAN.study).glob("*.json"))
    assert len(files) == len(PLACES) + 2
    seen = set()
    for path in files:
        for row in json.loads(path.read_text(encoding="utf-8"))["estimates"]:
            if row["outcome"] in ("incidents", "upheld"):
                assert row.get("harm_watch") is None, path.name
                seen.add(row.get("result_class"))
    judged = {*BENEFIT, *HARM, *INCONCLUSIVE, "no_meaningful_difference", "detectable_but_small"}
    assert not seen & judged
    assert "direction_undefined" in seen
