"""The pages of a pilot, and what the front page says of it: parts that every pilot shares."""

from typing import cast

from analysis.judgement import classes
from analysis.judgement.wording.figures_in_words import listed
from analysis.plans.plan import Plan
from analysis.record.record import Record
from analysis.said.texts import sentence
from analysis.said.told import told
from analysis.sections.page.answer import answer_block, badge
from analysis.sections.page.block import NOT_CLEARED, Nations, Page, Place, counted
from analysis.sections.page.drawing import answer_drawing
from analysis.sections.page.nation import leads_line
from analysis.sections.page.period import followed_period
from analysis.sections.page.rates import rate_sections
from analysis.study.words import lead_row, on_watch, there

# What the sentence about pilots counts, in this order; a study stands in exactly one.
FOUND: dict[str, frozenset[str | None]] = {
    "better": classes.BENEFIT,
    "worse": classes.HARM,
    "no meaningful difference": frozenset({"no_meaningful_difference", "detectable_but_small"}),
    "neither better nor worse by the plan": frozenset({"direction_undefined"}),
    "a rank only": frozenset({"rank_only"}),
    "cannot tell yet": classes.INCONCLUSIVE | {"only_before_adjustment", "unreliable"},
}
NO_COMPARISON = "no comparison possible"
NOT_SHOWN = {"withheld": "withheld to protect people", "not_estimable": "no difference worked out"}


def found(plan: Plan, national: Record | None) -> str:
    """What the study found over all places, in the words of the sentence about pilots."""
    if national is None:
        return NOT_CLEARED
    row = there(lead_row(plan, national))
    return next((words for words, keys in FOUND.items() if row.result_class in keys), NO_COMPARISON)


@sentence
def pilots_sentence(pilots: Nations) -> str:
    """ "2 pilots: 1 better and 1 cannot tell yet." """
    each = [found(cast(Plan, plan), national) for plan, national in pilots]
    counts = [
        f"{told(each.count(words), thousands=False)} {words}"
        for words in (*FOUND, NO_COMPARISON, NOT_CLEARED)
        if words in each
    ]
    return f"{counted(len(each), 'pilot', 'pilots')}: {listed(tuple(counts))}."


def place(plan: Plan, record: Record) -> Place:
    """One place in the list of a pilot's places."""
    row = there(lead_row(plan, record))
    said = badge(row)
    worse = len(on_watch(plan, {record.region: record}, classes.HARM_GRADES[0]))
    harm = f"; harm watch: {counted(worse, 'outcome', 'outcomes')} worse" if worse else ""
    heading = record.sentences.headline or plan.title
    return Place(heading, said, NOT_SHOWN.get(row.status, "shown") + harm)


def everyone(plan: Plan) -> str:
    """Whom the rates by ethnic group count."""
    if plan.exposure:
        return "Everyone in the data, matched or not."
    return f"Everyone in the data, with {plan.words.programme} or without."


PAGE = Page(
    order=1,
    heading="Pilots",
    found=pilots_sentence,
    place=place,
    drawing=answer_drawing,
    block=answer_block,
    sections=rate_sections,
    period=followed_period,
    leads=leads_line,
    whole=" in one analysis",
    everyone=everyone,
    groups_of=lambda plan: plan.characteristic,
)
