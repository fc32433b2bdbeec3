"""What a study writes into a record is what its kind declares: every estimand, method, check and
reason to leave people out has words and a policy, or there is no record."""

from collections.abc import Iterable
from typing import cast

from analysis.errors import RunError
from analysis.plans.designs import CHECKS
from analysis.plans.emitted import TELLS, Tells
from analysis.plans.kinds import kind_of
from analysis.plans.plan import Plan
from analysis.plans.study_plan import StudyPlan
from analysis.vocabulary.regions import did_you_mean

OPEN = ("measure", "time")  # what is left of an id after its start is no word of the plan


def check_emitted(plan: StudyPlan, study) -> None:
    """RunError E242 for a check, E245 for an estimand, method or reason to leave people out that
    the plan's kind does not declare. `study`: exact, with rows, checks and excluded."""
    kind = kind_of(plan)
    for check in study.checks:
        refuse_unknown_check(plan, check.id)
    try:
        for row in study.rows:
            kind.estimand_named(row.estimand)
            kind.method_named(row.method, row.estimand)
        for reason in study.excluded:
            kind.excluded_words(plan, reason)
    except ValueError as error:
        raise RunError(
            "E245",
            f"{plan.study}: {error}.",
            remedy=f"Declare it with its words in analysis/studies/{kind.id}/kind.py.",
        ) from None


def known_checks(plan: StudyPlan) -> tuple[str, ...]:
    """Every id that a check of this plan can have: those that a claim can rest on, and those that
    only tell something. Of one that is made for each group or each time: what its ids start
    with."""
    found = [*_of_claims(cast(Plan, plan))] if kind_of(plan).compares else []
    for name, tells in _tells(plan).items():
        found += _ids(plan, name, tells)
    return tuple(dict.fromkeys(found))


def check_words(plan: StudyPlan, check_id: str) -> str:
    """A check that only tells something, in words: "seen in the last rounds, recalls, Black".
    RunError E242 where there is none."""
    for name, tells in _tells(plan).items():
        for start in _ids(plan, name, tells):
            if check_id == start or (tells.of in OPEN and check_id.startswith(start)):
                rest = check_id.removeprefix(start).replace("_", " ")
                about = _about(plan, start.removeprefix(name).strip("_"))
                return ", ".join(part for part in (tells.words, about, rest) if part)
    raise _unknown(plan, check_id)


def refuse_unknown_check(plan: StudyPlan, check_id: str) -> None:
    """RunError E242 where a check is none of this plan: what nobody knows cannot be weighed, and is
    not passed over."""
    open_ended = tuple(
        start
        for name, tells in _tells(plan).items()
        if tells.of in OPEN
        for start in _ids(plan, name, tells)
    )
    if check_id not in known_checks(plan) and not check_id.startswith(open_ended):
        raise _unknown(plan, check_id)


def _unknown(plan: StudyPlan, check_id: str) -> RunError:
    text = f"{plan.study}: there is no check `{check_id}`, so that nobody can say what it bears on."
    return RunError("E242", text, remedy=did_you_mean(check_id, known_checks(plan)))


def _tells(plan: StudyPlan) -> dict[str, Tells]:
    return {**TELLS, **kind_of(plan).tells}


def _of_claims(plan: Plan) -> Iterable[str]:
    own = {check.id: check for check in plan.comparison.ground.own}
    for outcome in plan.outcomes:
        if outcome.id:
            for check in {**CHECKS, **own}.values():
                yield check.id_for(outcome.id, plan.leading)


def _ids(plan: StudyPlan, name: str, tells: Tells) -> list[str]:
    """The ids of a check; of one that is made for each group or time, what they start with."""
    if tells.of == "study":
        return [name]
    if tells.of == "time":
        return [f"{name}_"]
    if tells.of == "measure":
        return [f"{name}_{measure.id}_" for measure in getattr(plan, "measures", ())]
    return [f"{name}_{outcome.id}" for outcome in getattr(plan, "outcomes", ()) if outcome.id]


def _about(plan: StudyPlan, name: str) -> str:
    named = (*getattr(plan, "measures", ()), *getattr(plan, "outcomes", ()))
    return {one.id: one.noun for one in named if one.id}.get(name, "")
