"""The real command line, in a process of its own, for tests of the whole way."""

import os
import subprocess
import sys
from pathlib import Path

WORKBOOK = Path(sys.executable).with_name("workbook")


def workspace_of(reports: Path) -> Path:
    """The workspace of a test with these reports."""
    return reports.with_name(f"{reports.name}-workspace")


LOCKED_BY = "Head of Evaluation"


def locked(state: Path, *studies: str, reports: Path, **environment: str) -> dict[str, str]:
    """The environment of a state of the test's own, in which these plans are locked by the real
    command: outcomes of an extract are not loaded before."""
    own = environment | {"WORKBOOK_STATE": str(state)}
    for study in studies:
        done = workbook("lock", study, "--by", LOCKED_BY, reports=reports, **own)
        assert done.returncode == 0, done.stderr
    return own


def workbook(*arguments: str, reports: Path, **environment: str) -> subprocess.CompletedProcess:
    """Run `workbook` with its reports, and the pages of places alone beside them, in folders of the
    test's own."""
    own = {"WORKBOOK_REPORTS": reports, "WORKBOOK_WORKSPACE": workspace_of(reports)}
    whole = os.environ | {name: str(path) for name, path in own.items()} | environment
    return subprocess.run(
        [str(WORKBOOK), *arguments], capture_output=True, text=True, env=whole, timeout=300
    )
