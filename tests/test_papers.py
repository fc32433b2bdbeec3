"""The papers say what the code is: rooms, decisions, and the names in ARCHITECTURE.md."""

import pkgutil
import re

import pytest
from measures import code_files, drawn_arrows
from papers import (
    ARCHITECTURE,
    DECISIONS,
    decision_files,
    front,
    index,
    sentence_of,
    with_rooms,
)
from test_layers import ROOMS

from analysis.paths import ROOT

TEXT = ARCHITECTURE.read_text(encoding="utf-8")
DOTTED = sorted(set(re.findall(r"`([a-z_]+(?:\.[A-Za-z_0-9]+)+)`", TEXT)))
NAMES = [name for name in DOTTED if name.split(".")[0] in ROOMS and not name.endswith(".py")]
PATHS = sorted(set(re.findall(r"\b(?:analysis|tests|docs|params|notebooks)/[\w/.]*\w/?", TEXT)))
PACKAGES = [path for path in code_files("analysis") if path.name == "__init__.py"]
MOST_LINES = 150


def test_architecture_is_read_in_three_screens():
    assert len(TEXT.splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", PATHS)
def test_a_path_of_architecture_exists(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_architecture_exists(name):
    assert pkgutil.resolve_name(f"analysis.{name}")


def test_the_example_is_followed_by_names():
    assert len(NAMES) >= 18


def test_the_rooms_of_architecture_are_those_of_the_code():
    assert with_rooms(TEXT) == TEXT, "run `make papers`"


@pytest.mark.parametrize("path", PACKAGES, ids=lambda path: str(path.parent.relative_to(ROOT)))
def test_every_package_says_what_it_holds(path):
    assert sentence_of(path).endswith(".")


PAPERS = [*ROOT.glob("*.md"), ROOT / "data" / "README.md"]
PAPERS += [path for path in (ROOT / "docs").rglob("*.md") if path.parent != DECISIONS]


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_that_a_paper_names_exists(path):
    text = path.read_text(encoding="utf-8")
    made = set(re.findall(r"^\+\+\+ b/(\S+)", text, re.M))  # a diff brings it
    for found in re.findall(r"(?<![/\w])\w+(?:/\w+)+\.py\b", text):
        named = found.removeprefix("a/").removeprefix("b/")  # of a diff
        there = any((ROOT / start / named).exists() for start in ("", "analysis", "tests"))
        assert there or named in made, found


# -- decisions -------------------------------------------------------------------------------------
def test_decisions_are_numbered_without_a_gap_and_listed():
    numbers = [front(path)[0] for path in decision_files()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert [int(path.name[:3]) for path in decision_files()] == numbers
    assert (DECISIONS / "README.md").read_text(encoding="utf-8") == index(), "run `make papers`"


def test_a_decision_that_no_longer_holds_names_a_later_one():
    states = {front(path)[0]: front(path)[3] for path in decision_files()}
    for number, state in states.items():
        later = [int(n) for n in re.findall(r"decision (\d+)", state)]
        assert state.startswith(("in force", "superseded by decision ")), state
        assert all(number < n <= len(states) for n in later), f"{number}: {state}"


@pytest.mark.parametrize("path", decision_files(), ids=lambda path: path.stem)
def test_files_that_a_decision_in_force_names_exist(path):
    if front(path)[3].startswith("superseded"):
        pytest.skip("no longer holds")
    text = path.read_text(encoding="utf-8")
    for found in re.findall(r"[\w]+/[\w/]+\.(?:py|md|yml)\b", text):
        assert any((ROOT / start / found).exists() for start in ("", "analysis")), found


def test_decisions_that_are_named_elsewhere_exist():
    papers = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    named = {
        int(n)
        for path in (*papers, *code_files("analysis", "tests"))
        for n in re.findall(r"\bdecision (\d+)\b", path.read_text(encoding="utf-8"))
    }
    assert named <= set(range(1, len(decision_files()) + 1))


def test_the_drawing_of_rooms_has_their_arrows():
    """Shares may be those of the day on which it was drawn."""
    text = (ROOT / "docs" / "rooms.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^    (\w+) --> (\w+)$", text, re.M)) == drawn_arrows(), (
        "run `make papers`"
    )
