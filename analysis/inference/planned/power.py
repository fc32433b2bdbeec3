"""What a comparison of this size could have shown."""

import math
from functools import lru_cache

import numpy as np
from scipy import optimize, stats

POWER = 0.8  # Cohen 1988: the convention of trial protocols
ALPHA = 0.05


@lru_cache(maxsize=4096)
def standard_errors(
    df: float | None = None, *, alpha: float = ALPHA, power: float = POWER
) -> float:
    """How many standard errors a true difference must be so that a share `power` of studies finds
    it at `alpha`, two-sided: t with `df` degrees of freedom (clusters less two in a planned trial);
    None: normal. Source: Bloom 1995."""
    law = stats.norm if df is None else stats.t(df)
    return float(law.ppf(1 - alpha / 2) + law.ppf(power))


def minimum_detectable_effect(std_error: float, df: float | None = None) -> float:
    """Smallest true effect found in 80 of 100 such studies at the 5 % level, in the unit of
    `std_error`; `df`: see `standard_errors`."""
    return standard_errors(df) * std_error


def design_effect(
    mean_size: float, intraclass_correlation: float, size_variation: float = 0.0
) -> float:
    """Variance with clusters divided by variance without (times): 1 + ((CV^2 + 1) m - 1) rho.

    `size_variation` is the coefficient of variation of cluster sizes. Source: Eldridge, Ashby and
    Kerry 2006.
    """
    return 1 + ((size_variation**2 + 1) * mean_size - 1) * intraclass_correlation


def stepped_wedge_std_error(
    treated: np.ndarray, *, people: float, intraclass_correlation: float, total_sd: float = 1.0
) -> float:
    """Standard error of the effect of a staggered roll-out, in units of `total_sd`.

    `treated` is clusters x periods of 0 and 1; `people` a cluster and period. Source: Hussey and
    Hughes 2007.
    """
    clusters, periods = treated.shape
    between = intraclass_correlation * total_sd**2
    within = (1 - intraclass_correlation) * total_sd**2 / people
    u, w, v = treated.sum(), (treated.sum(axis=0) ** 2).sum(), (treated.sum(axis=1) ** 2).sum()
    below = (clusters * u - w) * within + (
        u**2 + clusters * periods * u - periods * w - clusters * v
    ) * between
    return math.sqrt(clusters * within * (within + periods * between) / below)


def detectable_share(
    n: float, reference_n: float, reference_share: float, *, higher: bool = True
) -> float | None:
    """Share among `n` that would be told apart from `reference_share` among `reference_n` in 80 of
    100 studies.

    Shares from 0 to 1; None if no share on that side would be. Source: Fleiss, Levin and Paik 2003,
    section 4.
    """
    if not (n > 0 and reference_n > 0 and 0 < reference_share < 1):
        return None
    z_alpha, z_power = stats.norm.ppf(1 - ALPHA / 2), stats.norm.ppf(POWER)

    def excess(share: float) -> float:
        pooled = (n * share + reference_n * reference_share) / (n + reference_n)
        null = pooled * (1 - pooled) * (1 / n + 1 / reference_n)
        true = share * (1 - share) / n + reference_share * (1 - reference_share) / reference_n
        return abs(share - reference_share) - z_alpha * math.sqrt(null) - z_power * math.sqrt(true)

    limit = 1.0 if higher else 0.0
    return float(optimize.brentq(excess, reference_share, limit)) if excess(limit) > 0 else None
