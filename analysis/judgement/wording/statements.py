"""What a page says about one finding, and what it says cannot be said: sizes, classes and causes
put together.

can_say = SIZE + CLASS + CAUSE; cannot_say = CLASS-NOT + KIND-NOT. Sources: page rules, section 3;
the order and the idea of saying both are those of the Justice Data Lab's published reports.
"""

from analysis.judgement.classes import DIFFERENCE, HARM_GRADES
from analysis.judgement.finding import Finding, Slots
from analysis.judgement.wording import sentences
from analysis.judgement.wording.figures_in_words import (
    Printed,
    capital,
    fewer_or_more,
    listed,
    number,
    printed,
)
from analysis.plans.designs import CAUSAL
from analysis.results import NOT_ESTIMABLE_REASONS, REVEALING_REASONS
from analysis.said.phrases import EVERY_100
from analysis.said.texts import joined, sentence, worded
from analysis.said.told import told

ROUNDING_BASE = 5  # counts in sentences are in fives, as in params/disclosure.yml
WORSE = HARM_GRADES[0]
FEWER_THAN_30 = worded("Fewer than 30")


@sentence
def can_say(finding: Finding, slots: Slots) -> str:
    """Everything that the page may say about the finding: size, class and, where there is a
    difference, its cause."""
    said = (size(finding, slots), class_can_say(finding, slots), cause(finding, slots))
    return joined(" ", (part for part in said if part))


@sentence
def cannot_say(finding: Finding, slots: Slots) -> str:
    """What a reader might conclude and must not: a sentence each, after "You cannot say:"."""
    parts = [class_cannot_say(finding, slots)]
    if finding.result_class in DIFFERENCE and finding.claim not in CAUSAL:
        parts.append(sentences.CANNOT_SAY_CAUSE.format(X=slots.programme))
    parts.append(kind_not(finding, slots))
    return joined(" ", (f"{capital(each)}." for part in parts for each in part.split("; ")))


@sentence
def size(finding: Finding, slots: Slots) -> str:
    """The estimate, its interval and the levels in a sentence; nothing where no number is shown."""
    if not finding.has_number:
        return ""
    figures = printed(finding)
    side = "one_side" if finding.one_side else "both_sides"
    told = "level" if _levels_are_told(finding, slots, figures) else "bare"
    levels = "estimated" if finding.is_against_an_estimate else told
    words = _size_words(finding, slots, figures)
    return capital(sentences.SIZE[finding.kind, side, levels].format(**words))


def _levels_are_told(finding: Finding, slots: Slots, figures: Printed) -> bool:
    """Levels are printed where they are known; those of a crude ratio only where they agree with
    it."""
    if figures.comparison is None:
        return False
    if finding.kind != "rate":
        return True
    if figures.group is None:
        return False
    own, other = finding.group_value, finding.comparison_value
    if slots.covariates or own is None or other is None:
        return True
    return (own > other) == (finding.estimate.value > 1)


def _size_words(finding: Finding, slots: Slots, figures: Printed) -> dict[str, str]:
    alike = finding.value == finding.centre
    return {
        "b": figures.comparison or "",
        "w": figures.estimated or "",
        "observed": _observed(finding, slots, figures),
        "d": figures.value,
        "d_fewer": difference_in_words(finding, figures),
        "fewer": fewer_or_more(finding, finding.estimate.value),
        "near": figures.near,
        "far": figures.far,
        "low": limit_in_words(finding, finding.estimate.low, figures.low),
        "high": limit_in_words(finding, finding.estimate.high, figures.high),
        "r_text": ratio_in_words(figures.value),
        "levels": _levels_in_words(finding, slots, figures),
        "than_scale": "as for" if alike else "than for",
        "than_without": "as without" if alike else "than without",
        "X": slots.programme,
        "points": "point" if figures.value == "1" else "points",
        "By": f"By {month(slots)}, " if slots.months else "",
        "hazard": _hazard(finding),
        "range": _range(finding, slots),
        "M": slots.measure,
        "per_hundred": "" if finding.kind == "scale" else f" {EVERY_100}",
        "our": "our" if slots.months else "Our",
        "we": "we" if slots.months else "We",
        "allowing": (
            f" This is after allowing for {listed(slots.covariates)}." if slots.covariates else ""
        ),
        "G_first": capital(slots.group),
        "G": slots.group,
        "C": slots.comparison,
        "E": slots.event,
    }


def _observed(finding: Finding, slots: Slots, figures: Printed) -> str:
    """The observed level that stands beside an estimated one; nothing where it is not known."""
    if figures.comparison is None:
        return ""
    per = " on average" if finding.kind == "scale" else f" {EVERY_100}"
    return f" Observed among {slots.comparison}: {figures.comparison}{per}."


@sentence
def difference_in_words(finding: Finding, figures: Printed) -> str:
    """ "1.8 fewer", "0.2 points higher", "the same number": the estimate of a difference."""
    if finding.value == finding.centre:
        return "the same score" if finding.kind == "scale" else "the same number"
    return _with_unit(finding, figures.value, finding.estimate.value)


@sentence
def limit_in_words(finding: Finding, limit: float, text: str) -> str:
    """One limit of an interval with its direction; a ratio on one side of 1 is a bare number."""
    if finding.kind == "rate":
        if finding.one_side:
            return text
        return f"{text} times ({'equally often' if limit == 1 else fewer_or_more(finding, limit)})"
    if limit == 0:
        return "neither lower nor higher" if finding.kind == "scale" else "neither fewer nor more"
    return _with_unit(finding, text, limit)


def _with_unit(finding: Finding, text: str, value: float) -> str:
    unit = (" point" if text == "1" else " points") if finding.kind == "scale" else ""
    return f"{text}{unit} {fewer_or_more(finding, value)}"


@sentence
def ratio_in_words(text: str) -> str:
    """ "1.3 times as often", to be followed by "as ..."."""
    return "just as often" if text in ("1", "1.00") else f"{text} times as often"


def _levels_in_words(finding: Finding, slots: Slots, figures: Printed) -> str:
    if figures.comparison is None or figures.group is None:
        return ""
    levels = f"{figures.group} compared with {figures.comparison} in every {slots.per}"
    return (
        f" Observed, without allowing for anything: {levels}."
        if slots.covariates
        else f" That is {levels}."
    )


def _hazard(finding: Finding) -> str:
    if finding.hazard_ratio is None:
        return ""
    ratio = Finding(
        "rate", finding.result_class, finding.claim, finding.better, None, *finding.hazard_ratio
    )
    figures = printed(ratio)
    return (
        f" At any one time it happened at {figures.value} times the rate ({figures.low} to"
        f" {figures.high})."
    )


def _range(finding: Finding, slots: Slots) -> str:
    if slots.scale is None:
        return ""
    meaning = {"higher": ", higher is better", "lower": ", lower is better"}.get(
        finding.better or "", ""
    )
    return f" ({number(slots.scale[0], 2)} to {number(slots.scale[1], 2)}{meaning})"


@sentence
def month(slots: Slots) -> str:
    return f"month {told(slots.months)}" if slots.months else "the end of the follow-up"


@sentence
def size_that_matters(finding: Finding, slots: Slots) -> str:
    """{W}: the plan's smallest difference that would change the decision, with its unit."""
    figures = printed(finding)
    if finding.kind == "rate":
        return f"{figures.matters} times, or {figures.matters_inverse} times"
    if finding.kind == "scale":
        return f"{figures.matters} {'point' if figures.matters == '1' else 'points'}"
    return f"{figures.matters} {EVERY_100}" + (
        f" by {month(slots)}" if finding.kind == "time_to_event" else ""
    )


@sentence
def class_can_say(finding: Finding, slots: Slots) -> str:
    """The sentence of the result class; an outcome is "for the better" only under a claim of
    cause."""
    table = sentences.CAN_SAY if finding.claim in CAUSAL else sentences.CAN_SAY_LINKED
    key = finding.result_class
    if key == "inconclusive" and finding.reason:
        key = "inconclusive_capped"
    elif key == "inconclusive" and finding.attenuated:
        key = "inconclusive_attenuated"
    if key == "not_estimable" and finding.reason in REVEALING_REASONS:
        key = "withheld"  # rule S20: the reason itself would tell
    return capital(table[key].format(**_class_words(finding, slots))) + _watched(finding)


def _watched(finding: Finding) -> str:
    alone = finding.result_class == "only_before_adjustment"
    return " It is on harm watch." if alone and finding.harm_watch == WORSE else ""


def _class_words(finding: Finding, slots: Slots) -> dict[str, object]:
    made = (
        f"the {told(slots.comparisons_made or 0)} comparisons made"
        if (slots.comparisons_made or 0) > 1
        else "all the comparisons made"
    )
    return {
        "G": slots.group,
        "P": slots.place,
        "W": size_that_matters(finding, slots) if finding.matters is not None else "",
        "none": told(1 if finding.kind == "rate" else 0),
        "better": "better" if finding.is_better else "worse",
        "comparisons": made,
        "harm_rule": " The plan's harm rule applies." if _harm_rule_applies(finding, slots) else "",
        "why": f": {slots.why}" if slots.why else "",
        "reason": reason_in_words(finding),
        "attenuated": finding.attenuated,
        "n_people": _people(finding, slots),
        "published": _published(finding),
        "place_one": slots.place_one,
        "rank_text": _rank(finding, slots),
    }


def _harm_rule_applies(finding: Finding, slots: Slots) -> bool:
    """The plan's rule for stopping covers the row's group, and the estimate is worse by more than
    it says."""
    rule, worse_by = slots.harm_rule, finding.worse_by
    return (
        rule is not None
        and worse_by is not None
        and rule.covers(finding.group)
        and worse_by > rule.worse_by
    )


@sentence
def reason_in_words(finding: Finding) -> str:
    """Why there is no estimate, as a clause."""
    return (
        NOT_ESTIMABLE_REASONS.get(finding.reason or "", finding.reason)
        or "the plan's conditions for one are not met"
    )


def _people(finding: Finding, slots: Slots) -> str:
    """Number of people in fives (they come in fives already; an exact one is never printed)."""
    if finding.n is None:
        return f"{FEWER_THAN_30} {slots.people}"
    in_fives = (finding.n + ROUNDING_BASE // 2) // ROUNDING_BASE * ROUNDING_BASE
    return f"About {told(in_fives, thousands=False)} {slots.people}"


def _published(finding: Finding) -> str:
    """Published shares without a base: both shares and how far apart they are, as printed."""
    if finding.group_value is None or finding.comparison_value is None:
        return ""
    group, comparison = round(finding.group_value, 1), round(finding.comparison_value, 1)
    apart = number(abs(group - comparison), 1)
    points = "percentage point" if apart == "1" else "percentage points"
    return (
        f"The published figures are {number(group, 1)}% and {number(comparison, 1)}%: {apart}"
        f" {points} apart. "
    )


def _rank(finding: Finding, slots: Slots) -> str:
    if finding.rank is None or finding.places is None:
        return f"{slots.place} was set beside the other {slots.places_many} over the same months"
    others, passed = finding.places - 1, finding.places - finding.rank
    every = passed in (0, others)
    how_many = f"each of the {told(others)}" if every else f"{told(passed)} of the {told(others)}"
    less_or_more = "less" if passed == 0 else "more"
    where = f"rank {told(finding.rank)} of {told(finding.places)}"
    return (
        f"{slots.place} changed {less_or_more} than {how_many} other {slots.places_many} over the"
        f" same months: {where}"
    )


@sentence
def class_cannot_say(finding: Finding, slots: Slots) -> str:
    """What the class does not tell, without a full stop."""
    key = finding.result_class
    if key == "not_estimable" and finding.reason in REVEALING_REASONS:
        key = "withheld"
    if key == "rank_only" and finding.places is None:
        return "That this was not chance"
    return sentences.CANNOT_SAY[key].format(
        P=slots.place, places=told(finding.places or 0), places_many=slots.places_many
    )


@sentence
def kind_not(finding: Finding, slots: Slots) -> str:
    """What this kind of number never tells, without a full stop."""
    ratio = (
        ratio_in_words(printed(finding).value)
        if finding.kind == "rate" and finding.has_number
        else "such a ratio"
    )
    words = {
        "r_text": "it" if ratio == "just as often" else ratio,
        "scale_check": "" if slots.scale_check_passed else sentences.SCALE_CHECK,
        "month_h": month(slots),
    }
    return sentences.KIND_NOT[finding.kind].format(**words)


@sentence
def cause(finding: Finding, slots: Slots) -> str:
    """What the difference may be put down to; nothing where no difference is said."""
    if finding.result_class not in DIFFERENCE:
        return ""
    words = {
        "Units": capital(slots.units),
        "X": slots.programme,
        "G": slots.group,
        "C": slots.comparison,
        "assumption": slots.assumption or "the two sides would otherwise have fared alike",
        "check_text": f"; {slots.check_text.rstrip('.')}" if slots.check_text else "",
        "rivals": f": {listed(slots.rivals)}" if slots.rivals else "",
    }
    each = joined(" ", (f"{capital(text)}." for text in slots.unmet))
    unmet = f" {sentences.UNMET.format(unmet=each)}" if slots.unmet else ""
    return sentences.CAUSE[finding.claim].format(**words) + unmet
