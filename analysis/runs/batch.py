"""A batch: run every place that is not up to date, set each study's places beside each other, make
the pages.

What has not changed since it was run is left as it is. The joint step of a study starts as soon as
its last place is done, while other studies still run. Whatever happens, the ledger says it, and the
exit code is not 0 where anything failed, was cut off or was refused.
"""

from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress

from analysis.errors import WHILE_RUNNING, ParameterError, RunError, WorkbookError
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
from analysis.runs.clearing import (
    Gathered,
    clear,
    gather,
    joint_run,
    joint_task,
    not_cleared,
    publish_joint,
)
from analysis.runs.kernel_client import end_leases, lease, remove_abandoned_sockets
from analysis.runs.ledger import Ledger
from analysis.runs.planning import Planned, Request, Task, plan_batch
from analysis.runs.preparation import prepare
from analysis.runs.publishing import remove_abandoned_scratch, remove_unlinked_runs, up_to_date
from analysis.runs.runner import Outcome, publish_place
from analysis.runs.workers import Workers

Report = Callable[[Outcome], None]


def run_batch(
    request: Request,
    *,
    jobs: int,
    report: Report,
    then: Callable[[], object],
    force: bool = False,
    cluster: str | None = None,
) -> list[Outcome]:
    """Run, clear and publish what `request` asks for and is not up to date; `then` is called before
    the batch is said to have ended (its pages: a batch that was cut off while it made them is gone
    on with).

    ParameterError, PlanError, DataError before anything starts; RunError E323 where another batch
    is at the same work.
    """
    planned = plan_batch(request, force=force)
    outcomes = [
        Outcome(task.run, "unchanged") for task in planned.tasks if task in planned.unchanged
    ]
    prepare(tuple(task.run for task in planned.to_run))
    remove_abandoned_scratch()
    remove_abandoned_sockets()
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

    def __init__(
        self,
        planned: Planned,
        ledger: Ledger,
        batch: int,
        report: Report,
        force: bool,
        makes_pages: bool,
    ):
        self.planned, self.ledger, self.batch, self.report, self.force = (
            planned,
            ledger,
            batch,
            report,
            force,
        )
        self.makes_pages = makes_pages
        self.waiting: deque[Task] = deque()
        self.under_way: dict[Future, Task] = {}
        self.outcomes: list[Outcome] = []
        self.suspects: set[Task] = (
            set()
        )  # under way when a worker died; until they are through, one task at a time
        self.left = Counter(
            self._study(task) for task in planned.to_run
        )  # places of a study that are not done
        self.rows: dict[tuple, int] = {}
        self.gathered: dict[tuple, Gathered] = {}

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
        if not cluster:
            lease()  # the kernel server imports while this process does
        workers, well = (
            Workers(min(jobs, len(self.waiting)) if not cluster else jobs, cluster),
            False,
        )
        try:
            self._hand_out(workers)
            if self.makes_pages:
                # While the first kernels start, this process has nothing to do.
                import analysis.site.build  # noqa: F401
            while self.under_way:
                for future in wait(self.under_way, return_when=FIRST_COMPLETED).done:
                    self._take(future, workers)
            well = True
        finally:
            workers.stop(at_once=not well)
            end_leases()
        return self.outcomes

    def _claim(self, tasks: tuple[Task, ...]) -> None:
        self.rows |= self.ledger.claim(
            self.batch, [t.run.key for t in tasks], [t.made_from_dict for t in tasks]
        )

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
        except (
            Exception
        ) as error:  # whatever an executor raises: the run has failed, and the batch goes on
            outcome = Outcome(
                task.run, "failed", code="E320", text=f"the worker ended ({type(error).__name__})."
            )
        self.suspects.discard(task)
        self._hand_out(workers)
        self._publish(task, outcome)
        self._hand_out(workers)

    def _worker_died(self, task: Task, workers: Workers) -> None:
        """A dead worker (memory, an operator's kill) takes all tasks of this machine with it, and
        does not say which was its.

        Each is tried once more, alone: so the one whose worker dies again has failed, and no other
        fails with it.
        """
        lost = [task, *(other for other in self.under_way.values() if workers.keeps(other))]
        self.under_way = {
            future: other for future, other in self.under_way.items() if not workers.keeps(other)
        }
        workers.renew()
        if task in self.suspects:
            self.suspects.discard(task)
            self._publish(
                task,
                Outcome(task.run, "failed", code="E320", text="the worker process ended, twice."),
            )
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
        """Plan the joint step of a study whose places are done, unless it would give what is there
        already."""
        run = joint_run(*study)
        failed = [
            o.run.region
            for o in self.outcomes
            if (o.run.study, o.run.source) == study[:2] and not o.has_result
        ]
        try:
            gathered = gather(load_plan(study[0]), study[1], study[2])
            task = joint_task(run, gathered)
        except (
            WorkbookError,
            OSError,
            ValueError,
            KeyError,
        ):  # a plan or a notebook is no longer what was checked
            text = "the plan, the national notebook or a place's record can no longer be read."
            self._end_without_joint_step(Outcome(run, "failed", code="E325", text=text))
            return
        if failed or not gathered.complete:
            self._end_without_joint_step(not_cleared(run, gathered, failed))
        elif not self.force and up_to_date(run.link, task.made_from_dict):
            self.outcomes.append(Outcome(run, "unchanged"))
        elif self._claimed(task):
            self.gathered[study] = gathered
            self.waiting.appendleft(task)

    def _end_without_joint_step(self, outcome: Outcome) -> None:
        if self._claimed(Task(outcome.run)):
            self._note(outcome)

    def _claimed(self, task: Task) -> bool:
        """Claim a joint step. Another batch may be at it, of the same study in other places: then
        it is that one's."""
        try:
            self._claim((task,))
        except RunError as error:
            if error.code != "E323":
                raise
            self.outcomes.append(Outcome(task.run, "not_cleared", code=error.code, text=error.text))
            return False
        return True

    def _note(self, outcome: Outcome) -> None:
        folder = outcome.folder.name if outcome.folder else ""
        self.ledger.finished(
            self.rows[outcome.run.key],
            state=outcome.state,
            code=outcome.code,
            text=outcome.text,
            folder=folder,
            seconds=outcome.seconds,
        )
        self.outcomes.append(outcome)
        self.report(outcome)


def clear_studies(
    studies: tuple[str, ...], source: str | None, round_id: str, without: tuple[str, ...] = ()
) -> list[Outcome]:
    """Clear studies that have been run; without a study, every plan that lists the source.
    `without`: places left out."""
    check_notebook(NATIONAL_NOTEBOOK, NATIONAL_PARAMETERS)
    outcomes = []
    for study in studies or tuple(plan_files()):
        plan = load_plan(study)
        chosen = parse_source(source) if source else Source(plan.data.sources[0])
        if chosen.name not in plan.data.sources:
            if studies:
                raise ParameterError(
                    "E213", f"the plan {study} does not list the source `{chosen.name}`."
                )
            continue
        outcomes.append(clear(study, chosen, round_id, without))
    return outcomes


DONE, FAILED, REFUSED, WITHHELD, INTERRUPTED = 0, 1, 2, 3, 130  # exit codes


def code_of(error: BaseException) -> int:
    """The exit code with which the command line answers what ended a batch before its time."""
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else FAILED if error.code else DONE
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    return (
        REFUSED if isinstance(error, WorkbookError) and error.code not in WHILE_RUNNING else FAILED
    )


def exit_code(outcomes: list[Outcome], *, must_clear: bool = False) -> int:
    """3 if a page was withheld by the guard, else 1 if a run failed, else 0."""
    states = {outcome.state for outcome in outcomes}
    if "withheld" in states:
        return WITHHELD
    return FAILED if "failed" in states or (must_clear and "not_cleared" in states) else DONE
