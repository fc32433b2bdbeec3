"""Promises of the ethnicity codings."""

import subprocess
import sys

import pandas as pd
import pytest

from analysis.errors import ParameterError
from analysis.vocabulary import ethnicity
from analysis.vocabulary.ethnicity import CODINGS, GROUPS, MISSING, coding, crosswalk, of_group

SIZES = {"ons_2001_16+1": 16, "ons_2011_18+1": 18, "ons_2021_19+1": 19}


@pytest.mark.parametrize("coding_id, size", SIZES.items())
def test_each_coding_has_as_many_categories_as_its_name_says(coding_id, size):
    assert len(set(coding(coding_id).codes)) == size
    assert coding(coding_id).groups == GROUPS


@pytest.mark.parametrize("coding_id", SIZES)
def test_each_coding_crosses_to_its_own_broad_groups(coding_id):
    codes = pd.Series([*coding(coding_id).codes, *MISSING])
    broad = crosswalk(codes, source=coding_id, target=coding(coding_id).broad)
    assert set(broad) == set(GROUPS) | set(MISSING)
    assert broad.dtype == "str"


def test_kinds_of_missing_pass_through_unchanged():
    kinds = pd.Series(list(MISSING))
    assert (
        crosswalk(kinds, source="ons_2021_19+1", target="ons_2021_5+1").tolist() == kinds.tolist()
    )


def test_chinese_moved_from_other_to_asian():
    assert (
        crosswalk(pd.Series(["O1"]), source="ons_2001_16+1", target="ons_2001_5+1").item()
        == "Other"
    )
    assert (
        crosswalk(pd.Series(["A4"]), source="ons_2011_18+1", target="ons_2011_5+1").item()
        == "Asian"
    )


@pytest.mark.parametrize(
    "source, target",
    [
        ("ons_2001_16+1", "ons_2011_5+1"),
        ("ons_2001_5+1", "ons_2021_5+1"),
        ("ons_2021_5+1", "ons_2001_5+1"),
        ("ons_2021_5+1", "ons_2021_19+1"),
    ],
)
def test_refuses_to_mix_series_and_to_refine(source, target):
    with pytest.raises(ParameterError, match="E232"):
        crosswalk(pd.Series(["White"]), source=source, target=target)


def test_series_from_2011_can_be_read_together():
    assert (
        crosswalk(pd.Series(["W3"]), source="ons_2011_18+1", target="ons_2021_5+1").item()
        == "White"
    )


def test_an_unknown_value_is_counted_and_never_printed():
    with pytest.raises(ParameterError) as error:
        crosswalk(pd.Series(["W1", "canary"]), source="ons_2021_19+1", target="ons_2021_5+1")
    assert "E233" in str(error.value) and "canary" not in str(error.value)


def test_an_unknown_coding_names_the_nearest():
    with pytest.raises(ParameterError, match=r"Did you mean `ons_2021_19\+1`"):
        coding("ons_2021_19")


def test_crosswalk_does_not_change_its_input():
    codes = pd.Series(["W1", "refused"])
    crosswalk(codes, source="ons_2021_19+1", target="ons_2021_5+1")
    assert codes.tolist() == ["W1", "refused"]


def test_groups_are_named_as_pages_name_them(monkeypatch):
    assert of_group("Black") == "Black people"
    assert of_group("Mixed") == "people of Mixed ethnicity"
    assert of_group("White") == "White people"
    assert of_group("not_stated") == "people whose ethnic group is not stated"
    monkeypatch.setattr(ethnicity, "CAPITAL_LETTERS", False)
    assert of_group("White") == "white people"


def test_planning_does_not_import_pandas():
    code = "import sys, analysis.vocabulary.ethnicity; assert 'pandas' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_codings_cannot_be_changed():
    with pytest.raises(TypeError):
        CODINGS["mine"] = None
