"""What a protocol says, in the reader's words: from plans, assumptions and what could be found."""

import math
from collections.abc import Iterable, Sequence

from analysis.inference.planned.regions import reachable
from analysis.judgement.wording.figures_in_words import capital
from analysis.plans.explain import CHOSEN
from analysis.plans.plan import Outcome, Plan
from analysis.protocol.assumptions import WORDS
from analysis.protocol.findings import Finding, Planning
from analysis.protocol.formulas import EVERY, WAYS
from analysis.protocol.planned import planned_of
from analysis.said.numbers import ClearedNumber, cleared_estimate, planned, tally
from analysis.said.phrases import EVERY_100
from analysis.said.texts import joined, named, sentence, worded
from analysis.vocabulary.levels import LEVELS
from analysis.vocabulary.regions import NATIONAL, place_set

UNITS = {"in_every_100": EVERY_100, "points": "points", "times": "times"}
STUDIES = worded("of every 100 such studies")
DECIMALS = {"in_every_100": 1, "points": 2, "times": 2}
MAY = {
    "caused": "it may say that the programme caused a difference",
    "likely": "it may say that a difference is likely to be down to the programme",
    "linked": "it may speak of a link, and not of a cause",
    "described": "it describes, and speaks neither of a cause nor of a link",
}
CAN = {
    "answers": "yes",
    "alone": "only as the only comparison",
    "too_small": "no",
    "forbidden": "no: too few units for any answer",
    "too_few": "no: too few people to compare",
    "describes": "[z] counts only, by design",
    "withheld": "[c]",
}


def amount(value: float, outcome: Outcome) -> ClearedNumber:
    """A difference that would be found, with the decimals of its unit."""
    return cleared_estimate(value, decimals=DECIMALS[outcome.unit])


@sentence
def sized(number: ClearedNumber, outcome: Outcome) -> str:
    """ "2 in every 100", "0.2 points", "1.1 times"."""
    return f"{number} {UNITS[outcome.unit]}"


@sentence
def listed(words: Sequence[str]) -> str:
    if len(words) < 2:
        return joined("", words)
    return f"{joined(', ', words[:-1])} and {words[-1]}"


def _names(plan: Plan, findings: Iterable[Finding]) -> list[str]:
    return [place_name(plan, one.where) for one in findings]


def place_name(plan: Plan, where: str) -> str:
    """The place as a table names it; a group by its own name."""
    places = place_set(plan.data.places)
    if where == NATIONAL:
        return places.together
    return places.name(where) if where in places.ids else where


# -- what is asked ---------------------------------------------------------------------------------
@sentence
def compared_line(plan: Plan) -> str:
    compared = plan.comparison
    return f"{capital(compared.started_first)} are compared with {compared.compared_with}."


@sentence
def chosen_line(plan: Plan) -> str:
    return f"{CHOSEN[plan.comparison.how_chosen]}."


@sentence
def claim_line(plan: Plan) -> str:
    """The strongest claim that the study can carry, whatever it finds."""
    compared = plan.comparison
    strongest = compared.ground.strongest
    if strongest == "likely" and not compared.assumption:
        strongest = "linked"
    given = f", if {compared.assumption}" if strongest == "likely" else ""
    return f"Whatever is found, the strongest that can be said: {MAY[strongest]}{given}."


@sentence
def checks_line(plan: Plan) -> str:
    """What the claim rests on; nothing where it rests on no check."""
    words = dict.fromkeys(c.words for o in plan.compared for c in plan.checks_of(o).values())
    if not words:
        return ""
    checked = joined(" ", (f"{capital(one)}." for one in words))
    return f"That rests on what is checked when the data are there. {checked}"


@sentence
def rivals_line(plan: Plan) -> str:
    rivals = plan.comparison.rival_words
    named_rivals = joined(" ", (f"{capital(one)}." for one in rivals))
    return f"What else could account for a change. {named_rivals}" if rivals else ""


# -- the theory of change --------------------------------------------------------------------------
@sentence
def chain_lines(plan: Plan) -> tuple[str, ...]:
    """What must hold for one level to lead to the next."""
    measured = {o.level for o in plan.outcomes if o.not_measured is None}
    keys = [level.key for level in LEVELS if level.key in measured]
    order = joined(", then ", keys)
    lines = [
        f"What is measured comes in this order: {order}." if len(keys) > 1 else "",
        "A difference at a later level without one at the levels before it would speak against"
        " this way of working.",
    ]
    first, last = _ends(keys)
    for outcome in plan.outcomes:
        if outcome.not_measured and first < _at(outcome.level) < last:
            lines.append(
                f"The step through {outcome.level} is taken on trust: {outcome.not_measured}."
            )
    for outcome in plan.outcomes:
        if outcome.measured_on:
            whom = f"{outcome.measured_on}, tied to it by {outcome.linked_by}"
            lines.append(f"Measured on {whom}: {outcome.noun or outcome.plain}.")
    if plan.comparison.assumption:
        lines.append(f"The comparison holds if {plan.comparison.assumption}.")
    return tuple(line for line in lines if line)


def _at(level: str) -> int:
    return [one.key for one in LEVELS].index(level)


def _ends(keys: Sequence[str]) -> tuple[int, int]:
    return (_at(keys[0]), _at(keys[-1])) if keys else (0, 0)


# -- what could be found ---------------------------------------------------------------------------
@sentence
def nation_line(planning: Planning, found: Finding) -> str:
    """What all places together could find, beside the size that matters."""
    outcome, plan = planning.outcome, planning.plan
    what = f"{capital(outcome.noun)}: {lower_name(place_name(plan, found.where))} together"
    if plan.data.places and not place_set(plan.data.places).ids:
        what = f"{capital(outcome.noun)}: this study"
    matters = sized(planned(planning.size_that_matters), outcome)
    if found.state == "withheld":
        return f"{capital(outcome.noun)}: how many people there are is withheld here."
    if found.together is None:
        return f"{what} cannot call any difference, however large. {limit_words(planning, found)}"
    best = sized(amount(found.together, outcome), outcome)
    many = planned(round(EVERY * planning.power))
    told = f"{what} would find a difference of {best} or more in {many} {STUDIES}."
    if found.state == "answers":
        return f"{told} The size that matters is {matters}: that is enough."
    if found.state == "alone" and found.alone is not None:
        alone = sized(amount(found.alone, outcome), outcome)
        return (
            f"{told} The size that matters is {matters}: that would be enough ({alone}) only if"
            " this were the only primary outcome."
        )
    return (
        f"{told} The size that matters is {matters}: a difference of that size may well be missed."
    )


def lower_name(name: str) -> str:
    """ "All regions" within a sentence."""
    return f"all{name[3:]}" if name.startswith("All ") else name


@sentence
def limit_words(planning: Planning, found: Finding) -> str:
    """Why nothing could be found, whatever happens."""
    way = planned_of(planning.plan)
    places = place_set(planning.plan.data.places)
    if way == "rank":
        n = tally(len(places.ids), "places")
        return (
            f"One place of {n} has the programme, so that the answer is a rank among them and no"
            f" test: without any effect, too, it would come first one time in {n}."
        )
    if found.state == "forbidden":
        return (
            "With so few units the lot could have fallen in too few other ways to tell any"
            " difference from chance."
        )
    if found.state == "too_few":
        least = planned(planning.plan.smallest.people)
        return f"There are fewer than the {least} people whom the plan asks for."
    return "There are too few people or units for a difference of any size."


@sentence
def lot_line(planning: Planning) -> str:
    """How many ways there were to choose the regions with the programme, and what that allows;
    nothing where other units were chosen, whose number is a count that is rounded."""
    plan = planning.plan
    places, chosen = place_set(plan.data.places), len(plan.comparison.arms)
    if planned_of(plan) != "few_units" or plan.comparison.assigned != "region":
        return ""
    most = reachable(chosen, len(places.ids) - chosen, planning.alpha)
    ways = planned(math.comb(len(places.ids), chosen))
    size = "none" if most is None else cleared_estimate(most)
    of = f"{tally(chosen, 'places')} of {tally(len(places.ids), 'places')} {places.many}"
    return (
        f"{of} could have been chosen in {ways} ways: of the {planned(planning.alpha)} that a test"
        f" may spend by chance, the permutation of {places.many} reaches {size}."
    )


@sentence
def places_line(planning: Planning, found: Sequence[Finding]) -> str:
    """Which places could answer alone, and which could not."""
    plan = planning.plan
    many = place_set(plan.data.places).many
    if not found:
        return ""
    if all(one.state == "describes" for one in found):
        return (
            f"No place has an answer of its own: {WAYS[planned_of(plan)].words}. What the {many}"
            " show alone are counts."
        )
    alone = [one for one in found if one.state == "answers"]
    only = [one for one in found if one.state == "alone"]
    cannot = [one for one in found if one.state not in ("answers", "alone")]
    of = tally(len(found), "places")
    lines = [
        f"By themselves {tally(len(alone), 'places')} of {of} {many} could find the size that"
        f" matters: {listed(_names(plan, alone))}."
        if alone
        else f"None of the {of} {many} could find the size that matters by itself.",
        f"Only if each were the only comparison: {listed(_names(plan, only))}." if only else "",
        f"Not by themselves: {listed(_names(plan, cannot))}." if cannot and (alone or only) else "",
        "For them the answer is that of all together." if alone or only else "",
    ]
    return joined(" ", filter(None, lines))


@sentence
def groups_line(planning: Planning, found: Sequence[Finding]) -> str:
    """Which ethnic groups will be able to say something, said before."""
    noun, what = capital(planning.outcome.noun), planning.plan.characteristic
    shown = [one for one in found if one.sizes is not None]
    if not shown:
        return f"{noun}: no {what} has an answer of its own in this study."
    able = [one.where for one in found if one.state == "answers"]
    only = [one.where for one in found if one.state == "alone"]
    cannot = [one.where for one in found if one.state not in ("answers", "alone")]
    lines = [
        f"{noun}: the size that matters could be found within {listed(able)}."
        if able
        else f"{noun}: the size that matters could be found within no {what} by itself.",
        f"Only if it were the only comparison: {listed(only)}." if only else "",
        f"An answer that cannot tell must be expected for {listed(cannot)}." if cannot else "",
    ]
    return joined(" ", filter(None, lines))


@sentence
def missing_line(outcome: Outcome, missing: Sequence[str], far: bool) -> str:
    """What is not assumed, so that there is no one number."""
    words = listed([named(WORDS[name]) for name in missing])
    shown = "the table shows several values" if far else "there is no number"
    return (
        f"{capital(outcome.noun)}: nobody has yet written down the {words}. No value is taken for"
        f" it; {shown}. Write it, with its source, in params/planned.yml."
    )


@sentence
def uptake_line(planning: Planning, found: Finding) -> str:
    """What the difference among those who take part would have to be."""
    uptake = planning.values.get("uptake_percent")
    if uptake is None or found.together is None or planning.outcome.unit == "times":
        return ""
    needed = sized(amount(found.together * EVERY / uptake, planning.outcome), planning.outcome)
    return (
        f"If {planned(uptake)} {EVERY_100} take part and the others gain nothing, those who do"
        f" must differ by {needed}."
    )


@sentence
def formula_line(planning: Planning) -> str:
    """By which formula, from where, and what it leaves out."""
    way = WAYS[planned_of(planning.plan)]
    after = planning.sample.lost
    left = [
        named(WORDS[name])
        for name in way.may_of(planning.outcome)
        if name not in planning.values and (after or name != "lost_percent")
    ]
    lines = [
        f"Worked out as {way.words} ({named(way.source)}).",
        f"Not assumed, and so not counted: {joined('; ', left)}." if left else "",
        "" if after else "People are counted after loss, so that no more is taken off.",
        named(way.caution) if way.caution else "",
    ]
    return joined(" ", filter(None, lines))


@sentence
def no_formula_line(plan: Plan) -> str:
    return (
        "How far off an answer of this design would be is worked out by no formula here"
        f" ({plan.comparison.design.replace('_', ' ')}), so that there is no number to sign."
    )
