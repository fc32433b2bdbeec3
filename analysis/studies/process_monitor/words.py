"""Sentences of a process monitor, from its plan and its cleared record. None of them speaks of
anything that came of an output."""

from analysis.judgement.wording.figures_in_words import capital, number
from analysis.plans.outputs_plan import Output, OutputsPlan, PublishedFigure
from analysis.record.record import Record, Statement
from analysis.record.row import Row
from analysis.results import EVERYONE
from analysis.said.phrases import EVERY_100
from analysis.said.texts import joined, named, sentence
from analysis.said.told import told
from analysis.studies.process_monitor.offers import NOT_RECORDED
from analysis.study.words import there
from analysis.vocabulary.ethnicity import of_group
from analysis.vocabulary.regions import RESERVED, place_set

# What every page says of its own kind; a test strikes these out before it looks for words about
# what came of anything.
NOT_OUTCOMES = "Outputs are not outcomes."
NOT_AN_OUTCOME = "not an outcome"
WHAT_FOLLOWED = "What followed from it: outputs are not outcomes."
DISCLAIMERS = (NOT_OUTCOMES, NOT_AN_OUTCOME, WHAT_FOLLOWED, "no class")
NOT_WHY = "Why others were not reached, or whether they were asked."
NOT_GROUPS = "That one group is more willing than another: a count does not say who was asked."
NO_BASE = "The number of staff was not published with it, so that no reach follows."
NO_TARGET = "No document sets a target."
WITHHELD = "withheld to protect people [c]"


def lead(plan: OutputsPlan, record: Record) -> Row:
    """The row that heads a page."""
    return reach(record, plan.leading, EVERYONE)


def reach(record: Record, output: str, group: str) -> Row:
    """The row of an output and a group."""
    return there(record.find(outcome=output, estimand="share", group=group, method="count"))


def place_words(plan: OutputsPlan, place: str) -> str:
    """The name of a place at the head of a page."""
    kind = place_set(plan.data.places)
    return (plan.whole or kind.together) if place in RESERVED else kind.name(place)


@sentence
def headline(plan: OutputsPlan, record: Record) -> str:
    """ "Wales: 4 in every 100 staff signed up; not an outcome"."""
    row, output = lead(plan, record), plan.output(plan.leading)
    name = place_words(plan, record.region)
    if row.value is None:
        return f"{name}: how many {plan.one_word} {output.short} is withheld; {NOT_AN_OUTCOME}"
    value = number(row.value, 1 if row.value < 10 else 0)
    return f"{name}: {value} {EVERY_100} {plan.one_word} {output.short}; {NOT_AN_OUTCOME}"


@sentence
def reach_words(plan: OutputsPlan, output: Output, row: Row, who: str = "") -> str:
    """ "160 of 1,325 staff in post had signed up: 12.1 in every 100." """
    who = who or plan.who
    if row.value is None or row.n is None:
        return f"How many {who} {output.event}: {WITHHELD}."
    counts = f"{told(row.n_treated or 0)} of {told(row.n)} {who}"
    return f"{counts} {output.event}: {number(row.value, 1)} {EVERY_100}."


@sentence
def published_words(figure: PublishedFigure) -> str:
    """A published figure as it stands, with its base or that there is none."""
    more = "more than " if figure.more_than else ""
    count = told(figure.number) if figure.number % 1 else told(int(figure.number))
    base = f" of {named(figure.base)}" if figure.base else ""
    source = named(figure.source)
    if figure.sort == "target":
        return f"Aimed at: {more}{count} {named(figure.plain)}{base} ({source})."
    if figure.sort == "growth":
        return (
            f"Published: {more}{count}% more {named(figure.plain)} than before ({source}). From how"
            " many to how many was not published."
        )
    said = f"Published: {more}{count} {named(figure.plain)}{base}"
    return f"{said} ({source})." + ("" if figure.base else f" {NO_BASE}")


def stated(plan: OutputsPlan) -> tuple[str, ...]:
    """Everything that was published of the action, and that no target is among it."""
    found = tuple(published_words(figure) for figure in plan.published)
    aimed = any(figure.sort == "target" for figure in plan.published)
    return found if aimed else (*found, NO_TARGET)


def statement(plan: OutputsPlan, record: Record) -> Statement:
    """The sentences of a page."""
    own = reach_words(plan, plan.output(plan.leading), lead(plan, record))
    return Statement(
        headline=headline(plan, record),
        say=joined(" ", (own, NOT_OUTCOMES)),
        cannot_say=joined(" ", (WHAT_FOLLOWED, NOT_WHY, NOT_GROUPS)),
    )


def check_texts(record: Record) -> tuple[str, ...]:
    """What the counts rest on."""
    return tuple(check.text for check in record.checks)


@sentence
def group_words(plan: OutputsPlan, group: str) -> str:
    """A group of staff in a sentence, those without a recorded group among them."""
    if group == NOT_RECORDED:
        return f"{plan.who} whose ethnic group is not recorded"
    return f"{of_group(group, plan.one_word)} in post"


def not_measured(plan: OutputsPlan) -> tuple[str, ...]:
    """Each level at which nothing is counted, and why."""
    return tuple(
        joined("", (capital(level), ": not measured, because ", why, "."))
        for level, why in plan.not_measured.items()
    )
