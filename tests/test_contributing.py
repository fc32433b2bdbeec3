"""The diffs of CONTRIBUTING.md apply, and do what they say."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from analysis.paths import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
DIFFS = dict(re.findall(r"### (A new [a-z ]+?)\n.*?```diff\n(.*?)```", TEXT, re.S))
HOLDS = ("analysis", "params", "notebooks", "data/reference", "data/README.md", "pyproject.toml")
HOLDS += ("requirements.lock", "tests/test_statements.py", "tests/avoided_words.py")
HOLDS += ("tests/chosen.py",)  # which the tests of statements import
NAMED = ("kind", "outcome", "table of a notebook", "sentence")

OPENED = """
from analysis.plans.registry import load_plan, parse_source
from analysis.study.opening import open_exact
study, *_ = open_exact(load_plan("ethnic_matching"), "wales", parse_source("synthetic:x0.2"))
"""
KIND = """
from analysis.plans.registry import load_plan, parse_source
from analysis.study.opening import open_exact
source = parse_source("synthetic:x0.2")
study, *_ = open_exact(load_plan("coaching_drive"), "all", source)
(row,) = study.rows
units = row.support.clusters_treated + row.support.clusters_comparison
print(row.estimand, row.method, units)
"""
OUTCOME = f"""{OPENED}
assert "kept_all" in [outcome.id for outcome in study.plan.compared]
people = study.compared_people
assert people["kept_all"].sum() < people["appointments_kept"].sum()
print(round(people["kept_all"].mean(), 3))
"""
TABLE = f"""{OPENED}
from analysis.studies.matching.tables import requests_table
table = requests_table(study)
print(table.cleared_by, table.to_frame().iloc[0, 2])
"""


@pytest.fixture
def checkout(tmp_path):
    """A copy of what the code and its plans are made of."""
    for name in HOLDS:
        source, target = ROOT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, target)
    return tmp_path


def patched(checkout, name: str) -> None:
    """Applies one diff of CONTRIBUTING.md."""
    done = subprocess.run(
        ["git", "apply", "--verbose", "-"],
        cwd=checkout,
        env=os.environ | {"GIT_CEILING_DIRECTORIES": str(checkout.parent)},
        input=DIFFS[f"A new {name}"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def said(checkout, *arguments: str) -> str:
    """What Python prints in the copy."""
    paths = os.pathsep.join([str(checkout), str(checkout / "tests")])
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=checkout,
        env=os.environ | {"PYTHONPATH": paths, "WORKBOOK_REPORTS": str(checkout / "reports")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_each_change_stands_there_as_a_diff():
    assert {f"A new {name}" for name in NAMED} <= DIFFS.keys()


@pytest.mark.slow
def test_a_new_kind_finds_itself_and_is_run(checkout):
    patched(checkout, "kind")
    command = "from analysis.cli import main; main()"
    planned = said(checkout, "-c", command, "run", "coaching_drive", "--dry-run")
    assert "13 to run" in planned
    rows = said(checkout, "-c", KIND).split()
    assert rows == ["coaching_change", "coaching_rank", "12"]


@pytest.mark.slow
def test_a_new_outcome_is_asked_for_and_measured(checkout):
    patched(checkout, "outcome")
    command = "from analysis.cli import main; main()"
    planned = said(checkout, "-c", command, "run", "ethnic_matching", "--dry-run")
    assert "12 to run" in planned
    assert 0 < float(said(checkout, "-c", OUTCOME)) < 1


@pytest.mark.slow
def test_a_new_table_is_cleared(checkout):
    patched(checkout, "table of a notebook")
    assert "[c]" in said(checkout, "-c", TABLE)


def test_a_new_sentence_is_whole(checkout):
    patched(checkout, "sentence")
    code = """
from analysis.judgement.wording import lines
from test_statements import plain
print(lines.few_places_line(plain, pooled=3), lines.few_places_line(plain, pooled=12))
"""
    found = said(checkout, "-c", code)
    assert found.strip() == "Only 3 regions are shown: they say little about others."
