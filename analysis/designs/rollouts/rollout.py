"""Randomised staggered roll-outs: the efficient estimator of Roth and Sant'Anna (2023, JPE Micro),
from its design.

Where the ORDER of start dates was drawn by lot, outcomes before the start differ between cohorts by
chance only. The estimator is the difference in means after the start less beta times that before
it; beta = 0 ignores it, beta = 1 is difference-in-differences, and the beta of least variance is
estimated. Use group-time difference-in-differences where the order was not random. Everything is
clustered on the unit that was assigned, since a unit's whole path is one draw.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.designs.rollouts.rollout_panel import (
    COMPARISONS,
    Panel,
    Weights,
    read_panel,
    weights_of,
)
from analysis.inference.assignments import StatisticsTest, permuted_labels_test
from analysis.inference.clusters import t_interval
from analysis.inference.columns import RolloutColumns
from analysis.results import Estimate, NotEstimable, Support, What

ESTIMANDS = ("simple", "cohort", "calendar", "event")
STANDARD_ERRORS = ("neyman", "adjusted")
# Cut-off for directions without spread in the pre-period covariance of a small cohort (MASS::ginv
# takes the same).
NO_SPREAD = float(np.sqrt(np.finfo(float).eps))
# A variance below this share of that without adjustment is rounding: the contrast is fitted without
# error.
EXACT = 1e-12


@dataclass(frozen=True, kw_only=True)
class RolloutAsked:
    """Which effects, by which estimator.

    simple: all treated unit-periods alike; cohort: mean over periods within a cohort, then over
    units; calendar: mean over units within a period, then over periods; event: at each of
    `event_times` periods after the start. beta None: estimated (efficient); 0: difference in means;
    1: Callaway and Sant'Anna with not-yet-treated units, or with comparison "last_treated" Sun and
    Abraham. The interval is normal with `standard_error`; with `draws` the p-value is that of the
    Fisher test (None: as many as its decision needs).
    """

    estimands: tuple[str, ...] = ("simple",)
    event_times: tuple[int, ...] = ()
    beta: float | None = None
    comparison: str = "not_yet_treated"
    standard_error: str = "neyman"
    draws: int | None = 0
    seed: int = 0


@dataclass(frozen=True)
class RolloutEffect:
    """One effect. result: in `unit`; beta: the weight of the pre-treatment difference (no unit).

    se_neyman: conservative error; se_adjusted: less what the outcomes before the first start tell
    about how effects differ between units (sigma ** of the paper). p_fisher: studentised
    permutation of start dates (|estimate| over se_neyman), the draw that happened included; None if
    not asked for.
    """

    outcome: str
    estimand: str
    event_time: int | None
    result: Estimate | NotEstimable
    beta: float | None = None
    se_neyman: float | None = None
    se_adjusted: float | None = None
    p_fisher: float | None = None


@dataclass(frozen=True)
class Rollout:
    """Effects, one an outcome and estimand, and who was left out: units used and left out add up to
    `units`.

    units_started_before: treated before the first period (with a beta other than 0: in it too);
    units_alone: the only unit of its cohort.
    """

    effects: tuple[RolloutEffect, ...]
    units: int
    units_used: int
    units_started_before: int
    units_alone: int
    cohorts: int

    def __post_init__(self) -> None:
        assert self.units == self.units_used + self.units_started_before + self.units_alone, (
            "units add up"
        )

    def to_frame(self) -> pd.DataFrame:
        names = ("outcome", "event_time", "beta", "se_neyman", "se_adjusted", "p_fisher")
        rows = [
            e.result.to_frame().assign(**{name: getattr(e, name) for name in names})
            for e in self.effects
        ]
        return pd.concat(rows, ignore_index=True)

    def summary(self) -> str:
        return " ".join(f"{e.outcome}, {e.estimand}: {e.result.summary()}" for e in self.effects)


def staggered_rollout(
    frame: pd.DataFrame,
    columns: RolloutColumns,
    *,
    unit: str,
    asked: RolloutAsked = RolloutAsked(),
) -> Rollout:
    """Average effect of having started, by estimand (`unit`).

    Units treated in the first period stay for beta None and 0. An event time -1 has no estimate
    unless beta is 0.
    """
    beta, comparison = asked.beta, asked.comparison
    _known(asked.estimands, comparison, asked.standard_error)
    panel = read_panel(
        frame,
        assigned=columns.assigned,
        period=columns.period,
        start=columns.start,
        outcomes=list(columns.outcomes),
    )
    units = len(panel.cohort) + panel.units_started_before + panel.units_alone
    if beta not in (None, 0):
        panel = panel.without_first_period()
    wanted: list[tuple[str, int | None]] = [(e, None) for e in asked.estimands if e != "event"]
    wanted += [("event", int(e)) for e in asked.event_times] if "event" in asked.estimands else []
    method = "roth_santanna_efficient" if beta is None else f"beta_{beta:g}"
    method = "difference_in_means" if beta == 0 else method
    effects = []
    for name in columns.outcomes:
        values = panel.outcomes[name] * columns.scale
        for estimand, event_time in wanted:
            what = (f"rollout_{estimand}", f"{method}_{comparison}", unit)
            weights = (
                weights_of(panel, estimand, event_time, comparison)
                if len(panel.starts) > 1
                else None
            )
            found = _effect(panel, values, weights, what, asked)
            effects.append(RolloutEffect(name, estimand, event_time, *found))
    used = len(panel.cohort)
    return Rollout(
        tuple(effects),
        units,
        used,
        panel.units_started_before,
        panel.units_alone,
        len(panel.starts),
    )


def _known(estimands, comparison, standard_error) -> None:
    valid = (
        (estimands, ESTIMANDS),
        ((comparison,), COMPARISONS),
        ((standard_error,), STANDARD_ERRORS),
    )
    for given, known in valid:
        for name in given:
            if name not in known:
                raise ValueError(f"{name!r} is not one of {', '.join(known)}")


def _effect(
    panel: Panel, values: np.ndarray, weights: Weights | None, what: What, asked: RolloutAsked
) -> tuple:
    """The result, beta, both errors and the Fisher p-value of one estimand."""
    if weights is None:
        return (NotEstimable(*what, "no_comparison", Support(n=values.size, persons=len(values))),)
    support = _support(panel, values, weights)
    # Each unit's path under each cohort's weights: a draw of the lot only chooses the column.
    scores = np.stack([values @ weights.effect.T, values @ weights.before.T])
    value, slope, variance, raw = (
        x[0] for x in _moments(panel, scores, panel.cohort[None, :], asked.beta)
    )
    if np.ptp(values) == 0:
        return (NotEstimable(*what, "constant_outcome", support),)
    if variance <= EXACT * raw or raw <= 0:
        return NotEstimable(*what, "collinear", support), float(slope)
    neyman = float(np.sqrt(variance))
    adjusted = float(np.sqrt(max(variance - _heterogeneity(panel, values, weights), 0.0)))
    error = neyman if asked.standard_error == "neyman" or adjusted == 0 else adjusted
    low, high = t_interval(float(value), error, None)
    test = _fisher(panel, scores, asked) if asked.draws != 0 else None
    means = _cohort_means(panel, values)
    p_value = test.p_value[0] if test else float(2 * stats.norm.sf(abs(value) / error))
    result = Estimate(
        *what,
        float(value),
        low,
        high,
        error,
        p_value,
        comparison_estimated=float((weights.comparison * means).sum()),
        group_estimated=float((weights.treated * means).sum()),
        support=support,
        seed=asked.seed if test and not test.exact else None,
        reason=f"p-value from orders of start, {test.words}" if test else None,
    )
    return result, float(slope), neyman, adjusted, test.p_value[0] if test else None


def _moments(
    panel: Panel, scores: np.ndarray, cohorts: np.ndarray, beta: float | None
) -> tuple[np.ndarray, ...]:
    """Estimate, beta, Neyman variance, and that variance with beta 0, of each assignment (rows of
    `cohorts`).

    scores: effect and before, each units x cohorts. Variances are sums over cohorts of S_g / N_g.
    """
    rows, kinds = len(cohorts), len(panel.starts)
    centre = scores.mean(axis=1, keepdims=True)  # so that squares do not swamp the spread
    effect, before = (
        np.take_along_axis(part[None], cohorts[:, :, None], axis=2)[..., 0]
        for part in scores - centre
    )
    cells = (cohorts + kinds * np.arange(rows)[:, None]).ravel()

    def means(x: np.ndarray) -> np.ndarray:
        return np.bincount(cells, x.ravel(), rows * kinds).reshape(rows, kinds) / panel.sizes

    first, second = means(effect), means(before)
    freedom = panel.sizes - 1
    squares = (
        (effect, effect, first, first),
        (effect, before, first, second),
        (before, before, second, second),
    )
    v_effect, v_both, v_before = (
        ((means(a * b) - ma * mb) / freedom).sum(axis=1) for a, b, ma, mb in squares
    )
    scale = np.abs(scores[1] - centre[1]).max()
    usable = v_before > EXACT * scale**2
    slope = (
        np.divide(v_both, v_before, out=np.zeros(rows), where=usable)
        if beta is None
        else np.full(rows, float(beta))
    )
    difference, earlier = (
        m.sum(axis=1) + c.sum() for m, c in ((first, centre[0]), (second, centre[1]))
    )
    variance = v_effect - 2 * slope * v_both + slope**2 * v_before
    return difference - slope * earlier, slope, np.maximum(variance, 0.0), v_effect


def _heterogeneity(panel: Panel, values: np.ndarray, weights: Weights) -> float:
    """What outcomes before the first start show of the variance of effects between units, over N
    (unit squared).

    In each cohort the effect's own share of a unit's path is regressed on the periods before any
    cohort in it had started; the slopes add up over cohorts. Source: Roth and Sant'Anna 2023, the
    estimator sigma **.
    """
    first = int(np.flatnonzero(np.abs(weights.effect).max(axis=1) > 0)[0])
    before = min(int(panel.starts[first]), panel.periods)
    if before == 0:
        return 0.0
    slopes, spread, kinds = (
        np.zeros(before),
        np.zeros((before, before)),
        range(first, len(panel.starts)),
    )
    for g in kinds:
        own = values[panel.cohort == g]
        early = own[:, :before] - own[:, :before].mean(axis=0)
        covariance = early.T @ early / (len(own) - 1)
        with_effect = early.T @ (own @ weights.effect[g]) / (len(own) - 1)
        slopes += np.linalg.pinv(covariance, rcond=NO_SPREAD, hermitian=True) @ with_effect
        spread += covariance / len(kinds)
    return float(slopes @ spread @ slopes) / len(values)


def _fisher(panel: Panel, scores: np.ndarray, asked: RolloutAsked) -> StatisticsTest | None:
    """Start dates laid out anew over units, the studentised estimate compared (exact for no effect
    on any unit)."""

    def statistic(cohorts: np.ndarray) -> np.ndarray:
        value, _, variance, raw = _moments(panel, scores, cohorts, asked.beta)
        error = np.sqrt(np.where(variance > EXACT * raw, variance, np.inf))
        return np.abs(value) / error

    return permuted_labels_test(panel.cohort, statistic, seed=asked.seed, draws=asked.draws)


def _cohort_means(panel: Panel, values: np.ndarray) -> np.ndarray:
    return np.stack([values[panel.cohort == g].mean(axis=0) for g in range(len(panel.starts))])


def _support(panel: Panel, values: np.ndarray, weights: Weights) -> Support:
    """Rows are unit-periods; persons are units. An event is an outcome of 0 and one other value."""
    sides = [part[panel.cohort] > 0 for part in (weights.treated, weights.comparison)]
    kinds = (
        (values == 0, values != 0)
        if len(np.unique(values)) <= 2 and (values == 0).any()
        else (True,)
    )
    cells = [int((side & kind).any(axis=1).sum()) for side in sides for kind in kinds]
    return Support(
        n=values.size,
        n_identifying=int((sides[0] | sides[1]).sum()),
        cells_identifying=weights.targets,
        n_treated=int(sides[0].sum()),
        clusters_treated=int(sides[0].any(axis=1).sum()),
        clusters_comparison=int(sides[1].any(axis=1).sum()),
        persons=len(values),
        smallest_cell=min(cells),
        residual_df=len(values) - len(panel.starts),
    )
