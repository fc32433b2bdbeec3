"""A batch ends before its time: what was finished stays, nothing runs on, and another batch goes on
from there."""

import os
import random
import signal
import subprocess
import time

import pytest

from .bench import EXIT_OF_SIGNAL, published_links, results

ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGKILL)
# Seconds after which a batch is ended, by seed: from the planner's imports to its pages.
EARLIEST, LATEST = 0.05, 8.0


@pytest.fixture(scope="module")
def two_batches(bench, tmp_path_factory):
    """A batch that nobody ends, and a second one at the same work while it runs: how both ended,
    and what was made."""
    reports = tmp_path_factory.mktemp("undisturbed")
    first = bench.start("run", "slow", reports=reports)
    while first.poll() is None and not list((reports / ".scratch").glob("*/private")):
        time.sleep(0.01)
    second = bench.run("slow", reports=reports)
    return bench.end_of(first), second, reports


@pytest.fixture(scope="module")
def undisturbed(two_batches):
    """Every results.json of the study, from a batch that came to its end."""
    return results(two_batches[-1], "slow")


def cut_off(
    bench, reports, number: int, *, after: float = 0, when=lambda: True
) -> subprocess.Popen:
    """A batch that is ended by a signal once `when` holds and `after` seconds have passed."""
    process = bench.start("run", "slow", "--jobs", "2", reports=reports)
    while not when() and process.poll() is None:
        time.sleep(0.01)
    time.sleep(after)
    if process.poll() is None:
        os.kill(process.pid, number)
    return process


def assert_goes_on(bench, reports, ended, number: int, undisturbed) -> None:
    """What was published is kept as it is, and `--resume` runs the rest to the same bytes."""
    assert ended.code in (0, -number, EXIT_OF_SIGNAL.get(number)), ended.said
    states = {row["place"]: row["state"] for row in bench.check(reports)}
    # the signal came too late, while the answers were printed or after that: all is done
    too_late = (
        len(states) == 5
        and set(states.values()) == {"published"}
        and (reports / "site" / "index.html").is_file()
    )
    assert ended.code != 0 or too_late
    assert set(states.values()) <= {"published", "cut_off"}
    before = {link.name: os.readlink(link) for link in published_links(reports)}
    kept = set(before) - {"national"}
    again = bench.run("--resume", reports=reports)
    if (
        "Nothing to go on with" in again.out
    ):  # or it came before the batch had said what it was to do
        assert too_late or not states
        again = bench.run("slow", reports=reports)
    bench.check(reports, again, exit_codes=(0,))
    assert f"{4 - len(kept)} of 4 places run" in again.out
    assert {place: os.readlink(reports / "star" / "draft" / "slow" / place) for place in kept} == {
        place: before[place] for place in kept
    }
    assert results(reports, "slow") == undisturbed
    assert (reports / "site" / "index.html").is_file()


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGKILL,
        *(
            pytest.param(number, marks=pytest.mark.slow)
            for number in (signal.SIGTERM, signal.SIGINT)
        ),
    ],
    ids=lambda number: number.name,
)
def test_a_batch_that_is_ended_after_its_first_place_is_gone_on_with(
    bench, reports, undisturbed, number
):
    process = cut_off(bench, reports, number, when=lambda: published_links(reports))
    ended = bench.end_of(process)
    assert ended.code in (-number, EXIT_OF_SIGNAL.get(number)), ended.said
    assert_goes_on(bench, reports, ended, number, undisturbed)


@pytest.mark.slow
@pytest.mark.parametrize("number", ENDS, ids=lambda number: number.name)
@pytest.mark.parametrize("seed", range(4))
def test_a_batch_that_is_ended_at_any_time_is_gone_on_with(
    bench, reports, undisturbed, number, seed
):
    after = random.Random(f"{number.name} {seed}").uniform(EARLIEST, LATEST)
    ended = bench.end_of(cut_off(bench, reports, number, after=after))
    assert_goes_on(bench, reports, ended, number, undisturbed)


@pytest.mark.slow
@pytest.mark.parametrize("number", ENDS, ids=lambda number: number.name)
def test_a_batch_that_is_ended_leaves_no_kernel_server(own_bench, reports, number):
    own_bench.add("long", "import time\ntime.sleep(60)")
    process = own_bench.start("run", "long", reports=reports)
    while process.poll() is None and not list((reports / ".scratch").glob("*/private")):
        time.sleep(0.05)
    time.sleep(1)
    os.kill(process.pid, number)
    ended = own_bench.end_of(process)
    assert ended.code in (-number, EXIT_OF_SIGNAL.get(number))
    states = {row["state"] for row in own_bench.check(reports)}
    assert states == {"cut_off"}


@pytest.mark.slow
def test_ctrl_c_on_a_terminal_reaches_the_whole_group_and_ends_with_130(bench, reports):
    process = bench.start("run", "long", reports=reports)
    while process.poll() is None and not list((reports / ".scratch").glob("*/private")):
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    bench.check(reports, bench.end_of(process), exit_codes=(130,))


@pytest.mark.slow
def test_a_kernel_server_that_is_killed_ends_its_kernels_and_not_the_batch(own_bench, reports):
    own_bench.add("slow", "import time\ntime.sleep(1)")
    process = own_bench.start("run", "slow", "--jobs", "1", reports=reports)
    while process.poll() is None and not published_links(reports):
        time.sleep(0.01)
    time.sleep(0.5)
    owned = own_bench.processes("analysis.runs.kernels")
    for pid in owned:
        if parent_of(pid) not in owned:  # a kernel has the server's command line, and is its child
            os.kill(pid, signal.SIGKILL)
    done = own_bench.end_of(process)
    rows = own_bench.check(reports, done, exit_codes=(0, 1))
    states = [row["state"] for row in rows if row["place"] != "national"]
    assert states.count("published") >= 3 and (done.code == 0) == (states.count("published") == 4)


def parent_of(pid: int) -> int:
    with open(f"/proc/{pid}/stat") as file:
        return int(file.read().rsplit(")", 1)[1].split()[1])


def test_a_second_batch_at_the_same_work_is_refused_and_the_first_is_unharmed(bench, two_batches):
    first, second, reports = two_batches
    assert second.code == 2 and "E323: another batch is running slow" in second.error, second.said
    rows = bench.check(reports, first, exit_codes=(0,))
    assert [row["state"] for row in rows] == ["published"] * 5


@pytest.mark.slow
def test_two_batches_at_different_work_in_one_folder_both_end_well(bench, reports):
    processes = [bench.start("run", study, reports=reports) for study in ("slow", "steady")]
    ended = [bench.end_of(process) for process in processes]
    for done in ended:
        rows = bench.check(reports, done, exit_codes=(0,))
    assert [row["state"] for row in rows] == ["published"] * 10
