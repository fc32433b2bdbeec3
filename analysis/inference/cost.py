"""Cost of one unit of outcome: a ratio of two differences, with the interval of Fieller (1954).

The interval is every ratio that the data do not reject, so that it stays right where the effect is
near nil: there it has no end, and no interval is given (a bootstrap or delta method would give one
that is far too short).
"""

import math
from dataclasses import dataclass

from scipy import stats

from analysis.results import Estimate, NotEstimable, Support

LEVEL = 0.95


@dataclass(frozen=True, kw_only=True)
class RatioErrors:
    """Standard errors of an effect and of its cost. cost_error 0: what was spent is an account and
    no sample. df: degrees of freedom of the errors (None: normal)."""

    effect_error: float
    cost_error: float = 0.0
    covariance: float = 0.0
    df: float | None = None


def cost_per_unit(
    cost: float,
    effect: float,
    errors: RatioErrors,
    *,
    estimand: str = "cost_per_unit",
    support: Support | None = None,
) -> Estimate | NotEstimable:
    """Extra cost (pounds) of one unit of outcome gained: extra cost a person divided by effect a
    person.

    `effect` is turned so that + is good. NotEstimable "unbounded" where the effect's
    own interval holds 0 (then costs of any size agree with what was seen), or where the outcome is
    worse, since nothing was bought. Source: Fieller 1954.
    """
    what, support = (estimand, "fieller", "money"), support or Support()
    if cost <= 0:
        return NotEstimable(
            *what, "no_comparison", support, detail="the programme cost nothing more"
        )
    limits = fieller_limits(
        cost,
        effect,
        top_error=errors.cost_error,
        error=errors.effect_error,
        covariance=errors.covariance,
        df=errors.df,
    )
    if limits is None or effect <= 0:
        return NotEstimable(*what, "unbounded", support)
    return Estimate(*what, cost / effect, *limits, df=errors.df, support=support)


def fieller_limits(
    top: float,
    bottom: float,
    *,
    error: float,
    top_error: float = 0.0,
    covariance: float = 0.0,
    df: float | None = None,
) -> tuple[float, float] | None:
    """95% limits of top / bottom; None where they have no end (the interval of `bottom` holds 0).

    Every ratio r for which "top - r bottom = 0" is not rejected: the solution of a quadratic
    inequality in r.
    """
    tail = (1 + LEVEL) / 2
    squared = float((stats.norm.ppf(tail) if df is None else stats.t.ppf(tail, df)) ** 2)
    a = bottom**2 - squared * error**2
    if a <= 0:
        return None
    b = top * bottom - squared * covariance
    c = top**2 - squared * top_error**2
    spread = math.sqrt(max(b * b - a * c, 0.0))
    return (b - spread) / a, (b + spread) / a
