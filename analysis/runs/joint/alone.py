"""Clears a study outside a batch, from the runs that are there: `workbook clear`."""

import os

from analysis.errors import RunError, WorkbookError
from analysis.plans.registry import AnyPlan, Source, load_plan
from analysis.runs.clearing import gather, joint_run, not_cleared, publish_joint
from analysis.runs.joint.protecting import next_step
from analysis.runs.joint.verdict import Attack
from analysis.runs.planning import Run, Task
from analysis.runs.publishing import link_path, take_away
from analysis.runs.runner import Outcome, execute, publish_place, with_text
from analysis.runs.workers import Workers
from analysis.vocabulary.regions import check_place


def clear(study: str, source: Source, round_id: str, without: tuple[str, ...] = ()) -> Outcome:
    """Attack the places together, run the national notebook over them and publish the cleared
    records; refuses an incomplete or mixed set.

    Places of which the attack wants more withheld are run again. Places in `without` are left out,
    and every page says so. ParameterError E212 for one that the plan does not have.
    """
    plan, run = load_plan(study), joint_run(study, source, round_id)
    for place in without:
        check_place(plan.data.places, place)
    workers = Workers(os.cpu_count() or 1)
    try:
        outcome = _cleared(plan, run, without, workers)
    except WorkbookError as error:
        if not isinstance(error, RunError):
            raise
        return Outcome(run, "failed", code=error.code, text=error.text)
    finally:
        workers.stop(at_once=False)
    if outcome.state == "published":
        for place in without:  # what an earlier round said of it does not stand beside this one
            take_away(link_path(source.folder, round_id, study, place))
    return outcome


def _cleared(plan: AnyPlan, run: Run, without: tuple[str, ...], workers: Workers) -> Outcome:
    attacks, verdict = 0, None
    while True:
        found = gather(plan, run.source, run.round_id, without)
        if not found.complete:
            return not_cleared(run, found)
        step = next_step(run, found, attacks=attacks, verdict=verdict, without=without)
        if isinstance(step, Attack):
            attacks += 1
            ended = workers.submit(step).result()
            if isinstance(ended, Outcome):
                return ended
            verdict = ended
        elif isinstance(step, tuple):
            verdict = None
            if failed := _run_places(step, workers):
                found = gather(plan, run.source, run.round_id, without)
                return not_cleared(run, found, failed)
        elif isinstance(step, Task):
            outcome = publish_joint(execute(step), found)
            return with_text(outcome, verdict.line) if verdict else outcome
        else:
            return step


def _run_places(tasks: tuple[Task, ...], workers: Workers) -> list[str]:
    """Run places again and publish them; returns those that failed."""
    futures = [workers.submit(task) for task in tasks]
    ended = [publish_place(future.result()) for future in futures]
    return [outcome.run.region for outcome in ended if not outcome.has_result]
