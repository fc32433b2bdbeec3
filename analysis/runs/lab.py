"""How JupyterLab is started: on this machine only, with a token, as root only where one is root; and its kernels."""

import json
import os
import sys
import tempfile
from pathlib import Path

from analysis.paths import NOTEBOOKS, ROOT

FIRST_NOTEBOOK = NOTEBOOKS / "pilots" / "ethnic_matching.ipynb"
KERNEL, KERNEL_NAME = "workbook", "Workbook (instant)"


def lab_command(notebook: Path | None, *, port: int, browser: bool) -> list[str]:
    """The command line that starts JupyterLab on `notebook` with the project as its root."""
    opened = (notebook or FIRST_NOTEBOOK).resolve().relative_to(ROOT)
    command = [sys.executable, "-m", "jupyterlab", str(opened), "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"]
    command += [f"--ServerApp.root_dir={ROOT}", "--ServerApp.open_browser=" + str(browser)]
    return command + (["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else [])


def start_lab(command: list[str]) -> None:
    """Become JupyterLab. Its kernels are instant ones; their server is held by it from the start, so that it has its
    imports done when the first notebook opens."""
    from analysis.runs.kernel_client import hold_over_exec
    from analysis.runs.kernels import CHOOSE

    install_kernel()
    hold_over_exec()
    os.execve(command[0], command, os.environ | CHOOSE)


def install_kernel() -> Path:
    """Install the kernel "Workbook (instant)" beside this interpreter, for notebooks of an evaluator's own."""
    from jupyter_client.kernelspec import KernelSpecManager

    from analysis.runs.kernels import PROVISIONER

    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": KERNEL_NAME,
        "language": "python",
        "metadata": {"debugger": True, "kernel_provisioner": {"provisioner_name": PROVISIONER}},
    }
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "kernel.json").write_text(json.dumps(spec, indent=1), encoding="utf-8")
        return Path(KernelSpecManager().install_kernel_spec(folder, KERNEL, prefix=sys.prefix))
