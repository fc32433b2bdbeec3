"""The heading of a monitor's page: place, who, what happened, in counts; shorter ones keep the
direction or a count.

Each verdict has candidates from full to short, and the first of at most 14 words is used. A heading
tells the event as the plan names it, whatever decides the verdict, and never more than its interval
allows.
"""

from dataclasses import dataclass

from analysis.judgement.disparities import Disparity
from analysis.judgement.finding import Slots
from analysis.judgement.wording.headlines import first_that_fits
from analysis.judgement.wording.rates_in_words import more_less_or_as, rates_of_a_heading
from analysis.said.phrases import EVERY_100, IN_100
from analysis.said.texts import sentence
from analysis.said.told import told

# What a reader must know beside two rates, so that nobody takes a difference for more than it is.
ENDINGS = {
    "disparity": ("",),
    "small_not_chance": ("; a small difference", "; small difference"),
    "practical_only": ("; it may be chance", "; perhaps chance"),
    "within_band": ("; about as often", "; about alike"),
    "no_disparity_shown": ("; too few to be sure", "; too few to tell", "; uncertain"),
}
ABOUT = "about as often"
WITHHELD = "withheld to protect people"


@dataclass(frozen=True)
class ShortGroup:
    """The group and the reference in few words: "Black people", "White people", "White", and "Black
    people" as a label."""

    people: str
    reference: str
    reference_alone: str
    label: str


@sentence
def rri_heading(disparity: Disparity, slots: Slots, short: ShortGroup, year: str = "") -> str:
    """The heading of one comparison; `year`: the one that it is of, where several disagree."""
    if disparity.verdict == "insufficient_data":
        found = _few(disparity, slots, short)
    elif slots.events:
        found = _over_time(disparity, slots, short)
    else:
        found = _shares(disparity, slots, short)
    found = [f", {year}{text}" for text in found] if year else found
    after_place = {
        text.lstrip(":, "): text for text in found
    }  # the name of the place is not counted
    return f"{slots.place}{after_place[first_that_fits(list(after_place))]}"


def _shares(disparity: Disparity, slots: Slots, short: ShortGroup) -> list[str]:
    direction = _direction(disparity, slots.noun, short)
    if disparity.group_rate is None or disparity.reference_rate is None:
        return direction
    a, b = rates_of_a_heading(disparity.group_rate, disparity.reference_rate)
    counts = [
        f": {a} {EVERY_100} {slots.group} {slots.event}; {b} {EVERY_100} {slots.comparison}",
        f": {a} {IN_100} {slots.group} {slots.event}; {b} {IN_100} {slots.comparison}",
        f": {a} {IN_100} {short.people} {slots.event}; {b} {IN_100} {short.reference}",
        f", {slots.noun}: {short.people} {a} {IN_100}, {short.reference_alone} {b} {IN_100}",
        f", {slots.noun}: {short.people} {a} {IN_100}, {short.reference_alone} {b}",
    ]
    return [*_ended(disparity, counts), *direction]


def _over_time(disparity: Disparity, slots: Slots, short: ShortGroup) -> list[str]:
    direction = _direction(disparity, slots.events, short)
    if disparity.group_rate is None or disparity.reference_rate is None:
        return direction
    a, b = rates_of_a_heading(disparity.group_rate, disparity.reference_rate)
    counts = [
        (
            f": {a} {slots.events} in every {slots.per} among {slots.group}; {b} among"
            f" {slots.comparison}"
        ),
        f": {a} {slots.events} per {slots.per} among {short.people}; {b} among {short.reference}",
        f": {a} {slots.events} per {slots.per}, {short.people}; {b}, {short.reference_alone}",
    ]
    return [*_ended(disparity, counts), *direction]


def _ended(disparity: Disparity, counts: list[str]) -> list[str]:
    return [text + end for text in counts for end in ENDINGS[disparity.verdict]]


def _direction(disparity: Disparity, noun: str, short: ShortGroup) -> list[str]:
    """Without rates: what happened more, less or about as often, among whom; "perhaps" where chance
    is not set aside."""
    ratio = disparity.ratios[0]
    word = more_less_or_as(ratio)
    if (
        disparity.by_opposite and word == "about as"
    ):  # the others differ, of a ratio that prints as 1.00
        word = "more" if ratio > 1 else "less"
    often = ABOUT if disparity.verdict == "within_band" or word == "about as" else f"{word} often"
    if disparity.verdict == "no_disparity_shown":
        often = f"perhaps {ABOUT}"
    elif disparity.verdict == "practical_only":
        often = f"perhaps {often}"
    return [
        f": {noun} {often} among {short.people}",
        f": {noun} {often.replace('about as', 'as')}, {short.label}",
    ]


def _few(disparity: Disparity, slots: Slots, short: ShortGroup) -> list[str]:
    """No comparison: the figures are withheld, or the people are too few, who are counted where
    that may be said."""
    what = slots.events or slots.noun
    if disparity.withheld:
        return [
            f", {what}: figures for {slots.group} are {WITHHELD}",
            f", {what}: {slots.group}, {WITHHELD}",
            f", {what}: {short.people}, {WITHHELD}",
            f", {what}: {short.label}, withheld",
        ]
    if disparity.people is None:
        whom = [f", {what}: too few {who} to compare" for who in (slots.group, short.people)]
        return [*whom, f", {what}: {short.label}, too few"]
    n = told(disparity.people)
    ending = "too few to compare"
    return [
        *(f", {what}: {n} {who}, {ending}" for who in (slots.group, short.people, short.label)),
        f", {what}: {n} {short.label}, too few",
    ]
