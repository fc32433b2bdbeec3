"""The pages of a selection funnel: those of every pilot, with what was published below, and what is
asked for before it can be judged."""

from collections.abc import Mapping
from dataclasses import replace

from analysis.judgement.wording.figures_in_words import capital, number
from analysis.judgement.wording.statements import class_can_say, class_cannot_say
from analysis.plans.plan import Plan
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.said.phrases import CI_95, EVERY_100
from analysis.said.texts import named, sentence
from analysis.said.told import told
from analysis.sections.page import pilot
from analysis.sections.page.answer import answer_block
from analysis.sections.page.block import AnswerBlock, RateLine, RateSection
from analysis.sections.page.rates import rate_sections
from analysis.studies.selection_funnel.opening import VACANCIES
from analysis.studies.selection_funnel.published import (
    exact_words,
    filled,
    gap_findings,
    pass_rates,
)
from analysis.study.words import slots
from analysis.vocabulary.ethnicity import of_group
from analysis.vocabulary.regions import ALL, NATIONAL

NOT_OPEN = "How many of these vacancies were still open, or who was appointed later."
NOT_WHY = "Why vacancies were filled by others, or whether more would apply if they were opened."
WITHHELD = (
    "How many opened vacancies were filled by someone with lived experience is withheld here to"
    " protect people [c]."
)
NOT_THE_NUMBER = "That the number is zero, small, good or bad."
NO_GROUPS = "A vacancy has no ethnic group; who was appointed is not broken down."
BY_GROUP = (
    "The answer is itself the difference between minority ethnic and White candidates. The change"
    " of each group beside external candidates stands in the analysis of all regions."
)
DID_NOT = "This region did not take part."
NOT_OF_IT = "Anything about vacancies opened in this region."


def _counts_vacancies(plan: Plan) -> bool:
    return plan.comparison.design == VACANCIES


def block(
    plan: Plan, record: Record, national: Record, places: Mapping[str, Record] | None = None
) -> AnswerBlock:
    """The block of every pilot; of vacancies, how many were filled so comes first. The page of the
    nation asks for the numbers that were not published."""
    found = answer_block(plan, record, national, places)
    if _counts_vacancies(plan):
        said = _own(plan, record).say
        lines = (said, _published_line(), *found.lines[1:])
        return replace(found, lines=lines, by_group=NO_GROUPS)
    found = replace(found, by_group=BY_GROUP)
    if record.region == NATIONAL:
        return replace(found, settle=(*plan.ask_the_region[:1], *found.settle))
    return found


def leads(plan: Plan) -> str:
    """Why the analysis of all regions leads the page of the nation."""
    if _counts_vacancies(plan):
        return "The vacancies of all regions that take part are counted together on this page."
    return (
        "One analysis of all regions leads this page, since the offer began on one day everywhere,"
        " so that all regions share what happened then."
    )


def sections(plan: Plan, record: Record) -> tuple[RateSection, ...]:
    """What was published, then each stage by ethnic group."""
    if _counts_vacancies(plan):
        title = "Opened vacancies that were filled by someone with lived experience"
        return (RateSection(title, (_own(plan, record), _filled())),)
    return (*rate_sections(plan, record), _pass_rates(plan, record))


# -- vacancies -------------------------------------------------------------------------------------
def _own(plan: Plan, record: Record) -> RateLine:
    """The share of the place with its exact interval, as it may be shown."""
    row = record.find(outcome=plan.leading, estimand="share", method="exact")
    who = "All regions that take part" if record.region in (ALL, NATIONAL) else "This region"
    if row is None:
        return RateLine(who, DID_NOT, NOT_OF_IT)
    if row.status == "withheld" or row.value is None or row.conf_low is None:
        return RateLine(who, WITHHELD, NOT_THE_NUMBER)
    return RateLine(who, _share(row), NOT_WHY)


@sentence
def _share(row: Row) -> str:
    """ "About 30 of 270 opened vacancies ... were filled ...: 11.1 in every 100 (...)." """
    value, low, high = (number(x or 0.0, 1) for x in (row.value, row.conf_low, row.conf_high))
    return (
        f"About {told(row.n_treated or 0)} of {told(row.n or 0)} opened vacancies whose recruitment"
        f" had ended were filled by someone with lived experience: {value} {EVERY_100} ({CI_95}"
        f" {low} to {high})."
    )


@sentence
def _published_line() -> str:
    found = filled()
    words = exact_words(found.appointed, found.vacancies)
    return f"Published in {named(found.date)}: {words}."


def _filled() -> RateLine:
    return RateLine(f"Published, {named(filled().date)}", f"{_published_line()}", NOT_OPEN)


# -- pass rates ------------------------------------------------------------------------------------
def _pass_rates(plan: Plan, record: Record) -> RateSection:
    """Published shares without a base: how far apart, and that nobody can say more."""
    words = slots(plan, plan.outcome(plan.leading), record.region)
    lines = tuple(
        RateLine(
            capital(of_group(group)) if group in plan_groups(plan) else f"{group} candidates",
            class_can_say(found, words),
            f"{class_cannot_say(found, words)}.",
        )
        for group, found in gap_findings()
    )
    date = named(pass_rates()[0].date)
    return RateSection(f"Published ({date}): came through the online assessment centre", lines)


def plan_groups(plan: Plan) -> frozenset[str]:
    """Broad groups that have words of their own."""
    return frozenset({"Mixed", "Asian", "Black", "Other", plan.groups.reference})


def everyone(plan: Plan) -> str:
    """Whom the rates count."""
    if _counts_vacancies(plan):
        return "Vacancies in regions that take part."
    return "Internal candidates since the webinars began."


def groups_of(plan: Plan) -> str:
    """What the rates are broken down by."""
    return "place and source" if _counts_vacancies(plan) else plan.characteristic


PAGE = replace(
    pilot.PAGE,
    block=block,
    sections=sections,
    everyone=everyone,
    leads=leads,
    groups_of=groups_of,
)
