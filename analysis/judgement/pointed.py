"""To which decision a rule that was written before points, from the cleared row that answers: pure
numbers in, one of the rule's findings out. People decide.

The rule is held against the p-value of the study's own inference, read as a Z, so that a study with
few sites is not judged by a normal law that it does not have.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from scipy import stats

from analysis.inference.planned.interim import Look, Spending, conditional_power, looks
from analysis.judgement.classes import Oriented, orient
from analysis.plans.designs import CAUSAL

LEVEL = 0.95  # of the intervals of rows
Found = Literal[
    "better",
    "better_link",
    "worse",
    "too_small",
    "futile",
    "open",
    "open_at_the_end",
    "no_look_yet",
    "between_looks",
    "no_test",
    "not_as_signed",
]
GOES_ON = ("better_link", "open", "no_look_yet", "between_looks")


class Points(Protocol):
    @property
    def better(self) -> str: ...
    @property
    def worse(self) -> str: ...
    @property
    def too_small(self) -> str: ...
    @property
    def futile(self) -> str: ...
    @property
    def open_at_the_end(self) -> str: ...


class Rule(Protocol):
    """What is asked of a rule (plans/decisions.py)."""

    @property
    def looks(self) -> tuple[str, ...]: ...
    @property
    def spending(self) -> Spending: ...
    @property
    def alpha(self) -> float: ...
    @property
    def planned_error(self) -> float: ...
    @property
    def futile_below(self) -> float: ...
    @property
    def points_to(self) -> Points: ...


@dataclass(frozen=True)
class Seen:
    """What a look sees, in the printed unit: the estimate with its 95 % interval and two-sided
    p-value (None: the design has no test), the size that matters and which way is better.

    attenuated: the number is closer to nothing than the truth, and can rule nothing out.
    """

    value: float
    low: float
    high: float
    p_value: float | None
    matters: float
    better: Literal["higher", "lower"]
    ratio: bool
    claim: str
    attenuated: bool = False

    @property
    def turned(self) -> Oriented:
        """The same with + as good, ratios as logarithms."""
        ends = (self.value, self.low, self.high)
        return orient(*ends, matters=self.matters, better=self.better, ratio=self.ratio)

    @property
    def error(self) -> float:
        """Standard error, from the width of the interval."""
        return (self.turned.high - self.turned.low) / (2 * float(stats.norm.ppf((1 + LEVEL) / 2)))


@dataclass(frozen=True)
class Taken:
    """A look that has been taken. number: which of the planned ones, from 1; fraction: of the
    planned information. decision: to which its finding pointed; round_id: the signed round that was
    this look; instead: the rerun that has replaced it, of which the figures are; corrected: that it
    was said why. Empty for a look that was entered by hand: of it nothing else is known.
    """

    number: int
    fraction: float
    decision: str = ""
    round_id: str = ""
    instead: str = ""
    corrected: bool = False


@dataclass(frozen=True)
class Looks:
    """The looks before a record, and what the record itself is among them.

    taken: in order; None where nobody has asked the log of rounds. is_signed: its round is signed;
    a draft is no look. day: of the data, where a rerun is the look that its round was; None: that
    of the record. instead_of: the signed round that it replaces. gone: earlier rounds of which the
    record is not here as it was signed.
    """

    taken: tuple[Taken, ...] | None = None
    is_signed: bool = False
    day: str | None = None
    instead_of: str = ""
    gone: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pointed:
    """What a look found and to which decision that points; None where no rule can point.

    number, of: which look it is, of how many. look: its share of the information and what it needs.
    z: how far the estimate stands out (+ is good). next_look: the day of the one that follows.
    """

    found: Found
    decision: str | None
    number: int
    of: int
    look: Look | None = None
    z: float | None = None
    chance: float | None = None  # conditional power under the size that matters
    next_look: str | None = None


def pointed(rule: Rule, seen: Seen, *, shown_on: str, taken: Sequence[Taken] = ()) -> Pointed:
    """Judge one look. `shown_on`: the day of the data (ISO); taken: the looks before, in order. A
    look is taken once: on other days nothing is tested, the decision is that of the last look, and
    the rule says when the next one is."""
    due, of = sum(day <= shown_on for day in rule.looks), len(rule.looks)
    next_look = rule.looks[due] if due < of else None
    if seen.p_value is None:
        return Pointed("no_test", None, due, of, next_look=next_look)
    if due == 0:
        return Pointed("no_look_yet", "keep_going", due, of, next_look=next_look)
    between = Pointed("between_looks", _last(taken), due, of, next_look=next_look)
    if taken and due <= taken[-1].number:
        return between
    before = tuple(one.fraction for one in taken)
    fraction = _fraction(rule, seen, is_last=due == of)
    if before and fraction <= before[-1]:
        return between
    look = looks((*before, fraction), rule.spending, alpha=rule.alpha)[-1]
    at = seen.turned
    z = math.copysign(float(stats.norm.isf(seen.p_value / 2)), at.value)
    chance = _chance(rule, seen, z, (*before, fraction)) if fraction < 1 else None
    found = _found(rule, seen, z, look, chance)
    return Pointed(found, _decision(rule, found), due, of, look, z, chance, next_look)


def _last(taken: Sequence[Taken]) -> str:
    """The decision of the last look; to go on where nothing of it is known but that it was."""
    return (taken[-1].decision if taken else "") or "keep_going"


def _fraction(rule: Rule, seen: Seen, *, is_last: bool) -> float:
    """Of the planned information; the last look spends what is left of alpha, whatever came in."""
    if is_last or seen.error <= 0:
        return 1.0
    return min(1.0, (rule.planned_error / seen.error) ** 2)


def _chance(rule: Rule, seen: Seen, z: float, shares: tuple[float, ...]) -> float:
    """Conditional power, were the size that matters the truth; the last look as if it came next.
    shares: of the information at each look, this one the last of them."""
    final = looks((*shares, 1.0), rule.spending, alpha=rule.alpha)[-1]
    drift = seen.turned.matters / rule.planned_error
    return conditional_power(z, shares[-1], final.critical, drift=drift)


def _found(rule: Rule, seen: Seen, z: float, look: Look, chance: float | None) -> Found:
    if z >= look.critical:
        return "better" if seen.claim in CAUSAL else "better_link"
    if z <= -look.critical:
        return "worse"
    at = seen.turned
    reach = look.critical * seen.error  # half of the repeated interval (Jennison and Turnbull 2000)
    if not seen.attenuated and max(abs(at.value - reach), abs(at.value + reach)) < at.matters:
        return "too_small"
    if not seen.attenuated and chance is not None and chance < rule.futile_below:
        return "futile"
    return "open" if look.fraction < 1 else "open_at_the_end"


def _decision(rule: Rule, found: Found) -> str:
    return "keep_going" if found in GOES_ON else getattr(rule.points_to, found)
