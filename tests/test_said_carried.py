"""Clearance survives whatever is done to a text, and no exit lets a figure through without it."""

import re
from dataclasses import replace
from itertools import chain
from pickle import dumps, loads

import pandas as pd
import pytest
from chosen import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.display.prose import Prose
from analysis.display.recipes import said_from_table
from analysis.display.section import Chart
from analysis.display.tables import render_prose, render_table
from analysis.errors import RunError
from analysis.record.record import RecordedCheck, Statement
from analysis.results import CheckResult, Table
from analysis.said import texts
from analysis.said.carried import CARRIED, COVER, carried, covered, read_out
from analysis.said.numbers import cleared_estimate, planned, tally
from analysis.said.phrases import CI_95, EVERY_100
from analysis.said.texts import (
    ClearedText,
    capital,
    checked,
    cut,
    in_words,
    joined,
    named,
    public_names,
    reworded,
    say,
    sentence,
    settled,
    small,
    together,
    worded,
)
from analysis.said.told import told
from analysis.sections.page.block import AnswerBlock, PageFigure, Place, RateLine, RateSection

FRAME = pd.DataFrame({"Group": ["White", "Black"], "People": ["1,340", "[c]"]})
TABLE = Table("By group", FRAME, "rounded")
PAGE = AnswerBlock(
    headline="a",
    lines=("b",),
    badge="c",
    figure=None,
    can_say=("d",),
    cannot_say=("e",),
    harm_watch="f",
    by_group="g",
    ask=("h",),
    settle=("i",),
    settle_title="j",
    cautions=("k",),
    contact="l",
)
TEXTS = ("headline", "badge", "harm_watch", "by_group", "settle_title", "contact", "may_be_worse")
SEVERAL = ("lines", "can_say", "cannot_say", "ask", "settle", "cautions")
# Whatever holds words and becomes part of a page, a record or a notebook, and how it reads them.
EXITS = {
    "sentence of a notebook": lambda text: Prose(text).text,
    "title of a table": lambda text: Table(text, FRAME, "rounded").title,
    "note of a table": lambda text: Table("a", FRAME, "rounded", ("b", text)).notes[1],
    "alternative text": lambda text: Chart(None, text, TABLE, "a").alt,
    "check": lambda text: CheckResult("a", True, text, bears_on="nothing").text,
    "check of a record": lambda text: RecordedCheck("a", True, text).text,
    "heading": lambda text: Statement(text, "a", "b").headline,
    "what can be said": lambda text: Statement(None, text, "b").say,
    "what cannot be said": lambda text: Statement(None, "a", text).cannot_say,
    "alternative text of a page": lambda text: PageFigure("a", text, "b").alt,
    "caption of a page": lambda text: PageFigure("a", "b", text).caption,
    "group of a rate": lambda text: RateLine(text, "a", "b").group,
    "rate": lambda text: RateLine("a", text, "b").say,
    "not said of a rate": lambda text: RateLine("a", "b", text).cannot_say,
    "heading of rates": lambda text: RateSection(text, ()).title,
    "finding of a place": lambda text: Place(text, "a", "b").finding,
    "badge of a place": lambda text: Place("a", text, "b").badge,
    "status of a place": lambda text: Place("a", "b", text).status,
}
EXITS |= {
    f"{name} of a page": lambda text, name=name: getattr(replace(PAGE, **{name: text}), name)
    for name in TEXTS
}
EXITS |= {
    f"one of the {name} of a page": lambda text, name=name: getattr(
        replace(PAGE, **{name: ("a", text)}), name
    )[1]
    for name in SEVERAL
}
NUMBERS = st.one_of(st.integers(-(10**7), 10**7), st.floats(-1e7, 1e7, allow_nan=False))
BY_HAND = {
    "f-string": lambda n: f"{n} managers took part",
    "format": lambda n: f"{n:,.1f}% took part",
    "str": lambda n: "took part: " + str(n),
    "template": lambda n: f"{n:.3g} of them",
    "beside what is cleared": lambda n: f"{told(7)} of {n}, {EVERY_100}",
    "behind a template": lambda n: worded("{n} in every 100").format(n=n),
    "added to a cleared text": lambda n: say("{n} of", n=tally(12, "places")) + f" {n}",
    "before a cleared text": lambda n: f"{n} " + CI_95,
    "joined to a cleared text": lambda n: EVERY_100.join([f"{n}", " people"]),
    "put into a cleared text": lambda n: EVERY_100.replace("every", f"{n}"),
    "put together": lambda n: together(" ", [EVERY_100, f"{n}"]),
    "joined by a plain text": lambda n: " ".join([EVERY_100, f"{n}"]),
}


def test_every_exit_takes_words_without_a_figure():
    assert {out("no sign of it") for out in EXITS.values()} == {"no sign of it"}


@pytest.mark.parametrize("out", EXITS.values(), ids=EXITS)
@settings(max_examples=examples(60), deadline=None)
@given(number=NUMBERS, way=st.sampled_from(sorted(BY_HAND)))
def test_a_number_put_in_by_hand_leaves_by_no_exit_and_is_not_told(out, number, way):
    with pytest.raises(RunError, match="E353") as refused:
        out(BY_HAND[way](number))
    told_of_it = str(refused.value).replace("E353", "")
    assert not re.search(r"\d", told_of_it) and not CARRIED.search(told_of_it)


KEPT = {
    "f-string": lambda t: f"Of all, {t}",
    "f-string twice": lambda t: f"Of {t}: {f'{t}.'}",
    "join": lambda t: " ".join([f"{t}", f"{t}"]),
    "joined": lambda t: joined("; ", [t, "and no more"]),
    "together": lambda t: together("; ", [t, f"and {t}"]),
    "added": lambda t: t + "." + t,
    "added to": lambda t: "Of all, " + t,
    "upper": lambda t: t.upper(),
    "f-string, upper": lambda t: f"{t}".upper(),
    "capitalize": lambda t: t.capitalize(),
    "slice": lambda t: t[1:-1],
    "slice of an f-string": lambda t: f"{t}"[1:],
    "stripped": lambda t: t.strip(" .").rstrip("e").lstrip("a"),
    "prefix": lambda t: t.removeprefix("a").removesuffix("e"),
    "replaced": lambda t: t.replace("in", "out of"),
    "split": lambda t: t.split(" ")[0] + t.rsplit(" ", 1)[1],
    "partition": lambda t: t.partition(" ")[2] + t.rpartition(" ")[0],
    "cut": lambda t: joined("", cut(t, r"[a-z]")),
    "template": lambda t: f"{{x}} {t}".format(x=t),
    "cleared template": lambda t: worded("{x} in every 100").format(x=t),
    "capital": lambda t: capital(small(t)),
    "reworded": lambda t: reworded(t, "in", {"in": "out of"}),
    "pickled": lambda t: loads(dumps(t)),
    "written as JSON": lambda t: f"{t!s}" and t,
}


@pytest.mark.parametrize("change", KEPT.values(), ids=KEPT)
@settings(max_examples=examples(40), deadline=None)
@given(number=st.floats(-1e6, 1e6, allow_nan=False))
def test_what_was_cleared_stays_so_and_leaves_as_plain_digits(change, number):
    text = say("{n} more in every 100", n=cleared_estimate(number))
    as_read = str(text)
    for out in EXITS.values():
        left = out(change(text))
        assert isinstance(left, ClearedText) and not CARRIED.search(left)
        assert left == read_out(change(named(as_read)))


@pytest.mark.parametrize("out", EXITS.values(), ids=EXITS)
def test_a_number_is_no_text(out):
    with pytest.raises(RunError, match="E353"):
        out(7)


def test_a_name_of_params_is_public_where_all_of_it_stands(monkeypatch):
    monkeypatch.setattr(texts, "_NAMES", {})
    public_names(("Region 3", "18 to 24", "7", "2.5", "£1,340", "65+", "Wales"))
    assert checked("Region 3: people aged 18 to 24") == "Region 3: people aged 18 to 24"
    assert isinstance(checked("In Region 3."), ClearedText)
    assert checked(f"{checked('In Region 3')}: {told(5)}") == "In Region 3: 5"
    for hidden in (
        "Region 31",
        "Region 3: 7",
        "18 to 25",
        "18",
        "7 people",
        "2.5",
        "£1,340",
        "65+",
        "aRegion 3",
    ):
        with pytest.raises(RunError, match="E353"):
            checked(hidden)


def test_a_carried_text_put_into_a_cleared_one_leaves_as_plain_digits():
    assert Prose(EVERY_100.replace("every", f"{told(5)}")).text == "in 5 100"


def test_a_cleared_number_enters_an_f_string_as_its_own_text():
    assert checked(f"{planned(60)}% answered") == "60% answered"
    with pytest.raises(TypeError):
        f"{planned(60):.3f}"


def test_a_message_covers_each_number_of_the_text_that_it_names():
    with pytest.raises(RunError) as refused:
        checked(f"{told(12)} places: −1,340.5% and 0.0357", "a note")
    said = "a note holds a figure of which nobody knows how it was cleared"
    assert f'{said}: "{COVER} places: {COVER}% and {COVER}"' in str(refused.value)
    assert covered("from 2.0 to 3.") == f"from {COVER} to {COVER}."


def test_a_function_that_writes_a_sentence_is_an_exit_of_its_own():
    @sentence
    def many(number):
        return (f"{number} managers", None)

    assert many(told(5)) == ("5 managers", None) and isinstance(many(told(5))[0], ClearedText)
    with pytest.raises(RunError, match="what many says"):
        many(5)


def test_told_prints_a_number_as_tables_do():
    assert [told(1340), told(1340, thousands=False), told(2.50, 1), told(1.25)] == [
        "1,340",
        "1340",
        "2.5",
        "1.25",
    ]


def test_words_of_a_plan_are_named_and_ids_days_and_paths_are_not():
    plan = {"title": "Recall within 12 months", "id": "recall_12", "day": "2026-10-01", "n": 12}
    found = in_words({"a": [plan]})["a"][0]
    assert found == plan
    assert [key for key, one in found.items() if isinstance(one, ClearedText)] == ["title"]


def test_cells_and_headings_of_a_table_leave_as_plain_digits():
    frame = pd.DataFrame({f"In {EVERY_100}": [f"{told(12)} places", "[c]"], "n": [1, 2]})
    shown = Table("a", frame, "rounded").to_frame()
    assert list(shown.columns) == ["In in every 100", "n"]
    assert shown.iloc[0, 0] == "12 places" and isinstance(shown.index, pd.RangeIndex)
    indexed = Table("a", frame.set_index(frame.columns[0]), "rounded").to_frame()
    assert list(indexed.index) == ["12 places", "[c]"]


def test_what_is_rendered_holds_plain_digits_only():
    prose = Prose(f"{told(12)} places, {CI_95}")
    table = Table(f"{told(12)} places", FRAME, "rounded", (f"{told(3)} more",))
    bundles = (render_prose(prose)[0], render_table(table)[0])
    texts = list(chain.from_iterable(bundle.values() for bundle in bundles))
    assert not any(map(CARRIED.search, texts))
    assert all("12 places" in text for text in texts)


def test_a_figure_is_put_in_words_from_a_cleared_table_alone():
    @said_from_table
    def alt(table):
        return f"People: {table.to_frame()['People'].iloc[0]}"

    assert Chart(None, alt(TABLE), TABLE, "a").alt == "People: 1,340"
    with pytest.raises(TypeError, match="cleared table"):
        alt(FRAME)


def test_a_text_that_is_not_wholly_cleared_is_never_left_in_carried_letters():
    text = settled(f"{told(5)} of 7")
    assert text == "5 of 7" and not isinstance(text, ClearedText)
    assert carried("5") != "5" and read_out(carried("5")) == "5"
