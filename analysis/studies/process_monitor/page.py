"""The pages of a process monitor: whom each output reached, what it is not, and what was published
of it."""

from collections.abc import Mapping
from typing import cast

from analysis.judgement.wording.figures_in_words import capital, listed
from analysis.plans.outputs_plan import Output, OutputsPlan
from analysis.plans.study_plan import StudyPlan
from analysis.record.record import Record
from analysis.results import EVERYONE
from analysis.said.texts import named, sentence
from analysis.sections.page.at_place import Listed, PilotHere, StudyHere
from analysis.sections.page.block import (
    AnswerBlock,
    Nations,
    Page,
    Place,
    RateLine,
    RateSection,
    counted,
)
from analysis.sections.page.period import dated_period
from analysis.studies.process_monitor import words
from analysis.studies.process_monitor.offers import NOT_RECORDED
from analysis.vocabulary.ethnicity import coding, of_group
from analysis.vocabulary.regions import ALL, NATIONAL, place_set

BADGE = "OUTPUTS, not outcomes"
OUTPUTS_ONLY = "outputs only"
NO_OUTCOMES = "Nobody is followed here."
NOT_THE_NUMBER = "That the number is zero, small, good or bad."
MEANWHILE = "Ask what followed in a study that compares; counting more of the same does not tell."


def block(
    plan: OutputsPlan, record: Record, national: Record, places: object = None
) -> AnswerBlock:
    """What stands above the fold of one page."""
    whole, many = record.region in (ALL, NATIONAL), bool(place_set(plan.data.places).ids)
    own = tuple(_line(plan, output, record, named_first=not whole) for output in plan.outputs)
    leading = plan.output(plan.leading)
    first = () if whole else (_line(plan, leading, national, named_first=True),)
    return AnswerBlock(
        headline=record.sentences.headline or plan.title,
        lines=(*first, *own, *words.check_texts(record)),
        badge=BADGE,
        figure=None,
        can_say=(record.sentences.say, *words.stated(plan)),
        cannot_say=(words.WHAT_FOLLOWED, words.NOT_WHY, words.NOT_GROUPS),
        harm_watch=NO_OUTCOMES,
        by_group=_not_measured(plan),
        group_title="Not measured",
        ask=() if record.region == NATIONAL and many else plan.ask_the_region,
        settle=(MEANWHILE,),
        settle_title="What would tell more",
        cautions=plan.cautions,
        contact=named(plan.people.contact),
        watch_title="Outcomes",
    )


@sentence
def _not_measured(plan: OutputsPlan) -> str:
    """Which levels are not measured; why stands in the analysis below."""
    levels = listed(tuple(plan.not_measured))
    return f"{capital(levels)}: nothing is counted; why stands below."


@sentence
def _line(plan: OutputsPlan, output: Output, record: Record, *, named_first: bool) -> str:
    """Reach of an output in one place, with the name of the place where the page has two."""
    said = words.reach_words(plan, output, words.reach(record, output.id, EVERYONE))
    return f"{words.place_words(plan, record.region)}: {said}" if named_first else said


def sections(plan: OutputsPlan, record: Record) -> tuple[RateSection, ...]:
    """Each output by ethnic group."""
    groups = (*coding(plan.groups.coding).groups, NOT_RECORDED)
    found = [
        RateSection(
            capital(output.plain),
            tuple(_group(plan, record, output.id, group) for group in groups),
        )
        for output in plan.outputs
    ]
    return tuple(found)


def _group(plan: OutputsPlan, record: Record, output: str, group: str) -> RateLine:
    row = words.reach(record, output, group)
    who, shown = words.group_words(plan, group), row.value is not None
    said = words.reach_words(plan, plan.output(output), row, who)
    name = capital(NOT_RECORDED) if group == NOT_RECORDED else capital(of_group(group))
    return RateLine(name, said, words.NOT_WHY if shown else NOT_THE_NUMBER)


@sentence
def found(monitors: Nations) -> str:
    """How many actions are counted."""
    many = counted(len(monitors), "action", "actions")
    return f"{many} whose outputs are counted: what was done and whom it reached, and no more."


def place(plan: OutputsPlan, record: Record) -> Place:
    """One place in the list of an action's places."""
    shown = words.lead(plan, record).value is not None
    status = "shown" if shown else "withheld to protect people"
    return Place(record.sentences.headline or plan.title, BADGE, status)


def leads(plan: StudyPlan) -> str:
    """Why the counts of all places together lead the page of the nation."""
    if not place_set(plan.data.places).ids:
        return ""
    return "People of all places are counted together on this page, each of them once."


def period(plan: OutputsPlan, record: Record) -> str:
    """The months that were counted."""
    return dated_period(plan, record, lambda last: "")


def in_portfolio(plan: OutputsPlan, national: Record, places: Mapping[str, Record]) -> Listed:
    """The row of an action in the portfolio: outputs are not outcomes."""
    return Listed(
        known=OUTPUTS_ONLY,
        level="none",
        finding=national.sentences.headline or plan.title,
        claim=BADGE,
        harm="not watched: nothing is compared",
    )


def in_place(plan: OutputsPlan, record: Record, national: Record, places: object) -> StudyHere:
    """An action on the page of a place: its two headings, and no answer of its own."""
    pilot = PilotHere(
        national=national.sentences.headline or plan.title,
        own=record.sentences.headline or plan.title,
        has_own=False,
        badge=BADGE,
        lines=(),
        meanwhile=(MEANWHILE,),
        worse=(),
    )
    return StudyHere(pilot=pilot)


PAGE = Page(
    order=4,
    heading="Outputs: what was done, and whom it reached",
    found=found,
    place=place,
    drawing=lambda plan, *_: None,
    block=block,
    sections=sections,
    period=period,
    leads=leads,
    whole=", counted together",
    everyone=lambda plan: capital(cast(OutputsPlan, plan).who) + ", each counted once.",
    groups_of=lambda plan: "ethnic group",
    here=in_place,
    listed=in_portfolio,
    known=(OUTPUTS_ONLY,),
)
