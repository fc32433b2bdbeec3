"""Rates and ratios as sentences print them: rates in counts first, with one decimal, then the ratio
with two."""

import math
from dataclasses import dataclass

from analysis.said.phrases import CI_95, EVERY_100
from analysis.said.texts import sentence
from analysis.said.told import told

RATE, RATIO, MOST = 1, 2, 4  # decimals
ALIKE = 0.005  # two rates whose ratio prints as 1.00


def times(value: float) -> str:
    """ "0.60": a ratio with two decimals, trailing zeros kept."""
    return told(value, RATIO)


def ratio_texts(value: float, low: float, high: float) -> tuple[str, str, str]:
    """A ratio and its interval."""
    return times(value), times(low), times(high)


@sentence
def interval_text(low: str, high: str, high_value: float) -> str:
    """ "0.52 to 0.69"; a limit that has no end is said."""
    return f"{low} to {high}" if math.isfinite(high_value) else f"{low} and above"


def rate_texts(group: float, reference: float) -> tuple[str, str]:
    """Two rates with one decimal; with more only where one above 0 would print as 0, or two that
    differ print alike."""
    known = (group, reference)
    for decimals in range(RATE, MOST + 1):
        printed = [round(x, decimals) for x in known]
        gone = any(_is_hidden(x, p) for x, p in zip(known, printed, strict=True))
        if not gone and (printed[0] != printed[1] or _are_alike(*known)):
            break
    return told(group, decimals), told(reference, decimals)


def _is_hidden(rate: float, printed: float) -> bool:
    """Some printed as none, or all but some printed as all of 100."""
    return (rate > 0 and printed == 0) or (rate < 100 and printed == 100)


def _are_alike(group: float, reference: float) -> bool:
    return group == reference or (reference > 0 and abs(group / reference - 1) < ALIKE)


def rates_of_a_heading(group: float, reference: float) -> tuple[str, str]:
    """Whole numbers where both are 10 or more and differ as whole numbers too; else as in
    sentences."""
    whole = (math.floor(group + 0.5), math.floor(reference + 0.5))
    hidden = any(_is_hidden(x, p) for x, p in zip((group, reference), whole, strict=True))
    if min(group, reference) >= 10 and whole[0] != whole[1] and not hidden:
        return told(whole[0]), told(whole[1])
    return rate_texts(group, reference)


@dataclass(frozen=True)
class RateWords:
    """The words of one comparison. people: the group and the reference as nouns; event in the past
    tense.

    events: plural of what is counted over time, empty for shares; per: "100 applicants", "1,000
    licence-months".
    """

    group: str
    reference: str
    event: str
    events: str
    per: str


@sentence
def counts_sentence(words: RateWords, group: float, reference: float) -> str:
    """Two rates side by side.

    "24.0 in every 100 Black applicants were shortlisted; 40.1 in every 100 White applicants."
    """
    a, b = rate_texts(group, reference)
    if words.events:
        return (
            f"{a} {words.events} in every {words.per} among {words.group}; {b} among"
            f" {words.reference}."
        )
    return f"{a} {EVERY_100} {words.group} {words.event}; {b} {EVERY_100} {words.reference}."


@sentence
def ratio_sentence(value: float, low: float, high: float) -> str:
    """ "That is 0.60 times as often (95% confidence interval 0.52 to 0.69)." """
    r, start, end = ratio_texts(value, low, high)
    return f"That is {r} times as often ({CI_95} {interval_text(start, end, high)})."


def more_less_or_as(ratio: float) -> str:
    """ "more", "less", or "about as" where the ratio prints as 1.00: a word never says more than
    its number."""
    printed = round(ratio, RATIO)
    return "about as" if printed == 1 else "more" if printed > 1 else "less"
