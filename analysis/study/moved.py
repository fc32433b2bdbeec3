"""Whether something that should not have moved did, in words: for checks of more than one kind."""

from analysis.results import Estimate, Result
from analysis.said.numbers import cleared_estimate
from analysis.said.texts import ClearedText, say

ALPHA = 0.05


def moved(result: Result | None) -> tuple[bool | None, str]:
    """Whether nothing was found, and what was: an amount in every 100 with its interval, in
    words. (None, words) where it could not be worked out."""
    if not isinstance(result, Estimate) or result.p_value is None:
        return None, "it could not be worked out."
    value, low, high = map(amount, (result.value, result.conf_low, result.conf_high))
    text = say(
        "{value} in every 100 (95% confidence interval {low} to {high}).",
        value=value,
        low=low,
        high=high,
    )
    return bool(result.p_value > ALPHA), text


def amount(value: float) -> ClearedText:
    """ "1.7 fewer", as it is printed."""
    side = "fewer" if value < 0 else "more"
    return say("{size} {side}", size=cleared_estimate(abs(value), decimals=1), side=side)
