"""Did enough people answer, and about as many on either side: one check for every kind that asks.

Decided on shares from counts in fives, told only where each share may be told: the share of a side
that is withheld would come out of the others.
"""

from collections.abc import Sequence

from analysis.disclosure.people_said import (
    WHOLE,
    Asked,
    cleared_share,
    difference,
    may_be_told,
    together,
)
from analysis.disclosure.rules import is_small, load_rules
from analysis.disclosure.suppression import rate_of
from analysis.judgement.classes import DIFFERENTIAL_RESPONSE_POINTS
from analysis.results import CheckResult
from analysis.said.numbers import ClearedNumber, planned, withheld
from analysis.said.texts import say

MOST = DIFFERENTIAL_RESPONSE_POINTS
ANSWERED, MINORITY = "answered", "minority ethnic"
Counts = Sequence[tuple[int, int]]  # of each side: those with the event, and all of them
Shares = tuple[ClearedNumber, ClearedNumber, ClearedNumber]


def deciding_rate(event: int, base: int, asked: Asked) -> float | None:
    """Percent by which something is decided, from counts in fives unless published (S6); None of
    too few. Never told: `cleared_share` gives what may be."""
    if base == 0 or (not asked.clearance.public and is_small(base, load_rules())):
        return None
    return 100 * event / base if asked.clearance.public else rate_of(event, base)


def deciding_rates(counts: Counts, asked: Asked) -> tuple[float, float, float] | None:
    """The same of both sides and of all; None where one of them is too small."""
    found = [deciding_rate(*each, asked) for each in (*counts, _all(counts))]
    rates = [rate for rate in found if rate is not None]
    return (rates[0], rates[1], rates[2]) if len(rates) == len(found) else None


def side_shares(counts: Counts, asked: Asked, *, count: str, arms: Sequence[str]) -> Shares | None:
    """The shares of both sides and of all as they may be told; None where one of them is withheld,
    since two of them give the third."""
    sides = [asked.of(arm=arm) for arm in arms]
    pairs = [*zip(counts, sides, strict=True), (_all(counts), asked)]
    beside = all(may_be_told(*own, side, count=count) for own, side in pairs)
    told = [cleared_share(*own, side, count=count, beside=beside) for own, side in pairs]
    together(asked, sides, (WHOLE, count))
    return (told[0], told[1], told[2]) if beside else None


def _all(counts: Counts) -> tuple[int, int]:
    return sum(event for event, _ in counts), sum(base for _, base in counts)


def response_check(
    name: str,
    counts: Counts,
    asked: Asked,
    *,
    floor: float,
    of: tuple[str, str],
    minority: Counts | None = None,
) -> CheckResult:
    """At least `floor` percent answered, and the two sides lie at most 10 points apart.

    of: the sides in words. minority: the same of minority ethnic people, where there are enough of
    them (S16). shown: the larger of the gaps that are told.
    """
    rates = deciding_rates(counts, asked)
    if rates is None:
        return CheckResult(
            name, None, "Response could not be compared.", threshold=MOST, bears_on="claim"
        )
    gaps = [abs(rates[0] - rates[1])]
    if own := minority and deciding_rates(minority, asked):
        gaps.append(abs(own[0] - own[1]))
    enough, alike = rates[2] >= floor, max(gaps) <= MOST
    text, shown = _told(counts, asked, of, minority, floor)
    text = text or _untold(enough, alike, floor)
    return CheckResult(name, enough and alike, text, max(gaps), MOST, bears_on="claim", shown=shown)


def _told(
    counts: Counts, asked: Asked, of: tuple[str, str], minority: Counts | None, floor: float
) -> tuple[str, ClearedNumber]:
    """The sentence with its shares and the larger gap; nothing where a share is withheld."""
    shares, extra = side_shares(counts, asked, count=ANSWERED, arms=of), None
    if minority is not None:
        extra = side_shares(minority, asked.of(group=MINORITY), count=ANSWERED, arms=of)
    if shares is None:
        return "", withheld()
    gaps, more = [difference(shares[0], shares[1])], ""
    if extra is not None:
        more = say("; of minority ethnic staff {one}% and {other}%", one=extra[0], other=extra[1])
        gaps.append(difference(extra[0], extra[1]))
    text = say(
        "{whole}% answered the survey; {one}% {of_one} and {other}% {of_other}{more}. At least"
        " {floor}% and at most {most} points apart are needed.",
        whole=shares[2],
        one=shares[0],
        of_one=of[0],
        other=shares[1],
        of_other=of[1],
        more=more,
        floor=planned(floor),
        most=planned(MOST),
    )
    return text, max(gaps, key=lambda gap: gap.number or 0.0)


def _untold(enough: bool, alike: bool, floor: float) -> str:
    """Without a share: those who answered, or did not, are too few to be told of one side."""
    return say(
        "{many} the {floor}% that are needed answered the survey, and the two sides lie {near} the"
        " {most} points apart that are allowed for.",
        many="At least" if enough else "Fewer than",
        floor=planned(floor),
        near="within" if alike else "beyond",
        most=planned(MOST),
    )
