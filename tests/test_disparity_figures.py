"""Figures of monitors: an interval for each round, a unit outside its limits by name, every number
in words."""

import io

import pandas as pd
import pytest
from laid_out import laid_out
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex
from matplotlib.dates import date2num

from analysis.display import style
from analysis.display.drawn_rounds import RoundPoint, UnitPoint, funnel_table, trend_table
from analysis.display.figures.disparity import (
    funnel_figure,
    funnel_figure_alt,
    trend_figure,
    trend_figure_alt,
)
from analysis.display.figures.promises import (
    slippage_figure,
    slippage_figure_alt,
    states_figure,
    states_figure_alt,
)
from analysis.results import Table

ROUNDS = [
    RoundPoint("2026 Q1", 1.2, 0.9, 1.6, (0.7, 1.9)),
    RoundPoint("2026 Q2", None),
    RoundPoint("2026 Q3", 2.1, 1.5, 2.9, (0.7, 1.9), provisional=True, outside=True),
]
UNITS = [
    UnitPoint("unit 1", 10.0, 1.1, 0.5, 1.9, 0.3, 2.4, "inside"),
    UnitPoint("unit 2", 30.0, 2.2, 0.8, 1.5, 0.6, 1.8, "outside_99_8"),
    UnitPoint("unit 3", 20.0, 1.6, 0.7, 1.55, 0.5, 2.0, "outside_95"),
]
BAND = (0.8, 1.25)
BESIDE = Table("Round by round", pd.DataFrame(), "rounded")
STATES = Table(
    "Commitments by state",
    pd.DataFrame(
        {
            "Document": ["Document A", "Document B"],
            "complete": ["1", "0"],
            "ongoing": ["3", "2"],
            "not started": ["0", "0"],
            "not stated": ["0", "0"],
        }
    ),
    "published",
)
WORDS = {
    "complete": "complete",
    "ongoing": "ongoing",
    "not_started": "not started",
    "unknown": "not stated",
}


def texts(figure):
    figure.savefig(io.BytesIO())
    return [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]


def dots_of(axes):
    """Places of the marks that seaborn drew, in the order of the table."""
    dots = [c for c in axes.collections if isinstance(c, PathCollection)]
    return [tuple(at) for c in dots for at in c.get_offsets()]


def spans_of(axes):
    """Place and both ends of each interval that seaborn drew."""
    ranges = [c for c in axes.collections if isinstance(c, LineCollection)]
    segments = [s for c in ranges for s in c.get_segments() if s[0][0] == s[1][0]]
    return [(round(x), *(round(y, 6) for y in (a, b))) for (x, a), (_, b) in segments]


def test_the_key_names_only_the_marks_that_are_drawn():
    one = trend_table([RoundPoint("2023", 1.5, 1.2, 1.9)], centre=None, beside=BESIDE)
    plain = trend_figure(one, band=BAND, title="t")
    assert not any(
        "provisional" in text or "outside" in text or "dashed" in text for text in texts(plain)
    )
    full = trend_figure(trend_table(ROUNDS, centre=1.2, beside=BESIDE), band=BAND, title="t")
    assert any("provisional" in text for text in texts(full)) and any(
        "dashed" in text for text in texts(full)
    )


def test_a_round_without_a_ratio_keeps_its_place_and_is_named():
    figure = trend_figure(trend_table(ROUNDS, centre=None, beside=BESIDE), band=BAND, title="t")
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == [
        "2026\nQ1",
        "2026\nQ2",
        "2026\nQ3",
    ]
    alt = trend_figure_alt(trend_table(ROUNDS, centre=None, beside=BESIDE))
    assert (
        "2026 Q2: not shown" in alt
        and "2026 Q3: 2.10 (1.50 to 2.90), provisional, outside its limits" in alt
    )


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [(31.0, 4.0, 240.0), (0.004, 0.0, 0.9), (0.0, 0.0, 0.4), (1.2, 0.01, 55.0)],
)
def test_a_trend_cuts_off_no_ratio_and_marks_an_end_beyond_its_axis(value, low, high):
    table = trend_table(
        [*ROUNDS, RoundPoint("2026 Q4", value, low, high)], centre=None, beside=BESIDE
    )
    figure = trend_figure(table, band=BAND, title="t")
    figure.savefig(io.BytesIO())
    axes = figure.axes[0]
    bottom, top = axes.get_ylim()
    drawn = [y for _, y in dots_of(axes)]
    assert drawn == pytest.approx([1.2, 2.1, max(value, bottom)], abs=0.005)
    assert all(bottom <= y <= top for y in drawn)
    said = [text.get_text() for text in axes.texts]
    arrows = [line.get_marker() for line in axes.lines if line.get_marker() in ("v", "^")]
    assert ("v" in arrows, "^" in arrows) == (low < bottom, high > top)
    assert (f"{low:,.2f}" in said, f"{high:,.2f}" in said) == (low < bottom, high > top)


def test_the_axis_of_ratios_stays_a_log_one_under_the_marks_of_seaborn():
    figure = trend_figure(trend_table(ROUNDS, centre=None, beside=BESIDE), band=BAND, title="t")
    axes = figure.axes[0]
    half, one, double = axes.transData.transform([(0, 0.5), (0, 1), (0, 2)])[:, 1]
    assert axes.get_yscale() == "log" and one - half == pytest.approx(double - one)
    assert spans_of(axes) == [(0, 0.9, 1.6), (2, 1.5, 2.9)]


@pytest.mark.parametrize("units", ["units", "delivery units", "prisons and young offender places"])
def test_the_key_of_a_funnel_stays_inside_it(units):
    figure = funnel_figure(funnel_table(UNITS, target=1.2, beside=BESIDE), units=units, title="t")
    laid_out(figure)
    for text in figure.texts:
        at = text.get_window_extent()
        assert at.x0 >= -1 and at.x1 <= figure.bbox.x1 + 1, text.get_text()


def test_marks_of_rounds_differ_in_shape_and_fill():
    figure = trend_figure(trend_table(ROUNDS, centre=None, beside=BESIDE), band=BAND, title="t")
    (dots,) = [c for c in figure.axes[0].collections if isinstance(c, PathCollection)]
    shapes = {len(path.vertices) for path in dots.get_paths()}
    faces = [to_hex(face) for face in dots.get_facecolor()]
    assert len(shapes) == 2 and faces == [style.NAVY.lower(), "#ffffff"]


def test_a_funnel_cuts_off_no_unit():
    far = UnitPoint("unit 4", 6.0, 26.0, 0.2, 40.0, 0.1, 60.0, "outside_99_8")
    figure = funnel_figure(
        funnel_table([*UNITS, far], target=1.2, beside=BESIDE), units="units", title="t"
    )
    assert figure.axes[0].get_ylim()[1] > 26


def test_a_funnel_names_units_outside_and_no_others():
    shown = texts(
        funnel_figure(funnel_table(UNITS, target=1.2, beside=BESIDE), units="units", title="t")
    )
    assert "unit 2" in shown and "unit 3" in shown and "unit 1" not in shown
    alt = funnel_figure_alt(funnel_table(UNITS, target=1.2, beside=BESIDE), units="units")
    assert "1 of 3 lie inside" in alt and "Unit 2: 2.20 times, outside the 99.8% limits" in alt


def test_a_funnel_has_numbers_on_both_axes():
    figure = funnel_figure(funnel_table(UNITS, target=1.2, beside=BESIDE), units="units", title="t")
    figure.savefig(io.BytesIO())
    axes = figure.axes[0]
    for labels in (axes.get_xticklabels(), axes.get_yticklabels()):
        assert sum(bool(label.get_text()) for label in labels) >= 3


def test_states_carry_their_numbers_and_only_states_that_occur_stand_in_the_key():
    figure = states_figure(STATES, words=WORDS, title="t")
    shown = texts(figure)
    assert {"1", "3", "2"} <= set(shown) and "0" not in shown
    assert "ongoing" in shown and "not started" not in shown
    assert "Document B: 2 ongoing" in states_figure_alt(STATES, words=WORDS)


@pytest.mark.parametrize("first", ["2022-03-31", "2021-05-31"])
def test_dates_that_moved_stand_in_words_too(first):
    row = {"commitment": "Probation 1", "first": first, "revised": "2022-09-30"}
    table = Table("t", pd.DataFrame([row]), "published")
    said = slippage_figure_alt(table)
    assert "Probation 1: from" in said and "September 2022" in said
    days = [date2num(pd.Timestamp(day)) for day in (first, "2022-09-30")]
    assert dots_of(slippage_figure(table, title="t").axes[0]) == [(day, 0) for day in days]
