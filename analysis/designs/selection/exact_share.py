"""A share with its exact interval, however few the events.

Clopper and Pearson (1934), from statsmodels: the interval holds the true share at least 95 times in
100, also where one case of few had the event. A share of none or all has an interval too.
"""

from statsmodels.stats.proportion import proportion_confint

from analysis.results import Estimate, NotEstimable, Support

ESTIMAND, METHOD, UNIT = "share", "exact", "in_every_100"
ALPHA = 0.05


def exact_share(events: int, base: int) -> Estimate | NotEstimable:
    """`events` of `base` in every 100, with the exact interval; ValueError unless one is a part of
    the other."""
    if not 0 <= events <= base:
        raise ValueError("what happened is a part of all")
    support = Support(
        n=base, persons=base, smallest_cell=min(events, base - events), residual_df=base
    )
    if not base:
        return NotEstimable(ESTIMAND, METHOD, UNIT, "nobody_at_risk", support)
    low, high = proportion_confint(events, base, alpha=ALPHA, method="beta")
    value = 100 * events / base
    ends = min(100 * float(low), value), max(100 * float(high), value)
    return Estimate(ESTIMAND, METHOD, UNIT, value, *ends, support=support)
