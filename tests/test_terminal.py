"""What the terminal says: how much is left, examples, names that complete, and colours where there
is no result."""

import os
import subprocess

import pytest
from click.testing import CliRunner
from command_line import WORKBOOK

from analysis.cli import workbook
from analysis.plans.registry import Source, plan_files
from analysis.runs.planning import Run
from analysis.runs.runner import Outcome
from analysis.runs.telling import _state, progress, time_left


def completed(*words: str) -> list[str]:
    """What click's own completion offers for the last of `words` in bash."""
    line = os.environ | {
        "_WORKBOOK_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(("workbook", *words)),
        "COMP_CWORD": str(len(words)),
    }
    done = subprocess.run([str(WORKBOOK)], env=line, capture_output=True, text=True, timeout=60)
    return [said.partition(",")[2] for said in done.stdout.split()]


def test_commands_studies_and_places_complete():
    assert completed("doc") == ["doctor"]
    assert completed("run", "ethnic_m") == ["ethnic_matching"]
    assert set(completed("run", "")) == set(plan_files())
    assert completed("run", "ethnic_matching", "--region", "wal") == ["wales"]
    assert completed("run", "ethnic_matching", "--region", "nowhere") == []


@pytest.mark.parametrize(
    "command", ["run", "clear", "lab", "explain-plan", "check-data", "demo-data"]
)
def test_help_ends_with_examples_line_by_line(command):
    said = CliRunner().invoke(workbook, [command, "--help"]).output
    examples = said.partition("Examples:\n")[2].splitlines()
    assert examples and all(line.startswith(f"    workbook {command}") for line in examples)


@pytest.mark.parametrize(
    ("seconds", "ended", "to_come", "said"),
    [
        (10, 2, 0, ""),
        (10, 2, 3, "; 3 to come, about 15 s"),
        (100, 1, 12, "; 12 to come, about 20 min"),
    ],
)
def test_what_is_left_takes_as_long_as_what_has_ended(seconds, ended, to_come, said):
    assert time_left(seconds, ended=ended, to_come=to_come) == said


def outcome(state: str) -> Outcome:
    run = Run("a_study", "wales", Source("synthetic"), "draft", notebook=WORKBOOK)
    return Outcome(run, state, seconds=1.0)


def test_lines_tell_how_many_runs_are_to_come(capsys):
    with progress(log="text") as report:
        report(outcome("published"), 1)
        report(outcome("failed"), 0)
    first, last = capsys.readouterr().err.splitlines()
    assert first.startswith("a_study wales: published (1.0 s); 1 to come, about ")
    assert last == "a_study wales: failed (1.0 s)"


def test_only_what_has_no_result_is_in_colour():
    for state in ("published", "unchanged"):
        assert _state(outcome(state)) == f"{state}\x1b[0m" or _state(outcome(state)) == state
    assert _state(outcome("failed")).startswith("\x1b[31m")
    assert _state(outcome("withheld")).startswith("\x1b[33m")
