"""The pages of a pilot, and what the front page says of it: parts that every pilot shares."""

from collections.abc import Mapping
from typing import cast

from analysis.judgement import classes
from analysis.judgement.wording.figures_in_words import capital, listed
from analysis.plans.plan import Plan
from analysis.record.record import Record
from analysis.results import EVERYONE
from analysis.said.texts import sentence
from analysis.said.told import told
from analysis.sections.page.answer import answer_block, badge
from analysis.sections.page.at_place import Listed
from analysis.sections.page.block import NOT_CLEARED, Nations, Page, Place, counted
from analysis.sections.page.drawing import answer_drawing
from analysis.sections.page.nation import leads_line, place_name
from analysis.sections.page.period import followed_period
from analysis.sections.page.pilot_here import pilot_here
from analysis.sections.page.rates import rate_sections
from analysis.sections.page.since import pilot_moves
from analysis.study.words import lead_row, on_watch, there
from analysis.vocabulary.levels import LEVEL_KEYS
from analysis.vocabulary.regions import NATIONAL

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


def listed_row(plan: Plan, national: Record, places: Mapping[str, Record]) -> Listed:
    """The row of a pilot in the portfolio."""
    row = there(lead_row(plan, national))
    return Listed(
        known=found(plan, national),
        level=_highest_level(plan, national),
        finding=national.sentences.headline or plan.title,
        claim=badge(row),
        harm=_harm_in_words(plan, {NATIONAL: national, **places}),
    )


def _highest_level(plan: Plan, national: Record) -> str:
    """The highest level on which a difference is worked out over all places."""
    rows = {o.level: lead_row(plan, national, o.id) for o in plan.compared}
    shown = {level for level, row in rows.items() if row is not None and row.status == "estimated"}
    shown |= {row.level for row in national.rows if row.status == "ranked"}
    return next((level for level in reversed(LEVEL_KEYS) if level in shown), "none")


def _harm_in_words(plan: Plan, records: Mapping[str, Record]) -> str:
    """Groups with an outcome that is worse in the nation or a place, and in how many places."""
    worse = classes.HARM_GRADES[0]
    rows = {p: [r for r in record.rows if r.harm_watch == worse] for p, record in records.items()}
    groups = dict.fromkeys(r.group for found in rows.values() for r in found)
    if not groups:
        return "no entry"
    words = ["everyone compared" if group == EVERYONE else group for group in groups]
    where = [place_name(plan, place) for place, found in rows.items() if found]
    return capital(f"{listed(tuple(words))}: {listed(tuple(dict.fromkeys(where)))}")


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
    here=pilot_here,
    listed=listed_row,
    known=(*FOUND, NO_COMPARISON),
    moves=pilot_moves,
)
