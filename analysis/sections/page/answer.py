"""The answer block of a page: every word and the one figure above the fold, ready made for a
template.

Words come from judgement/ and study/words.py, numbers from cleared records. Templates place them
and decide nothing.
"""

import re
from collections.abc import Mapping

from analysis.clearing.asked import gap_lines, group_line
from analysis.clearing.headed import among_first, headed, headed_slots, said_of, worse_line
from analysis.clearing.ruled import ruled
from analysis.judgement import classes
from analysis.judgement.classes import HARM_GRADES
from analysis.judgement.false_alarms import load_false_alarms
from analysis.judgement.finding import Slots
from analysis.judgement.pointed import Looks
from analysis.judgement.wording import lines
from analysis.judgement.wording.figures_in_words import capital
from analysis.judgement.wording.statements import size
from analysis.plans.asks import GAP_NARROWS
from analysis.plans.kinds import kind_of
from analysis.plans.plan import Plan
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.results import EVERYONE
from analysis.said.texts import cut, joined, named
from analysis.said.told import told
from analysis.sections.page.block import AnswerBlock, PageFigure
from analysis.sections.page.drawing import Drawing, LadderDrawing, answer_drawing
from analysis.sections.rungs import chain_from
from analysis.study.public_counts import clearance_of_plan
from analysis.study.words import (
    finding,
    in_plan_words,
    lead_row,
    on_watch,
    places_alike,
    pooled_row,
    slots,
    stands,
    there,
)
from analysis.vocabulary.regions import ALL, NATIONAL, place_set

# How strongly the page may speak, in words (never a colour alone).
BADGES = {
    "caused": "PLACED BY LOT",
    "likely": "LIKELY, if the assumption named holds",
    "linked": "LINKED, not proof of cause",
    "described": "DESCRIBED, no comparison",
    "ranked": "RANK ONLY, not proof of cause",
    "withheld": "WITHHELD",
    "not_estimable": "NOT WORKED OUT",
}
WORSE, MAY_BE_WORSE = HARM_GRADES
SENTENCE_ENDS = re.compile(r"(?<=\.) (?=[A-Z])")
MOST_NAMED = 3  # on harm watch; the national page has room for no more above the fold


def answer_block(
    plan: Plan, record: Record, national: Record, places: Mapping[str, Record] | None = None
) -> AnswerBlock:
    """The block of one cleared record. `places`: the cleared records of all places, for the
    national page."""
    place, statement, words = record.region, record.sentences, _leading_slots(plan, record)
    drawing = answer_drawing(plan, record, national, places)
    is_national = place == NATIONAL
    watched = (places or {}) if is_national else {place: record}
    return AnswerBlock(
        headline=statement.headline or plan.title,
        lines=answer_lines(plan, record, national, places),
        badge=badge(said_of(plan, record).row),
        figure=_page_figure(plan, place, drawing) if drawing else None,
        can_say=_can_say(statement.say, in_plan_words(plan, _measured(plan, record))),
        cannot_say=tuple(cut(statement.cannot_say, SENTENCE_ENDS)),
        harm_watch=_worse_words(plan, watched),
        may_be_worse=_maybe_words(plan, watched),
        by_group=group_line(plan, record, national),
        ask=() if is_national else plan.ask_the_region,
        settle=what_would_settle(plan, record),
        settle_title="What would change our mind" if is_national else "What would settle it",
        cautions=tuple(
            text for text in (lines.practitioner_records_line(words), *plan.cautions) if text
        ),
        contact=named(plan.people.contact),
        rule=rule_lines(plan, record) if is_national else (),
    )


def rule_lines(plan: Plan, national: Record, before: Looks = Looks()) -> tuple[str, ...]:
    """Where the rule for decisions points, and what was decided. before: the looks before this
    record, as the log of rounds has them."""
    return _in_plan_words(plan, ruled(plan, national, before))


def answer_lines(
    plan: Plan, record: Record, national: Record, places: Mapping[str, Record] | None = None
) -> tuple[str, ...]:
    """The lines under the heading: the answer to each question of the plan."""
    words = _leading_slots(plan, record)
    found = (*_first_line(plan), *_lines_of(plan, record, national, places, words))
    return _in_plan_words(plan, found)


def what_would_settle(plan: Plan, record: Record) -> tuple[str, ...]:
    """What would settle an answer that cannot tell, and what to do meanwhile."""
    row = there(lead_row(plan, record))
    return _in_plan_words(plan, _settle(plan, record, row, _leading_slots(plan, record)))


def _leading_slots(plan: Plan, record: Record) -> Slots:
    row = there(lead_row(plan, record))
    return slots(plan, plan.outcome(plan.leading), record.region, row=row)


def _first_line(plan: Plan) -> tuple[str, ...]:
    """What the plan says must be known before the answer."""
    return (plan.say_first,) if plan.say_first else ()


def _measured(plan: Plan, record: Record) -> str:
    """SIZE of what the sentences below the heading are about."""
    said = said_of(plan, record)
    return size(finding(plan, said.row, record), headed_slots(plan, record.region, record, said))


def _lines_of(
    plan: Plan, record: Record, national: Record, places, words: Slots
) -> tuple[str, ...]:
    """The answer to each question of the plan in its order, and what is worse here before anything
    else."""
    if record.region == NATIONAL:
        first, *rest = _national_lines(plan, national, places or {}, words)
        found = (worse_line(plan, national), first, *_asked(plan, national), *rest)
        return tuple(line for line in found if line)
    asked = _asked(plan, record if record.region == ALL else national)
    found = (worse_line(plan, record), *_place_lines(plan, record, national, words, asked))
    return tuple(line for line in found if line)


def _asked(plan: Plan, answering: Record) -> tuple[str, ...]:
    """Answers to the questions beside the effect itself, from the record of all places."""
    return gap_lines(plan, answering) if GAP_NARROWS in plan.asks else ()


def _worse_words(plan: Plan, watched: Mapping[str, Record]) -> str:
    """What is worse, above the fold, and how often such an entry is a false alarm."""
    if not on_watch(plan, watched, WORSE):
        below = on_watch(plan, watched, MAY_BE_WORSE)
        return (
            "None that is worse; what may be worse stands lower on this page." if below else "None."
        )
    alarms = load_false_alarms().sentence(WORSE, plan.harm_watch.probability, study=plan.study)
    said = _named(plan, watched, WORSE)
    return capital(lines.harm_line((said,), alarms).removeprefix("Harm watch: "))


def _maybe_words(plan: Plan, watched: Mapping[str, Record]) -> str:
    """What may be worse, lower on the page; empty where there is nothing."""
    if not on_watch(plan, watched, MAY_BE_WORSE):
        return ""
    level = plan.harm_watch.probability
    alarms = load_false_alarms().sentence(MAY_BE_WORSE, level, study=plan.study)
    said = _named(plan, watched, MAY_BE_WORSE)
    return capital(lines.maybe_worse_line((said,), level, alarms).removeprefix("May be worse: "))


def _named(plan: Plan, watched: Mapping[str, Record], grade: str) -> str:
    """The leading outcome by name; a long list of others is counted, each page names its own."""
    found = on_watch(plan, watched, grade)
    if len(found) <= MOST_NAMED:
        return joined("; ", found)
    kind = place_set(plan.data.places)
    leading = on_watch(plan, watched, grade, leading=True)
    named, rest = leading[:MOST_NAMED], len(found) - len(leading[:MOST_NAMED])
    where = (
        "in the table of the analysis below"
        if len(watched) == 1
        else f"on the page of its {kind.one}"
    )
    said = joined("; ", named) if named else f"nothing in {plan.outcome(plan.leading).noun}"
    return f"{said}; and {told(rest)} more outcomes or groups, each named {where}"


def _in_plan_words(plan: Plan, said: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(in_plan_words(plan, text) for text in said)


def _can_say(say: str, measured: str) -> tuple[str, ...]:
    """What the result means first, then its size in full: the lines above have told the number
    already."""
    means = say.removeprefix(measured).strip() if measured else say
    return tuple(words for words in (means, measured) if words)


def badge(row: Row) -> str:
    """How strongly the page may speak of what its sentences are about."""
    if row.status == "ranked":
        return BADGES["ranked"]
    if row.status == "estimated" and row.claim:
        return BADGES[row.claim]
    return BADGES[row.status if row.status in BADGES else "described"]


def _page_figure(plan: Plan, place: str, drawing: Drawing | LadderDrawing) -> PageFigure:
    if isinstance(drawing, LadderDrawing):
        kind = place_set(plan.data.places)
        where = (
            f"All {kind.many} in one analysis"
            if place in (NATIONAL, ALL)
            else f"{kind.name(place)} alone"
        )
        caption = f"{where}, level by level"
        return PageFigure("figures/answer", drawing.alt(), caption)
    return PageFigure("figures/answer", drawing.alt(), _caption(plan, place, drawing))


def _caption(plan: Plan, place: str, drawing: Drawing) -> str:
    kind = place_set(plan.data.places)
    if drawing.kind == "placebos":
        noun = capital(plan.outcome(drawing.outcome).noun or plan.title)
        return f"{noun}: each {kind.one} beside what the others lead one to expect"
    if not kind_of(plan).pooled:
        return f"All {kind.many} in one analysis"
    beside = (
        f"one line a {kind.one}"
        if place == NATIONAL and not plan.data.also_all
        else "together and alone"
    )
    return f"{capital(plan.outcome(drawing.outcome).noun or plan.title)}: {beside}"


def _place_lines(
    plan: Plan, record: Record, national: Record, words: Slots, asked: tuple[str, ...]
) -> tuple[str, ...]:
    """The national line, with how this place stands, what else is `asked`, then the place's own
    line."""
    own = finding(plan, there(lead_row(plan, record)), record)
    if record.region == ALL:
        return (size(own, words), *asked) if own.has_number else asked
    instead = _shown_instead(plan, record)
    if not kind_of(plan).pooled:
        row = there(lead_row(plan, national))
        ranked = slots(plan, plan.outcome(plan.leading), NATIONAL, row=row)
        about = ranked if row.status == "ranked" else words
        whole = lines.one_analysis_line(finding(plan, row, national), about)
        if own.has_number:
            return whole, *asked, lines.own_line(own, words), *instead
        why = _why_no_effect_here(record)
        moved = _moved_without(plan, record, national)
        alone = () if why else (lines.own_line(own, words),)
        return (*why, whole, *asked, *moved, *alone, *instead)
    pooled = there(pooled_row(plan, national))
    together = finding(plan, pooled, national)
    stand = stands(plan, record.region, record, national)
    if stand == "in_line" and places_alike(pooled) is False:
        stand = "in_line_differ"
    first = lines.national_line(together, words, places_pooled=pooled.k or 0, stands=stand)
    return first, *asked, lines.own_line(own, words), *instead


def _shown_instead(plan: Plan, record: Record) -> tuple[str, ...]:
    """The place's own figure that heads its page, where the leading outcome has none."""
    head = headed(plan, record)
    if head.is_leading or head.why in ("sites", "fact"):
        return ()
    found, words = (
        finding(plan, head.row, record),
        headed_slots(plan, record.region, record, head),
    )
    return (among_first(size(found, words), words.among),) if found.has_number else ()


def _why_no_effect_here(record: Record) -> tuple[str, ...]:
    """Why nothing can be worked out in a place alone, where the study says so: how many of its
    sites lie there."""
    return tuple(check.text for check in record.checks if check.id == "own_sites")


def _moved_without(plan: Plan, record: Record, national: Record) -> tuple[str, ...]:
    """How far a place that did not take part moved over the same time, where the nation tells."""
    moved = kind_of(plan).placebos
    if not moved or there(lead_row(plan, record)).result_class != "placebo":
        return ()
    row = national.find(outcome=plan.leading, estimand=moved, group=EVERYONE, method=record.region)
    if row is None or row.status != "ranked":
        return ()
    words = slots(plan, plan.outcome(plan.leading), record.region)
    return (lines.placebo_line(finding(plan, row, national), words),)


def _national_lines(
    plan: Plan, national: Record, places: Mapping[str, Record], words: Slots
) -> tuple[str, ...]:
    """The answer over all places, how many are in it, and what a new place would see."""
    if not kind_of(plan).pooled:
        whole = finding(plan, there(lead_row(plan, national)), national)
        first = size(whole, words) if whole.has_number else lines.one_analysis_line(whole, words)
        return tuple(
            line
            for line in (first, chain_from(plan, national) if kind_of(plan).ladder else "")
            if line
        )
    pooled, total = there(pooled_row(plan, national)), len(place_set(plan.data.places).ids)
    k, together = pooled.k or 0, finding(plan, pooled, national)
    low, high = pooled.pi_low, pooled.pi_high
    said = [lines.national_line(together, words, places_pooled=k)]
    if plan.data.also_all:
        whole = finding(plan, there(lead_row(plan, national)), national)
        said = [size(whole, words), *said]
    if k:
        public = clearance_of_plan(plan).public
        said.append(lines.pooled_of_line(words, pooled=k, of=total, may_be_withheld=not public))
    kind = place_set(plan.data.places)
    if places and places_alike(pooled) is False:
        apart = [
            kind.name(key)
            for key, one in places.items()
            if key != ALL and _stands_apart(plan, key, one, national)
        ]
        said.append(lines.taken_together_line(words, apart))
    said.append(
        lines.left_out_line(
            [kind.name(place) for place in kind.ids if places and place not in places]
        )
    )
    return tuple(
        line
        for line in (
            *said,
            lines.prediction_line(together, words, low=low, high=high, places_pooled=k),
        )
        if line
    )


def _stands_apart(plan: Plan, place: str, record: Record, national: Record) -> bool:
    return stands(plan, place, record, national) in ("better", "worse", "differs")


def _settle(plan: Plan, record: Record, row: Row, words: Slots) -> tuple[str, ...]:
    """For an answer that cannot tell: what would settle it, and what to do meanwhile."""
    found = finding(plan, row, record)
    if found.result_class not in classes.INCONCLUSIVE and found.result_class not in (
        "not_estimable",
        "unreliable",
    ):
        return ()
    if record.region == NATIONAL and row.note == "places_differ":
        return lines.places_differ_line(words), lines.meanwhile_line(words)
    sites = None if kind_of(plan).clusters_are_people else _sites(row)
    settle = (
        lines.settle_line(
            found, words, minimum_detectable=row.mde, n=row.n_identifying, sites=sites
        )
        if found.has_number
        else ""
    )
    return tuple(line for line in (settle, lines.meanwhile_line(words)) if line)


def _sites(row: Row) -> int | None:
    """Assigned units on both sides of the comparison; None where they are not shown."""
    own, others = row.clusters_treated, row.clusters_comparison
    return None if own is None or others is None else own + others
