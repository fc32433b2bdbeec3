"""Answers to the questions of a plan (`asks`) that are about ethnic groups: does the gap narrow, do
effects differ?

A gap narrows when the difference between a group and the reference moves towards none. Which side
it was on is read from the levels observed without the programme, never guessed from what the plan
calls better. "No sign that groups differ" is never printed without the size of difference that is
ruled out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.clearing.headed import people_of
from analysis.judgement import classes
from analysis.judgement.finding import Finding, Slots
from analysis.judgement.pools.pooling import METHOD as POOLED_METHOD
from analysis.judgement.wording.figures_in_words import alike, fixed, listed, printed
from analysis.judgement.wording.headlines import cause_of_doubt
from analysis.judgement.wording.lines import interval_in_words
from analysis.judgement.wording.statements import difference_in_words
from analysis.plans.kinds import group_rows, kind_of
from analysis.plans.plan import Plan
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.results import EVERYONE, NOT_ESTIMABLE_REASONS, REVEALING_REASONS
from analysis.said.phrases import CI_95, EVERY_100
from analysis.said.texts import capital, joined, sentence, together
from analysis.said.told import told
from analysis.study.words import slots
from analysis.vocabulary.regions import ALL, NATIONAL, place_set

GAP = "gap_difference"
TOGETHER = "minority ethnic groups"  # all groups but the reference, put together
LESS = " less "
NOT_AN_ANSWER = ("second_opinion", "bounds")


@dataclass(frozen=True)
class Gap:
    """One comparison of two groups: the row of the difference in effect, and the levels without the
    programme."""

    row: Row
    group: str
    reference: str
    level: float | None
    reference_level: float | None

    @property
    def is_known(self) -> bool:
        return self.row.status == "estimated"

    @property
    def narrows_when(self) -> str | None:
        """`lower` or `higher`: which way the difference must move to narrow the gap; None where its
        side is not shown."""
        if self.level is None or self.reference_level is None or self.level == self.reference_level:
            return None
        return "lower" if self.level > self.reference_level else "higher"


def gaps(plan: Plan, record: Record) -> list[Gap]:
    """Differences in effect between two groups on the leading outcome that answer in this
    record."""
    pooled = record.region == NATIONAL and not plan.data.also_all
    found = []
    for row in record.rows_where(outcome=plan.leading, estimand=GAP):
        is_pooled = row.method == POOLED_METHOD
        if row.note not in NOT_AN_ANSWER and is_pooled == pooled and LESS in row.group:
            group, reference = row.group.split(LESS)
            levels = _level(plan, record, group), _level(plan, record, reference)
            found.append(Gap(row, group, reference, *levels))
    return found


def _level(plan: Plan, record: Record, group: str) -> float | None:
    """The level of the leading outcome in one group without the programme, as it was observed."""
    estimand, method = group_rows(plan) or ("", "")
    pooled = record.region == NATIONAL and not plan.data.also_all
    method = POOLED_METHOD if pooled else method
    row = record.find(outcome=plan.leading, estimand=estimand, group=group, method=method)
    return row.comparison_value if row is not None and row.status == "estimated" else None


# -- does the gap narrow? --------------------------------------------------------------------------
@sentence
def gap_lines(plan: Plan, record: Record) -> tuple[str, ...]:
    """Whether the gap narrows: all other groups put together where the study has them, then the
    largest of the rest."""
    found = gaps(plan, record)
    known = [gap for gap in found if gap.is_known]
    if not known:
        return (f"Whether the gap narrows: {_why_none(found)}.",)
    together = [gap for gap in known if gap.group == TOGETHER]
    others = [gap for gap in known if gap.group != TOGETHER]
    if together:
        lines = [_gap_line(plan, together[0], record)]
        lines += [_largest(plan, others, record)] if others else []
        return tuple(lines)
    if len(others) <= 2:
        return tuple(_gap_line(plan, gap, record) for gap in others)
    return (_largest(plan, others, record),)


def _why_none(found: list[Gap]) -> str:
    rows = [gap.row for gap in found]
    if any(_is_withheld(row) for row in rows):
        return "withheld to protect people"
    reason = next((row.reason for row in rows if row.reason), None)
    return (
        f"not worked out, {NOT_ESTIMABLE_REASONS[reason]}"
        if reason in NOT_ESTIMABLE_REASONS
        else "not worked out here"
    )


def _is_withheld(row: Row) -> bool:
    return row.status == "withheld" or (
        row.status == "not_estimable" and row.reason in REVEALING_REASONS
    )


def gap_class(plan: Plan, gap: Gap) -> str:
    """The class of a gap: better is narrower. From the interval and the p-value adjusted over the
    groups."""
    row, outcome = gap.row, plan.outcome(gap.row.outcome)
    return classes.result_class(
        *row.estimate,
        matters=outcome.size,
        better=gap.narrows_when,
        ratio=row.unit == "times",
        p_adjusted=row.p_adjusted,
        alpha=plan.families[0].alpha,
        reliable=row.note != "not_reliable",
        attenuated=bool(_attenuated(plan, row)),
    )


def _attenuated(plan: Plan, row: Row) -> str:
    return kind_of(plan).attenuated(row)


def _gap_finding(plan: Plan, gap: Gap) -> Finding:
    row, outcome = gap.row, plan.outcome(gap.row.outcome)
    return Finding(
        outcome.kind or "",
        gap_class(plan, gap),
        row.claim or "described",
        gap.narrows_when,
        outcome.matters,
        row.value,
        row.conf_low,
        row.conf_high,
        attenuated=_attenuated(plan, row),
    )


@sentence
def _gap_line(plan: Plan, gap: Gap, record: Record) -> str:
    """CLASS, then SIZE, then the levels that the gap is read from."""
    found, words = (
        _gap_finding(plan, gap),
        slots(plan, plan.outcome(plan.leading), record.region),
    )
    return (
        f"{_gap_class_words(found, words)}:"
        f" {_gap_size(found, gap, words.noun)}{_gap_levels(found, gap, words)}"
    )


@sentence
def _gap_size(found: Finding, gap: Gap, noun: str) -> str:
    """The change for one group beside that for the other, then its interval: sentences that end in
    a full stop."""
    unit = "" if found.kind == "scale" else f" {EVERY_100}"
    than = "as" if found.value == 0 else "than"
    by = f"changed by {difference_in_words(found, printed(found))}{unit}"
    change = f"{noun} {by} for {people_of(gap.group)}"
    interval = (
        interval_in_words(found).removeprefix("95% confidence interval ").removeprefix("from ")
    )
    return f"{change} {than} for {people_of(gap.reference)}. The {CI_95} is from {interval}."


@sentence
def _gap_levels(found: Finding, gap: Gap, words: Slots) -> str:
    """What the gap was without the programme; nothing where a level is not shown."""
    if gap.narrows_when is None or gap.level is None or gap.reference_level is None:
        return ""
    group, reference = alike(
        [fixed(x, 2 if found.kind == "scale" else 1) for x in (gap.level, gap.reference_level)]
    )
    who, beside = people_of(gap.group), people_of(gap.reference)
    if found.kind == "scale":
        return f" Without {words.programme}, {who} averaged {group} and {beside} {reference}."
    return (
        f" Without {words.programme}, {group} {EVERY_100} {who} {words.event}; {reference}"
        f" {EVERY_100} {beside}."
    )


def _gap_class_words(found: Finding, words: Slots) -> str:
    """CLASS of a gap in words, with its direction."""
    key, of, doubt = found.result_class, f" with {words.programme}", cause_of_doubt(found, words)
    few = f"{capital(doubt)} to tell"
    if found.better is None:
        return f"{few} whether the gap narrows, as the levels before are not shown"
    moved = "narrower" if found.is_better else "wider"
    if key in classes.BENEFIT | classes.HARM:
        return f"The gap is {moved}{of}"
    if key == "detectable_but_small":
        return f"The gap is {moved}{of}, by less than the size that matters"
    if key == "no_meaningful_difference":
        return "The gap changes too little to matter, if at all"
    if key == "only_before_adjustment":
        return f"The gap is {moved}{of}, but not once all groups looked at are allowed for"
    if key == "unreliable":
        return f"Too few {words.sites} to rely on whether the gap narrows"
    if found.leans_worse:
        return f"The gap may be wider{of}; {doubt} to be sure"
    return f"{few} whether the gap narrows"


@sentence
def _largest(plan: Plan, found: list[Gap], record: Record) -> str:
    """The largest of the groups looked at, said to be so."""
    if len(found) == 1:
        return _gap_line(plan, found[0], record)
    most = max(found, key=lambda gap: abs(gap.row.estimate.value))
    finding, words = (
        _gap_finding(plan, most),
        slots(plan, plan.outcome(plan.leading), record.region),
    )
    size, answer = _gap_size(finding, most, words.noun), _gap_class_words(finding, words)
    return f"The largest of {told(len(found))} groups looked at: {size} {answer}."


# -- do groups differ? -----------------------------------------------------------------------------
@sentence
def groups_differ(plan: Plan, record: Record) -> str:
    """Whether the difference is the same in every group, with the size of difference that is
    possible or ruled out."""
    known = [gap for gap in gaps(plan, record) if gap.is_known and gap.row.p_adjusted is not None]
    if not known:
        return ""
    outcome = plan.outcome(plan.leading)
    alpha = plan.families[0].alpha
    differ = [gap for gap in known if (gap.row.p_adjusted or 0.0) <= alpha]
    if differ:
        return (
            "The difference is not the same in all groups."
            f" {together(' ', (_pair(plan, gap) for gap in differ))}"
        )
    attenuated = next(filter(None, (_attenuated(plan, gap.row) for gap in known)), "")
    if attenuated:
        return f"Whether groups differ could not be told: {attenuated}."
    widest = max(known, key=lambda gap: _bound(gap.row))
    bound, unit = _bound_in_words(plan, _bound(widest.row))
    between = f"between {listed((people_of(widest.group), people_of(widest.reference)))}"
    picked = f" That is the largest of {told(len(known))} looked at." if len(known) > 1 else ""
    if _bound(widest.row) < outcome.size:
        return (
            f"No sign that groups differ: differences above {bound}{unit} {between} are ruled"
            f" out.{picked}"
        )
    return (
        f"Whether groups differ could not be told: differences of up to {bound}{unit} {between} are"
        f" possible.{picked}"
    )


@sentence
def _pair(plan: Plan, gap: Gap) -> str:
    found = Finding(
        plan.outcome(plan.leading).kind or "",
        "unreliable",
        "described",
        None,
        plan.outcome(plan.leading).matters,
        gap.row.value,
        gap.row.conf_low,
        gap.row.conf_high,
    )
    said = _gap_size(found, gap, plan.outcome(plan.leading).noun)
    return said[:1].upper() + said[1:]


def _bound(row: Row) -> float:
    """The largest difference that the interval holds, either way."""
    return max(abs(row.estimate.low), abs(row.estimate.high))


def _bound_in_words(plan: Plan, bound: float) -> tuple[str, str]:
    """Rounded so that it stays on its side of the size that matters."""
    outcome = plan.outcome(plan.leading)
    as_found = Finding(
        outcome.kind or "", "unreliable", "described", None, outcome.matters, bound, bound, bound
    )
    unit = " points" if outcome.kind == "scale" else f" {EVERY_100}"
    return printed(as_found).value, unit


@sentence
def not_shown(plan: Plan, record: Record) -> list[str]:
    """Groups without a figure of their own in this record, each with its cause."""
    estimand = (group_rows(plan) or ("",))[0]
    rows: dict[str, list[Row]] = {}
    for row in record.rows_where(outcome=plan.leading, estimand=estimand):
        if row.group != EVERYONE and row.note not in NOT_AN_ANSWER:
            rows.setdefault(row.group, []).append(row)
    causes: dict[str, list[str]] = {}
    for group, own in rows.items():
        if all(row.status != "estimated" for row in own):
            causes.setdefault(_cause(own), []).append(group)
    return [f"{cause}: {listed(tuple(groups))}." for cause, groups in causes.items()]


def _cause(rows: Sequence[Row]) -> str:
    if any(map(_is_withheld, rows)):
        return "Withheld here [c]"
    reason = next(
        (NOT_ESTIMABLE_REASONS[r.reason] for r in rows if r.reason in NOT_ESTIMABLE_REASONS),
        None,
    )
    return f"Not worked out here ({reason})" if reason else "Not worked out here"


@sentence
def group_line(plan: Plan, record: Record, national: Record) -> str:
    """What a page says of groups: its own rows first, then all places together, then groups that
    are not shown."""
    own = "" if record.region in (NATIONAL, ALL) else groups_differ(plan, record)
    whole, many = groups_differ(plan, national), f"All {place_set(plan.data.places).many} together"
    if own and whole:
        said = [f"Here: {own[:1].lower()}{own[1:]}", f"{many}: {whole[:1].lower()}{whole[1:]}"]
    else:
        said = [
            own
            or whole
            or "Whether groups differ was not worked out: no two groups could be compared."
        ]
        if not own and whole and record.region not in (NATIONAL, ALL):
            said = [f"Not worked out for groups here. {many}: {whole[:1].lower()}{whole[1:]}"]
    return joined(" ", [*said, *not_shown(plan, record)])
