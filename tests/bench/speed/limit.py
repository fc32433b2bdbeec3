"""The limit: the cells of notebooks as plain functions, in processes forked after the imports. No
kernel, no engine.

python -m bench.speed.limit JOBS FOLDER (data | together | apart | profile): JOBS is a JSON list of
`notebook`, `parameters` and `name`. Each job leaves in FOLDER/NAME what the other ways leave: the
notebook with its outputs, the exact record, the figure files. Nothing is checked, nothing is
published.

data: makes the synthetic data of the jobs, or reads their extract, and runs nothing. together: two
processes share the jobs; writes seconds and processor seconds from the fork to the end. apart: a
process for each job, one after the other; writes processor seconds and the largest resident memory
of each. profile: as apart, with processor seconds by kind of work.
"""

import ast
import gc
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

from bench.speed.work import WorkClock

PROCESSES = 2
MEASURED = "measured.json"
RECORD = "application/vnd.workbook.results+json"
SHOWN = "_shown"
DATA, TOGETHER, APART, PROFILE = "data", "together", "apart", "profile"


class Shown:
    """In place of the kernel's display: the gate formats what a cell shows, and it is kept as an
    output."""

    def __init__(self) -> None:
        self.outputs: list[dict[str, Any]] = []
        self._gate: Any = None

    def display(self, *objects, metadata=None, raw=False, **_) -> None:
        for shown in objects:
            data, more = (shown, metadata or {}) if raw else self._format(shown)
            if data:
                self.outputs.append({"output_type": "display_data", "data": data, "metadata": more})

    def last(self, shown: object) -> None:
        """What a cell ends with."""
        if shown is not None:
            self.display(shown)

    def _format(self, shown: object) -> tuple[dict, dict]:
        if self._gate is None:
            from analysis.display.tables import Gate

            self._gate = Gate()
        return self._gate.format(shown)


@dataclass(frozen=True)
class Job:
    """One notebook with its parameters, and the name of the folder that it leaves."""

    notebook: Path
    parameters: dict[str, str]
    name: str


def compiled(source: str, name: str) -> CodeType:
    """A code cell as one compiled body; its last expression is handed on to be shown."""
    tree = ast.parse(source)
    last = tree.body[-1]
    if isinstance(last, ast.Expr):
        tree.body[-1] = ast.Expr(ast.Call(ast.Name(SHOWN, ast.Load()), [last.value], []))
    return compile(ast.fix_missing_locations(tree), name, "exec")


def run(job: Job, shown: Shown, folder: Path) -> None:
    """All cells of one notebook; RuntimeError where they emitted no record."""
    for variable, part in (("WORKBOOK_PRIVATE", "private"), ("WORKBOOK_FIGURES", "figures")):
        (folder / part).mkdir(parents=True)
        os.environ[variable] = str(folder / part)
    names: dict[str, Any] = dict(job.parameters) | {SHOWN: shown.last}
    notebook = json.loads(job.notebook.read_text(encoding="utf-8"))
    for number, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] != "code" or "parameters" in cell["metadata"].get("tags", []):
            continue
        shown.outputs = []
        exec(compiled("".join(cell["source"]), f"cell {number}"), names)
        cell["outputs"] = shown.outputs
    (folder / "out.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    if len(records(notebook)) != 1:
        raise RuntimeError(f"{job.name}: the cells emitted {len(records(notebook))} records")


def records(notebook: dict) -> list[dict]:
    """The records that a finished notebook emitted."""
    return [
        output["data"][RECORD]
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if RECORD in output.get("data", {})
    ]


def make_data(jobs: list[Job]) -> None:
    """Make the synthetic data of the jobs, or read their extract for the first time, as a batch
    does before its first run."""
    from analysis.plans.registry import load_plan, parse_source
    from analysis.runs.planning import plan_runs
    from analysis.runs.preparation import prepare
    from analysis.study.opening import PUBLISHED, service_of, tables_folder

    for job in jobs:
        study, place, named = (
            job.parameters[name] for name in ("study_id", "region_id", "data_source")
        )
        plan, source = load_plan(study), parse_source(named)
        if source.name == "extracts":
            prepare(plan_runs((study,), (place,), named, "draft"))
        elif source.name == "synthetic" and service_of(plan) != PUBLISHED:
            tables_folder(plan, place, source)


def main(jobs: list[Job], folder: Path, how: str) -> None:
    if how == DATA:
        make_data(jobs)
        return
    shown = Shown()
    import IPython.core.display_functions
    import IPython.display

    IPython.display.display = IPython.core.display_functions.display = shown.display
    from analysis.runs.kernel_server import preload

    preload()
    import matplotlib

    import analysis.notebook  # noqa: F401

    matplotlib.use("agg")
    gc.collect()
    gc.freeze()
    found = (
        _together(jobs, shown, folder)
        if how == TOGETHER
        else [_apart(job, shown, folder, profiles=how == PROFILE) for job in jobs]
    )
    (folder / MEASURED).write_text(json.dumps(found), encoding="utf-8")


def _together(jobs: list[Job], shown: Shown, folder: Path) -> dict[str, float]:
    started, before = time.perf_counter(), os.times()
    children = [
        _forked(jobs[n::PROCESSES], shown, folder, profiles=False) for n in range(PROCESSES)
    ]
    ended = [os.waitpid(child, 0)[1] for child in children]
    seconds, used = time.perf_counter() - started, os.times()
    if any(ended):
        raise SystemExit("the cells failed")
    cpu = used.children_user + used.children_system - before.children_user - before.children_system
    return {"seconds": seconds, "cpu": cpu}


def _apart(job: Job, shown: Shown, folder: Path, *, profiles: bool) -> dict[str, Any]:
    _, status, used = os.wait4(_forked([job], shown, folder, profiles=profiles), 0)
    if status:
        raise SystemExit(f"the cells of {job.name} failed")
    found = {"name": job.name, "cpu": used.ru_utime + used.ru_stime, "mb": used.ru_maxrss / 1024}
    kinds = folder / job.name / "kinds.json"
    return found | ({"kinds": json.loads(kinds.read_text(encoding="utf-8"))} if profiles else {})


def _forked(jobs: list[Job], shown: Shown, folder: Path, *, profiles: bool) -> int:
    """The id of a new process that runs the jobs and ends."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        for job in jobs:
            clock = WorkClock()
            if profiles:
                clock.start()
            run(job, shown, folder / job.name)
            if profiles:
                kinds = json.dumps(clock.stop())
                (folder / job.name / "kinds.json").write_text(kinds, encoding="utf-8")
        code = 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    main(
        [Job(Path(one["notebook"]), one["parameters"], one["name"]) for one in given],
        Path(sys.argv[2]),
        sys.argv[3],
    )
