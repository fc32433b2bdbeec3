"""Runs study notebooks: everything is planned and checked before the first kernel starts.

A task is one notebook with all that its worker must know; a worker may be another process or another machine. It works
in a scratch folder of its own and hands back the run folder as bytes. Only the side that planned the run publishes
it. Only the record cell proves that a run succeeded; the output guard then decides whether it may be published.
"""

import io
import os
import shutil
import tarfile
import tempfile
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.errors import ParameterError, WorkbookError
from analysis.paths import NOTEBOOKS, ROOT, reports
from analysis.plans.registry import (
    NATIONAL,
    NATIONAL_NOTEBOOK,
    NATIONAL_PARAMETERS,
    STUDY_PARAMETERS,
    Source,
    check_notebook,
    check_parameters,
    load_plan,
    notebook_path,
    parse_source,
    places_to_run,
    plan_files,
    plan_hash,
)
from analysis.runs.publishing import link_path, new_run_folder, publish
from analysis.studies.data_version import data_hash
from analysis.versions import code_version

if TYPE_CHECKING:
    from analysis.runs.execution import Limits


@dataclass(frozen=True)
class Run:
    """One notebook to execute. `region` may be `all`, or `national` for all places together."""

    study: str
    region: str
    source: Source
    round_id: str
    notebook: Path

    @property
    def parameters(self) -> dict[str, str]:
        if self.region == NATIONAL:
            return {"study_id": self.study, "data_source": str(self.source), "round_id": self.round_id}
        return {"study_id": self.study, "region_id": self.region, "data_source": str(self.source)}

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Source, round, study and place: what the ledger and the links know a run by."""
        return (self.source.folder, self.round_id, self.study, self.region)

    @property
    def link(self) -> Path:
        return link_path(*self.key)


@dataclass(frozen=True)
class Task:
    """A run as a worker gets it: `made_from` holds the hashes of plan, data, code and notebook that it must find."""

    run: Run
    made_from: tuple[tuple[str, str], ...]  # name and hash
    limits: "Limits | None" = None

    @property
    def made_from_dict(self) -> dict[str, str]:
        return dict(self.made_from)


@dataclass(frozen=True)
class Outcome:
    """How a run ended: state (published, unchanged, withheld, failed, not_cleared, cut_off), folder, and for a fault
    its code and what to do."""

    run: Run
    state: str
    folder: Path | None = None
    code: str = ""
    text: str = ""
    findings: tuple[str, ...] = ()
    seconds: float = 0.0
    archive: bytes = field(default=b"", repr=False)  # the run folder, on its way from the worker


def plan_runs(studies: tuple[str, ...], regions: tuple[str, ...], source: str | None, round_id: str) -> tuple[Run, ...]:
    """Every run that was asked for, checked. Without a study: every plan. ParameterError or PlanError before any kernel."""
    check_round(round_id)
    wanted = studies or tuple(plan_files())
    if not wanted:
        raise ParameterError("E210", "there is no plan in params/.")
    plans = [load_plan(study) for study in wanted]
    runs = []
    for plan in plans:
        chosen = parse_source(source) if source else Source(plan.data.sources[0])
        for region in regions or places_to_run(plan):
            check_parameters(plan.study, region, str(chosen))
            runs.append(Run(plan.study, region, chosen, round_id, notebook_path(plan)))
    for notebook in dict.fromkeys(run.notebook for run in runs):
        check_notebook(notebook, STUDY_PARAMETERS)
    check_notebook(NATIONAL_NOTEBOOK, NATIONAL_PARAMETERS)
    return tuple(dict.fromkeys(runs))


def check_round(round_id: str) -> str:
    """A round id is a folder name: letters, digits, - and _, at most 40. ParameterError E216."""
    if not (round_id.replace("-", "").replace("_", "").isalnum() and round_id.isascii() and len(round_id) <= 40):
        raise ParameterError(
            "E216", "a round id holds letters, digits, - and _ only, 40 at most.", remedy="Write for instance 2026Q3."
        )
    return round_id


def made_from(run: Run, data: str | None = None) -> dict[str, str]:
    """What the result of a place depends on: hashes of its plan, its data (`data` where known), the code, and which
    notebook."""
    return {
        "plan_hash": plan_hash(run.study),
        "data_hash": data or data_hash(run.source),
        "code_version": code_version(run.notebook),
        "notebook": notebook_name(run.notebook),
    }


def notebook_name(notebook: Path) -> str:
    """A notebook as provenance names it: its path inside the notebooks folder, or its name."""
    return notebook.relative_to(NOTEBOOKS).as_posix() if notebook.is_relative_to(NOTEBOOKS) else notebook.name


def execute(task: Task) -> Outcome:
    """On the worker: execute one notebook, check it, and return how it ended with its folder as bytes.

    Never raises for a fault of the run itself. Refuses (E325) where plan, data or code are not those of the planner.
    """
    started = datetime.now(UTC)
    scratch = reports() / ".scratch"
    scratch.mkdir(parents=True, mode=0o700, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=scratch))
    try:
        (folder / "private").mkdir(mode=0o700)
        (folder / "figures").mkdir()
        outcome = _execute_in(folder, task, started)
        return replace(outcome, archive=_packed(folder), seconds=(datetime.now(UTC) - started).total_seconds())
    except OSError as error:
        text = f"the run could not be written ({error.strerror or type(error).__name__})."
        return Outcome(task.run, "failed", code="E324", text=text)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _execute_in(folder: Path, task: Task, started: datetime) -> Outcome:
    from analysis.runs.execution import Limits, execute_notebook

    run = task.run
    try:
        _refuse_other_inputs(task)
        notebook = _here(run.notebook)
        execute_notebook(notebook, folder, run.parameters, task.limits or Limits.from_environment())
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
    """RunError E325 where this machine has other code, plans or data than the one that planned the run."""
    from analysis.errors import RunError

    if task.run.region == NATIONAL:
        return
    here = made_from(replace(task.run, notebook=_here(task.run.notebook)))
    other = [name for name, planned in task.made_from if here.get(name) != planned]
    if other:
        text = f"here the {', '.join(other)} differ from what was planned."
        raise RunError("E325", text, remedy="Bring code, plans and data of all machines to one state and run again.")


def finish(run: Run, notebook: Path, folder: Path, started: datetime, inputs: dict[str, str]) -> tuple[str, ...]:
    """Check the executed notebook, write the released files, and return what the guard found (nothing: it may leave).

    RunError E322 without a record of this run; E325 where it was made from other inputs than were planned.
    """
    import nbformat

    from analysis import record as records
    from analysis.disclosure.output_guard import check_notebook, reduce_metadata
    from analysis.errors import RunError
    from analysis.runs.publishing import write_provenance
    from analysis.versions import git_commit, package_versions

    executed = nbformat.read(folder / "private" / "executed.ipynb", as_version=4)
    record = records.validate(record_in(executed))
    if (record["study"], record["region"], record["data_source"]) != (run.study, run.region, run.source.folder):
        text = "the notebook emitted the record of another study, place or source."
        raise RunError("E322", text, remedy="It must open what its parameters name.")
    changed = [
        name for name in ("plan_hash", "data_hash", "code_version") if record[name] != inputs.get(name, record[name])
    ]
    if changed:
        raise RunError("E325", f"the {', '.join(changed)} changed while the notebook ran.", remedy="Run it again.")
    executed = reduce_metadata(executed)
    findings = tuple(str(finding) for finding in check_notebook(executed))
    if findings:
        return findings
    nbformat.write(executed, folder / "notebook.ipynb")
    records.write(record, folder / "results.json")
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
    """The record that the last cell emitted; RunError E322 without one, whatever the exit code said."""
    from analysis import record as records
    from analysis.errors import RunError

    found = [
        output["data"][records.MIME]
        for cell in executed.cells
        if cell.cell_type == "code"
        for output in cell.get("outputs", [])
        if records.MIME in output.get("data", {})
    ]
    if len(found) != 1:
        raise RunError(
            "E322",
            f"the notebook emitted {len(found)} records; one was expected.",
            remedy="Its last cell must be study.record().",
        )
    return found[0]


def receive(outcome: Outcome) -> Outcome:
    """On the planner's side: unpack the run folder into reports/.runs, for good. RunError E324 where that fails."""
    from analysis.errors import RunError

    if not outcome.archive:
        return outcome
    folder = new_run_folder(outcome.run.study, outcome.run.region)
    try:
        with tarfile.open(fileobj=io.BytesIO(outcome.archive)) as archive:
            archive.extractall(folder, filter="data")
        (folder / "private").chmod(0o700)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise RunError("E324", f"the run could not be written ({error.strerror}).") from None
    return replace(outcome, folder=folder, archive=b"")


def publish_place(outcome: Outcome) -> Outcome:
    """Receive a run and, if it may be published, let its link point to it. A failure to write is the run's failure."""
    try:
        received = receive(outcome)
        if received.state == "published":
            publish(received.folder, received.run.link)
        return received
    except (WorkbookError, OSError) as error:
        code, text = getattr(error, "code", "E324"), getattr(error, "text", f"the run could not be written ({error}).")
        return replace(outcome, state="failed", code=code, text=text, archive=b"")


def _packed(folder: Path) -> bytes:
    """The folder as an uncompressed tar, names in order."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path in sorted(folder.iterdir()):
            archive.add(path, arcname=path.name)
    return packed.getvalue()


__all__ = [
    "NATIONAL",
    "NATIONAL_NOTEBOOK",
    "Outcome",
    "Run",
    "Task",
    "execute",
    "finish",
    "made_from",
    "plan_runs",
    "publish_place",
    "receive",
    "record_in",
]
