"""Commands of the documentation that `make test-docs` does not run itself, and what runs them.

A command is named by a pattern that holds all of it; with a page it is meant there only. `where` is
a test, or a line of the Makefile or of .ci/run that runs it.
"""

import re
from dataclasses import dataclass

from documented.shown import Shown

NEW_STUDY = "tests/test_new_study.py::test_every_command_of_the_page_runs"
ALONE = "tests/test_alone.py::test_it_ends_with_a_result_and_says_where_page_and_notebook_are"
CLUSTER = (
    "tests/test_clusters_open.py"
    "::test_the_cluster_of_this_machine_listens_on_loopback_and_ends_whole"
)
ON_A_CLUSTER = (
    "tests/test_batch.py::TestACluster"
    "::test_gives_the_same_bytes_and_loses_nothing_when_a_worker_is_killed"
)
TLS = (
    "tests/test_clusters_open.py"
    "::test_the_worked_example_of_tls_runs_and_refuses_who_has_no_certificate"
)
LOOPBACK = "tests/test_open_ports.py::test_the_documented_cluster_listens_on_loopback_only"
OWN_FILE = (
    "tests/test_counts_given.py"
    "::test_the_command_runs_a_file_of_ones_own_to_pages_and_refuses_a_faulty_one"
)
LAB = "tests/lab/test_lab.py::test_a_first_quarter_of_an_hour"
RELEASED = (
    "tests/faults/test_the_joint_decision.py::test_a_cleared_round_is_released_once_and_says_so"
)
WITHHELD = "tests/rounds/test_withheld_run.py::test_a_place_that_is_withheld_is_told_by_nobody"
SIGNED = "tests/rounds/test_commands.py::test_a_round_from_run_to_correction_by_its_commands"
ANNOUNCED = "tests/rounds/test_announced.py::test_by_its_command"
KEPT = "tests/rounds/test_retention.py::test_by_its_command"
PULLED = (
    "tests/test_pull.py"
    "::test_the_command_line_pulls_refuses_a_second_time_and_runs_only_what_was_pulled"
)


@dataclass(frozen=True)
class Elsewhere:
    command: str
    where: str
    page: str = r".*"

    def runs(self, shown: Shown) -> bool:
        """This is the command that is shown."""
        said = " ".join(shown.words)
        return bool(re.fullmatch(self.command, said) and re.fullmatch(self.page, shown.page))


ELSEWHERE = (
    Elsewhere(r"make setup", "Makefile: test: setup"),
    Elsewhere(r"make evaluate", "Makefile: test-records: evaluate"),
    Elsewhere(r"make lab", LAB),
    Elsewhere(r"make hooks", "tests/test_staged.py::test_the_hook_stops_a_commit"),
    Elsewhere(r"\.venv/bin/pytest --nbval( -n 4)? notebooks", "Makefile: --nbval"),
    Elsewhere(r".*", NEW_STUDY, r"docs/new-study\.md"),
    Elsewhere(r"workbook (lock .*|.*PATH.*)", ALONE, r"data/README\.md"),
    Elsewhere(r"(\.venv/bin/)?workbook cluster (up --workers 2|down)", CLUSTER),
    Elsewhere(r"(\.venv/bin/)?workbook run .*--cluster tcp://127\.0\.0\.1:8786", ON_A_CLUSTER),
    Elsewhere(r"dask .*--host 127\.0\.0\.1 .*", LOOPBACK, r"docs/running\.md"),
    Elsewhere(r"(umask|openssl|dask|workbook run --cluster) .*", TLS, r"docs/running\.md"),
    Elsewhere(r"workbook (run|release|list) .*", RELEASED, r"docs/releases\.md"),
    Elsewhere(r"workbook pull --from database:VARIABLE .*", PULLED, r"docs/rounds\.md"),
    Elsewhere(r"workbook pre-release .*", ANNOUNCED, r"docs/rounds\.md"),
    Elsewhere(r"workbook retention.*", KEPT, r"docs/rounds\.md"),
    Elsewhere(r"workbook withhold .*", WITHHELD, r"docs/rounds\.md"),
    Elsewhere(r"workbook .*", SIGNED, r"docs/rounds\.md"),
    Elsewhere(r"\.venv/bin/workbook run berkeley_admissions --data counts:PATH", OWN_FILE),
)


def elsewhere(shown: Shown) -> Elsewhere | None:
    """What runs a command in the place of `make test-docs`."""
    return next((one for one in ELSEWHERE if one.runs(shown)), None)
