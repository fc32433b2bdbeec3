"""Causes of moves on rounds that were run from end to end: the command line over a table of counts,
a plan and a notebook of its own, and the page that comes of it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.paths import ROOT
from analysis.said.carried import read_out

STUDY, FIRST = "toronto_arrests", "2026Q1"
WORKBOOK = ROOT / ".venv" / "bin" / "workbook"
SIGN = """
import sys
from rounds.signed_rounds import signed
from analysis.runs.rounds.signing import signing_of
signed(signing_of(*sys.argv[1:]))
"""
# Released and arrested by year: of White people, of Black people.
YEARS = {
    1999: (733, 849, 182, 250),
    2000: (884, 991, 208, 279),
    2001: (755, 900, 251, 311),
}
NEWER = YEARS | {2002: (777, 905, 212, 305)}
RESTATED = YEARS | {2001: (755, 900, 211, 311)}
LONG = """counts:
  header_rows: [1]
  notes_begin: ["Source:"]
  layout: long
  columns: {group: colour, period: year, events: released, base: arrests}
"""
BAND = "{low: 0.8, high: 1.25,"
OF_2001 = (
    r"Black people arrested, release, year to December 2001: first published 0\.96 times as often"
    r" \(.+ to .+\), now 0\.8\d times as often \(.+ to .+\)\."
)


class World:
    """Plans, notebooks, a table of counts, reports and state of their own."""

    def __init__(self, folder: Path):
        self.folder, self.table = folder, folder / "counts.csv"
        self.plan = folder / "params" / "monitors" / f"{STUDY}.yml"
        self.notebook = folder / "notebooks" / "monitors" / "disparity.ipynb"
        for name in ("params", "notebooks"):
            shutil.copytree(ROOT / name, folder / name)
        text = self.plan.read_text(encoding="utf-8")
        self.plan.write_text(text[: text.index("counts:\n  file")] + LONG, encoding="utf-8")

    def run(self, round_id: str, years: dict[int, tuple[int, ...]]) -> None:
        """`workbook run` on a table of these years."""
        rows = ["colour,year,released,arrests"]
        for year, (white, whites, black, blacks) in years.items():
            rows += [f"White,{year},{white},{whites}", f"Black,{year},{black},{blacks}"]
        self.table.write_text("\n".join(rows) + "\n", encoding="utf-8")
        self.does(WORKBOOK, "run", STUDY, "--data", f"counts:{self.table}", "--round", round_id)

    def does(self, *command) -> str:
        named = {
            "WORKBOOK_PARAMS": str(self.folder / "params"),
            "WORKBOOK_NOTEBOOKS": str(self.folder / "notebooks"),
            "WORKBOOK_REPORTS": str(self.folder / "reports"),
            "WORKBOOK_STATE": str(self.folder / "state"),
            "PYTHONPATH": str(ROOT / "tests"),
        }
        done = subprocess.run(
            [str(part) for part in command],
            env=os.environ | named,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def since(self, round_id: str) -> str:
        """What the page of the nation says of the round before."""
        (page,) = self.folder.glob(f"reports/site/*/{round_id}/{STUDY}/national/index.html")
        found = re.search(r"<h2>(Since round .*?)</section>", page.read_text(), re.DOTALL)
        words = read_out(re.sub(r"<[^>]+>", " ", found[1])) if found else ""
        return " ".join(words.split())


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A world with a first round that is signed."""
    made = World(tmp_path_factory.mktemp("causes"))
    made.run(FIRST, YEARS)
    made.does(sys.executable, "-c", SIGN, STUDY, f"counts:{made.table}", FIRST)
    return made


def test_the_list_of_rounds_says_that_the_first_is_frozen(world):
    listed = world.does(WORKBOOK, "list", "--rounds")
    assert FIRST in listed and "frozen" in listed


def test_where_the_period_moved_on_the_figures_of_then_are_as_first_published(world):
    world.run("2026Q2", NEWER)
    said = world.since("2026Q2")
    assert said.endswith("As first published.") and "Cause" not in said


def test_restated_rows_are_the_cause_alone(world):
    world.run("2026Q3", RESTATED)
    said = world.since("2026Q3")
    assert re.search(rf"{OF_2001} Cause: restated data, not method or plan\.", said)


def test_restated_rows_under_a_period_that_moved_on_are_told_as_restated(world):
    world.run("2026Q4", NEWER | {2001: RESTATED[2001]})
    said = world.since("2026Q4")
    assert re.search(rf"{OF_2001} Cause: restated data, not method or plan\.", said)


def test_a_size_that_matters_of_the_plan_moves_no_figure_and_is_said(world):
    was = world.plan.read_text(encoding="utf-8")
    assert BAND in was
    world.plan.write_text(was.replace(BAND, "{low: 0.9, high: 1.11,"), encoding="utf-8")
    try:
        world.run("2027Q1", YEARS)
        said = world.since("2027Q1")
        assert "As first published." in said and "Changed since then: plan." in said
        world.run("2027Q2", RESTATED)
        assert "Cause: restated data and plan: not told apart." in world.since("2027Q2")
    finally:
        world.plan.write_text(was, encoding="utf-8")


def test_other_code_is_the_method(world):
    """The code that is hashed: the cells of the notebook that ran."""
    was = world.notebook.read_text(encoding="utf-8")
    assert was.count("study.record()") == 1
    other = was.replace("study.record()", "study.record()  # another way")
    world.notebook.write_text(other, encoding="utf-8")
    try:
        world.run("2027Q3", YEARS)
        said = world.since("2027Q3")
        assert "As first published." in said and "Changed since then: method." in said
        world.run("2027Q4", RESTATED)
        assert "Cause: restated data and method: not told apart." in world.since("2027Q4")
    finally:
        world.notebook.write_text(was, encoding="utf-8")
