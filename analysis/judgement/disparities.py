"""Sentences for a relative rate of an event: six verdicts, more or less often, who is worse off, persistence."""

import math
from dataclasses import dataclass

from analysis.judgement.figures_in_words import capital, listed
from analysis.judgement.finding import Slots
from analysis.judgement.headlines import first_that_fits
from analysis.judgement.rates_in_words import PairOfRates, beside, rate_pair, ratio, ratio_sentence

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
    asked_if: str | None = None  # not to be asked yet: in how many rounds it must be seen ("2 of 3 rounds")
    asked_on: str | None = None  # the day on which it was asked for, in words, where the register has one
    people: str | None = None  # how many are in the group, in words of a cleared count; None where it is not shown
    withheld: bool = False  # insufficient because numbers are withheld, and not because people are known to be few
    year_alone: str | None = None  # the ratio is of this year, and chance is set aside by all years added up only

    def __post_init__(self):
        if self.verdict not in VERDICTS:
            raise ValueError(f"a verdict is one of {', '.join(VERDICTS)}")
        if self.verdict != "insufficient_data" and None in (self.ratio, self.conf_low, self.conf_high):
            raise ValueError("a verdict other than insufficient data has a ratio and an interval")


ALL_YEARS = "In {year} {the_ratio} is outside the band ({band}), and all years added up set chance aside.{worse}"
CAN_SAY = {
    "disparity": "{The_ratio} is outside the band ({band}), and chance alone would seldom produce a difference like this.{worse}",
    "small_not_chance": "The difference is inside the band ({band}), and chance alone would seldom produce it.{worse}",
    "practical_only": "{The_ratio} is outside the band ({band}), but chance alone could produce a difference like this.{worse} We keep watching.",
    "within_band": "That is about as often: the whole interval is inside the band ({band}){both_ways}.",
    "no_disparity_shown": "The best estimate is inside the band ({band}), but {the_interval} is too wide to rule a disparity out.{mde}",
    "insufficient_data": "Too few {G} or events for a comparison in this period.{pooled}",
}  # fmt: skip
WITHHELD = "Withheld to protect people [c]: no comparison can be shown for {G} in this period."
CANNOT_SAY = {
    "disparity": "Why; that any person or decision was discriminatory.",
    "small_not_chance": "That it is too small to matter to the people concerned.",
    "practical_only": "That there is a disparity, or that there is none.",
    "within_band": "That treatment is equal, or that smaller groups inside {G} are alike.",
    "no_disparity_shown": "That there is no disparity. This is not a pass.",
    "insufficient_data": "Anything about {G}, good or bad. This is not a pass.",
}
ASKED = " An explanation was asked for on {day}."
TO_BE_ASKED = " An explanation is to be asked for."
TO_BE_ASKED_IF = " An explanation is to be asked for if it is seen in {rounds}."
# What follows the rates of a heading, by verdict: the rates alone would say more than the verdict does.
ENDINGS = {
    "disparity": ("",),
    "small_not_chance": ("; a small difference", ""),
    "practical_only": ("; it may be chance", "; perhaps chance"),
    "within_band": ("; about as often", "; alike"),
    "no_disparity_shown": ("; too few to tell", "; unclear"),
}
HEADLINES = ("{rates}{ending}", "{noun}: {beside}{ending}", "{noun}: {short}{ending}")
TOO_FEW_HEADLINES = (
    "{noun}: {people}, too few to compare",
    "{noun}: too few {G} or events to compare",
)
WITHHELD_HEADLINE = "{noun}: figures for {G} are withheld to protect people"
WORSE = {"group": " This is worse for {G}.", "reference": " This is worse for {C}."}
WORSE_ESTIMATE = {key: words.replace("This", "The best estimate") for key, words in WORSE.items()}
OTHER_WAY = "{G} {opposite} {times} as often (95% confidence interval {low} to {high})."
OTHER_WAY_ENDLESS = "None of {C} {opposite}, so that no ratio can be given the other way round."


def rri_size(disparity: Disparity, slots: Slots) -> str:
    """Both rates and the ratio with its interval; nothing for insufficient data or a ratio without a limit."""
    if disparity.verdict == "insufficient_data" or not math.isfinite(disparity.conf_high):
        return ""
    times = (disparity.ratio, disparity.conf_low, disparity.conf_high)
    pair = _pair(disparity, slots)
    return ratio_sentence(times, pair, marks=(disparity.band_low, disparity.band_high))


def _pair(disparity: Disparity, slots: Slots) -> PairOfRates:
    """Group and reference with the event and their rates."""
    return PairOfRates(
        slots.group, slots.comparison, slots.event, slots.per, disparity.group_rate, disparity.reference_rate
    )


def rri_can_say(disparity: Disparity, slots: Slots) -> str:
    """Size, the other way of counting where that decides, verdict, persistence and the ratio after adjustment."""
    parts = (
        rri_size(disparity, slots), other_way(disparity, slots), _verdict(disparity, slots), persistent(disparity),
        after_adjustment(disparity),
    )  # fmt: skip
    return " ".join(part for part in parts if part)


def other_way(disparity: Disparity, slots: Slots) -> str:
    """The ratio of those without the event, where it decides, or where its interval alone leaves the band."""
    if disparity.decided_by != OPPOSITE and not left_by_the_other_way(disparity):
        return ""
    words = {"G": slots.group, "C": slots.comparison, "opposite": disparity.without}
    if disparity.opposite is None:
        return capital(OTHER_WAY_ENDLESS.format(**words))
    value, low, high = (ratio(x) for x in disparity.opposite)
    return capital(OTHER_WAY.format(times=f"{value} times", low=low, high=high, **words))


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
    if disparity.withheld:
        return WITHHELD.format(G=slots.group)
    by_all = disparity.verdict == "disparity" and disparity.year_alone
    words = (ALL_YEARS if by_all else CAN_SAY[disparity.verdict]).format(
        year=disparity.year_alone,
        G=slots.group,
        **_deciding_words(disparity, slots),
        band=band_words(disparity),
        mde=f" The smallest ratio this number of people could show is {ratio(disparity.mde)}." if disparity.mde else "",
        pooled=_pooled(disparity),
    )
    return capital(words + _asked(disparity))


def band_words(disparity: Disparity) -> str:
    return f"{ratio(disparity.band_low)} to {ratio(disparity.band_high)}"


def _asked(disparity: Disparity) -> str:
    """Whether an explanation was asked for: only the register can say that it was."""
    if disparity.verdict != "disparity" or not disparity.asked:
        return ""
    if disparity.asked_on:
        return ASKED.format(day=disparity.asked_on)
    return TO_BE_ASKED_IF.format(rounds=disparity.asked_if) if disparity.asked_if else TO_BE_ASKED


def _deciding_words(disparity: Disparity, slots: Slots) -> dict[str, str]:
    """Which ratio is outside the band, who is worse off, and that both ways of counting were looked at."""
    words = WORSE_ESTIMATE if disparity.verdict == "practical_only" else WORSE
    worse = words.get(disparity.worse_off, "").format(G=slots.group, C=slots.comparison)
    other = f"the ratio of those who {disparity.without}"
    the_ratio = "the ratio" if disparity.decided_by == EVENT else other
    both = ", both ways of counting" if disparity.opposite else ""
    interval = f"the interval of those who {disparity.without}" if left_by_the_other_way(disparity) else "the interval"
    return {
        "the_interval": interval,
        "the_ratio": the_ratio,
        "The_ratio": capital(the_ratio),
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
    value, low, high = (ratio(x) for x in disparity.adjusted)
    line = f"After allowing for {listed(disparity.outside)}: {value} times as often ({low} to {high})."
    if not disparity.service_decided:
        return line
    verb = "is" if len(disparity.service_decided) == 1 else "are"
    return f"{line} {capital(listed(disparity.service_decided))} {verb} decided within the service and shown apart."


def rri_headline(disparity: Disparity, slots: Slots, short: Slots | None = None) -> str:
    """ "West Midlands: 24 in every 100 Black applicants were shortlisted; 40 in every 100 White applicants", or shorter.

    `short`: the same slots with shorter names of the groups. At most 14 words stand after the name of the place.
    """
    short = short or slots
    if disparity.verdict == "insufficient_data":
        return f"{slots.place}: {first_that_fits(_without_rates(disparity, slots, short))}"
    full, brief = _pair(disparity, slots), _pair(disparity, short)
    rates = {
        "rates": rate_pair(full, heading=True),
        "beside": beside(brief),
        "short": beside(brief, short=True),
    }
    said = [
        text.format(ending=ending, noun=slots.noun, **rates)
        for text in HEADLINES
        for ending in dict.fromkeys(ENDINGS[disparity.verdict])
    ]
    return f"{slots.place}: {first_that_fits(said)}"


def _without_rates(disparity: Disparity, slots: Slots, short: Slots) -> list[str]:
    """Headings where no rates can be set beside each other: withheld, or too few people or events."""
    if disparity.withheld:
        texts = [WITHHELD_HEADLINE]
    else:
        texts = list(TOO_FEW_HEADLINES if disparity.people else TOO_FEW_HEADLINES[-1:])
    return [
        text.format(noun=slots.noun, G=words.group, people=f"{disparity.people} {words.group}")
        for text in texts
        for words in (slots, short)
    ]
