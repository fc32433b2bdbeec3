"""The answer block of a page: every word and the one figure above the fold, ready made for a template.

Words come from judgement/ and studies/words.py, numbers from cleared records. Templates place them and decide nothing.
"""

from collections.abc import Mapping

from analysis import record as records
from analysis.display.amounts import is_withheld
from analysis.judgement import classes, lines
from analysis.judgement.classes import HARM_GRADES
from analysis.judgement.false_alarms import load_false_alarms
from analysis.judgement.figures_in_words import capital, listed
from analysis.judgement.finding import Slots
from analysis.judgement.statements import size
from analysis.plans.plan import Plan
from analysis.site.block import AnswerBlock, PageFigure
from analysis.site.drawing import Drawing, LadderDrawing, answer_drawing, has_ladder
from analysis.studies.kinds import kind_of
from analysis.studies.rungs import chain_from
from analysis.studies.words import POOLED_METHOD, finding, in_plan_words, lead_row, on_watch, pooled_row, slots, stands
from analysis.vocabulary.regions import ALL, NATIONAL, place_set

# How strongly the page may speak, in words (never a colour alone).
BADGES = {
    "caused": "PLACED BY LOT",
    "likely": "LIKELY, if the assumption named holds",
    "linked": "LINKED, not proof of cause",
    "described": "DESCRIBED, no comparison",
    "withheld": "WITHHELD",
    "not_estimable": "NOT WORKED OUT",
}
WORSE, MAY_BE_WORSE = HARM_GRADES
MOST_NAMED = 3  # on harm watch; the national page has room for no more above the fold
ALPHA = 0.05  # of the interaction test, Holm-adjusted within the outcome


def answer_block(plan: Plan, record: dict, national: dict, places: Mapping[str, dict] | None = None) -> AnswerBlock:
    """The block of one cleared record. `places`: the cleared records of all places, for the national page."""
    place, statement, row = record["region"], record["statement"], lead_row(plan, record)
    words, drawing = slots(plan, plan.outcome(plan.leading), place), answer_drawing(plan, record, national, places)
    is_national = place == NATIONAL
    watched = (places or {}) if is_national else {place: record}
    return AnswerBlock(
        headline=statement["headline"] or plan.title,
        lines=_in_plan_words(plan, (*_first_line(plan), *_lines_of(plan, record, national, places, words))),
        badge=BADGES[row["claim"] if row["status"] == "estimated" and row["claim"] else _badge_without(row)],
        figure=drawing and _page_figure(plan, place, drawing),
        can_say=_can_say(statement["say"], in_plan_words(plan, size(finding(plan, row, record), words))),
        cannot_say=tuple(capital(part.rstrip(".")) + "." for part in statement["cannot_say"].split("; ")),
        harm_watch=_worse_words(plan, watched),
        may_be_worse=_maybe_words(plan, watched),
        by_group=group_line(plan, record, national),
        ask=() if is_national else plan.ask_the_region,
        settle=_in_plan_words(plan, _settle(plan, record, row, words)),
        settle_title="What would change our mind" if is_national else "What would settle it",
        cautions=tuple(text for text in (lines.practitioner_records_line(words), *plan.cautions) if text),
        contact=plan.people.contact,
    )


def _first_line(plan: Plan) -> tuple[str, ...]:
    """What the plan says must be known before the answer."""
    return (plan.say_first,) if plan.say_first else ()


def _lines_of(plan: Plan, record: dict, national: dict, places, words: Slots) -> tuple[str, ...]:
    if record["region"] == NATIONAL:
        return _national_lines(plan, national, places or {}, words)
    return _place_lines(plan, record, national, words)


def _worse_words(plan: Plan, watched: Mapping[str, dict]) -> str:
    """What is worse, above the fold, and how often such an entry is a false alarm."""
    if not on_watch(plan, watched, WORSE):
        below = on_watch(plan, watched, MAY_BE_WORSE)
        return "None that is worse; what may be worse stands lower on this page." if below else "None."
    alarms = load_false_alarms().sentence(WORSE, plan.harm_watch.probability, study=plan.study)
    said = _named(plan, watched, WORSE)
    return capital(lines.harm_line((said,), alarms).removeprefix("Harm watch: "))


def _maybe_words(plan: Plan, watched: Mapping[str, dict]) -> str:
    """What may be worse, lower on the page; empty where there is nothing."""
    if not on_watch(plan, watched, MAY_BE_WORSE):
        return ""
    level = plan.harm_watch.probability
    alarms = load_false_alarms().sentence(MAY_BE_WORSE, level, study=plan.study)
    said = _named(plan, watched, MAY_BE_WORSE)
    return capital(lines.maybe_worse_line((said,), level, alarms).removeprefix("May be worse: "))


def _named(plan: Plan, watched: Mapping[str, dict], grade: str) -> str:
    """The leading outcome by name; a long list of others is counted, each page names its own."""
    found = on_watch(plan, watched, grade)
    if len(found) <= MOST_NAMED:
        return "; ".join(found)
    kind = place_set(plan.data.places)
    leading = on_watch(plan, watched, grade, leading=True)
    named, rest = leading[:MOST_NAMED], len(found) - len(leading[:MOST_NAMED])
    where = "in the table of the analysis below" if len(watched) == 1 else f"on the page of its {kind.one}"
    said = "; ".join(named) if named else f"nothing in {plan.outcome(plan.leading).noun}"
    return f"{said}; and {rest} more outcomes or groups, each named {where}"


def _in_plan_words(plan: Plan, said: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(in_plan_words(plan, text) for text in said)


def _can_say(say: str, measured: str) -> tuple[str, ...]:
    """What the result means first, then its size in full: the lines above have told the number already."""
    means = say.removeprefix(measured).strip() if measured else say
    return tuple(words for words in (means, measured) if words)


def _badge_without(row: dict) -> str:
    return row["status"] if row["status"] in BADGES else "described"


def _page_figure(plan: Plan, place: str, drawing: Drawing | LadderDrawing) -> PageFigure:
    if isinstance(drawing, LadderDrawing):
        kind = place_set(plan.data.places)
        caption = f"All {kind.many} in one analysis, level by level"
        return PageFigure("figures/answer", drawing.alt(), caption)
    return PageFigure("figures/answer", drawing.alt(), _caption(plan, place))


def _caption(plan: Plan, place: str) -> str:
    kind = place_set(plan.data.places)
    if not kind_of(plan).pooled:
        return f"All {kind.many} in one analysis"
    beside = f"one line a {kind.one}" if place == NATIONAL and not plan.data.also_all else "together and alone"
    return f"{capital(plan.outcome(plan.leading).noun or plan.title)}: {beside}"


def _place_lines(plan: Plan, record: dict, national: dict, words: Slots) -> tuple[str, ...]:
    """The national line, with how this place stands, then the place's own line."""
    own, pooled = finding(plan, lead_row(plan, record), record), pooled_row(plan, national)
    if record["region"] == ALL:
        return (size(own, words),) if own.has_number else ()
    if not kind_of(plan).pooled:
        whole = lines.one_analysis_line(finding(plan, lead_row(plan, national), national), words)
        return (*_why_no_effect_here(record), whole) if not own.has_number else (whole, lines.own_line(own, words))
    together = finding(plan, pooled, national)
    first = lines.national_line(
        together, words, places_pooled=pooled["k"] or 0, stands=stands(plan, record["region"], record, national)
    )
    return first, lines.own_line(own, words)


def _why_no_effect_here(record: dict) -> tuple[str, ...]:
    """Why nothing can be worked out in a place alone, where the study says so: how many of its sites lie there."""
    return tuple(check["text"] for check in record["checks"] if check["id"] == "own_sites")


def _national_lines(plan: Plan, national: dict, places: Mapping[str, dict], words: Slots) -> tuple[str, ...]:
    """The answer over all places, how many are in it, and what a new place would see."""
    if not kind_of(plan).pooled:
        whole = finding(plan, lead_row(plan, national), national)
        said = size(whole, words) if whole.has_number else lines.one_analysis_line(whole, words)
        return tuple(line for line in (said, chain_from(plan, national) if has_ladder(plan) else "") if line)
    pooled, total = pooled_row(plan, national), len(place_set(plan.data.places).ids)
    k, together = pooled["k"] or 0, finding(plan, pooled, national)
    low, high = pooled.get("pi_low"), pooled.get("pi_high")
    said = [lines.national_line(together, words, places_pooled=k)]
    if plan.data.also_all:
        whole = finding(plan, lead_row(plan, national), national)
        said = [size(whole, words), *said]
    if k:
        public = set(plan.data.sources) <= {"star", "published"}
        said.append(lines.pooled_of_line(words, pooled=k, of=total, may_be_withheld=not public))
    kind = place_set(plan.data.places)
    said.append(lines.left_out_line([kind.name(place) for place in kind.ids if places and place not in places]))
    return tuple(
        line for line in (*said, lines.prediction_line(together, words, low=low, high=high, places_pooled=k)) if line
    )


def _settle(plan: Plan, record: dict, row: dict, words: Slots) -> tuple[str, ...]:
    """For an answer that cannot tell: what would settle it, and what to do meanwhile."""
    found = finding(plan, row, record)
    if found.result_class not in classes.INCONCLUSIVE and found.result_class not in ("not_estimable", "unreliable"):
        return ()
    if record["region"] == NATIONAL and row["note"] == "places_differ":
        return lines.places_differ_line(words), lines.meanwhile_line(words)
    sites = None if kind_of(plan).clusters_are_people else _sites(row)
    settle = (
        lines.settle_line(found, words, minimum_detectable=row["mde"], n=row["n_identifying"], sites=sites)
        if found.has_number
        else ""
    )
    return tuple(line for line in (settle, lines.meanwhile_line(words)) if line)


def _sites(row: dict) -> int | None:
    """Assigned units on both sides of the comparison; None where they are not shown."""
    both = [row["clusters_treated"], row["clusters_comparison"]]
    return None if None in both else int(sum(both))


def group_line(plan: Plan, record: dict, national: dict) -> str:
    """Do ethnic groups differ (only the interaction test says so), and which groups are not shown here."""
    method = None if plan.data.also_all else POOLED_METHOD
    tests = [
        row for row in records.rows(national, outcome=plan.leading, estimand="gap_difference")
        if row["status"] == "estimated" and row["p_adjusted"] is not None and (method is None or row["method"] == method)
    ]  # fmt: skip
    differ = [row["group"] for row in tests if row["p_adjusted"] <= ALPHA]
    if not tests:
        said = "Whether groups differ could not be tested."
    elif differ:
        said = f"The difference is not the same in all groups ({listed(tuple(differ))})."
    else:
        said = "No sign that groups differ (tested over all places together)."
    return " ".join([said, *_groups_not_shown(plan, record)])


def _groups_not_shown(plan: Plan, record: dict) -> list[str]:
    """Matched groups without a figure of their own in this record."""
    found = {}
    for group in plan.exposure.matched_groups if plan.exposure else ():
        own = records.rows(record, outcome=plan.leading, estimand="own_group_gap", group=group)
        own = [row for row in own if row["note"] not in ("second_opinion", "bounds")]
        if own and all(row["status"] != "estimated" for row in own):
            key = "Withheld here [c]" if any(map(is_withheld, own)) else "Not worked out here"
            found.setdefault(key, []).append(group)
    return [f"{key}: {listed(tuple(groups))}." for key, groups in found.items()]
