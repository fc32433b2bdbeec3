"""How JupyterLab is started: on this machine only, with a token, as root only where one is root."""

import os
import sys
from pathlib import Path

from analysis.paths import NOTEBOOKS, ROOT

FIRST_NOTEBOOK = NOTEBOOKS / "pilots" / "ethnic_matching.ipynb"


def lab_command(notebook: Path | None, *, port: int, browser: bool) -> list[str]:
    """The command line that starts JupyterLab on `notebook` with the project as its root."""
    opened = (notebook or FIRST_NOTEBOOK).resolve().relative_to(ROOT)
    command = [sys.executable, "-m", "jupyterlab", str(opened), "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"]
    command += [f"--ServerApp.root_dir={ROOT}", "--ServerApp.open_browser=" + str(browser)]
    return command + (["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else [])
