"""Tables and figures that an evaluator asks a study for: right calls of every kind of study, wrong
calls that say what is valid, and nothing exact behind either."""

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from test_cross_tables import NOISE, interval

from analysis.disclosure.dominance import tells_of_a_person
from analysis.disclosure.rules import load_rules, round_to_base
from analysis.display import style
from analysis.display.layout import MARKS, table_text
from analysis.display.section import Section
from analysis.errors import ParameterError
from analysis.exploring.crossing import (
    IN_EVERY_100,
    KNOWN,
    MEAN,
    cross_tabulation,
)
from analysis.exploring.dictionary import columns_of
from analysis.exploring.drawing import KINDS, plot_of
from analysis.exploring.rows import Explorable
from analysis.plans.registry import check_parameters
from analysis.results import Table
from analysis.study.opening import open_exact

SMALL = load_rules().threshold
MATCHING = ("ethnic_matching", "west_midlands", "synthetic:x0.1")
TINY = ("ethnic_matching", "south_west", "synthetic:x0.02")
ALL_MATCHING = ("ethnic_matching", "all", "synthetic:x0.02")
STAR = ("star_teacher_matching", "all", "star")
COURTS = ("psr_quality", "all", "synthetic:x0.1")
TRIAL = ("gamified_training", "all", "synthetic:x0.1")
ARMS = ("manager_training", "all", "synthetic:x0.1")
SUPERVISION = ("supervision", "west_midlands", "synthetic:x0.1")
PRISONS = ("use_of_force", "all", "synthetic:x0.1")
RELEASE = ("release", "all", "synthetic:x0.1")
STAFF = ("workforce", "wales", "synthetic:x0.1")
REPORTS = ("court_reports", "west_midlands", "synthetic:x0.1")
WITHOUT_ROWS = (
    ("action_plan", "all", "published"),
    ("youth_cascade", "all", "published"),
    ("toronto_arrests", "all", "counts"),
)


@cache
def opened(study_id, place, source):
    plan, place, parsed = check_parameters(study_id, place, source)
    return Explorable(plan, place, parsed, open_exact(plan, place, parsed)[0])


RIGHT = [
    (MATCHING, {"by": "ethnic_group"}),
    (MATCHING, {"by": ["sex"], "count": True}),
    (MATCHING, {"by": ("sex", "risk_tier"), "count": "person_id"}),
    (MATCHING, {"by": ["sex", "risk_tier", "sentence_type"]}),
    (
        MATCHING,
        {"by": ["ethnic_group"], "share": ["recalled", "completed"], "mean": "relationship"},
    ),
    (MATCHING, {"by": "risk_tier", "share": "completed", "where": {"sex": "male"}}),
    (MATCHING, {"by": "sex", "where": {"risk_tier": ["low", "very high"]}, "mean": "trusted"}),
    (MATCHING, {"by": "recalled"}),
    (MATCHING, {"by": "trusted", "mean": "relationship"}),
    (MATCHING, {"by": "period", "share": "breached", "count": True}),
    (MATCHING, {"by": ["ethnic_group", "practitioner_group"]}),
    (MATCHING, {"by": "sex", "where": {"match_requested": False}}),
    (MATCHING, {"share": "reoffended", "where": {"sentence_type": "licence"}}),
    (MATCHING, {"mean": ["relationship", "trusted"]}),
    (MATCHING, {"by": iter(["sex", "sex"]), "share": "answered_survey"}),
    (MATCHING, {"by": "sex", "where": {"sex": "female"}}),
    (ALL_MATCHING, {"by": "region", "share": "recalled"}),
    (ALL_MATCHING, {"by": "sex", "where": {"region": ["Wales", "london"]}}),
    (STAR, {"by": ["class_type", "sex"], "mean": ["maths", "reading"]}),
    (STAR, {"by": "ethnic_group", "where": {"period": "2"}}),
    (COURTS, {"by": ["ethnic_group", "custody_risk"], "share": ["custody", "on_adjournment"]}),
    (COURTS, {"by": ["region", "sex"], "share": "custody"}),
    (COURTS, {"by": "ethnic_group", "mean": ["score_before", "score_after"]}),
    (COURTS, {"by": ["pilot", "started"], "share": "report_written"}),
    (
        COURTS,
        {"by": "started", "share": "custody", "where": {"offence_group": "theft", "sex": "male"}},
    ),
    (TRIAL, {"by": ["arm", "grade"], "mean": ["test_before", "test_after"]}),
    (TRIAL, {"by": ["arm", "exit_reason"]}),
    (TRIAL, {"by": "arm", "mean": "rating_after"}),
    (TRIAL, {"by": "arm", "share": "completed", "mean": "cost_pounds", "count": "manager_id"}),
    (ARMS, {"by": ["arm", "tier"]}),
    (ARMS, {"by": "relevance", "where": {"arm": "virtual reality"}}),
    (SUPERVISION, {"by": ["ethnic_group", "sentence_type"], "share": "in_work"}),
    (SUPERVISION, {"by": "sex", "mean": ["recalls", "licence_days"], "share": "settled_home"}),
    (PRISONS, {"by": ["ethnic_group", "sex"], "share": "force_used", "mean": "force_incidents"}),
    (PRISONS, {"by": "security_category", "share": ["on_basic", "activity_started"]}),
    (RELEASE, {"by": "age_band", "share": ["curfew_granted", "parole_released"]}),
    (STAFF, {"by": ["grade", "sex"], "share": "promoted", "count": True}),
    (STAFF, {"by": "grade", "share": "shortlisted"}),
    (REPORTS, {"by": "offence_group", "share": "custody", "where": {"custody_risk": "medium"}}),
]


@pytest.mark.parametrize(
    ("study", "call"), RIGHT, ids=[f"{study[0]}-{n}" for n, (study, _) in enumerate(RIGHT)]
)
def test_an_unforeseen_but_right_call_gives_a_cleared_table(study, call):
    explored = opened(*study)
    call = {k: list(v) if k == "by" and not isinstance(v, str) else v for k, v in call.items()}
    table = cross_tabulation(explored, **call)
    frame = table.to_frame()
    assert isinstance(table, Table) and len(frame)
    plain, html = table_text(table)
    assert "nan" not in plain.lower() and "<table>" in html
    if explored.public:
        assert table.cleared_by == "published"
        return
    ids = {
        str(x)
        for rows in explored.tables
        for f in rows.fields
        if f.kind.startswith("identif")
        for x in [f.name]
    }
    assert not ids & set(frame.columns)
    for name in frame:
        numbers = [x for x in frame[name] if not isinstance(x, str)]
        if name.endswith(KNOWN) or name == "people":
            assert all(n % 5 == 0 and n >= SMALL for n in numbers)
        if name.endswith(IN_EVERY_100):
            assert all(0 < n < 100 for n in numbers)


@pytest.mark.parametrize("study", sorted({study for study, _ in RIGHT}), ids=str)
def test_columns_say_how_each_can_be_used_and_each_use_works(study):
    explored = opened(*study)
    section = columns_of(explored)
    assert isinstance(section, Section) and len(section.tables) == len(explored.tables)
    for rows, table in zip(explored.tables, section.tables, strict=True):
        frame = table.to_frame()
        assert list(frame["column"]) == [f.name for f in rows.fields]
        assert not frame["meaning"].str.len().eq(0).any()
        for held in rows.fields:
            assert held.uses or held.why_not
    first = explored.tables[0]
    groups = [f.name for f in first.fields if "by" in f.uses][:3]
    assert cross_tabulation(explored, by=groups[:1]).to_frame().shape[0] > 1


WRONG = [
    ("E271", {"by": "ethnicgroup"}, "ethnic_group"),
    ("E271", {"by": ["sex", "risk"]}, "risk_tier"),
    ("E271", {"by": "sex", "share": "recal"}, "recalled"),
    ("E271", {"by": "sex", "mean": "relation"}, "relationship"),
    ("E271", {"by": "sex", "where": {"gender": "f"}}, "sex"),
    ("E271", {"by": 7}, "study.columns()"),
    ("E271", {"by": [7]}, "study.columns()"),
    ("E271", {"by": {"sex": 1}}, "study.columns()"),
    ("E271", {"by": "sex", "where": "female"}, "where={"),
    ("E271", {"by": "sex", "where": [("sex", "female")]}, "where={"),
    ("E271", {"by": "sex", "count": 3.5}, "count=True"),
    ("E271", {"by": "sex", "count": "staff_id"}, "Valid"),
    ("E271", {"by": ""}, "Valid"),
    ("E271", {"by": "sex; drop table people"}, "Valid"),
    ("E272", {"by": "person_id"}, "names one person"),
    ("E272", {"by": "office_id"}, "ethnic_group"),
    ("E272", {"by": "first_allocated_on"}, "a day"),
    ("E272", {"by": "relationship"}, "mean"),
    ("E272", {"by": "ethnicity"}, "use `ethnic_group`"),
    ("E272", {"by": "region"}, "one place"),
    ("E272", {"by": "sex", "share": "relationship"}, "recalled"),
    ("E272", {"by": "sex", "share": "ethnic_group"}, "recalled"),
    ("E272", {"by": "sex", "mean": "recalled"}, "relationship"),
    ("E272", {"by": "sex", "mean": "age_band"}, "relationship"),
    ("E272", {"by": "sex", "where": {"person_id": "a"}}, "names one person"),
    ("E272", {"by": "sex", "count": "sex"}, "person_id"),
    ("E273", {"by": "sex", "where": {"sex": "femal"}}, "female"),
    ("E273", {"by": "sex", "where": {"sex": ["female", "man"]}}, "male"),
    ("E273", {"by": "sex", "where": {"ethnic_group": "Blak"}}, "Black"),
    ("E273", {"by": "sex", "where": {"recalled": 2}}, "yes, no"),
    ("E273", {"by": "sex", "where": {"risk_tier": None}}, "very high"),
    ("E274", {"by": ["sex", "age_band", "risk_tier", "sentence_type"]}, "where"),
    ("E274", {"by": ["recalled"], "share": "recalled"}, "twice"),
    (
        "E274",
        {
            "by": ["sex", "age_band", "risk_tier"],
            "where": {"sentence_type": "licence", "recalled": "yes"},
        },
        "4",
    ),
    ("E275", {}, "study.columns()"),
    ("E275", {"by": []}, "study.columns()"),
    ("E275", {"by": "sex", "count": False}, "share"),
    ("E276", {"by": "sex", "where": {"sex": []}}, "female"),
    (
        "E280",
        {
            "by": ["ethnic_group", "practitioner_group", "age_band"],
            "where": {"sentence_type": "licence"},
        },
        "Leave",
    ),
]


@pytest.mark.parametrize(("code", "call", "named"), WRONG, ids=str)
def test_a_wrong_call_says_what_is_valid(code, call, named):
    with pytest.raises(ParameterError) as found:
        cross_tabulation(opened(*MATCHING), **call)
    assert found.value.code == code and named in str(found.value)


def test_columns_of_two_tables_are_refused_with_where_each_stands():
    with pytest.raises(ParameterError, match=r"managers.*staff_ratings") as found:
        cross_tabulation(opened(*TRIAL), by="grade", mean="rating_after")
    assert found.value.code == "E277"


def test_too_few_people_chosen_is_refused_without_saying_how_many():
    call = {"by": "sex", "where": {"ethnic_group": "Other", "risk_tier": "very_high"}}
    with pytest.raises(ParameterError) as found:
        cross_tabulation(opened(*MATCHING), **call)
    assert found.value.code == "E276" and not re.search(r"\d{2}", found.value.text)


@pytest.mark.parametrize("study", WITHOUT_ROWS, ids=str)
def test_a_study_of_somebody_elses_numbers_says_what_there_is_instead(study):
    for ask in (columns_of, lambda e: cross_tabulation(e, by="sex")):
        with pytest.raises(ParameterError, match=r"study\.rates\(\)") as found:
            ask(opened(*study))
        assert found.value.code == "E270"


def test_an_error_repeats_no_value_that_was_not_typed():
    explored = opened(*MATCHING)
    frame = explored.study.in_period
    private = {*frame["person_id"], *frame["office_id"], *frame["practitioner_id"]}
    for _, call, _ in WRONG:
        with pytest.raises(ParameterError) as found:
            cross_tabulation(explored, **call)
        assert not private & set(re.findall(r"[\w-]+", str(found.value)))


# --- what is shown is what was counted ---
def test_counts_shares_and_means_are_those_of_the_rows():
    explored = opened(*MATCHING)
    table = cross_tabulation(
        explored, by="sex", count=True, share="recalled", mean="relationship"
    ).to_frame()
    people = explored.study.in_period
    for line in table.to_dict("records"):
        own = people[people["sex"] == line["sex"]]
        known = own["recalled"].dropna()
        assert line["people"] == round_to_base(len(own))
        assert line[f"recalled{KNOWN}"] == round_to_base(len(known))
        rate = 100 * round_to_base(int(known.sum())) / round_to_base(len(known))
        assert line[f"recalled{IN_EVERY_100}"] == pytest.approx(rate, rel=5e-3)
        assert line[f"relationship{MEAN}"] == pytest.approx(own["relationship"].mean(), rel=5e-3)


def test_choosing_people_shows_the_same_numbers_as_the_table_with_the_column_in_by():
    explored = opened(*MATCHING)
    both = cross_tabulation(explored, by=["risk_tier", "sex"], share="completed").to_frame()
    for sex in ("female", "male"):
        own = cross_tabulation(
            explored, by="risk_tier", share="completed", where={"sex": sex}
        ).to_frame()
        held = both[both["sex"] == sex].drop(columns="sex").reset_index(drop=True)
        pd.testing.assert_frame_equal(own, held)


def test_what_is_hidden_by_itself_is_hidden_in_every_table():
    explored = opened(*TINY)
    single = cross_tabulation(explored, by="ethnic_group").to_frame()
    gone = set(single.loc[single["people"] == "[c]", "ethnic group"])
    assert gone  # this place has groups that are too small
    for other in ("sex", "risk_tier", "period"):
        both = cross_tabulation(explored, by=["ethnic_group", other]).to_frame()
        assert (both.loc[both["ethnic group"].isin(gone), "people"] == "[c]").all()


@pytest.mark.parametrize(
    ("a", "b"), [("ethnic_group", "sex"), ("ethnic_group", "risk_tier"), ("risk_tier", "sex")]
)
def test_tables_by_a_by_b_and_by_both_give_no_hidden_count_back(a, b):
    """The small attack: all that three tables say, each number within two of what it was."""
    explored = opened(*TINY)
    shown = [cross_tabulation(explored, by=by).to_frame() for by in ([a], [b], [a, b])]
    sizes = [len(table) for table in shown[:2]]
    bounds = np.zeros((sizes[0] + 1, sizes[1] + 1, 2))
    bounds[..., 1] = np.inf
    for i, n in enumerate(shown[0]["people"]):
        bounds[i, -1] = _within_two(n)
    for j, n in enumerate(shown[1]["people"]):
        bounds[-1, j] = _within_two(n)
    bounds[:-1, :-1] = np.array([_within_two(n) for n in shown[2]["people"]]).reshape(*sizes, 2)
    hidden = [tuple(map(int, at)) for at in np.argwhere(np.isinf(bounds[..., 1]))]
    hidden.remove((sizes[0], sizes[1]))  # nobody asked for the number of all
    assert hidden or b == "sex"
    for cell in hidden:
        low, high = interval(cell, bounds)
        assert high - low >= SMALL - NOISE


def _within_two(shown):
    return (0.0, np.inf) if isinstance(shown, str) else (shown - 2.0, shown + 2.0)


# --- means ---
@pytest.mark.parametrize(
    ("values", "told"),
    [
        (np.full(50, 3.0), True),  # the same for all of them: everybody's number is known
        (np.r_[np.zeros(90), np.ones(SMALL - 1)], True),  # few people above nothing
        (np.r_[np.full(20, 0.01), 500.0, 400.0], True),  # two people make the sum
        (np.r_[np.linspace(1, 5, 40)], False),
    ],
)
def test_a_mean_that_tells_of_a_person_is_known_as_one(values, told):
    assert tells_of_a_person(values) == told


def test_the_mean_of_one_number_for_all_is_withheld():
    explored = opened(*MATCHING)
    frame = explored.study.in_period.copy()
    frame.loc[frame["risk_tier"] == "low", "relationship"] = 4.0
    table = cross_tabulation(_with_frame(explored, frame), by="risk_tier", mean="relationship")
    shown = table.to_frame().set_index("risk tier")[f"relationship{MEAN}"]
    assert shown["low"] == "[c]" and (shown == "[c]").sum() >= 2


# --- exact numbers inside their rounding cells ---
def _with_frame(explored, frame):
    """The same study with other people in it."""
    dyads = replace(explored.study.dyads, _frame=frame)
    return replace(explored, study=replace(explored.study, dyads=dyads))


def _moved(explored):
    """Two people change places between two cells of [risk_tier, sex]: one up, one down, so that no
    margin moves; of cells whose rounded count stays as it is."""
    frame = explored.study.in_period.copy()
    counts = frame.groupby(["risk_tier", "sex"]).size().unstack()
    low, high = "low", "medium"
    for tiers in ((low, high), (high, low)):
        after = counts.copy()
        after.loc[tiers[0], "male"] -= 1
        after.loc[tiers[0], "female"] += 1
        after.loc[tiers[1], "male"] += 1
        after.loc[tiers[1], "female"] -= 1
        if after.map(round_to_base).equals(counts.map(round_to_base)):
            one = frame[(frame["risk_tier"] == tiers[0]) & (frame["sex"] == "male")].index[0]
            two = frame[(frame["risk_tier"] == tiers[1]) & (frame["sex"] == "female")].index[0]
            frame.loc[one, "sex"], frame.loc[two, "sex"] = "female", "male"
            return frame
    return None


def test_numbers_moved_inside_their_rounding_cells_leave_table_and_figure_as_they_are():
    place = next(
        p
        for p in ("west_midlands", "wales", "london", "north_east", "south_west", "east_midlands")
        if _moved(opened("ethnic_matching", p, "synthetic:x0.1")) is not None
    )
    explored = opened("ethnic_matching", place, "synthetic:x0.1")
    other = _with_frame(explored, _moved(explored))
    before, after = (cross_tabulation(e, by=["risk_tier", "sex"]) for e in (explored, other))
    assert not explored.study.in_period["sex"].equals(other.study.in_period["sex"])
    assert table_text(before) == table_text(after)
    one, two = (plot_of(table).charts[0] for table in (before, after))
    assert one.alt == two.alt
    assert style.svg(one.figure, alt=one.alt) == style.svg(two.figure, alt=two.alt)
    assert style.png(one.figure) == style.png(two.figure)


# --- figures ---
@pytest.mark.parametrize(
    ("study", "call", "kind"),
    [
        (MATCHING, {"by": "ethnic_group", "share": ["recalled", "completed"]}, None),
        (MATCHING, {"by": "ethnic_group"}, None),
        (MATCHING, {"by": ["risk_tier", "sex"], "share": "completed"}, None),
        (MATCHING, {"by": ["risk_tier", "sex"], "share": "completed"}, "points"),
        (MATCHING, {"by": ["risk_tier", "sex"], "share": "completed"}, "heat"),
        (MATCHING, {"by": ["risk_tier", "sex"]}, "bars"),
        (MATCHING, {"by": ["ethnic_group", "practitioner_group"]}, None),
        (MATCHING, {"by": ["sex", "risk_tier", "sentence_type"], "mean": "relationship"}, None),
        (COURTS, {"by": ["ethnic_group", "custody_risk"], "share": "custody"}, "dumbbell"),
        (COURTS, {"by": ["ethnic_group", "sex"], "share": "custody"}, "dumbbell"),
        (STAR, {"by": ["class_type", "sex"], "mean": "maths"}, "points"),
        (STAFF, {"by": ["grade", "sex"], "share": "promoted"}, None),
    ],
    ids=str,
)
def test_a_figure_is_drawn_from_the_table_alone(study, call, kind):
    table = cross_tabulation(opened(*study), **call)
    if kind == "dumbbell" and "custody_risk" in call["by"]:
        with pytest.raises(ParameterError, match="two groups"):
            plot_of(table, kind)
        return
    section = plot_of(table, kind)
    chart = section.charts[0]
    assert section.table is table and chart.table is table
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,60}", chart.name)
    assert table.title in chart.alt
    shown = {
        str(cell)
        for name, cells in table.to_frame().items()
        if not str(name).endswith(KNOWN)
        for cell in cells
        if cell in MARKS
    }
    assert all(mark in chart.alt for mark in shown)  # what is absent is named
    assert style.png(chart.figure).startswith(b"\x89PNG")
    again = plot_of(Table(table.title, table.to_frame(), table.cleared_by, table.notes), kind)
    assert style.svg(again.charts[0].figure) == style.svg(chart.figure)


@pytest.mark.parametrize(
    ("given", "kind", "code", "named"),
    [
        ("table", "scatter", "E278", "points"),
        ("table", "pionts", "E278", "Did you mean `points`"),
        ("table", 3, "E278", "points"),
        ("table", "dumbbell", "E278", "points"),
        ("table", "heat", "E278", "two columns"),
        ("whole", None, "E278", "by"),
        ("frame", None, "E279", "study.table"),
        ("series", None, "E279", "study.table"),
        ("array", "bars", "E279", "study.table"),
        ("text", None, "E279", "study.table"),
        ("nothing", None, "E279", "study.table"),
    ],
)
def test_what_cannot_be_drawn_says_what_can(given, kind, code, named):
    explored = opened(*MATCHING)
    frame = explored.study.in_period
    things = {
        "table": lambda: cross_tabulation(explored, by="risk_tier", share="completed"),
        "whole": lambda: cross_tabulation(explored, share="completed"),
        "frame": lambda: frame,
        "series": lambda: frame["sex"],
        "array": lambda: frame["relationship"].to_numpy(),
        "text": lambda: "people",
        "nothing": lambda: None,
    }
    with pytest.raises(ParameterError) as found:
        plot_of(things[given](), kind)
    assert found.value.code == code and named in str(found.value)


def test_every_kind_of_figure_can_be_asked_for():
    table = cross_tabulation(opened(*COURTS), by=["custody_risk", "sex"], share="custody")
    for kind in KINDS:
        assert plot_of(table, kind).charts
