"""The rounds of a monitor come from the plan and the day of the extract, and never from which
quarters the data hold."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analysis.disclosure.attack.protection import NOTHING
from analysis.display.drawn_rounds import RoundPoint, trend_table
from analysis.display.figures.disparity import trend_figure_alt
from analysis.errors import DataError, ParameterError
from analysis.extracts.rules.checking import examine_folder
from analysis.extracts.tables.contracts import CONTRACTS
from analysis.plans.monitor import Monitor
from analysis.plans.registry import list_plans, load_plan
from analysis.results import Table
from analysis.studies.disparity.checks import delivery_lines
from analysis.studies.disparity.counted.calendar import last_closed, rounds_of_calendar
from analysis.studies.disparity.counted.counts import counted_rows
from analysis.studies.disparity.study import open_monitor
from analysis.study.opening import _require_closed
from analysis.synthetic.nation import ensure_region

SUPERVISION, WORKFORCE = load_plan("supervision"), load_plan("workforce")
QUARTERS = pd.date_range("2024-10-01", "2026-07-01", freq="QS")


def held(*without, rows=100):
    return {quarter: rows for quarter in QUARTERS if str(quarter.date()) not in without}


def labels(calendar, *, whole=True):
    return tuple(slot.label for slot in calendar.slots if slot.whole or not whole)


@pytest.mark.parametrize(
    ("extract", "to", "newest"),
    [
        ("2026-10-03", None, "2026-07-01"),
        ("2026-10-01", None, "2026-07-01"),
        (
            "2026-09-30",
            None,
            "2026-04-01",
        ),  # the last day of the quarter is not over on the day itself
        ("2026-07-20", None, "2026-04-01"),
        ("2026-10-03", "2025-12-31", "2025-10-01"),
        ("2026-10-03", "2025-12-30", "2025-07-01"),
        (None, "2025-12-31", "2025-10-01"),
    ],
)
def test_a_quarter_is_closed_when_its_last_day_lies_before_the_extract_and_not_after_the_plan(
    extract, to, newest
):
    assert last_closed(extract, to) == pd.Timestamp(newest)


def test_an_extract_of_july_gives_no_quarter_that_ends_in_september():
    calendar = rounds_of_calendar(SUPERVISION, held(), extract_date="2026-07-20")
    assert labels(calendar)[-1] == "2026 Q2"
    assert calendar.lines() == (
        (
            "July to September 2026 was not over on the day of the extract (20 July 2026) and is"
            " left out."
        ),
    )


def test_without_a_day_of_the_extract_its_newest_quarter_is_taken_for_closed():
    assert labels(rounds_of_calendar(SUPERVISION, held()))[-1] == "2026 Q3"


def test_a_missing_quarter_is_a_hole_and_the_series_does_not_reach_further_back():
    calendar = rounds_of_calendar(SUPERVISION, held("2026-01-01"), extract_date="2026-10-03")
    assert labels(calendar, whole=False) == labels(rounds_of_calendar(SUPERVISION, held()))
    assert "2026 Q1" not in labels(calendar)
    assert calendar.lines() == (
        (
            "January to March 2026 was not delivered: it is a gap, and no verdict is counted"
            " across it."
        ),
    )


def test_a_year_of_which_a_quarter_is_missing_is_no_round():
    calendar = rounds_of_calendar(WORKFORCE, held("2026-01-01"), extract_date="2026-10-03")
    assert labels(calendar) == ("year to 2025 Q3",)
    assert (
        "The year to September 2026 is not whole: January to March 2026 was not delivered."
        in calendar.lines()
    )


def test_where_no_year_is_whole_there_is_a_refusal_that_names_the_quarter():
    with pytest.raises(
        ParameterError, match="year to September 2026 is not whole: January to March 2026 was"
    ) as found:
        rounds_of_calendar(WORKFORCE, held("2026-01-01", "2025-04-01"), extract_date="2026-10-03")
    assert found.value.code == "E155"


def test_a_quarter_of_far_fewer_rows_is_said_and_the_share_is_the_plans():
    rows = held() | {pd.Timestamp("2026-07-01"): 45}
    assert (
        "July to September 2026 holds fewer than 50%"
        in rounds_of_calendar(SUPERVISION, rows).lines()[0]
    )
    plan = SUPERVISION.model_copy(
        update={"round": SUPERVISION.round.model_copy(update={"partial_below_percent": 40})}
    )
    assert rounds_of_calendar(plan, rows).lines() == ()


def test_a_quarter_that_one_table_of_the_plan_lacks_is_not_whole():
    calendar = rounds_of_calendar(
        WORKFORCE, held(), delivered=held("2026-07-01"), extract_date="2026-10-03"
    )
    assert labels(calendar) == ("year to 2025 Q3",)


@pytest.mark.parametrize(
    "study", [plan.study for plan in list_plans() if isinstance(plan, Monitor)]
)
def test_tables_that_are_counted_by_year_say_so_in_their_contract(study):
    plan = load_plan(study)
    for name in plan.tables:
        if name in CONTRACTS:
            assert CONTRACTS[name].by_year == (plan.round.length == "year")


# -- in the data -----------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def wales(tmp_path_factory) -> dict[str, Path]:
    home = tmp_path_factory.mktemp("calendar")
    return {
        service: ensure_region("wales", scale=0.5, service=service, folder=home / service)
        for service in ("caseload", "workforce")
    }


def changed(folder: Path, to: Path, **tables) -> Path:
    """A copy of the tables of a folder; `tables`: what each becomes."""
    to.mkdir()
    for file in folder.glob("**/*.parquet"):
        name = file.parent.name if file.name.startswith("region=") else file.stem
        frame = pd.read_parquet(file)
        tables.get(name, lambda rows: rows)(frame).to_parquet(to / f"{name}.parquet", index=False)
    return to


def without(quarter):
    return lambda rows: rows[rows["quarter"] != pd.Timestamp(quarter)]


def opened(plan, folder):
    counts = counted_rows(plan, "wales", "extracts", folder)
    return open_monitor(plan, "wales", counts, shown_on="2026-10-03", hidden=NOTHING)


def test_every_count_of_a_page_is_made_of_one_window(wales, tmp_path):
    """The quarter after the window, not closed, changes nothing: by round, by unit, by stratum,
    unknown, finer."""

    def with_a_quarter_ahead(rows):
        newest = rows[rows["quarter"] == rows["quarter"].max()]
        return pd.concat(
            [rows, newest.assign(quarter=pd.Timestamp("2026-10-01"))], ignore_index=True
        )

    plain = opened(SUPERVISION, changed(wales["caseload"], tmp_path / "plain")).counts
    more = opened(
        SUPERVISION,
        changed(wales["caseload"], tmp_path / "more", supervision_quarters=with_a_quarter_ahead),
    ).counts
    assert more.rounds == plain.rounds and more.calendar.not_closed == (pd.Timestamp("2026-10-01"),)
    for name in ("by_round", "by_unit", "by_stratum", "unknown", "finer"):
        pd.testing.assert_frame_equal(getattr(more, name), getattr(plain, name))


def test_a_hole_stands_in_the_series_and_nothing_is_counted_across_it(wales, tmp_path):
    study = opened(
        SUPERVISION,
        changed(wales["caseload"], tmp_path / "x", supervision_quarters=without("2026-04-01")),
    )
    measure = SUPERVISION.measure("recall")
    history = study.history(measure, "Black")
    assert [one.round for one in history if not one.delivered] == ["2026 Q2"]
    assert [one.round for one in study.unbroken(measure, "Black")] == ["2026 Q3"]
    assert study.persistence(measure, "Black") is None
    assert "last_round" not in study.earlier(measure, "Black")
    rows = {
        row.note: row
        for row in study.rows
        if row.group == "Black to White" and row.outcome == "recall"
    }
    assert (rows["trend_2026 Q2"].status, rows["trend_2026 Q2"].reason) == (
        "not_estimable",
        "not_delivered",
    )
    assert {check.id: check.text for check in study.checks}["delivery"] == delivery_lines(study)[0]
    assert study.counts.unit_rounds == 3  # of the last four


def test_a_year_with_a_missing_quarter_is_refused_where_it_is_counted(wales, tmp_path):
    folder = changed(wales["workforce"], tmp_path / "x", staff_quarters=without("2026-01-01"))
    with pytest.raises(DataError, match="E155"):
        counted_rows(WORKFORCE, "wales", "extracts", folder)
    found = examine_folder(folder)
    assert [(p.code, p.column) for p in found.problems] == [("E155", "quarter")]
    assert "Missing: 2026Q1." in found.problems[0].remedy


def test_checks_note_a_gap_a_quarter_ahead_and_a_part(wales, tmp_path):
    assert examine_folder(changed(wales["caseload"], tmp_path / "whole")).notes == ()

    def early(rows):
        return rows.assign(extract_date=pd.Timestamp("2026-07-20"))

    def some(rows):
        keep = (rows["quarter"] != pd.Timestamp("2025-07-01")) | (
            rows.groupby("quarter").cumcount() < 20
        )
        return rows[keep & (rows["quarter"] != pd.Timestamp("2025-01-01"))]

    found = examine_folder(
        changed(wales["caseload"], tmp_path / "x", extract=early, supervision_quarters=some)
    )
    said = " ".join(str(note) for note in found.notes)
    assert "not delivered: 2025Q1" in said and "E156" in said and "E157" in said


def test_a_place_that_delivered_nothing_for_a_quarter_is_named_on_the_page_of_all():
    calendar = rounds_of_calendar(
        SUPERVISION,
        held(),
        extract_date="2026-10-03",
        places_without={QUARTERS[-1]: ("Wales", "London")},
    )
    assert calendar.lines() == ("July to September 2026 was not delivered for Wales and London.",)


def test_a_period_of_a_pilot_that_was_not_over_at_the_extract_is_refused():
    plan = load_plan("psr_quality")
    assert _require_closed(plan, "2026-01-01") is None and _require_closed(plan, None) is None
    with pytest.raises(ParameterError, match="ends on 2025-12-31") as found:
        _require_closed(plan, "2025-12-31")
    assert found.value.code == "E156"


def test_a_gap_is_told_from_what_is_not_shown_in_the_words_of_the_figure():
    points = [RoundPoint("2026 Q1", None, delivered=False), RoundPoint("2026 Q2", None)]
    beside = Table("Round by round", pd.DataFrame(), "rounded")
    said = trend_figure_alt(trend_table(points, centre=None, beside=beside))
    assert "2026 Q1: not delivered" in said and "2026 Q2: not shown" in said


def test_a_series_is_asked_about_since_its_last_gap_alone():
    from analysis.plans.monitor import AskedAfter
    from analysis.studies.disparity.asked import seen_in

    rule = AskedAfter(rounds=2, of_last=3)
    assert seen_in(["disparity_higher", None, "disparity_higher"], rule).asked  # too few in between
    assert not seen_in(["disparity_higher"], rule).asked  # what is left after a gap


def test_the_calendar_does_not_change_what_it_is_given():
    rows = held()
    calendar = rounds_of_calendar(SUPERVISION, rows, extract_date="2026-10-03")
    assert rows == held() and replace(calendar) == calendar
