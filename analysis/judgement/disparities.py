"""Sentences for a relative rate of an event: counts, ratio, verdict, persistence. Said as the event
happened.

Where the others decide (of those who had the event and those who did not, the ratio further outside
the band), every sentence speaks of what happened to them, in the plan's words `opposite`. Words
never say more than the ratio beside them.
"""

import math
from dataclasses import dataclass

from analysis.judgement.finding import Slots
from analysis.judgement.wording.figures_in_words import capital, listed
from analysis.judgement.wording.rates_in_words import (
    RateWords,
    counts_sentence,
    more_less_or_as,
    ratio_sentence,
    ratio_texts,
    times,
)
from analysis.said.phrases import CI_95
from analysis.said.texts import joined, sentence
from analysis.said.told import told

VERDICTS = (
    "disparity",
    "small_not_chance",
    "practical_only",
    "within_band",
    "no_disparity_shown",
    "insufficient_data",
)
EVENT, OPPOSITE = "event", "opposite"
# Whether an explanation of a disparity is asked for: by an entry of the register, to be asked for,
# or not seen often enough.
ASKED, TO_BE_ASKED, WAITS = "asked", "to_be_asked", "waits"
ASKED_WORDS = {
    ASKED: "An explanation is asked for.",
    TO_BE_ASKED: "An explanation is to be asked for.",
    WAITS: "An explanation is to be asked for if it is seen in {rounds}.",
}


@dataclass(frozen=True)
class Disparity:
    """One verdict on one event in one group (Slots: group {G}, reference {C}, event {E}).

    ratio, conf_low, conf_high: of the event, times, None where the numbers are too small; rates in
    every {per}. opposite: the ratio of the others, to whom what `without` says happened; None for
    events over time, and where nobody is left to divide by. decided_by: event or opposite.
    worse_off: group, reference or None. counts: the event is good or bad.
    people: of the group, as it may be shown; withheld: the numbers are, to protect people.
    band_low, band_high: the band of the plan. mde: smallest ratio that this number of people could
    show. rounds: (same verdict in, of the last). adjusted: ratio and interval after allowing for
    what lies outside the service; service_decided: what is decided within it and shown apart.
    pooled: what several rounds together say, in words.
    """

    verdict: str
    ratio: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    group_rate: float | None = None
    reference_rate: float | None = None
    band_low: float = 0.8
    band_high: float = 1.25
    mde: float | None = None
    rounds: tuple[int, int] | None = None
    adjusted: tuple[float, float, float] | None = None
    outside: tuple[str, ...] = ()
    service_decided: tuple[str, ...] = ()
    pooled_rounds: int | None = None
    pooled: str | None = None
    opposite: tuple[float, float, float] | None = None
    without: str | None = None
    decided_by: str = EVENT
    worse_off: str | None = None
    counts: str | None = None
    asked: str | None = ASKED  # one of ASKED_WORDS; None where nobody is there to be asked
    asked_if: str | None = None  # of WAITS: in how many rounds it must be seen ("2 of 3 rounds")
    people: int | None = None
    withheld: bool = False

    @property
    def ratios(self) -> tuple[float, float, float]:
        """The ratio and its interval. ValueError where there is none."""
        if self.ratio is None or self.conf_low is None or self.conf_high is None:
            raise ValueError(f"a verdict of {self.verdict} has no ratio here")
        return self.ratio, self.conf_low, self.conf_high

    year_alone: str | None = (
        None  # the ratio is of this year, and chance is set aside by all years added up only
    )

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            raise ValueError(f"a verdict is one of {', '.join(VERDICTS)}")
        if self.asked is not None and self.asked not in ASKED_WORDS:
            raise ValueError(f"asked is None or one of {', '.join(ASKED_WORDS)}")
        if self.verdict != "insufficient_data" and None in (
            self.ratio,
            self.conf_low,
            self.conf_high,
        ):
            raise ValueError("a verdict other than insufficient data has a ratio and an interval")

    @property
    def by_opposite(self) -> bool:
        """The others decide, so that sentences speak of what happened to them."""
        return self.decided_by == OPPOSITE


CAN_SAY = {
    "disparity": (
        "The ratio is {outside} the band ({band}). Chance alone would seldom produce a difference"
        " like this."
    ),
    "small_not_chance": (
        "{G} {E} {more} often {than} {C}. The difference is inside the band ({band}), and chance"
        " alone would seldom produce it."
    ),
    "practical_only": (
        "The ratio is {outside} the band ({band}). Chance alone could produce a difference like"
        " this."
    ),
    "within_band": (
        "{G} {E} about as often as {C}. The whole interval is inside the band ({band}){both_ways}."
    ),
    "no_disparity_shown": (
        "The best estimate is inside the band ({band}), but the interval is too wide to rule a"
        " disparity out.{mde}"
    ),
    "insufficient_data": (
        "Too few people or events among {who} for a comparison in this period.{pooled}"
    ),
}
# In place of the words of "disparity": the interval that is printed is of one year, and may hold 1.
ALL_YEARS_CAN_SAY = (
    "In {year} the ratio ({more} often) is {outside} the band ({band}), and all years added up set"
    " chance aside."
)
CANNOT_SAY = {
    "disparity": "Why rates differ; that any person or decision was discriminatory.",
    "small_not_chance": "That it is too small to matter to the people concerned.",
    "practical_only": "That there is a disparity, or that there is none.",
    "within_band": "That treatment is equal, or that smaller groups among {G} are alike.",
    "no_disparity_shown": "That there is no disparity. This is not a pass.",
    "insufficient_data": "Anything about {G}, good or bad. This is not a pass.",
}
WORSE = {"group": "This is worse for {G}.", "reference": "This is worse for {C}."}
WORSE_ESTIMATE = {key: words.replace("This", "The best estimate") for key, words in WORSE.items()}
WATCHED = "We keep watching{may}."
MAY_BE_ASKED = "; an explanation may be asked for"
WITHOUT_EVENT = "were among the others"  # where a plan says nothing of them
NO_RATIO = "A ratio needs at least one of them among {C}."


@sentence
def rri_size(disparity: Disparity, slots: Slots) -> str:
    """Both rates in counts, then the ratio and its interval, of the event that decides; nothing for
    insufficient data."""
    if disparity.verdict == "insufficient_data":
        return ""
    return _of_opposite(disparity, slots) if disparity.by_opposite else _of_event(disparity, slots)


def _of_event(disparity: Disparity, slots: Slots) -> str:
    counts = _counts(disparity, slots)
    if not math.isfinite(disparity.ratios[0]):
        return counts
    ratio = ratio_sentence(*disparity.ratios)
    return f"{counts} {ratio}" if counts else _ratio_alone(disparity, slots)


def _ratio_alone(disparity: Disparity, slots: Slots) -> str:
    """Where no rate is known."""
    r, low, high = ratio_texts(*disparity.ratios)
    said = f"{slots.group} {slots.event} {r} times as often as {slots.comparison}"
    return capital(f"{said} ({CI_95} {low} to {high}).")


def _counts(disparity: Disparity, slots: Slots, *, opposite: bool = False) -> str:
    group, reference = disparity.group_rate, disparity.reference_rate
    if group is None or reference is None:
        return ""
    event = (disparity.without or WITHOUT_EVENT) if opposite else slots.event
    words = RateWords(
        slots.group, slots.comparison, event, "" if opposite else slots.events, slots.per
    )
    if opposite:
        group, reference = 100 - group, 100 - reference
    return counts_sentence(words, group, reference)


def _of_opposite(disparity: Disparity, slots: Slots) -> str:
    """What happened to the others, in counts, and its ratio."""
    counts = _counts(disparity, slots, opposite=True)
    if disparity.opposite is None:
        return f"{counts} {NO_RATIO.format(C=slots.comparison)}".strip()
    return f"{counts} {ratio_sentence(*disparity.opposite)}".strip()


@sentence
def rri_can_say(disparity: Disparity, slots: Slots) -> str:
    """Size and everything that the verdict says."""
    said = (rri_size(disparity, slots), rri_verdict(disparity, slots))
    return joined(" ", (part for part in said if part))


@sentence
def rri_verdict(disparity: Disparity, slots: Slots, *, adjusted: bool = True) -> str:
    """The others where their interval alone leaves the band, verdict, persistence and, if
    `adjusted`, the adjusted ratio."""
    others = left_by_the_other_way(disparity) and not disparity.by_opposite
    parts = (
        _of_opposite(disparity, slots) if others else "",
        _verdict(disparity, slots),
        persistent(disparity),
        after_adjustment(disparity, slots) if adjusted else "",
        shown_apart(disparity),
    )
    return joined(" ", (part for part in parts if part))


def left_by_the_other_way(disparity: Disparity) -> bool:
    """No disparity is shown, the event's own interval is inside the band, and that of the others is
    not."""
    if disparity.verdict != "no_disparity_shown" or disparity.opposite is None:
        return False
    _, low, high = disparity.ratios
    return disparity.band_low <= low and high <= disparity.band_high


@sentence
def rri_cannot_say(disparity: Disparity, slots: Slots) -> str:
    """What the verdict does not tell."""
    words = CANNOT_SAY[disparity.verdict].format(G=slots.group)
    with_what = disparity.outside + disparity.service_decided
    if not disparity.adjusted or not with_what:
        return words
    return f"{words} That what goes along with {listed(with_what)} is as it should be."


def _verdict(disparity: Disparity, slots: Slots) -> str:
    by_all = disparity.verdict == "disparity" and disparity.year_alone
    more = _more(disparity)
    words = (ALL_YEARS_CAN_SAY if by_all else CAN_SAY[disparity.verdict]).format(
        year=disparity.year_alone,
        G=slots.group,
        C=slots.comparison,
        E=(disparity.without or WITHOUT_EVENT) if disparity.by_opposite else slots.event,
        more=more,
        outside=_outside(disparity),
        than="as" if more == "about as" else "than",
        who=slots.group if disparity.people is None else f"{told(disparity.people)} {slots.group}",
        band=f"{times(disparity.band_low)} to {times(disparity.band_high)}",
        mde=(
            f" The smallest ratio this number of people could show is {times(disparity.mde)}."
            if disparity.mde
            else ""
        ),
        both_ways=", both ways of counting" if disparity.opposite else "",
        pooled=_pooled(disparity),
    )
    said = (capital(words), _worse(disparity, slots), _follows(disparity))
    return joined(" ", (part for part in said if part))


def _outside(disparity: Disparity) -> str:
    """Just outside, where the ratio that decides prints as the edge of the band."""
    ratio = (
        disparity.ratio
        if not disparity.by_opposite
        else disparity.opposite and disparity.opposite[0]
    )
    edges = (times(disparity.band_low), times(disparity.band_high))
    return "just outside" if ratio and times(ratio) in edges else "outside"


def _more(disparity: Disparity) -> str:
    """More, less or about as often, of the event that the sentence names."""
    if disparity.by_opposite:
        return more_less_or_as(disparity.opposite[0]) if disparity.opposite else "more"
    return "" if disparity.ratio is None else more_less_or_as(disparity.ratio)


def _worse(disparity: Disparity, slots: Slots) -> str:
    if disparity.verdict in ("within_band", "no_disparity_shown", "insufficient_data"):
        return ""
    words = WORSE_ESTIMATE if disparity.verdict == "practical_only" else WORSE
    return words.get(disparity.worse_off or "", "").format(G=slots.group, C=slots.comparison)


def _follows(disparity: Disparity) -> str:
    """What follows the verdict: whether someone is asked, or that it is watched."""
    if disparity.verdict == "practical_only":
        return WATCHED.format(may=MAY_BE_ASKED if disparity.asked else "")
    if disparity.verdict != "disparity" or disparity.asked is None:
        return ""
    return ASKED_WORDS[disparity.asked].format(rounds=disparity.asked_if)


def _pooled(disparity: Disparity) -> str:
    if not disparity.pooled_rounds:
        return ""
    return (
        f" Pooled over {told(disparity.pooled_rounds)} rounds:"
        f" {(disparity.pooled or 'withheld').rstrip('.')}."
    )


@sentence
def persistent(disparity: Disparity) -> str:
    """Added where the same verdict stood before."""
    if disparity.rounds is None or disparity.rounds[0] < 2:
        return ""
    same, of = map(told, disparity.rounds)
    return f"The same verdict in {same} of the last {of} rounds."


@sentence
def after_adjustment(disparity: Disparity, slots: Slots) -> str:
    """The ratio of the event after allowing for what lies outside the service."""
    if disparity.adjusted is None or not disparity.outside:
        return ""
    ratio, low, high = ratio_texts(*disparity.adjusted)
    start, interval = f"After allowing for {listed(disparity.outside)}", f"({low} to {high})"
    if not disparity.by_opposite:
        return f"{start}: {ratio} {interval}."
    return f"{start}, {slots.group} {slots.event} {ratio} times as often {interval}."


@sentence
def shown_apart(disparity: Disparity) -> str:
    """What the service decides, which is no reason for a difference."""
    if disparity.adjusted is None or not disparity.outside or not disparity.service_decided:
        return ""
    verb = "is" if len(disparity.service_decided) == 1 else "are"
    return capital(
        f"{listed(disparity.service_decided)} {verb} decided within the service and shown apart."
    )
