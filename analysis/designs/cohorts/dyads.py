"""The rows of a dyad comparison as arrays, what they can carry, and why some can carry nothing.

A dyad is a person and the practitioner first allocated to them. `assignment.py` asks the questions;
this module holds the rows used, the cells in which the exposure varies, the exact support and the
refusals of METHODS section 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.designs.cohorts.balance import combined_codes, covariate_array
from analysis.inference.clusters import has_infinite
from analysis.inference.coding import numbers
from analysis.inference.columns import DyadOutcome
from analysis.results import Support

SMALLEST_CELLS = 10  # METHODS section 0 rule 3: fewer identifying cells is too little overlap
CRUDE = "crude_means"  # the method without cells, to which the overlap rule does not apply
MAIN_EFFECT_METHODS = ("cells_by_person_group", "practitioner")


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows used, as arrays of one length; codes are integers from 0. `effects[0]` defines the
    identifying cells."""

    outcome: np.ndarray
    same: np.ndarray
    person: np.ndarray
    practitioner: np.ndarray
    person_group: np.ndarray
    practitioner_group: np.ndarray
    effects: tuple[np.ndarray, ...]
    main_effects: np.ndarray  # dummies of ethnicity that are not absorbed
    covariates: np.ndarray

    @cached_property
    def varying(self) -> np.ndarray:
        """Rows in cells where the exposure varies."""
        cell = self.effects[0]
        size, same = np.bincount(cell), np.bincount(cell, self.same)
        return ((same > 0) & (same < size))[cell]


def complete_rows(dyads: pd.DataFrame, columns: DyadOutcome) -> np.ndarray:
    needed = [*columns.sides, columns.outcome, *_numeric(dyads, columns.covariates)]
    return dyads[needed].notna().all(axis=1).to_numpy()


def _numeric(dyads: pd.DataFrame, covariates: Sequence[str]) -> list[str]:
    return [name for name in covariates if pd.api.types.is_numeric_dtype(dyads[name])]


def narrow(dyads: pd.DataFrame, columns: DyadOutcome, *absorbed: Sequence[str]) -> pd.DataFrame:
    """The columns that a design reads, and no others: what is chosen among them is copied."""
    held = [name for names in absorbed for name in names]
    return dyads[list(dict.fromkeys([*columns.sides, columns.outcome, *columns.covariates, *held]))]


def _is_text(values: pd.Series) -> bool:
    return isinstance(values.dtype, pd.CategoricalDtype | pd.StringDtype)


def code_rows(
    dyads: pd.DataFrame,
    columns: DyadOutcome,
    absorbed: Sequence[Sequence[str]],
    main: str | None = None,
) -> Rows:
    """The rows with an outcome (and covariate numbers), coded. `main`: column whose groups enter as
    dummies."""
    used = narrow(dyads, columns, *absorbed).loc[complete_rows(dyads, columns)]
    person, practitioner, own, theirs = (pd.factorize(used[name]) for name in columns.sides)
    values = numbers(used[columns.outcome], columns.outcome) * columns.scale
    dummies = np.zeros((len(used), 0))
    if main is not None and len(used):
        groups = used[[main]] if _is_text(used[main]) else used[[main]].astype(str)
        dummies = covariate_array(groups, [main])
    named = pd.factorize(np.array([str(one) for one in (*own[1], *theirs[1])], dtype=object))[0]
    same = named[: len(own[1])][own[0]] == named[len(own[1]) :][theirs[0]]
    effects = tuple(combined_codes(used, list(held)) for held in absorbed)
    return Rows(
        outcome=values,
        same=same,
        person=person[0],
        practitioner=practitioner[0],
        person_group=own[0],
        practitioner_group=theirs[0],
        effects=effects,
        main_effects=dummies,
        covariates=covariate_array(used, list(columns.covariates)),
    )


def cluster_codes(rows: Rows, cluster_on: str) -> tuple[list[np.ndarray], float]:
    """Cluster codes (practitioner, and person where people repeat) and the degrees of freedom of
    the t reference."""
    if cluster_on not in ("practitioner", "two_way"):
        raise ValueError("cluster_on is 'practitioner' or 'two_way'")
    clusters = [rows.practitioner]
    if cluster_on == "two_way" and int(rows.person.max()) + 1 < len(rows.person):
        clusters.append(rows.person)
    return clusters, float(min(distinct(codes[rows.varying]) for codes in clusters) - 1)


def support_of(rows: Rows, residual_df: int = 0) -> Support:
    if not len(rows.outcome):
        return Support()
    varying = rows.varying
    sides = (varying & rows.same, varying & ~rows.same)
    kinds = [side & (rows.outcome != 0) for side in sides] + [
        side & (rows.outcome == 0) for side in sides
    ]
    counted = kinds if is_event(rows) else sides
    return Support(
        n=len(rows.outcome),
        n_identifying=int(varying.sum()),
        cells_identifying=distinct(rows.effects[0][varying]),
        n_treated=int(sides[0].sum()),
        clusters_treated=distinct(rows.practitioner[sides[0]]),
        clusters_comparison=distinct(rows.practitioner[sides[1]]),
        persons=int(rows.person.max()) + 1,
        smallest_cell=min(distinct(rows.person[kind]) for kind in counted),
        residual_df=residual_df,
    )


def is_event(rows: Rows) -> bool:
    """Is the outcome nil or one other, higher value?"""
    low, high = rows.outcome.min(), rows.outcome.max()
    return bool(low == 0.0 and ((rows.outcome == low) | (rows.outcome == high)).all())


def distinct(codes: np.ndarray) -> int:
    """Number of different codes (integers from 0)."""
    return int(np.count_nonzero(np.bincount(codes)))


def refusal(rows: Rows, support: Support, method: str) -> str | None:
    """Why no estimate is given, the plainest reason first (METHODS section 0 rules 1 and 3)."""
    if not len(rows.outcome):
        return "too_few_people"
    if not rows.practitioner.any():
        return "one_cluster"
    if unfit := _unfit(rows):
        return unfit
    if rows.same.all() or not rows.same.any():
        return "no_comparison"
    if np.ptp(rows.outcome) == 0:
        return "constant_outcome"
    if support.cells_identifying < SMALLEST_CELLS and method != CRUDE:
        return "too_little_overlap"
    varying = rows.varying
    sides = [support.clusters_treated, support.clusters_comparison]
    if method in MAIN_EFFECT_METHODS:
        sizes = _practitioners_by_group(rows)
        sides.append(
            int(sizes.sum() - sizes.max())
        )  # practitioners outside the largest ethnic group
    if min(sides) < 2:
        return "too_few_practitioners"
    if np.ptp(rows.outcome[varying]) == 0:
        return "constant_outcome"
    if is_event(rows) and any(
        np.ptp(rows.outcome[varying & (rows.same == side)]) == 0 for side in (True, False)
    ):
        return "zero_events"
    return None


def _unfit(rows: Rows) -> str | None:
    """Faults of the rows themselves: infinite numbers, or someone who stands in two ethnic
    groups."""
    if has_infinite(rows.outcome, rows.covariates):
        return "infinite_values"
    if _in_two_groups(rows.practitioner, rows.practitioner_group):
        return "practitioner_in_two_groups"
    return "person_in_two_groups" if _in_two_groups(rows.person, rows.person_group) else None


def _in_two_groups(who: np.ndarray, group: np.ndarray) -> bool:
    """Does one code of `who` stand beside two codes of `group`?"""
    one = np.zeros(int(who.max()) + 1, dtype=group.dtype)
    one[who] = group
    return bool((one[who] != group).any())


def _practitioners_by_group(rows: Rows) -> np.ndarray:
    """Number of practitioners in identifying cells, by code of their ethnic group."""
    varying, many = rows.varying, int(rows.practitioner.max()) + 1
    pairs = np.unique(
        rows.practitioner_group[varying].astype(np.int64) * many + rows.practitioner[varying]
    )
    return np.bincount(pairs // many)
