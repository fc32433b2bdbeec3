"""Cleared tables and sentences: what they look like, and that their fingerprint survives being
saved."""

import csv
import io
import re

import nbformat
import numpy as np
import pandas as pd
import pytest

from analysis.disclosure.guard.markup import markup_faults
from analysis.disclosure.guard.registration import registration_id, registrations
from analysis.display.layout import MARKS, cell_text, csv_text
from analysis.display.tables import Prose, render_prose, render_table
from analysis.results import Table
from analysis.said.texts import named

HOSTILE = '<b onclick="x()">bold</b> & "quoted"'


def table(columns=None, notes=(), title="Who is in the data"):
    columns = columns or {"Ethnic group": ["White", "Mixed", HOSTILE], "People": [1340, "[c]", 15]}
    return Table(title, pd.DataFrame(columns), "rounded", notes)


def html_of(shown):
    return render_table(shown)[0]["text/html"]


def test_a_table_has_a_caption_and_a_header_for_each_row_and_column():
    html = html_of(table())
    assert "<caption>Who is in the data</caption>" in html
    assert html.count('scope="col"') == 2 and html.count('scope="row"') == 3


def test_everything_is_escaped_and_the_guard_finds_nothing():
    html = html_of(table(title=HOSTILE))
    assert "<b" not in html.replace("<body", "") and "&lt;b onclick" in html
    assert markup_faults(html, html=True) == ()


def test_marks_are_explained_only_where_they_stand_and_only_once():
    assert MARKS["[c]"] in html_of(table()) and MARKS["[u]"] not in html_of(table())
    explained = table(notes=(named("[c] withheld, fewer than 10 people."),))
    assert MARKS["[c]"] not in html_of(explained)


def test_plain_text_says_the_same_and_does_not_change():
    first, second = (
        render_table(table(notes=("Counts in fives.",)))[0]["text/plain"] for _ in range(2)
    )
    assert first == second and "Counts in fives." in first
    assert re.search(r"White +1,340$", first, re.MULTILINE)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1340, "1,340"),
        (-5, "−5"),
        (1.23456, "1.23"),
        (0.0, "0"),
        (-0.044, "−0.044"),
        (12345.6, "12,300"),
        (None, "[z]"),
        (float("nan"), "[z]"),
        (pd.NA, "[z]"),
        (pd.NaT, "[z]"),
        (True, "yes"),
        (np.bool_(False), "no"),
        (np.int64(3), "3"),
        (np.float32(0.5), "0.5"),
        ("[c]", "[c]"),
    ],
)
def test_cells_are_written_as_a_reader_expects(value, text):
    assert cell_text(value) == text


def test_numbers_and_the_marks_among_them_are_set_right():
    html = html_of(table())
    assert '<td class="wb-number">1,340</td>' in html and '<td class="wb-number">[c]</td>' in html


def test_an_index_with_a_meaning_becomes_the_first_column():
    frame = pd.DataFrame({"People": [10]}, index=pd.Index(["Wales"], name="Region"))
    assert '<th scope="row">Wales</th>' in html_of(Table("t", frame, "rounded"))


def test_an_empty_table_is_still_a_table():
    assert "<caption>None</caption>" in html_of(
        Table("None", pd.DataFrame({"Group": [], "People": []}), "rounded")
    )


@pytest.mark.parametrize(
    "shown", [render_table(table()), render_prose(Prose("One.\nTwo.", "answer"))]
)
def test_the_fingerprint_survives_saving_and_reading(shown):
    data, metadata = shown
    output = nbformat.v4.new_output("display_data", data=data, metadata=metadata)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=[output])])
    buffer = io.StringIO()
    nbformat.write(notebook, buffer)
    read = nbformat.reads(buffer.getvalue(), as_version=4).cells[0].outputs[0]
    assert registration_id(read.data) == read.metadata["workbook"]["registration"]
    assert read.metadata["workbook"]["registration"] in registrations()


@pytest.mark.parametrize("kind", ["answer", "line", "note", "badge"])
def test_prose_is_escaped_and_keeps_its_words(kind):
    data, _ = render_prose(Prose(f"First {HOSTILE}\nSecond", kind))
    assert data["text/plain"] == f"First {HOSTILE}\nSecond"
    assert (
        data["text/html"].count(f'<p class="wb-{kind}">') == 2
        and "<b onclick" not in data["text/html"]
    )


def test_prose_refuses_a_kind_that_does_not_exist():
    with pytest.raises(ValueError, match="kind"):
        Prose("x", "loud")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_a_spreadsheet_would_run_is_escaped(start):
    text = csv_text(table({f"{start}head": [f"{start}1+1"], "n": [-5]}))
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0][0].startswith("'") and rows[1][0].startswith("'") and rows[1][1] == "-5"


def test_rendering_does_not_change_the_table():
    shown = table()
    before = shown.to_frame()
    render_table(shown)
    csv_text(shown)
    pd.testing.assert_frame_equal(before, shown.to_frame())
