"""The real command line, in a process of its own, for tests of the whole way."""

import os
import subprocess
import sys
from pathlib import Path

WORKBOOK = Path(sys.executable).with_name("workbook")


def workbook(*arguments: str, reports: Path, **environment: str) -> subprocess.CompletedProcess:
    """Run `workbook` with its reports in a folder of the test's own."""
    whole = os.environ | {"WORKBOOK_REPORTS": str(reports)} | environment
    return subprocess.run(
        [str(WORKBOOK), *arguments], capture_output=True, text=True, env=whole, timeout=300
    )
