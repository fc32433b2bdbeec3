"""The chart of a monitor: numbers, interval and band on every row, nothing cut off, and nothing of
what is withheld."""

import math
from dataclasses import replace

import matplotlib
import numpy as np
import pytest
from changed_records import some_row
from chosen import spread
from laid_out import laid_out

from analysis.display import style
from analysis.display.figures.ratio_chart import ratio_figure
from analysis.display.figures.ratio_lines import (
    ChartWords,
    interval_text,
    rates_pair,
    ratio_figure_alt,
    ratio_lines,
    ratio_text,
)
from analysis.display.group_ratios import GroupRatio, ratio_table
from analysis.paths import ROOT
from analysis.plans.monitor import Monitor
from analysis.plans.registry import list_plans
from analysis.plans.study_plan import NEGATED
from analysis.record import store
from analysis.studies.disparity.page.drawing import monitor_drawing
from analysis.studies.disparity.shown.chart import chart_of
from analysis.vocabulary.ethnicity import of_group
from analysis.vocabulary.group_sets import group_words
from analysis.vocabulary.regions import ALL

MONITORS = {plan.study: plan for plan in list_plans() if isinstance(plan, Monitor)}
RECORDS = ROOT / "tests" / "guards" / "records"
NONE = dict.fromkeys(("value", "conf_low", "conf_high", "group_value", "comparison_value"))


def row(value, low, high, rates=(24.0, 40.1), **more):
    cells = {
        "value": value,
        "conf_low": low,
        "conf_high": high,
        "group_value": rates[0],
        "comparison_value": rates[1],
    }
    return some_row(unit="times", counts="good", **cells | more)


WITHHELD = row(
    None, None, None, (None, None), status="withheld", reason="small_numbers", n_treated=None
)
FEW = row(0.4, 0.1, 1.9).with_(**NONE)
ROUNDS = (("2026 Q1", 0.7), ("2026 Q2", None), ("2026 Q3", 0.6))
LINES = [
    GroupRatio(
        "Black",
        "Black people who applied",
        "disparity",
        row(0.6, 0.45, 0.78),
        row(0.7, 0.66, 0.75),
        row(0.64, 0.5, 0.77),
        ROUNDS,
    ),
    GroupRatio(
        "Asian",
        "Asian people who applied",
        "none shown",
        row(1.31, 0.02, 31.7),
        row(0.9, 0.8, 1.0),
        None,
        ROUNDS,
        "no shrunken value: fewer than 8 of 12 regions shown",
    ),
    GroupRatio(
        "Mixed",
        "people of Mixed ethnicity who applied",
        "practical only",
        row(0.0, 0.0, 0.61),
        None,
        None,
    ),
    GroupRatio(
        "Other",
        "people of Other ethnic groups who applied",
        "withheld [c]",
        WITHHELD,
        row(3.9, 3.5, 4.4),
        None,
        (("2026 Q1", 7.77), ("2026 Q2", None), ("2026 Q3", None)),
        "no shrunken value",
    ),
    GroupRatio(
        "Fifth", "people of a fifth group", "too few", FEW, row(0.9, 0.8, 1.0), row(5.55, 5, 6)
    ),
]
WORDS = ChartWords(
    "Wales",
    "All regions",
    "the other regions",
    "White",
    "White people who applied",
    "were shortlisted",
    "100 people who applied",
    False,
    "good",
    (0.8, 1.25),
)


def committed():
    """Lines and words of the chart of every measure of every committed record of a monitor."""
    for study, plan in MONITORS.items():
        files = [
            file for file in sorted((RECORDS / study).glob("*.json")) if file.stem != ALL
        ]  # as the nation
        national = store.load(RECORDS / study / "national.json")
        for file in files:
            record = store.load(file)
            for measure in plan.measures:
                chart = chart_of(plan, record, measure, national=national)
                yield pytest.param(chart.lines, chart.words, id=f"{study}-{file.stem}-{measure.id}")


CHARTS = [pytest.param(LINES, WORDS, id="made_up"), *spread(committed(), 12)]


def ratio_chart(lines, words, **more):
    return ratio_figure(ratio_table(lines, words), words, **more)


def chart_alt(lines, words):
    return ratio_figure_alt(ratio_table(lines, words), words)


def chart_table_rows(lines, words):
    return ratio_table(lines, words).to_frame().to_dict("records")


def printed(lines, words):
    """The lines as the table of the chart prints them."""
    return ratio_lines(ratio_table(lines, words), words)


@pytest.fixture(params=[False, True], ids=["wide", "narrow"])
def narrow(request):
    return request.param


KEPT = {}  # figures by rows, words and layout: most tests look at the same ones


def drawn(lines, words, narrow):
    key = (id(lines), words, narrow)
    if key not in KEPT:
        KEPT[key] = (lines, laid_out(ratio_chart(lines, words, narrow=narrow)))
    return KEPT[key][1]


def texts(figure):
    return [text.get_text() for axes in (figure, *figure.axes) for text in axes.texts]


def bands(axes):
    """Top and bottom of the band of each row, in inches from the top of the rows."""
    return [(p.get_xy()[:, 1].min(), p.get_xy()[:, 1].max()) for p in axes.patches]


def sparks(figure):
    """The small line of each row that has rounds."""
    return [line for line in figure.artists if line.get_marker() == "."]


def marks(axes, shape):
    return [
        (*line.get_xdata(), *line.get_ydata()) for line in axes.lines if line.get_marker() == shape
    ]


@pytest.mark.parametrize(("lines", "words"), CHARTS)
def test_every_row_has_its_band_its_numbers_and_its_word(lines, words, narrow):
    figure = drawn(lines, words, narrow)
    axes, said = figure.axes[0], texts(figure)
    assert len(bands(axes)) == len(lines)
    for patch in axes.patches:
        assert (patch.get_xy()[:, 0].min(), patch.get_xy()[:, 0].max()) == pytest.approx(words.band)
    joined = " ".join(said)
    for line in printed(lines, words):
        assert line.word in joined and line.name.split()[0] in joined
        if line.drawn:
            assert rates_pair(line) in said and interval_text(line.ratio) in said


@pytest.mark.parametrize(("lines", "words"), CHARTS)
def test_no_estimate_is_cut_off_and_an_end_beyond_the_axis_is_an_arrow_with_its_number(
    lines, words, narrow
):
    figure = drawn(lines, words, narrow)
    axes = figure.axes[0]
    low, high = axes.get_xlim()
    shown = [line for line in printed(lines, words) if line.drawn]
    own = marks(axes, "o")
    assert [x for x, _ in own] == pytest.approx([max(line.ratio[0], low) for line in shown])
    for shape, i in (("D", 0), ("s", 1)):
        wanted = [line.beside[i] for line in shown if line.beside[i] is not None]
        assert sorted(x for x, _ in marks(axes, shape)) == pytest.approx(sorted(wanted))
    for line, (_, y) in zip(shown, own, strict=True):
        value, least, most = line.ratio
        assert value == 0 or low < value < high
        for end, shape, beyond in ((least, "<", least < low), (most, ">", most > high)):
            assert (y in [at for _, at in marks(axes, shape)]) == beyond
            if beyond:
                assert ratio_text(end) in [text.get_text() for text in axes.texts]
            else:
                assert any(x == pytest.approx(end) and at == y for x, at in marks(axes, "|"))


@pytest.mark.parametrize(("lines", "words"), CHARTS)
def test_a_row_that_is_not_shown_draws_nothing(lines, words, narrow):
    figure = drawn(lines, words, narrow)
    axes = figure.axes[0]
    for line, (top, bottom) in zip(lines, bands(axes), strict=True):
        inside = [m for shape in "oDs|<>" for m in marks(axes, shape) if top <= m[1] <= bottom]
        assert bool(inside) == line.drawn
    with_rounds = [line for line in lines if line.drawn and any(value for _, value in line.rounds)]
    assert len(sparks(figure)) == len(with_rounds)


@pytest.mark.parametrize(("lines", "words"), CHARTS)
def test_both_ends_say_what_they_mean(lines, words, narrow):
    figure = drawn(lines, words, narrow)
    at = {text.get_text(): text.get_window_extent() for text in figure.texts}
    worse, better = at["worse for the group"], at["better for the group"]
    assert at["← less often"].x0 < at["more often →"].x0
    assert (worse.x0 < better.x0) == (words.counts == "good")
    fewer = worse if words.counts == "good" else better
    assert fewer.y1 < at["← less often"].y1 and fewer.x0 == pytest.approx(
        at["← less often"].x0, abs=2
    )


@pytest.mark.parametrize(("lines", "words"), CHARTS)
def test_words_do_not_lie_on_each_other(lines, words, narrow):
    figure = drawn(lines, words, narrow)
    ticks = [label for label in figure.axes[0].get_xticklabels() if label.get_text()]
    found = [
        text for text in [*figure.texts, *figure.axes[0].texts, *ticks] if text.get_text().strip()
    ]
    boxes = [(text.get_text(), text.get_window_extent()) for text in found]
    for i, (one, a) in enumerate(boxes):
        for other, b in boxes[i + 1 :]:
            apart = a.x1 - 1 <= b.x0 or b.x1 - 1 <= a.x0 or a.y1 - 2 <= b.y0 or b.y1 - 2 <= a.y0
            assert apart, f"{one!r} on {other!r}"


def test_marks_have_shapes_of_their_own_and_the_key_says_them_in_words(narrow):
    said = " ".join(texts(drawn(LINES, WORDS, narrow)))
    for words in (
        "● Wales",
        "◇ All regions",
        "□ Wales drawn towards the other regions",
        "grey band",
        "gap: not shown",
    ):
        assert words in said
    alone = [GroupRatio(line.name, line.people, line.verdict, line.row) for line in LINES]
    said = " ".join(texts(drawn(alone, WORDS, narrow)))
    assert "◇" not in said and "□" not in said and "gap" not in said


def test_a_spark_has_a_gap_where_a_round_is_not_shown(narrow):
    figure = drawn(LINES, WORDS, narrow)
    line = max(sparks(figure), key=lambda one: len(one.get_xdata()))
    assert np.isnan(line.get_ydata()).tolist() == [False, True, False]
    assert line.get_ydata()[2] == pytest.approx(math.log(0.6))


def test_words_and_csv_hold_nothing_of_a_row_that_is_not_shown():
    said, table = chart_alt(LINES, WORDS), chart_table_rows(LINES, WORDS)
    for number in ("3.9", "5.55", "7.77"):
        assert number not in said
    for cells in (table[3], table[4]):
        assert not any(isinstance(value, float) for value in cells.values())
    assert table[4]["All regions, times as often"] == table[4]["drawn low"] == "[z]"


def test_the_alternative_text_says_each_row_in_counts_of_a_hundred():
    said = chart_alt(LINES, WORDS)
    assert (
        "24 in every 100 Black people who applied were shortlisted, and 40.1 in every 100 White"
        " people who applied." in said
    )
    assert (
        "That is 0.60 (0.45 to 0.78) times as often" in said and "All regions: 0.70 times." in said
    )
    assert "Drawn towards the other regions: 0.64 (0.50 to 0.77) times." in said
    assert "No shrunken value: fewer than 8 of 12 regions shown." in said
    assert (
        "To the left: less often, worse for the group." in said
        and "Round by round, 2026 Q1 – 2026 Q3: 0.70, not shown, 0.60." in said
    )
    assert "People of Other ethnic groups who applied: withheld [c]." in said


@pytest.mark.parametrize(("lines", "words"), CHARTS)
def test_no_event_is_negated_and_no_group_stands_behind_its_people(lines, words):
    said = chart_alt(lines, words)
    assert not NEGATED.search(words.event) and "ethnic group as" not in said
    assert (
        "from the Black" not in said
        and " not more often" not in said
        and "not less often" not in said
    )
    for line in lines:
        assert line.people[:1].upper() + line.people[1:] in said or line.people in said


def test_the_csv_has_the_national_and_the_shrunken_value_and_each_round():
    first, second = chart_table_rows(LINES, WORDS)[:2]
    assert (first["All regions, times as often"], first["drawn towards the other regions"]) == (
        0.7,
        0.64,
    )
    assert (first["drawn low"], first["drawn high"], first["times as often, 2026 Q2"]) == (
        0.5,
        0.77,
        "not shown",
    )
    assert second["drawn towards the other regions"] == "[z]" and second["note"].startswith(
        "no shrunken value"
    )


@pytest.mark.parametrize("plan", MONITORS.values(), ids=list(MONITORS))
def test_every_group_of_every_measure_is_named_by_its_people(plan):
    for measure in plan.measures:
        for group in (*plan.compared_groups, plan.groups.reference):
            said = of_group(group, measure.people)
            assert (
                group in said or group_words(group).get("before", "no such word") in said
            )  # women: female applicants


def test_a_long_verdict_has_lines_of_its_own(narrow):
    long = [
        replace(
            line, verdict="a difference that chance alone would seldom give, worse for the group"
        )
        for line in LINES[:2]
    ]
    figure = drawn(long, WORDS, narrow)
    boxes = [text.get_window_extent() for text in figure.texts if text.get_text().strip()]
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.x1 for box in boxes)
    assert not any(
        a is not b and a.shrunk(0.98, 0.9).overlaps(b) and abs(a.y0 - b.y0) < 4
        for a in boxes
        for b in boxes
    )


def test_files_are_equal_byte_by_byte(narrow):
    first, second = (ratio_chart(LINES, WORDS, narrow=narrow) for _ in range(2))
    assert style.png(first) == style.png(second) and style.svg(first) == style.svg(second)


def test_drawing_leaves_the_global_style_alone():
    before = dict(matplotlib.rcParams)
    ratio_chart(LINES, WORDS)
    assert dict(matplotlib.rcParams) == before


def test_a_page_of_all_places_has_no_mark_of_itself():
    plan = MONITORS["supervision"]
    national = store.load(RECORDS / "supervision" / "national.json")
    place = store.load(RECORDS / "supervision" / "west_midlands.json")
    assert all(
        line.national is None for line in monitor_drawing(plan, national, national).chart.lines
    )
    assert all(
        line.national is not None for line in monitor_drawing(plan, place, national).chart.lines
    )
