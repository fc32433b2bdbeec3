"""Sentences for a relative rate of an event: six verdicts, more or less often, who is worse off, persistence."""

import math
from dataclasses import dataclass, replace

from analysis.judgement.figures_in_words import listed, number
from analysis.judgement.finding import Finding, Slots
from analysis.judgement.headlines import first_that_fits
from analysis.judgement.statements import size

VERDICTS = (
    "disparity",
    "small_not_chance",
    "practical_only",
    "within_band",
    "no_disparity_shown",
    "insufficient_data",
)
EVENT, OPPOSITE = "event", "opposite"


@dataclass(frozen=True)
class Disparity:
    """One verdict on one event in one group (Slots: group {G}, reference {C}, event {E}).

    ratio, conf_low, conf_high: of the event, times, None where the numbers are too small; rates in every {per}. opposite:
    the same of those without the event, whom `without` names; None for events over time, and where nobody is left to
    divide by. decided_by: event or opposite. worse_off: group, reference or None. counts: the event is good or bad. band_low, band_high:
    the band of the plan. mde: smallest ratio that this number of people could show. rounds: (same verdict in, of the
    last). adjusted: ratio and interval after allowing for what lies outside the service; service_decided: what is
    decided within it and shown apart. pooled: what several rounds together say, in words.
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
    asked: bool = True  # someone is there to be asked for an explanation
    asked_if: str | None = None  # not yet asked: in how many rounds it must be seen ("2 of 3 rounds")
    year_alone: str | None = None  # the ratio is of this year, and chance is set aside by all years added up only

    def __post_init__(self):
        if self.verdict not in VERDICTS:
            raise ValueError(f"a verdict is one of {', '.join(VERDICTS)}")
        if self.verdict != "insufficient_data" and None in (self.ratio, self.conf_low, self.conf_high):
            raise ValueError("a verdict other than insufficient data has a ratio and an interval")


# In place of the words of "disparity": the interval that is printed is of one year, and may hold 1.
ALL_YEARS_CAN_SAY = (
    "In {year} {the_ratio} ({more} often) is outside the band ({band}), and all years added up set chance aside.{worse}"
    " An explanation is asked for."
)
ASKED_IF = " An explanation is asked for if it is seen in {rounds}."
ASKED, MAY_BE_ASKED = " An explanation is asked for.", "; an explanation may be asked for."
CAN_SAY = {
    "disparity": "{G} {E} {more} often than {C}; {the_ratio} is outside the band ({band}), and chance alone would seldom produce a difference like this.{worse} An explanation is asked for.",
    "small_not_chance": "{G} {E} {more} often than {C}; the difference is inside the band ({band}), and chance alone would seldom produce it.{worse}",
    "practical_only": "{The_ratio} ({more} often) is outside the band ({band}), but chance alone could produce a difference like this.{worse} We keep watching; an explanation may be asked for.",
    "within_band": "{G} {E} about as often as {C}: the whole interval is inside the band ({band}){both_ways}.",
    "no_disparity_shown": "The best estimate is inside the band ({band}), but {the_interval} is too wide to rule a disparity out.{mde}",
    "insufficient_data": "Too few {people} or events among {G} for a comparison in this period.{pooled}",
}  # fmt: skip
CANNOT_SAY = {
    "disparity": "Why; that any person or decision was discriminatory.",
    "small_not_chance": "That it is too small to matter to the people concerned.",
    "practical_only": "That there is a disparity, or that there is none.",
    "within_band": "That treatment is equal, or that smaller groups inside {G} are alike.",
    "no_disparity_shown": "That there is no disparity. This is not a pass.",
    "insufficient_data": "Anything about {G}, good or bad. This is not a pass.",
}
ASKED_HEADLINE = "an explanation is asked for"
HEADLINES = {
    "disparity": ("{G} {E} {r} times as often as {C}{rounds}", "{G} {E} {more} often than {C}", "{noun} {more} often among {G}", ASKED_HEADLINE),
    "small_not_chance": ("{G} {E} {more} often than {C}, inside the band", "{noun} {more} often among {G}, inside the band", "a difference inside the band, and not chance alone"),
    "practical_only": ("{G} {E} {more} often; it may be chance", "{noun} {more} often among {G}; it may be chance", "outside the band, but it may be chance"),
    "within_band": ("{G} {E} about as often as {C}", "{noun} about as often among {G}", "the whole interval is inside the band"),
    "no_disparity_shown": ("too few {people} to tell whether {G} {E} {less_more} often", "too few {people} to tell"),
    "insufficient_data": ("too few {people} or events for a comparison",),
}  # fmt: skip
WORSE = {"group": " This is worse for {G}.", "reference": " This is worse for {C}."}
WORSE_ESTIMATE = {key: words.replace("This", "The best estimate") for key, words in WORSE.items()}
OTHER_WAY = "Counted the other way round ({who}), the ratio is {ratio}."
WITHOUT_EVENT = "those of whom this is not so"


def more_or_less(ratio: float) -> str:
    """From the raw ratio; exactly 1 is neither, and is worded "as"."""
    return "more" if ratio > 1 else "less"


def rri_size(disparity: Disparity, slots: Slots) -> str:
    """The ratio, its interval and both rates; nothing for insufficient data or a ratio without a limit."""
    if disparity.verdict == "insufficient_data" or not math.isfinite(disparity.conf_high):
        return ""
    # The band's edge stands in the place of the size that matters, so that rounding keeps the side of the band.
    edge = disparity.band_high if disparity.ratio >= 1 else 1 / disparity.band_low
    values = (disparity.ratio, disparity.conf_low, disparity.conf_high, disparity.reference_rate, disparity.group_rate)
    finding = Finding("rate", "unreliable", "described", "lower", edge, *values)
    return size(finding, replace(slots, covariates=()))


def rri_can_say(disparity: Disparity, slots: Slots) -> str:
    """Size, the other way of counting where that decides, verdict, persistence and the ratio after adjustment."""
    parts = (
        rri_size(disparity, slots), other_way(disparity), _verdict(disparity, slots), persistent(disparity),
        after_adjustment(disparity),
    )  # fmt: skip
    return " ".join(part for part in parts if part)


def other_way(disparity: Disparity) -> str:
    """The ratio of those without the event, where it decides, or where its interval alone leaves the band."""
    if disparity.decided_by != OPPOSITE and not left_by_the_other_way(disparity):
        return ""
    who = disparity.without or WITHOUT_EVENT
    if disparity.opposite is None:
        return OTHER_WAY.format(who=who, ratio="without end, since there are none of them to divide by")
    ratio, low, high = (number(x, 2) for x in disparity.opposite)
    return OTHER_WAY.format(who=who, ratio=f"{ratio} times (95% confidence interval {low} to {high} times)")


def left_by_the_other_way(disparity: Disparity) -> bool:
    """No disparity is shown, the event's own interval is inside the band, and that of the opposite is not."""
    if disparity.verdict != "no_disparity_shown" or disparity.opposite is None:
        return False
    return disparity.band_low <= disparity.conf_low and disparity.conf_high <= disparity.band_high


def rri_cannot_say(disparity: Disparity, slots: Slots) -> str:
    """What the verdict does not tell."""
    words = CANNOT_SAY[disparity.verdict].format(G=slots.group)
    with_what = disparity.outside + disparity.service_decided
    if not disparity.adjusted or not with_what:
        return words
    return f"{words} That what goes along with {listed(with_what)} is as it should be."


def _verdict(disparity: Disparity, slots: Slots) -> str:
    by_all = disparity.verdict == "disparity" and disparity.year_alone
    words = (ALL_YEARS_CAN_SAY if by_all else CAN_SAY[disparity.verdict]).format(
        year=disparity.year_alone,
        G=slots.group,
        C=slots.comparison,
        E=slots.event,
        people=slots.people,
        more=more_or_less(disparity.ratio) if disparity.ratio is not None else "",
        **_deciding_words(disparity, slots),
        band=f"{number(disparity.band_low, 2)} to {number(disparity.band_high, 2)}",
        mde=f" The smallest ratio this number of people could show is {number(disparity.mde, 2)}."
        if disparity.mde
        else "",
        pooled=_pooled(disparity),
    )
    words = words if disparity.asked else words.replace(ASKED, "").replace(MAY_BE_ASKED, ".")
    if disparity.asked_if:
        words = words.replace(ASKED, ASKED_IF.format(rounds=disparity.asked_if))
    return words[0].upper() + words[1:]


def _deciding_words(disparity: Disparity, slots: Slots) -> dict[str, str]:
    """Which ratio is outside the band, who is worse off, and that both ways of counting were looked at."""
    words = WORSE_ESTIMATE if disparity.verdict == "practical_only" else WORSE
    worse = words.get(disparity.worse_off, "").format(G=slots.group, C=slots.comparison)
    ratio = "the ratio" if disparity.decided_by == EVENT else "the ratio counted the other way round"
    both = ", both ways of counting" if disparity.opposite else ""
    interval = "the interval counted the other way round" if left_by_the_other_way(disparity) else "the interval"
    return {
        "the_interval": interval,
        "the_ratio": ratio,
        "The_ratio": ratio[0].upper() + ratio[1:],
        "worse": worse,
        "both_ways": both,
    }


def _pooled(disparity: Disparity) -> str:
    if not disparity.pooled_rounds:
        return ""
    return f" Pooled over {disparity.pooled_rounds} rounds: {(disparity.pooled or 'withheld').rstrip('.')}."


def persistent(disparity: Disparity) -> str:
    """Added where the same verdict stood before."""
    if disparity.rounds is None or disparity.rounds[0] < 2:
        return ""
    return f"The same verdict in {disparity.rounds[0]} of the last {disparity.rounds[1]} rounds."


def after_adjustment(disparity: Disparity) -> str:
    """The ratio after allowing for what lies outside the service; what the service decides is named apart."""
    if disparity.adjusted is None or not disparity.outside:
        return ""
    ratio, low, high = (number(x, 2) for x in disparity.adjusted)
    line = f"After allowing for {listed(disparity.outside)}, the ratio is {ratio} ({low} to {high})"
    if not disparity.service_decided:
        return f"{line}."
    verb = "is" if len(disparity.service_decided) == 1 else "are"
    return f"{line}; {listed(disparity.service_decided)} {verb} decided within the service and {verb} shown apart."


def rri_headline(disparity: Disparity, slots: Slots) -> str:
    """ "West Midlands: Black people ... 1.3 times as often as White people, for the 4th round running", or shorter."""
    running = disparity.rounds[0] if disparity.rounds and disparity.rounds[0] == disparity.rounds[1] > 1 else None
    words = {
        "G": slots.group,
        "C": slots.comparison,
        "E": slots.event,
        "people": slots.people,
        "noun": slots.noun,
        "r": number(disparity.ratio, 2) if disparity.ratio is not None else "",
        "more": more_or_less(disparity.ratio) if disparity.ratio is not None else "",
        "less_more": "less" if disparity.counts == "good" else "more",
        "rounds": f", for the {_ordinal(running)} round running" if running else "",
    }
    texts = HEADLINES[disparity.verdict]
    if not disparity.asked or disparity.asked_if:
        texts = [text for text in texts if text != ASKED_HEADLINE]
    texts = texts if disparity.decided_by == EVENT else [text for text in texts if "{r}" not in text]
    return first_that_fits([f"{slots.place}: {text.format(**words)}" for text in texts])


def _ordinal(n: int) -> str:
    ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"
