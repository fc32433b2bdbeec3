"""Pages say how a plan stands to its lock; a lock that comes later makes them again, and runs no
notebook."""

import json
import re
import shutil
from pathlib import Path

import pytest
from command_line import LOCKED_BY, workbook

from analysis.paths import state_home
from analysis.plans.locks.standing import day_in_words
from analysis.plans.registry import load_plan
from analysis.runs.locks.locking import lock_plan
from analysis.site import locks

STUDY = "star_teacher_matching"


def strips(reports: Path) -> dict[str, str]:
    """The strip of each page of the site."""
    found = {}
    for page in sorted((reports / "site" / "star").rglob("index.html")):
        text = page.read_text(encoding="utf-8")
        strip = re.search(r'<(\w+) class="strip".*?</\1>', text, re.DOTALL)
        found[page.parent.name] = " ".join(
            re.sub(r"<[^>]+>", " ", strip[0] if strip else "").split()
        )
    return found


def test_a_lock_after_a_run_makes_its_pages_again_and_runs_no_notebook(star_run, tmp_path):
    reports, state = tmp_path / "reports", tmp_path / "state"
    shutil.copytree(star_run[0], reports, symlinks=True)
    shutil.copytree(
        state_home(), state, ignore=shutil.ignore_patterns("readings", "locks", "snap*")
    )
    state.chmod(0o700)
    own = {"WORKBOOK_STATE": str(state)}
    before = strips(reports)
    assert before and all("plan not locked" in strip for strip in before.values()), before
    done = workbook("lock", STUDY, "--by", LOCKED_BY, reports=reports, **own)
    assert done.returncode == 0, done.stderr
    (entry,) = (json.loads(line) for line in (state / "locks" / "locks.jsonl").open())
    again = workbook("run", STUDY, reports=reports, **own)
    assert again.returncode == 0, again.stderr
    assert not re.search(r"published", again.stderr), "no notebook is run again"
    said = f"plan locked {day_in_words(entry['time'][:10])}"
    after = strips(reports)
    assert set(after) == set(before)
    assert all(said in strip and "not locked" not in strip for strip in after.values()), after


def test_a_page_of_several_studies_names_those_that_were_changed(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path / "state"))
    plans = [load_plan(study) for study in ("gamified_training", "psr_quality")]
    assert locks.locks_here(plans) == ("plan not locked",)
    lock_plan("psr_quality", LOCKED_BY)
    assert locks.locks_here(plans) == (locks.SOME_LOCKED,)
    lock_plan("gamified_training", LOCKED_BY)
    assert locks.locks_here(plans) == (locks.ALL_LOCKED,)
    form = dict(lock_plan("psr_quality", LOCKED_BY).lock.form) | {"leading": "something else"}
    monkeypatch.setattr("analysis.plans.locks.standing.canonical_form", lambda study: form)
    said = locks.locks_here(plans[1:])
    assert said == (
        locks.ALL_LOCKED,
        f"{plans[1].title}: plan changed since it was locked: leading",
    )


@pytest.mark.parametrize("study", ["no_such_plan"])
def test_of_a_plan_that_is_gone_nothing_is_said(study):
    assert locks.lock_words(study) == ()
