"""One place of a study fails, in each way that a notebook can: the others are published, and nobody
is misled."""

import json

import pytest

from .bench import FAULTY, PLACES, SOUND, published_links, results
from .faulty import HARMLESS, KILLED_AT, STOPS

LIMITS = {"WORKBOOK_CELL_SECONDS": "5", "WORKBOOK_KERNEL_BYTES": "1500000000"}
MOST_SECONDS, MOST_BYTES = (
    60,
    1_000_000_000,
)  # what a million lines may cost, with the 50 MB that are let through


def of_study(rows: list[dict], study: str) -> dict[str, dict]:
    return {row["place"]: row for row in rows if row["study"] == study}


def assert_partial(rows, reports, done, study: str, code: str, words: str) -> None:
    """The others are published, there is no national answer, and the summary names the place that
    is missing."""
    mine = of_study(rows, study)
    assert {place: mine[place]["state"] for place in PLACES} == dict.fromkeys(
        SOUND, "published"
    ) | {FAULTY: "failed"}
    assert mine[FAULTY]["code"] == code and words in mine[FAULTY]["text"]
    assert mine["national"]["state"] == "not_cleared" and FAULTY in mine["national"]["text"]
    assert sorted(results(reports, study)) == sorted(SOUND)
    told = done.out.split(f"\n{study}: ")[1]
    assert (
        told.startswith("3 of 4 places run; all together: not cleared")
        and f"  {FAULTY}: failed {code}" in told
    )


@pytest.fixture(scope="module")
def faulty_batch(bench, tmp_path_factory):
    """One batch of all studies of which one place stops in a way of its own, with its summary
    file."""
    folder = tmp_path_factory.mktemp("faulty")
    studies = (*STOPS, *(f"killed_at_{cell}" for cell in KILLED_AT))
    done = bench.run(
        *studies, "--summary", str(folder / "summary.json"), reports=folder / "reports", **LIMITS
    )
    return folder, done, bench.check(folder / "reports", done, exit_codes=(1,))


@pytest.mark.parametrize("fault", STOPS)
def test_the_other_places_are_published_and_no_national_answer_is_given(faulty_batch, fault):
    folder, done, rows = faulty_batch
    _, code, words = STOPS[fault]
    assert_partial(rows, folder / "reports", done, fault, code, words)


@pytest.mark.parametrize("cell", KILLED_AT)
def test_a_kernel_that_is_killed_at_a_cell_fails_its_place_alone(faulty_batch, cell):
    folder, done, rows = faulty_batch
    assert_partial(rows, folder / "reports", done, f"killed_at_{cell}", "E321", "the kernel ended")


def test_no_value_of_a_traceback_is_told(faulty_batch):
    folder, done, _ = faulty_batch
    assert "X1234567" not in done.said + (folder / "summary.json").read_text()


def test_the_summary_file_says_for_machines_what_was_said_for_people(faulty_batch):
    folder, done, _ = faulty_batch
    told, studies = json.loads((folder / "summary.json").read_text()), len(STOPS) + len(KILLED_AT)
    assert told["exit_code"] == done.code == 1
    assert told["states"] == {"failed": studies, "not_cleared": studies, "published": 3 * studies}


def test_what_a_cell_leaves_behind_ends_with_its_run(bench, reports):
    done = bench.run(*HARMLESS, reports=reports)
    rows = bench.check(reports, done, exit_codes=(0,))
    assert [row["state"] for row in rows] == ["published"] * 5 * len(HARMLESS)


@pytest.mark.slow
def test_what_failed_is_run_again_and_what_did_not_is_skipped(bench, reports):
    bench.run("raises", reports=reports)
    done = bench.run("--resume", reports=reports)
    bench.check(reports, done, exit_codes=(1,))
    assert "0 of 4 places run, 3 unchanged" in done.out


@pytest.mark.slow
def test_a_withheld_page_ends_with_three_and_stays_unpublished(bench, reports):
    done = bench.run("prints", reports=reports)
    rows = of_study(bench.check(reports, done, exit_codes=(3,)), "prints")
    assert rows[FAULTY]["state"] == "withheld" and rows["national"]["state"] == "not_cleared"
    assert FAULTY not in results(reports, "prints") and "a person" not in done.said


@pytest.mark.slow
def test_a_million_lines_are_capped_in_time_and_memory(bench, reports):
    process = bench.start("run", "million_lines", reports=reports)
    done, peak = bench.end_with_peak(process)
    rows = bench.check(reports, done, exit_codes=(1,))
    assert_partial(
        rows, reports, done, "million_lines", "E321", "printed more than 50,000,000 bytes"
    )
    assert done.seconds < MOST_SECONDS and peak < MOST_BYTES


@pytest.mark.slow
def test_a_worker_that_is_killed_once_costs_no_place(bench, reports):
    done = bench.run("kills_worker_once", reports=reports)
    rows = bench.check(reports, done, exit_codes=(0,))
    assert [row["state"] for row in rows] == ["published"] * 5


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2", "4"])
def test_a_place_that_kills_its_worker_each_time_fails_alone(bench, reports, jobs):
    done = bench.run("kills_worker", "--jobs", jobs, reports=reports)
    rows = bench.check(reports, done, exit_codes=(1,))
    assert_partial(rows, reports, done, "kills_worker", "E320", "the worker process ended")


@pytest.mark.slow
def test_twenty_four_kernels_at_once_all_end_well(bench, reports):
    done = bench.run("crowd", "--jobs", "24", reports=reports)
    rows = bench.check(reports, done, exit_codes=(0,))
    assert [row["state"] for row in rows] == ["published"] * 25
    assert len(published_links(reports)) == 25
