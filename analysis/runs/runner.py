"""Executes planned runs: on a worker from task to folder, on the planner's side from folder to
published link.

A worker may be another process or another machine. It works in a scratch folder of its own, which
it hands back as it is on this machine and as bytes from another; only the side that planned the run
publishes it. Only the record cell proves that a run succeeded; the output guard then decides
whether it may be published.
"""

import errno
import io
import os
import secrets
import shutil
import stat
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analysis.disclosure.attack.protection import Decision, keep
from analysis.errors import RunError, WorkbookError
from analysis.paths import ROOT, reports
from analysis.plans.registry import NATIONAL, load_plan
from analysis.record import store
from analysis.runs.direct.notebook import parameterised, write_notebook
from analysis.runs.planning import PROTECTION, WITHHELD, Run, Task, made_from, notebook_name
from analysis.runs.publishing import keep_cleared, publish, run_folder, write_provenance


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
    # the run folder on its way from the worker: on this machine, or as bytes from another
    scratch: Path | None = None
    archive: bytes = field(default=b"", repr=False)

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
    """On the worker: execute one notebook, check it, and return how it ended with its scratch
    folder, which is the caller's from then on.

    Never raises for a fault of the run itself. Refuses (E325) where plan, data or code are not
    those of the planner.
    """
    started, folder = datetime.now(UTC), None
    try:
        folder = _scratch_folder()
        outcome = _execute_in(folder, task, started)
        _refuse_links(folder)
        seconds = (datetime.now(UTC) - started).total_seconds()
        return replace(outcome, scratch=folder, seconds=seconds)
    except BaseException as error:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            return not_written(Outcome(task.run, "failed"), error)
        raise


def execute_elsewhere(task: Task) -> Outcome:
    """The same on another machine: the folder comes back as bytes."""
    outcome = execute(task)
    if outcome.scratch is None:
        return outcome
    try:
        return replace(outcome, scratch=None, archive=_packed(outcome.scratch))
    except OSError as error:
        return not_written(outcome, error)
    finally:
        shutil.rmtree(outcome.scratch, ignore_errors=True)


def _scratch_folder() -> Path:
    """A new folder for one run, where nobody else can look; its name begins with this process, so
    that it can be told from a living one's."""
    scratch = reports() / ".scratch"
    scratch.parent.mkdir(parents=True, exist_ok=True)
    scratch.mkdir(mode=0o700, exist_ok=True)
    folder = scratch / f"{os.getpid()}-{secrets.token_hex(8)}"
    folder.mkdir()
    (folder / "private").mkdir(mode=0o700)
    (folder / "figures").mkdir()
    return folder


def _refuse_links(folder: Path) -> None:
    """OSError where a notebook has left anything but files and folders in its run folder: what a
    link leads to would be published with it."""
    for path in folder.rglob("*"):
        if stat.S_IFMT(path.lstat().st_mode) not in (stat.S_IFREG, stat.S_IFDIR):
            raise OSError(errno.EINVAL, "its folder holds what is neither file nor folder")


def _execute_in(folder: Path, task: Task, started: datetime) -> Outcome:
    from analysis.runs.execution import execute_notebook

    run = task.run
    try:
        _refuse_other_inputs(task)
        notebook, decided = _here(run.notebook), folder / "private" / "decision.json"
        if written := written_findings(notebook, run.parameters):
            text = "the notebook holds what is not in verbs; no kernel was started"
            return Outcome(run, "withheld", code="E343", text=text, findings=written)
        if task.hidden:
            keep(Decision(frozenset(task.hidden)), decided)
        told = {"WORKBOOK_WITHOUT": ",".join(task.without), "WORKBOOK_DECISION": str(decided)}
        executed = execute_notebook(notebook, folder, run.parameters, task.limits, told)
        with _kept_unless_published(executed, folder) as findings:
            findings += finish(task, executed, folder, started, told)
    except WorkbookError as error:
        return Outcome(run, "failed", code=error.code, text=error.text)
    if findings:
        text = "the output guard found something that must not leave"
        return Outcome(run, "withheld", code="E341", text=text, findings=tuple(findings))
    return Outcome(run, "published")


def written_findings(notebook: Path, parameters: dict[str, str]) -> tuple[str, ...]:
    """What the author of a notebook has written that may not be published, as `parameters` let it
    run: read outside any kernel, before one is started."""
    from analysis.disclosure.guard.written.sources import source_findings

    try:
        content = parameterised(notebook, parameters)
    except Exception:  # of what cannot be read, the execution says why
        return ()
    return tuple(str(finding) for finding in source_findings(content))


def _here(notebook: Path) -> Path:
    """The notebook on this machine: tasks name paths of the planner's checkout relative to it."""
    return notebook if notebook.is_absolute() else ROOT / notebook


def _refuse_other_inputs(task: Task) -> None:
    """RunError E325 where this machine has other code, plans or data than the one that planned the
    run."""
    if task.run.region == NATIONAL:
        return
    here = made_from(replace(task.run, notebook=_here(task.run.notebook)))
    # the joint decision is the planner's, and comes with the task
    planners = (PROTECTION, WITHHELD)
    other = [n for n, planned in task.made_from if n not in planners and here.get(n) != planned]
    if other:
        text = f"here the {', '.join(other)} differ from what was planned."
        raise RunError(
            "E325",
            text,
            remedy="Bring code, plans and data of all machines to one state and run again.",
        )


@contextmanager
def _kept_unless_published(executed: dict[str, Any], folder: Path) -> Iterator[list[str]]:
    """Keep the whole notebook in the private folder where this block finds something or fails."""
    findings: list[str] = []
    well = False
    try:
        yield findings
        well = not findings
    finally:
        if not well:
            write_notebook(executed, folder / "private" / "executed.ipynb")


def finish(
    task: Task,
    executed: dict[str, Any],
    folder: Path,
    started: datetime,
    told: dict[str, str],
) -> tuple[str, ...]:
    """Check the executed notebook, write the released files, and return what the guard found
    (nothing: it may leave). `told`: what its kernel was told by its environment.

    RunError E322 without a record of this run; E325 where it was made from other inputs than were
    planned.
    """
    from analysis.disclosure.guard.folder import folder_findings
    from analysis.disclosure.guard.metadata import reduce_metadata
    from analysis.disclosure.guard.told import check_run
    from analysis.runs.checking.outside import outside_findings
    from analysis.study.exceptions import exceptions_of
    from analysis.versions import git_commit, package_versions

    run, inputs = task.run, task.made_from_dict
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
    released = reduce_metadata(executed)
    found = (*check_run(released), *folder_findings(folder, released))
    found = found or tuple(outside_findings(run, released, folder, told, data=record.data_hash))
    findings = tuple(dict.fromkeys(str(finding) for finding in found))
    if findings:
        return findings
    write_notebook(released, folder / "notebook.ipynb")
    store.write(record, folder / "results.json")
    times = {
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    made = {
        "made_from": inputs,
        "notebook": notebook_name(_here(run.notebook)),
        "commit": git_commit(),
        "packages": package_versions(),
        "exceptions": list(exceptions_of(load_plan(run.study), run.source)),
    }
    write_provenance(folder, made | times)
    return ()


def record_in(executed: dict[str, Any]) -> dict:
    """The record that the last cell emitted; RunError E322 without one, whatever the exit code
    said."""

    found = [
        output["data"][store.MIME]
        for cell in executed["cells"]
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
    """On the planner's side: put the run folder into reports/.runs, for good. OSError where that
    fails."""
    if outcome.scratch is None and not outcome.archive:
        return outcome
    folder = run_folder(outcome.run.study, outcome.run.region)
    try:
        if outcome.scratch is not None:
            outcome.scratch.rename(folder)
        else:
            with tarfile.open(fileobj=io.BytesIO(outcome.archive)) as archive:
                archive.extractall(folder, filter="data")
        (folder / "private").chmod(0o700)
    except OSError:
        shutil.rmtree(outcome.scratch or folder, ignore_errors=True)
        raise
    return replace(outcome, folder=folder, scratch=None, archive=b"")


def publish_place(outcome: Outcome) -> Outcome:
    """Receive a run and, if it may be published, let its link point to it. A failure to write is
    the run's failure."""
    try:
        received = receive(outcome)
        if received.state == "published":
            keep_cleared(received.run_folder, received.run.link)
            publish(received.run_folder, received.run.link)
        return received
    except (WorkbookError, OSError) as error:
        return not_written(outcome, error)


def with_text(outcome: Outcome, text: str) -> Outcome:
    """The outcome of a run that has a result, with what is to be said of it."""
    return replace(outcome, text=text) if outcome.has_result else outcome


def not_written(outcome: Outcome, error: Exception) -> Outcome:
    """What becomes of a run whose files could not be written: it has failed, in our own words
    (never a path)."""
    without = replace(outcome, state="failed", scratch=None, archive=b"")
    if isinstance(error, WorkbookError):
        return replace(without, code=error.code, text=error.text)
    why = getattr(error, "strerror", None) or type(error).__name__
    text = f"the run could not be written ({why})."
    return replace(without, code="E324", text=text)


def _packed(folder: Path) -> bytes:
    """The folder as an uncompressed tar, names in order."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path in sorted(folder.iterdir()):
            archive.add(path, arcname=path.name)
    return packed.getvalue()
