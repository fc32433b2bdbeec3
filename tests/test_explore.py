"""An evaluator picks a view; the cell of verbs below it shows the same."""

import json

import nbformat
import pytest
from nbclient import NotebookClient

from analysis.display.in_lab import install_short_errors, is_plain
from analysis.display.tables import WITHHELD, Gate
from analysis.errors import ParameterError
from analysis.explore import explore
from analysis.notebook import open_study
from analysis.paths import EXPLORE
from analysis.workbench import pickers
from analysis.workbench.views import View, as_code, offers, shown, withheld

DATA = "synthetic:x0.3"


@pytest.fixture(scope="module")
def study():
    return open_study("ethnic_matching", "west_midlands", DATA)


def view(**picked) -> View:
    return View("ethnic_matching", "west_midlands", DATA, **picked)


VIEWS = {
    "people": view(),
    "people by group": view(by=("ethnic_group",)),
    "a share": view(by=("ethnic_group", "sex"), measure="recalled"),
    "a mean": view(by=("ethnic_group",), measure="relationship"),
    "a rating": view(by=("sex",), measure="trusted", kind="bars"),
    "some people": view(by=("risk_tier",), measure="completed", where={"sex": "female"}),
    "a figure": view(by=("risk_tier", "ethnic_group"), measure="recalled", kind="heat"),
}


@pytest.mark.parametrize("name", VIEWS)
def test_the_code_of_a_view_shows_the_view(study, name, capsys):
    lines = as_code(study, VIEWS[name]).splitlines()
    assert lines[2] == f'study = open_study("ethnic_matching", "west_midlands", "{DATA}")'
    names = {"study": study}
    exec("\n".join(lines[3:-1]), names)
    again, section = eval(lines[-1], names), shown(study, VIEWS[name])
    assert again.table.to_frame().equals(section.table.to_frame())
    assert [c.alt for c in again.charts] == [c.alt for c in section.charts]


def test_every_column_that_is_offered_can_be_picked(study):
    (offered,) = offers(study)
    for name in offered.measures:
        group = next(column for column in offered.groups if column != name)
        assert shown(study, view(by=(group,), measure=name)).charts
    for name in offered.groups:
        assert shown(study, view(by=(name,))).table
    assert {"person_id", "ethnicity", "region"}.isdisjoint(offered.groups)


def test_a_view_says_what_it_withholds(study):
    few = shown(study, view(by=("ethnic_group", "sex"), measure="recalled"))
    assert "[c] withheld to protect people" in few.parts[-1].text
    table = study.table(by=["sex"])
    assert withheld(table.table) == "Nothing is withheld in this view."


def test_a_kind_of_figure_that_there_is_not_is_refused():
    with pytest.raises(ParameterError, match="E278"):
        view(kind="pie")


def test_a_study_without_rows_of_people_shows_its_answer():
    made = open_study("youth_cascade", "all", "published")
    picked = View("youth_cascade", "all", "published")
    assert offers(made) == () and shown(made, picked).text == made.answer().text
    assert as_code(made, picked).endswith("study.answer()")


# -- the pickers -----------------------------------------------------------------------------------
@pytest.fixture
def picked(study, monkeypatch):
    """The pickers of the West Midlands, and what each turn of them shows."""
    views: list[View] = []
    real = pickers.shown

    def keep(opened, asked):
        views.append(asked)
        return real(opened, asked)

    monkeypatch.setattr(pickers, "shown", keep)
    opened = {("ethnic_matching", "west_midlands", DATA): study}

    def opens(*asked):
        return opened.get(asked) or opened.setdefault(asked, open_study(*asked))

    made = pickers.explorer(opens, view(by=("ethnic_group",), measure="recalled"))
    return made, views


def named(whole, words: str):
    rows = [row.children for row in whole.children if hasattr(row, "children")]
    return next(p for row in rows for p in row if p.description == words)


def test_a_turn_of_a_picker_changes_the_view_and_its_code(picked):
    whole, views = picked
    assert views[-1] == view(by=("ethnic_group",), measure="recalled")
    named(whole, "And by").value = "sex"
    named(whole, "Only where").value = "risk_tier"
    assert dict(views[-1].where) == {"risk_tier": named(whole, "is").value} != {"risk_tier": None}
    named(whole, "Chart").value = "heat"
    assert views[-1].by == ("ethnic_group", "sex") and views[-1].kind == "heat"
    assert 'kind="heat"' in whole.children[-1].value


def test_a_picker_shows_words_also_where_nothing_is_picked(picked):
    whole, _ = picked
    assert named(whole, "Only where").label == pickers.NONE


def test_another_place_keeps_what_was_picked(picked):
    whole, views = picked
    named(whole, "Place").value = "wales"
    assert (views[-1].region_id, views[-1].measure) == ("wales", "recalled")
    assert '"wales"' in whole.children[-1].value


def test_another_study_offers_its_own_places_sources_and_columns(picked):
    whole, views = picked
    named(whole, "Study").value = "youth_cascade"
    assert named(whole, "Data").options == ("published",) and not named(whole, "Outcome").options
    assert views[-1].study_id == "youth_cascade"


def test_data_that_there_are_not_end_in_our_sentence(picked, capsys):
    whole, _ = picked
    capsys.readouterr()
    named(whole, "Data").value = "nonsense"
    assert "E213" in capsys.readouterr().out and not whole.children[-1].value


def test_explore_refuses_a_place_that_there_is_not_before_it_shows_anything():
    with pytest.raises(ParameterError, match=r"E21\d.*wales"):
        explore("ethnic_matching", "walse", DATA)


# -- plain values and short errors, in JupyterLab only ---------------------------------------------
def test_plain_values_are_seen_in_the_lab_and_nowhere_else(monkeypatch, study):
    import numpy as np

    assert Gate().format(1 + 1)[0]["text/plain"] == WITHHELD
    monkeypatch.setenv("WORKBOOK_LAB", "saves-no-private-output")
    assert [Gate().format(v)[0]["text/plain"] for v in (2, "a", None)] == ["2", "'a'", "None"]
    for value in (np.float64(1), [1], {"a": 1}, study):
        assert not is_plain(value) and Gate().format(value)[0]["text/plain"] == WITHHELD


def test_an_error_in_the_lab_is_one_sentence_with_its_traceback_folded(monkeypatch, ipython):
    shell, sent, shown_too = ipython, [], []
    monkeypatch.setattr(shell, "_showtraceback", lambda kind, error, lines: sent.append(lines))
    monkeypatch.setattr("analysis.display.in_lab.display", lambda d, raw: shown_too.append(d))
    cell = "from analysis.errors import ParameterError\nraise ParameterError('E999', 'wrong.')"
    install_short_errors(shell)
    shell.run_cell(cell)
    assert len(sent.pop()) > 1 and not shown_too
    monkeypatch.setenv("WORKBOOK_LAB", "saves-no-private-output")
    install_short_errors(shell)
    try:
        result = shell.run_cell(cell)
    finally:
        shell.custom_exceptions = ()
    assert sent == [["ParameterError: E999: wrong."]] and not result.success
    assert shown_too[0]["text/html"].startswith("<details>") and "raise" in str(shown_too)


# -- the notebook ----------------------------------------------------------------------------------
def test_the_notebook_runs_and_shows_something_in_every_cell():
    notebook = nbformat.read(EXPLORE, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
        assert cell.outputs and "withheld: not" not in json.dumps(cell.outputs), cell.source
