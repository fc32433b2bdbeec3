"""What could be true of the people whose ethnicity is not known (Manski 1989: bounds without
assumptions)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.inference.columns import DyadOutcome

MAX_SPLITS = 20  # estimator calls in each direction; above it the split points are spread evenly


@dataclass(frozen=True)
class Bounds:
    """Lowest and highest value that the missing answers allow, in the unit of the quantity. Not an
    interval."""

    low: float
    high: float

    def __post_init__(self) -> None:
        assert self.low <= self.high, "the low bound lies above the high bound"


def declared_share_bounds(declared: float, share_among_declared: float) -> Bounds:
    """Bounds of a group's share (0 to 1) of everyone, where only the share `declared` told us their
    group.

    Low: no one of the others belongs to the group; high: all of them do.
    """
    if not (0 <= declared <= 1 and 0 <= share_among_declared <= 1):
        raise ValueError("shares lie between 0 and 1")
    low = declared * share_among_declared
    return Bounds(low, low + (1 - declared))


def unknown_exposure_bounds(
    dyads: pd.DataFrame,
    estimator: Callable[[pd.DataFrame], float | None],
    columns: DyadOutcome,
    *,
    group: str,
    other: str,
    cells: list[str],
) -> Bounds | None:
    """Bounds of an estimate when the ethnicity of some practitioners (missing in
    `practitioner_group`) is unknown.

    Each unknown practitioner is wholly of `group` or wholly of `other`: a practitioner has one
    ethnicity. They are ordered by how far their people's outcomes lie from the mean of their cells
    (people of `other` count with the sign turned), and every split of that order, both ways, is
    estimated: the extreme of a difference in means is always at such a split. With more than 20
    unknown practitioners the splits are thinned, and the bounds are inner bounds.
    `estimator` takes the frame with their groups filled in (as categories) and returns None where a
    split is not estimable. None: no split is.
    """
    practitioner, theirs = columns.practitioner, columns.practitioner_group
    unknown = dyads[theirs].isna().to_numpy()
    ranking = _ranked_unknown(dyads, unknown, columns, cells, other)
    splits = np.unique(
        np.linspace(0, len(ranking), min(len(ranking), MAX_SPLITS) + 1).round().astype(int)
    )
    place = ranking.get_indexer(dyads[practitioner])  # -1: known
    codes, known = pd.factorize(dyads[theirs])
    kinds = pd.Index(dict.fromkeys([*known, group, other]))
    values = []
    for rank in (place, len(ranking) - 1 - place):
        for split in splits:
            told = np.where((place >= 0) & (rank < split), *kinds.get_indexer([group, other]))
            filled = pd.Categorical.from_codes(np.where(unknown, told, codes), kinds)
            values.append(estimator(dyads.assign(**{theirs: filled})))
    found = [float(value) for value in values if value is not None and np.isfinite(value)]
    return Bounds(min(found), max(found)) if found else None


def _ranked_unknown(
    dyads: pd.DataFrame, unknown: np.ndarray, columns: DyadOutcome, cells: list[str], other: str
) -> pd.Index:
    """Unknown practitioners, those whose people did best against their cells first."""
    keys = [dyads[column] for column in [*cells, columns.person_group]]
    value = dyads[columns.outcome].astype(float)
    residual = value - value.groupby(keys, dropna=False).transform("mean")
    residual = residual * np.where(dyads[columns.person_group] == other, -1, 1)
    means = residual[unknown].groupby(dyads.loc[unknown, columns.practitioner]).mean()
    return means.sort_values(ascending=False, kind="stable").index
