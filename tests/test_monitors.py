"""Monitors: published counts give the published ratios, too few is never a pass, and nothing exact
leaves."""

import math
import re
import statistics
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from avoided_words import faults
from changed_records import some_record

from analysis.disparity.relative_rate import VERDICTS, verdict_on_ratios
from analysis.disparity.within_units import UnitCounts, relative_rate_within_units
from analysis.errors import PlanError
from analysis.extracts.counts.counts import SUMS
from analysis.judgement.wording.periods import round_words
from analysis.notebook import clear_together
from analysis.plans.monitor import Monitor
from analysis.plans.plan import Plan
from analysis.plans.registry import list_plans, load_plan, parse_source, read_plan
from analysis.record import store
from analysis.record.record import Leads
from analysis.results import Estimate, Table, Withheld, significant
from analysis.studies.disparity import cells as shown
from analysis.studies.disparity import stages
from analysis.studies.disparity.counted.counts import counted_rows, published_counts
from analysis.studies.disparity.counted.within import WITHIN_UNITS
from analysis.studies.disparity.page.answer import monitor_block, monitor_sections
from analysis.studies.disparity.page.drawing import monitor_drawing
from analysis.studies.disparity.shown import tables, words
from analysis.studies.disparity.study import open_monitor
from analysis.studies.disparity.units import units_of
from analysis.study.opening import open_exact
from analysis.study.place_record import exact_record, leading_row
from analysis.synthetic.nation import ensure_region
from analysis.vocabulary.regions import ALL, NATIONAL, place_set

MONITORS = [plan for plan in list_plans() if isinstance(plan, Monitor)]
PUBLISHED = 5e-4  # reference values are printed to three or four figures
PAGES = 150  # made-up pages without any difference
HASHES = dict.fromkeys(("plan_hash", "data_hash", "code_version"), "0" * 64)
DATES = dict.fromkeys(("period_from", "period_to", "extract_date", "follow_up_complete_to"))


def record_of(study, source="synthetic"):
    return exact_record(
        study,
        plan=study.plan,
        place=study.place,
        data_source=source,
        round_id="draft",
        dates=DATES,
        hashes=HASHES,
    )


def synthetic(study, place, tmp):
    plan = load_plan(study)
    folder = ensure_region(place, service="caseload", folder=tmp)
    return open_monitor(
        plan, place, counted_rows(plan, place, "synthetic", folder), shown_on="2026-10-03"
    )


@pytest.fixture(scope="module")
def youth():
    plan = load_plan("youth_cascade")
    return open_monitor(plan, ALL, published_counts(plan), shown_on=None)


@pytest.fixture(scope="module")
def nation(tmp_path_factory):
    return tmp_path_factory.mktemp("nation")


@pytest.fixture(scope="module")
def midlands(nation):
    return synthetic("supervision", "west_midlands", nation)


@pytest.fixture(scope="module")
def wales(nation):
    return synthetic("supervision", "wales", nation)


# -- published counts ------------------------------------------------------------------------------
# Youth justice counts of data/reference: remand by METHODS section 1 (score interval); ratios of
# stop and search and arrest are (a/A)/(b/B) by hand; custody by year as the issue of this monitor
# gives them.
@pytest.mark.parametrize(
    ("measure", "group", "ratio"),
    [
        ("stop_and_search", "Black", (10326 / 333587) / (53593 / 4161949)),
        ("arrest", "Asian", (3045 / 663825) / (36923 / 4161949)),
        ("remand", "Other", (50 / 351) / (444 / 6526)),
        (
            "custody",
            "Black",
            ((38 + 86 + 78) / (731 + 563 + 889)) / ((217 + 218 + 210) / (3808 + 3667 + 3636)),
        ),
    ],
)
def test_published_counts_give_their_ratio(youth, measure, group, ratio):
    assert youth.page()[measure, group].result.value == pytest.approx(ratio)


def test_the_main_interval_of_risks_is_the_score_interval(youth):
    found = youth.page()["remand", "Black"].result
    assert (found.method, found.conf_low, found.conf_high) == (
        "score",
        pytest.approx(1.6552, abs=PUBLISHED),
        pytest.approx(2.2160, abs=PUBLISHED),
    )


def test_the_exact_interval_of_risks_stands_in_the_record_too(youth):
    row = next(
        r
        for r in youth.rows
        if (r.outcome, r.group, r.method, r.note)
        == ("remand", "Black to White", "exact_conditional", "second_opinion")
    )
    ends = (pytest.approx(1.6351, abs=PUBLISHED / 5), pytest.approx(2.2415, abs=PUBLISHED / 5))
    assert (
        row.conf_low,
        row.conf_high,
    ) == ends  # METHODS section 1; published counts keep their figures


def test_published_counts_keep_six_figures_and_their_class_follows_from_what_is_printed(youth):
    """Three figures would print 1.2049 and 1.2051 as they are not; counts of people keep three
    (rule S6)."""
    for row in (r for r in youth.rows if r.status == "estimated" and r.family == "page"):
        measure, group = youth.plan.measure(row.outcome), row.group.split(" to ")[0]
        lead = youth.lead(measure, group)
        numbers = [
            (getattr(row, key), getattr(lead.result, key))
            for key in ("value", "conf_low", "conf_high", "group_value")
        ]
        assert all(printed == significant(exact, 6) for printed, exact in numbers)
        opposite = (row.opposite_value, row.opposite_low, row.opposite_high)
        again = verdict_on_ratios(
            (row.value, row.conf_low, row.conf_high),
            None if None in opposite else opposite,
            counts=row.counts,
            excluded=row.p_adjusted <= youth.plan.alpha,
            band=youth.plan.band.limits,
        )
        assert (again.name, again.decided_by, again.worse_off) == (
            row.result_class,
            row.decided_by,
            row.worse_off,
        )
    assert any(row.value != significant(row.value) for row in youth.rows if row.value)


def test_counts_of_people_keep_three_figures(midlands):
    for row in midlands.rows:
        for key in (
            "value",
            "conf_low",
            "conf_high",
            "p_value",
            "p_adjusted",
            "mde",
            "group_value",
            "opposite_value",
        ):
            assert getattr(row, key) is None or getattr(row, key) == significant(getattr(row, key))


def test_rates_of_residents_say_that_their_interval_is_too_narrow(youth):
    assert youth.page()["arrest", "Black"].result.method in ("log", "exact_conditional")
    assert "too narrow" in youth.plan.measure("arrest").caution


def test_single_years_stand_beside_their_sum_and_the_newest_answers_where_they_disagree(youth):
    custody = youth.plan.measure("custody")
    years = [one.result.value for one in youth.history(custody, "Black")]
    assert years == pytest.approx([1.52, 2.57, 0.91], abs=0.005)
    rows = [r for r in youth.rows if r.outcome == "custody" and r.group == "Black to White"]
    row = next(r for r in rows if r.family == "page")
    assert row.result_class == youth.history(custody, "Black")[-1].verdict.name
    assert (row.value, row.note) == (pytest.approx(0.912, abs=5e-4), "rounds_differ_2025")
    assert next(r for r in rows if r.note == "added_up").value == pytest.approx(1.59, abs=5e-3)
    said = words.can_say(youth.plan, record_of(youth, "published"), custody, "Black")
    assert "do not agree" in said and "The newest year with enough numbers, 2025: " in said


def test_years_that_agree_keep_their_verdict(youth):
    row = next(
        r
        for r in youth.rows
        if r.outcome == "custody" and r.group == "Asian to White" and r.family == "page"
    )
    assert row.result_class in VERDICTS


def test_stages_over_different_people_are_not_multiplied_and_the_page_says_why(youth):
    found = stages.stages_of(youth, "Black")
    assert "not multiplied" in found.together and "different people" in found.together
    assert "×" not in found.together


def test_groups_that_two_codings_place_differently_carry_the_mark(youth):
    frame = tables.verdict_table(youth).to_frame()
    marked = set(frame.loc[frame["Ethnic group"].str.endswith("*"), "Ethnic group"])
    assert marked == {"Asian*", "Other*"}
    assert (
        not frame.loc[
            frame["Measure"].isin(["Custodial remand", "Immediate custody"]), "Ethnic group"
        ]
        .str.endswith("*")
        .any()
    )


def test_published_counts_stay_exact_and_say_so(youth):
    table = stages.stages_of(youth, "Black").table
    assert "10,326 of 333,587" in table.to_frame()["Black"].tolist()
    assert any("Published counts" in note for note in table.notes)


# -- counts of people ------------------------------------------------------------------------------
def test_every_comparison_of_the_plan_stands_on_the_page_and_has_one_verdict(midlands, wales):
    for study in (midlands, wales):
        rows = words.page_rows(study.plan, record_of(study))
        assert len(rows) == len(study.plan.measures) * len(study.plan.compared_groups)
        assert all(
            row.result_class in (*VERDICTS, "withheld", "not_estimable") for _, _, row in rows
        )


def test_too_few_is_named_and_is_no_pass(wales):
    record = record_of(wales)
    few = [
        row
        for _, _, row in words.page_rows(wales.plan, record)
        if row.result_class in ("withheld", "insufficient_data")
    ]
    assert few
    line = words.counted_line(wales.plan, record)
    for name, label in (("insufficient_data", "too few"), ("withheld", "withheld")):
        count = sum(row.result_class == name for row in few)
        assert (f"{label} {count}" in line) is (count > 0)
    assert line.endswith("What could not be compared is not a pass.")
    measure, group, _ = next(
        e for e in words.page_rows(wales.plan, record) if e[2].result_class == "withheld"
    )
    assert "This is not a pass." in words.cannot_say(wales.plan, record, measure, group)


def test_every_count_that_is_shown_is_a_multiple_of_five_and_no_small_one_leaves(midlands, wales):
    for study in (midlands, wales):
        for measure in study.plan.measures:
            for cell in study.cells(measure).values():
                assert cell.people is None or (cell.people % 5 == 0 and cell.people >= 10)
                if cell.is_shown:
                    assert cell.events % 5 == 0 and cell.base % 5 == 0 and cell.events >= 10


@pytest.mark.parametrize("with_event", [9, 51])
def test_few_people_on_either_side_withhold_the_ratio(midlands, with_event):
    measure = midlands.plan.measure("completion")
    counts = pd.DataFrame({name: 60 for name in SUMS}, index=["Black", "White"])
    counts.loc["Black", ["persons_with_event", "events"]] = with_event
    counts.loc["White", ["persons_with_event", "events"]] = 25
    cells = shown.cells(measure, counts, ("Black", "White"), public=False)
    assert isinstance(shown.relative_rate(measure, cells["Black"], cells["White"]), Withheld)


@pytest.mark.parametrize(("people", "verdict"), [(29, "insufficient_data"), (30, "disparity")])
def test_thirty_people_are_counted_before_they_are_rounded(midlands, people, verdict):
    measure, half = midlands.plan.measure("completion"), people // 2 + 1
    counts = pd.DataFrame({name: people for name in SUMS}, index=["Black", "White"]).astype(int)
    counts.loc["Black", ["persons_with_event", "events"]] = half
    counts.loc["White"] = 3000
    counts.loc["White", ["persons_with_event", "events"]] = 500
    cells = shown.cells(measure, counts, ("Black", "White"), public=False)
    found = shown.verdict_on(
        midlands.plan, measure, cells["Black"], cells["White"], p_adjusted=0.001
    )
    assert (cells["Black"].people, found.name) == (30, verdict)


def test_a_plan_may_ask_for_more_people_than_the_rule(midlands):
    measure, plan = midlands.plan.measure("recall"), midlands.plan
    strict = plan.model_copy(
        update={"smallest": plan.smallest.model_copy(update={"base": 100_000})}
    )
    assert (
        shown.verdict_on(strict, measure, *midlands.pair(measure, "Black"), p_adjusted=0.001).name
        == "insufficient_data"
    )


def test_records_hold_nothing_exact_and_keep_the_schema(midlands, wales):
    for study in (midlands, wales):
        record = record_of(study)
        store.validate(record)
        assert not any(row.is_exact for row in record.rows)


def test_planted_disparities_are_found_and_allowing_for_age_takes_a_part(midlands):
    answer = midlands.page()["recall", "Black"]
    assert answer.verdict.name == "disparity" and answer.verdict.direction == "higher"
    crude, outside, both = (
        answer.result.value,
        *(
            midlands.adjusted(midlands.plan.measure("recall"), w)["Black"].value
            for w in ("outside", "both")
        ),
    )
    assert crude > outside > both > 1


def test_repeats_widen_the_interval_of_rates(midlands):
    measure = midlands.plan.measure("recall")
    cell, reference = midlands.pair(measure, "White")[1], midlands.pair(measure, "White")[1]
    assert cell.inflation >= 1
    wide = shown.relative_rate(measure, replace(cell, inflation=3.0), reference)
    narrow = shown.relative_rate(measure, replace(cell, inflation=1.0), reference)
    assert wide.conf_high > narrow.conf_high


def test_rounds_are_closed_and_the_last_ones_provisional(midlands):
    assert (
        midlands.counts.rounds[-1] == "2026 Q3"
        and len(midlands.counts.rounds) == midlands.plan.trend.rounds
    )
    assert midlands.provisional == ("2026 Q2", "2026 Q3")  # six months from the end of the quarter


def test_persistence_counts_rounds_with_the_same_verdict_and_direction(midlands):
    measure = midlands.plan.measure("recall")
    held, rounds = midlands.persistence(measure, "Black"), midlands.history(measure, "Black")
    names = [(one.verdict.name, one.verdict.direction) for one in rounds]
    assert held.same == sum(name == names[-1] for name in names)
    assert held.of == len(rounds)


def test_several_quarters_together_count_a_person_once(midlands):
    measure, counts = midlands.plan.measure("completion"), midlands.counts.by_unit
    rows = counts[counts["measure"] == measure.id]
    assert (rows["base"] == rows["persons"]).all()
    assert (rows["events"] == rows["persons_with_event"]).all()


def test_units_add_up_to_no_more_than_they_may_show(midlands):
    units = units_of(midlands, midlands.plan.measure("recall"), "Black")
    assert len(units.lines) == 10
    for line in units.lines:
        if line.people is not None:
            assert line.people % 5 == 0 and line.events % 5 == 0
            low, high = sorted((line.ratio, units.target))
            assert (
                line.shrunken is None
                or low - 1e-9 <= line.shrunken[0] <= high + 1e-9
                or units.differ
            )


# -- within units ----------------------------------------------------------------------------------
def test_ratios_within_units_are_of_the_people_of_the_crude_ratio(midlands):
    """The newest round alone, though a funnel puts four rounds together."""
    for measure in midlands.plan.measures:
        by_unit = (
            midlands.counts.newest_by_unit(measure)
            .groupby("group")[["events", "base", "persons"]]
            .sum()
        )
        newest = midlands.counts.newest(measure)[["events", "base", "persons"]]
        pd.testing.assert_frame_equal(by_unit, newest, check_names=False)


def test_ratios_within_units_stand_beside_the_crude_ones_as_model_results(midlands, wales):
    for study in (midlands, wales):
        for measure, group in shown.compared(study.plan):
            row = words.beside_row(
                study.plan, {"estimates": study.rows}, measure, group, WITHIN_UNITS
            )
            crude = study.page()[measure.id, group].result
            if isinstance(crude, Withheld):
                assert row.status == "withheld" and row.value is None
                continue
            assert (row.estimand, row.method, row.family) == (
                shown.MAIN,
                "mantel_haenszel",
                None,
            )
            if row.status == "estimated":
                assert all(
                    getattr(row, key) == significant(getattr(row, key))
                    for key in ("value", "conf_low", "conf_high")
                )
                assert row.std_error is None and row.n is None and row.result_class is None


def test_ratios_within_units_are_those_of_the_exact_counts(midlands):
    measure, rows = midlands.plan.measure("completion"), midlands.counts.newest_by_unit
    rows = rows(measure).set_index(["unit", "group"])[["events", "base"]]
    units = [
        UnitCounts(unit, *map(int, rows.loc[unit, "Black"]), *map(int, rows.loc[unit, "White"]))
        for unit in rows.index.get_level_values("unit").unique()
        if {"Black", "White"} <= set(rows.loc[unit].index)
    ]
    exact, shown_as = (
        relative_rate_within_units(units, kind="share"),
        midlands.within_units(measure, "Black"),
    )
    assert shown_as.value == significant(exact.value) and shown_as.conf_low == significant(
        exact.conf_low
    )
    assert len(units) == 10


def test_few_people_with_the_event_in_shared_units_withhold_the_ratio_within(midlands):
    """Nine people with the event stand in units that hold both groups: the crude ratio may be
    shown, this one not."""
    measure = midlands.plan.measure("completion")
    counts = midlands.counts.newest_by_unit(measure)
    black = counts["group"] == "Black"
    for most, withheld in ((9, True), (10, False)):
        few = counts.copy()
        few.loc[black, ["events", "persons_with_event"]] = 0
        first = few.index[black][0]
        few.loc[first, ["base", "persons"]] = 60
        few.loc[first, ["events", "persons_with_event"]] = most
        study = replace(midlands, counts=replace(midlands.counts))
        study.counts.__dict__["_newest_by_unit"] = few
        assert isinstance(study.within_units(measure, "Black"), Withheld) is withheld


def test_pages_without_units_have_no_ratio_within_them(youth):
    assert all(row.note != WITHIN_UNITS for row in youth.rows)
    assert tables.adjusted_table(youth) is None


def test_the_table_says_that_crude_ratios_do_not_allow_for_units(midlands):
    table = tables.adjusted_table(midlands)
    assert "Within delivery units" in table.to_frame().columns
    assert any("do not allow for units" in note for note in table.notes)


def test_the_nation_holds_what_all_places_at_once_hold(youth):
    exact = {ALL: record_of(youth, "published")}
    joint = clear_together(youth.plan, exact)
    assert joint.national.region == NATIONAL and joint.national.cleared
    assert joint.national.rows == joint.places[ALL].rows
    assert joint.national.statement.headline.startswith(
        "England and Wales: 13.0 in 100 Black children were remanded to custody"
    )


@pytest.mark.parametrize(
    ("small", "others", "stands"), [(4, [120], False), (4, [60] * 11, True), (40, [120], True)]
)
def test_the_nation_withholds_what_would_give_a_small_place_back(small, others, stands):
    people = [small, *others]
    places = pd.DataFrame({"persons": [n + 200 for n in people], "persons_with_event": people})
    assert shown.whole_stands(places) == stands


# -- pages -----------------------------------------------------------------------------------------
def test_pages_use_no_word_that_is_avoided_and_headings_stay_short(youth, midlands, wales):
    for study, source in ((youth, "published"), (midlands, "synthetic"), (wales, "synthetic")):
        record = clear_together(
            study.plan, {ALL: record_of(study, source).with_(region=study.place)}
        ).places[ALL]
        block = monitor_block(study.plan, record, record)
        kind = place_set(study.plan.data.places)
        name = kind.together if study.place == ALL else kind.name(study.place)
        assert len(block.headline.removeprefix(name).lstrip(":, ").split()) <= 14
        said = [
            block.headline,
            *block.lines,
            *block.can_say,
            *block.cannot_say,
            block.harm_watch,
            block.by_group,
        ]
        for section in monitor_sections(study.plan, record):
            said += [text for line in section.lines for text in (line.say, line.cannot_say)]
        assert [fault for text in said for fault in faults(text)] == []


def test_the_figure_and_its_csv_say_the_same(midlands):
    record = record_of(midlands)
    drawing = monitor_drawing(midlands.plan, record)
    rows = drawing.table.to_frame().to_dict("records")
    assert [row["group"] for row in rows] == list(midlands.plan.compared_groups)
    for row in rows:
        assert row["verdict"] in drawing.alt()


CELLS = (
    "answer",
    "counted",
    "verdicts",
    "beside",
    "adjusted",
    "stages",
    "trend",
    "units",
    "explain",
    "limits",
)


def seen_in(study, source, monkeypatch) -> list:
    """Every table and text that the cells of a notebook show."""
    from analysis.studies.disparity.shown import view as monitor_view

    seen = []
    monkeypatch.setattr(monitor_view, "display", seen.append)
    monkeypatch.setattr(monitor_view, "show", lambda figure, **words: seen.append(words["table"]))
    view = monitor_view.MonitorView(
        study.plan, study.place, parse_source(source), study, DATES, HASHES
    )
    for cell in CELLS:
        result = getattr(view, cell)()
        seen += [] if result is None else [result]
    return seen


def test_every_sentence_of_the_notebook_is_short_and_says_what_happened(
    youth, midlands, wales, monkeypatch
):
    for study, source in ((youth, "published"), (midlands, "synthetic"), (wales, "synthetic")):
        texts = [check.text for check in study.checks]
        for shown_there in seen_in(study, source, monkeypatch):
            parts = (
                (shown_there.title, *shown_there.notes)
                if isinstance(shown_there, Table)
                else (shown_there.text,)
            )
            texts += [line for part in parts for line in part.splitlines()]
        lengths = []
        for text in texts:
            assert not re.search(
                r"\b(did|were|was|had) not\b|from the \w+ ethnic group|including White", text
            ), text
            lengths += [len(part.split()) for part in re.split(r"(?<=[.!?])\s+(?=[A-Z0-9])", text)]
        assert max(lengths) <= 40 and statistics.median(lengths) < 18


def is_as_printed(number):
    """A number of a table that a figure is drawn from: two decimals, or three figures."""
    return number in (round(number, 2), significant(number))


def test_every_cell_of_the_notebook_shows_only_what_is_cleared(midlands, monkeypatch):
    seen = seen_in(midlands, "synthetic", monkeypatch)
    assert {type(x).__name__ for x in seen} <= {"Table", "Prose"}
    for table in (x for x in seen if isinstance(x, Table)):
        assert table.cleared_by in ("rounded", "published", "model")
        for cell in table.to_frame().to_numpy().ravel():
            assert isinstance(cell, str) or is_as_printed(cell), cell


# -- verdicts under no difference ------------------------------------------------------------------
@pytest.mark.simulation
def test_pages_without_any_difference_seldom_show_a_disparity():
    """Benjamini and Hochberg over a page with nothing true: at most 5 pages in 100 flag anything (3
    standard errors)."""
    plan, rng, flagged = load_plan("supervision"), np.random.default_rng(5), 0
    sizes = {"White": 4000, "Mixed": 300, "Asian": 500, "Black": 400, "Other": 80}
    measures = [m for m in plan.measures if m.kind == "share"]
    for _ in range(PAGES):
        frames = [
            pd.DataFrame(
                {"measure": m.id, "round": "r", "group": list(sizes), "n": list(sizes.values())}
            )
            for m in measures
        ]
        counts = pd.concat(frames, ignore_index=True)
        n = counts.pop("n")
        events = rng.binomial(n, 0.3)
        counts = counts.assign(
            **{name: n for name in ("rows", "persons", "base")},
            persons_with_event=events,
            events=events,
            events_squared=0,
            events_times_base=0,
            base_squared=0,
        )
        few = plan.model_copy(
            update={"measures": tuple(measures), "stages": None, "recorded_by_practitioner": ()}
        )
        source = published_counts(load_plan("youth_cascade"))
        study = open_monitor(
            few,
            ALL,
            replace(source, plan=few, rounds=("r",), ends=source.ends[:1], by_round=counts),
            shown_on=None,
        )
        flagged += any(
            one.verdict.name in ("disparity", "small_not_chance") for one in study.page().values()
        )
    assert flagged / PAGES <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / PAGES)


# -- what leads ------------------------------------------------------------------------------------
def test_the_plan_leads_and_no_page_picks_its_largest_ratio(youth, midlands, wales):
    for study, source in ((youth, "published"), (midlands, "synthetic"), (wales, "synthetic")):
        record, plan = record_of(study, source), study.plan
        measure, group, row = words.leading(plan, record)
        assert (measure.id, group) == (plan.leads.measure, plan.leads.group)
        assert Leads(row.outcome, row.group) == record.leads
    largest = max(
        words.page_rows(youth.plan, record_of(youth, "published")),
        key=lambda entry: entry[2].value,
    )
    assert largest[0].id != youth.plan.leads.measure


def test_the_heading_hangs_on_the_leading_comparison_alone(midlands):
    """Whatever the other comparisons show, in whatever order, heading and statement stay as they
    are."""
    record, rng = record_of(midlands), np.random.default_rng(3)
    said, leads = words.statement(midlands.plan, record), record.leads
    own = [row for row in record.rows if (row.outcome, row.group) == (leads.outcome, leads.group)]
    others = [row for row in record.rows if row not in own and row.status == "estimated"]
    for _ in range(10):
        changed = [
            row.with_(
                value=9.0, conf_low=8.0, conf_high=10.0, p_value=1e-9, result_class="disparity"
            )
            for row in others
        ]
        rows = [*own, *changed]
        rng.shuffle(rows)
        own_first = sorted(
            rows, key=lambda row: row not in own
        )  # within a comparison the order of the record is kept
        assert words.statement(midlands.plan, record.with_(rows=tuple(own_first))) == said


@pytest.mark.parametrize("plan", list_plans(), ids=lambda plan: plan.study)
def test_the_record_says_what_leads(plan):
    leads = leading_row(plan)
    if isinstance(plan, Monitor):
        named = f"{plan.leads.group} to {plan.groups.reference}"
        assert leads == Leads(plan.leads.measure, named)
    else:
        assert leads == (Leads(plan.leading, "all") if isinstance(plan, Plan) else None)


def test_rows_say_what_counts_who_decides_and_who_is_worse_off(midlands):
    for measure, group, row in words.page_rows(midlands.plan, record_of(midlands)):
        assert (
            row.counts == measure.counts
            and row.direction == {"good": "higher", "bad": "lower"}[measure.counts]
        )
        if row.status != "estimated":
            assert (row.decided_by, row.worse_off, row.opposite_value) == (
                None,
                None,
                None,
            )
            continue
        found = midlands.page()[measure.id, group].verdict
        assert (row.decided_by, row.worse_off) == (found.decided_by, found.worse_off)
        assert (row.opposite_value is None) == (
            measure.kind == "rate" or row.result_class == "insufficient_data"
        )


def test_the_smallest_ratio_lies_where_the_group_would_be_worse_off(midlands):
    for measure, _, row in words.page_rows(midlands.plan, record_of(midlands)):
        if row.mde is not None:
            assert (row.mde < 1) == (measure.counts == "good")


# -- plans -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("plan", MONITORS, ids=lambda plan: plan.study)
def test_every_measure_names_whom_it_counts_and_an_event_that_is_good_or_bad(plan):
    for measure in plan.measures:
        assert (
            measure.at_risk and measure.plain and measure.noun and measure.counts in ("good", "bad")
        )
        assert measure.kind == "share" or measure.opposite is None


@pytest.mark.parametrize(
    ("find", "put", "says"),
    [
        (
            "    plain: completed their order\n",
            "    plain: did not complete their order\n",
            "without `not`",
        ),
        ("    noun: completing the order\n", "    noun: no completion\n", "without `no`"),
        ("    counts: good\n    count: orders_completed", "    count: orders_completed", "counts"),
        (
            "    counts: bad\n    repeats: person\n    count: recalls",
            "    adverse: yes_event\n    repeats: person\n    count: recalls",
            "`counts: bad`",
        ),
        (
            "    opposite: ended their order in another way\n",
            "    otherwise: did not complete it\n",
            "`opposite`",
        ),
        ("    opposite: ended their order in another way\n", "", "`opposite` is missing"),
        (
            "    opposite: ended their order in another way\n",
            "    opposite: did not complete it\n",
            "without `not`",
        ),
        (
            "    people: people at the end of an order\n",
            "    people: people whose order ended\n",
            "`whose`",
        ),
        ("    events: recalls\n", "", "`events` is missing"),
        (
            "leads: {measure: recall, group: Black}",
            "leads: {measure: recal, group: Black}",
            "recal",
        ),
        (
            "leads: {measure: recall, group: Black}",
            "leads: {measure: recall, group: White}",
            "White",
        ),
        ("leads: {measure: recall, group: Black}", "leads: {measure: recall}", "group"),
        ("leads: {measure: recall, group: Black}", "", "leads"),
        ("    per: licence-months\n", "", "per"),
        (
            "    counts: bad\n    repeats: person\n    count: recalls",
            "    opposite: stayed free\n    counts: bad\n    repeats: person\n    count: recalls",
            "no opposite",
        ),
        (
            (
                "recorded_words: the practitioner and a manager decide about breach and recall, and"
                " record them\n"
            ),
            "",
            "recorded_words",
        ),
        (
            "recorded_by_practitioner: [breach, recall]",
            "recorded_by_practitioner: [breach, recal]",
            "recal",
        ),
        ("method: benjamini_hochberg", "method: holm", "families"),
        ("band: {low: 0.8", "band: {low: 1.8", "band"),
    ],
)
def test_a_faulty_monitor_is_refused_in_the_words_of_its_file(tmp_path, find, put, says):
    from analysis.paths import PARAMS

    text = (PARAMS / "monitors" / "supervision.yml").read_text(encoding="utf-8")
    assert find in text
    folder = tmp_path / "monitors"
    folder.mkdir()
    (folder / "supervision.yml").write_text(text.replace(find, put), encoding="utf-8")
    with pytest.raises(PlanError) as fault:
        read_plan(folder / "supervision.yml")
    assert says in str(fault.value)


def test_estimates_hold_their_interval_whatever_the_rounding(midlands):
    for row in midlands.rows:
        if row.status == "estimated":
            assert row.conf_low <= row.value <= row.conf_high
    assert isinstance(midlands.page()["recall", "Black"].result, Estimate)


def test_a_long_list_of_what_is_too_few_is_counted_by_group(wales):
    record = clear_together(wales.plan, {ALL: record_of(wales).with_(region="wales")}).places[ALL]
    few = [
        row
        for _, _, row in words.page_rows(wales.plan, record)
        if row.result_class not in words.ORDER[:-1]
    ]
    said = monitor_block(wales.plan, record, record).by_group
    withheld = sum(row.result_class == "withheld" for row in few)
    assert (
        withheld > 6
        and f"Withheld to protect people: {withheld} comparisons, each named below (" in said
    )
    assert "Too few people or events: " in said and said.endswith("This is not a pass.")


def test_stages_are_closed_on_exact_counts_and_not_on_rounded_ones(midlands):
    measures = [midlands.plan.measure("completion"), midlands.plan.measure("settled_home")]
    went_on = {"completion": ({"Black": 60, "White": 300}, {"Black": 41, "White": 202})}
    went_on["settled_home"] = (
        {"Black": 41, "White": 201},
        {"Black": 20, "White": 100},
    )  # 201 rounds to 200, as 202 does
    frames = []
    for name, (base, events) in went_on.items():
        for group in base:
            counts = dict.fromkeys(SUMS, 0) | {
                "persons": base[group],
                "base": base[group],
                "events": events[group],
                "persons_with_event": events[group],
            }
            frames.append({"measure": name, "round": "2026 Q3", "group": group} | counts)
    study = replace(midlands, counts=replace(midlands.counts, by_round=pd.DataFrame(frames)))
    assert not study.follows(measures, "Black")
    exact = pd.DataFrame(frames).assign(
        base=lambda f: f["base"].where(
            (f["measure"] != "settled_home") | (f["group"] != "White"), 202
        )
    )
    assert replace(midlands, counts=replace(midlands.counts, by_round=exact)).follows(
        measures, "Black"
    )


def test_too_few_people_draw_no_comparison(midlands):
    record = record_of(midlands)
    few = [
        row.with_(result_class="insufficient_data") if row.family == "page" else row
        for row in record.rows
    ]
    record = record.with_(rows=tuple(few))
    measure, group, row = words.leading(midlands.plan, record)
    assert row.value is not None
    assert words.drawn_row(midlands.plan, record, measure, group).group_value is None
    assert words.since_line(midlands.plan, record, measure, group) == ""
    assert monitor_drawing(midlands.plan, record) is None


# -- periods ---------------------------------------------------------------------------------------
def test_a_round_that_is_missing_is_not_replaced_by_an_older_one(midlands):
    """Pages name the round before by the calendar: what stands there is of that round, or nothing
    does."""
    measure, rows = midlands.plan.measure("recall"), midlands.counts.by_round
    whole = {name: one.round for name, one in midlands.earlier(measure, "Black").items()}
    assert whole == {"last_round": "2026 Q2", "same_round_last_year": "2025 Q3"}
    gap = rows[(rows["round"] != "2026 Q2") | (rows["measure"] != measure.id)]
    study = replace(midlands, counts=replace(midlands.counts, by_round=gap))
    assert set(study.earlier(measure, "Black")) == {"same_round_last_year"}


def test_the_lines_name_the_rounds_that_the_rows_are_of(midlands):
    measure = midlands.plan.measure("recall")
    dates = {"period_from": "2026-07-01", "period_to": "2026-09-30"}
    record = record_of(midlands).with_(**dates)
    line = words.since_line(midlands.plan, record, measure, "Black")
    for name, one in midlands.earlier(measure, "Black").items():
        named = words.period_before(midlands.plan, record, name)
        assert named == round_words(one.round)
        assert f"{named}: was {one.result.value:.2f}" in line
    assert line.endswith("the same measure and group.")


def test_published_counts_have_a_period_too():
    plan = load_plan("youth_cascade")
    _, dates, _ = open_exact(plan, ALL, parse_source("published"))
    assert (dates["period_from"], dates["period_to"]) == ("2024-04-01", "2025-03-31")
    assert words.period_of(plan, some_record(**dates)) == "year to March 2025"


def test_provisional_until_when_is_said_in_words(midlands):
    text = next(check.text for check in midlands.checks if check.id == "provisional")
    assert (
        text
        == "Provisional until April 2027: cases of April to June 2026 and July to September 2026"
        " are still being entered."
    )
