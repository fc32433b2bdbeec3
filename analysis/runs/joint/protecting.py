"""Carries out the joint decision: which places are run again because more of them is withheld."""

from collections.abc import Iterable

from analysis.disclosure.attack.protection import Decision, keep, whole_place, whole_places
from analysis.plans.registry import Source, load_plan, notebook_path
from analysis.runs.clearing import Gathered, joint_task, provenance_in
from analysis.runs.joint.verdict import Attack, Verdict
from analysis.runs.planning import (
    PROTECTION,
    Run,
    Task,
    decision_of,
    file_of_decision,
    kept_decision,
    protected_by,
    task_of,
)
from analysis.runs.runner import Outcome
from analysis.study.public_counts import source_is_public

MOST_ROUNDS = 3  # attacks on one study, after which it is not cleared
Step = tuple[Task, ...] | Attack | Task | Outcome


def is_exempt(study: str, source: Source) -> bool:
    """The numbers of the study were published before (S0), so that there is nothing to attack."""
    return source_is_public(load_plan(study), source)


def data_of(gathered: Gathered) -> str:
    """The hash of the data that all places of a study were run on."""
    return provenance_in(next(iter(gathered.folders.values())))["data_hash"]


def withheld_by_decision(run: Run, gathered: Gathered) -> tuple[str, ...]:
    """Names of the counts that the joint decision withholds, as it stands; none where no place was
    run."""
    if not gathered.folders:
        return ()
    return tuple(sorted(decision_of(run, data_of(gathered)).hidden))


def next_step(
    run: Run,
    gathered: Gathered,
    *,
    attacks: int,
    verdict: Verdict | None = None,
    without: tuple[str, ...] = (),
) -> Step:
    """What the joint step of a study asks for now, of places that are all there: places to be run
    again, an attack on them, the national notebook, or the end of it.

    attacks: how many there were. verdict: of the last one, on the places as they stand; what it
    wants withheld is decided here.
    """
    if is_exempt(run.study, run.source):
        return joint_task(run, gathered, without)
    if verdict is None:
        return to_run_again(run, gathered) or attack_on(run, gathered)
    if verdict.holds and not verdict.knows_all:
        return not_known(run, verdict)
    if verdict.holds:
        return joint_task(run, gathered, without, withheld_by_decision(run, gathered))
    if attacks >= MOST_ROUNDS or not verdict.further:
        return not_protected(run, verdict)
    decide(run, gathered, verdict)
    # Where nothing is to be run again, what should be withheld is printed all the same.
    return to_run_again(run, gathered) or not_protected(run, verdict)


def attack_on(run: Run, gathered: Gathered) -> Attack:
    """What is attacked before the places are set beside each other."""
    decision = decision_of(run, data_of(gathered))
    counts = decision.hidden - set(map(whole_place, whole_places(decision.hidden)))
    return Attack(run, tuple(sorted(gathered.folders.items())), len(counts))


def not_under(decision: Decision, gathered: Gathered) -> tuple[str, ...]:
    """Places whose run was made under another part of the decision than it has now."""
    made = {place: provenance_in(folder) for place, folder in gathered.folders.items()}
    return tuple(
        place
        for place, inputs in made.items()
        if inputs.get(PROTECTION) != protected_by(decision, place).get(PROTECTION)
    )


def decide(run: Run, gathered: Gathered, verdict: Verdict) -> None:
    """Keep the decision with what the attack wants withheld besides."""
    data = data_of(gathered)
    keep(kept_decision(run, data).with_(verdict.further), file_of_decision(run, data))


def to_run_again(run: Run, gathered: Gathered) -> tuple[Task, ...]:
    """Tasks of the places that must be run again under the decision as it stands."""
    data = data_of(gathered)
    places = not_under(decision_of(run, data), gathered)
    return tasks_of(run, places, data)


def tasks_of(run: Run, places: Iterable[str], data: str) -> tuple[Task, ...]:
    """Tasks of places of the study that a joint run is of."""
    notebook = notebook_path(load_plan(run.study))
    return tuple(
        task_of(Run(run.study, place, run.source, run.round_id, notebook), data) for place in places
    )


def not_known(run: Run, verdict: Verdict) -> Outcome:
    """That pages would print counts which nobody noted, so that nothing is known of their safety;
    the tables and columns, never a value."""
    kinds = "; ".join(verdict.covered.kinds)
    text = f"printed and noted by nobody: {kinds}; not cleared. Note it where it is cleared."
    return Outcome(run, "not_cleared", code="E346", text=text)


def not_protected(run: Run, verdict: Verdict) -> Outcome:
    """That small counts can still be told, and what helps an attacker most; never a value."""
    text = f"{verdict.line}; not cleared"
    if verdict.helps:
        text += f". What helps an attacker most: {'; '.join(verdict.helps)}"
    return Outcome(run, "not_cleared", code="E328", text=f"{text}.")
