"""From rows of a monitor's record to the sentences of its page: the comparison that the plan lets lead, and each other."""

import re

from analysis import record as records
from analysis.judgement.disparities import (
    OPPOSITE,
    Disparity,
    rri_can_say,
    rri_cannot_say,
    rri_headline,
    rri_size,
)
from analysis.judgement.figures_in_words import capital, listed, number
from analysis.judgement.finding import Slots, characteristics
from analysis.plans.monitor import Measure, Monitor
from analysis.studies.monitor_years import round_of
from analysis.studies.monitor_years_words import (
    chance_set_aside_by_the_sum,
    how_they_differ,
    is_of_rounds_that_differ,
    years_of,
)
from analysis.vocabulary.ethnicity import group_label
from analysis.vocabulary.regions import ALL, NATIONAL, place_set

MAIN = "relative_rate_index"
NOT_HERE = "[z]"
# Verdicts in the order in which a page counts them: what asks for an answer first, what says least last.
ORDER = (
    "disparity", "practical_only", "small_not_chance", "no_disparity_shown", "within_band",
    "insufficient_data",
)  # fmt: skip
VERDICT_WORDS = {
    "disparity": "disparity",
    "small_not_chance": "small, not chance",
    "practical_only": "practical only",
    "within_band": "within the band",
    "no_disparity_shown": "none shown",
    "insufficient_data": "too few",
    "withheld": "withheld [c]",
    "not_estimable": "not worked out",
}
NO_YEAR_LIKE_ANOTHER = "What a coming year will be like; that one ratio holds for all years."
CANNOT_WITHHELD = "That the number is zero, small, good or bad."


def people_from(group: str, people: str) -> str:
    """ "people on licence from the Black ethnic group"."""
    return group_label(group).replace("people", people, 1)


def people_word(measure: Measure) -> str:
    """One word for those who are counted: children, or people."""
    return "people" if "people" in measure.people.split() else measure.people.split()[0]


def place_words(plan: Monitor, place: str) -> str:
    kind = place_set(plan.data.places)
    return kind.together if place in (ALL, NATIONAL) else kind.name(place)


def cell_slots(plan: Monitor, measure: Measure, group: str, place: str) -> Slots:
    """The slots of one comparison."""
    return Slots(
        place=place_words(plan, place), programme="", group=people_from(group, measure.people),
        comparison=people_from(plan.groups.reference, measure.people), units="", noun=measure.noun, measure=measure.noun,
        event=measure.plain, people=people_word(measure), per=measure.per_words,
        covariates=characteristics(plan.adjust_for.outside),
    )  # fmt: skip


def answer_row(plan: Monitor, record: dict, measure: Measure, group: str) -> dict | None:
    """The row of one comparison that has the verdict."""
    return records.find(
        record, outcome=measure.id, group=f"{group} to {plan.groups.reference}", estimand=MAIN, family="page"
    )


def drawn_row(plan: Monitor, record: dict, measure: Measure, group: str) -> dict | None:
    """The same for a figure: too few people or events draw no comparison (rule S16), and the line keeps its word."""
    row = answer_row(plan, record, measure, group)
    few = row is not None and row["result_class"] == "insufficient_data"
    numbers = ("value", "conf_low", "conf_high", "group_value", "comparison_value")
    return row | dict.fromkeys(numbers) if few else row


def beside_row(plan: Monitor, record: dict, measure: Measure, group: str, note: str) -> dict | None:
    """A row beside it: `outside` or `both` (adjusted), `last_round`, `same_round_last_year`, `round_2024`."""
    return records.find(record, outcome=measure.id, group=f"{group} to {plan.groups.reference}", note=note)


def page_rows(plan: Monitor, record: dict) -> list[tuple[Measure, str, dict]]:
    """Every comparison of the page in the order of the plan."""
    return [
        (measure, group, row)
        for measure in plan.measures
        for group in plan.compared_groups
        if (row := answer_row(plan, record, measure, group)) is not None
    ]


def leading(plan: Monitor, record: dict) -> tuple[Measure, str, dict]:
    """The comparison that heads the page: the one that the plan names, whatever it shows, in every place and round."""
    measure, group = plan.measure(plan.leads.measure), plan.leads.group
    return measure, group, answer_row(plan, record, measure, group)


def verdict_words(row: dict) -> str:
    """The verdict in a cell, and whether it is set by those without the event."""
    word = VERDICT_WORDS.get(row["result_class"], row["result_class"])
    return f"{word}, counted the other way round" if row["decided_by"] == OPPOSITE else word


def worse_words(plan: Monitor, row: dict) -> str:
    """Who is worse off in a cell: the group, the reference, or [z] where the verdict speaks of no side."""
    sides = dict(zip(("group", "reference"), row["group"].split(" to "), strict=True))
    return sides.get(row["worse_off"], NOT_HERE)


def disparity_of(plan: Monitor, record: dict, measure: Measure, group: str) -> Disparity:
    """What the sentences need of one comparison. A verdict that is not there counts as too few."""
    row = answer_row(plan, record, measure, group)
    verdict = row["result_class"] if row["result_class"] in ORDER else "insufficient_data"
    if verdict == "insufficient_data" or row["value"] is None:
        return Disparity("insufficient_data")
    adjusted = beside_row(plan, record, measure, group, "outside")
    known = adjusted is not None and adjusted["status"] == "estimated"
    held = next((c for c in record["checks"] if c["id"] == f"persistent_{measure.id}_{group}"), None)
    return Disparity(
        verdict, row["value"], row["conf_low"], row["conf_high"], group_rate=row["group_value"],
        reference_rate=row["comparison_value"], band_low=plan.band.low, band_high=plan.band.high, mde=row["mde"],
        rounds=_rounds(held), adjusted=tuple(adjusted[k] for k in ("value", "conf_low", "conf_high")) if known else None,
        outside=characteristics(plan.adjust_for.outside), service_decided=characteristics(plan.adjust_for.service_decided), asked=_is_asked(plan, record, measure, group),
        asked_if=_asked_if(plan, record, measure, group), year_alone=chance_set_aside_by_the_sum(record, row),
        opposite=opposite_of(row), without=measure.opposite, decided_by=row["decided_by"], worse_off=row["worse_off"], counts=row["counts"],
    )  # fmt: skip


def _explanation(record: dict, measure: Measure, group: str) -> dict | None:
    """The check that says where the explanation of a disparity stands; none where nobody is asked."""
    return next((c for c in record["checks"] if c["id"] == f"explanation_{measure.id}_{group}"), None)


def _is_asked(plan: Monitor, record: dict, measure: Measure, group: str) -> bool:
    """Somebody is there to be asked: of a disparity its check says so, of the others the plan."""
    if plan.explain_or_reform is None:
        return False
    is_disparity = answer_row(plan, record, measure, group)["result_class"] == "disparity"
    return not is_disparity or _explanation(record, measure, group) is not None


def _asked_if(plan: Monitor, record: dict, measure: Measure, group: str) -> str | None:
    """ "2 of 3 rounds", where an explanation of a disparity is not asked for yet; its check has neither passed nor failed."""
    check = _explanation(record, measure, group)
    waits = check is not None and check["passed"] is None
    return plan.explain_or_reform.asked_after.words if waits else None


def opposite_of(row: dict) -> tuple[float, float, float] | None:
    """The ratio of those without the event with its interval, from the row; None where there is none."""
    ends = tuple(row[key] for key in ("opposite_value", "opposite_low", "opposite_high"))
    return None if None in ends else ends


def _rounds(held: dict | None) -> tuple[int, int] | None:
    """(same verdict in, of the last), from the check that says so."""
    if held is None:
        return None
    found = re.search(r"in (\d+) of the last (\d+) rounds", held["text"])
    return int(found[1]), int(found[2])


def can_say(plan: Monitor, record: dict, measure: Measure, group: str) -> str:
    row, place = answer_row(plan, record, measure, group), record["region"]
    if row["status"] == "withheld":
        return "Withheld to protect people [c]. Too few for a comparison in this period."
    found, words = disparity_of(plan, record, measure, group), cell_slots(plan, measure, group, place)
    said = rri_can_say(found, words)
    if is_of_rounds_that_differ(row):
        said = f"{how_they_differ(record, row)} {said}"
    elif measure.pool_rounds:
        said = f"{years_of(record, row)} added up: {said}"
    marked = measure.marks.get(group)
    return f"{said} Note: {marked}." if marked else said


def cannot_say(plan: Monitor, record: dict, measure: Measure, group: str) -> str:
    row, place = answer_row(plan, record, measure, group), record["region"]
    if row["status"] == "withheld":
        return f"{CANNOT_WITHHELD} This is not a pass."
    said = rri_cannot_say(disparity_of(plan, record, measure, group), cell_slots(plan, measure, group, place))
    return f"{said} {NO_YEAR_LIKE_ANOTHER}" if is_of_rounds_that_differ(row) else said


def headline(plan: Monitor, record: dict) -> str:
    """The heading of the page, from the comparison that leads."""
    measure, group, row = leading(plan, record)
    words = cell_slots(plan, measure, group, record["region"])
    people, year = people_word(measure), round_of(row["note"])
    short = {"group": _short(group, people), "comparison": f"{plan.groups.reference} {people}"}
    short["place"] = f"{words.place}, {year}" if year else words.place
    found = disparity_of(plan, record, measure, group)
    return rri_headline(found, Slots(**{**{f: getattr(words, f) for f in words.__dataclass_fields__}, **short}))


def _short(group: str, people: str) -> str:
    """For a heading: "Black children", and never "the Mixed group" as if it were one."""
    return {"Mixed": f"{people} of Mixed ethnicity", "Other": f"{people} of Other ethnic groups"}.get(
        group, f"{group} {people}"
    )


def size_line(plan: Monitor, record: dict) -> str:
    """The ratio that leads, its interval and both rates."""
    measure, group, _ = leading(plan, record)
    return rri_size(disparity_of(plan, record, measure, group), cell_slots(plan, measure, group, record["region"]))


def counted_line(plan: Monitor, record: dict) -> str:
    """How many comparisons the page holds, and what they show; too few is never a pass."""
    rows = [row for _, _, row in page_rows(plan, record)]
    few = sum(row["result_class"] not in ORDER or row["result_class"] == "insufficient_data" for row in rows)
    counts = [(sum(row["result_class"] == name for row in rows), VERDICT_WORDS[name]) for name in ORDER[:-1]]
    said = [f"{n} {words}" for n, words in counts if n]
    said += [f"{few} too few or withheld, which is not a pass"] if few else []
    return f"{len(rows)} comparisons on this page: {listed(tuple(said))}."


def chance_line(record: dict) -> str:
    """How often chance alone would show a disparity on such a page; empty where no comparison can be made."""
    return next((c["text"] for c in record["checks"] if c["id"] == "chance_alone"), "")


def explanation_lines(record: dict) -> tuple[str, ...]:
    """Where each explanation stands, in the words of the register; those that nobody is asked for yet come last."""
    checks = [c for c in record["checks"] if c["id"].startswith("explanation_")]
    return tuple(capital(c["text"]) for c in sorted(checks, key=lambda c: c["passed"] is None))


def since_line(plan: Monitor, record: dict, measure: Measure, group: str) -> str:
    """What the ratio was in the last round and in the same one a year before; empty where there is none to set it beside."""
    parts = []
    if disparity_of(plan, record, measure, group).verdict == "insufficient_data":
        return ""
    for note, words in (("last_round", "last round"), ("same_round_last_year", "same round last year")):
        row = beside_row(plan, record, measure, group, note)
        if row is not None and row["status"] == "estimated":
            interval = f"{number(row['conf_low'], 2)} to {number(row['conf_high'], 2)}"
            parts.append(f"{words} {number(row['value'], 2)} ({interval})")
    return f"The ratio was: {'; '.join(parts)}." if parts else ""


def statement(plan: Monitor, record: dict) -> dict:
    """Headline, what can be said and what cannot, of a page."""
    measure, group, _ = leading(plan, record)
    return {
        "headline": headline(plan, record),
        "say": can_say(plan, record, measure, group),
        "cannot_say": cannot_say(plan, record, measure, group),
    }
