"""The action plan lists every recommendation and action of the five source documents once, in
allowed values."""

import csv
import re
from collections import Counter
from datetime import date

import pytest

from analysis.paths import REFERENCE

TABLE = REFERENCE / "action_plan.csv"
COLUMNS = [
    "id",
    "document",
    "item",
    "short_title",
    "commitment",
    "owner_role",
    "response",
    "target_first",
    "target_revised",
    "completed_on",
    "state",
    "state_as_of",
    "studies",
    "why_no_study",
    "source",
]
DATES = ("target_first", "target_revised", "completed_on", "state_as_of")
FILLED = ("id", "document", "item", "short_title", "commitment", "state", "source")
ROWS_BY_DOCUMENT = {
    "probation_race_equality": 15,
    "release_planning": 6,
    "prison_response": 14,  # four pillars and ten commitments that carry a date or a period
    "programme_letter": 7,
    "ombudsman": 10,
}
ALLOWED = {
    "document": set(ROWS_BY_DOCUMENT),
    "response": {"agreed", "partly_agreed", "not_agreed", ""},
    "state": {"complete", "ongoing", "not_started", "unknown"},
}

with TABLE.open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


def ids_where(wrong) -> list[str]:
    return [row["id"] for row in ROWS if wrong(row)]


def test_the_columns_stand_in_their_order():
    assert list(ROWS[0]) == COLUMNS
    assert ids_where(lambda row: None in row or None in row.values()) == []


def test_ids_are_unique_and_plain():
    ids = [row["id"] for row in ROWS]
    assert len(set(ids)) == len(ids)
    assert ids_where(lambda row: not re.fullmatch(r"[a-z]+(_[a-z]+)*(_\d+)+", row["id"])) == []


def test_each_document_has_the_rows_that_were_read_from_it():
    assert Counter(row["document"] for row in ROWS) == ROWS_BY_DOCUMENT


@pytest.mark.parametrize("column", ALLOWED)
def test_a_column_holds_allowed_values_only(column):
    assert {row[column] for row in ROWS} <= ALLOWED[column]


@pytest.mark.parametrize("column", FILLED)
def test_a_column_that_every_row_needs_is_filled(column):
    assert ids_where(lambda row: not row[column].strip()) == []


@pytest.mark.parametrize("column", COLUMNS)
def test_no_cell_has_spaces_around_it_or_a_line_break(column):
    assert ids_where(lambda row: row[column] != " ".join(row[column].split())) == []


@pytest.mark.parametrize("column", DATES)
def test_dates_are_iso(column):
    for row in ROWS:
        if row[column]:
            assert date.fromisoformat(row[column]).isoformat() == row[column], row["id"]


def test_a_revised_date_follows_a_first_one():
    assert (
        ids_where(
            lambda row: row["target_revised"] and not row["target_first"] <= row["target_revised"]
        )
        == []
    )
    assert ids_where(lambda row: row["target_revised"] and not row["target_first"]) == []


def test_what_has_a_date_of_completion_is_complete():
    assert ids_where(lambda row: row["completed_on"] and row["state"] != "complete") == []


def test_a_state_is_dated_unless_its_document_is_not():
    undated = ids_where(lambda row: not row["state_as_of"])
    assert undated == ids_where(lambda row: row["document"] == "prison_response")


def test_titles_are_short_and_commitments_are_one_sentence():
    assert ids_where(lambda row: len(row["short_title"].split()) > 12) == []
    assert ids_where(lambda row: not re.fullmatch(r"[A-Z][^.]*\.", row["commitment"])) == []
    assert (
        ids_where(
            lambda row: re.search(r"\b(BAME|BME|GRT)\b", row["short_title"] + row["commitment"])
        )
        == []
    )


def test_only_the_two_documents_that_answer_an_inspectorate_row_by_row_state_a_response():
    answering = {row["document"] for row in ROWS if row["response"]}
    assert answering == {"probation_race_equality", "release_planning"}
    assert Counter(row["response"] for row in ROWS) == {"agreed": 19, "partly_agreed": 2, "": 31}
