"""Who was assigned and is not in the comparison: missing outcomes by arm, and what they could hide
(Lee 2009)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, stats

from analysis.designs.cohorts.balance import combined_codes
from analysis.designs.trials.trial import intention_to_treat
from analysis.inference.coding import numbers
from analysis.inference.columns import Pair, Quantity, TrialColumns
from analysis.results import CheckResult, Estimate, NotEstimable, Result, Support
from analysis.said.numbers import cleared_estimate, planned
from analysis.said.texts import say

LARGEST_DIFFERENCE = 10.0  # points between arms (METHODS section 0 rule 10)
DRAWS = 499
NUMBERS_AT_ONCE = 200_000  # draws x people held together: what stays in a processor's cache
SMALLEST_CLUSTERS = 10  # on a side: the bootstrap of fewer is too narrow (METHODS section 0 rule 3)
LEVEL = 0.95
ASSUMPTION = (
    "assumes that the offer moved no one both ways: whoever answers in the arm with fewer answers"
    " would in the other"
)


@dataclass(frozen=True)
class LeeBounds:
    """Bounds (`unit`) of the effect on people who answer whichever arm they are in, and the
    interval of that effect.

    trimmed_share: share (0 to 1) of the answers of `trimmed_arm` set aside. Holds under
    `assumption` only.
    """

    low: float
    high: float
    conf_low: float
    conf_high: float
    unit: str
    trimmed_arm: str | float
    trimmed_share: float
    support: Support
    seed: int
    assumption: str = ASSUMPTION

    def summary(self) -> str:
        return (
            f"Between {self.low:.3g} and {self.high:.3g} {self.unit.replace('_', ' ')} (95%"
            f" confidence interval {self.conf_low:.3g} to {self.conf_high:.3g}); {self.assumption}."
        )


def attrition_table(
    people: pd.DataFrame, *, arm: str, outcome: str, cluster: str | None = None
) -> pd.DataFrame:
    """One row an arm: assigned, answered, missing (people), missing_share (in every 100), and
    clusters lost altogether.

    Everyone assigned must have a row. Exact counts: private until disclosure control has seen them.
    """
    rows = people[people[arm].notna()]
    answered = rows[outcome].notna()
    table = (
        answered.groupby(rows[arm]).agg(assigned="size", answered="sum").reset_index(names="arm")
    )
    table["missing"] = table["assigned"] - table["answered"]
    table["missing_share"] = 100 * table["missing"] / table["assigned"]
    if cluster is not None:
        ever = answered.groupby([rows[arm], rows[cluster]]).any()
        table["clusters_assigned"] = ever.groupby(level=0).size().loc[table["arm"]].to_numpy()
        table["clusters_lost"] = (~ever).groupby(level=0).sum().loc[table["arm"]].to_numpy()
    return table


def differential_attrition(people: pd.DataFrame, columns: TrialColumns, pair: Pair) -> CheckResult:
    """Difference in missing outcomes between two arms (points); passed: not above 10 points either
    way.

    The text gives the clustered interval where there is one. Not a test of whether the losses are
    alike in kind.
    """
    arm, outcome = columns.arm, columns.outcome
    lost = people.assign(**{outcome: people[outcome].isna().astype(float)})
    arms = (pair.treated, pair.comparison)
    shares = [lost.loc[lost[arm] == name, outcome].mean() for name in arms]
    if not np.isfinite(shares).all():
        return CheckResult(
            "differential_attrition",
            None,
            "Losses could not be compared: an arm has no one.",
            bears_on="claim",
        )
    value = float(100 * (shares[0] - shares[1]))
    found = intention_to_treat(
        lost,
        TrialColumns(arm=arm, outcome=outcome, cluster=columns.cluster, scale=100.0),
        Quantity("differential_attrition", "points"),
        pair,
    )
    limit = LARGEST_DIFFERENCE
    text = _losses_in_words(value, found)
    return CheckResult(
        "differential_attrition",
        bool(abs(value) <= limit),
        text,
        value=value,
        threshold=limit,
        bears_on="claim",
    )


def _losses_in_words(value: float, found: Result) -> str:
    """Without the share of either arm: who asks counts them in fives (disclosure/people_said.py).
    The interval is a model's."""
    apart = "at most" if abs(value) <= LARGEST_DIFFERENCE else "more than"
    told = say(
        "Losses of the two arms lie {apart} {limit} points apart",
        apart=apart,
        limit=planned(LARGEST_DIFFERENCE),
    )
    if not isinstance(found, Estimate):
        return say("{told}.", told=told)
    low, high = (cleared_estimate(end, decimals=0) for end in (found.conf_low, found.conf_high))
    return say("{told} (95% interval {low} to {high}).", told=told, low=low, high=high)


def lee_bounds(
    people: pd.DataFrame,
    columns: TrialColumns,
    quantity: Quantity,
    pair: Pair,
    *,
    seed: int,
    draws: int = DRAWS,
) -> LeeBounds | NotEstimable:
    """Lowest and highest difference (`unit`) that losing people unevenly allows, if attrition is
    monotone.

    The arm with more answers loses that excess from its top, then from its bottom. Interval of
    Imbens and Manski (2004) with errors from a bootstrap of clusters (people where none are given)
    within arms. Source: Lee 2009.
    """
    arm, outcome, cluster = columns.arm, columns.outcome, columns.cluster
    rows = people[people[arm].isin([pair.treated, pair.comparison])]
    own = (rows[arm] == pair.treated).to_numpy()
    y = numbers(rows[outcome], outcome) * columns.scale
    codes = np.arange(len(rows)) if cluster is None else combined_codes(rows, [cluster])
    support = _support(own, y, codes)
    reason = _refusal(own, y, support)
    if reason:
        return NotEstimable(quantity.estimand, "lee_bounds", quantity.unit, reason, support)
    order = np.argsort(y, kind="stable")  # missing last
    own, y, codes = own[order], y[order], codes[order]
    low, high, share, more = (found[0].item() for found in _bounds(own, y, np.ones((1, len(y)))))
    errors = np.nanstd(_drawn_bounds(own, y, codes, seed=seed, draws=draws), axis=0, ddof=1)
    wide = _imbens_manski(high - low, float(errors.max()))
    trimmed = pair.treated if more else pair.comparison
    ends = (low - wide * errors[0], high + wide * errors[1])
    return LeeBounds(
        low,
        high,
        float(ends[0]),
        float(ends[1]),
        quantity.unit,
        trimmed,
        share,
        support,
        seed,
    )


def _support(own, y, codes) -> Support:
    there = ~np.isnan(y)
    sides = (there & own, there & ~own)
    return Support(
        n=int(there.sum()),
        n_identifying=int(there.sum()),
        n_treated=int(sides[0].sum()),
        persons=len(y),
        clusters_treated=len(np.unique(codes[sides[0]])),
        clusters_comparison=len(np.unique(codes[sides[1]])),
        smallest_cell=int(min(side.sum() for side in sides)),
    )


def _refusal(own, y, support: Support) -> str | None:
    there = ~np.isnan(y)
    if not ((there & own).any() and (there & ~own).any()):
        return "no_comparison"
    if min(support.clusters_treated, support.clusters_comparison) < SMALLEST_CLUSTERS:
        return "too_few_sites"
    return "constant_outcome" if np.ptp(y[there]) == 0 else None


def _drawn_bounds(
    own: np.ndarray, y: np.ndarray, codes: np.ndarray, *, seed: int, draws: int
) -> np.ndarray:
    """Low and high (draws x 2) where clusters are drawn with replacement within arms."""
    random, sides = np.random.default_rng(seed), [np.unique(codes[own]), np.unique(codes[~own])]
    times = np.zeros((draws, codes.max() + 1))
    for row in times:
        for side in sides:
            row[side] = random.multinomial(len(side), np.full(len(side), 1 / len(side)))
    size = max(1, NUMBERS_AT_ONCE // len(y))
    parts = (times[first : first + size] for first in range(0, draws, size))
    return np.concatenate([np.stack(_bounds(own, y, part[:, codes])[:2], axis=1) for part in parts])


def _bounds(
    own: np.ndarray, y: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Low, high, share trimmed, and whether the treated arm is the one trimmed, for each row of
    weights (draws x people); y sorted with missing last."""
    there = ~np.isnan(y)
    answers = [
        weights[:, side & there].sum(axis=1) / np.maximum(weights[:, side].sum(axis=1), 1e-300)
        for side in (own, ~own)
    ]
    more, least, most = answers[0] >= answers[1], np.minimum(*answers), np.maximum(*answers)
    share = np.where(least > 0, 1 - least / np.where(most > 0, most, 1.0), 0.0)
    ends = np.full((2, len(weights)), np.nan)
    for first, (trimmed, whole) in ((True, (own, ~own)), (False, (~own, own))):
        rows = np.flatnonzero((more == first) & (least > 0))
        values, mass = y[trimmed & there], weights[np.ix_(rows, trimmed & there)]
        others = weights[np.ix_(rows, whole & there)]
        mean = others @ y[whole & there] / others.sum(axis=1)
        kept = [
            _kept_means(v, m, share[rows]) - mean
            for v, m in ((values, mass), (values[::-1], mass[:, ::-1]))
        ]
        ends[:, rows] = np.sort(kept, axis=0) if first else -np.sort(kept, axis=0)[::-1]
    return ends[0], ends[1], share, more


def _kept_means(values: np.ndarray, mass: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Mean of each row of mass (draws x people) once the first `share` of it is set aside, a value
    at the edge in part."""
    aside = share[:, None] * mass.sum(axis=1, keepdims=True)
    kept = np.minimum(np.maximum(np.cumsum(mass, axis=1) - aside, 0), mass)
    return kept @ values / kept.sum(axis=1)


def _imbens_manski(width: float, error: float) -> float:
    """Critical value between one-sided (wide bounds) and two-sided (a point): Imbens and Manski
    2004."""
    ratio = width / error if error > 0 else np.inf

    def excess(c: float) -> float:
        return stats.norm.cdf(c + ratio) - stats.norm.cdf(-c) - LEVEL

    return float(optimize.brentq(excess, 1.0, 2.5))
