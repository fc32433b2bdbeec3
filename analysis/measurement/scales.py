"""Survey scales: reversed questions, scores, reliability. Answers come one person a row, one
question (item) a column.

Covariances are pairwise: each pair of items uses everyone who answered both. Survey weights enter
the covariances.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.results import Estimate, NotEstimable, Support, What

UNIT = "on_a_scale_to_1"
HALF = 0.5  # share of items a person must have answered to have a score (Fairclough and Cella 1996)
SMALLEST_PEOPLE = 10
DRAWS = 500
SOLVED = 1e-7  # change of the communalities at which the one-factor solution stands still
MAX_STEPS = 500
LARGEST_SHARE_FAILED = (
    0.05  # resamples without a one-factor solution, above which there is no interval
)


def reverse_items(
    answers: pd.DataFrame,
    *,
    items: list[str],
    reversed: list[str] | tuple[str, ...],
    low: float,
    high: float,
) -> pd.DataFrame:
    """The columns `items` of `answers` (people x items), with `low` + `high` less the answer for
    those in `reversed`.

    Which items are reversed is declared, never guessed from correlations. Answers off the scale
    raise ValueError.
    """
    unknown = [name for name in reversed if name not in items]
    if unknown:
        raise ValueError(f"reversed items {unknown} are not among the items of the scale")
    values = answers[list(items)].astype(float)
    for name in items:
        off = values.index[(values[name] < low) | (values[name] > high)]
        if len(off):
            raise ValueError(
                f"column {name!r}, row {off[0]!r}: an answer lies outside {low:g} to {high:g}:"
                " correct it or leave it empty"
            )
    return values.assign(**{name: low + high - values[name] for name in reversed})


def scale_score(
    answers: pd.DataFrame,
    *,
    items: list[str],
    reversed: list[str] | tuple[str, ...] = (),
    low: float,
    high: float,
    min_answered: float = HALF,
) -> pd.Series:
    """Mean of the items a person answered, in points of the scale (people); missing under
    `min_answered` of them.
    """
    values = reverse_items(answers, items=items, reversed=reversed, low=low, high=high)
    enough = values.notna().mean(axis=1) >= min_answered
    return values.mean(axis=1).where(enough).rename("score")


def cronbach_alpha(
    answers: pd.DataFrame,
    *,
    items: list[str],
    weights: str | None = None,
    cluster: str | None = None,
    seed: int | None = None,
) -> Estimate | NotEstimable:
    """Cronbach's alpha: the least share of the spread of the score that is not noise
    (on_a_scale_to_1).

    Reverse items first. Interval: Feldt, Woodruff and Salih 1987, with the smallest number of
    people behind a pair of items (effective number, with weights); with `seed` a percentile
    bootstrap over people or `cluster`. Needs 2 items.
    """
    what = ("reliability", "cronbach_alpha", UNIT)
    values, w, support, reason = _prepared(answers, items, weights, smallest=2)
    if reason:
        return NotEstimable(*what, reason, support)
    value = float(_alpha(pairwise_covariance(values, w)))
    if not np.isfinite(value):
        return NotEstimable(*what, "unrelated_questions", support)
    if seed is not None:
        sample = _Answers(values, w, _codes(answers, cluster))
        return _bootstrapped(what, sample, _alpha, support, seed)
    if cluster is not None:
        raise ValueError(
            "the interval of Feldt is for independent people: give a seed for the bootstrap over"
            " clusters"
        )
    n, k = _effective(values, w), len(items)
    df = (n - 1, (n - 1) * (k - 1))
    low, high = (1 - (1 - value) * float(stats.f.ppf(p, *df)) for p in (0.975, 0.025))
    return Estimate(*what, value, low, high, support=support)


def omega_total(
    answers: pd.DataFrame,
    *,
    items: list[str],
    seed: int,
    weights: str | None = None,
    cluster: str | None = None,
) -> Estimate | NotEstimable:
    """McDonald's omega total of one factor: share of the spread of the score that the factor
    explains (on_a_scale_to_1).

    Least-squares factor (iterated principal axes, Harman and Jones 1966), McDonald 1999. Percentile
    bootstrap over people or `cluster`. Needs 3 items; refused where one item alone carries the
    factor (Heywood 1931).
    """
    what = ("reliability", "omega_total", UNIT)
    values, w, support, reason = _prepared(answers, items, weights, smallest=3)
    if reason:
        return NotEstimable(*what, reason, support)
    value = float(_omega(pairwise_covariance(values, w)))
    if not np.isfinite(value):
        return NotEstimable(*what, "one_question_alone", support)
    sample = _Answers(values, w, _codes(answers, cluster))
    return _bootstrapped(what, sample, _omega, support, seed)


def item_total(
    answers: pd.DataFrame, *, items: list[str], weights: str | None = None
) -> pd.DataFrame:
    """One row an item: n answered, mean, correlation with the sum of the other items, alpha without
    the item.

    A negative correlation: the item may be worded the other way round and not declared as reversed.
    """
    values, w, _, reason = _prepared(answers, items, weights, smallest=3)
    if reason:
        raise ValueError(f"the items of this scale cannot be compared: {reason}")
    cov, rows = pairwise_covariance(values, w), []
    for i, name in enumerate(items):
        rest = np.delete(np.arange(len(items)), i)
        others = cov[np.ix_(rest, rest)]
        there = ~np.isnan(values[:, i])
        correlation = cov[i, rest].sum() / np.sqrt(cov[i, i] * others.sum())
        mean = np.average(values[there, i], weights=w[there])
        rows.append(
            [name, int(there.sum()), float(mean), float(correlation), float(_alpha(others))]
        )
    return pd.DataFrame(
        rows, columns=["item", "n", "mean", "item_rest_correlation", "alpha_without"]
    )


def alpha_by_group(
    answers: pd.DataFrame, *, items: list[str], group: str, weights: str | None = None
) -> dict[str, Estimate | NotEstimable]:
    """Cronbach's alpha in each group: a scale that is noisier in one group shows smaller
    differences there."""
    parts = answers.loc[answers[group].notna()].groupby(group, observed=True)
    return {str(name): cronbach_alpha(part, items=items, weights=weights) for name, part in parts}


def pairwise_covariance(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted covariance (items x items), each pair over the people who answered both; NaN where
    fewer than two did.

    values: people x items, NaN where not answered. The factor n / (n - 1) counts people, not
    weights.
    """
    there = (~np.isnan(values) & (weights > 0)[:, None]).astype(float)
    filled = np.where(there > 0, np.nan_to_num(values), 0.0)
    weighted = there * weights[:, None]
    return _covariance(
        weighted.T @ there,
        there.T @ there,
        (filled * weights[:, None]).T @ there,
        (filled * weights[:, None]).T @ filled,
    )


def _covariance(total, n, sums, products) -> np.ndarray:
    """Covariances (... x items x items) from what the people who answered both items of a pair add
    up to: weights, people, the row's item and the product of both."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = sums / total
        spread = products / total - mean * np.swapaxes(mean, -1, -2)
        return np.where(n > 1, spread * n / (n - 1), np.nan)


def alike_rows(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Code of each row (from 0, missing values alike), and the first row of each code."""
    codes = np.zeros(len(values), dtype=np.int64)
    for column in values.T:
        own = pd.factorize(column, use_na_sentinel=False)[0]
        codes = pd.factorize(codes * (int(own.max(initial=0)) + 1) + own)[0]
    first = np.zeros(int(codes.max(initial=-1)) + 1, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return codes, first


def _prepared(answers, items, weights, smallest):
    values = answers[list(items)].to_numpy(dtype=float, na_value=np.nan)
    w = (
        np.ones(len(values))
        if weights is None
        else answers[weights].fillna(0).to_numpy(dtype=float)
    )
    if (w < 0).any():
        raise ValueError(f"column {weights!r}: survey weights are not below 0")
    answered = int((~np.isnan(values).all(axis=1) & (w > 0)).sum())
    support = Support(n=answered, persons=answered)
    if len(items) < smallest:
        return values, w, support, "too_few_questions"
    there = (~np.isnan(values) & (w > 0)[:, None]).astype(float)
    if (there.T @ there).min() < SMALLEST_PEOPLE:
        return values, w, support, "too_few_people"
    constant = bool((np.diag(pairwise_covariance(values, w)) <= 1e-12).any())
    return values, w, support, "constant_outcome" if constant else None


def _effective(values, w) -> float:
    """Kish's effective number of people behind the smallest pair of items."""
    there = (~np.isnan(values)).astype(float)
    return float(
        ((there.T @ (there * w[:, None])) ** 2 / (there.T @ (there * (w**2)[:, None]))).min()
    )


def _alpha(cov) -> np.ndarray:
    """Alpha of covariances (... x k x k)."""
    k, total = cov.shape[-1], cov.sum(axis=(-2, -1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(
            total > 0, k / (k - 1) * (1 - np.trace(cov, axis1=-2, axis2=-1) / total), np.nan
        )


def _omega(cov) -> np.ndarray:
    """Omega of covariances (... x k x k); NaN where there is no proper solution of one factor."""
    spread = np.sqrt(np.diagonal(cov, axis1=-2, axis2=-1))
    correlation = cov / (spread[..., :, None] * spread[..., None, :])
    if np.isnan(correlation).any():
        return np.full(cov.shape[:-2], np.nan)
    k = cov.shape[-1]
    flat = correlation.reshape(-1, k, k)
    loadings = _loadings(flat).reshape(spread.shape)
    common = loadings**2
    raw = loadings * spread
    explained, unique = raw.sum(axis=-1) ** 2, (spread**2 * (1 - common)).sum(axis=-1)
    proper = common.max(axis=-1) < 0.999
    return np.where(proper, explained / (explained + unique), np.nan)


def _loadings(correlation) -> np.ndarray:
    """Standardised loadings (draws x k) of one factor; each draw is left alone once it stands
    still."""
    k = correlation.shape[-1]
    off, same = correlation * (1 - np.eye(k)), np.eye(k)
    common, loadings = np.abs(off).max(axis=-1), np.zeros(correlation.shape[:-1])
    active = np.arange(len(off))
    for _ in range(MAX_STEPS):
        roots, vectors = np.linalg.eigh(off[active] + same * common[active][:, None, :])
        loadings[active] = vectors[..., -1] * np.sqrt(np.maximum(roots[..., -1:], 0))
        moved = np.minimum(loadings[active] ** 2, 1.0)
        change = np.abs(moved - common[active]).max(axis=-1)
        common[active] = moved
        active = active[change > SOLVED]
        if not len(active):
            break
    return loadings


@dataclass(frozen=True, eq=False)
class _Answers:
    """Answers (people x questions), weights, and the cluster of each person."""

    values: np.ndarray
    weights: np.ndarray
    codes: np.ndarray


def _codes(answers, cluster) -> np.ndarray:
    return (
        np.arange(len(answers))
        if cluster is None
        else pd.factorize(answers[cluster], use_na_sentinel=False)[0]
    )


def _bootstrapped(
    what: What,
    answers: _Answers,
    coefficient: Callable[[np.ndarray], np.ndarray],
    support: Support,
    seed: int,
) -> Estimate | NotEstimable:
    """Percentile interval; whole clusters are drawn, so that a person's weight is times how often
    they were drawn."""
    value = float(coefficient(pairwise_covariance(answers.values, answers.weights)))
    replicates = coefficient(_resampled_covariances(answers, seed))
    found = replicates[np.isfinite(replicates)]
    if len(found) < (1 - LARGEST_SHARE_FAILED) * DRAWS:
        return NotEstimable(*what, "no_fit", support)
    low, high = (float(x) for x in np.quantile(found, [0.025, 0.975]))
    error = float(found.std(ddof=1))
    return Estimate(
        *what, value, min(low, value), max(high, value), error, support=support, seed=seed
    )


def _resampled_covariances(answers: _Answers, seed: int) -> np.ndarray:
    """`pairwise_covariance` of each resample (draws x items x items).

    People who gave the same answers count together, so that a draw costs a count of people and no
    product of their answers.
    """
    w, codes = answers.weights, answers.codes
    random, groups = np.random.default_rng(seed), int(codes.max()) + 1
    pattern, first = alike_rows(answers.values)
    patterns, kinds = answers.values[first], len(first)
    weight, people = np.zeros((DRAWS, kinds)), np.zeros((DRAWS, kinds))
    for draw in range(DRAWS):
        times = np.bincount(random.integers(0, groups, groups), minlength=groups)[codes] * w
        weight[draw] = np.bincount(pattern, times, kinds)
        people[draw] = np.bincount(pattern, times > 0, kinds)
    there, filled = (~np.isnan(patterns)).astype(float), np.nan_to_num(patterns)

    def pairs(counted: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        products = (one[:, :, None] * other[:, None, :]).reshape(kinds, -1)
        return (counted @ products).reshape(len(counted), one.shape[1], -1)

    return _covariance(
        pairs(weight, there, there),
        pairs(people, there, there),
        pairs(weight, filled, there),
        pairs(weight, filled, filled),
    )
