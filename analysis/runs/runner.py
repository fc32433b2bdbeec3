"""Runs study notebooks: everything is planned and checked before the first kernel starts.

A run is a notebook executed by papermill in a worker process, into a folder of its own. Only its record cell proves
that it succeeded; the output guard then decides whether it may be published.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from analysis.errors import ParameterError, WorkbookError
from analysis.plans.registry import (
    NATIONAL,
    Source,
    check_parameters,
    load_plan,
    notebook_path,
    parse_source,
    places_to_run,
    plan_files,
)

CELL_TIMEOUT = 600  # seconds; the slowest cell on a full region takes a few
KERNEL_START_TIMEOUT = 120
# One BLAS thread a kernel: sums in a fixed order, and two kernels do not fight for two cores.
ONE_THREAD = {
    name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
}


@dataclass(frozen=True)
class Run:
    """One notebook to execute. `region` may be `all`."""

    study: str
    region: str
    source: Source
    round_id: str
    notebook: Path

    @property
    def parameters(self) -> dict[str, str]:
        return {"study_id": self.study, "region_id": self.region, "data_source": str(self.source)}


@dataclass(frozen=True)
class Outcome:
    """How a run ended: state (published, withheld, failed), folder, and for a fault its code and what to do."""

    run: Run
    state: str
    folder: Path | None = None
    code: str = ""
    text: str = ""
    findings: tuple[str, ...] = ()
    seconds: float = 0.0


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
    return tuple(runs)


def check_round(round_id: str) -> str:
    """A round id is a folder name: letters, digits, - and _, at most 40. ParameterError E216."""
    if not (round_id.replace("-", "").replace("_", "").isalnum() and round_id.isascii() and len(round_id) <= 40):
        raise ParameterError(
            "E216", "a round id holds letters, digits, - and _ only, 40 at most.", remedy="Write for instance 2026Q3."
        )
    return round_id


def execute_all(runs: tuple[Run, ...], *, jobs: int, report: Callable[[Outcome], None]) -> Iterator[Outcome]:
    """Execute `runs` in `jobs` worker processes; outcomes come as they end, each reported first."""
    if not runs:
        return
    with ProcessPoolExecutor(max_workers=min(jobs, len(runs)), mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(execute, run): run for run in runs}
        for future in as_completed(waiting):
            try:
                outcome = future.result()
            except Exception as error:  # the worker process died
                outcome = Outcome(
                    waiting[future], "failed", code="E320", text=f"the worker process ended ({type(error).__name__})"
                )
            report(outcome)
            yield outcome


def execute(run: Run) -> Outcome:
    """Execute one study notebook, check it and publish it. Never raises for a fault of the run itself."""
    from analysis.runs.publishing import link_path, new_run_folder, publish

    started = datetime.now(UTC)
    folder = new_run_folder(run.study, run.region)
    try:
        execute_notebook(run.notebook, folder, run.parameters)
        findings = finish(run.notebook, folder, started)
    except WorkbookError as error:
        return Outcome(run, "failed", folder, error.code, error.text, seconds=_since(started))
    if findings:
        return Outcome(
            run,
            "withheld",
            folder,
            "E341",
            "the output guard found something that must not leave",
            findings,
            _since(started),
        )
    publish(folder, link_path(run.source.folder, run.round_id, run.study, run.region))
    return Outcome(run, "published", folder, seconds=_since(started))


def execute_notebook(
    notebook: Path, folder: Path, parameters: dict[str, str], environment: dict[str, str] | None = None
) -> None:
    """Run `notebook` by papermill into `folder`/private/executed.ipynb; RunError E321 says what kind of fault ended it.

    The kernel is spoken to over sockets that only this user can open: over TCP everyone on the machine could listen.
    """
    import papermill
    from traitlets.config import Config

    from analysis.errors import RunError

    named = {"WORKBOOK_PRIVATE": str(folder / "private"), "WORKBOOK_FIGURES": str(folder / "figures")}
    os.environ.update(ONE_THREAD | named | (environment or {}))
    sockets = tempfile.mkdtemp(prefix="wb-")  # mode 0700 and short: a socket path over 107 bytes fails
    try:
        papermill.execute_notebook(
            str(notebook), str(folder / "private" / "executed.ipynb"), parameters=parameters, kernel_name="python3",
            progress_bar=False, log_output=False, start_timeout=KERNEL_START_TIMEOUT, execution_timeout=CELL_TIMEOUT,
            config=Config(KernelManager={"transport": "ipc", "ip": f"{sockets}/k"}),
        )  # fmt: skip
    except Exception as error:
        (folder / "private" / "fault.txt").write_text(str(error), encoding="utf-8")
        raise RunError("E321", _fault_in_words(error)) from None
    finally:
        shutil.rmtree(sockets, ignore_errors=True)


def _fault_in_words(error: Exception) -> str:
    """The kind of fault, and our own error's code and text; never a value from a traceback of other code."""
    kind, value = getattr(error, "ename", type(error).__name__), getattr(error, "evalue", "")
    ours = kind in ("ParameterError", "PlanError", "DataError", "RunError", "WorkbookError")
    return f"a cell failed ({kind}){': ' + value if ours else ''}; the whole text is in the run's private folder"


def finish(notebook: Path, folder: Path, started: datetime) -> tuple[str, ...]:
    """Check the executed notebook, write the released files, and return what the guard found (nothing: it may leave)."""
    import nbformat

    from analysis import record as records
    from analysis.disclosure.output_guard import check_notebook, reduce_metadata
    from analysis.runs.publishing import write_provenance
    from analysis.versions import git_commit, package_versions

    executed = nbformat.read(folder / "private" / "executed.ipynb", as_version=4)
    record = records.validate(record_in(executed))
    executed = reduce_metadata(executed)
    findings = tuple(str(finding) for finding in check_notebook(executed))
    if findings:
        return findings
    nbformat.write(executed, folder / "notebook.ipynb")
    records.write(record, folder / "results.json")
    provenance = {
        "run_id": folder.name,
        "notebook": notebook.name,
        "commit": git_commit(),
        "packages": package_versions(),
    }
    times = {
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_provenance(folder, provenance | times)
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


def _since(started: datetime) -> float:
    return (datetime.now(UTC) - started).total_seconds()


__all__ = [
    "NATIONAL",
    "Outcome",
    "Run",
    "execute",
    "execute_all",
    "execute_notebook",
    "finish",
    "plan_runs",
    "record_in",
]
