"""A monitor, or a list of commitments, as sentences for the people who sign it."""

from analysis.plans.action_plan import ActionPlan
from analysis.plans.monitor import Measure, Monitor
from analysis.vocabulary.ethnicity import of_group
from analysis.vocabulary.regions import place_set

GOOD_OR_BAD = {"undefined": "neither good nor bad"}  # where a page has other words than a plan


def monitor_sentences(plan: Monitor) -> tuple[str, ...]:
    """Ten sentences that say what the monitor fixes: who is counted, which events are good or bad
    for the person, what follows."""
    return (
        _question(plan),
        _data(plan),
        _measures(plan),
        _reference(plan),
        _adjusted(plan),
        _stages(plan),
        _numbers(plan),
        _verdicts(plan),
        _follows(plan),
        _people(plan),
    )


def action_plan_sentences(plan: ActionPlan) -> tuple[str, ...]:
    """What a list of commitments fixes."""
    named = "; ".join(plan.documents.values())
    return (
        f"{plan.title} asks: {plan.question}",
        (
            f"It lists the commitments of {len(plan.documents)} documents ({named}), in"
            f" data/reference/{plan.table}.csv, each with its source."
        ),
        "It counts states and months, and works out no effect.",
        (
            f"{plan.people.lead} leads it, {plan.people.assurer} assures it, and"
            f" {plan.people.decides} decides."
        ),
    )


def _question(plan: Monitor) -> str:
    return f"{plan.title} asks: {plan.question} It answers {plan.answered}."


def _data(plan: Monitor) -> str:
    kind = place_set(plan.data.places)
    where = (
        f"in {len(kind.places)} {kind.many}, and once for all together"
        if kind.places
        else f"for {kind.together}"
    )
    return (
        f"It counts {plan.data.cohort} from {' or '.join(plan.data.sources)} data, {where}, in"
        f" closed rounds of a {plan.round.length}."
    )


def _measures(plan: Monitor) -> str:
    leads = (
        f"every page leads with {plan.measure(plan.leads.measure).noun}, {plan.leads.group}, in"
        " every place and round"
    )
    return f"It looks at {'; '.join(map(_measure, plan.measures))}; {leads}."


def _measure(measure: Measure) -> str:
    return (
        f"{measure.noun}, in every {measure.per_words}, among {measure.at_risk} (they"
        f" {measure.plain}: {GOOD_OR_BAD.get(measure.counts, measure.counts)} for the person)"
    )


def _reference(plan: Monitor) -> str:
    if plan.has_own_table:
        compared = ", ".join(plan.compared_groups)
        return (
            f"Each group by {plan.characteristic} ({compared}) is set beside"
            f" {of_group(plan.groups.reference)}."
        )
    return (
        f"Each broad ethnic group ({', '.join(plan.compared_groups)}) is set beside"
        f" {plan.groups.reference} people, and nothing is put together that the census keeps apart."
    )


def _adjusted(plan: Monitor) -> str:
    allowed = plan.adjust_for
    if not allowed.outside:
        return f"Nothing is allowed for: the counts hold nothing besides the {plan.characteristic}."
    outside = ", ".join(name.replace("_", " ") for name in allowed.outside)
    decided = ", ".join(name.replace("_", " ") for name in allowed.service_decided)
    apart = (
        f"; {decided}, which the service decides, is allowed for in a second line and never counts"
        " as a reason"
        if decided
        else ""
    )
    return f"The ratios are shown as they are, and after allowing for {outside}{apart}."


def _stages(plan: Monitor) -> str:
    if plan.stages is None:
        return "The measures are no steps of one way."
    named = ", then ".join(plan.measure(key).noun for key in plan.stages.measures)
    if plan.stages.not_multiplied_because:
        return (
            f"The measures {named} stand side by side and are not multiplied:"
            f" {plan.stages.not_multiplied_because}."
        )
    return (
        f"The measures {named} are steps of one way: they are multiplied where each starts from"
        " those who left the one before."
    )


def _numbers(plan: Monitor) -> str:
    return (
        f"There is no verdict under {plan.smallest.base} people in a group, or under"
        f" {plan.smallest.expected} events expected: too few is never a pass."
    )


def _verdicts(plan: Monitor) -> str:
    return (
        f"A ratio, of those with the event or of those without it, outside {plan.band.low:g} to"
        f" {plan.band.high:g} (source: {plan.band.source}) that chance would seldom give, after"
        " allowing for the number of comparisons on the page (Benjamini and Hochberg,"
        f" {100 * plan.alpha:g} in every 100), is called a disparity."
    )


def _follows(plan: Monitor) -> str:
    rule = plan.explain_or_reform
    if rule is None:
        return "Nobody is asked for an explanation."
    after = rule.asked_after
    held = (
        f"For each disparity (same measure, group and direction) in {after.rounds} of the last"
        f" {after.of_last} rounds"
        if after.of_last > 1
        else "For each disparity"
    )
    return (
        f"{held} an explanation is asked of the {rule.asked_of}, who has"
        f" {rule.explanation_due_days} days from the day on which the register says so. After"
        f" {rule.reform_due_after_rounds} rounds with it, reform is due where that day has passed"
        " and none came, or it was not accepted."
    )


def _people(plan: Monitor) -> str:
    return (
        f"{plan.people.lead} leads it, {plan.people.assurer} assures it, and {plan.people.decides}"
        " decides."
    )
