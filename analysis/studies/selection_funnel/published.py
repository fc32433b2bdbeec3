"""What was published of the two pilots of selection: pass rates without a base, and one count.

Numbers from data/reference, public as they stand there (rule S0). A share without the number of
people has no interval and no verdict (method statement, section 0 rule 8).
"""

import csv
from dataclasses import dataclass
from functools import cache

from analysis.designs.selection.exact_share import exact_share
from analysis.judgement.finding import Finding
from analysis.paths import REFERENCE
from analysis.results import Estimate
from analysis.said.numbers import published
from analysis.said.texts import ClearedText, say

PASS_RATES, FILLED = "assessment_centre_pass_rates", "lived_experience_vacancies"
REFERENCE_GROUP = "White"


@dataclass(frozen=True)
class PassRate:
    """The share of one ethnic group that passed (in every 100), of how many (None: not
    published)."""

    group: str
    passed_percent: float
    candidates: int | None
    campaign: str
    source: str
    date: str


@dataclass(frozen=True)
class Filled:
    """Vacancies to which someone with lived experience was appointed, of those identified."""

    appointed: int
    vacancies: int
    scheme: str
    source: str
    date: str


def _lines(name: str) -> list[dict[str, str]]:
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def pass_rates() -> tuple[PassRate, ...]:
    """The published pass rates, in the order of the file."""
    return tuple(
        PassRate(
            line["group"],
            float(line["passed_percent"]),
            int(line["candidates"]) if line["candidates"] else None,
            line["campaign"],
            line["source"],
            line["date"],
        )
        for line in _lines(PASS_RATES)
    )


@cache
def filled() -> Filled:
    """The published count of vacancies."""
    line = _lines(FILLED)[0]
    return Filled(
        int(line["appointed"]), int(line["vacancies"]), line["scheme"], line["source"], line["date"]
    )


def gap_findings() -> tuple[tuple[str, Finding], ...]:
    """Each published group beside White, as sentences see it: two shares and no base."""
    rates = {rate.group: rate.passed_percent for rate in pass_rates()}
    reference = rates.pop(REFERENCE_GROUP)
    return tuple(
        (
            group,
            Finding(
                "share",
                "no_base",
                "described",
                "higher",
                comparison_value=reference,
                group_value=percent,
            ),
        )
        for group, percent in rates.items()
    )


def exact_words(events: int, base: int) -> ClearedText:
    """ "1 of 51 vacancies; 95% confidence interval from 0.05 to 10.4 in every 100", of a count that
    was published."""
    found = exact_share(events, base)
    if not isinstance(found, Estimate):
        raise ValueError("nothing was counted among the published vacancies")
    return say(
        "{events} of {base} vacancies; 95% confidence interval from {low} to {high} in every 100",
        events=published(events, 0),
        base=published(base, 0),
        low=_percent(found.conf_low),
        high=_percent(found.conf_high),
    )


def _percent(value: float):
    """One decimal, and two below one in every 100."""
    return published(value, 1 if value >= 1 or value == 0 else 2)
