"""Says where the engine's own time of one warm run goes, as two tables on standard output.

python tests/bench/profile_run.py [TIMES]. The typical notebook runs in this process (the worker's
part and the planner's part after it) in kernels of a warm server, with a stopwatch around each
step. A step's seconds are its own: steps inside it are taken out.
"""

import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from inspect import iscoroutinefunction
from pathlib import Path

from measure import cpu_of, cpu_of_children
from setting import Case, Setting, make_setting, typical_case
from ways import LIMIT, run_way

TIMES = 8
IN_KERNEL, MESSAGING = (
    "cells at work in the kernel (not the engine's own)",
    "messages of cells, outputs kept",
)
REST = "everything else: papermill, nbclient, event loops"


class Stopwatch:
    """Own wall seconds and own processor seconds of this process, by step; steps may lie inside
    each other."""

    def __init__(self):
        self.wall: dict[str, float] = defaultdict(float)
        self.cpu: dict[str, float] = defaultdict(float)
        self._open: list[list[float]] = []

    @contextmanager
    def step(self, name: str):
        self._open.append([0.0, 0.0])
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            spent = time.perf_counter() - wall, time.process_time() - cpu
            inside = self._open.pop()
            self.wall[name] += spent[0] - inside[0]
            self.cpu[name] += spent[1] - inside[1]
            if self._open:
                self._open[-1][0] += spent[0]
                self._open[-1][1] += spent[1]

    def watch(self, owner: object, name: str, step: str, after: Callable | None = None) -> None:
        """Put the stopwatch around a function or a method; `after` is told its arguments."""
        watched = getattr(owner, name)

        if iscoroutinefunction(watched):

            @wraps(watched)
            async def timed(*args, **kwargs):
                with self.step(step):
                    return await watched(*args, **kwargs)

        else:

            @wraps(watched)
            def timed(*args, **kwargs):
                with self.step(step):
                    result = watched(*args, **kwargs)
                if after:
                    after(*args)
                return result

        setattr(owner, name, timed)

    def move(self, source: str, target: str, seconds: float) -> None:
        """Waiting that was counted under one step and belongs to another."""
        self.wall[source] -= seconds
        self.wall[target] += seconds


def watch_engine(clock: Stopwatch) -> None:
    """The stopwatch around every step of a run that has a function of its own."""
    import nbformat
    import papermill.engines
    import papermill.execute

    from analysis import record
    from analysis.disclosure import output_guard
    from analysis.runs import execution, kernels, ledger, publishing, runner

    def busy(client, cell, *_):
        clock.move(MESSAGING, IN_KERNEL, kernel_seconds(cell))

    clock.watch(
        kernels.InstantProvisioner, "launch_kernel", "server forks, shell is made, sockets bound"
    )
    clock.watch(execution.QuickClient, "wait_for_ready", "waiting for the first answer")
    clock.watch(execution.CappedClient, "execute_cell", MESSAGING, busy)
    clock.watch(
        execution.CappedClient, "start_new_kernel", "kernel manager, provisioner, connection file"
    )
    clock.watch(execution.CappedClient, "_cleanup_kernel", "shutdown")
    for module, name in (
        (papermill.engines, "write_ipynb"),
        (papermill.execute, "write_ipynb"),
        (papermill.execute, "load_notebook_node"),
        (papermill.execute, "parameterize_notebook"),
    ):
        clock.watch(module, name, "papermill reads, fills in and writes the notebook")
    for name in ("read", "write"):
        clock.watch(nbformat, name, "notebook read, reduced one written")
    for name in ("reduce_metadata", "check_notebook"):
        clock.watch(output_guard, name, "output guard")
    clock.watch(record, "validate", "record checked against its schema")
    clock.watch(record, "write", "record written, with its flush to disk")
    clock.watch(runner, "_refuse_other_inputs", "inputs compared with the plan")
    clock.watch(publishing, "write_provenance", "provenance: commit, packages")
    clock.watch(runner, "_packed", "packing")
    clock.watch(runner, "receive", "unpacking")
    clock.watch(runner, "publish", "flush to disk, links switched")
    for name in ("started", "finished"):
        clock.watch(ledger.Ledger, name, "ledger")


def kernel_seconds(cell) -> float:
    """How long the kernel said that it was busy with a cell, by the clock of the same machine."""
    times = cell.get("metadata", {}).get("execution", {})
    if "iopub.status.busy" not in times or "iopub.status.idle" not in times:
        return 0.0
    begun, ended = (
        datetime.fromisoformat(times[f"iopub.status.{name}"]) for name in ("busy", "idle")
    )
    return (ended - begun).total_seconds()


def profile(case: Case, empty: Path, times: int) -> tuple[list[Stopwatch], dict[str, float]]:
    """A stopwatch for each run, and processor seconds a run: of the server, of the kernels, of an
    empty kernel."""
    from analysis.runs import kernel_client
    from analysis.runs.batch import Request, plan_batch
    from analysis.runs.ledger import Ledger
    from analysis.runs.runner import execute, publish_place

    tasks = plan_batch(Request((case.study,), case.places, case.source), force=True).tasks
    ledger = Ledger()
    rows = ledger.claim(
        ledger.begin({}), [t.run.key for t in tasks], [t.made_from_dict for t in tasks]
    )
    kernel_client.lease()
    (server,) = kernel_client._started
    publish_place(execute(tasks[0]))  # imports, and the server's own
    clocks, current = [], Stopwatch()
    watch_engine(_Now(lambda: current))
    kernel, own = cpu_of_children(server.pid), cpu_of(server.pid)
    for task in tasks[1 : times + 1]:
        current = Stopwatch()
        with current.step(REST):
            ledger.started(rows[task.run.key])
            outcome = publish_place(execute(task))
            ledger.finished(
                rows[task.run.key],
                state=outcome.state,
                code="",
                text="",
                folder=outcome.folder.name,
                seconds=0.0,
            )
        if outcome.state != "published":
            raise RuntimeError(f"{outcome.state}: {outcome.text}")
        clocks.append(current)
    cpu = {
        "kernels": (cpu_of_children(server.pid) - kernel) / times,
        "server": (cpu_of(server.pid) - own) / times,
        "empty": _empty_kernels(empty, server.pid, times),
    }
    ledger.close()
    kernel_client.end_leases()
    return clocks, cpu


class _Now(Stopwatch):
    """Hands every step to the stopwatch of the run that is under way."""

    def __init__(self, current: Callable[[], Stopwatch]):
        super().__init__()
        self.current = current

    def step(self, name: str):
        return self.current().step(name)

    def move(self, *args) -> None:
        self.current().move(*args)


def _empty_kernels(folder: Path, server: int, times: int) -> float:
    """Processor seconds of a kernel that runs one cell with nothing in it."""
    import nbformat

    from analysis.runs.execution import Limits, execute_notebook

    (folder / "private").mkdir(parents=True)
    kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    empty = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("None")],
        metadata={"kernelspec": kernelspec, "language_info": {"name": "python"}},
    )
    (folder / "empty.ipynb").write_text(nbformat.writes(empty), encoding="utf-8")
    before = cpu_of_children(server)
    for _ in range(times):
        execute_notebook(folder / "empty.ipynb", folder, {}, Limits(), {})
    return (cpu_of_children(server) - before) / times


def table(clocks: list[Stopwatch], cpu: dict[str, float], limit: float) -> str:
    """Both tables: steps with their medians, then processor seconds by process."""
    steps = dict.fromkeys(name for clock in clocks for name in clock.wall)
    wall = {step: statistics.median(clock.wall[step] for clock in clocks) for step in steps}
    own = {step: statistics.median(clock.cpu[step] for clock in clocks) for step in steps}
    lines = [f"{'step of one warm run (medians)':58}{'ms':>9}{'of it CPU here':>16}"]
    lines += [
        f"{s:58}{1000 * wall[s]:9.1f}{1000 * own[s]:16.1f}"
        for s in sorted(steps, key=wall.__getitem__, reverse=True)
    ]
    mine, cpu = sum(wall.values()) - wall[IN_KERNEL], 1000 * sum(own.values())
    lines += [
        f"{'the engine, all steps but the cells':58}{1000 * mine:9.1f}{cpu:16.1f}",
        "",
    ]
    parts = {
        "planner and worker": sum(own.values()),
        "kernel server: forking": cpu["server"],
        "kernel: made, ended, and one empty cell": cpu["empty"],
        "kernel: cells as plain functions (the limit)": limit,
        "kernel: all else (pages copied, formatting, messages)": (
            cpu["kernels"] - cpu["empty"] - limit
        ),
    }
    lines += [f"{'processor time of one warm run':58}{'ms':>9}"]
    return "\n".join(
        [*lines, *(f"{part:58}{1000 * seconds:9.1f}" for part, seconds in parts.items())]
    )


def main(times: int) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        setting: Setting = make_setting(Path(name))
        case = typical_case(times + 1)
        limit = run_way(LIMIT, case, setting).cpu / len(case.places)
        environment = setting.environment()
        os.environ.clear()
        os.environ.update(environment)  # before anything of analysis is imported
        print(table(*profile(case, setting.folder / "empty", times), limit))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TIMES)
