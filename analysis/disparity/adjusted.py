"""The relative rate index among people alike in what is recorded: one regression on cell counts for
all groups.

Cells are rows of a frame: group, covariates (categories), `events`, and `people` (risks) or
`exposure` (rates). Main effects only: the ratio is one number for all kinds of people. What the
ratio loses by adjustment "goes along with" the covariates and is not thereby justified: they may be
results of earlier decisions. A covariate decided after the group came to matter takes a part of the
disparity out.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import special, stats

from analysis.disparity.rates import relative_rate_of_events
from analysis.disparity.relative_rate import ALPHA, relative_rate_index
from analysis.results import Estimate, NotEstimable

ESTIMAND, UNIT = "adjusted_relative_rate_index", "times"
METHODS = {"share": "standardised_logit", "rate": "quasi_poisson"}
SIZES = {"share": "people", "rate": "exposure"}
LEVELS = {
    "share": 100.0,
    "rate": 1.0,
}  # mean predicted risk in every 100; mean predicted rate a unit of exposure
# A coefficient (log odds, log rate) or standard error beyond these is a fit that runs away: odds
# change by e^15.
SEPARATED = 15.0
SEPARATED_ERROR = 10.0
REPEATED = 1e-8  # a share of a direction that no row tells, as rounding goes in columns of 0 and 1


@dataclass(frozen=True, eq=False)
class _Fit:
    """Coefficients (1, groups, covariates) with their covariance; rows of the design, size of each,
    and scale."""

    kind: str
    design: np.ndarray
    size: np.ndarray
    params: np.ndarray
    covariance: np.ndarray
    scale: float  # what one unit of size counts in the model
    df: int | None  # None: normal

    def mean(self, column: int | None, n_groups: int) -> tuple[float, np.ndarray]:
        """Sum of predicted events with everyone in one group (None: the reference), and the
        gradient of its log."""
        everyone = self.design.copy()
        everyone[:, 1 : 1 + n_groups] = 0
        if column is not None:
            everyone[:, column] = 1
        linear = everyone @ self.params
        predicted = special.expit(linear) if self.kind == "share" else np.exp(linear) * self.scale
        slope = predicted * (1 - predicted) if self.kind == "share" else predicted
        total = float(self.size @ predicted)
        return total, (self.size * slope) @ everyone / total


def adjusted_relative_rates(
    cells: pd.DataFrame,
    *,
    group: str,
    reference: str,
    covariates: Sequence[str],
    kind: str,
    groups: Sequence[str],
) -> dict[str, Estimate | NotEstimable]:
    """Rate of each of `groups` divided by that of the reference (times) if everyone had the same
    characteristics.

    "share": binomial logit; everyone is set to the group, then to the reference, and the mean
    predicted risks are divided (standardisation: Lane and Nelder 1982); delta-method error of the
    log ratio. "rate": Poisson with log exposure; Pearson scale of at least 1 (McCullagh and Nelder
    1989, section 6.2.3), with t limits where it is above 1: measured coverage 95 % from 3 degrees
    of freedom on where the variance goes with the mean (events in clumps), down to 88 % where it
    grows with its square. Without covariates the value is the crude ratio. "Everyone" is the
    reference and those of `groups` that can be compared. Rows with a missing number or covariate
    are left out; a level at which no one had the event predicts none for anyone. Levels: mean
    predicted risks (in every 100) or rates.
    """
    if kind not in METHODS:
        raise ValueError(f"kind is one of {', '.join(METHODS)}")
    others = [name for name in dict.fromkeys(groups) if name != reference]
    rows = _added_up(cells, group, list(covariates), SIZES[kind], [reference, *others])
    totals = rows.totals([reference, *others])
    crude = {name: _crude(totals, reference, name, kind) for name in others}
    reasons = {name: _reason(totals, reference, name, kind, crude[name]) for name in others}
    kept, used, design = _comparable(rows, others, reasons)
    fit = _fitted(used, design, kind) if kept else None
    population = sum(totals[name]["size"] for name in [reference, *kept]) if kept else 0.0
    results: dict[str, Estimate | NotEstimable] = {}
    for name in others:
        reason = reasons[name] or (
            _runaway(fit, 1 + kept.index(name), len(kept)) if fit else "no_fit"
        )
        support = crude[name].support
        if reason or fit is None:
            results[name] = NotEstimable(ESTIMAND, METHODS[kind], UNIT, reason or "no_fit", support)
            continue
        support = replace(support, residual_df=max(support.n - design.shape[1], 0))
        results[name] = replace(
            _ratio(fit, 1 + kept.index(name), len(kept), population), support=support
        )
    return results


@dataclass(frozen=True, eq=False)
class _Rows:
    """One row for each group and combination of covariates. group: 0 the reference, then the
    others; levels: number of each covariate's level, columns are covariates."""

    group: np.ndarray
    levels: np.ndarray
    events: np.ndarray
    size: np.ndarray

    def of(self, chosen: np.ndarray) -> "_Rows":
        """Some of the rows."""
        return _Rows(*(x[chosen] for x in (self.group, self.levels, self.events, self.size)))

    def totals(self, names: Sequence[str]) -> dict[str, dict[str, float]]:
        """Events and size of each group."""
        sums = [
            np.bincount(self.group, weights=x, minlength=len(names))
            for x in (self.events, self.size)
        ]
        return {
            name: {"events": float(events), "size": float(size)}
            for name, events, size in zip(names, *sums, strict=True)
        }


def _added_up(cells, group, covariates, size, names) -> _Rows:
    """How rows were cut is no matter: those alike in group and covariates are one. Rows of other
    groups, and with a missing number or covariate, are left out."""
    in_order = sorted(names)
    which = pd.Index(in_order).get_indexer(cells[group])
    numbers = cells[["events", size]].to_numpy(dtype=float)
    known = cells[covariates].notna().all(axis=1).to_numpy()
    held = (which >= 0) & known & ~np.isnan(numbers).any(axis=1)
    _check(*numbers[held].T, of_people=size == "people")
    held &= numbers[:, 1] > 0
    levels = [pd.factorize(cells.loc[held, name].astype(str), sort=True)[0] for name in covariates]
    keys = np.column_stack([which[held], *levels])
    alike, place = np.unique(keys, axis=0, return_inverse=True)
    sums = (np.bincount(place.ravel(), weights=x, minlength=len(alike)) for x in numbers[held].T)
    number = np.array([names.index(name) for name in in_order])
    return _Rows(number[alike[:, 0]], alike[:, 1:], *sums)


def _check(events: np.ndarray, size: np.ndarray, *, of_people: bool) -> None:
    """ValueError where these can be no counts."""
    if (events < 0).any() or (size < 0).any() or (events[size == 0] > 0).any():
        raise ValueError(
            "events and their base are not negative, and there are no events without a base"
        )
    if of_people and (events > size).any():
        raise ValueError("people with the event are a part of the people at risk")


def _crude(totals, reference, name, kind) -> Estimate | NotEstimable:
    own, other = (totals.get(side, {"events": 0, "size": 0}) for side in (name, reference))
    if kind == "rate":
        return relative_rate_of_events(
            int(own["events"]), own["size"], int(other["events"]), other["size"]
        )
    return relative_rate_index(
        *(int(side[what]) for side in (own, other) for what in ("events", "size"))
    )


def _reason(totals, reference, name, kind, crude) -> str | None:
    if isinstance(crude, NotEstimable):
        return crude.reason
    if crude.value == 0:
        return "zero_events"
    everyone = kind == "share" and any(
        totals[side]["events"] == totals[side]["size"] for side in (name, reference)
    )
    return "constant_outcome" if everyone else None


def _comparable(rows: _Rows, others, reasons) -> tuple[list[str], _Rows, np.ndarray]:
    """Groups that the covariates do not repeat, their rows and design; writes "collinear" for the
    others."""
    while True:
        kept = [name for name, reason in reasons.items() if reason is None]
        numbers = [1 + others.index(name) for name in kept]
        used = rows.of(np.isin(rows.group, [0, *numbers]))
        for k in range(rows.levels.shape[1]):
            level = used.levels[:, k]
            used = used.of(np.bincount(level, weights=used.events)[level] > 0)
        design = _design(used, numbers)
        triangle = np.asarray(np.linalg.qr(design, mode="r"))
        repeated = [name for name, told in zip(kept, _told(triangle)[1:], strict=False) if not told]
        if not repeated:
            return kept, used, design[:, _independent(triangle)]
        reasons.update(dict.fromkeys(repeated, "collinear"))


def _design(used: _Rows, numbers: Sequence[int]) -> np.ndarray:
    """Columns: 1, each group, each level of each covariate but the first that is there."""
    columns = [np.ones(len(used.events)), *(used.group == number for number in numbers)]
    for level in used.levels.T:
        columns += [level == other for other in np.unique(level)[1:]]
    return np.column_stack(columns).astype(float)


def _told(triangle: np.ndarray) -> np.ndarray:
    """For each coefficient whether the rows tell it apart from the others. `triangle`: R of the
    design."""
    _, values, directions = np.linalg.svd(triangle)
    rank = int((values > REPEATED * max(values.max(initial=0), 1)).sum())
    return (np.abs(directions[rank:]) < REPEATED).all(axis=0)


def _independent(triangle: np.ndarray) -> np.ndarray:
    """Columns that no earlier one repeats. `triangle`: R of the design."""
    lengths = np.zeros(triangle.shape[1])
    diagonal = np.abs(np.diag(triangle))
    lengths[: len(diagonal)] = diagonal
    return lengths > REPEATED


def _fitted(used: _Rows, design, kind) -> _Fit | None:
    """The regression; None where it finds no maximum. Warnings are silent: `_runaway` looks at the
    coefficients."""
    events, size = used.events, used.size
    scale = events.sum() / size.sum()
    if kind == "share":
        model = sm.GLM(
            np.column_stack([events, size - events]), design, family=sm.families.Binomial()
        )
    else:
        model = sm.GLM(events, design, family=sm.families.Poisson(), offset=np.log(size * scale))
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            fit = model.fit(tol=1e-12, maxiter=100)
    except (np.linalg.LinAlgError, ValueError):
        return None
    covariance, df = np.asarray(fit.normalized_cov_params), int(fit.df_resid)
    if not (np.isfinite(fit.params).all() and np.isfinite(covariance).all()):
        return None
    dispersion = float(fit.pearson_chi2) / df if kind == "rate" and df > 0 else 1.0
    spread = dispersion if dispersion > 1 else 1.0
    return _Fit(
        kind, design, size, fit.params, covariance * spread, scale, df if dispersion > 1 else None
    )


def _runaway(fit: _Fit, column: int, n_groups: int) -> str | None:
    """Separation, where the coefficient of the group or of a covariate ran away; those of other
    groups do not count."""
    mine = np.r_[0, column, 1 + n_groups : len(fit.params)]
    errors = np.sqrt(np.diag(fit.covariance))[mine]
    large = (
        np.abs(fit.params[mine[1:]]).max(initial=0) > SEPARATED or errors.max() > SEPARATED_ERROR
    )
    return "separation" if large else None


def _ratio(fit: _Fit, column: int, n_groups: int, population: float) -> Estimate:
    (own, gradient), (other, reference_gradient) = (
        fit.mean(column, n_groups),
        fit.mean(None, n_groups),
    )
    step, log = gradient - reference_gradient, float(np.log(own / other))
    error = float(np.sqrt(step @ fit.covariance @ step))
    law = stats.norm if fit.df is None else stats.t(fit.df)
    width = float(law.isf(ALPHA / 2)) * error
    own_level, level = (LEVELS[fit.kind] * total / population for total in (own, other))
    return Estimate(
        ESTIMAND,
        METHODS[fit.kind],
        UNIT,
        float(np.exp(log)),
        float(np.exp(log - width)),
        float(np.exp(log + width)),
        p_value=float(2 * law.sf(abs(log) / error)),
        df=fit.df,
        comparison_estimated=level,
        group_estimated=own_level,
    )
