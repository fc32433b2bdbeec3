"""Promises of cells: one grammar of numbers, marks of disclosure control told apart, labels that
name their code."""

import re
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.extracts.files.cells import NUMERIC, STRAY, as_text, cleaned, mended_by, typed
from analysis.extracts.files.ethnic_labels import code_of_label, label_of
from analysis.extracts.files.numbers import is_number, plain_number
from analysis.extracts.rules.cell_rules import cell_code
from analysis.extracts.tables.codes import CODES
from analysis.extracts.tables.contract import ETHNICITY_CODING, Column
from analysis.extracts.tables.contracts import CONTRACTS
from analysis.vocabulary.ethnicity import CODINGS, RECORDED_MISSING

COLUMNS = {
    "whole": Column("n", "whole", "a count", low=0, high=10**6),
    "number": Column("n", "number", "a measure", low=0, high=10**6),
    "flag": Column("n", "flag", "0 or 1", low=0, high=1, empty="not known"),
    "rating": Column("n", "rating", "a rating", low=1, high=5, empty="not answered"),
}
ETHNICITY = CONTRACTS["people_on_probation"].column("ethnicity")
DAY = CONTRACTS["people_on_probation"].column("first_allocated_on")
MARKS = [
    "[c]",
    "[C]",
    "[x]",
    "[z]",
    "[u]",
    "[low]",
    "[_c_]",
    "*",
    "**",
    "***",
    "-",
    "--",
    "–",
    "..",
    "...",
    ":",
    "c",
    "s",
    "x",
    "z",
    "u",
    "~",
    "#",
    "†",
    "‡",
    "suppressed",
    "Suppressed",
    "(suppressed)",
    "[suppressed]",
    "<5",
    "<10",
    "≤5",
    "<=5",
    ">5",
    "under_5",
    "less_than_5",
    "Fewer_than_10",
    "<_10",
    "1-4",
    "1_to_4",
    "5*",
    "5_*",
    "confidential",
    "redacted",
    "withheld",
    "…",
]
ODD_NUMBERS = (
    "1_0",
    "1__0",
    "１２",
    "١٢",
    "१२",
    "1e3",
    "1E3",
    "0x1A",
    "+5",
    "5.",
    ".5",
    "1.2.3",
    "--5",
    "²",
    "Ⅷ",
    "5 0",
    "5%",
    "£5",
)


def code(kind: str, text: str) -> str | None:
    return cell_code(COLUMNS[kind], cleaned(COLUMNS[kind], text), latest="2026-10-03")


@pytest.mark.parametrize("kind", NUMERIC)
@pytest.mark.parametrize("mark", [mark.replace("_", " ") for mark in MARKS])
def test_a_mark_of_disclosure_control_has_a_code_of_its_own(kind, mark):
    assert code(kind, mark) == "E174"
    assert "never write 0" in CODES["E174"][1] and "digits" not in CODES["E174"][1]


@pytest.mark.parametrize("kind", NUMERIC)
@pytest.mark.parametrize("text", ODD_NUMBERS)
def test_what_a_parser_would_take_for_a_number_is_refused(kind, text):
    assert code(kind, text) == "E160"


@pytest.mark.parametrize(
    "text, expected", [("1,0", "E175"), ("12,75", "E175"), ("1,000", "E108"), ("inf", "E164")]
)
def test_other_notations_have_codes_with_remedies_of_their_own(text, expected):
    assert {code(kind, text) for kind in NUMERIC} == {expected}


@pytest.mark.parametrize("text", ["TRUE", "true", "Yes", "no", "Y", "N", "FALSE"])
def test_a_word_for_yes_or_no_is_named_as_one(text):
    assert code("whole", text) == "E176" and code("flag", text) == "E167"


@given(st.text(max_size=8))
def test_only_the_grammar_is_a_number_whatever_a_parser_takes(text):
    ours = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text.strip(STRAY)) is not None
    assert is_number(text.strip(STRAY)) == ours
    assert (code("number", text) in (None, "E161", "E163")) == (
        ours or (not text.strip(STRAY) and False)
    )


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9
    )
)
def test_a_plain_number_is_the_same_number_and_plain_again(value):
    text = f"{value:f}"
    assert float(plain_number(text)) == float(text) and plain_number(
        plain_number(text)
    ) == plain_number(text)


@given(st.lists(st.floats(0, 10**6).map(lambda value: round(value, 7)), min_size=1, max_size=20))
def test_a_number_from_parquet_and_from_text_is_one_number(values):
    column = pd.Series(values)
    contract = type(CONTRACTS["extract"])("t", "row", ("n",), (COLUMNS["number"],))
    from_parquet, faults = typed(contract, pd.DataFrame({"n": as_text(column)}))
    assert not faults and from_parquet["n"].tolist() == values
    assert [code("number", text) for text in as_text(column)] == [None] * len(values)


BLANKS = st.text(alphabet=st.sampled_from(STRAY), max_size=3)


@given(st.sampled_from(ETHNICITY.allowed), BLANKS, BLANKS, st.booleans())
def test_blanks_of_every_kind_and_letter_case_are_mended(value, before, after, upper):
    text = before + (value.upper() if upper else value.lower()) + after
    assert cleaned(ETHNICITY, text) == value
    assert bool(mended_by(ETHNICITY, text)) == (text != value)


@given(
    st.dates(datetime(2020, 1, 1).date(), datetime(2026, 10, 1).date()),
    st.sampled_from(range(-12, 15)),
)
def test_a_day_is_one_day_from_every_file_or_is_refused_for_its_time_zone(day, hours):
    here = datetime(day.year, day.month, day.day)
    for stored in (day, here, np.datetime64(here), pd.Timestamp(here)):
        assert cleaned(DAY, as_text(pd.Series([stored])).iloc[0]) == day.isoformat()
    zoned = here.replace(tzinfo=timezone(timedelta(hours=hours))).astimezone(UTC)
    text = cleaned(DAY, as_text(pd.Series([pd.Timestamp(zoned)])).iloc[0])
    found = cell_code(DAY, text, latest="2026-10-03")
    assert (found is None and text == day.isoformat()) if hours == 0 else found == "E132"


@pytest.mark.parametrize(
    "category", CODINGS[ETHNICITY_CODING].categories, ids=lambda category: category.code
)
def test_every_label_of_the_coding_names_its_code(category):
    for text in (
        category.label,
        category.label.upper(),
        f"{category.group} - {category.label}",
        f"{category.group} or {category.group} British: {category.label}",
    ):
        assert code_of_label(text) == category.code, text


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Black Caribbean", "B1"),
        ("White British", "W1"),
        ("White Irish", "W2"),
        ("Irish Traveller", "W3"),
        ("Mixed White and Asian", "M3"),
        ("Other White", "W9"),
        ("not stated", "not_stated"),
        ("Not recorded", "not_recorded"),
        ("Asian: Caribbean", None),
        ("Martian", None),
        ("British Asian", None),
        ("any", None),
        ("", None),
    ],
)
def test_a_label_names_a_code_only_where_one_is_meant(text, expected):
    assert code_of_label(text) == expected


def test_kinds_of_missing_have_labels_too():
    assert all(code_of_label(label_of(kind)) == kind for kind in RECORDED_MISSING)
