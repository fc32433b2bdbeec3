"""The answer block of a monitor's page and its table of sentences, from the cleared record."""

import re
from collections.abc import Mapping
from datetime import date

from analysis.judgement.disparities import after_adjustment
from analysis.judgement.figures_in_words import capital, listed
from analysis.judgement.rates_in_words import ratio
from analysis.plans.monitor import Monitor
from analysis.site.block import AnswerBlock, PageFigure
from analysis.site.monitor_drawing import monitor_drawing
from analysis.site.period import between
from analysis.site.rates import RateLine, RateSection
from analysis.studies import monitor_words as words
from analysis.studies.monitor_pooled import BESIDE
from analysis.studies.monitor_years import round_of
from analysis.studies.monitor_years_words import years_line
from analysis.vocabulary.ethnicity import WHITE_NOTE, group_people
from analysis.vocabulary.regions import ALL, NATIONAL, place_set

BADGE = "RATES SIDE BY SIDE, not why they differ"
MOST_NAMED = 6  # comparisons that could not be made, above the fold
MOST_LINES = 4  # of the register, above the fold
NONE_ASKED = "No disparity on this page, so none is to be explained."
PLAIN_FIRST = ("people", "children", "staff", "applicants")  # words that open a sentence and are no names
NOBODY_ASKED = (
    "This monitor asks nobody: its counts are published ones, and whoever decides at each stage can be asked."
)


def monitor_block(plan: Monitor, record: dict, national: dict, places: Mapping[str, dict] | None = None) -> AnswerBlock:
    """The block of one cleared record."""
    measure = words.leading(plan, record)[0]
    drawing, statement, place = monitor_drawing(plan, record, national), record["statement"], record["region"]
    figure = drawing and PageFigure(
        "figures/answer", drawing.alt(), f"{capital(measure.noun)}: each group beside {plan.groups.reference}"
    )
    said = (_verdict(plan, record), words.counted_line(plan, record), words.chance_line(record))
    few = _not_compared(plan, record)
    return AnswerBlock(
        headline=statement["headline"],
        lines=_lines(plan, record, national),
        badge=BADGE,
        figure=figure,
        can_say=tuple(text for text in said if text),
        cannot_say=tuple(capital(part.rstrip(".")) + "." for part in re.split(r"; |\. ", statement["cannot_say"])),
        harm_watch=_register(record) if plan.explain_or_reform else NOBODY_ASKED,
        by_group=few,
        ask=() if place in (NATIONAL, ALL) else plan.ask_the_region,
        settle=_provisional(record),
        settle_title="Provisional",
        cautions=_cautions(plan, measure),
        contact=plan.people.contact,
        watch_title="Explain or reform",
        group_title="Not compared here",
    )


def _lines(plan: Monitor, record: dict, national: dict) -> tuple[str, ...]:
    """Period and size; all places and the value drawn towards them; explanation, after allowing, what it was before."""
    measure, group, row = words.leading(plan, record)
    size = words.size_line(plan, record)
    asked = next((c["text"] for c in record["checks"] if c["id"] == f"explanation_{measure.id}_{group}"), "")
    state = asked.partition(": ")[2]
    found = (
        plan.say_first or "",
        _with_period(plan, record, row, size),
        _beside_line(plan, record, national),
        f"Explanation: {state}" if state else "",
        after_adjustment(words.disparity_of(plan, record, measure, group)),
        words.since_line(plan, record, measure, group),
        years_line(record, measure.id, group),
    )
    return tuple(line for line in found if line)


def uncapital(text: str) -> str:
    """First letter small where the first word is no name: a group's name and a number stay as they are."""
    first = text.split()[0]
    return text[:1].lower() + text[1:] if first.lower() in PLAIN_FIRST else text


def _with_period(plan: Monitor, record: dict, row: dict, size: str) -> str:
    """The size behind the one year that answers, the days that the record covers, or the plan's words for them."""
    year, days = round_of(row["note"]), (record["period_from"], record["period_to"])
    if year is None and None in days:
        return f"{capital(plan.data.cohort)}: {uncapital(size)}" if size else f"{capital(plan.data.cohort)}."
    words_of = year or between(*map(date.fromisoformat, days))
    return f"In {words_of}, {uncapital(size)}" if size else f"Figures of {words_of}."


def _beside_line(plan: Monitor, record: dict, national: dict) -> str:
    """The same ratio over all places, and this place's drawn towards the others; empty on the page of all places."""
    measure, group, own = words.leading(plan, record)
    kind = place_set(plan.data.places)
    if record["region"] in (NATIONAL, ALL):
        return ""
    whole = words.answer_row(plan, national, measure, group)
    if whole is None or whole["status"] != "estimated":
        return ""
    said = f"{kind.together}: {ratio(whole['value'])} times as often"
    shrunken = words.beside_row(plan, record, measure, group, BESIDE)
    if own["value"] is None or shrunken is None or shrunken["status"] != "estimated":
        return f"{said}."
    ends = f"{ratio(shrunken['conf_low'])} to {ratio(shrunken['conf_high'])}"
    return f"{said}. {kind.name(record['region'])} drawn towards the others: {ratio(shrunken['value'])} ({ends})."


def _verdict(plan: Monitor, record: dict) -> str:
    """What the size means; the size itself and the ratio after allowing stand in the lines above."""
    measure, group, _ = words.leading(plan, record)
    said = record["statement"]["say"].replace(words.size_line(plan, record), "")
    return said.replace(after_adjustment(words.disparity_of(plan, record, measure, group)), "").strip()


def _register(record: dict) -> str:
    lines = words.explanation_lines(record)
    rest = len(lines) - MOST_LINES
    more = f" And {rest} more, in the analysis below." if rest > 0 else ""
    return " ".join(lines[:MOST_LINES]) + more if lines else NONE_ASKED


def _not_compared(plan: Monitor, record: dict) -> str:
    """Comparisons that could not be made, by their cause: too few, or withheld; never a pass."""
    rows = [(m, g, row) for m, g, row in words.page_rows(plan, record) if row["result_class"] not in words.ORDER[:-1]]
    if not rows:
        return "Every comparison of this page could be made."
    causes = {"Withheld to protect people": True, "Too few people or events": False}
    said = [
        f"{cause}: {_named([(m, g) for m, g, row in rows if (row['status'] == 'withheld') == withheld])}."
        for cause, withheld in causes.items()
        if any((row["status"] == "withheld") == withheld for _, _, row in rows)
    ]
    return " ".join([*said, "This is not a pass."])


def _named(pairs: list[tuple]) -> str:
    """ "Mixed: recall and breach; Other: recall", or how many of each group where they are many."""
    found: dict[str, list[str]] = {}
    for measure, group in pairs:
        found.setdefault(group, []).append(measure.noun)
    if len(pairs) > MOST_NAMED:
        return f"{len(pairs)} comparisons ({listed(tuple(f'{group} {len(nouns)}' for group, nouns in found.items()))})"
    return "; ".join(f"{group} ({listed(tuple(nouns))})" for group, nouns in found.items())


def _provisional(record: dict) -> tuple[str, ...]:
    return tuple(c["text"] for c in record["checks"] if c["id"] == "provisional")


def _cautions(plan: Monitor, measure) -> tuple[str, ...]:
    white = WHITE_NOTE if plan.groups.reference == "White" else ""
    return tuple(text for text in (measure.caution, _recorded(plan, measure), *plan.cautions, white) if text)


def _recorded(plan: Monitor, measure) -> str:
    return f"{capital(plan.recorded_words)}." if measure.id in plan.recorded_by_practitioner else ""


def monitor_sections(plan: Monitor, record: dict) -> tuple[RateSection, ...]:
    """Every comparison in sentences: what can be said and what cannot."""
    found = []
    for measure in plan.measures:
        lines = tuple(
            RateLine(
                capital(group_people(group, measure.people)),
                words.can_say(plan, record, measure, group),
                words.cannot_say(plan, record, measure, group),
            )
            for group in plan.compared_groups
        )
        found.append(RateSection(f"{capital(measure.noun)}: {measure.at_risk}", lines))
    return tuple(found)
