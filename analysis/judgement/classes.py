"""Which words a result may have: its class, and whether harm is watched (how strongly of a cause:
claims.py).

The rules are those of the method statement, section 0 rule 4 (classes) and rule 10 (surveys), and
of the page rules, section 2 (harm watch). Raw values come in; they are turned here so that + is
good.

Classes are set from the numbers that are printed (three significant figures, counts in fives), not
from the exact ones behind them: otherwise a page could print a limit of 2.00 and say that it is
below 2.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

from analysis.said.phrases import EVERY_100
from analysis.said.texts import settled
from analysis.said.told import told

RESULT_CLASSES = (
    "benefit_matters",
    "benefit_size_uncertain",
    "harm_matters",
    "harm_size_uncertain",
    "no_meaningful_difference",
    "detectable_but_small",
    "inconclusive",
    "inconclusive_harm_unlikely",
    "inconclusive_benefit_unlikely",
    "only_before_adjustment",
    "direction_undefined",
    # an estimate that is printed and sets no class: CR2 with fewer than 4 degrees of freedom
    "unreliable",
    "rank_only",
    "placebo",
    "described",
    "not_estimable",
    "withheld",
    "not_reliable",  # fewer than 30 people: a count, no rate
    "no_base",  # a published share without the number of people
)
BENEFIT = frozenset({"benefit_matters", "benefit_size_uncertain"})
HARM = frozenset({"harm_matters", "harm_size_uncertain"})
INCONCLUSIVE = frozenset(
    {"inconclusive", "inconclusive_harm_unlikely", "inconclusive_benefit_unlikely"}
)
# Classes that say that there is a difference: only they are followed by a sentence about its cause.
DIFFERENCE = BENEFIT | HARM | {"detectable_but_small"}
# Classes that an estimate with an interval can have from the rule of four.
FROM_INTERVAL = DIFFERENCE | INCONCLUSIVE | {"no_meaningful_difference", "only_before_adjustment"}

# Method statement, section 0 rule 10: more than 10 points between the sides' response, or under
# half answering.
DIFFERENTIAL_RESPONSE_POINTS = 10.0
SMALLEST_RESPONSE_PERCENT = 50.0
# Page rules, section 1a rule 4: the two grades of harm watch, the graver first.
HARM_GRADES = ("worse", "may_be_worse")
NORMAL = NormalDist()


@dataclass(frozen=True)
class Oriented:
    """A value and its interval turned so that + is good, on an additive scale, beside the size that
    matters."""

    value: float
    low: float
    high: float
    matters: float


def orient(
    value: float, conf_low: float, conf_high: float, *, matters: float, better: str, ratio: bool
) -> Oriented:
    """Raw numbers turned so that + is good; ratios on the log scale (a lower limit of 0 times is
    minus infinity)."""
    if not conf_low <= value <= conf_high:
        raise ValueError("the interval does not hold its estimate")
    if matters <= (1 if ratio else 0):
        raise ValueError("the size that matters must be more than 0, or more than 1 times")
    if better not in ("higher", "lower"):
        raise ValueError("better is either higher or lower")
    if ratio:
        value, conf_low, conf_high, matters = map(_log, (value, conf_low, conf_high, matters))
    if better == "lower":
        value, conf_low, conf_high = -value, -conf_high, -conf_low
    return Oriented(value, conf_low, conf_high, matters)


def _log(times: float) -> float:
    if times < 0:
        raise ValueError("a ratio cannot be negative")
    # 12 decimals: a limit of 0.8 times is exactly as far from 1 as one of 1.25 times, whatever the
    # last bit says.
    return round(math.log(times), 12) if times > 0 else -math.inf


def result_class(
    value: float,
    conf_low: float,
    conf_high: float,
    *,
    matters: float,
    better: str | None,
    ratio: bool,
    p_adjusted: float | None,
    alpha: float,
    reliable: bool = True,
    attenuated: bool = False,
) -> str:
    """The class of one estimate; `better` None means that the plan leaves the direction undefined.

    A difference is called one only where the interval leaves 0 out AND the adjusted p-value is
    small, so that the words never contradict the interval beside them. Without a p-value (a test
    that cannot reject) it is never called.

    `attenuated`: the estimate and its interval lie closer to nothing than the truth does. A
    difference that is found all the same is one, of uncertain size; nothing is ruled out.
    """
    if not reliable:
        return "unreliable"
    if better is None:
        return "direction_undefined"
    at = orient(value, conf_low, conf_high, matters=matters, better=better, ratio=ratio)
    outside_zero = at.low > 0 or at.high < 0
    detected = outside_zero and p_adjusted is not None and p_adjusted <= alpha
    if not attenuated and -at.matters < at.low and at.high < at.matters:
        return "detectable_but_small" if detected else "no_meaningful_difference"
    if detected:
        return _difference(at)
    if outside_zero and p_adjusted is not None:
        return "only_before_adjustment"
    return "inconclusive" if attenuated else _what_is_ruled_out(at)


def _difference(at: Oriented) -> str:
    if at.low > 0:
        return "benefit_matters" if at.low >= at.matters else "benefit_size_uncertain"
    return "harm_matters" if at.high <= -at.matters else "harm_size_uncertain"


def _what_is_ruled_out(at: Oriented) -> str:
    if at.low > -at.matters:
        return "inconclusive_harm_unlikely"
    if at.high < at.matters:
        return "inconclusive_benefit_unlikely"
    return "inconclusive"


@dataclass(frozen=True)
class Capped:
    """A class after the rule for surveys; `reason` is the clause that the page prints, None where
    nothing was capped."""

    result_class: str
    reason: str | None = None


def cap_at_inconclusive(
    result_class: str,
    *,
    response_percent: float | None,
    differential_points: float | None,
    smallest_response_percent: float = SMALLEST_RESPONSE_PERCENT,
    bounds_agree: bool = False,
) -> Capped:
    """The class of a survey outcome, `inconclusive` at most where too few, or too unequally many,
    people answered.

    `bounds_agree`: the worst-case bounds lead to the same class, so that the answers missing cannot
    change it. A response that is not known counts as too low.
    """
    if result_class not in FROM_INTERVAL or bounds_agree:
        return Capped(result_class)
    if response_percent is None or differential_points is None:
        return Capped("inconclusive", "it is not known how many of those asked answered")
    if response_percent < smallest_response_percent:
        return Capped(
            "inconclusive",
            settled(
                f"fewer than {told(smallest_response_percent)} {EVERY_100} of those asked answered"
            ),
        )
    if abs(differential_points) > DIFFERENTIAL_RESPONSE_POINTS:
        points = told(DIFFERENTIAL_RESPONSE_POINTS)
        return Capped(
            "inconclusive",
            settled(
                f"the shares who answered on the two sides are more than {points} percentage points"
                " apart"
            ),
        )
    return Capped(result_class)


def harm_p(
    value: float,
    conf_low: float,
    conf_high: float,
    *,
    p_value: float | None,
    better: str,
    ratio: bool,
) -> float:
    """One-sided p-value of harm (0 to 1), from the two-sided one; where a design has none, from the
    width of the 95 % interval by a normal law."""
    at = orient(value, conf_low, conf_high, matters=2.0, better=better, ratio=ratio)
    if p_value is None:
        error = (at.high - at.low) / (2 * NORMAL.inv_cdf(0.975))
        return NORMAL.cdf(at.value / error) if error > 0 else float(at.value >= 0)
    return p_value / 2 if at.value < 0 else 1 - p_value / 2


def harm_watch(
    value: float,
    conf_low: float,
    conf_high: float,
    *,
    matters: float,
    better: str | None,
    ratio: bool,
    probability: float | None,
    level: float,
) -> str | None:
    """The grade of harm watch, one of HARM_GRADES or None; from the UNADJUSTED interval, so that
    nothing mutes a harm.

    worse: the whole interval lies on the worse side (by chance alone in at most 2.5 % of rows
    without harm).
    may_be_worse: the estimate is worse than the size that matters, and so is, with a posterior
    `probability` (0 to 1, after shrinking over places) above the `level` that the plan names, the
    true value. `probability` None: there are no other places to shrink towards, and no such grade;
    an estimate among few people is then no sign of anything. None as well where the plan calls
    neither direction worse. What the grades hold: docs/harm_watch.md.
    """
    if probability is not None and not 0 <= probability <= 1:
        raise ValueError("a probability lies between 0 and 1")
    if better is None:
        return None
    at = orient(value, conf_low, conf_high, matters=matters, better=better, ratio=ratio)
    if at.high < 0:
        return "worse"
    beyond = at.value < -at.matters and probability is not None and probability > level
    return "may_be_worse" if beyond else None
