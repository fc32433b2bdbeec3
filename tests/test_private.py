"""Private sessions: a person who answers sees persons; nothing that runs cells by itself does, and
nothing of it is saved, recorded or published."""

import os
import subprocess
import sys

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_server.services.contents.filemanager import FileContentsManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from analysis.disclosure.guard.output_guard import check_notebook
from analysis.disclosure.guard.private_call import HOOK, is_private
from analysis.paths import NOTEBOOKS, ROOT
from analysis.runs.kernels import CHOOSE
from analysis.runs.lab import SAVES, lab_command

OPEN = (
    "from analysis.private import open_private\n"
    'private = open_private("ethnic_matching", "wales", "synthetic:x0.02")'
)
ROWS = 'private.tables["people_on_probation"].head(3)'
BATCH = {"WORKBOOK_PRIVATE": "/nowhere"}


def cells(*sources):
    made = [nbformat.v4.new_code_cell(source) for source in sources]
    return nbformat.v4.new_notebook(cells=made)


class Session:
    """A kernel as JupyterLab talks to it: it can be asked, and answers as it is told."""

    def __init__(self, environment, answer):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("WORKBOOK_")}
        self.manager, self.client = start_new_kernel(env=kept | environment)
        self.answer = answer

    def run(self, source):
        """What a cell shows, as one text."""
        said = []

        def show(message):
            content = message["content"]
            said.append(str(content.get("data") or content.get("text") or content.get("evalue")))

        self.client.execute_interactive(
            source,
            allow_stdin=True,
            stdin_hook=lambda _: self.client.input(self.answer),
            output_hook=show,
            timeout=120,
        )
        return "\n".join(said)

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def session(monkeypatch):
    """Starts kernels as `make lab` does: instant ones."""
    monkeypatch.setenv(*next(iter(CHOOSE.items())))
    monkeypatch.setattr(KernelProvisionerFactory, "_instance", None)
    made = []

    def start(environment=SAVES, answer="yes"):
        made.append(Session(environment, answer))
        return made[-1]

    yield start
    for one in made:
        one.close()


def test_who_answers_sees_persons_and_makes_no_record(session):
    kernel = session()
    assert "E281" not in kernel.run(OPEN)
    shown = kernel.run(ROWS)
    assert "person_id" in shown and "withheld" not in shown
    assert "7319" in kernel.run("7319")
    emitted = kernel.run(
        "from analysis.study.place_record import emit\n"
        'emit({"study": "a", "region": "b", "estimates": []})'
    )
    assert "E352" in emitted and "vnd.workbook" not in emitted
    left = kernel.run(
        "from analysis.disclosure.guard.registration import register, registrations\n"
        'register({"text/plain": "a"}); len(registrations())'
    )
    assert "'0'" in left


@pytest.mark.parametrize(
    ("environment", "answer", "why"),
    [
        (SAVES, "no", "not yes"),
        (SAVES, "", "not yes"),
        ({}, "yes", "save what is shown"),
        (SAVES | BATCH, "yes", "a batch"),
        (SAVES | {"WORKBOOK_FIGURES": "/nowhere"}, "yes", "a batch"),
        (SAVES | {"WORKBOOK_ROUND": "2026Q3"}, "yes", "a batch"),
    ],
)
def test_it_is_refused_and_the_gate_stays_shut(session, environment, answer, why):
    kernel = session(environment, answer)
    said = kernel.run(OPEN)
    assert "E281" in said and why in said and "docs/private.md" in said
    kernel.run("import analysis.notebook, pandas")
    assert "7319" not in kernel.run("pandas.Series([7319])")


def test_what_runs_cells_by_itself_is_refused(monkeypatch):
    """nbclient, and so papermill, nbconvert and nbval, even from a terminal of `make lab`."""
    monkeypatch.setenv(*next(iter(SAVES.items())))
    with pytest.raises(CellExecutionError, match="E281"):
        NotebookClient(cells(OPEN, ROWS), kernel_name="python3", timeout=120).execute()


def test_papermill_and_a_script_are_refused(tmp_path):
    nbformat.write(cells(OPEN), tmp_path / "in.ipynb")
    command = ["-m", "papermill", "-k", "python3", "in.ipynb", "out.ipynb"]
    for arguments in (command, ["-c", OPEN]):
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env=os.environ | SAVES,
            input="yes\n",
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode and "E281" in done.stdout + done.stderr


def test_jupyterlab_saves_no_output_of_a_private_notebook(tmp_path, monkeypatch):
    """The contents manager of JupyterLab's server, set as `make lab` sets it."""
    monkeypatch.setenv("WORKBOOK_WORKSPACE", str(tmp_path))
    assert f"--FileContentsManager.pre_save_hook={HOOK}" in lab_command(
        tmp_path / "a.ipynb", port=1, browser=False
    )
    manager = FileContentsManager(root_dir=str(tmp_path), pre_save_hook=HOOK)
    for name, source in (("private", OPEN), ("other", "1 + 1")):
        made = cells(source, "7319")
        for cell in made.cells:
            cell.outputs = [nbformat.v4.new_output("stream", text="person 7319-secret")]
        manager.save({"type": "notebook", "format": "json", "content": made}, f"{name}.ipynb")
        saved = (tmp_path / f"{name}.ipynb").read_text()
        assert ("7319-secret" in saved) == (name == "other")
        assert source.splitlines()[0] in saved
        manager.create_checkpoint(f"{name}.ipynb")
    checkpoints = [p for p in tmp_path.rglob("*checkpoint*.ipynb") if "private" in p.name]
    assert checkpoints and all("7319-secret" not in p.read_text() for p in checkpoints)


@pytest.mark.parametrize(
    "source",
    [
        OPEN,
        "import analysis.private",
        "import analysis . private as p",
        "from analysis import notebook, private",
        "import importlib; importlib.import_module('analysis.private')",
        "getattr(room, 'open_private')('a', 'b', 'c')",
    ],
)
def test_the_guard_refuses_a_file_that_names_it(source):
    found = [str(one) for one in check_notebook(cells(source))]
    assert any("G19" in one for one in found) and is_private(cells(source))


def test_no_notebook_or_module_of_the_project_opens_one():
    for path in NOTEBOOKS.rglob("*.ipynb"):
        assert not is_private(nbformat.read(path, as_version=4)), path.name
    users = [
        path.name
        for path in (ROOT / "analysis").rglob("*.py")
        if "open_private" in path.read_text() and path.name not in ("private.py", "private_call.py")
    ]
    assert not users
