"""Agreement of two raters on items that lie in clusters: cases of one investigator resemble each
other, so that the interval leaves out one cluster at a time and not one item."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from statsmodels.stats import inter_rater

from analysis.inference.clusters import t_interval
from analysis.measurement.agreement import UNIT
from analysis.results import Estimate, NotEstimable, Support

FEWEST_CLUSTERS = 10  # fewer show no spread between clusters (METHODS section 0 rule 1)
Coefficient = Callable[[np.ndarray], float]


def _kappa(table: np.ndarray) -> float:
    return float(inter_rater.cohens_kappa(table, return_results=False))


def _ac1(table: np.ndarray) -> float:
    """Gwet (2008) of two raters, from their table."""
    n = table.sum()
    share = (table.sum(axis=0) + table.sum(axis=1)) / (2 * n)
    chance = float(share @ (1 - share)) / (len(table) - 1)
    return float((np.trace(table) / n - chance) / (1 - chance))


COEFFICIENTS: Mapping[str, Coefficient] = {"cohen_kappa": _kappa, "gwet_ac1": _ac1}


def agreement_of_two(
    items: pd.DataFrame, *, raters: tuple[str, str], scale: list, cluster: str
) -> dict[str, Estimate | NotEstimable]:
    """Cohen's kappa and Gwet's AC1, unordered categories, of a row an item with both ratings (on
    `scale`) and the cluster that it lies in; both as in measurement/agreement.py.

    Intervals by the jackknife over clusters with Student's t (Quenouille 1956; clusters less one
    degrees of freedom). NotEstimable with fewer than FEWEST_CLUSTERS, and "constant_rating" where
    a rater used one category alone.
    """
    rows = items.dropna(subset=[*raters])
    codes = [pd.Index(scale).get_indexer(rows[name]) for name in raters]
    within = pd.factorize(rows[cluster], sort=True)[0]
    clusters = int(within.max(initial=-1)) + 1
    tables = np.zeros((clusters, len(scale), len(scale)))
    off = any((code < 0).any() for code in codes)
    if not off:
        np.add.at(tables, (within, *codes), 1)
    support = Support(n=len(rows), persons=len(rows), clusters_treated=clusters)
    reason = "off_scale" if off else _too_little(tables)
    found: dict[str, Estimate | NotEstimable] = {}
    for name, coefficient in COEFFICIENTS.items():
        what = ("agreement", name, UNIT)
        found[name] = (
            NotEstimable(*what, reason, support)
            if reason
            else _jackknifed(what, tables, coefficient, support)
        )
    return found


def _too_little(tables: np.ndarray) -> str | None:
    if len(tables) < FEWEST_CLUSTERS:
        return "too_few_raters"
    left = tables.sum(axis=0) - tables  # without each cluster
    used = [(left.sum(axis=axis) > 0).sum(axis=1).min() for axis in (1, 2)]
    return "constant_rating" if min(used) < 2 else None


def _jackknifed(
    what: tuple[str, str, str], tables: np.ndarray, coefficient: Coefficient, support: Support
) -> Estimate:
    whole, n = tables.sum(axis=0), len(tables)
    value = coefficient(whole)
    left = np.array([coefficient(whole - own) for own in tables])
    error = float(np.sqrt((n - 1) / n * ((left - left.mean()) ** 2).sum()))
    low, high = t_interval(value, error, n - 1)
    low, high = max(low, min(-1.0, value)), min(high, 1.0)
    return Estimate(*what, value, low, high, error, df=n - 1.0, support=support)
