"""Suppression: marks, rounding, merged reasons, cleared estimates and tables, and inputs that stay
as they were."""

import ast
import itertools

import pandas as pd
import pytest
from chosen import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from syntax import nodes_of

from analysis.disclosure.attack.protection import NOTHING
from analysis.disclosure.rules import Clearance, load_rules
from analysis.disclosure.suppression import (
    OTHER_REASONS,
    clear_estimate,
    clear_table,
    cleared_flow,
    merge_small_reasons,
    protected_cell,
)
from analysis.errors import RunError
from analysis.paths import ROOT
from analysis.results import REVEALING_REASONS, Estimate, NotEstimable, Support, Withheld

PRACTITIONERS = Clearance(public=False, clusters_are_people=True, hidden=NOTHING)
PRIVATE = Clearance(public=False, clusters_are_people=False, hidden=NOTHING)
PUBLISHED = Clearance(public=True, clusters_are_people=False, hidden=NOTHING)

RULES = load_rules()
ENOUGH = {
    "n": 403,
    "n_identifying": 301,
    "cells_identifying": 33,
    "n_treated": 123,
    "clusters_treated": 14,
    "clusters_comparison": 22,
    "persons": 402,
    "smallest_cell": 12,
    "residual_df": 203,
}


def cells(*pairs, **more):
    return pd.DataFrame(pairs, columns=["event", "base"]).assign(
        group=[f"g{i}" for i in range(len(pairs))], **more
    )


def protected(*pairs, **more):
    made = [
        protected_cell(row.base, row.event, bool(getattr(row, "structural", False)))
        for row in cells(*pairs, **more).itertuples()
    ]
    return pd.DataFrame(made)


@pytest.mark.parametrize(
    ("event", "base", "mark", "shown"),
    [
        (9, 100, "[c]", (100, None, None)),
        (10, 100, "", (100, 10, 10.0)),
        (0, 100, "[c]", (100, None, None)),
        (91, 100, "[c]", (100, None, None)),
        (100, 100, "[c]", (100, None, None)),
        (3, 9, "[c]", (None, None, None)),
        (12, 28, "[u]", (30, 10, None)),
        (33, 101, "", (100, 35, 35.0)),
        (None, 100, "[z]", (None, None, None)),
    ],
)
def test_each_cell_gets_its_mark(event, base, mark, shown):
    row = protected((event, base)).iloc[0]
    assert row["mark"] == mark
    assert (
        tuple(None if pd.isna(row[name]) else row[name] for name in ("base", "event", "rate"))
        == shown
    )


def test_a_structural_zero_is_shown_as_zero():
    row = protected((0, 100), structural=[True]).iloc[0]
    assert (row["mark"], row["event"], row["rate"]) == ("0", 0, 0.0)


@given(st.integers(0, 60), st.integers(0, 200))
def test_no_share_shown_is_nought_or_all(event, more):
    row = protected((event, event + more)).iloc[0]
    if not pd.isna(row["rate"]):
        assert 0 < row["rate"] < 100


# --- reasons for exclusion ---
def test_small_reasons_are_merged():
    assert merge_small_reasons({"a": 100, "b": 7, "c": 6}) == {"a": 100, OTHER_REASONS: 15}
    assert merge_small_reasons({"a": 100, "b": 12, "c": 6}) == {"a": 100, OTHER_REASONS: 20}
    assert merge_small_reasons({"a": 10, "b": 11}) == {"a": 10, "b": 10}
    assert merge_small_reasons({"a": 4, "b": 5}) == {OTHER_REASONS: None}
    assert merge_small_reasons({"a": 100, "b": 0}) == {"a": 100}


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(0, 12), max_size=4))
def test_a_withheld_reason_may_be_any_of_ten_although_nobody_is_told(excluded):
    """Nobody left out is told by an empty list, so that a withheld number is one to ten."""
    together, shown = sum(excluded.values()), merge_small_reasons(excluded)
    if 1 <= together <= 10 and max(excluded.values()) < 10:
        assert shown == {OTHER_REASONS: None}
    if None in shown.values():
        assert 1 <= together <= 10 and shown == {OTHER_REASONS: None}
    assert (shown == {}) == (together == 0)


def test_a_withheld_exclusion_withholds_the_number_that_came_in():
    flow = cleared_flow(1007, 1003, {"a": 4})
    assert flow == {"n_in": None, "n_used": 1005, "excluded": {OTHER_REASONS: None}}
    assert cleared_flow(1123, 1003, {"a": 113, "b": 7}) == {
        "n_in": 1125,
        "n_used": 1005,
        "excluded": {OTHER_REASONS: 120},
    }
    with pytest.raises(ValueError, match="those used and those excluded"):
        cleared_flow(1000, 990, {"a": 9})


@settings(max_examples=examples(200), deadline=None)
@given(
    st.integers(10, 500), st.dictionaries(st.sampled_from("abcd"), st.integers(0, 40), max_size=4)
)
def test_a_small_reason_is_never_listed_alone_nor_left_as_a_remainder(used, excluded):
    flow = cleared_flow(used + sum(excluded.values()), used, excluded)
    small = {reason for reason, n in excluded.items() if 0 < n < 10}
    assert not small & set(flow["excluded"])
    if flow["excluded"].get(OTHER_REASONS, 0) is None:
        assert flow["n_in"] is None and set(flow["excluded"]) == {OTHER_REASONS}
    merged = [n for reason, n in excluded.items() if n > 0 and reason not in flow["excluded"]]
    if small and None not in flow["excluded"].values():
        assert sum(merged) >= 10


# --- estimates ---
def estimate(value=-1.8, low=-3.2, high=-0.4, unit="in_every_100", **support):
    return Estimate(
        "matching_effect",
        "absorbed",
        unit,
        value,
        low,
        high,
        std_error=0.71234,
        p_value=0.012345,
        df=31.234,
        comparison_value=22.123,
        group_value=20.323,
        support=Support(**(ENOUGH | support)),
    )


@pytest.mark.parametrize(
    ("field", "n", "shown"),
    [
        (f, n, n >= 10)
        for f in ("smallest_cell", "residual_df", "persons", "n_treated")
        for n in (9, 10, 11)
    ],
)
def test_estimates_are_withheld_below_the_threshold(field, n, shown):
    assert isinstance(
        clear_estimate(estimate(**{field: n}), clearance=PRIVATE),
        Estimate if shown else Withheld,
    )


@pytest.mark.parametrize(("treated", "shown"), [(290, True), (291, True), (292, False)])
def test_the_comparison_side_counts_as_well(treated, shown):
    assert isinstance(
        clear_estimate(estimate(n_treated=treated), clearance=PRIVATE),
        Estimate if shown else Withheld,
    )


@pytest.mark.parametrize(("clusters", "shown"), [(9, False), (10, True), (11, True)])
def test_officers_are_people_too(clusters, shown):
    found = clear_estimate(estimate(clusters_treated=clusters), clearance=PRACTITIONERS)
    assert isinstance(found, Estimate if shown else Withheld)
    assert isinstance(
        clear_estimate(estimate(clusters_treated=clusters), clearance=PRIVATE), Estimate
    )


def test_support_that_is_not_stated_is_too_small():
    bare = Estimate("x", "y", "points", 1.0, 0.5, 1.5)
    assert clear_estimate(bare, clearance=PRIVATE) == Withheld("x", "y", "points")
    assert clear_estimate(bare, clearance=PUBLISHED) is bare


def test_a_cleared_estimate_holds_no_exact_count():
    found = clear_estimate(estimate(), clearance=PRIVATE)
    support = found.support
    assert all(getattr(support, name) % 5 == 0 for name in ENOUGH)
    assert support.smallest_cell == RULES.threshold
    assert (found.value, found.std_error, found.p_value, found.df) == (-1.8, 0.712, 0.0123, 31.2)
    assert found.comparison_value == round(100 * 40 / 180, 1)  # 39 of 178 people, both in fives
    assert clear_estimate(found, clearance=PRIVATE) == clear_estimate(
        clear_estimate(found, clearance=PRIVATE), clearance=PRIVATE
    )


def test_crude_estimates_lose_their_standard_error():
    assert clear_estimate(estimate(), clearance=PRIVATE, crude=True).std_error is None


@given(
    st.lists(st.floats(-1e4, 1e4), min_size=3, max_size=3),
    st.sampled_from(["points", "in_every_100"]),
)
def test_rounding_keeps_the_estimate_inside_its_interval(three, unit):
    low, value, high = sorted(three)
    found = clear_estimate(estimate(value, low, high, unit), clearance=PRIVATE)
    assert found.conf_low <= found.value <= found.conf_high
    for name, raw in (("value", value), ("conf_low", low), ("conf_high", high)):
        assert (getattr(found, name) > 0, getattr(found, name) < 0) == (raw > 0, raw < 0)


def test_reasons_that_tell_are_withheld_and_others_stay_without_their_numbers():
    for reason in ("zero_events", "constant_outcome", "separation"):
        assert reason in REVEALING_REASONS
        found = clear_estimate(
            NotEstimable("x", "y", "points", reason, Support(**ENOUGH), "seen in 3 cells"),
            clearance=PRIVATE,
        )
        assert found == Withheld("x", "y", "points")
    found = clear_estimate(
        NotEstimable("x", "y", "points", "too_few_practitioners", Support(**ENOUGH), "four"),
        clearance=PRIVATE,
    )
    assert found == NotEstimable("x", "y", "points", "too_few_practitioners")
    assert (
        clear_estimate(
            Withheld("x", "y", "points", support=Support(**ENOUGH)), clearance=PRIVATE
        ).support
        == Support()
    )


# --- tables ---
def people(**more):
    return pd.DataFrame(
        {"group": ["A", "B", "C"], "recalled": [33, 9, 60], "people": [101, 120, 65], **more}
    )


def test_clear_table_marks_rounds_and_names_its_rules():
    table = clear_table(
        "Recalls",
        people(),
        counts=["recalled", "people"],
        rates={"in every 100": ("recalled", "people")},
        clearance=PRIVATE,
    )
    shown = table.to_frame()
    assert shown["recalled"].tolist() == [
        35,
        "[c]",
        "[c]",
    ]  # 60 of 65: the five without are protected
    assert shown["people"].tolist() == [100, 120, 65]
    assert shown["in every 100"].tolist() == [35.0, "[c]", "[c]"]
    assert (
        table.cleared_by == "rounded"
        and "rounded to 5" in table.notes[0]
        and "fewer than 10" in table.notes[0]
    )


def test_published_counts_are_shown_as_they_are():
    table = clear_table("Recalls", people(), counts=["recalled", "people"], clearance=PUBLISHED)
    pd.testing.assert_frame_equal(table.to_frame(), people())
    assert table.notes == ("Published counts, no further disclosure control (S0).",)


@pytest.mark.parametrize(
    "extra",
    [
        [True, False, True],
        [1, 2, 3],
        [1.5, 2.5, 3.5],
        list(pd.to_datetime(["2024-01-01"] * 3)),
        [None, "a", "b"],
        ["x" * 300] * 3,
        pd.Categorical([1, 2, 3]),
    ],
)
def test_a_column_that_is_not_declared_is_refused_whatever_its_type(extra):
    with pytest.raises(RunError, match="E320"):
        clear_table("t", people(extra=extra), counts=["recalled", "people"], clearance=PRIVATE)


def test_model_columns_are_rounded_and_counts_must_be_counts():
    table = clear_table(
        "t",
        pd.DataFrame({"place": ["a"], "estimate": [-1.23456]}),
        model=["estimate"],
        clearance=PRIVATE,
    )
    assert table.to_frame()["estimate"].tolist() == [-1.23] and table.cleared_by == "model"
    with pytest.raises(RunError, match="no count"):
        clear_table(
            "t", pd.DataFrame({"place": ["a"], "n": [12.5]}), counts=["n"], clearance=PRIVATE
        )


def test_clear_table_does_not_change_its_input():
    frame = people()
    clear_table(
        "t",
        frame,
        counts=["recalled", "people"],
        rates={"rate": ("recalled", "people")},
        clearance=PRIVATE,
    )
    pd.testing.assert_frame_equal(frame, people())


def test_small_zero_counts_are_marked_in_tables_too():
    frame = pd.DataFrame({"g": ["a", "b"], "n": [0, 40]})
    assert clear_table("t", frame, counts=["n"], clearance=PRIVATE).to_frame()["n"].tolist() == [
        "[c]",
        40,
    ]
    assert clear_table("t", frame, counts=["n"], structural=["n"], clearance=PRIVATE).to_frame()[
        "n"
    ].tolist() == [
        0,
        40,
    ]


def test_marks_differ():
    from analysis.disclosure import suppression as s

    assert all(
        a != b
        for a, b in itertools.combinations((s.WITHHELD, s.UNRELIABLE, s.NOT_APPLICABLE, s.ZERO), 2)
    )


# --- the clearance is said once, and always ---
@pytest.fixture(scope="module")
def signatures() -> list[tuple[str, ast.arguments]]:
    """Where each function of analysis/ stands, and what it takes."""
    return [
        (f"{path.relative_to(ROOT)}:{node.lineno}", node.args)
        for path in sorted((ROOT / "analysis").rglob("*.py"))
        for node in nodes_of(path)
        if isinstance(node, ast.FunctionDef)
    ]


def test_no_part_of_a_clearance_has_a_default():
    whole = {"public": False, "clusters_are_people": False, "hidden": NOTHING}
    for left_out in whole:
        said = {name: value for name, value in whole.items() if name != left_out}
        with pytest.raises(TypeError, match="missing"):
            Clearance(**said)


def test_no_function_takes_a_half_of_a_clearance_or_has_one_by_default(signatures):
    found, taking = [], 0
    for where, args in signatures:
        plain = [*args.posonlyargs, *args.args]
        defaults = [*[None] * (len(plain) - len(args.defaults)), *args.defaults, *args.kw_defaults]
        for arg, default in zip([*plain, *args.kwonlyargs], defaults, strict=True):
            taking += arg.arg == "clearance"
            halved = arg.arg in ("already_public", "clusters_are_people")
            if halved or (arg.arg == "clearance" and default is not None):
                found.append(f"{where} {arg.arg}")
    assert taking > 20 and not found, found
