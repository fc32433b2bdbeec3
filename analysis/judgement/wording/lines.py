"""Single lines of a page: the national line, the place's own line, prediction, harm watch, and what
would settle it."""

import math
from collections.abc import Sequence
from dataclasses import replace

from analysis.judgement.finding import Finding, Slots
from analysis.judgement.wording.figures_in_words import (
    capital,
    fewer_or_more,
    listed,
    printed,
)
from analysis.judgement.wording.statements import (
    difference_in_words,
    limit_in_words,
    ratio_in_words,
    reason_in_words,
    size,
    size_that_matters,
)
from analysis.results import REVEALING_REASONS
from analysis.said.phrases import CI_95, EVERY_100, IN_100
from analysis.said.texts import joined, sentence, worded
from analysis.said.told import told

OWN_FIGURES = (
    "The whole interval lies on the worse side, in own figures only, before allowing for the number"
    " of comparisons."
)
MOST_TIMES = 20  # more than this nobody will wait for: the number would only look like a plan
FEWEST_PLACES_PREDICTION = (
    5  # method statement, section 3: no prediction interval below five places
)
FOUR_IN_FIVE = worded("4 times in 5")
STANDS = {
    "in_line": "{P} was not told apart from them.",
    "in_line_differ": "The {many} differ taken together; {P} alone was not told apart from them.",
    "better": "{P} stands apart from them, with better outcomes.",
    "worse": "{P} stands apart from them, with worse outcomes.",
    "differs": "{P} stands apart from them; the plan calls neither direction better.",
    "not_tested": "Whether {P} stands apart from them was not tested.",
    "not_in_pool": "{P} is not among them.",
}


@sentence
def national_line(
    national: Finding, slots: Slots, *, places_pooled: int, stands: str | None = None
) -> str:
    """The pooled answer in one sentence and, on a place's page, whether the place stands apart (a
    key of STANDS)."""
    if national.has_number:
        answer = (
            f"In the {told(places_pooled)} {slots.places_many} shown together:"
            f" {_size_alone(national, slots)}"
        )
    else:
        answer = f"The {slots.places_many} together: {_without_number(national)}."
    words = {"P": slots.place, "many": slots.places_many}
    apart = STANDS[stands].format(**words) if stands and national.has_number else ""
    return f"{answer} {apart}".rstrip()


@sentence
def one_analysis_line(national: Finding, slots: Slots) -> str:
    """The answer of one analysis of all places, where the places are not put together from their
    own estimates."""
    if national.has_number:
        return f"All {slots.places_many} in one analysis: {_size_alone(national, slots)}"
    if national.result_class == "rank_only" and national.value is not None:
        return rank_line(national, slots)
    return f"All {slots.places_many} in one analysis: {_without_number(national)}."


@sentence
def rank_line(ranked: Finding, slots: Slots) -> str:
    """How far the places with the programme lie from what the others lead one to expect, and the
    rank of that: never with a margin of error."""
    return (
        f"{capital(slots.noun)} in {slots.place}: {_apart(ranked)} than the other"
        f" {slots.places_many} lead us to expect. {_rank_of(ranked)}; a rank has no margin of"
        " error."
    )


@sentence
def placebo_line(ranked: Finding, slots: Slots) -> str:
    """The same of a place that did not take part: so much moves without the programme."""
    return (
        f"Worked out in the same way, {slots.place} shows {_apart(ranked)} than expected, without"
        f" {slots.programme}. {_rank_of(ranked)}."
    )


def _apart(ranked: Finding) -> str:
    """ "3.1 more in every 100", "0.2 points higher", "1.2 times"; from a value without an
    interval."""
    if ranked.value is None:
        raise ValueError("a rank is said with its value")
    centred = replace(ranked, conf_low=ranked.value, conf_high=ranked.value)
    unit = "" if ranked.kind == "scale" else f" {EVERY_100}"
    return f"{difference_in_words(centred, printed(centred))}{unit}"


def _rank_of(ranked: Finding) -> str:
    if ranked.rank is None or ranked.places is None:
        raise ValueError("a rank is said with the number of places")
    return f"By the size of that difference it is rank {told(ranked.rank)} of {told(ranked.places)}"


def _size_alone(finding: Finding, slots: Slots) -> str:
    """SIZE after a colon, without what was allowed for, which the page says once."""
    said = size(finding, replace(slots, covariates=()))
    starts_as_it_is = said.startswith(slots.group)  # a name keeps its capital
    return said if starts_as_it_is else said[:1].lower() + said[1:]


@sentence
def interval_in_words(finding: Finding) -> str:
    """ "95% confidence interval 0.4 to 3.2 fewer", or "from 5.6 fewer to 1.4 more"."""
    figures = printed(finding)
    if finding.kind == "rate":
        return f"{CI_95} {figures.low} to {figures.high} times"
    if finding.one_side:
        unit = " points" if finding.kind == "scale" else ""
        return (
            f"{CI_95} {figures.near} to {figures.far}{unit}"
            f" {fewer_or_more(finding, finding.estimate.value)}"
        )
    low, high = (
        limit_in_words(finding, finding.estimate.low, figures.low),
        limit_in_words(finding, finding.estimate.high, figures.high),
    )
    return f"{CI_95} from {low} to {high}"


@sentence
def own_line(own: Finding, slots: Slots) -> str:
    """The place's own estimate, which stands below the national line."""
    if not own.has_number:
        return f"In {slots.place} alone, {slots.noun}: {_without_number(own)}."
    start = f"In {slots.place} alone: "
    figures = printed(own)
    if own.kind == "rate":
        return f"{start}{ratio_in_words(figures.value)} ({interval_in_words(own)})."
    unit = "" if own.kind == "scale" else f" {EVERY_100}"
    return f"{start}{difference_in_words(own, figures)}{unit}; {interval_in_words(own)}."


def _without_number(finding: Finding) -> str:
    if finding.result_class == "not_estimable" and finding.reason not in REVEALING_REASONS:
        return f"we did not work out a difference: {reason_in_words(finding)}"
    if finding.result_class in ("withheld", "not_estimable"):
        return "withheld to protect people"
    return {
        "not_reliable": "too few people for a rate to be relied on",
        "described": "counts only, no comparison",
        "placebo": "did not take part",
        "rank_only": "a rank only",
        "no_base": "published shares only, without the number of people",
    }[finding.result_class]


@sentence
def prediction_line(
    national: Finding, slots: Slots, *, low: float | None, high: float | None, places_pooled: int
) -> str:
    """Where the result of a new place would most likely lie; nothing below five places."""
    if low is None or high is None or places_pooled < FEWEST_PLACES_PREDICTION:
        return ""
    middle = math.sqrt(low * high) if national.kind == "rate" else (low + high) / 2
    at = Finding(
        national.kind,
        "unreliable",
        "described",
        national.better,
        national.matters,
        middle,
        low,
        high,
    )
    figures = printed(at)
    unit = "" if at.kind in ("scale", "rate") else f" {EVERY_100}"
    if at.kind == "rate":
        return (
            f"A new {slots.place_one} would most likely see from {figures.low} to {figures.high}"
            " times as often."
        )
    if at.one_side:
        points = " points" if at.kind == "scale" else ""
        seen = f"from {figures.near} to {figures.far}{points} {fewer_or_more(at, middle)}"
    else:
        seen = (
            f"from {limit_in_words(at, low, figures.low)} to"
            f" {limit_in_words(at, high, figures.high)}"
        )
    return f"A new {slots.place_one} would most likely see {seen}{unit}."


@sentence
def harm_line(on_watch: tuple[str, ...], false_alarms: str) -> str:
    """Places and groups that are *worse*, each in words ("North East, Asian group"); never counted
    as a finding.

    `false_alarms`: the sentence that says how often such an entry is one.
    """
    if not on_watch:
        return "Harm watch: none."
    return f"Harm watch: worse: {joined('; ', on_watch)}. {OWN_FIGURES} {false_alarms}"


@sentence
def maybe_worse_line(on_watch: tuple[str, ...], probability: float, false_alarms: str) -> str:
    """Places and groups that *may be worse*, for lower on the page; nothing where there are
    none."""
    if not on_watch:
        return ""
    return (
        f"May be worse: {joined('; ', on_watch)}. {maybe_worse_means(probability)} {false_alarms}"
    )


@sentence
def maybe_worse_means(probability: float) -> str:
    """What the grade *may be worse* rests on; `probability`: the level of the plan."""
    return (
        "The best estimate is worse than the size that matters. Seen beside the other places, the"
        f" chance that the truth is so too is above {told(100 * probability)} {IN_100}."
    )


@sentence
def settle_line(
    finding: Finding,
    slots: Slots,
    *,
    minimum_detectable: float | None,
    n: int | None = None,
    sites: int | None = None,
) -> str:
    """What would settle it: people, or the sites that were assigned, needed to see the size that
    matters 4 times in 5.

    `sites`: how many there are now, where whole sites were assigned (`slots.sites` names them):
    then they are counted, since the error falls with their number and more people at the same sites
    cannot bring it below what sites differ by.

    People grow with the square of (minimum detectable difference / size that matters), ratios on
    the log scale; the same design and the same share of people on the two sides are assumed, and
    said.
    """
    if minimum_detectable is None or finding.matters is None:
        return ""
    if finding.attenuated:
        return f"More {slots.people} alone cannot settle it: {finding.attenuated}."
    matters = size_that_matters(finding, slots)
    if finding.kind == "rate":
        factor = (math.log(minimum_detectable) / math.log(finding.matters)) ** 2
    else:
        factor = (minimum_detectable / finding.matters) ** 2
    if factor <= 1:
        return (
            f"There are enough {slots.people} now to see a difference of the size that matters"
            f" ({matters}) {FOUR_IN_FIVE}."
        )
    counted, now = (slots.sites, sites) if sites else (slots.people, n)
    if factor > MOST_TIMES:
        return (
            f"To see a difference of the size that matters ({matters}) would take more than"
            f" {told(MOST_TIMES)} times as many {counted} as now. These alone cannot settle it."
        )
    times = f"{told(_rounded_up(factor))} times as many {counted} as now"
    about = f" (about {told(_rounded_up(now * factor), 0)})" if now else ""
    line = (
        f"To see a difference of the size that matters ({matters}) {FOUR_IN_FIVE} would take about"
        f" {times}{about}"
    )
    if not sites:
        return f"{line}. They would be compared in the same way."
    return (
        f"{line}. That is with as many {slots.people} at each, compared in the same way. More"
        f" {slots.people} at the same {slots.sites} would help less, and may not be enough however"
        " many they are."
    )


@sentence
def taken_together_line(slots: Slots, stand_apart: Sequence[str]) -> str:
    """Places that differ taken together, beside how many of them can be named: both are said, and
    reconciled."""
    if stand_apart:
        return (
            f"The {slots.places_many} differ taken together; these stand apart:"
            f" {listed(tuple(stand_apart))}."
        )
    return f"The {slots.places_many} differ taken together; no single one can be named."


@sentence
def places_differ_line(slots: Slots) -> str:
    """What would settle a pooled answer where places differ: not more people, but knowing in what
    they differ."""
    return (
        f"The {slots.places_many} differ from each other, so more {slots.people} in the same"
        f" {slots.places_many} would not settle it. What would: finding out what differs between"
        f" them, or a lot that decides about {slots.programme} in some of them."
    )


def _rounded_up(value: float) -> float:
    """Two significant figures, upwards: a number of people needed is never understated."""
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.ceil(round(value / step, 9)) * step:.12g}")


@sentence
def meanwhile_line(slots: Slots) -> str:
    """What the plan says should be done while it is too early to tell."""
    return f"Meanwhile: {slots.meanwhile}" if slots.meanwhile else ""


@sentence
def practitioner_records_line(slots: Slots) -> str:
    """The warning that a difference may lie in the recording; nothing where the plan names no such
    outcome."""
    if not slots.recorded_by_practitioner:
        return ""
    outcomes = listed(slots.recorded_by_practitioner)
    return (
        f"The practitioner makes or records the decision behind {outcomes}, so a difference there"
        " may lie in the recording."
    )


@sentence
def pooled_of_line(slots: Slots, *, pooled: int, of: int, may_be_withheld: bool = True) -> str:
    """ "10 of 12 regions are shown together; ..." with the reason why some are not, without naming
    them."""
    if pooled == of:
        return f"All {told(of)} {slots.places_many} are shown together."
    why = (
        "there is no estimate, or it is withheld to protect people"
        if may_be_withheld
        else "there is no estimate to rely on"
    )
    some = f"{told(pooled)} of {told(of)}"
    return f"{some} {slots.places_many} are shown together; for the others {why}."


@sentence
def not_in_line(names: Sequence[str]) -> str:
    """Which places are withheld whole, and therefore in no number of all together."""
    is_or_are = "is" if len(names) == 1 else "are"
    start = f"{listed(tuple(names))} {is_or_are} in no number of all places together"
    return f"{start}: withheld to protect people."


@sentence
def left_out_line(names: Sequence[str]) -> str:
    """Which places were left out of the round on purpose; nothing where all are in it."""
    return f"Left out of this round: {listed(tuple(names))}." if names else ""
