"""From the command to the page: what is published, what is not, and which exit code says so."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from command_line import locked, workbook

from analysis.errors import ParameterError, RunError
from analysis.plans.registry import Source
from analysis.record import store
from analysis.runs import runner
from analysis.runs.batch import exit_code
from analysis.runs.limits import Limits
from analysis.runs.planning import Run, Task, plan_runs
from analysis.runs.publishing import link_path, publish, remove_unlinked_runs, run_folder
from analysis.runs.runner import Outcome, execute, execute_elsewhere, receive


class TestTheWholeWay:
    def test_ends_well_and_says_the_answer_and_where_the_pages_are(self, star_run):
        reports, done = star_run
        assert done.returncode == 0, done.stdout + done.stderr
        assert "5 of 5 places run; all together: published" in done.stdout
        assert str(reports / "site" / "index.html") in done.stdout
        national = store.load(
            reports / "star" / "draft" / "star_teacher_matching" / "national" / "results.json"
        )
        assert national.statement.headline in " ".join(done.stdout.split())

    def test_every_place_is_cleared_and_has_a_page(self, star_run):
        reports, _ = star_run
        for place in ("inner", "suburb", "rural", "urban", "all", "national"):
            record = store.validate(
                store.load(
                    reports / "star" / "draft" / "star_teacher_matching" / place / "results.json"
                )
            )
            assert record.cleared and record.statement.say
        assert (reports / "site" / "index.html").is_file()

    def test_links_are_relative_and_private_folders_are_closed(self, star_run):
        reports, _ = star_run
        link = reports / "star" / "draft" / "star_teacher_matching" / "inner"
        assert link.is_symlink() and not os.readlink(link).startswith("/")
        assert (link / "private").stat().st_mode & 0o077 == 0
        assert (link / "private" / "record.json").exists()

    def test_published_files_hold_no_path_and_no_time(self, star_run):
        reports, _ = star_run
        for file in (reports / "star" / "draft" / "star_teacher_matching" / "inner").glob("*.*"):
            if file.name != "provenance.json":
                text = file.read_text(encoding="utf-8")
                assert str(reports) not in text and "/site-packages/" not in text
                assert "duration" not in text and "start_time" not in text

    def test_a_second_clear_gives_the_same_bytes(self, star_run, tmp_path):
        reports = tmp_path / "reports"
        shutil.copytree(star_run[0], reports, symlinks=True)
        file = reports / "star" / "draft" / "star_teacher_matching" / "national" / "results.json"
        before = file.read_bytes()
        assert workbook("clear", "star_teacher_matching", reports=reports).returncode == 0
        assert file.read_bytes() == before


def test_one_region_alone_is_not_cleared_and_gets_no_page_in_the_site(tmp_path):
    done = workbook(
        "run", "ethnic_matching", "--region", "wales", "--data", "synthetic:x0.05", reports=tmp_path
    )
    assert done.returncode == 0, done.stdout + done.stderr
    record = store.load(
        tmp_path / "synthetic-x0.05" / "draft" / "ethnic_matching" / "wales" / "results.json"
    )
    assert record.cleared is False and record.statement is None
    assert {row.result_class for row in record.rows} == {None}
    assert {row.claim for row in record.rows} == {None}
    assert not list((tmp_path / "site").rglob("wales*"))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("run", "no_such_study"), "E210"),
        (("run", "ethnic_matching", "--region", "walles"), "E212"),
        (("run", "ethnic_matching", "--data", "star"), "E213"),
        (("run", "ethnic_matching", "--round", "../x"), "E216"),
        (("run", "--jobs", "many"), "Invalid value"),
        (("no-such-command",), "No such command"),
    ],
)
def test_what_is_wrong_before_anything_starts_ends_with_two(tmp_path, arguments, code):
    done = workbook(*arguments, reports=tmp_path)
    assert done.returncode == 2 and code in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / ".runs").exists()


def test_faulty_data_stop_the_run_before_a_kernel_starts(tmp_path):
    data = tmp_path / "data"
    assert (
        workbook(
            "demo-data", "--to", str(data), "--region", "wales", "--people", "200", reports=tmp_path
        ).returncode
        == 0
    )
    assert workbook("check-data", str(data), reports=tmp_path).returncode == 0
    file = data / "people_on_probation.csv"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([lines[0], lines[1], *lines[1:]]) + "\n")
    own = locked(tmp_path / "state", "ethnic_matching", reports=tmp_path)
    done = workbook(
        "run",
        "ethnic_matching",
        "--region",
        "wales",
        "--data",
        f"extracts:{data}",
        reports=tmp_path,
        **own,
    )
    assert (
        done.returncode == 2
        and "E12" in done.stderr
        and "people_on_probation.csv, row " in done.stderr
    )
    assert not (tmp_path / ".runs").exists()


@pytest.mark.slow
def test_an_extract_is_run_and_its_path_stands_in_no_published_file(tmp_path):
    data = tmp_path / "data"
    workbook(
        "demo-data",
        "--to",
        str(data),
        "--region",
        "wales",
        "--people",
        "200",
        reports=tmp_path / "reports",
    )
    own = locked(tmp_path / "state", "ethnic_matching", reports=tmp_path / "reports")
    done = workbook(
        "run",
        "ethnic_matching",
        "--region",
        "wales",
        "--data",
        f"extracts:{data}",
        reports=tmp_path / "reports",
        **own,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (record,) = (tmp_path / "reports").glob("extracts-*/draft/ethnic_matching/wales/results.json")
    assert store.load(record).data_source == record.parents[3].name
    published = [
        file
        for file in record.resolve().parent.rglob("*")
        if file.is_file() and "private" not in file.parts
    ]
    assert published and not [file for file in published if str(data).encode() in file.read_bytes()]


PREPARE = """
import os, sys, time
from analysis.runs.planning import plan_runs
from analysis.runs.preparation import prepare
prepare(plan_runs(("ethnic_matching",), ("wales",), f"extracts:{sys.argv[1]}", "draft"))
end = time.monotonic() + 1  # a joined thread leaves /proc a moment after Python has let it go
while len(os.listdir("/proc/self/task")) > 1 and time.monotonic() < end:
    time.sleep(0.001)
threads, heavy = len(os.listdir("/proc/self/task")), ("duckdb", "pyarrow")
print(threads, [name for name in heavy if name in sys.modules])
"""


def test_checking_the_data_leaves_the_planner_with_one_thread_so_that_it_can_fork(tmp_path):
    workbook(
        "demo-data",
        "--to",
        str(tmp_path / "data"),
        "--region",
        "wales",
        "--people",
        "200",
        reports=tmp_path,
    )
    command = [sys.executable, "-c", PREPARE, str(tmp_path / "data")]
    own = os.environ | locked(tmp_path / "state", "ethnic_matching", reports=tmp_path)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=own)
    assert done.stdout.strip() == "1 []", done.stdout + done.stderr


def test_places_that_an_extract_does_not_hold_are_named_before_anything_starts(tmp_path):
    data = tmp_path / "data"
    workbook(
        "demo-data", "--to", str(data), "--region", "wales", "--people", "200", reports=tmp_path
    )
    own = locked(tmp_path / "state", "ethnic_matching", reports=tmp_path)
    asked = ("run", "ethnic_matching", "--data", f"extracts:{data}")
    done = workbook(*asked, reports=tmp_path, **own)
    assert (
        done.returncode == 2
        and "E151" in done.stderr
        and "london" in done.stderr
        and "--region wales" not in done.stdout
    )
    assert not (tmp_path / ".runs").exists()


def notebook_file(folder: Path, *sources: str) -> Path:
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(
        cells=cells,
        metadata={"kernelspec": {"name": "python3", "display_name": "", "language": "python"}},
    )
    nbformat.write(notebook, folder / "study.ipynb")
    return folder / "study.ipynb"


def execute_one(notebook: Path, **limits) -> Outcome:
    return execute(task_of(notebook, **limits))


def task_of(notebook: Path, **limits) -> Task:
    run = Run("star_teacher_matching", "inner", Source("star"), "draft", notebook)
    return Task(run, (), Limits(**limits))


OPEN = (
    "from analysis.notebook import open_study\nstudy = open_study('star_teacher_matching', 'inner',"
    " 'star')"
)


def test_a_notebook_that_is_not_in_verbs_is_withheld_before_a_kernel_starts(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBOOK_REPORTS", str(tmp_path / "reports"))
    notebook = notebook_file(tmp_path, "import os\nos._exit(0)")
    outcome = execute_one(notebook)
    assert (outcome.state, outcome.code) == ("withheld", "E343")
    assert [finding[:11] for finding in outcome.findings][-2:] == ["cell 2: G20"] * 2


class TestOneRun:
    @pytest.fixture(autouse=True)
    def reports(self, tmp_path, monkeypatch):
        """Cells hold faults here, which are no verbs."""
        monkeypatch.setenv("WORKBOOK_REPORTS", str(tmp_path / "reports"))
        monkeypatch.setattr(runner, "written_findings", lambda *_: ())

    def test_that_emits_no_record_has_failed_whatever_the_exit_code_said(self, tmp_path):
        outcome = execute_one(notebook_file(tmp_path, "x = 1"))
        assert (outcome.state, outcome.code) == ("failed", "E322")
        assert not link_path("star", "draft", "star_teacher_matching", "inner").exists()

    def test_that_ends_the_kernel_has_failed(self, tmp_path):
        outcome = execute_one(notebook_file(tmp_path, "import os\nos._exit(0)"))
        assert (outcome.state, outcome.code) == ("failed", "E321")

    def test_that_prints_is_withheld_by_the_guard(self, tmp_path):
        outcome = execute_one(notebook_file(tmp_path, OPEN, "print('a person')", "study.record()"))
        assert outcome.state == "withheld" and outcome.findings
        assert not any("a person" in finding for finding in outcome.findings)
        assert not link_path("star", "draft", "star_teacher_matching", "inner").exists()

    def test_a_fault_shows_no_value_from_the_traceback(self, tmp_path):
        outcome = execute_one(notebook_file(tmp_path, "raise KeyError('X1234567')"))
        assert outcome.state == "failed" and "X1234567" not in outcome.text

    def test_that_hangs_is_cut_off(self, tmp_path):
        outcome = execute_one(
            notebook_file(tmp_path, "import time\ntime.sleep(60)"), cell_seconds=2
        )
        assert (outcome.state, outcome.code) == ("failed", "E321")

    def test_publishing_refuses_a_folder_in_the_place_of_a_link(self):
        folder = made_folder("star_teacher_matching", "inner")
        link = link_path("star", "draft", "star_teacher_matching", "inner")
        link.mkdir(parents=True)
        with pytest.raises(RunError, match="E330"):
            publish(folder, link)

    def test_unlinked_runs_are_removed_and_linked_ones_stay(self):
        kept, old = made_folder("a", "x"), made_folder("a", "y")
        publish(kept, link_path("star", "draft", "a", "x"))
        for folder in (kept, old):
            os.utime(folder, (1, 1))
        assert remove_unlinked_runs() == 1
        assert kept.exists() and not old.exists()

    def test_that_leaves_a_link_in_its_folder_is_not_published(self, tmp_path):
        link = "import os\nos.symlink('/etc/hostname', os.environ['WORKBOOK_FIGURES'] + '/x.png')"
        outcome = execute_one(notebook_file(tmp_path, link))
        assert (outcome.state, outcome.code) == ("failed", "E324")
        assert "neither file nor folder" in outcome.text and outcome.scratch is None

    def test_from_another_machine_comes_as_bytes_and_is_the_same(self, tmp_path):
        notebook = notebook_file(tmp_path, "raise KeyError('x')")
        here, there = execute(task_of(notebook)), execute_elsewhere(task_of(notebook))
        assert there.archive and there.scratch is None
        names = [
            sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
            for folder in (receive(here).run_folder, receive(there).run_folder)
        ]
        assert names[0] == names[1] and "private/fault.txt" in names[0]
        assert not here.scratch.exists()


def made_folder(study: str, place: str) -> Path:
    folder = run_folder(study, place)
    (folder / "private").mkdir(parents=True)
    return folder


def test_without_a_study_every_plan_is_run():
    runs = plan_runs((), (), None, "draft")
    in_one_analysis = {
        "psr_quality",
        "gamified_training",
        "manager_training",
        "outreach_recruitment",
        "assessment_centre_webinars",
        "lived_experience_recruitment",
        "accredited_programmes",
        "assessment_quality",
        "discrimination_reporting",
        "investigator_training",
        "london_inclusive_leadership",
        "commissioning_grants",
        "performance_management_adopters",
        "race_allyship",
        "hate_crime_resource_pack",
        "prison_culture",
        "use_of_force_governance",
        "senior_operational_support",
        "culturally_informed_services",
        "everyday_inclusion",
        "safe_spaces",
        "reverse_mentoring",
        "mentoring",
        "reflective_supervision",
    }  # 12 regions and all at once
    of_regions, of_prisons = (
        {"supervision", "court_reports", "workforce", "complaints", "ethnicity_recording"},
        {"use_of_force", "incentives", "activities", "release"},
    )
    published = {"youth_cascade", "action_plan"}  # the whole country at once
    office = {"culture_events"}  # one office at once
    tables = {"berkeley_admissions", "toronto_arrests"}  # all places at once too
    monitors = of_regions | of_prisons | published | tables | office
    assert {run.study for run in runs} == {
        "ethnic_matching",
        "progression_schemes",
        "star_teacher_matching",
    } | in_one_analysis | monitors
    once = len(published | tables | office)
    whole = len(in_one_analysis | of_regions)
    assert len(runs) == 2 * 12 + 5 + whole * 13 + len(of_prisons) * 16 + once
    # prisons: 12 regions, 3 strata and all at once


def test_a_round_is_a_folder_name():
    for bad in ("", "a/b", "..", "x" * 41, "é"):
        with pytest.raises(ParameterError, match="E216"):
            plan_runs(("ethnic_matching",), (), None, bad)


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ((), 0),
        (("published",), 0),
        (("published", "failed"), 1),
        (("failed", "withheld"), 3),
        (("not_cleared",), 0),
    ],
)
def test_exit_codes(states, code):
    run = Run("s", "r", Source("star"), "draft", Path("n"))
    assert exit_code([Outcome(run, state) for state in states]) == code


@pytest.mark.slow
def test_plain_papermill_works_with_the_ordinary_kernel(tmp_path):
    from analysis.paths import NOTEBOOKS

    out = tmp_path / "out.ipynb"
    command = [
        sys.executable,
        "-m",
        "papermill",
        str(NOTEBOOKS / "pilots" / "ethnic_matching.ipynb"),
        str(out),
    ]
    command += [
        "-p",
        "study_id",
        "star_teacher_matching",
        "-p",
        "region_id",
        "rural",
        "-p",
        "data_source",
        "star",
        "--no-progress-bar",
    ]
    assert subprocess.run(command, capture_output=True, cwd=tmp_path, timeout=300).returncode == 0
    outputs = [
        o for cell in nbformat.read(out, 4).cells if cell.cell_type == "code" for o in cell.outputs
    ]
    record = next(o["data"][store.MIME] for o in outputs if store.MIME in o.get("data", {}))
    assert record.region == "rural" and json.dumps(record)
    done = workbook("check-output", str(out), reports=tmp_path)
    assert done.returncode == 0, done.stdout
