"""The disclosure rules, tested at their edges only: n - 1, n, n + 1."""

import pytest

from analysis.disclosure.rules import (
    is_small,
    is_unreliable,
    load_rules,
    regression_is_protected,
    round_to_base,
    share_is_protected,
    unit_effect_is_protected,
)
from analysis.errors import PlanError
from analysis.paths import PARAMS

RULES = load_rules()


@pytest.mark.parametrize(
    ("persons", "small"), [(0, True), (1, True), (9, True), (10, False), (11, False)]
)
def test_counts_are_small_below_the_threshold(persons, small):
    assert is_small(persons, RULES) is small


def test_a_structural_zero_is_not_small():
    assert not is_small(0, RULES, structural=True)
    assert is_small(1, RULES, structural=True)


@pytest.mark.parametrize(
    ("event", "base", "protected"),
    [
        (9, 40, True),
        (10, 40, False),
        (11, 40, False),
        (31, 40, True),
        (30, 40, False),
        (29, 40, False),
        (0, 40, True),
        (40, 40, True),
        (10, 19, True),
        (10, 20, False),
    ],
)
def test_a_share_needs_enough_people_with_and_without_the_event(event, base, protected):
    assert share_is_protected(event, base, RULES) is protected


def test_a_structural_zero_share_still_needs_its_base():
    assert share_is_protected(0, 9, RULES, structural=True)
    assert not share_is_protected(0, 10, RULES, structural=True)


@pytest.mark.parametrize(("n", "low"), [(29, True), (30, False), (31, False)])
def test_reliability_and_unit_effects_begin_at_thirty(n, low):
    assert is_unreliable(n, RULES) is low
    assert unit_effect_is_protected(n, RULES) is low


@pytest.mark.parametrize(("df", "protected"), [(9, True), (10, False), (11, False)])
def test_regressions_need_residual_degrees_of_freedom(df, protected):
    assert regression_is_protected(df, RULES) is protected


@pytest.mark.parametrize(
    ("n", "rounded"),
    [(0, 0), (2, 0), (3, 5), (7, 5), (8, 10), (10, 10), (12, 10), (13, 15), (1002, 1000)],
)
def test_counts_are_rounded_to_the_nearest_five(n, rounded):
    assert round_to_base(n, 5) == rounded


def changed(tmp_path, old, new):
    text = (PARAMS / "disclosure.yml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "disclosure.yml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


APPROVED = (
    "  approved_by:\n  reason:",
    "  approved_by: Head of Statistics\n  reason: the table is seen by five people only",
)


@pytest.mark.parametrize(
    ("value", "approved", "valid"),
    [
        (4, True, False),
        (5, True, True),
        (5, False, False),
        (9, False, False),
        (10, False, True),
        (11, False, True),
    ],
)
def test_a_threshold_below_ten_needs_an_approver_and_never_goes_below_five(
    tmp_path, value, approved, valid
):
    path = changed(tmp_path, "value: 10", f"value: {value}")
    if approved:
        path.write_text(path.read_text(encoding="utf-8").replace(*APPROVED), encoding="utf-8")
    if not valid:
        with pytest.raises(PlanError, match="E208"):
            load_rules(path)
        return
    rules = load_rules(path)
    assert rules.threshold == value
    assert any("Head of Statistics" in note for note in rules.notes()) is approved


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("value: 5", 'value: "5"'),
        ("value: 5", "vaule: 5"),
        ("free_text_leaves: false", "free_text_leaves: true"),
        ("[image/png]", "[image/svg+xml]"),
    ],
)
def test_the_file_is_read_strictly(tmp_path, old, new):
    with pytest.raises(PlanError, match=r"disclosure\.yml, line"):
        load_rules(changed(tmp_path, old, new))


def test_notes_say_the_numbers():
    assert (
        RULES.notes()[0]
        == "Counts are rounded to 5 (S5); fewer than 10 people are withheld [c] (S1, S2, S3)."
    )
