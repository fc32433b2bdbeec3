"""How JupyterLab is started: on this machine only, with a token, as root only where one is root;
and its kernels.

It opens copies in a folder that git leaves out: JupyterLab saves what a cell prints, and a tracked
notebook would carry rows of an extract into the repository.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from analysis.disclosure.guard.private_call import HOOK
from analysis.errors import ParameterError
from analysis.paths import EXPLORE, NOTEBOOKS, tracked_notebooks, workspace

# What tells a kernel that the server has the hook (paths.lab_saves_no_private_output).
SAVES = {"WORKBOOK_LAB": "saves-no-private-output"}
# A lab with rows of people asks nothing of the network: no news, no looking for newer versions, no
# list of extensions.
QUIET = (
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
)
SETTINGS = Path(__file__).with_name("lab_settings")  # and no question whether news are wanted
EXTENSIONS = SETTINGS / "labextensions"  # the card in the launcher that opens explore
KERNEL, KERNEL_NAME = "workbook", "Workbook (instant)"


def own_copy(notebook: Path | None, *, fresh: bool = False) -> Path:
    """The evaluator's copy of `notebook` in the workspace, and of every tracked notebook beside it.

    A copy that is there is kept as it was left. `fresh`: this one is made anew, and the old one
    stands beside it under a numbered name. ParameterError E227 where `notebook` is no notebook.
    """
    notebook, home = (notebook or EXPLORE).resolve(), workspace()
    if notebook.suffix != ".ipynb" or not notebook.is_file():
        text = f"{notebook.name} is not a notebook that is there."
        raise ParameterError(
            "E227", text, remedy="Name one of notebooks/, or one of your own in workspace/."
        )
    for path in tracked_notebooks():
        _copied(path, home / path.relative_to(NOTEBOOKS))
    if notebook.is_relative_to(home):
        return notebook
    tracked = notebook.is_relative_to(NOTEBOOKS)
    own = home / (notebook.relative_to(NOTEBOOKS) if tracked else notebook.name)
    if fresh and own.exists():
        os.replace(own, _numbered(own))
    return _copied(notebook, own)


def _copied(notebook: Path, own: Path) -> Path:
    """`own`, made from `notebook` where it is not there yet."""
    if not own.exists():
        own.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(notebook, own)
    return own


def _numbered(path: Path) -> Path:
    """The first name beside `path` that is free: ethnic_matching-1.ipynb, ..."""
    names = (path.with_stem(f"{path.stem}-{number}") for number in range(1, 10_000))
    return next(name for name in names if not name.exists())


def lab_command(own: Path, *, port: int, browser: bool) -> list[str]:
    """The command line that starts JupyterLab on `own`, a notebook in the workspace, which is all
    that it serves. The address that it prints opens that notebook."""
    command = [sys.executable, "-m", "jupyterlab", str(own), "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.port={port}", f"--ServerApp.root_dir={workspace()}"]
    opens = quote(own.resolve().relative_to(workspace()).as_posix())
    command += [
        f"--ServerApp.open_browser={browser}",
        f"--LabApp.default_url=/lab/tree/{opens}",
        f"--LabApp.extra_labextensions_path={EXTENSIONS}",
        f"--FileContentsManager.pre_save_hook={HOOK}",
        *QUIET,
    ]
    return command + (["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else [])


def start_lab(command: list[str]) -> None:
    """Become JupyterLab. Its kernels are instant ones; their server is held by it from the start,
    so that it has its imports done when the first notebook opens."""
    from analysis.runs.kernel_client import hold_over_exec
    from analysis.runs.kernels import CHOOSE

    install_kernel()
    hold_over_exec()
    others = os.environ.get("JUPYTER_CONFIG_PATH")
    settings = os.pathsep.join(filter(None, (str(SETTINGS), others)))
    environment = os.environ | CHOOSE | SAVES | {"JUPYTER_CONFIG_PATH": settings}
    if os.name == "nt":  # there, a process that becomes another one ends for whoever waits for it
        sys.exit(subprocess.call(command, env=environment))
    os.execve(command[0], command, environment)


def install_kernel() -> Path:
    """Install the kernel "Workbook (instant)" beside this interpreter, for notebooks of an
    evaluator's own."""
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
