"""The answer block of a monitor's page and its table of sentences, from the cleared record."""

import re
from collections.abc import Mapping

from analysis.judgement.figures_in_words import capital, listed
from analysis.plans.monitor import Monitor
from analysis.site.block import AnswerBlock, PageFigure
from analysis.site.monitor_drawing import monitor_drawing
from analysis.site.rates import RateLine, RateSection
from analysis.studies import monitor_words as words
from analysis.studies.monitor_years_words import years_line
from analysis.vocabulary.regions import ALL, NATIONAL

BADGE = "RATES SIDE BY SIDE, not why they differ"
MOST_NAMED = 6  # comparisons that could not be made, above the fold
MOST_LINES = 4  # of the register, above the fold
NONE_ASKED = "No disparity on this page asks for an explanation."
NOBODY_ASKED = (
    "This monitor asks nobody: its counts are published ones, and whoever decides at each stage can be asked."
)


def monitor_block(plan: Monitor, record: dict, national: dict, places: Mapping[str, dict] | None = None) -> AnswerBlock:
    """The block of one cleared record."""
    measure, group, _ = words.leading(plan, record)
    drawing, statement, place = monitor_drawing(plan, record, national), record["statement"], record["region"]
    size = words.size_line(plan, record)
    figure = drawing and PageFigure(
        "figures/answer", drawing.alt(), f"{capital(measure.noun)}: each group beside {plan.groups.reference}"
    )
    return AnswerBlock(
        headline=statement["headline"],
        lines=tuple(line for line in (plan.say_first or "", size, *_under(plan, record, measure, group)) if line),
        badge=BADGE,
        figure=figure,
        can_say=tuple(
            text
            for text in (
                statement["say"].removeprefix(size).strip(),
                words.counted_line(plan, record),
                words.chance_line(record),
            )
            if text
        ),
        cannot_say=tuple(capital(part.rstrip(".")) + "." for part in re.split(r"; |\. ", statement["cannot_say"])),
        harm_watch=_register(record) if plan.explain_or_reform else NOBODY_ASKED,
        by_group=_too_few(plan, record),
        ask=() if place in (NATIONAL, ALL) else plan.ask_the_region,
        settle=_provisional(record),
        settle_title="Provisional",
        cautions=tuple(text for text in (measure.caution, _recorded(plan, measure), *plan.cautions) if text),
        contact=plan.people.contact,
        watch_title="Explain or reform",
        group_title="Too few here",
    )


def _under(plan: Monitor, record: dict, measure, group: str) -> tuple[str, ...]:
    """The lines under the size: the explanation of this comparison, and what the ratio was."""
    own = next((c["text"] for c in record["checks"] if c["id"] == f"explanation_{measure.id}_{group}"), "")
    return (
        capital(own.partition(": ")[2]),
        words.since_line(plan, record, measure, group),
        years_line(record, measure.id, group),
    )


def _register(record: dict) -> str:
    lines = words.explanation_lines(record)
    rest = len(lines) - MOST_LINES
    more = f" And {rest} more, in the analysis below." if rest > 0 else ""
    return " ".join(lines[:MOST_LINES]) + more if lines else NONE_ASKED


def _too_few(plan: Monitor, record: dict) -> str:
    """Comparisons that could not be made: named, and never a pass."""
    found: dict[str, list[str]] = {}
    for measure, group, row in words.page_rows(plan, record):
        if row["result_class"] not in words.ORDER[:-1]:
            found.setdefault(group, []).append(measure.noun)
    if not found:
        return "Every comparison of this page could be made."
    count = sum(map(len, found.values()))
    if count > MOST_NAMED:
        each = "; ".join(f"{group}: {len(nouns)}" for group, nouns in found.items())
        return f"{count} comparisons, each named below ({each}). This is not a pass."
    return "; ".join(f"{group}: {listed(tuple(nouns))}" for group, nouns in found.items()) + ". This is not a pass."


def _provisional(record: dict) -> tuple[str, ...]:
    return tuple(c["text"] for c in record["checks"] if c["id"] == "provisional")


def _recorded(plan: Monitor, measure) -> str:
    return f"{capital(plan.recorded_words)}." if measure.id in plan.recorded_by_practitioner else ""


def monitor_sections(plan: Monitor, record: dict) -> tuple[RateSection, ...]:
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
