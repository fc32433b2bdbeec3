"""The table at the end of a batch: a line a study; drawn on a terminal, plain lines elsewhere."""

import os
import pty
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from command_line import workbook
from hypothesis import given
from hypothesis import strategies as st

from analysis.plans.registry import NATIONAL, Source
from analysis.runs.final_table.lines import COLOURS, HEADINGS, cells, duration, lines, rows
from analysis.runs.final_table.showing import plain, say_table
from analysis.runs.planning import Run
from analysis.runs.runner import Outcome

STATES = ("published", "unchanged", "withheld", "failed", "cut_off", "not_cleared")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def outcome(study: str, place: str, state: str, seconds: float = 1.0) -> Outcome:
    run = Run(study, place, Source("synthetic"), "draft", notebook=Path("n.ipynb"))
    return Outcome(run, state, seconds=seconds)


MIXED = [
    outcome("first", "wales", "published", 61),
    outcome("first", "london", "unchanged", 0),
    outcome("first", NATIONAL, "published", 60),
    outcome("second_study", "wales", "failed"),
    outcome("second_study", "london", "withheld"),
    outcome("second_study", NATIONAL, "not_cleared", 0),
]
PLAIN = f"""
study         places  run  unchanged  failed  withheld  all together    run time  {HEADINGS[-1]}
first              2    1          1       0         0  published     2 min 01 s  none
second_study       2    0          0       1         1  not cleared        2.0 s  none
all studies        4    1          1       1         1  1 of 2        2 min 03 s
2 studies in 4 places in 3.2 s.
"""


@pytest.fixture
def site(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("WORKBOOK_REPORTS", str(tmp_path))
    return tmp_path / "site"


def said(outcomes: list[Outcome], **how) -> str:
    stream = StringIO()
    say_table(outcomes, 3.2, stream=stream, **how)
    return stream.getvalue()


def words(text: str) -> list[list[str]]:
    return [re.split(r"\s{2,}", line.strip()) for line in text.splitlines() if line.strip()]


def test_elsewhere_than_on_a_terminal_it_is_plain_lines(site):
    text = said(MIXED)
    assert words(text) == words(PLAIN) and not COLOUR.search(text)
    *table, _ = text.strip("\n").splitlines()
    ends = {
        line.index(word) + len(word)
        for line, word in zip(table, ("places", " 2 ", " 2 "), strict=False)
    }
    assert max(ends) - min(ends) <= 1  # numbers stand under the end of their heading


def on_a_terminal(width: int) -> str:
    """What a process whose output is a terminal writes."""
    program = (
        "from test_final_table import MIXED\n"
        "from analysis.runs.final_table.showing import say_table\n"
        "say_table(MIXED, 3.2)\n"
    )
    ours, theirs = pty.openpty()
    own = os.environ | {"COLUMNS": str(width), "TERM": "xterm-256color"}
    own.pop("NO_COLOR", None)
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=theirs,
        env=own | {"PYTHONPATH": str(Path(__file__).parent)},
    )
    os.close(theirs)
    text = b""
    try:
        while block := os.read(ours, 65536):
            text += block
    except OSError:  # the other end is closed
        pass
    assert process.wait(60) == 0
    return text.decode().replace("\r\n", "\n")


def test_on_a_terminal_it_is_drawn_and_coloured_where_there_is_no_result(site):
    text = on_a_terminal(120)
    bare = COLOUR.sub("", text)
    table = [line for line in words(bare) if not set("".join(line)) <= {"─", "━", " "}]
    assert table == words(PLAIN) and "─" in bare
    # bold headings aside, each colour belongs to a cell that is no result
    coloured = re.findall(r"\x1b\[3([0-9])m *([^\x1b]*?) *\x1b\[0m", text)
    assert sorted(coloured) == [
        ("1", "1"),
        ("1", "1"),
        ("3", "1"),
        ("3", "1"),
        ("3", "not cleared"),
    ]


@pytest.mark.parametrize("width", [60, 80, 100])
def test_it_fits_the_terminal(site, width):
    text = COLOUR.sub("", on_a_terminal(width))
    assert max(map(len, text.splitlines())) <= width


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(STATES)), max_size=12))
def test_every_place_is_counted_once_and_sums_are_those_of_the_lines(ended):
    made = [outcome(study, f"p{n}", state) for n, (study, state) in enumerate(ended)]
    listed = lines(made)
    assert sum(line.places for line in listed) == len(made)
    for line in listed:
        counted = line.run + line.unchanged + line.failed + line.withheld
        unknown = sum(o.run.study == line.study and o.state == "not_cleared" for o in made)
        assert counted + unknown == line.places
    shown = rows(listed)
    assert len(shown) == len(listed) + (len(listed) > 1)
    if len(listed) > 1:
        for column in range(1, 6):
            assert int(shown[-1][column].text) == sum(int(row[column].text) for row in shown[:-1])
    assert len({len(row) for row in shown} | {len(HEADINGS)}) == 1


@pytest.mark.parametrize("state", STATES)
def test_a_colour_means_that_there_is_no_result(state):
    (line,) = lines([outcome("first", NATIONAL, state)])
    assert bool([c for c in cells(line) if c.colour]) == (state in COLOURS)


def test_the_page_of_all_places_is_named_where_it_is_there(site):
    page = site / "synthetic" / "draft" / "first" / NATIONAL / "index.html"
    page.parent.mkdir(parents=True)
    page.touch()
    first, second = lines(MIXED)
    assert (first.page, second.page) == (f"synthetic/draft/first/{NATIONAL}", "none")
    (alone,) = lines([outcome("first", "wales", "published")], alone=True)
    assert alone.page == "its own, private"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.04, "0.0 s"), (99.94, "99.9 s"), (125, "2 min 05 s"), (3600, "60 min 00 s")],
)
def test_durations_are_in_seconds_then_in_minutes(seconds, said):
    assert duration(seconds) == said


def test_nothing_is_said_of_no_runs():
    assert said([]) == "" and plain(rows(())).split() == " ".join(HEADINGS).split()


def test_a_batch_ends_with_its_table(tmp_path):
    done = workbook("run", "action_plan", reports=tmp_path)
    assert done.returncode == 0, done.stderr
    table = done.stdout.partition("\nstudy ")[2].splitlines()
    assert re.split(r"\s{2,}", table[1])[0] == "action_plan"
    assert re.match(r"1 study in 1 place in [\d.]+ s\.", table[2])
    page = re.split(r"\s{2,}", table[1])[-1]
    assert (tmp_path / "site" / page / "index.html").is_file()
