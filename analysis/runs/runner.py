"""Executes planned runs: on a worker from task to folder, on the planner's side from folder to
published link.

A worker may be another process or another machine. It works in a scratch folder of its own and
hands back the run folder as bytes; only the side that planned the run publishes it. Only the record
cell proves that a run succeeded; the output guard then decides whether it may be published.
"""

import io
import os
import shutil
import tarfile
import tempfile
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from analysis.errors import RunError, WorkbookError
from analysis.paths import ROOT, reports
from analysis.plans.registry import NATIONAL
from analysis.record import store
from analysis.runs.planning import Run, Task, made_from, notebook_name
from analysis.runs.publishing import new_run_folder, publish, write_provenance


@dataclass(frozen=True)
class Outcome:
    """How a run ended: state (published, unchanged, withheld, failed, not_cleared, cut_off),
    folder, and for a fault its code and what to do."""

    run: Run
    state: str
    folder: Path | None = None
    code: str = ""
    text: str = ""
    findings: tuple[str, ...] = ()
    seconds: float = 0.0
    archive: bytes = field(default=b"", repr=False)  # the run folder, on its way from the worker

    @property
    def run_folder(self) -> Path:
        """The folder of a run that has one. ValueError for one that has none."""
        if self.folder is None:
            raise ValueError(f"a run that is {self.state} has no folder")
        return self.folder

    @property
    def has_result(self) -> bool:
        return self.state in ("published", "unchanged")


def execute(task: Task) -> Outcome:
    """On the worker: execute one notebook, check it, and return how it ended with its folder as
    bytes.

    Never raises for a fault of the run itself. Refuses (E325) where plan, data or code are not
    those of the planner.
    """
    started, folder = datetime.now(UTC), None
    try:
        folder = _scratch_folder()
        outcome = _execute_in(folder, task, started)
        return replace(
            outcome, archive=_packed(folder), seconds=(datetime.now(UTC) - started).total_seconds()
        )
    except OSError as error:
        return not_written(Outcome(task.run, "failed"), error)
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def _scratch_folder() -> Path:
    """A new folder for one run (0700); its name begins with this process, so that it can be told
    from a living one's."""
    scratch = reports() / ".scratch"
    scratch.mkdir(parents=True, mode=0o700, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=scratch))
    (folder / "private").mkdir(mode=0o700)
    (folder / "figures").mkdir()
    return folder


def _execute_in(folder: Path, task: Task, started: datetime) -> Outcome:
    from analysis.runs.execution import execute_notebook

    run = task.run
    try:
        _refuse_other_inputs(task)
        notebook = _here(run.notebook)
        left_out = {"WORKBOOK_WITHOUT": ",".join(task.without)}
        execute_notebook(notebook, folder, run.parameters, task.limits, left_out)
        findings = finish(run, notebook, folder, started, task.made_from_dict)
    except WorkbookError as error:
        return Outcome(run, "failed", code=error.code, text=error.text)
    if findings:
        text = "the output guard found something that must not leave"
        return Outcome(run, "withheld", code="E341", text=text, findings=findings)
    return Outcome(run, "published")


def _here(notebook: Path) -> Path:
    """The notebook on this machine: tasks name paths of the planner's checkout relative to it."""
    return notebook if notebook.is_absolute() else ROOT / notebook


def _refuse_other_inputs(task: Task) -> None:
    """RunError E325 where this machine has other code, plans or data than the one that planned the
    run."""
    if task.run.region == NATIONAL:
        return
    here = made_from(replace(task.run, notebook=_here(task.run.notebook)))
    other = [name for name, planned in task.made_from if here.get(name) != planned]
    if other:
        text = f"here the {', '.join(other)} differ from what was planned."
        raise RunError(
            "E325",
            text,
            remedy="Bring code, plans and data of all machines to one state and run again.",
        )


def finish(
    run: Run, notebook: Path, folder: Path, started: datetime, inputs: dict[str, str]
) -> tuple[str, ...]:
    """Check the executed notebook, write the released files, and return what the guard found
    (nothing: it may leave).

    RunError E322 without a record of this run; E325 where it was made from other inputs than were
    planned.
    """
    import nbformat

    from analysis.disclosure.output_guard import reduce_metadata
    from analysis.disclosure.told import check_run
    from analysis.record import store
    from analysis.versions import git_commit, package_versions

    executed = nbformat.read(folder / "private" / "executed.ipynb", as_version=4)
    record = store.checked(record_in(executed))
    if (record.study, record.region, record.data_source) != (
        run.study,
        run.region,
        run.source.folder,
    ):
        text = "the notebook emitted the record of another study, place or source."
        raise RunError("E322", text, remedy="It must open what its parameters name.")
    changed = [
        name
        for name in ("plan_hash", "data_hash", "code_version")
        if getattr(record, name) != inputs.get(name, getattr(record, name))
    ]
    if changed:
        raise RunError(
            "E325",
            f"the {', '.join(changed)} changed while the notebook ran.",
            remedy="Run it again.",
        )
    executed = reduce_metadata(executed)
    findings = tuple(str(finding) for finding in check_run(executed))
    if findings:
        return findings
    nbformat.write(executed, folder / "notebook.ipynb")
    store.write(record, folder / "results.json")
    times = {
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    made = {
        "made_from": inputs,
        "notebook": notebook_name(notebook),
        "commit": git_commit(),
        "packages": package_versions(),
    }
    write_provenance(folder, made | times)
    (folder / "private" / "executed.ipynb").unlink()
    return ()


def record_in(executed) -> dict:
    """The record that the last cell emitted; RunError E322 without one, whatever the exit code
    said."""

    found = [
        output["data"][store.MIME]
        for cell in executed.cells
        if cell.cell_type == "code"
        for output in cell.get("outputs", [])
        if store.MIME in output.get("data", {})
    ]
    if len(found) != 1:
        raise RunError(
            "E322",
            f"the notebook emitted {len(found)} records; one was expected.",
            remedy="Its last cell must be study.record().",
        )
    return found[0]


def receive(outcome: Outcome) -> Outcome:
    """On the planner's side: unpack the run folder into reports/.runs, for good. OSError where that
    fails."""
    if not outcome.archive:
        return outcome
    folder = new_run_folder(outcome.run.study, outcome.run.region)
    try:
        with tarfile.open(fileobj=io.BytesIO(outcome.archive)) as archive:
            archive.extractall(folder, filter="data")
        (folder / "private").chmod(0o700)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return replace(outcome, folder=folder, archive=b"")


def publish_place(outcome: Outcome) -> Outcome:
    """Receive a run and, if it may be published, let its link point to it. A failure to write is
    the run's failure."""
    try:
        received = receive(outcome)
        if received.state == "published":
            publish(received.run_folder, received.run.link)
        return received
    except (WorkbookError, OSError) as error:
        return not_written(outcome, error)


def not_written(outcome: Outcome, error: WorkbookError | OSError) -> Outcome:
    """What becomes of a run whose files could not be written: it has failed, in our own words
    (never a path)."""
    if isinstance(error, WorkbookError):
        return replace(outcome, state="failed", code=error.code, text=error.text, archive=b"")
    text = f"the run could not be written ({error.strerror or type(error).__name__})."
    return replace(outcome, state="failed", code="E324", text=text, archive=b"")


def _packed(folder: Path) -> bytes:
    """The folder as an uncompressed tar, names in order."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path in sorted(folder.iterdir()):
            archive.add(path, arcname=path.name)
    return packed.getvalue()
