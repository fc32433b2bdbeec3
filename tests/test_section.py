"""A section that ends a cell is shown part by part, and can be taken in hand."""

import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from matplotlib.figure import Figure

from analysis.display.section import Chart, Section
from analysis.display.tables import Prose, install_formatters
from analysis.results import Table
from analysis.said.texts import named

TABLE = Table("People", pd.DataFrame({"Group": ["Asian"], "People": [25]}), "rounded")


@pytest.fixture
def chart():
    return Chart(Figure(figsize=(4, 3)), named("One bar of 25 people."), TABLE, "people")


@pytest.fixture
def shell():
    own = InteractiveShell()
    install_formatters(own)
    return own


def test_every_part_is_shown_in_its_order(shell, chart, monkeypatch):
    monkeypatch.setattr(InteractiveShell, "_instance", shell)
    with capture_output() as seen:
        data, metadata = shell.display_formatter.format(Section.of(Prose("A line."), TABLE, chart))
    assert (data, metadata) == ({}, {})
    assert ["image/png" in output.data for output in seen.outputs] == [False, False, True]
    assert seen.outputs[0].data["text/plain"] == "A line."
    assert seen.outputs[2].metadata["workbook"]["alt"] == chart.alt


def test_sections_nest_and_give_their_parts(chart):
    inner = Section.of(Prose("First."), None, TABLE)
    whole = Section.of(inner, chart) + Prose("Last.")
    assert whole.text == "First.\nLast." and whole.table is TABLE and whole.charts == (chart,)


def test_a_section_without_a_table_says_where_to_look():
    with pytest.raises(LookupError, match=r"\.text"):
        _ = Section.of(Prose("Nothing is compared here.")).table
