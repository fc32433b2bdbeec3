"""Twelve folders that never met: run apart, gathered, cleared, as
docs/examples/twelve_containers.sh does it."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from command_line import WORKBOOK, workbook

from analysis.paths import ROOT
from analysis.plans.registry import load_plan, places_to_run
from analysis.record import store

STUDY, ROUND, SOURCE = "ethnic_matching", "2026Q3", "synthetic:x0.03"
pytestmark = pytest.mark.slow  # twelve commands, each with a kernel server of its own
PLACES = places_to_run(load_plan(STUDY))


@pytest.fixture(scope="module")
def gathered(tmp_path_factory):
    folder = tmp_path_factory.mktemp("containers")
    command = [
        str(ROOT / "docs" / "examples" / "twelve_containers.sh"),
        STUDY,
        ROUND,
        str(folder),
        SOURCE,
    ]
    environment = os.environ | {"WORKBOOK": str(WORKBOOK)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def results(folder: Path, place: str) -> Path:
    return folder / "synthetic-x0.03" / ROUND / STUDY / place / "results.json"


def test_every_container_ran_one_region_and_said_so_for_a_machine(gathered):
    for place in PLACES:
        said = json.loads((gathered / place / "summary.json").read_text())
        states = {run["place"]: run["state"] for run in said["runs"]}
        assert states == {place: "published", "national": "not_cleared"} and said["exit_code"] == 0
        assert store.load(results(gathered / place, place)).cleared is False


def test_what_was_gathered_is_cleared_and_has_pages(gathered):
    national = store.validate(store.load(results(gathered / "all", "national")))
    assert national.cleared and national.round == ROUND
    for place in PLACES:
        assert store.load(results(gathered / "all", place)).cleared
        assert list((gathered / "all" / "site").rglob(f"{place}/index.html"))


def test_one_machine_gives_the_same_bytes(gathered, tmp_path):
    done = workbook("run", STUDY, "--data", SOURCE, "--round", ROUND, reports=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    for place in (*PLACES, "national"):
        assert (
            results(tmp_path, place).read_bytes() == results(gathered / "all", place).read_bytes()
        ), place


class TestARegionThatIsMissing:
    @pytest.fixture
    def without_wales(self, gathered):
        reports = gathered / "all"
        link = results(reports, "wales").parent
        target = os.readlink(link)
        link.unlink()
        yield reports
        link.unlink(missing_ok=True)
        link.symlink_to(target, target_is_directory=True)

    def test_stops_the_joint_step_by_name(self, without_wales):
        done = workbook("clear", STUDY, "--data", SOURCE, "--round", ROUND, reports=without_wales)
        assert done.returncode == 1 and "E331" in done.stdout and "wales" in done.stdout

    def test_is_named_on_the_page_when_it_is_left_out_on_purpose(self, without_wales):
        clear = ("clear", STUDY, "--data", SOURCE, "--round", ROUND, "--without", "wales")
        done = workbook(*clear, reports=without_wales)
        assert done.returncode == 0, done.stdout + done.stderr
        assert workbook("site", "--round", ROUND, reports=without_wales).returncode == 0
        (page,) = (without_wales / "site").rglob("national/index.html")
        assert "Left out of this round: Wales." in page.read_text()
        assert not list((without_wales / "site").rglob("wales/index.html"))

    def test_that_the_plan_does_not_have_is_an_error(self, gathered):
        done = workbook(
            "clear", STUDY, "--data", SOURCE, "--without", "walles", reports=gathered / "all"
        )
        assert done.returncode == 2 and "E212" in done.stderr
