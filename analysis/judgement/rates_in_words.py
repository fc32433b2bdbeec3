"""Rates and ratios in words: counts of 100 (or of 1,000 months) first, then how many times as often.

One decimal for rates and two for ratios; more only where two different numbers would be printed alike.
"""

import re
from dataclasses import dataclass

from analysis.judgement.explanations import MONTHS
from analysis.judgement.figures_in_words import capital, decimals_that_tell_apart

QUARTER = re.compile(r"(\d{4}) Q([1-4])")  # the label of a round
RATE_DECIMALS, RATIO_DECIMALS = 1, 2  # page rules, section 1a rule 11
WHOLE_FROM, WHOLE_APART = 10.0, 5.0  # in a heading, rates of this size that are so far apart are printed whole


@dataclass(frozen=True)
class PairOfRates:
    """Who, beside whom, the event that happened, in every how many ("100 applicants"), and both rates if they are known."""

    group: str
    comparison: str
    event: str
    per: str
    rate: float | None
    other: float | None

    @property
    def is_share(self) -> bool:
        """People of 100 people; else events in so much time or so many residents."""
        return self.per.startswith("100 ")

    @property
    def known(self) -> bool:
        return self.rate is not None and self.other is not None


def ratio(value: float, marks: tuple[float, ...] = (1.0,)) -> str:
    """ "0.80"; with more decimals where it would else be printed as one of the `marks` that it is not."""
    return f"{value:,.{decimals_that_tell_apart((value,), marks, RATIO_DECIMALS)}f}"


def rates(pair: PairOfRates) -> tuple[str, str]:
    """Both rates with the same decimals; two that differ are never printed alike, and none that is not 0 as 0."""
    values = (pair.rate, pair.other)
    decimals = decimals_that_tell_apart(values, (0.0, *values), RATE_DECIMALS)
    return f"{pair.rate:,.{decimals}f}", f"{pair.other:,.{decimals}f}"


def ratio_sentence(times: tuple[float, float, float], pair: PairOfRates, *, marks: tuple[float, ...]) -> str:
    """Both rates in a sentence, and how many times as often that is in another. `marks`: the edges of the band."""
    value, low, high = (ratio(x, (1.0, *marks)) for x in times)
    if not pair.known:
        said = f"{pair.group} {pair.event} {value} times as often as {pair.comparison}"
        return capital(f"{said} (95% confidence interval {low} to {high}).")
    if times[1] > 1 or times[2] < 1:
        return f"{rate_pair(pair)}. That is {value} times as often (95% confidence interval {low} to {high})."
    return (
        f"{rate_pair(pair)}. That is {value} times as often; the 95% confidence interval runs from {low} "
        f"{_often(times[1])} to {high} {_often(times[2])}."
    )


def _often(limit: float) -> str:
    return "(equally often)" if limit == 1 else "(less often)" if limit < 1 else "(more often)"


def rate_pair(pair: PairOfRates, *, heading: bool = False) -> str:
    """ "24.0 in every 100 Black applicants were shortlisted; 40.1 in every 100 White applicants"."""
    rate, other = _for_a_heading(pair) if heading else rates(pair)
    if pair.is_share:
        return f"{rate} in every 100 {pair.group} {pair.event}; {other} in every 100 {pair.comparison}"
    return capital(f"{pair.group} {pair.event} {rate} times in every {pair.per}; {pair.comparison} {other} times")


def beside(pair: PairOfRates, *, short: bool = False) -> str:
    """For a heading, without the event: "24 in every 100 Black applicants, 40 in every 100 White applicants"."""
    rate, other = _for_a_heading(pair)
    if pair.is_share:
        per = "in 100" if short else "in every 100"
        return f"{rate} {per} {pair.group}, {other} {per} {pair.comparison}"
    if short:
        return f"{pair.group} {rate}, {pair.comparison} {other} per {pair.per}"
    return f"{rate} in every {pair.per} of {pair.group}, {other} of {pair.comparison}"


def _for_a_heading(pair: PairOfRates) -> tuple[str, str]:
    far = min(pair.rate, pair.other) >= WHOLE_FROM and abs(pair.rate - pair.other) >= WHOLE_APART
    return (f"{pair.rate:,.0f}", f"{pair.other:,.0f}") if far else rates(pair)


def round_in_words(label: str) -> str:
    """ "July to September 2026" of the label "2026 Q3"; a year stays as it is."""
    found = QUARTER.fullmatch(label)
    if not found:
        return label
    first = 3 * (int(found[2]) - 1)
    return f"{MONTHS[first]} to {MONTHS[first + 2]} {found[1]}"
