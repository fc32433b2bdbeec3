"""Figures: nothing is lost, nothing runs off the edge, files are equal byte by byte, and the text
says it all."""

import base64
import io

import numpy as np
import pandas as pd
import pytest
from laid_out import laid_out
from matplotlib import rcParams
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.style import context
from PIL import Image

from analysis.disclosure.guard.png import png_faults
from analysis.display import figures, style
from analysis.display.amounts import amount, axis_words, interval, row_words
from analysis.display.drawn_lines import forest_table, lines_table
from analysis.judgement.finding import Finding
from analysis.judgement.wording.figures_in_words import printed
from analysis.record.row import Row
from analysis.results import NOT_ESTIMABLE_REASONS, Estimate, NotEstimable, Table, Withheld
from analysis.vocabulary.regions import place_set

SCALE = figures.Scale(
    unit="in_every_100",
    words=axis_words("in_every_100", "were recalled to prison within 12 months"),
    better="lower",
    matters=2,
)
NAMES = [place.name for place in place_set("probation_regions").places]
IDENTITY = {"level": "society", "outcome": "recalled", "group": "all", "direction": "lower"}


def row(value, low, high, *, method="cells_by_person_group", unit="in_every_100", **more):
    estimate = Estimate(
        "matching_effect", method, unit, value, low, high, comparison_value=12.0, group_value=15.6
    )
    return Row.of(estimate, **IDENTITY, sesoi=1.25 if unit == "times" else 2.0, **more)


def withheld(unit="in_every_100"):
    return Row.of(Withheld("matching_effect", "main", unit), **IDENTITY)


def not_estimable(reason):
    return Row.of(NotEstimable("matching_effect", "main", "in_every_100", reason), **IDENTITY)


POOLED = row(-1.8, -3.2, -0.4, method="random_effects_reml", pi_low=-3.9, pi_high=0.3, k=9)
PLACES = [
    withheld(),
    not_estimable("absorbed"),
    row(-0.05, -4, 3.91),
    row(0.1, -24.9, 25.1),
    withheld(),
    *(row(v, v - 3, v + 3) for v in (-1.9, -2.4, 0.4, -4.1, -1.99, -1.6, 2.2)),
]
LINES = [POOLED, row(-2.1, -5.6, 1.4), row(-1.9, -3.1, -0.6, method="empirical_bayes")]
LABELS = ["10 regions together", "Kent, Surrey and Sussex alone", "The same, beside the others"]
RATIOS = [row(1.3, 1.02, 1.66, unit="times"), row(0.9, 0.5, 1.66, unit="times"), withheld("times")]
BALANCE = Table(
    "How alike?",
    pd.DataFrame(
        {
            "Characteristic": ["age: 18 to 24", "birth quarter: not recorded 2"],
            "Apart before (% of the spread)": ["−14", "12"],
            "Apart within office and period": [-2.0, "[z]"],
            "Light": ["green", "red"],
        }
    ),
    "model",
)
FOREST = forest_table(PLACES, NAMES, POOLED)
LONG = "allowing for nothing recorded about the person, errors clustered twice"
SENTENCED = "were sentenced to custody within a year, of all people sentenced"

DRAWN = {
    "lines": lambda: figures.interval_figure(lines_table(LINES, LABELS), SCALE),
    "titled": lambda: figures.interval_figure(
        lines_table(LINES, LABELS), SCALE, title="Recalls are fewer, or as many"
    ),
    "ratios": lambda: figures.interval_figure(
        lines_table(RATIOS, ["a", "b", "c"]), figures.Scale("times", "x", "lower", 1.25)
    ),
    "outcomes": lambda: figures.outcome_figure(
        lines_table(LINES, [LONG] * 3), figures.Scale("in_every_100")
    ),
    "nothing": lambda: figures.interval_figure(
        lines_table([withheld()], ["a"]), figures.Scale("points")
    ),
    "forest": lambda: figures.forest_figure(FOREST, SCALE),
    "forest_unpooled": lambda: figures.forest_figure(
        forest_table(PLACES, NAMES, not_estimable("too_few_places")), SCALE
    ),
    "balance": lambda: figures.balance_figure(
        BALANCE, title="Matched people and others are alike in most"
    ),
    "narrow_lines": lambda: figures.interval_figure(lines_table(LINES, LABELS), SCALE, narrow=True),
    "narrow_outcomes": lambda: figures.interval_figure(
        lines_table([*LINES[:2], withheld()], [SENTENCED] * 3), SCALE, narrow=True
    ),
    "narrow_forest": lambda: figures.forest_figure(FOREST, SCALE, narrow=True),
}


@pytest.fixture(scope="module")
def drawn():
    return {name: laid_out(draw()) for name, draw in DRAWN.items()}


def texts(figure):
    found = [*figure.texts]
    for axes in figure.axes:
        low, high = axes.get_xlim()
        ticks = zip(axes.get_xticks(), axes.get_xticklabels(), strict=True)
        found += [*axes.texts, *(label for tick, label in ticks if low <= tick <= high)]
    return [text for text in found if text.get_text().strip()]


@pytest.mark.parametrize("name", DRAWN)
def test_nothing_runs_off_the_edge(drawn, name):
    figure = drawn[name]
    box = figure.bbox
    for text in texts(figure):
        at = text.get_window_extent()
        inside = (
            at.x0 >= box.x0 - 1
            and at.x1 <= box.x1 + 1
            and at.y0 >= box.y0 - 1
            and at.y1 <= box.y1 + 1
        )
        assert inside, f"{text.get_text()!r} leaves the figure"


@pytest.mark.parametrize(
    "name", ["lines", "outcomes", "forest", "narrow_lines", "narrow_outcomes", "narrow_forest"]
)
def test_words_do_not_lie_on_each_other(drawn, name):
    figure = drawn[name]
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts(figure)]
    for i, (one, a) in enumerate(boxes):
        for other, b in boxes[i + 1 :]:
            assert not (
                a.x0 < b.x1 - 1 and b.x0 < a.x1 - 1 and a.y0 < b.y1 - 1 and b.y0 < a.y1 - 1
            ), f"{one!r} on {other!r}"


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("lines", [(-3.2, -0.4), (-5.6, 1.4), (-3.1, -0.6)]),
        ("ratios", [(1.02, 1.66), (0.5, 1.66)]),
    ],
)
def test_intervals_are_drawn_from_end_to_end(drawn, name, ends):
    axes = drawn[name].axes[0]
    ranges = [c for c in axes.collections if isinstance(c, LineCollection)]
    spans = [(round(a[0], 6), round(b[0], 6)) for c in ranges for a, b in c.get_segments()]
    left, right = axes.get_xlim()
    assert spans == [(max(low, left), min(high, right)) for low, high in ends]


@pytest.mark.parametrize("name", ["lines", "forest"])
def test_files_are_equal_byte_by_byte_and_carry_nothing_but_pixels(name):
    first, second = DRAWN[name](), DRAWN[name]()
    assert style.png(first) == style.png(second)
    assert style.svg(first, alt="words") == style.svg(second, alt="words")
    assert png_faults(base64.b64encode(style.png(first)).decode()) == ()
    assert b"<dc:date>" not in style.svg(first)


def test_places_stand_by_name_and_withheld_ones_are_counted_but_not_named(drawn):
    shown = [text.get_text() for text in drawn["forest"].axes[0].texts if text.get_text() in NAMES]
    assert shown == sorted(shown) and len(shown) == 10
    said = figures.forest_figure_alt(FOREST, SCALE)
    left_off = [name for name in NAMES if name not in shown]
    assert "2 regions left off to protect people" in said and not any(
        name in said for name in left_off
    )


def test_a_row_without_an_estimate_stays_with_its_reason(drawn):
    said = figures.forest_figure_alt(FOREST, SCALE)
    assert NOT_ESTIMABLE_REASONS["absorbed"] in said
    written = " ".join(text.get_text().replace("\n", " ") for text in drawn["forest"].axes[0].texts)
    assert NOT_ESTIMABLE_REASONS["absorbed"] in written


@pytest.mark.parametrize("reason", ["zero_events", "constant_outcome", "separation"])
def test_a_reason_that_would_reveal_is_shown_as_withheld(reason):
    assert row_words(not_estimable(reason)) == "withheld to protect people"
    assert NOT_ESTIMABLE_REASONS[reason] not in figures.interval_figure_alt(
        lines_table([not_estimable(reason)], ["a"]), SCALE
    )


def test_alternative_texts_say_every_number():
    said = figures.interval_figure_alt(lines_table(LINES, LABELS), SCALE)
    for words in (
        "1.8 fewer (0.4 to 3.2 fewer)",
        "2.1 fewer (5.6 fewer to 1.4 more)",
        "Fewer is better",
        *LABELS,
    ):
        assert words in said
    said = figures.forest_figure_alt(FOREST, SCALE)
    assert "A new region would most likely see 3.9 fewer to 0.3 more" in said
    said = figures.balance_figure_alt(BALANCE)
    assert "14% before" in said and "not known after" in said


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [(-1.8, -3.2, -0.4), (-1.98, -5.6, 1.4), (0.04, -1, 2.0), (-0.004, -3, 3)],
)
def test_labels_print_the_same_numbers_as_the_sentences(value, low, high):
    sentence = printed(Finding("share", "inconclusive", "linked", "lower", 2.0, value, low, high))
    words = row_words(row(value, low, high))
    assert (
        words.startswith(sentence.value + " ") and sentence.low in words and sentence.high in words
    )


def test_amounts_in_words():
    assert amount(-1.8, "in_every_100") == "1.8 fewer" and amount(0.21, "points") == "0.21 higher"
    assert (
        amount(1.3, "times") == "1.30 times"
        and interval(0.5, 1.66, "times") == "0.50 to 1.66 times"
    )
    assert (
        interval(-5.6, 1.4, "in_every_100") == "5.6 fewer to 1.4 more"
        and interval(0.4, 3.2, "points") == "0.4 to 3.2 higher"
    )


def _luminance(colour):
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_words_can_be_read_and_lines_told_apart_in_grey_print():
    assert (
        contrast(style.INK, "white") >= 7 and contrast(style.GREY, "white") >= 4.5
    )  # WCAG 2.2 AA, 1.4.3
    assert contrast(style.NAVY, style.BAND) >= 3  # 1.4.11
    assert contrast(style.NAVY, style.ORANGE) >= 3


def test_an_estimate_that_is_not_reliable_says_so():
    shaky = row(-2.1, -9, 4.8, note="not_reliable")
    figure = figures.interval_figure(lines_table([POOLED, shaky], LABELS[:2]), SCALE)
    said = figures.interval_figure_alt(lines_table([shaky], ["a"]), SCALE)
    assert "not reliable" in said
    assert any("○ not reliable" in text.get_text() for text in figure.texts)


def test_drawing_leaves_the_table_and_the_global_style_alone():
    import matplotlib

    table = lines_table(LINES, LABELS)
    before, kept = dict(matplotlib.rcParams), table.to_frame()
    figures.interval_figure(table, SCALE)
    pd.testing.assert_frame_equal(table.to_frame(), kept)
    assert dict(matplotlib.rcParams) == before


# -- the palette of a PNG --------------------------------------------------------------------------
def pixels(content):
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)


@pytest.mark.parametrize("name", DRAWN)
def test_a_palette_keeps_every_pixel_close_and_the_colours_of_the_house_exactly(drawn, name):
    whole = io.BytesIO()
    with style.house_style():
        drawn[name].savefig(whole, format="png", dpi=style.DPI)
    small = style.png(drawn[name])
    before, after = pixels(whole.getvalue()), pixels(small)
    assert before.shape == after.shape and np.abs(before - after).max() < style.BLOCK
    assert len(small) < 0.45 * len(whole.getvalue())
    for colour in ("white", style.BAND, style.INK, style.NAVY, style.GREY):
        exact = [round(255 * part) for part in to_rgb(colour)]
        assert (after[(before == exact).all(axis=2)] == exact).all(), colour


def test_a_picture_of_many_colours_keeps_them_apart():
    """Thousands of colours at once, as in a heat map with other shades than the house has."""
    shades = np.random.default_rng(15).integers(0, 256, (90, 90, 3), dtype=np.uint8)
    flat = np.repeat(np.repeat(shades[:9, :9], 10, axis=0), 10, axis=1)
    after = np.asarray(style.in_palette(Image.fromarray(flat)).convert("RGB")).astype(int)
    assert np.abs(flat.astype(int) - after).max() < style.BLOCK


def test_the_house_style_is_that_of_the_style_sheet_and_leaves_nothing_behind():
    before = dict(rcParams)
    with context(["afcharts.afcharts", style._OVERRIDES], after_reset=True):
        sheet = dict(rcParams)
    with style.house_style():
        with style.house_style():
            assert dict(rcParams) == sheet
        assert dict(rcParams) == sheet
    assert dict(rcParams) == before
