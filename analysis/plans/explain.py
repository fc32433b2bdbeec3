"""A plan as ten sentences, for the people who sign it: they review these, and not the YAML."""

from collections.abc import Sequence

from analysis.plans.action_plan import ActionPlan
from analysis.plans.explain_monitor import action_plan_sentences, monitor_sentences
from analysis.plans.monitor import Monitor
from analysis.plans.outputs_plan import OutputsPlan, outputs_sentences
from analysis.plans.plan import IN_STEPS, Outcome, Plan
from analysis.said.texts import named
from analysis.vocabulary.levels import LEVELS
from analysis.vocabulary.regions import place_set

CHOSEN = {
    "by_lot": "Who was on which side was decided by lot",
    "by_choice": "Who was on which side was decided by choice, not by lot",
    "by_need": "Who was on which side was decided by those who allocate, by need, and not by lot",
    "everyone": "Everyone takes part at once, so there is nobody to compare with",
}
# What an effect over sites is an average of: each site by its people, or each site alike.
WEIGHTS = {
    "people": "{sites} count by the people in them, so that the effect is that on people",
    "courts": (
        "{sites} count alike whatever their size, so that the effect is that on {sites} and not on"
        " people"
    ),
}
STATE = {
    "planned": "No outcome has been looked at.",
    "in_field": "The pilot is under way.",
    "closed": "The data are complete.",
}


Explained = Plan | Monitor | ActionPlan | OutputsPlan


def sentences(plan: Explained) -> tuple[str, ...]:
    """Sentences that say what `plan` fixes: ten for a pilot (question, data, comparison, outcomes,
    sizes, rules) or a monitor. Nothing but the plan is in them, so that their figures are
    public."""
    return tuple(named(text) for text in _sentences(plan))


def _sentences(plan: Explained) -> tuple[str, ...]:
    if isinstance(plan, ActionPlan):
        return action_plan_sentences(plan)
    if isinstance(plan, Monitor):
        return monitor_sentences(plan)
    if isinstance(plan, OutputsPlan):
        return outputs_sentences(plan)
    return (
        _question(plan),
        _data(plan),
        _comparison(plan),
        _exposure(plan),
        _outcomes(plan),
        _not_measured(plan),
        _sizes(plan),
        _claim(plan),
        _rules(plan),
        _people(plan),
    )


def _question(plan: Plan) -> str:
    return f"{plan.title} asks: {plan.question} It answers {plan.answered}."


def _data(plan: Plan) -> str:
    places = place_set(plan.data.places)
    alone = ", and once for all together, which is the main answer" if plan.data.also_all else ""
    return (
        f"It uses {plan.data.cohort} from {_listed(plan.data.sources, 'or')} data, in"
        f" {len(places.places)} {places.many}{alone}. {STATE[plan.state]}"
    )


def _comparison(plan: Plan) -> str:
    c = plan.comparison
    allowed = [
        word.replace("_", " ")
        for word in (*plan.adjust_for.outside, *plan.adjust_for.service_decided)
    ]
    allowing = f", allowing for {_listed(allowed)}" if allowed else ""
    weighed = f"; {weights_words(plan)}" if c.design in IN_STEPS else ""
    return f"It compares {c.started_first} with {c.compared_with}{allowing}{weighed}."


def weights_words(plan: Plan) -> str:
    """Whose average effect it is, for the plan and for the page."""
    return WEIGHTS[plan.comparison.weights].format(sites=plan.comparison.assigned_units.lower())


def _exposure(plan: Plan) -> str:
    e = plan.exposure
    if e is None:
        return "Nobody has to be matched to anybody in this study."
    cells = [words for words in (e.office, e.period, e.stratum) if words]
    return (
        "Two people count as matched when"
        f" {_listed([f'both are {g}' for g in e.matched_groups], 'or')}; {_listed(e.left_out)} are"
        f" left out because {e.why_left_out}; what counts is {e.practitioner}, within"
        f" {_listed(cells)}; fewer than {e.declared_percent:g} in every 100 practitioners with a"
        f" known group, and nothing is compared ({e.why_declared})."
    )


def _outcomes(plan: Plan) -> str:
    parts = [f"{o.plain}{_among(o)} ({o.level}, {o.role}; {_better(o)})" for o in plan.compared]
    return (
        f"It looks at {'; '.join(parts)}; the page leads with {plan.outcome(plan.leading).plain}."
    )


def _among(outcome: Outcome) -> str:
    """At whose risk, or on whom it is measured and how they belong to what was assigned."""
    among = f", among {outcome.at_risk}" if outcome.at_risk else ""
    linked = (
        f", measured on {outcome.measured_on} by {outcome.linked_by}" if outcome.measured_on else ""
    )
    return among + linked


def _better(outcome: Outcome) -> str:
    if outcome.direction == "undefined":
        return f"neither way is called better: {outcome.why}"
    return f"better is {outcome.better}"


def _not_measured(plan: Plan) -> str:
    asks = {level.key: level.key for level in LEVELS}
    parts = [f"{asks[o.level]} ({o.not_measured})" for o in plan.outcomes if o.not_measured]
    return (
        f"It does not measure {'; '.join(parts)}."
        if parts
        else "It measures something at every level."
    )


def _sizes(plan: Plan) -> str:
    parts = [
        f"{o.matters:g} {o.unit.replace('_', ' ')} for {o.id.replace('_', ' ')} ({o.source})"
        for o in plan.compared
    ]
    return f"The smallest difference that would change the decision is {'; '.join(parts)}."


def _claim(plan: Plan) -> str:
    c, strongest = (
        plan.comparison,
        plan.comparison.ground.strongest,
    )
    speaks = {
        "caused": "it may say that the programme caused a difference",
        "likely": (
            f"it may say likely, if {c.assumption}"
            if c.assumption
            else "it may speak of a link, and not of a cause"
        ),
        "linked": "it may speak of a link, and not of a cause",
        "described": "it describes, and speaks neither of a cause nor of a link",
    }[strongest]
    return f"{CHOSEN[c.how_chosen]}, so {speaks}{_checks(plan)}.{_few(plan)}"


def _few(plan: Plan) -> str:
    """What so few places can show, known before any outcome is read."""
    if plan.comparison.design != "one_region":
        return ""
    n = len(place_set(plan.data.places).ids)
    return (
        f" One place of {n} has it, so the answer is a rank among them and never a p-value: without"
        f" any effect, too, it would take the first place 1 time in {n}."
    )


def _checks(plan: Plan) -> str:
    """What the claim rests on, in words: each check once, with the outcomes that alone rest on
    it."""
    named: dict[str, list[str]] = {}
    for outcome in plan.compared:
        for check in plan.checks_of(outcome).values():
            named.setdefault(check.words, []).append(outcome.noun)
    if not named:
        return ""
    parts = [
        w if len(nouns) == len(plan.compared) else f"{w} ({_listed(nouns)})"
        for w, nouns in named.items()
    ]
    return (
        "; the claim rests on these checks, and each that is not passed, or not run, lowers it:"
        f" {'; '.join(parts)}"
    )


def _rules(plan: Plan) -> str:
    families = "; ".join(
        f"{_listed([o.replace('_', ' ') for o in f.outcomes])} by"
        f" {f.method.replace('_', '–').title()} at {f.alpha:g}"
        for f in plan.families
    )
    stop = plan.stop_for_harm
    harm = ""
    if stop:
        unit = plan.outcome(stop.outcome).unit.replace("_", " ")
        harm = (
            f"; {stop.who} decides about stopping if {stop.outcome.replace('_', ' ')} is worse by"
            f" {stop.worse_by:g} {unit} in {stop.group} group"
        )
    return (
        f"Several comparisons are allowed for ({families}); {_smallest(plan)}; a place may be worse"
        f" from a chance of {100 * plan.harm_watch.probability:g} in 100 on{harm}."
    )


def _smallest(plan: Plan) -> str:
    smallest = plan.smallest
    return (
        f"fewer than {smallest.people} people are not compared, nor is anybody where more than"
        f" {smallest.lost_rows_percent:g}% on either side lack their row in a table that tells what"
        " became of them"
    )


def _people(plan: Plan) -> str:
    return (
        f"{plan.people.lead} leads, {plan.people.assurer} assures, {plan.people.decides} decides;"
        f" it is published as {plan.release.replace('_', ' ')}."
    )


def _listed(words: Sequence[str], last: str = "and") -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
