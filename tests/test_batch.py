"""What is run again and what is not, what a batch tells machines, and many machines."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from command_line import WORKBOOK, workbook

from analysis.paths import NOTEBOOKS, PARAMS
from analysis.record import store
from analysis.runs.planning import Request, plan_batch

SMALL = ("--data", "synthetic:x0.03")
STUDY = "ethnic_matching"


def states(done: subprocess.CompletedProcess, reports: Path) -> dict[str, str]:
    """Place and state of every run, from the summary for machines."""
    return {
        f"{run['study']} {run['place']}": run["state"]
        for run in json.loads((reports / "summary.json").read_text())["runs"]
    }


PLANNING = """
import sys
from analysis.cli import workbook
from click.testing import CliRunner
done = CliRunner().invoke(workbook, ["run", "--dry-run"])
heavy = "pandas pandera ibis papermill nbconvert numpy matplotlib duckdb jupyter_client"
print(done.exit_code, [n for n in heavy.split() if n in sys.modules], done.output[-200:])
"""


def test_planning_imports_nothing_heavy(tmp_path):
    environment = os.environ | {"WORKBOOK_REPORTS": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", PLANNING],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
    )
    assert done.stdout.startswith("0 []"), done.stdout + done.stderr
    assert "Nothing was started" in done.stdout and not (tmp_path / ".runs").exists()


def folders(params: Path) -> dict[str, str]:
    """The variables that name a folder of plans, and that of the notebooks in it."""
    return {"WORKBOOK_PARAMS": str(params), "WORKBOOK_NOTEBOOKS": str(params / "notebooks")}


def shorten(notebook: Path) -> None:
    """Leave the cells with the parameters, the answer and the record."""
    content = nbformat.read(notebook, as_version=4)
    kept = ("parameters", "answer()", "record()")
    content.cells = [
        cell
        for cell in content.cells
        if cell.cell_type == "code"
        and any(word in cell.source or word in cell.metadata.get("tags", ()) for word in kept)
    ]
    nbformat.write(content, notebook)


@pytest.fixture(scope="module")
def star(tmp_path_factory):
    """One whole run of Project STAR, with plans of its own that name three places, and a notebook
    that answers and records, so that it is short."""
    params, reports = tmp_path_factory.mktemp("params"), tmp_path_factory.mktemp("reports")
    shutil.copytree(PARAMS, params, dirs_exist_ok=True)
    shutil.copytree(NOTEBOOKS, params / "notebooks")
    shorten(params / "notebooks" / "pilots" / "ethnic_matching.ipynb")
    regions, plan = params / "regions.yml", params / "pilots" / "star_teacher_matching.yml"
    regions.write_text(regions.read_text().replace("    suburb: Suburban schools\n", ""))
    plan.write_text(plan.read_text().replace("  also_all: true\n", ""))
    done = workbook(
        "run",
        "star_teacher_matching",
        "--summary",
        str(reports / "summary.json"),
        reports=reports,
        **folders(params),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return params, reports, states(done, reports)


class TestWhatHasNotChanged:
    def again(self, star, *arguments: str):
        params, reports, _ = star
        done = workbook(
            "run",
            *arguments,
            "--summary",
            str(reports / "summary.json"),
            reports=reports,
            **folders(params),
        )
        return done, states(done, reports)

    def test_is_not_run_again_and_the_command_says_so(self, star):
        runs = sorted(os.listdir(star[1] / ".runs"))
        done, found = self.again(star, "star_teacher_matching")
        assert done.returncode == 0 and set(found.values()) == {"unchanged"}
        assert "3 unchanged since they were last run and skipped" in done.stdout
        assert sorted(os.listdir(star[1] / ".runs")) == runs

    @pytest.mark.slow
    def test_is_run_again_when_forced_and_gives_the_same_bytes(self, star):
        folder = star[1] / "star" / "draft" / "star_teacher_matching"
        before = {
            place: (folder / place / "results.json").read_bytes() for place in os.listdir(folder)
        }
        done, found = self.again(star, "star_teacher_matching", "--force")
        assert done.returncode == 0 and set(found.values()) == {"published"}
        assert {
            place: (folder / place / "results.json").read_bytes() for place in os.listdir(folder)
        } == before

    def test_leaves_the_pages_as_they_are(self, star):
        pages = {path: path.stat().st_mtime_ns for path in (star[1] / "site").rglob("*.html")}
        self.again(star, "star_teacher_matching")
        assert (
            pages
            and {path: path.stat().st_mtime_ns for path in (star[1] / "site").rglob("*.html")}
            == pages
        )

    def test_a_changed_plan_runs_that_study_and_no_other(self, star):
        params, _, _ = star
        small = ("ethnic_matching", "--region", "wales", *SMALL)
        self.again(star, *small)
        plan = params / "pilots" / "star_teacher_matching.yml"
        plan.write_text(plan.read_text() + "# a remark\n")
        assert set(self.again(star, *small)[1].values()) <= {"unchanged", "not_cleared"}
        done, found = self.again(star, "star_teacher_matching")
        assert done.returncode == 0 and set(found.values()) == {"published"}

    def test_a_lost_ledger_runs_nothing_again(self, star):
        (star[1] / "ledger.sqlite").unlink()
        assert set(self.again(star, "star_teacher_matching")[1].values()) == {"unchanged"}

    def test_a_run_that_lost_its_record_is_run_again(self, star):
        (star[1] / "star" / "draft" / "star_teacher_matching" / "inner" / "results.json").unlink()
        _, found = self.again(star, "star_teacher_matching")
        assert [name for name, state in found.items() if state == "published"] == [
            "star_teacher_matching inner",
            "star_teacher_matching national",
        ]


def test_a_change_of_the_readme_changes_no_hash():
    before = {task.run.key: task.made_from for task in plan_batch(Request(), force=True).tasks}
    from analysis.versions import code_version, package_hash

    readme = Path(__file__).parents[1] / "CHANGELOG.md"
    kept, times = readme.read_bytes(), readme.stat()
    try:
        readme.write_bytes(kept + b"\n")
        package_hash.cache_clear(), code_version.cache_clear()
        assert {
            task.run.key: task.made_from for task in plan_batch(Request(), force=True).tasks
        } == before
    finally:
        readme.write_bytes(kept)
        os.utime(readme, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_a_dry_run_says_what_it_would_do_and_does_nothing(tmp_path):
    done = workbook("run", STUDY, "--region", "wales", *SMALL, "--dry-run", reports=tmp_path)
    assert done.returncode == 0 and "1 to run, 0 unchanged. Nothing was started." in done.stdout
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_logs_for_machines_are_one_line_of_json_a_run(tmp_path):
    done = workbook("run", STUDY, "--region", "wales", *SMALL, "--log", "json", reports=tmp_path)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(line["event"], line["place"], line["state"]) for line in lines] == [
        ("run", "wales", "published"),
        ("run", "national", "not_cleared"),
    ]


def test_resume_without_a_batch_to_go_on_with_says_so(tmp_path):
    done = workbook("run", "--resume", reports=tmp_path)
    assert done.returncode == 0 and "Nothing to go on with" in done.stdout


class Cluster:
    """A Dask scheduler and two workers on loopback, started by Dask's own commands."""

    def __init__(self, folder: Path, params: Path):
        self.processes, self.folder, self.params = [], folder, params
        file = folder / "scheduler.json"
        self._start(
            "dask-scheduler",
            "scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
            "--scheduler-file",
            str(file),
        )
        deadline = time.monotonic() + 60
        while not file.exists() or not file.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        self.address = json.loads(file.read_text())["address"]
        for number in (1, 2):
            self.worker(number)

    def worker(self, number: int, params: Path | None = None) -> None:
        self._start(
            f"dask-worker-{number}",
            "worker",
            self.address,
            "--nworkers",
            "1",
            "--nthreads",
            "1",
            "--no-dashboard",
            "--no-nanny",
            "--host",
            "127.0.0.1",
            WORKBOOK_REPORTS=str(self.folder / f"worker-{number}"),
            **folders(params or self.params),
        )

    def _start(self, name: str, *arguments: str, **environment: str) -> None:
        log = (self.folder / f"{name}.log").open("w")
        command = [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]]
        self.processes.append(
            subprocess.Popen(
                command, stdout=log, stderr=log, env=os.environ | environment, cwd=self.folder
            )
        )

    def close(self) -> None:
        for process in reversed(self.processes):
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path, star):
    started = Cluster(tmp_path, star[0])
    yield started
    started.close()


class TestACluster:
    @pytest.mark.slow
    def test_gives_the_same_bytes_and_loses_nothing_when_a_worker_is_killed(
        self, cluster, star, tmp_path
    ):
        params, reports, _ = star
        own = tmp_path / "own"
        command = [
            str(WORKBOOK),
            "run",
            "star_teacher_matching",
            "--cluster",
            cluster.address,
            "--summary",
            str(tmp_path / "summary.json"),
        ]
        environment = os.environ | {"WORKBOOK_REPORTS": str(own)} | folders(params)
        batch = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        deadline = time.monotonic() + 120
        while not list((tmp_path / "worker-2").glob(".scratch/*")):
            assert time.monotonic() < deadline and batch.poll() is None
            time.sleep(0.02)
        cluster.processes[-1].kill()
        out, error = batch.communicate(timeout=300)
        assert batch.returncode == 0, out + error
        assert set(states(batch, tmp_path).values()) == {"published"}
        for file in (own / "star" / "draft" / "star_teacher_matching").glob("*/results.json"):
            found, here = store.load(file), store.load(reports / file.relative_to(own))
            assert found.rows == here.rows
        assert not list((tmp_path / "worker-1" / ".scratch").iterdir())

    @pytest.mark.slow
    def test_a_worker_with_other_plans_refuses(self, cluster, star, tmp_path):
        for process in cluster.processes[1:]:
            process.kill()
        other = tmp_path / "params"
        shutil.copytree(star[0], other)
        plan = other / "pilots" / "ethnic_matching.yml"
        plan.write_text(plan.read_text() + "# another\n")
        cluster.worker(3, other)
        own = tmp_path / "own"
        done = workbook(
            "run",
            STUDY,
            "--region",
            "wales",
            *SMALL,
            "--cluster",
            cluster.address,
            reports=own,
            **folders(star[0]),
        )
        assert done.returncode == 1 and "E325" in done.stdout and "plan_hash" in done.stdout
        assert not (own / "synthetic-x0.03").exists()

    def test_an_address_where_nobody_answers_is_wrong_before_anything_starts(self, tmp_path):
        done = workbook(
            "run",
            STUDY,
            "--region",
            "wales",
            *SMALL,
            "--cluster",
            "tcp://127.0.0.1:1",
            reports=tmp_path,
        )
        assert done.returncode == 2 and "E220" in done.stderr and "Traceback" not in done.stderr
