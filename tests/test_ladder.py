"""The ladder: six rungs in order, one axis of multiples, the same numbers in figure, alternative
text and table."""

import io

import matplotlib
import numpy as np
import pytest
from changed_records import some_row
from laid_out import laid_out
from matplotlib.text import Text

from analysis.display import style
from analysis.display.figures import ladder
from analysis.display.figures.ladder import NARROW, WIDE
from analysis.display.rungs import (
    Rung,
    in_order,
    ladder_table,
    ladder_table_rows,
    multiples,
    value_words,
)
from analysis.said.carried import read_out

PHONE = 360 / 96  # inches of a telephone of 360 px


def row(value, low, high, unit, sesoi, better, **more):
    cells = {"value": value, "conf_low": low, "conf_high": high, "unit": unit}
    return some_row(**cells | {"sesoi": sesoi, "direction": better} | more)


COUNTED = row(None, None, None, "money", None, "undefined", status="described")
WITHHELD = row(None, None, None, "points", 0.2, "higher", status="withheld", reason="small_numbers")
TEST = Rung(
    "learning",
    "Score on the scenario test",
    row(3.1, 2.1, 4.1, "points", 2, "higher"),
    scale=(0, 40),
)
LEAVING = Rung(
    "organisation",
    "Left the service within 6 months",
    row(-1.9, -4.4, 0.6, "in_every_100", 2, "lower"),
)
CLIMATE = Rung(
    "behaviour",
    "Climate rated by staff",
    row(0.05, -1.9, 0.31, "points", 0.2, "higher"),
    primary=False,
)


@pytest.fixture
def rungs():
    return [
        LEAVING,
        Rung("input", "Cost and reach", COUNTED, words="£212 a manager; 1,340 of 1,500 took part"),
        Rung("society", "", words="Not measured: too far from a module for managers"),
        Rung(
            "reaction", "Found the module relevant", COUNTED, words="84 in 100 (61 in 100 answered)"
        ),
        TEST,
        CLIMATE,
        Rung("behaviour", "Conduct rated by staff", WITHHELD),
    ]


def ladder_figure(rungs, **more):
    return ladder.ladder_figure(ladder_table(rungs), **more)


def ladder_alt(rungs):
    return ladder.ladder_figure_alt(ladder_table(rungs))


def texts(figure):
    return [text for text in figure.findobj(Text) if text.get_text().strip()]


def test_multiples_are_turned_so_that_more_is_better():
    assert multiples(LEAVING.row) == pytest.approx((0.95, -0.3, 2.2))
    assert multiples(TEST.row) == pytest.approx((1.55, 1.05, 2.05))
    halved = row(0.5, 0.25, 1.0, "times", 2, "lower")
    assert multiples(halved) == pytest.approx((1, 0, 2))


def test_rungs_stand_in_the_order_of_the_argument_with_the_primary_on_top(rungs):
    levels = [rung.level for rung in in_order(rungs)]
    assert levels == [
        "input",
        "reaction",
        "learning",
        "behaviour",
        "behaviour",
        "organisation",
        "society",
    ]
    assert [rung.primary for rung in in_order(rungs) if rung.level == "behaviour"] == [False, True]


def test_a_ladder_without_a_rung_is_refused(rungs):
    with pytest.raises(ValueError, match="society"):
        ladder_figure([rung for rung in rungs if rung.level != "society"])


@pytest.mark.parametrize("width", [WIDE, 5.8, NARROW])
def test_text_stays_readable_and_inside_the_figure(rungs, width):
    figure = ladder_figure(rungs, width=width, title="All regions")
    laid_out(figure)
    for text in texts(figure):
        at = text.get_window_extent()
        assert at.x0 >= -1 and at.x1 <= figure.bbox.x1 + 1, text.get_text()
        assert at.y0 >= -1 and at.y1 <= figure.bbox.y1 + 1, text.get_text()
        on_phone = text.get_fontsize() * (1 if width > 6 else PHONE / width)
        assert on_phone >= 8.99, text.get_text()


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_no_two_texts_overlap(rungs, width):
    figure = ladder_figure(rungs, width=width)
    laid_out(figure)
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts(figure)]
    for i, (first, one) in enumerate(boxes):
        for second, other in boxes[i + 1 :]:
            wide = min(one.x1, other.x1) - max(one.x0, other.x0)
            high = min(one.y1, other.y1) - max(one.y0, other.y0)
            assert wide < 2 or high < 2, (first, second)


def test_rungs_are_not_joined_and_long_intervals_end_in_an_arrow(rungs):
    axes = ladder_figure(rungs).axes[0]
    marks = [line for line in axes.lines if line.get_marker() == "o"]
    assert all(len(line.get_xdata()) == 1 for line in marks) and len(marks) == 3
    assert all(
        np.ptp(line.get_ydata()) == 0
        for line in axes.lines
        if len(line.get_xdata()) == 2 and line.get_linewidth() > 2
    )
    assert [line.get_marker() for line in axes.lines].count(
        "<"
    ) == 1  # climate: 9.5 sizes that matter for the worse
    assert -multiples(CLIMATE.row)[1] > 4 >= -axes.get_xlim()[0] - 0.26


def test_solid_and_hollow_differ_in_grey_print(rungs):
    marks = {
        line.get_markerfacecolor()
        for line in ladder_figure(rungs).axes[0].lines
        if line.get_marker() == "o"
    }
    grey = [
        float(np.dot(matplotlib.colors.to_rgb(colour), (0.2126, 0.7152, 0.0722)))
        for colour in marks
    ]
    assert len(marks) == 2 and max(grey) - min(grey) > 0.7


def test_alt_text_and_table_hold_the_numbers_of_the_figure(rungs):
    alt, table = ladder_alt(rungs), ladder_table_rows(rungs)
    drawn = " ".join(text.get_text() for text in texts(ladder_figure(rungs)))
    for rung in rungs:
        found = read_out(value_words(rung))
        assert found in alt and found in [read_out(line["What was found"]) for line in table]
        assert found.split(" (")[0].split(":")[0] in drawn
    assert [line["Kaufman"] for line in table][:2] == ["5 societal", "4 organisational output"]
    assert {line["Times the size that matters"] for line in table} >= {"+0.9 (−0.3 to +2.2)", "[z]"}


def test_withheld_rungs_say_so_and_unmeasured_ones_why(rungs):
    drawn = " ".join(text.get_text() for text in texts(ladder_figure(rungs)))
    assert "withheld to protect people" in drawn and "Not measured: too far" in drawn


def test_a_class_stands_in_words_only_where_it_is_given(rungs):
    assert "In words" not in ladder_table_rows(rungs)[0]
    judged = [*rungs[1:], Rung(LEAVING.level, LEAVING.what, LEAVING.row, finding="too few to tell")]
    assert "too few to tell" in ladder_alt(judged) and "too few to tell" not in ladder_alt(rungs)
    assert ladder_table_rows(judged)[1]["In words"] == "too few to tell"


def test_the_picture_is_the_same_each_time(rungs):
    first, second = (style.png(ladder_figure(rungs)) for _ in range(2))
    assert first == second and matplotlib.image.imread(io.BytesIO(first)).shape[1] == int(
        WIDE * style.DPI
    )
