"""A batch: run every place that is not up to date, set each study's places beside each other, make the pages.

What has not changed since it was run is left as it is. The joint step of a study starts as soon as its last place is
done, while other studies still run. Whatever happens, the ledger says it, and the exit code is not 0 where anything
failed, was cut off or was refused.
"""

from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, replace

from analysis.errors import WHILE_RUNNING, ParameterError, RunError, WorkbookError
from analysis.paths import ROOT
from analysis.plans.registry import (
    NATIONAL,
    NATIONAL_NOTEBOOK,
    NATIONAL_PARAMETERS,
    Source,
    check_notebook,
    load_plan,
    parse_source,
    plan_files,
)
from analysis.runs.clearing import clear, gather, joint_run, joint_task, not_cleared, publish_joint
from analysis.runs.ledger import Ledger
from analysis.runs.preparation import prepare
from analysis.runs.publishing import remove_abandoned_scratch, remove_unlinked_runs, up_to_date
from analysis.runs.runner import Outcome, Run, Task, made_from, plan_runs, publish_place
from analysis.runs.workers import Workers
from analysis.studies.data_version import data_hash

Report = Callable[[Outcome], None]


@dataclass(frozen=True)
class Request:
    """What a batch is asked for, in the words of the command line. `resume` goes on with what the last one was asked."""

    studies: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    source: str | None = None
    round_id: str = "draft"

    @classmethod
    def from_ledger(cls, kept: dict) -> "Request":
        return cls(tuple(kept["studies"]), tuple(kept["regions"]), kept["source"], kept["round_id"])

    def to_ledger(self) -> dict:
        return {"studies": self.studies, "regions": self.regions, "source": self.source, "round_id": self.round_id}


@dataclass(frozen=True)
class Planned:
    """All tasks of a request, and which of them have nothing to do."""

    tasks: tuple[Task, ...]
    unchanged: frozenset[Task]

    @property
    def to_run(self) -> tuple[Task, ...]:
        return tuple(task for task in self.tasks if task not in self.unchanged)


def plan_batch(request: Request, *, force: bool = False) -> Planned:
    """Every run of `request`, checked, and whether what is published was made from the same plan, data and code."""
    runs = plan_runs(request.studies, request.regions, request.source, request.round_id)
    data = {source: data_hash(source) for source in dict.fromkeys(run.source for run in runs)}
    tasks = tuple(_task(run, data[run.source]) for run in runs)
    same = frozenset() if force else frozenset(task for task in tasks if up_to_date(task.run.link, task.made_from_dict))
    return Planned(tasks, same)


def _task(run: Run, data: str) -> Task:
    """The task of a run. A notebook of this checkout is named as any other checkout would name it."""
    notebook = run.notebook.relative_to(ROOT) if run.notebook.is_relative_to(ROOT) else run.notebook
    return Task(replace(run, notebook=notebook), tuple(sorted(made_from(run, data).items())))


def run_batch(
    request: Request,
    *,
    jobs: int,
    report: Report,
    then: Callable[[], object],
    force: bool = False,
    cluster: str | None = None,
) -> list[Outcome]:
    """Run, clear and publish what `request` asks for and is not up to date; `then` is called before the batch is said
    to have ended (its pages: a batch that was cut off while it made them is gone on with).

    ParameterError, PlanError, DataError before anything starts; RunError E323 where another batch is at the same work."""
    planned = plan_batch(request, force=force)
    outcomes = [Outcome(task.run, "unchanged") for task in planned.tasks if task in planned.unchanged]
    prepare(tuple(task.run for task in planned.to_run))
    remove_abandoned_scratch()
    remove_unlinked_runs()
    ledger = Ledger()
    try:
        batch = ledger.begin(request.to_ledger())
        try:
            work = _Work(planned, ledger, batch, report, force, makes_pages=not request.regions)
            outcomes += work.done(jobs, cluster)
            then()
            ledger.end(batch, exit_code(outcomes, must_clear=not request.regions))
        except BaseException as error:
            with suppress(RunError):  # on a full disk what was cut off is known by its lock
                ledger.cut_off(batch)
                ledger.end(batch, code_of(error))
            raise
    finally:
        ledger.close()
    return outcomes


class _Work:
    """The runs of one batch on their way: waiting, under way, ended."""

    def __init__(self, planned: Planned, ledger: Ledger, batch: int, report: Report, force: bool, makes_pages: bool):
        self.planned, self.ledger, self.batch, self.report, self.force = planned, ledger, batch, report, force
        self.makes_pages = makes_pages
        self.waiting: deque[Task] = deque()
        self.under_way: dict[Future, Task] = {}
        self.outcomes: list[Outcome] = []
        self.suspects: set[Task] = set()  # under way when a worker died; until they are through, one task at a time
        self.left = Counter(self._study(task) for task in planned.to_run)  # places of a study that are not done
        self.rows: dict[tuple, int] = {}
        self.gathered: dict[tuple, object] = {}

    @staticmethod
    def _study(task: Task) -> tuple[str, Source, str]:
        return (task.run.study, task.run.source, task.run.round_id)

    def done(self, jobs: int, cluster: str | None) -> list[Outcome]:
        """Hand out tasks until all have ended."""
        self._claim(self.planned.to_run)
        self.waiting.extend(self.planned.to_run)
        for study in dict.fromkeys(self._study(task) for task in self.planned.tasks):
            if not self.left[study]:
                self._joint_step(study)
        if not self.waiting:
            return self.outcomes
        from analysis.runs.kernels import end_leases, lease  # planning alone does without jupyter_client

        if not cluster:
            lease()  # the kernel server imports while this process does
        workers, well = Workers(min(jobs, len(self.waiting)) if not cluster else jobs, cluster), False
        try:
            self._hand_out(workers)
            if self.makes_pages:
                import analysis.site.build  # noqa: F401  while the first kernels start, this process has nothing to do
            while self.under_way:
                for future in wait(self.under_way, return_when=FIRST_COMPLETED).done:
                    self._take(future, workers)
            well = True
        finally:
            workers.stop(at_once=not well)
            end_leases()
        return self.outcomes

    def _claim(self, tasks: tuple[Task, ...]) -> None:
        self.rows |= self.ledger.claim(self.batch, [t.run.key for t in tasks], [t.made_from_dict for t in tasks])

    def _hand_out(self, workers: Workers) -> None:
        while self.waiting and len(self.under_way) < (1 if self.suspects else workers.at_once):
            task = self.waiting.popleft()
            self.ledger.started(self.rows[task.run.key])
            self.under_way[workers.submit(task)] = task

    def _take(self, future: Future, workers: Workers) -> None:
        """One task has ended: start the next, then publish what it made."""
        task = self.under_way.pop(future, None)
        if task is None:
            return
        try:
            outcome = future.result()
        except BrokenProcessPool:
            self._worker_died(task, workers)
            return
        except Exception as error:  # whatever an executor raises: the run has failed, and the batch goes on
            outcome = Outcome(task.run, "failed", code="E320", text=f"the worker ended ({type(error).__name__}).")
        self.suspects.discard(task)
        self._hand_out(workers)
        self._publish(task, outcome)
        self._hand_out(workers)

    def _worker_died(self, task: Task, workers: Workers) -> None:
        """A dead worker (memory, an operator's kill) takes all local tasks with it, and does not say which one it had.

        Each is tried once more, alone: so the one whose worker dies again has failed, and no other fails with it.
        """
        lost = [task, *self.under_way.values()]
        self.under_way.clear()
        workers.renew()
        if task in self.suspects:
            self.suspects.discard(task)
            self._publish(task, Outcome(task.run, "failed", code="E320", text="the worker process ended, twice."))
        else:
            self.suspects.update(lost)
            self.waiting.extendleft(reversed(lost))
        self._hand_out(workers)

    def _publish(self, task: Task, outcome: Outcome) -> None:
        study = self._study(task)
        if task.run.region == NATIONAL:
            outcome = publish_joint(outcome, self.gathered[study])
        else:
            outcome = publish_place(outcome)
            self.left[study] -= 1
        self._note(outcome)
        if task.run.region != NATIONAL and not self.left[study]:
            self._joint_step(study)

    def _joint_step(self, study: tuple[str, Source, str]) -> None:
        """Plan the joint step of a study whose places are done, unless it would give what is there already."""
        run = joint_run(*study)
        failed = [
            o
            for o in self.outcomes
            if (o.run.study, o.run.source) == study[:2] and o.state not in ("published", "unchanged")
        ]
        try:
            gathered = gather(load_plan(study[0]), study[1], study[2])
            task = joint_task(run, gathered)
        except (WorkbookError, OSError, ValueError, KeyError):  # a plan or a notebook is no longer what was checked
            text = "the plan, the national notebook or a place's record can no longer be read."
            self._claim((Task(run, ()),))
            self._note(Outcome(run, "failed", code="E325", text=text))
            return
        if failed or not gathered.complete:
            self._claim((Task(run, ()),))
            text = f"not all places succeeded: {', '.join(o.run.region for o in failed)}." if failed else None
            self._note(replace(not_cleared(run, gathered), **({"text": text} if text else {})))
            return
        if not self.force and up_to_date(run.link, task.made_from_dict):
            self.outcomes.append(Outcome(run, "unchanged"))
            return
        self.gathered[study] = gathered
        self._claim((task,))
        self.waiting.appendleft(task)

    def _note(self, outcome: Outcome) -> None:
        folder = outcome.folder.name if outcome.folder else ""
        self.ledger.finished(
            self.rows[outcome.run.key], state=outcome.state, code=outcome.code, text=outcome.text, folder=folder,
            seconds=outcome.seconds,
        )  # fmt: skip
        self.outcomes.append(outcome)
        self.report(outcome)


def clear_studies(
    studies: tuple[str, ...], source: str | None, round_id: str, without: tuple[str, ...] = ()
) -> list[Outcome]:
    """Clear studies that have been run; without a study, every plan that lists the source. `without`: places left out."""
    check_notebook(NATIONAL_NOTEBOOK, NATIONAL_PARAMETERS)
    outcomes = []
    for study in studies or tuple(plan_files()):
        plan = load_plan(study)
        chosen = parse_source(source) if source else Source(plan.data.sources[0])
        if chosen.name not in plan.data.sources:
            if studies:
                raise ParameterError("E213", f"the plan {study} does not list the source `{chosen.name}`.")
            continue
        outcomes.append(clear(study, chosen, round_id, without))
    return outcomes


DONE, FAILED, REFUSED, WITHHELD, INTERRUPTED = 0, 1, 2, 3, 130  # exit codes


def code_of(error: BaseException) -> int:
    """The exit code with which the command line answers what ended a batch before its time."""
    if isinstance(error, SystemExit):
        return error.code
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    return REFUSED if isinstance(error, WorkbookError) and error.code not in WHILE_RUNNING else FAILED


def exit_code(outcomes: list[Outcome], *, must_clear: bool = False) -> int:
    """3 if a page was withheld by the guard, else 1 if a run failed, else 0."""
    states = {outcome.state for outcome in outcomes}
    if "withheld" in states:
        return WITHHELD
    return FAILED if "failed" in states or (must_clear and "not_cleared" in states) else DONE
