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

from analysis.errors import (
    FOUND_BY_THE_GUARD,
    WHILE_RUNNING,
    ParameterError,
    RunError,
    WorkbookError,
)
from analysis.plans.registry import (
    NATIONAL,
    NATIONAL_NOTEBOOK,
    NATIONAL_PARAMETERS,
    Source,
    check_notebook,
    load_plan,
    parse_source,
    plan_files,
    refuse_blind,
)
from analysis.record.schema import import_jsonschema
from analysis.runs.clearing import (
    Gathered,
    gather,
    joint_run,
    joint_task,
    not_cleared,
    publish_joint,
)
from analysis.runs.clusters.addresses import Cluster
from analysis.runs.joint.alone import clear
from analysis.runs.joint.protecting import next_step, withheld_by_decision
from analysis.runs.joint.verdict import Attack, Verdict
from analysis.runs.kernel_client import end_leases, lease, remove_abandoned_sockets
from analysis.runs.ledger import Ledger
from analysis.runs.planning import Planned, Request, Run, Task, plan_batch
from analysis.runs.preparation import prepare
from analysis.runs.publishing import remove_abandoned_scratch, remove_unlinked_runs, up_to_date
from analysis.runs.runner import Outcome, not_written, publish_place, with_text
from analysis.runs.workers import Workers

# What is told at the end of each run: how it ended, and how many are still to come.
Report = Callable[[Outcome, int], None]


def run_batch(
    request: Request,
    *,
    jobs: int,
    report: Report,
    then: Callable[[], object],
    force: bool = False,
    cluster: Cluster | None = None,
) -> list[Outcome]:
    """Run, clear and publish what `request` asks for and is not up to date; `then` is called before
    the batch is said to have ended (its pages: a batch that was cut off while it made them is gone
    on with).

    ParameterError, PlanError, DataError before anything starts; RunError E323 where another batch
    is at the same work.
    """
    planned = plan_batch(request, force=force)
    prepare(tuple(task.run for task in planned.to_run))
    remove_abandoned_scratch()
    remove_abandoned_sockets()
    remove_unlinked_runs()
    ledger = Ledger()
    try:
        batch = ledger.begin(request.to_ledger())
        try:
            work = _Work(planned, ledger, batch, report, force, makes_pages=request.clears)
            outcomes = work.done(jobs, cluster)
            then()
            ledger.end(batch, exit_code(outcomes, must_clear=request.clears))
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
        self.waiting: deque[Task | Attack] = deque()
        self.under_way: dict[Future, Task | Attack] = {}
        # by source, round, study and place: a place that is run again ends anew
        self.outcomes = {
            task.run.key: Outcome(task.run, "unchanged")
            for task in planned.tasks
            if task in planned.unchanged
        }
        self.suspects: set[Task | Attack] = (
            set()
        )  # under way when a worker died; until they are through, one task at a time
        self.left = Counter(
            self._study(task) for task in planned.to_run
        )  # places of a study that are not done
        self.rows: dict[tuple, int] = {}
        self.gathered: dict[tuple, Gathered] = {}
        self.attacks: Counter = Counter()  # on each study
        self.verdicts: dict[tuple, Verdict] = {}

    @staticmethod
    def _study(task: Task | Attack) -> tuple[str, Source, str]:
        return (task.run.study, task.run.source, task.run.round_id)

    def done(self, jobs: int, cluster: Cluster | None) -> list[Outcome]:
        """Hand out tasks until all have ended."""
        self._claim(self.planned.to_run)
        self.waiting.extend(self.planned.to_run)
        for study in dict.fromkeys(self._study(task) for task in self.planned.tasks):
            if not self.left[study]:
                self._joint_step(study)
        if not self.waiting:
            return [*self.outcomes.values()]
        if not cluster:
            lease()  # the kernel server imports while this process does
        workers, well = (
            Workers(min(jobs, self._most_at_once()) if not cluster else jobs, cluster),
            False,
        )
        try:
            self._hand_out(workers)
            if self.makes_pages:
                # While the first kernels start, this process has nothing to do.
                import_jsonschema()
                import analysis.site.build  # noqa: F401
            while self.under_way:
                for future in wait(self.under_way, return_when=FIRST_COMPLETED).done:
                    self._take(future, workers)
            well = True
        finally:
            workers.stop(at_once=not well)
            end_leases()
        return [*self.outcomes.values()]

    def _most_at_once(self) -> int:
        """How many tasks there may be at a time: after an attack, all places of its study."""
        attacked = [one for one in self.waiting if isinstance(one, Attack)]
        return len(self.waiting) + sum(len(one.folders) for one in attacked)

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
        """One task has ended: start the next, then publish what it made, or do what an attack
        asks for."""
        task = self.under_way.pop(future, None)
        if task is None:
            return
        try:
            result = future.result()
        except BrokenProcessPool:
            self._worker_died(task, workers)
            return
        except (
            Exception
        ) as error:  # whatever an executor raises: the run has failed, and the batch goes on
            result = Outcome(
                task.run, "failed", code="E320", text=f"the worker ended ({type(error).__name__})."
            )
        self.suspects.discard(task)
        self._hand_out(workers)
        if isinstance(result, Verdict):
            study = self._study(task)
            self.verdicts[study] = result
            self._go_on(study, task.run, result)
        else:
            self._publish(task, result)
        self._hand_out(workers)

    def _worker_died(self, task: Task | Attack, workers: Workers) -> None:
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

    def _publish(self, task: Task | Attack, outcome: Outcome) -> None:
        study = self._study(task)
        if task.run.region == NATIONAL:
            outcome = publish_joint(outcome, self.gathered[study])
            if study in self.verdicts:
                outcome = with_text(outcome, self.verdicts[study].line)
        else:
            outcome = publish_place(outcome)
            self.left[study] -= 1
        self._note(outcome)
        if task.run.region != NATIONAL and not self.left[study]:
            self._joint_step(study)

    def _joint_step(self, study: tuple[str, Source, str]) -> None:
        """Plan the joint step of a study whose places are done, unless it would give what is there
        already."""
        if study[1].blind:  # no class, no claim, no answer: places stay by themselves
            return
        run = joint_run(*study)
        failed = [
            o.run.region
            for o in self.outcomes.values()
            if o.run.region != NATIONAL
            and (o.run.study, o.run.source) == study[:2]
            and not o.has_result
        ]
        try:
            gathered = gather(load_plan(study[0]), study[1], study[2])
            task = joint_task(run, gathered, hidden=withheld_by_decision(run, gathered))
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
            self.outcomes[run.key] = Outcome(run, "unchanged")
        elif self._claimed(task):
            self.gathered[study] = gathered
            self._go_on(study, run)

    def _go_on(
        self, study: tuple[str, Source, str], run: Run, verdict: Verdict | None = None
    ) -> None:
        """Let the joint step of a study wait for what it asks for now: an attack on its places, or
        places that are run again. `verdict`: of the attack that has just ended."""
        try:
            attacks, gathered = self.attacks[study], self.gathered[study]
            step = next_step(run, gathered, attacks=attacks, verdict=verdict)
        except (WorkbookError, OSError, ValueError, KeyError) as error:
            self._note(not_written(Outcome(run, "failed"), error))
            return
        if isinstance(step, tuple):
            self._run_again(study, run, step)
        elif isinstance(step, Outcome):
            self._note(step)
        else:
            self.attacks[study] += isinstance(step, Attack)
            self.waiting.appendleft(step)

    def _run_again(self, study: tuple[str, Source, str], run: Run, tasks: tuple[Task, ...]) -> None:
        """Run places again, of which more is withheld now. Another batch may be at one of them:
        then the study is that one's to clear."""
        try:
            self._claim(tasks)
        except RunError as error:
            if error.code != "E323":
                raise
            self._note(Outcome(run, "not_cleared", code=error.code, text=error.text))
            return
        self.left[study] = len(tasks)
        self.waiting.extendleft(reversed(tasks))

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
            refused = Outcome(task.run, "not_cleared", code=error.code, text=error.text)
            self.outcomes[task.run.key] = refused
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
        self.outcomes[outcome.run.key] = outcome
        self.report(outcome, self._to_come())

    def _to_come(self) -> int:
        """How many runs of this batch have not ended: places, and the joint step of each study."""
        seen = [study for study in self.left if not study[1].blind]
        joint = sum(joint_run(*study).key not in self.outcomes for study in seen)
        waiting = (task for task in self.waiting if task.run.region != NATIONAL)
        under_way = (task for task in self.under_way.values() if task.run.region != NATIONAL)
        return joint + sum(1 for _ in (*waiting, *under_way))


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
        refuse_blind(chosen)
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
    if isinstance(error, WorkbookError) and error.code in FOUND_BY_THE_GUARD:
        return WITHHELD
    return (
        REFUSED if isinstance(error, WorkbookError) and error.code not in WHILE_RUNNING else FAILED
    )


def exit_code(outcomes: list[Outcome], *, must_clear: bool = False) -> int:
    """3 if a page was withheld by the guard, else 1 if a run failed, else 0."""
    states = {outcome.state for outcome in outcomes}
    if "withheld" in states:
        return WITHHELD
    return FAILED if "failed" in states or (must_clear and "not_cleared" in states) else DONE
