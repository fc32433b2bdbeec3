"""Explain or reform, in a pilot whose plan asks somebody: where each explanation stands, by the
same register, states and sentences as those of the monitors."""

from analysis.display.section import Section
from analysis.judgement.explanations import explanation_line
from analysis.plans.explanations import NOT_ASKED, Explanation, load_register, standing
from analysis.plans.plan import Plan
from analysis.said.texts import named, say
from analysis.sections.showing import Shown
from analysis.vocabulary.regions import ALL, place_set

NOT_KEPT = "The plan asks nobody for an explanation of a gap."
NOBODY = "Explain or reform: nobody in {place} has been asked about a gap in this study."
ENDED = "an explanation was accepted once, and the time for which it stands is over."
ROUNDS = (
    "Who is asked, and after how many quarters, follows from the monitor of the use of force; this"
    " register holds what was asked within the study."
)


def register(shown: Shown) -> Section:
    """Each entry of this place (of all prisons: of every region) in a line, the oldest first."""
    plan = shown.plan
    if plan.explain_or_reform is None:
        return Section.of(shown.say(NOT_KEPT))
    entries = [e for e in load_register(plan.study) if shown.place in (e.place, ALL)]
    if not entries:
        return Section.of(shown.say(NOBODY.format(place=shown.place_name)))
    return Section.of(shown.say(*(_line(plan, entry) for entry in entries), ROUNDS))


def _line(plan: Plan, entry: Explanation) -> str:
    """One entry as it stood on the last day of the study. Rounds are the monitor's to count, so
    that reform is due by a day that was set, and by nothing else."""
    shown_on = str(plan.data.to)
    found = standing(entry, running=0, reform_after=1, asked=True, shown_on=shown_on)
    said: str = ENDED
    if found.state != NOT_ASKED:
        said = explanation_line(found.state, entry, shown_on=shown_on, reform=found.reform)
    return say(
        "{place}, {noun}, {group}: {said}",
        place=named(place_set(plan.data.places).name(entry.place)),
        noun=named(plan.outcome(entry.measure).noun),
        group=named(entry.group),
        said=said,
    )
