"""Recording of ethnicity: what is planted, what is withheld, and what the unrecorded could do to
other monitors, read from their tables."""

import pytest

from analysis.disclosure.attack.noted import forget
from analysis.plans.registry import Source, load_plan
from analysis.results import Estimate
from analysis.studies.recording.others import others_of
from analysis.studies.recording.study import ANSWERS, OVER, TRAVELLERS, open_recording
from analysis.studies.recording.view import Recorded, leading_line, missingness
from analysis.synthetic import nation
from analysis.synthetic.monitors.recording import planted_declaration
from analysis.synthetic.planted import load_planted
from analysis.vocabulary.regions import place_set

PLAN, SOURCE = load_plan("ethnicity_recording"), Source("synthetic", "x0.2")
REGIONS = place_set("probation_regions").ids
PAGES = {
    "activities",
    "complaints",
    "court_reports",
    "incentives",
    "release",
    "supervision",
    "use_of_force",
    "workforce",
}
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def whole():
    forget()
    return open_recording(PLAN, "all", SOURCE)[0]


@pytest.fixture(scope="module")
def wales():
    forget()
    return open_recording(PLAN, "wales", SOURCE)[0]


@pytest.fixture(scope="module")
def others(whole):
    return {other.plan.study: other for other in others_of(whole)}


def test_everybody_has_one_answer_in_every_round(whole):
    for line in whole.rounds:
        assert sum(line.in_every_100(name) for name in ANSWERS) == pytest.approx(100, abs=0.5)


def test_gypsies_and_travellers_are_counted_over_all_places_alone(whole, wales):
    assert set(TRAVELLERS) <= set(whole.counted)
    assert not set(TRAVELLERS) & set(wales.counted)
    assert all(set(line.counts) == set(wales.counted) for line in wales.rounds)


def test_a_recorded_share_rises_while_the_true_one_stays(whole):
    """Naive: nobody came or left, and the recorded share rises because more say so."""
    first, last = whole.rounds[0], whole.rounds[-1]
    shares = [line.in_every_100("traveller_held", "known") for line in (first, last)]
    assert shares[1] > shares[0]
    assert shares[1] < 100 * load_planted().monitors.recording.traveller


def test_all_answers_of_a_line_are_withheld_where_one_is_small(wales):
    for line in (*wales.rounds, *wales.settings):
        hidden = [line.counts[name] is None for name in ANSWERS]
        assert all(hidden) or not any(hidden)


def test_declaration_is_found_as_planted_among_the_known(whole):
    row = next(r for r in whole.rows if r.outcome == "declared" and r.group == "Black to White")
    truth = planted_declaration(load_planted().monitors, "Black")
    assert row.conf_low - 0.02 <= truth <= row.conf_high + 0.02


def test_every_other_monitor_of_persons_is_looked_at_and_no_record_is_read(others, monkeypatch):
    assert set(others) == PAGES


def test_bounds_hold_the_recorded_and_the_imputed_ratio(others):
    for other in others.values():
        for group in other.plan.compared_groups:
            bounds, recorded = other.bounds(group), other.recorded(group)
            imputed = other.imputed(group)
            if bounds is None or not isinstance(recorded, Estimate):
                continue
            assert bounds.low <= recorded.value <= bounds.high
            if isinstance(imputed, Estimate):
                assert bounds.low <= imputed.value * 1.03 and imputed.value <= bounds.high * 1.03


def test_equal_columns_of_two_tables_have_two_names(others):
    """`people` stands in the tables of prisons and of staff: two numbers, never one."""
    tables = {m.table for o in others.values() for m in o.plan.measures}
    assert None not in tables


def test_a_single_place_shows_no_other_page(wales):
    opened = Recorded.__new__(Recorded)
    object.__setattr__(opened, "study", wales)
    assert opened.others == ()
    assert "in one place they are few" in missingness(opened).parts[0].text


def test_the_sentence_of_a_page_says_bounds_and_what_would_change_the_verdict(others):
    said = leading_line(others["supervision"])
    assert "as recorded" in said and "whoever the unrecorded are" in said and "verdict" in said


def test_every_column_that_is_counted_is_part_of_what_it_is_counted_over():
    rows = nation.make_region("wales", service="recording", scale=0.1)["ethnicity_records"]
    for name, of in OVER.items():
        assert (rows[name] <= rows[of]).all()


@pytest.mark.slow
def test_declaration_on_twelve_other_nations(monkeypatch):
    """Black people beside White people, everywhere and where nothing is planted."""
    from analysis.disparity.relative_rate import relative_rate_index
    from analysis.extracts.counts.counts import broad_groups

    monitors = load_planted().monitors
    nil = tuple(monitors.recording.places)
    held, none = [], []
    for seed in range(101, 113):
        truth = load_planted().model_copy(update={"seed": seed})
        monkeypatch.setattr(nation, "load_planted", lambda truth=truth: truth)
        for regions, place, into in (
            ([r for r in REGIONS if r not in nil], "", held),
            (nil, nil[0], none),
        ):
            found = [
                nation.make_region(r, service="recording")["ethnicity_records"] for r in regions
            ]
            newest = [t[t["quarter"] == t["quarter"].max()] for t in found]
            sums = [
                t.groupby(broad_groups(t["ethnicity"]))["declared"].agg(["sum", "size"])
                for t in newest
            ]
            total = sum(sums[1:], sums[0])
            pair = [int(x) for g in ("Black", "White") for x in total.loc[g]]
            ratio, value = relative_rate_index(*pair), planted_declaration(monitors, "Black", place)
            into.append(ratio.conf_low <= value <= ratio.conf_high)
    assert (sum(held) >= 10, sum(none) >= 10) == (True, True), (held, none)
