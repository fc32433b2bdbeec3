"""The disk, the input and the surroundings of a batch: full, read-only, changed while it runs, or
of another country."""

import os
import resource
import subprocess

import pytest
from command_line import LOCKED_BY

from .bench import FAULTY, IMPORTS, ROOT, in_faulty_place, published_links, results

CHANGES_PLAN = (
    "with (PARAMS / 'pilots' / f'{study_id}.yml').open('a') as file:\n    file.write('# changed')"
)
BREAKS_NATIONAL = "(NOTEBOOKS / 'national.ipynb').write_text('{')"


def mounted(folder, *options: str) -> bool:
    """Mount a small file system of its own at `folder`, or change its options."""
    command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "none", str(folder)]
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        return False


@pytest.fixture
def small_disk(reports):
    """A function that makes the reports folder a disk of so many kilobytes; skips where that needs
    more rights."""
    reports.mkdir()

    def make(kilobytes: int):
        if not mounted(reports, f"size={kilobytes}k"):
            pytest.skip("a small disk can be mounted by root only")
        return reports

    yield make
    while os.path.ismount(reports):
        subprocess.run(["umount", "-l", str(reports)], check=True)


# From a disk on which not even the ledger has room to one on which the last pages have hardly any.
@pytest.mark.slow
@pytest.mark.parametrize("kilobytes", [16, 64, 120, 200, 300, 400, 480])
def test_a_disk_that_is_full_fails_the_runs_and_leaves_no_half_file(bench, small_disk, kilobytes):
    reports = small_disk(kilobytes)
    done = bench.run("steady", reports=reports)
    made = len(published_links(reports)) == 5 and (reports / "site" / "index.html").is_file()
    assert done.code in ((0,) if made else (1, 2)) and "Traceback" not in done.said, done.said
    assert made or "E224: " in done.error or "E324" in done.said, done.said
    assert kilobytes > 400 or not made
    assert mounted(reports, "remount", "size=64m")
    bench.check(reports)
    again = bench.run("steady", reports=reports)
    bench.check(reports, again, exit_codes=(0,))
    assert len(published_links(reports)) == 5


@pytest.mark.slow
def test_a_file_that_may_not_grow_fails_the_runs(bench, reports, monkeypatch):
    process = bench.start("run", "steady", reports=reports)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (9_000, 9_000))
    done = bench.end_of(process)
    assert done.code != 0 and "Traceback" not in done.said, done.said
    bench.check(reports)
    assert not published_links(reports)


def test_output_that_cannot_be_written_is_refused_before_anything_starts(bench, small_disk):
    reports = small_disk(1000)
    assert mounted(reports, "remount", "ro")
    done = bench.run("steady", reports=reports)
    assert done.code == 2 and done.error.startswith("E224: ") and "Traceback" not in done.said, (
        done.said
    )
    assert not list(reports.iterdir())


@pytest.mark.slow
def test_output_that_becomes_read_only_fails_and_keeps_what_was_there(bench, small_disk):
    reports = small_disk(20_000)
    assert bench.run("steady", reports=reports).code == 0
    before = results(reports, "steady")
    assert mounted(reports, "remount", "ro")
    done = bench.run("steady", "--force", reports=reports)
    assert done.code == 2 and done.error.startswith("E224: "), done.said
    assert results(reports, "steady") == before


@pytest.mark.slow
def test_a_plan_that_is_changed_while_a_batch_runs_fails_what_was_run_after_it(own_bench, reports):
    own_bench.add("changes", in_faulty_place(CHANGES_PLAN))
    done = own_bench.run("changes", "--jobs", "1", reports=reports)
    rows = {row["place"]: row for row in own_bench.check(reports, done, exit_codes=(1,))}
    assert rows["p01"]["state"] == "published"
    assert {rows[place]["code"] for place in ("p02", "p03", "p04")} == {"E325"}
    assert rows["national"]["state"] == "not_cleared"


@pytest.mark.slow
def test_a_notebook_that_is_changed_while_a_batch_runs_fails_what_was_run_after_it(
    own_bench, reports
):
    change = (
        "path = notebook_path(load_plan(study_id))\npath.write_text(path.read_text().replace('pass"
        " #', 'pass ##'))"
    )
    own_bench.add("changes", in_faulty_place(change), "pass # a comment")
    done = own_bench.run("changes", "--jobs", "1", reports=reports)
    rows = {row["place"]: row for row in own_bench.check(reports, done, exit_codes=(1,))}
    assert rows["p01"]["state"] == "published"
    assert {rows[place]["code"] for place in ("p02", "p03", "p04")} == {"E325"}


@pytest.mark.slow
def test_data_that_are_changed_while_a_batch_runs_fail_what_was_run_after_it(
    own_bench, reports, tmp_path
):
    data = tmp_path / "data"
    made = own_bench.start(
        "demo-data", "--to", str(data), "--region", "wales", "--people", "100", reports=reports
    )
    assert own_bench.end_of(made).code == 0
    change = (
        f"from pathlib import Path\nfor file in Path({str(data)!r}).glob('people*.csv'):\n   "
        " file.write_text(file.read_text() + '\\n')"
    )
    own_bench.add_of_extracts("changes", change)
    locked = own_bench.start("lock", "changes", "--by", LOCKED_BY, reports=reports)
    assert own_bench.end_of(locked).code == 0
    done = own_bench.run(
        "changes", "--region", "wales", "--data", f"extracts:{data}", reports=reports
    )
    rows = {row["place"]: row for row in own_bench.check(reports, done, exit_codes=(1,))}
    assert (rows["wales"]["state"], rows["wales"]["code"]) == ("failed", "E325")


@pytest.mark.slow
def test_a_national_notebook_that_breaks_while_the_places_run_fails_the_national_answer_alone(
    own_bench, reports
):
    own_bench.add("breaks", in_faulty_place(BREAKS_NATIONAL))
    done = own_bench.run("breaks", "--jobs", "1", reports=reports)
    rows = {row["place"]: row for row in own_bench.check(reports, done, exit_codes=(1,))}
    assert {row["state"] for place, row in rows.items() if place != "national"} == {"published"}
    assert (rows["national"]["state"], rows["national"]["code"]) == ("failed", "E325")


ELSEWHERE = {
    "TZ": "Pacific/Auckland",
    "LC_ALL": "de_DE.UTF-8",
    "LANG": "de_DE.UTF-8",
    "PYTHONHASHSEED": "7",
    "COLUMNS": "40",
}


@pytest.mark.slow
def test_another_time_zone_and_language_give_the_same_bytes(bench, tmp_path):
    place = ("star_teacher_matching", "--region", "rural", "--data", "star")
    project = {
        "WORKBOOK_PARAMS": str(ROOT / "params"),
        "WORKBOOK_NOTEBOOKS": str(ROOT / "notebooks"),
    }
    found = []
    for name, surroundings in (("here", {}), ("elsewhere", ELSEWHERE)):
        done = bench.run(*place, reports=tmp_path / name, **project, **surroundings)
        bench.check(tmp_path / name, done, exit_codes=(0,))
        found.append(results(tmp_path / name, "star_teacher_matching"))
    assert found[0] == found[1] and set(found[0]) == {"rural"}


def test_faults_are_injected_in_one_place_alone():
    assert FAULTY in in_faulty_place("pass") and "region_id" not in IMPORTS
