"""A plan held against what is to be worked out from it: every name in it must be one that the data
and the kind have.

Asked before a kernel starts (runs/planning.py), when a study is opened, and of every plan by a
test. What a name can be comes from the contracts (study/offers.py). A name that nothing has would
be a KeyError in a kernel, or words on a page about something that was never computed.
"""

from collections.abc import Iterable

from analysis.plans.agreement.disagreement import (
    NO_SUCH_FACT,
    NO_SUCH_NAME,
    NOT_WORKED_OUT,
    WRONG_KIND,
    Disagreement,
    KeyPath,
    not_worked_out,
    raise_first,
    unknown,
)
from analysis.plans.agreement.offered import OfferedOutcome, OfferedPilot
from analysis.plans.plan import Exposure, Outcome, Plan
from analysis.vocabulary.ethnicity import CODINGS
from analysis.vocabulary.regions import did_you_mean


def check_pilot(plan: Plan, offered: OfferedPilot) -> None:
    """Raise the first place where a pilot asks for what is not there. PlanError E209, E237 to E239,
    E241."""
    raise_first(plan, pilot_disagreements(plan, offered))


def pilot_disagreements(plan: Plan, offered: OfferedPilot) -> Iterable[Disagreement]:
    """Every place where a pilot and `offered` part, in the order of the plan."""
    for number, outcome in enumerate(plan.outcomes):
        if outcome.not_measured is None:
            yield from _of_outcome(outcome, ("outcomes", number), offered)
    for key in ("outside", "service_decided"):
        names = getattr(plan.adjust_for, key)
        yield from unknown(names, offered.covariates, ("adjust_for", key), offered.data)
    yield from unknown([plan.groups.coding], [offered.coding], ("groups", "coding"), offered.data)
    for key in ("second_reference", "national_only", "national_only_words"):
        if getattr(plan.groups, key):
            yield not_worked_out(("groups", key), "a pilot is worked out by broad groups.")
    yield from _of_held_alike(plan, offered)
    yield from _of_comparison(plan, offered)
    yield from _of_exposure(plan, offered)
    if offered.programmes:
        programme = plan.data.programme or plan.study
        yield from unknown([programme], offered.programmes, ("data", "programme"), offered.data)
    elif plan.data.programme is not None:
        yield not_worked_out(("data", "programme"), f"{offered.data} hold one pilot only.")


def _of_held_alike(plan: Plan, offered: OfferedPilot) -> Iterable[Disagreement]:
    """As many things are named as are held alike, in the plan's own words, or none: one more was
    never held."""
    named, held = len(plan.words.held_alike), offered.held_alike
    if named not in (0, len(held)):
        text = f"{named} are named, and from {offered.data} {len(held)} are held alike."
        remedy = f"Name in the plan's words: {', '.join(held)}."
        yield Disagreement(NOT_WORKED_OUT, ("words", "held_alike"), text, remedy)


def _of_comparison(plan: Plan, offered: OfferedPilot) -> Iterable[Disagreement]:
    """Inference follows assignment: the units that a plan says were assigned are those it is worked
    out with."""
    own, comparison = offered.assigned, plan.comparison
    if comparison.assigned not in own:
        text = f"from {offered.data} errors follow the {own[0]}, and not the {comparison.assigned}."
        remedy = f"Valid: {', '.join(own)}."
        yield Disagreement(NOT_WORKED_OUT, ("comparison", "assigned"), text, remedy)
    if comparison.arms or comparison.waiting:
        yield from unknown(comparison.arms, offered.arms, ("comparison", "arms"), offered.data)


def _of_exposure(plan: Plan, offered: OfferedPilot) -> Iterable[Disagreement]:
    if plan.exposure is None:
        return
    where = ("exposure", "match_on")
    yield from unknown([plan.exposure.match_on], [offered.coding], where, offered.data)
    yield from _of_left_out(plan.exposure)
    named = plan.exposure.stratum is not None
    if named and not offered.stratum:
        text = f"{offered.data} have no stratum beside office and period."
        yield not_worked_out(("exposure", "stratum"), text)
    if offered.stratum and not named:
        text = (
            f"{offered.data} hold a stratum alike beside office and period, and the plan does not"
            " say so."
        )
        yield Disagreement(NOT_WORKED_OUT, ("exposure",), text, "Write in `stratum` what it is.")


def _of_left_out(exposure: Exposure) -> Iterable[Disagreement]:
    """Every group is matched or left out, and none is both: nobody drops out without a word."""
    matched, left, where = exposure.matched_groups, exposure.left_out, ("exposure", "left_out")
    for group in CODINGS[exposure.match_on].groups:
        if (group in matched) == (group in left):
            both = "matched and left out" if group in matched else "neither matched nor left out"
            text = f"`{group}` is {both}."
            yield Disagreement(NOT_WORKED_OUT, where, text, "Name each group once.")


def _of_outcome(outcome: Outcome, where: KeyPath, offered: OfferedPilot) -> Iterable[Disagreement]:
    """An outcome or a fact is one that is worked out, of its kind and on its scale."""
    fact = outcome.role == "fact"
    known = offered.facts if fact else offered.outcomes
    if outcome.id not in known:
        code, what = (NO_SUCH_FACT, "fact") if fact else (NO_SUCH_NAME, "outcome")
        text = f"no {what} `{outcome.id}` can be worked out from {offered.data}."
        yield Disagreement(code, (*where, "id"), text, did_you_mean(outcome.id, known))
        return
    yield from _of_kind(outcome, where, known[outcome.id])


def _of_kind(outcome: Outcome, where: KeyPath, own: OfferedOutcome) -> Iterable[Disagreement]:
    if outcome.kind != own.kind:
        text = f"`{outcome.id}` is worked out as {own.kind}, and not as {outcome.kind}."
        yield Disagreement(WRONG_KIND, (*where, "kind"), text, f"Write `kind: {own.kind}`.")
    elif outcome.scale is not None and outcome.scale != own.scale:
        ends = (
            "no scale" if own.scale is None else f"the scale [{own.scale[0]:g}, {own.scale[1]:g}]"
        )
        text = f"`{outcome.id}` has {ends} in the data."
        yield Disagreement(WRONG_KIND, (*where, "scale"), text, "Write the scale of the data.")
    if outcome.before and not own.before:
        text = f"`{outcome.id}` was not measured before the start."
        yield not_worked_out((*where, "before"), text)
    if outcome.survey != own.survey:
        answered = "is answered by some only" if own.survey else "is no answer to a survey"
        text = f"`{outcome.id}` {answered}."
        remedy = f"Write `survey: {str(own.survey).lower()}`."
        yield Disagreement(WRONG_KIND, (*where, "survey"), text, remedy)
    if outcome.only_groups and not own.groups:
        text = f"`{outcome.id}` is worked out on everyone, and on each group beside."
        yield not_worked_out((*where, "only_groups"), text)
    yield from _of_competing(outcome, (*where, "competing"), own)


def _of_competing(outcome: Outcome, where: KeyPath, own: OfferedOutcome) -> Iterable[Disagreement]:
    """Every way to leave is the event or a competing one."""
    yield from unknown(outcome.competing, own.other_ways, where, "the ways to leave in the data")
    missing = [way for way in own.other_ways if way not in outcome.competing]
    if missing and all(way in own.other_ways for way in outcome.competing):
        text = f"`{missing[0]}` is another way to leave, and the plan does not name it."
        yield Disagreement(NOT_WORKED_OUT, where, text, f"Write [{', '.join(own.other_ways)}].")
