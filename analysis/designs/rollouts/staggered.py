"""Roll-outs in steps: group-time difference in differences and how far it can be trusted (METHODS
section 2).

The one module that calls diff-diff, inside functions, so that importing it costs nothing. Without
covariates ATT(g, t) is the arithmetic of `group_time.py` (the library gives the same numbers,
tested); the library adds covariates, the imputation and Sun-Abraham estimators, and the bounds of
Rambachan and Roth. Its data loader makes up data where there is no network: never call it. Frames
are long, one row a unit and period; `first_treated` missing is never treated. Few sites a cohort:
`start_dates.permute_start_dates` instead of the intervals here.
"""

import warnings
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.designs.rollouts.group_time import (
    NEVER,
    Average,
    GroupTime,
    Panel,
    averaged,
    clustered_error,
    estimate_of,
    group_time,
    panel_of,
    refusal,
    support_of,
)
from analysis.inference.columns import PanelColumns, Quantity
from analysis.results import Estimate, NotEstimable, What

SECOND_OPINIONS = ("imputation", "sun_abraham")


def group_time_effects(
    frame: pd.DataFrame,
    columns: PanelColumns,
    *,
    comparison: str = "never_treated",
    base: str = "varying",
) -> GroupTime | NotEstimable:
    """ATT(g, t) of every cohort and period, leads included, in the outcome's unit times `scale`;
    `.to_frame()` shows them.

    comparison: "never_treated" or "not_yet_treated" (by t). Source: Callaway and Sant'Anna 2021.
    """
    panel = panel_of(frame, columns)
    reason = refusal(panel, comparison)
    if reason:
        return NotEstimable(
            "att_group_time", "callaway_santanna", "", reason, support_of(panel, comparison)
        )
    return group_time(panel, comparison=comparison, base=base)


def average_effect(
    frame: pd.DataFrame,
    columns: PanelColumns,
    quantity: Quantity,
    *,
    average: Average = Average(),
    covariates: Sequence[str] = (),
) -> Estimate | NotEstimable:
    """Average effect on the treated over cohorts and periods since the start.

    Covariates (value in the period before g, doubly robust) for
    "simple" and "event" alone: ValueError otherwise. Standard error clustered on `cluster`
    (default: unit) by influence functions; t on clusters less one; below 10 clusters a side the
    estimate is not `reliable`. Units without every period, or treated from the first, are left out:
    `panel_of` counts.
    """
    outcome = columns.outcome
    used = frame.assign(
        **{outcome: frame[outcome].where(frame[list(covariates)].notna().all(axis=1))}
    )
    panel, comparison = panel_of(used, columns), average.comparison
    what = (quantity.estimand, f"callaway_santanna_{average.aggregate}", quantity.unit)
    support = support_of(panel, comparison)
    reason = refusal(panel, comparison)
    if reason:
        return NotEstimable(*what, reason, support)
    if covariates:
        if average.aggregate not in ("simple", "event"):
            raise ValueError("with covariates, aggregate is 'simple' or 'event'")
        table = _library_frame(panel, used, columns, list(covariates))
        return _with_covariates(what, table, panel, average, list(covariates))
    effects = group_time(panel, comparison=comparison, base="universal")
    value, influence = averaged(effects, average.aggregate, average.event_time)
    return estimate_of(what, value, clustered_error(influence, panel.clusters), panel, support)


def second_opinion(
    frame: pd.DataFrame,
    columns: PanelColumns,
    quantity: Quantity,
    *,
    method: str,
) -> Estimate | NotEstimable:
    """Average effect on the treated by another estimator that allows for different
    effects.

    method "imputation": the untreated outcome of treated periods is predicted from all untreated
    ones (Borusyak, Jaravel and Spiess 2024); every treated unit-period alike. "sun_abraham":
    cohort-by-time interactions against the never-treated (Sun and Abraham 2021). t on clusters less
    one.
    """
    import diff_diff

    if method not in SECOND_OPINIONS:
        raise ValueError(f"method is one of {', '.join(SECOND_OPINIONS)}")
    panel = panel_of(frame, columns)
    comparison = "not_yet_treated" if method == "imputation" else "never_treated"
    what = (quantity.estimand, method, quantity.unit)
    support = support_of(panel, comparison)
    reason = refusal(panel, comparison)
    if reason:
        return NotEstimable(*what, reason, support)
    table = _library_frame(panel, frame, columns, [])
    estimator = diff_diff.ImputationDiD if method == "imputation" else diff_diff.SunAbraham
    fit = _quietly(
        lambda: estimator(cluster="cluster").fit(table, "outcome", "unit", "period", "first")
    )
    return estimate_of(what, float(fit.overall_att), float(fit.overall_se), panel, support)


def two_way_fixed_effects(
    frame: pd.DataFrame,
    columns: PanelColumns,
    quantity: Quantity,
) -> Estimate | NotEstimable:
    """Coefficient of "treated by now" with unit and period effects: shown only to contrast.

    It uses units already treated as comparison, so that effects that grow can turn its sign
    (Goodman-Bacon 2021): never `reliable`, sets no class.
    """
    panel = panel_of(frame, columns)
    what = (quantity.estimand, "two_way_fixed_effects", quantity.unit)
    support = support_of(panel, "not_yet_treated")
    reason = refusal(panel, "not_yet_treated")
    if reason:
        return NotEstimable(*what, reason, support)
    treated, outcomes = (
        _both_means_out(np.arange(len(panel.periods)) >= panel.first[:, None]),
        _both_means_out(panel.outcome),
    )
    value = float((treated * outcomes).sum() / (treated**2).sum())
    scores = (treated * (outcomes - value * treated)).sum(axis=1) / (treated**2).sum()
    found = estimate_of(what, value, clustered_error(scores, panel.clusters), panel, support)
    if isinstance(found, NotEstimable):
        return found
    return replace(found, reliable=False, reason="contrast only: sets no class")


def triple_difference(
    frame: pd.DataFrame,
    columns: PanelColumns,
    quantity: Quantity,
    *,
    groups: tuple[str, str],
    group: str,
    average: Average = Average(),
) -> Estimate | NotEstimable:
    """Average effect on people of groups[0] less that on people of groups[1] (the gap closed or
    opened).

    One row a unit, period and group. The two effects share sites: their influence functions are
    subtracted site by site, so that the covariance counts (adding variances does not).
    """
    comparison = average.comparison
    panels = [panel_of(frame[frame[group] == name], columns) for name in groups]
    what = (quantity.estimand, f"triple_difference_{average.aggregate}", quantity.unit)
    supports = [support_of(p, comparison) for p in panels]
    weaker = min(
        supports, key=lambda s: (min(s.clusters_treated, s.clusters_comparison), s.smallest_cell)
    )
    reason = next((r for r in (refusal(panel, comparison) for panel in panels) if r), None)
    if reason:
        return NotEstimable(*what, reason, weaker)
    found = [
        averaged(
            group_time(p, comparison=comparison, base="universal"),
            average.aggregate,
            average.event_time,
        )
        for p in panels
    ]
    influence = np.concatenate([found[0][1], -found[1][1]])
    clusters = np.concatenate([panel.clusters for panel in panels])
    error, wider = (
        clustered_error(influence, clusters),
        max(panels, key=lambda p: len(np.unique(p.clusters))),
    )
    return estimate_of(
        what, found[0][0] - found[1][0], error, wider, weaker
    )  # two effects are no levels of people


def _both_means_out(values: np.ndarray) -> np.ndarray:
    values = values.astype(float)
    return values - values.mean(axis=1, keepdims=True) - values.mean(axis=0) + values.mean()


def _library_frame(
    panel: Panel, frame: pd.DataFrame, columns: PanelColumns, covariates: list[str]
) -> pd.DataFrame:
    """The panel as diff-diff reads it: whole numbers for units and periods, first = 0 where never
    treated."""
    n, length = panel.outcome.shape
    first = np.where(panel.first == NEVER, -1, panel.first) + 1
    codes = np.unique(panel.clusters, return_inverse=True)[1]
    table = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(n), length),
            "period": np.tile(np.arange(1, length + 1), n),
            "outcome": panel.outcome.ravel(),
            "first": np.repeat(first, length),
            "cluster": np.repeat(codes, length),
        }
    )
    if covariates:
        rows = pd.MultiIndex.from_product([panel.units, panel.periods])
        table[covariates] = (
            frame.set_index([columns.unit, columns.period])[covariates]
            .loc[rows]
            .to_numpy(dtype=float)
        )
    return table


def _quietly(call):
    """The library's result without its notices: what they warn of is refused before, or shows as a
    missing number."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call()


def _callaway_santanna(table: pd.DataFrame, comparison: str, covariates: list[str], base: str):
    import diff_diff

    rule, method = comparison, "dr" if covariates else "reg"
    model = diff_diff.CallawaySantAnna(
        control_group=rule, estimation_method=method, cluster="cluster", base_period=base
    )
    return _quietly(
        lambda: model.fit(
            table, "outcome", "unit", "period", "first", covariates=covariates or None
        )
    )


def _with_covariates(
    what: What, table: pd.DataFrame, panel: Panel, average: Average, covariates: list[str]
) -> Estimate | NotEstimable:
    support, event_time = support_of(panel, average.comparison), average.event_time
    try:
        fit = _callaway_santanna(table, average.comparison, covariates, base="universal")
    except (ValueError, np.linalg.LinAlgError) as fault:
        return NotEstimable(*what, "separation", support, detail=str(fault)[:200])
    value, error = float(fit.overall_att), float(fit.overall_se)
    if average.aggregate == "event" or event_time is not None:
        study = _quietly(lambda: fit.aggregate("event_study"))
        times = np.asarray(study.vcov_index)
        wanted = times >= 0 if event_time is None else times == event_time
        share = wanted / max(wanted.sum(), 1)
        value = (
            float(share @ study.att[np.isin(study.event_time, times)]) if wanted.any() else np.nan
        )
        error = float(np.sqrt(share @ study.vcov @ share))
    return estimate_of(what, value, error, panel, support)
