"""The real command line, in a process of its own, for tests of the whole way."""

import os
import subprocess
import sys
from pathlib import Path

WORKBOOK = Path(sys.executable).with_name("workbook")


def workspace_of(reports: Path) -> Path:
    """The workspace of a test with these reports."""
    return reports.with_name(f"{reports.name}-workspace")


def workbook(*arguments: str, reports: Path, **environment: str) -> subprocess.CompletedProcess:
    """Run `workbook` with its reports, and the pages of places alone beside them, in folders of the
    test's own."""
    own = {"WORKBOOK_REPORTS": reports, "WORKBOOK_WORKSPACE": workspace_of(reports)}
    whole = os.environ | {name: str(path) for name, path in own.items()} | environment
    return subprocess.run(
        [str(WORKBOOK), *arguments], capture_output=True, text=True, env=whole, timeout=300
    )
