"""A figure is drawn from a cleared table and from nothing else: exact numbers that change inside
their rounding give the same files, byte by byte, and no figure function can take anything else.

Figure functions find themselves: every public function of analysis/display/figures that returns a
Figure. Each needs an entry of EXACT below, which makes its table from exact numbers as a study
does.
"""

import importlib
import inspect
import json
import math
import pkgutil
import re
import typing
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from changed_records import some_row
from matplotlib.figure import Figure

import analysis.display.figures as room
from analysis.disclosure.attack.protection import NOTHING
from analysis.disclosure.rules import Clearance
from analysis.disclosure.suppression import clear_table
from analysis.display import figures, style
from analysis.display.drawn_lines import forest_table, heat_table, lines_table, placebos_table
from analysis.display.drawn_rounds import RoundPoint, UnitPoint, funnel_table, trend_table
from analysis.display.figures import columns
from analysis.display.figures.columns import Columns, Scale, ends, number
from analysis.display.figures.ratio_lines import ChartWords
from analysis.display.group_ratios import GroupRatio, ratio_table
from analysis.display.layout import csv_text
from analysis.display.recipes import read_recipe, recipe_of, recipe_text
from analysis.display.rungs import Rung, ladder_table
from analysis.places.difference_chart import PlaceDrawing
from analysis.results import Estimate, Table, significant
from analysis.sections.page.at_place import Difference
from analysis.vocabulary.levels import LEVEL_KEYS

PRIVATE = Clearance(public=False, clusters_are_people=False, hidden=NOTHING)

BESIDE = Table("Round by round", pd.DataFrame(), "rounded")
IDENTITY = {"level": "society", "outcome": "recalled", "group": "all", "direction": "lower"}
RECALLS = Scale("in_every_100", "in every 100 people", "lower", 2.0)


def figure_functions():
    """Every public function of the room that returns a Figure, by name."""
    found = {}
    for module in pkgutil.iter_modules(room.__path__):
        inside = vars(importlib.import_module(f"{room.__name__}.{module.name}"))
        for name, thing in inside.items():
            is_public = inspect.isfunction(thing) and not name.startswith("_")
            if is_public and typing.get_type_hints(thing).get("return") is Figure:
                found[name] = thing
    return found


FUNCTIONS = figure_functions()


# -- from exact numbers to the table, as a study does it -------------------------------------------
def moved(size, k):
    """An exact number in the rounding cell of `size`; `k` turns the dial inside it."""
    return size + (0.0, 0.031, -0.027, 0.044)[k]


def estimate(value, k, width=3.0):
    """An exact row, released as every row is: three significant figures."""
    low, high = (moved(x, k) for x in (value - width, value + width))
    numbers = [significant(x) for x in (moved(value, k), low, high)]
    found = dict(zip(("value", "conf_low", "conf_high"), numbers, strict=True))
    return some_row(unit="in_every_100", **found, **IDENTITY, sesoi=2.0)


def lines(k):
    return lines_table([estimate(v, k) for v in (11.5, -4.6, 3.4)], ["a", "b", "c"])


def forest(k):
    ends = dict(zip(("value", "conf_low", "conf_high"), (-4.5, -6.5, -2.5), strict=True))
    ends |= {"pi_low": -8.2, "pi_high": 6.3}
    found = {name: moved(x, k) for name, x in ends.items()}
    pooled = some_row(unit="in_every_100", **found, **IDENTITY, sesoi=2.0)
    return forest_table([estimate(v, k) for v in (11.5, -4.6)], ["Wales", "London"], pooled)


def balance(k):
    exact = pd.DataFrame(
        {
            "Characteristic": ["age: 18 to 24", "sex: female"],
            "Apart before": [moved(-14.3, k), moved(3.1, k)],
            "Apart within": [moved(-2.2, k), moved(0.4, k)],
        }
    )
    numbers = ["Apart before", "Apart within"]
    shown = exact.assign(**{name: exact[name].round(1).map("{:g}".format) for name in numbers})
    return clear_table("How alike?", shown.assign(Light=["green", "green"]), clearance=PRIVATE)


def events(k):
    rows = [
        {
            "Months since the start": str(month),
            "In every 100": f"{moved(value, k):.1f}".replace("-", "−"),
            "95% interval": f"{moved(value - 3, k):.1f} to {moved(value + 3, k):.1f}",
            "Courts": "15",
        }
        for month, value in ((-2, 0.2), (-1, 4.1), (0, -1.4), (1, -2.6))
    ]
    return Table("Effect by month", pd.DataFrame(rows), "model")


def months(k):
    rows = [
        {
            "Month": month,
            "Touched, in every 100": f"{moved(value, k):.1f}",
            "Beside, in every 100": f"{moved(value + 5, k):.1f}" if month != "2021-08" else "[c]",
            "Instrument": which,
        }
        for month, value, which in (
            ("2021-05", 14.2, "old"),
            ("2021-06", 15.1, "old"),
            ("2021-07", 41.4, "new"),
            ("2021-08", 43.6, "new"),
        )
    ]
    return Table("By month", pd.DataFrame(rows), "rounded")


def counted(k):
    values = {"2021-05": 14.2, "2021-06": 15.1, "2021-07": 21.4, "2021-08": None}
    rows = [
        {"Month": month, "Rate": "[c]" if value is None else f"{moved(value, k):.1f}"}
        for month, value in values.items()
    ]
    return Table("By month", pd.DataFrame(rows), "rounded")


def ranks(k):
    values = [significant(moved(value, k)) for value in (12.6, -14.4, 11.5)]
    none = dict.fromkeys(("conf_low", "conf_high"))
    rows = [
        some_row(unit="in_every_100", **IDENTITY, **none, sesoi=2.0, value=value).with_(
            status="ranked", rank=rank, places=3
        )
        for rank, value in enumerate(values, start=1)
    ]
    names = ("East of England", "London", "Wales")
    return placebos_table(rows, names, (True, False, False), beside=BESIDE)


def expected(k):
    rows = [
        {"From": month, "Seen": moved(own, k), "Expected": moved(other, k)}
        for month, own, other in (("2025-04", 21.2, 20.4), ("2025-07", 22.3, 22.7))
    ]
    rows.append({"From": "2025-10", "Seen": moved(30.1, k), "Expected": moved(23.9, k)})
    shown = [{c: f"{v:.1f}" if isinstance(v, float) else v for c, v in r.items()} for r in rows]
    return Table("Seen and expected", pd.DataFrame(shown), "model")


EVENTS = (
    ("2020-03-23", "2022-02-24", "restrictions"),
    ("2021-06-26", "2021-06-26", "the unification"),
    ("2021-07-05", "2021-07-05", "the new instrument"),
)


def trend(k):
    dial = 0.001 * k  # ratios are printed with two decimals
    points = [
        RoundPoint("2026 Q1", 1.2 + dial, 0.9 + dial, 1.6 - dial, (0.7 + dial, 1.9 - dial)),
        RoundPoint("2026 Q2", None),
        RoundPoint("2026 Q3", 2.1 - dial, 1.5 + dial, 2.9, (0.7, 1.9), outside=True),
    ]
    return trend_table(points, centre=1.31 + dial, beside=BESIDE)


def funnel(k):
    dial = 0.001 * k
    points = [
        UnitPoint(name, 10.0 * i + dial, 1.1 + dial, 0.5 + dial, 1.9, 0.3 - dial, 2.4, place)
        for i, (name, place) in enumerate([("a", "inside"), ("b", "outside_95")], start=1)
    ]
    return funnel_table(points, target=1.2 + dial, beside=BESIDE)


WORDS = ChartWords(
    place="Wales",
    whole="All regions",
    others="the other regions",
    reference="White",
    reference_people="White people who applied",
    event="were shortlisted",
    per="100 people who applied",
    is_rate=False,
    counts="good",
    band=(0.8, 1.25),
)


def ratio_row(value, dial):
    numbers = {"value": value + dial, "conf_low": value * 0.7 + dial, "conf_high": value * 1.4}
    rates = {"group_value": 24.0 + dial, "comparison_value": 40.1 - dial}
    return some_row(unit="times", counts="good", **numbers, **rates)


def ratios(k):
    dial = 0.001 * k
    one = GroupRatio(
        "Black",
        "Black people who applied",
        "disparity",
        ratio_row(0.6, dial),
        ratio_row(0.7, dial),
        ratio_row(0.64, dial),
        (("2026 Q1", 0.7 + dial), ("2026 Q2", None), ("2026 Q3", 0.6 + dial)),
    )
    other = replace(one, name="Asian", national=None, row=ratio_row(1.31, dial))
    return ratio_table([one, other], WORDS)


def ladder(k):
    dial = 0.005 * k
    numbers = {"value": 3.12 + dial, "conf_low": 2.13 + dial, "conf_high": 4.13 + dial}
    row = some_row(unit="points", sesoi=2.0, direction="higher", **numbers)
    rungs = [Rung(level, level, row, scale=(0, 40)) for level in LEVEL_KEYS]
    return ladder_table(rungs)


def starts(k):
    cells = {"Pilot court": ["Wales 1"], "Started": ["July 2023"], "before": [6], "with": [18]}
    return Table("Starts", pd.DataFrame(cells), "rounded")


STATES = {"complete": "complete", "ongoing": "ongoing"}


def states(k):
    cells = {"document": ["A", "B"], "complete": [1, 0], "ongoing": [3, 2]}
    return Table("States", pd.DataFrame(cells), "published")


def slippage(k):
    cells = {"name": ["Probation 1"], "first": ["2022-03-31"], "revised": ["2022-09-30"]}
    return Table("Dates", pd.DataFrame(cells), "published")


def heat(k):
    places = ["Wales", "London", "North West"]
    rows = [estimate(v, k) for v in (1.4, -4.6, 3.4)]
    other = [estimate(v, k) for v in (1.6, -9.6, 2.4)]
    return heat_table({"recalled": rows, "breached": other}, places, beside=BESIDE)


def comparisons(k):
    dial = 0.001 * k
    rows = ratio_row(0.6, dial), ratio_row(0.7, dial), ratio_row(0.64, dial)
    one = Difference(
        "recall",
        "Black",
        "recall",
        "Black people on licence",
        "More recalls among Black people",
        "disparity",
        "Black people",
        None,
        False,
        True,
        *rows,
        "All regions",
        (0.8, 1.25),
        None,
    )
    view = SimpleNamespace(name="Wales", in_full=((None, one), (None, replace(one, group="Asian"))))
    return PlaceDrawing(view).table


EXACT = {  # what else each function is given, and its table from exact numbers
    "interval_figure": (lines, (RECALLS,), {"title": "t"}),
    "outcome_figure": (lines, (RECALLS,), {"title": "t"}),
    "forest_figure": (forest, (RECALLS,), {"title": "t"}),
    "balance_figure": (balance, (), {"title": "t"}),
    "event_study_figure": (events, (), {"title": "t", "base": 2, "better": "lower"}),
    "starts_figure": (starts, (), {"words": ("January 2023", "December 2024"), "title": "t"}),
    "placebo_figure": (ranks, (RECALLS,), {"title": "t"}),
    "expected_figure": (expected, (), {"title": "t", "start": "2025-10", "words": "in every 100"}),
    "counts_figure": (
        counted,
        (),
        {"title": "t", "axis": "a", "first": "2021-07", "text": "what happened"},
    ),
    "series_figure": (months, (), {"title": "t", "marked": EVENTS}),
    "trend_figure": (trend, (), {"band": (0.8, 1.25), "title": "t"}),
    "funnel_figure": (funnel, (), {"units": "units", "title": "t"}),
    "ratio_figure": (ratios, (WORDS,), {"title": "t"}),
    "ladder_figure": (ladder, (), {"title": "t"}),
    "states_figure": (states, (), {"words": STATES, "title": "t"}),
    "slippage_figure": (slippage, (), {"title": "t"}),
    "heat_figure": (heat, (), {"title": "t"}),
    "place_figure": (comparisons, (), {"title": "t"}),
}


def test_every_figure_function_is_tried():
    assert set(EXACT) == set(FUNCTIONS)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_exact_numbers_inside_their_rounding_give_the_same_files(name):
    table_of, words, more = EXACT[name]
    tables = [table_of(k) for k in range(4)]
    drawn = [FUNCTIONS[name](table, *words, **more) for table in tables]
    assert len({style.png(figure) for figure in drawn}) == 1
    assert len({style.svg(figure, alt="words") for figure in drawn}) == 1


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - {"starts_figure"}))
def test_another_printed_number_gives_another_file(name):
    """The test above can fail: one number of the table moved by one step of its rounding."""
    table_of, words, more = EXACT[name]
    table = table_of(0)
    first, second = (
        style.png(FUNCTIONS[name](one, *words, **more)) for one in (table, stepped(table))
    )
    assert first != second


def stepped(table):
    """The table with the first number that it prints, and a figure draws, moved by one step."""
    frame = table.to_frame().astype(object)
    wanted = ("estimate", "multiple", "times as often", "ongoing", "revised", "before", "every 100")
    wanted += ("difference", "seen")
    named = [name for name in frame.columns if any(w in str(name).lower() for w in wanted)]
    named = [name for name in named if name != "best estimate"]  # words
    named = named or ["Rate"]
    for name in sorted(named, key=lambda name: name != "multiple"):
        for i in frame.index:
            cell = frame.loc[i, name]
            if str(name) == "revised":
                frame.loc[i, name] = "2022-12-31"
            elif re.fullmatch(r"[−-]?[\d.]+", str(cell)):
                frame.loc[i, name] = number(cell) + 1
            else:
                continue
            return Table(table.title, frame, table.cleared_by, table.notes)
    raise AssertionError(f"nothing to move in {list(frame.columns)}")


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_recipe_draws_the_same_svg_and_holds_what_the_table_prints(name):
    table_of, words, more = EXACT[name]
    table = table_of(0)
    figure = FUNCTIONS[name](table, *words, **more)
    text = recipe_text(recipe_of(figure), alt="words")
    again, alt = read_recipe(text)
    assert style.svg(again.figure(), alt=alt) == style.svg(figure, alt="words")
    assert csv_text(again.table) == csv_text(table) and again.table.notes == table.notes
    assert recipe_text(recipe_of(again.figure()), alt="words") == text


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_exact_numbers_inside_their_rounding_give_the_same_recipe(name):
    table_of, words, more = EXACT[name]
    drawn = [FUNCTIONS[name](table_of(k), *words, **more) for k in range(4)]
    assert len({recipe_text(recipe_of(figure), alt="words") for figure in drawn}) == 1


def test_a_recipe_names_a_figure_function_and_nothing_else():
    figure = FUNCTIONS["interval_figure"](lines(0), RECALLS, title="t")
    stored = json.loads(recipe_text(recipe_of(figure), alt="words"))
    assert set(stored) == {"draw", "alt", "words", "table"}
    with pytest.raises(KeyError):
        read_recipe(json.dumps(stored | {"draw": "os.system"}))


def test_a_figure_drawn_by_hand_has_no_recipe():
    assert recipe_of(style.blank(2)) is None


# -- what a figure function may be given -----------------------------------------------------------
PLAIN = {str, int, float, bool, type(None)}


def is_word(hint):
    """Words and numbers of style: text, a number, a pair of them, or a frozen spec of such."""
    origin = typing.get_origin(hint)
    if origin in (tuple, Sequence, Mapping) or origin in (typing.Union, type(int | str)):
        return all(part is ... or is_word(part) for part in typing.get_args(hint))
    if is_dataclass(hint):
        named = issubclass(hint, (Columns, Scale, ChartWords))
        types = typing.get_type_hints(hint)
        return named and all(is_word(types[field.name]) for field in fields(hint))
    return hint in PLAIN


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_figure_function_takes_a_table_and_words(name):
    hints = typing.get_type_hints(FUNCTIONS[name])
    first, *others = inspect.signature(FUNCTIONS[name]).parameters
    assert hints[first] is Table
    for parameter in others:
        assert is_word(hints[parameter]), (parameter, hints[parameter])
    assert len(others) <= 5


@pytest.mark.parametrize(
    "hint", [pd.DataFrame, np.ndarray, Estimate, dict, Sequence[dict], Mapping[str, object], Rung]
)
def test_results_rows_and_frames_are_no_words(hint):
    assert not is_word(hint)


def test_no_figure_module_knows_a_row_of_a_record():
    for module in pkgutil.iter_modules(room.__path__):
        source = inspect.getsource(importlib.import_module(f"{room.__name__}.{module.name}"))
        assert not re.search(r"import .*\b(Row|Estimate|is_drawn|records)\b", source), module.name


# -- what a cell prints ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("−1.4", -1.4),
        ("-1.4", -1.4),
        ("+0.9", 0.9),
        ("1,340", 1340.0),
        ("61%", 61.0),
        ("£212", 212.0),
        ("0", 0.0),
        (3, 3.0),
        (np.float64(2.5), 2.5),
        ("[c]", None),
        ("[z]", None),
        ("not shown", None),
        ("", None),
        (None, None),
        (math.nan, None),
    ],
)
def test_a_cell_is_read_as_it_is_printed(cell, value):
    assert number(cell) == value


@pytest.mark.parametrize("cell", ["1.8 fewer", "withheld", "1.2.3", "nan", True, "12 to 14"])
def test_what_cannot_be_read_is_refused_and_not_drawn_as_a_gap(cell):
    with pytest.raises(ValueError, match="neither a number nor a mark"):
        number(cell)


def test_an_interval_is_read_as_it_is_printed():
    assert ends("−3.0 to 0.2") == (-3.0, 0.2) and ends("[c]") == (None, None)
    with pytest.raises(ValueError, match="not an interval"):
        ends("0.2")


def test_a_column_that_is_not_there_is_named_with_what_is_meant():
    table = Table("t", pd.DataFrame({"estimate": [1.0]}), "model")
    with pytest.raises(KeyError, match=r"estimte.*Did you mean `estimate`"):
        list(columns.cells(table, "estimte"))


# -- the files -------------------------------------------------------------------------------------
def test_coordinates_of_an_svg_have_two_decimals_at_most():
    svg = style.svg(figures.interval_figure(lines(0), RECALLS, title="t"), alt="words").decode()
    places = re.findall(r' (?:d|x|y)="([^"]*)"', svg)
    assert places and not [x for text in places for x in re.findall(r"\.\d{3,}", text)]
    assert "scale(0.01" in svg  # letters keep their size


def test_the_wrong_number_of_decimals_would_be_seen():
    """A number that is printed as another one may not be drawn at its own place."""
    rows = [estimate(11.5, 0)]
    table = lines_table(rows, ["a"])
    assert table.to_frame()["estimate"].tolist() == [11.5]
    assert table.to_frame()["best estimate"].tolist() == ["11.5 more"]
