"""Agreement of two raters on items that lie in clusters: cases of one investigator resemble each
other, so that the interval leaves out one cluster at a time and not one item."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.inference.clusters import t_interval
from analysis.results import Estimate, NotEstimable

Coefficient = Callable[[pd.DataFrame], Estimate | NotEstimable]
FEWEST_CLUSTERS = 10  # fewer show no spread between clusters (METHODS section 0 rule 1)


def over_clusters(
    coefficient: Coefficient, ratings: pd.DataFrame, *, cluster: str
) -> Estimate | NotEstimable:
    """`coefficient` of all ratings, its interval by the jackknife over clusters with Student's t
    (Quenouille 1956; clusters less one degrees of freedom). NotEstimable where there are fewer
    than FEWEST_CLUSTERS, or where it cannot be worked out without one of them."""
    whole = coefficient(ratings)
    labels = ratings[cluster].unique()
    if isinstance(whole, NotEstimable):
        return whole
    named = whole.estimand, whole.method, whole.unit
    if len(labels) < FEWEST_CLUSTERS:
        return NotEstimable(*named, "too_few_raters", whole.support)
    left = [coefficient(ratings[ratings[cluster] != label]) for label in labels]
    values = np.array([one.value for one in left if isinstance(one, Estimate)])
    n = len(labels)
    if len(values) < n:
        return NotEstimable(*named, "constant_rating", whole.support)
    error = float(np.sqrt((n - 1) / n * ((values - values.mean()) ** 2).sum()))
    low, high = t_interval(whole.value, error, n - 1)
    support = replace(whole.support, clusters_treated=n)
    return replace(
        whole,
        conf_low=max(low, -1.0),
        conf_high=min(high, 1.0),
        std_error=error,
        df=n - 1.0,
        support=support,
    )
