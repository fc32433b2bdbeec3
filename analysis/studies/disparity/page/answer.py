"""The answer block of a monitor's page and its table of sentences, from the cleared record."""

from collections.abc import Mapping

from analysis.judgement.wording.figures_in_words import capital, listed
from analysis.judgement.wording.rates_in_words import ratio_texts
from analysis.plans.monitor import Monitor
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.said.texts import cut, joined, named, together
from analysis.said.told import told
from analysis.sections.page.block import AnswerBlock, PageFigure
from analysis.sections.page.rates import RateLine, RateSection
from analysis.studies.disparity.counted.calendar import DELIVERY
from analysis.studies.disparity.counted.recodes import recodes_in_short
from analysis.studies.disparity.page.drawing import monitor_drawing
from analysis.studies.disparity.pooled import BESIDE
from analysis.studies.disparity.shown import words
from analysis.studies.disparity.shown.given_words import is_not_given
from analysis.studies.disparity.shown.years_words import years_line
from analysis.study.public_counts import record_is_public
from analysis.vocabulary.ethnicity import group_note
from analysis.vocabulary.regions import ALL, NATIONAL, place_set

BADGE = "RATES SIDE BY SIDE, not why they differ"
MOST_NAMED = 6  # comparisons that could not be made, above the fold
MOST_LINES = 4  # of the register, above the fold
TOO_FEW, WITHHELD = "Too few people or events", "Withheld to protect people"
NOT_GIVEN = "Not given by the table"
NONE_ASKED = "No disparity on this page asks for an explanation."
NOBODY_ASKED = (
    "This monitor asks nobody: its counts are published ones, and whoever decides at each stage can"
    " be asked."
)


NOBODY_IS_ASKED = "This monitor asks nobody for an explanation."


def monitor_block(
    plan: Monitor, record: Record, national: Record, places: Mapping[str, Record] | None = None
) -> AnswerBlock:
    """The block of one cleared record."""
    measure, group, _ = words.leading(plan, record)
    drawing, statement, place = (
        monitor_drawing(plan, record, national),
        record.sentences,
        record.region,
    )
    title = f"{capital(measure.noun)}: each group beside {plan.groups.reference}"
    figure = PageFigure("figures/answer", drawing.alt(), title) if drawing else None
    first = words.size_line(plan, record)
    said = words.verdict_line(plan, record, measure, group)
    return AnswerBlock(
        headline=statement.headline or plan.title,
        lines=_some(
            plan.say_first,
            first,
            _beside(plan, record, national),
            *_under(plan, record, measure, group),
        ),
        badge=BADGE,
        figure=figure,
        can_say=_some(
            "" if _is_said(said, first) else said,
            words.counted_line(plan, record),
            words.chance_line(record),
        ),
        cannot_say=tuple(
            capital(part.rstrip(".")) + "." for part in cut(statement.cannot_say, r"; |\. ")
        ),
        harm_watch=_register(record) if plan.explain_or_reform else _nobody_asked(plan, record),
        by_group=_not_compared(plan, record),
        ask=() if place in (NATIONAL, ALL) else plan.ask_the_region,
        settle=(),
        settle_title="",
        cautions=_some(
            measure.caution,
            _recorded(plan, measure),
            *plan.cautions,
            group_note(plan.groups.reference, plan.groups.coding),
        ),
        contact=named(plan.people.contact),
        watch_title="Explain or reform",
        group_title="Not compared",
    )


def _beside(plan: Monitor, record: Record, national: Record) -> str:
    """The same ratio over all places, and this place's drawn towards the others; empty on the page
    of all places."""
    measure, group, own = words.leading(plan, record)
    whole, kind = words.drawn_row(plan, national, measure, group), place_set(plan.data.places)
    if record.region in (NATIONAL, ALL) or whole is None or whole.value is None:
        return ""
    said = f"{kind.together}: {ratio_texts(*_ends(whole))[0]} times as often."
    shrunken = words.beside_row(plan, record, measure, group, BESIDE)
    if own.value is None or shrunken is None or shrunken.value is None:
        return said
    value, low, high = ratio_texts(*_ends(shrunken))
    return (
        f"{said} {kind.name(record.region)}, drawn towards the others: {value} ({low} to {high})."
    )


def _ends(row: Row) -> tuple[float, float, float]:
    return row.estimate


def _some(*texts: str | None) -> tuple[str, ...]:
    """Those that say something."""
    return tuple(text for text in texts if text)


def _is_said(text: str, first: str) -> bool:
    """The verdict is the first line already: too few, or withheld."""
    return first.casefold().endswith(text.casefold())


def _under(plan: Monitor, record: Record, measure, group: str) -> tuple[str, ...]:
    """The lines under the size, in this order: explanation, after adjustment, the round before,
    years, recodes, provisional."""
    state = words.explanation_state(record, measure, group)
    return (
        f"Explanation: {state}" if state else "",
        words.adjusted_line(plan, record, measure, group),
        words.since_line(plan, record, measure, group),
        years_line(record, measure.id, group),
        *recodes_in_short(record),
        *_provisional(record),
    )


def _nobody_asked(plan: Monitor, record: Record) -> str:
    """Counts of others are published ones, unless a table of one's own was read."""
    public = not plan.has_own_table or record_is_public(plan, record)
    return NOBODY_ASKED if public else NOBODY_IS_ASKED


def _register(record: Record) -> str:
    lines = words.explanation_lines(record)
    rest = len(lines) - MOST_LINES
    more = f" And {told(rest)} more, in the analysis below." if rest > 0 else ""
    return joined(" ", lines[:MOST_LINES]) + more if lines else NONE_ASKED


def _not_compared(plan: Monitor, record: Record) -> str:
    """Comparisons that could not be made, each cause by itself and never a pass; empty where all
    could be."""
    causes = (
        (TOO_FEW, {"insufficient_data", "not_estimable"}, False),
        (WITHHELD, {"withheld"}, False),
        (NOT_GIVEN, {"not_estimable"}, True),
    )
    said = [
        _of_cause(title, _missing(plan, record, classes, given)) for title, classes, given in causes
    ]
    found = joined(" ", (text for text in said if text))
    return f"{found} This is not a pass." if found else ""


def _missing(
    plan: Monitor, record: Record, classes: set[str], not_given: bool
) -> dict[str, list[str]]:
    """Measures by group; `not_given`: those alone that the table that was read does not give, else
    all others."""
    found: dict[str, list[str]] = {}
    for measure, group, row in words.page_rows(plan, record):
        if row.result_class in classes and is_not_given(row) == not_given:
            found.setdefault(group, []).append(measure.noun)
    return found


def _of_cause(title: str, found: dict[str, list[str]]) -> str:
    count = sum(map(len, found.values()))
    if not found:
        return ""
    if count > MOST_NAMED:
        each = together("; ", (f"{group}: {told(len(nouns))}" for group, nouns in found.items()))
        return f"{title}: {told(count)} comparisons, each named below ({each})."
    return (
        f"{title}:"
        f" {'; '.join(f'{group}: {listed(tuple(nouns))}' for group, nouns in found.items())}."
    )


def _provisional(record: Record) -> tuple[str, ...]:
    """Which figures may still change, and which were not delivered."""
    return tuple(c.text for c in record.checks if c.id in ("provisional", DELIVERY))


def _recorded(plan: Monitor, measure) -> str:
    return (
        f"{capital(plan.recorded_words or '')}."
        if measure.id in plan.recorded_by_practitioner
        else ""
    )


def monitor_sections(plan: Monitor, record: Record) -> tuple[RateSection, ...]:
    """Every comparison in sentences: what can be said and what cannot."""
    found = []
    for measure in plan.measures:
        lines = tuple(
            RateLine(
                capital(words.people_from(group, measure.people)),
                words.can_say(plan, record, measure, group),
                words.cannot_say(plan, record, measure, group),
            )
            for group in plan.compared_groups
        )
        found.append(RateSection(f"{capital(measure.noun)}: {measure.at_risk}", lines))
    return tuple(found)
