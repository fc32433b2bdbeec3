"""Files of figures beside a page: a second name of the run's file, and an SVG from a recipe."""

import pandas as pd
import pytest
from PIL import Image

from analysis.display import style
from analysis.display.figures import Scale, interval_figure
from analysis.display.figures.columns import IntervalColumns
from analysis.display.tables import save, save_drawing
from analysis.exploring.drawing import plot_of
from analysis.results import Table
from analysis.site.figure_files import draw_svg, link_or_copy

CELLS = ["Wales", -1.8, -3.2, -0.4, "1.8 fewer", "0.4 to 3.2 fewer", "", 2.0]
LINES = Table("Recalls", pd.DataFrame([CELLS], columns=vars(IntervalColumns()).values()), "rounded")
COUNTS = Table(
    "People by group",
    pd.DataFrame({"Group": ["Asian", "Black"], "Women": ["yes", "no"], "People": [120, "[c]"]}),
    "rounded",
)


def line_figure():
    return interval_figure(LINES, Scale("in_every_100", "in every 100", "lower", 2.0), title="t")


def test_the_files_of_a_figure_are_its_picture_its_numbers_and_its_recipe(tmp_path):
    figure = line_figure()
    save(tmp_path, "answer", png=style.png(figure), table=LINES)
    save_drawing(tmp_path, "answer", figure, alt="words")
    assert {file.name for file in tmp_path.iterdir()} == {"answer.png", "answer.csv", "answer.json"}
    assert Image.open(tmp_path / "answer.png").mode == "P"


def test_an_svg_drawn_from_the_recipe_is_that_of_the_figure(tmp_path):
    chart = plot_of(COUNTS).charts[0]
    for name, figure in (("line", line_figure()), ("plot", chart.figure)):
        save_drawing(tmp_path, name, figure, alt="words")
        draw_svg(tmp_path / f"{name}.json", tmp_path)
        assert (tmp_path / f"{name}.svg").read_bytes() == style.svg(figure, alt="words")


def test_a_figure_drawn_by_hand_keeps_its_svg(tmp_path):
    figure = style.blank(2)
    figure.text(0.5, 0.5, "by hand")
    save_drawing(tmp_path, "own", figure, alt="words")
    assert [file.name for file in tmp_path.iterdir()] == ["own.svg"]


def test_a_recipe_of_a_function_that_is_gone_makes_no_svg(tmp_path):
    save_drawing(tmp_path, "line", line_figure(), alt="words")
    recipe = tmp_path / "line.json"
    recipe.write_text(recipe.read_text().replace("interval_figure", "pie_figure"))
    draw_svg(recipe, tmp_path)
    assert not (tmp_path / "line.svg").exists()


@pytest.mark.parametrize("can_link", [True, False])
def test_equal_bytes_lie_on_the_disk_once_where_that_can_be(tmp_path, monkeypatch, can_link):
    file, to = tmp_path / "a.csv", tmp_path / "b.csv"
    file.write_text("numbers")
    if not can_link:
        monkeypatch.setattr("os.link", refused)
    link_or_copy(file, to)
    assert to.read_text() == "numbers" and file.samefile(to) == can_link


def refused(*_):
    raise OSError("not on this disk")
