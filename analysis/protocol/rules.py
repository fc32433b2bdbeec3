"""When a protocol looks, and what a lock fixes: as tables and sentences."""

import math
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd
from scipy import stats

from analysis.clearing.ruled import by_hand
from analysis.display.prose import Prose
from analysis.display.section import Section
from analysis.inference.planned.interim import Look, looks
from analysis.judgement.pointed import Looks, Taken
from analysis.plans.decisions import DecisionRule, load_decisions
from analysis.plans.plan import Outcome, Plan
from analysis.protocol.assumptions import WORDS, assumed
from analysis.protocol.planned import planned_of
from analysis.protocol.sample import primaries
from analysis.protocol.tables import OF_THE_PLAN
from analysis.protocol.wording import STUDIES, UNITS, listed, sized
from analysis.results import Table
from analysis.said.numbers import cleared_estimate, plain, planned
from analysis.said.phrases import EVERY_100, IN_100
from analysis.said.texts import capital, joined, named, sentence
from analysis.vocabulary.ethnicity import CODINGS

POINTS = {
    "better": "better, and may be put down to it",
    "worse": "worse",
    "too_small": "any difference is smaller than the size that matters",
    "futile": "going on would hardly show the size that matters",
    "open_at_the_end": "the last look, and still open",
}
ALIKE = 1.25  # two planned standard errors that differ by no more are about the same
ALWAYS_OPEN = (
    "Second opinions, other characteristics and other outcomes: shown with the mark exploratory,"
    " and never in the answer.",
    "How pages are written and drawn.",
    "What people decide: a rule points to a decision, and whoever decides otherwise says why.",
)


def looks_section(plan: Plan, error: float | None, so_far: Looks = Looks()) -> Section:
    """The looks of the rule for decisions, how alpha is spent over them, and what they point to.
    error: standard error that the people there are would give (unit of the rule); None: not
    known. so_far: the looks that have been taken."""
    rule = load_decisions()[0].get(plan.study)
    if rule is None:
        return Section.of(Prose(_no_rule(plan)))
    at = _planned_looks(rule, by_hand(rule) if so_far.taken is None else so_far.taken)
    said = Prose(joined("\n", filter(None, (_rule_line(plan, rule), _agrees_line(rule, error)))))
    return Section.of(said, _looks_table(plan, rule, at), _points(rule))


def _planned_looks(rule: DecisionRule, taken: Sequence[Taken]) -> dict[int, Look]:
    """By their number from 1: taken looks as they were, those to come as if each added as much
    information; a look that nobody took when it was due is left out."""
    last = max((one.number for one in taken), default=0)
    have = max((one.fraction for one in taken), default=0.0)
    to_come = range(last + 1, len(rule.looks) + 1) if have < 1 else ()
    steps = [have + (1 - have) * (n + 1) / len(to_come) for n in range(len(to_come))]
    shares = [*(one.fraction for one in taken), *steps]
    numbers = [*(one.number for one in taken), *to_come]
    found = looks(shares, rule.spending, alpha=rule.alpha)
    return dict(zip(numbers, found, strict=True))


def _looks_table(plan: Plan, rule: DecisionRule, at: Mapping[int, Look]) -> Table:
    outcome = plan.outcome(plan.leading)
    rows = []
    for number, look in at.items():
        error = rule.planned_error / look.fraction**0.5
        rows.append(
            {
                "Look": rule.looks[number - 1],
                "Information by then, in every 100": plain(round(100 * look.fraction)),
                "Standard errors from nothing": cleared_estimate(look.critical, decimals=2).text,
                "p at most": cleared_estimate(2 * float(stats.norm.sf(look.critical))).text,
                "Alpha spent by then": cleared_estimate(look.spent).text,
                f"Difference that stands out ({_unit(outcome)})": cleared_estimate(
                    _difference(outcome, look.critical * error), decimals=2
                ).text,
            }
        )
    note = named("Looks to come are shown as if each added as much information as the last.")
    title = named(f"{capital(outcome.noun)}: looks and boundaries")
    return Table(title, pd.DataFrame(rows, dtype=object), OF_THE_PLAN, (note,))


def _unit(outcome: Outcome) -> str:
    return UNITS[outcome.unit]


def _difference(outcome: Outcome, error: float) -> float:
    """In the unit of the page; of a rate the rule holds its logarithm."""
    return math.exp(error) if outcome.kind == "rate" else error


def _points(rule: DecisionRule) -> Table:
    found = rule.points_to.model_dump()
    rows = [
        {"What a look can find": words, "Points to": str(found[key]).replace("_", " ")}
        for key, words in POINTS.items()
    ]
    return Table("What each finding points to", pd.DataFrame(rows, dtype=object), OF_THE_PLAN)


@sentence
def _rule_line(plan: Plan, rule: DecisionRule) -> str:
    spent = {"obrien_fleming": "O'Brien and Fleming", "pocock": "Pocock"}[rule.spending]
    error = f"{planned(rule.planned_error)} {_unit(plan.outcome(plan.leading))}"
    return (
        f"The rule was written on {named(rule.written_on)}. Alpha of {planned(rule.alpha)} is spent"
        f" as by {spent}, over looks at {joined(', ', map(named, rule.looks))}. Planned standard"
        f" error at the end: {error} ({named(rule.source)}). Going on is called futile where fewer"
        f" than {planned(100 * rule.futile_below)} {STUDIES} would still find the"
        " size that matters."
    )


@sentence
def _agrees_line(rule: DecisionRule, error: float | None) -> str:
    """Whether the rule plans with the error that the people there are would give."""
    if error is None:
        return ""
    here = cleared_estimate(error, decimals=2)
    agree = max(error / rule.planned_error, rule.planned_error / error) <= ALIKE
    told = f"From the people there are, and what is assumed, it would be about {here}"
    if agree:
        return f"{told}: about the same."
    return f"{told}. The two do not agree: mend the rule, or the sample, before anybody signs."


@sentence
def _no_rule(plan: Plan) -> str:
    return (
        f"No rule for decisions is written for {named(plan.title)}: there is one look, at the end,"
        " and nothing says beforehand what its answer points to (params/decisions.yml)."
    )


# -- what a lock fixes -----------------------------------------------------------------------------
def fixed_section(plan: Plan) -> Section:
    """What is fixed, row by row, and what is left open."""
    rows = [{"Fixed": what, "As": named(how)} for what, how in _fixed(plan)]
    title = named(f"{plan.title}: what is fixed before outcomes are seen")
    table = Table(title, pd.DataFrame(rows, dtype=object), OF_THE_PLAN)
    open_still = joined(" ", ["Left open:", *(*_unwritten(plan), *ALWAYS_OPEN)])
    return Section.of(table, Prose(open_still))


def _fixed(plan: Plan) -> Iterator[tuple[str, str]]:
    first = [o for o in plan.compared if o.role != "primary"]
    yield "Primary outcomes", joined("; ", [_outcome_words(o) for o in primaries(plan)])
    if first:
        yield "Secondary outcomes", joined("; ", [named(o.plain) for o in first])
    yield "Who leads the page", capital(plan.outcome(plan.leading).noun)
    yield "Sizes that matter", joined("; ", [_size_words(o) for o in plan.compared])
    yield "Comparisons made together", joined("; ", [_family_words(plan, f) for f in plan.families])
    yield "Allowed for", _allowed(plan)
    yield (
        "Groups",
        f"{plan.characteristic}: {_coding(plan)}, beside {plan.groups.reference}",
    )
    yield "Not compared", _smallest_words(plan)
    yield "Harm", _harm_words(plan)
    if plan.data.from_ and plan.data.to:
        yield "Period", named(f"{plan.data.from_} to {plan.data.to}: {plan.data.cohort}")


def _coding(plan: Plan) -> str:
    return named(CODINGS[plan.groups.coding].title)


def _outcome_words(outcome: Outcome) -> str:
    way = f"better is {outcome.better}" if outcome.better else "neither way is called better"
    return named(f"{outcome.plain} ({outcome.level}; {way})")


@sentence
def _size_words(outcome: Outcome) -> str:
    return (
        f"{named(outcome.noun)}: {sized(planned(outcome.size), outcome)} ({named(outcome.source)})"
    )


@sentence
def _family_words(plan: Plan, family) -> str:
    nouns = listed([named(plan.outcome(o).noun) for o in family.outcomes])
    return f"{nouns} by {family.method.replace('_', ' ').capitalize()} at {planned(family.alpha)}"


def _allowed(plan: Plan) -> str:
    parts = [
        ("from outside the service", plan.adjust_for.outside),
        ("decided by the service, shown apart", plan.adjust_for.service_decided),
    ]
    words = [
        f"{listed([n.replace('_', ' ') for n in names])} ({what})" for what, names in parts if names
    ]
    return joined("; ", words) or "nothing"


@sentence
def _smallest_words(plan: Plan) -> str:
    smallest = plan.smallest
    sites = (
        f"; fewer than {planned(smallest.sites_each_arm)} {_units(plan)} on a side"
        if smallest.sites_each_arm
        else ""
    )
    return (
        f"fewer than {planned(smallest.people)} people; fewer than"
        f" {planned(smallest.response_percent)} {EVERY_100} answer a survey{sites}"
    )


def _units(plan: Plan) -> str:
    return plan.comparison.assigned_units.lower()


@sentence
def _harm_words(plan: Plan) -> str:
    watch = planned(100 * plan.harm_watch.probability)
    stop = plan.stop_for_harm
    lines = [f"a place or group may be worse from a chance of {watch} {IN_100} on"]
    if stop is not None:
        outcome = plan.outcome(stop.outcome)
        by = sized(planned(stop.worse_by), outcome)
        lines.append(f"{stop.who} decides about stopping if {outcome.noun} is worse by {by}")
    return joined("; ", lines)


def _unwritten(plan: Plan) -> list[str]:
    """What a steering group has still to write down."""
    lines = []
    if plan.study not in load_decisions()[0]:
        lines.append("No rule for decisions is written yet.")
    way = planned_of(plan)
    for outcome in primaries(plan):
        missing = assumed(plan, outcome).missing if way else ()
        if missing:
            words = listed([named(WORDS[name]) for name in missing])
            lines.append(f"{capital(outcome.noun)}: not assumed yet, {words}.")
    return [named(line) for line in lines]
