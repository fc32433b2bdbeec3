"""Inference for pilots that were assigned to a few units (regions, prisons, sites): permuting which
of them were treated.

With 12 regions the usual clustered error rejects a true "no effect" far too often; a permutation of
regions does not (METHODS section 0 rules 1 and 2). People are first brought down to one mean a
unit, so that millions of rows cost what their units cost. Where assignment was not random, it is a
placebo-permutation test that assumes exchangeable units.
"""

import math
from dataclasses import dataclass

import numpy as np

from analysis.inference.assignments import (
    LISTED_AT_MOST,
    drawing,
    every_assignment,
    number_of_assignments,
)
from analysis.inference.sequential import ALPHA, EVERY, Asked, Drawn, Draws, draw_until_decided

FEWEST_STUDENTISED = 3  # units on a side (METHODS section 0 rule 1)
# Two statistics closer than this, in standard deviations of the unit means, are equal up to the
# order of a sum.
EQUAL = 1e-9


@dataclass(frozen=True)
class UnitPermutation:
    """Treated less comparison units, and how extreme that is among all assignments.

    difference, conf_low, conf_high: in the unit of the outcome (mean of unit means); the smallest
    interval that holds every constant effect that the test does not reject at `alpha`. statistic:
    what was ranked, without its sign (the difference, or the difference over its error). rank: 1 is
    the most extreme; assignments at least as extreme, the one that happened included, out of
    `compared`. attainable_size: the largest size up to `alpha` that the test can have; None where
    the floor (smallest p) lies above it, and then there is no p, only a rank. units_moved: units in
    blocks with both sides.
    """

    difference: float
    statistic: float
    studentised: bool
    p_value: float | None
    conf_low: float | None
    conf_high: float | None
    rank: int
    compared: int
    assignments: int
    exact: bool
    floor: float
    attainable_size: float | None
    units_treated: int
    units_comparison: int
    units_moved: int
    alpha: float = ALPHA
    reason: str | None = None
    seed: int | None = None
    # False: at the maximum of draws p was on the line, and p and interval are the cautious ones
    decided: bool = True

    def __post_init__(self) -> None:
        assert (self.p_value is None) == (self.reason is not None), (
            "a missing p-value has its reason"
        )
        assert 1 <= self.rank <= self.compared, (
            "the assignment that happened is one of those compared"
        )

    @property
    def words(self) -> str:
        """How many assignments were compared."""
        return EVERY if self.exact else Drawn(self.compared - 1, self.decided).words

    def summary(self) -> str:
        if self.p_value is None:
            return f"Rank {self.rank} of {self.compared}; no p-value ({self.reason})."
        assert self.attainable_size is not None, "a p-value is of a test that can reject"
        size = f"{100 * self.attainable_size:.2f} %"
        found = "all" if self.exact else f"{self.compared:,} drawn"
        return (
            f"p = {self.p_value:.3f} from {found} of {self.assignments:,} assignments (attainable"
            f" size {size})."
        )


def attainable_size(
    treated: np.ndarray,
    blocks: np.ndarray | None = None,
    *,
    alpha: float = ALPHA,
    compared: int | None = None,
) -> tuple[float, float | None]:
    """Smallest p that the two-sided test can give, and its largest size up to `alpha` (shares;
    None: it cannot reject).

    Known before any outcome is seen. Where every block has as many treated as comparison units,
    exchanging the sides gives the same absolute statistic, and p moves in steps of two assignments.
    `compared`: draws with the one that happened, where not all are listed.
    """
    side = np.asarray(treated, dtype=bool)
    steps = 1
    if compared is None:
        compared = number_of_assignments(side, blocks)
        groups = (
            np.zeros(len(side), dtype=int)
            if blocks is None
            else np.unique(blocks, return_inverse=True)[1]
        )
        sides = np.bincount(groups, np.where(side, 1, -1))
        mixed = np.bincount(groups) > np.abs(sides)
        steps = 2 if (sides[mixed] == 0).all() and compared > 1 else 1
    reach = _allowed(alpha, compared) // steps * steps
    return steps / compared, (reach / compared if reach else None)


def unit_means(
    outcome: np.ndarray, unit: np.ndarray, *columns: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Mean outcome of each unit (in order of its label), then each column at unit level; a column
    that varies within a unit is refused, since a unit was assigned as a whole."""
    labels, first, codes = np.unique(np.asarray(unit), return_index=True, return_inverse=True)
    values = np.asarray(outcome, dtype=float)
    if not np.isfinite(values).all():
        raise ValueError("an outcome is missing: leave these rows out and count them first")
    means = np.bincount(codes, values) / np.bincount(codes)
    found = []
    for column in columns:
        own = np.asarray(column)[first]
        if (np.asarray(column) != own[codes]).any():
            which = labels[codes[np.asarray(column) != own[codes]][0]]
            raise ValueError(
                f"unit {str(which)!r} holds two kinds of treatment or block: assign whole units"
            )
        found.append(own)
    return means, *found


@dataclass(frozen=True, kw_only=True)
class UnitDraws(Draws):
    """Draws of a test at `alpha`; up to `listed` assignments all of them are compared."""

    alpha: float = ALPHA
    listed: int = LISTED_AT_MOST


def unit_permutation(
    outcome: np.ndarray,
    treated: np.ndarray,
    draw: UnitDraws,
    *,
    unit: np.ndarray | None = None,
    blocks: np.ndarray | None = None,
    studentised: bool | None = None,
) -> UnitPermutation | None:
    """Two-sided permutation test of the difference in unit means, with its interval (unit of the
    outcome).

    Rows are people where `unit` (their unit's label) is given, else units. Blocks count by their
    number of units; those with one side only stay out. Studentised (Neyman error) with three or
    more units on both sides, and two in each block; `studentised` overrides. One unit on a side, or
    a floor above `alpha`: rank only. None where no block has both sides, or the means are all
    equal. The interval inverts the test of a constant effect; the test is exact for "no effect on
    any unit", and asymptotically for "no average effect" if studentised (Chung and Romano 2013).
    """
    blocks = np.zeros(len(treated), dtype=int) if blocks is None else np.asarray(blocks)
    side = np.asarray(treated, dtype=bool)
    means = np.asarray(outcome, dtype=float)
    if unit is not None:
        means, side, blocks = unit_means(means, unit, side, blocks)
    groups = np.unique(blocks, return_inverse=True)[1]
    share = np.bincount(groups, side) / np.bincount(groups)
    moved = ((share > 0) & (share < 1))[groups]
    spread = float(means[moved].std()) if moved.any() else 0.0
    if spread <= EQUAL * np.abs(means).max(initial=0.0):
        return None
    scaled, centre = (means[moved] - means[moved].mean()) / spread, (side[moved], groups[moved])
    scale = _Scale.of(*centre, studentised=studentised)
    if number_of_assignments(*centre) <= draw.listed:
        moments, drawn = scale.moments(scaled, every_assignment(*centre)), None
    else:
        moments, drawn = _drawn_moments(scale, scaled, spread, draw)
    return _tested(moments, drawn, spread, _Units(side, moved, groups), draw)


@dataclass(frozen=True, eq=False)
class _Units:
    """Side and block of each unit, and whether it lies in a block with both sides."""

    side: np.ndarray
    moved: np.ndarray
    groups: np.ndarray


def _drawn_moments(
    scale: "_Scale", means: np.ndarray, spread: float, draw: UnitDraws
) -> tuple["_Moments", Drawn]:
    """The assignment that happened and draws until what is asked is decided."""
    asked = draw.asked or Asked(lines=(draw.alpha,))
    lot, parts = (
        drawing(scale.side, scale.groups, seed=draw.seed),
        [scale.moments(means, scale.side[None, :])],
    )

    def more(n: int) -> list[float]:
        parts[:] = [_Moments.joined([*parts, *(scale.moments(means, chunk) for chunk in lot(n))])]
        at = [parts[0].after(effect / spread) for effect, _ in asked.points]
        return [_reached(found.statistics(), 0) / len(found.difference) for found in at]

    drawn = draw_until_decided(more, [line for _, line in asked.points], draws=draw.draws)
    return parts[0], drawn


def _reached(statistic: np.ndarray, own: int) -> int:
    """Assignments at least as extreme as the one that happened."""
    return int((statistic >= statistic[own] - EQUAL * max(1.0, statistic[own])).sum())


def _tested(
    moments: "_Moments", listed: Drawn | None, spread: float, units: _Units, draw: UnitDraws
) -> UnitPermutation:
    side, moved, groups, alpha = units.side, units.moved, units.groups, draw.alpha
    number = number_of_assignments(side[moved], groups[moved])
    exact, compared, drawn = listed is None, len(moments.difference), listed or Drawn(number)
    floor, size = attainable_size(
        side[moved], groups[moved], alpha=alpha, compared=None if exact else compared
    )
    statistic = moments.statistics()
    rank = _reached(statistic, moments.own)
    one = min(side[moved].sum(), (~side[moved]).sum()) == 1
    reason = (
        f"floor {floor:.3f}"
        if size is None
        else f"one unit on a side, floor {floor:.3f}"
        if one
        else None
    )
    low, high, own = None, None, float(moments.difference[moments.own])
    if reason is None:
        low, high = (
            limit * spread
            for limit in _covered(*moments.accepted(), compared, drawn.level(alpha), own)
        )
    return UnitPermutation(
        difference=own * spread,
        statistic=float(statistic[moments.own] * (1 if moments.studentised else spread)),
        studentised=moments.studentised,
        p_value=None if reason else drawn.shown(rank / compared),
        conf_low=low,
        conf_high=high,
        rank=rank,
        compared=compared,
        assignments=number,
        exact=exact,
        floor=floor,
        attainable_size=size,
        units_treated=int(side.sum()),
        units_comparison=int((~side).sum()),
        units_moved=int(moved.sum()),
        alpha=alpha,
        reason=reason,
        seed=None if exact else draw.seed,
        decided=drawn.decided,
    )


@dataclass(frozen=True, eq=False)
class _Moments:
    """What each assignment z (m of them) makes of unit means y and of the true assignment D,
    shifted by t: y - t D.

    Its difference is `difference` - t `overlap`; its variance v0 - 2 t v1 + t^2 v2 (rows of
    `variance`, 3 x m), in the scale of standardised means. `own` is the position of the assignment
    that happened.
    """

    difference: np.ndarray
    overlap: np.ndarray
    variance: np.ndarray
    studentised: bool
    own: int

    @classmethod
    def joined(cls, parts: list["_Moments"]) -> "_Moments":
        """Several chunks as one; the first holds the assignment that happened."""
        return cls(
            np.concatenate([part.difference for part in parts]),
            np.concatenate([part.overlap for part in parts]),
            np.concatenate([part.variance for part in parts], axis=-1),
            parts[0].studentised,
            parts[0].own,
        )

    def after(self, shift: float) -> "_Moments":
        """The same with a constant effect taken off what was truly treated."""
        v0, v1, v2 = self.variance
        variance = np.stack([v0 - 2 * shift * v1 + shift**2 * v2, v1 - shift * v2, v2])
        return _Moments(
            self.difference - shift * self.overlap,
            self.overlap,
            variance,
            self.studentised,
            self.own,
        )

    def statistics(self) -> np.ndarray:
        """Absolute statistic of each assignment (m); without any spread on either side it is
        endless, or 0."""
        size = np.abs(self.difference)
        if not self.studentised:
            return size
        error = np.sqrt(np.maximum(self.variance[0], 0.0))
        endless = np.where(size > EQUAL, np.inf, 0.0)
        return np.divide(size, error, out=endless, where=error > EQUAL)

    def accepted(self) -> tuple[np.ndarray, np.ndarray, int]:
        """Where the set of shifts, at which an assignment is at least as extreme as the true one,
        begins and ends; and how many are so at any shift (the true one and, with equal sides, its
        mirror image)."""
        always = np.abs(self.overlap) > 1 - EQUAL
        d, e, own = self.difference[~always], self.overlap[~always], self.difference[self.own]
        if not self.studentised:  # (d - t e)^2 >= (own - t)^2 between the two roots, since |e| < 1
            roots = np.sort([(own - d) / (1 - e), (own + d) / (1 + e)], axis=0)
            return roots[0], roots[1], int(always.sum())
        v0, v1, v2 = self.variance[:, ~always]
        true = self.variance[
            0, self.own
        ]  # a shift of all treated units alike leaves their spread as it is
        inside = true * np.array([d**2, -2 * d * e, e**2, 0 * d, 0 * d])
        outside = [
            own**2 * v0,
            -2 * own * v0 - 2 * own**2 * v1,
            v0 + 4 * own * v1 + own**2 * v2,
            -2 * (v1 + own * v2),
            v2,
        ]
        coefficients = np.array(outside) - inside
        # Exact 0 where some blocks keep the true sides and others mirror them: there the set may
        # have no end.
        coefficients[4] = np.maximum(coefficients[4], 1e-12)
        return *_real_roots(coefficients), int(always.sum())


@dataclass(frozen=True, eq=False)
class _Scale:
    """Sides and blocks of the units that are moved: how an assignment of them is measured."""

    side: np.ndarray
    groups: np.ndarray
    studentised: bool

    @classmethod
    def of(cls, side, groups, *, studentised: bool | None) -> "_Scale":
        groups = np.unique(groups, return_inverse=True)[1]
        size, taken = np.bincount(groups), np.bincount(groups, side)
        enough = min(side.sum(), (~side).sum()) >= FEWEST_STUDENTISED
        possible = min(taken.min(), (size - taken).min()) >= 2
        if studentised and not possible:
            raise ValueError("a block has one unit on a side: its difference cannot be studentised")
        return cls(side, groups, bool(enough and possible) if studentised is None else studentised)

    def moments(self, means: np.ndarray, chunk: np.ndarray) -> "_Moments":
        """Of assignments (rows of sides); a block counts by its number of units."""
        found, true = np.zeros((5, len(chunk))), self.side.astype(float)
        for block, n in enumerate(np.bincount(self.groups)):
            inside = self.groups == block
            z, k = chunk[:, inside].astype(float), self.side[inside].sum()
            y, x, share = means[inside], true[inside], n / len(self.groups)
            (ty, tx), (cy, cx) = (
                (w @ np.column_stack([y, x]) / m).T for w, m in ((z, k), (1 - z, n - k))
            )
            found[0] += share * (ty - cy)
            found[1] += share * (tx - cx)
            if self.studentised:
                products = np.column_stack([y * y, y * x, x * x])
                for w, m, my, mx in ((z, k, ty, tx), (1 - z, n - k, cy, cx)):
                    squares = (w @ products).T / m - np.array([my * my, my * mx, mx * mx])
                    found[2:] += share**2 * squares / (m - 1)
        same = np.flatnonzero((chunk == self.side).all(axis=1))
        own = (
            int(same[0]) if len(same) else -1
        )  # a chunk of draws need not hold the assignment that happened
        return _Moments(found[0], found[1], found[2:], self.studentised, own)


def _real_roots(coefficients: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where quartics (5 x m, constant first, last above 0) turn negative and where they turn
    positive again."""
    companion = np.zeros((coefficients.shape[1], 4, 4))
    companion[:, [1, 2, 3], [0, 1, 2]] = 1.0
    companion[:, :, 3] = -(coefficients[:4] / coefficients[4]).T
    roots = np.linalg.eigvals(companion)
    real = np.sort(
        np.where(np.abs(roots.imag) == 0, roots.real, np.inf), axis=1
    )  # complex ones come in pairs
    begins, ends = real[:, [0, 2]].ravel(), real[:, [1, 3]].ravel()
    return begins[np.isfinite(begins)], ends[np.isfinite(ends)]


def _covered(
    begins: np.ndarray, ends: np.ndarray, always: int, compared: int, alpha: float, own: float
) -> tuple[float, float]:
    """Smallest and largest shift at which more than `alpha` of the assignments are at least as
    extreme."""
    begins, ends, allowed = np.sort(begins), np.sort(ends), _allowed(alpha, compared)

    def count(at: np.ndarray) -> np.ndarray:
        return (
            always
            + np.searchsorted(begins, at, side="right")
            - np.searchsorted(ends, at, side="left")
        )

    lows, highs = begins[count(begins) > allowed], ends[count(ends) > allowed]
    # Wider by what counts as equal: a limit of exactly 0 must not contradict the p-value by
    # rounding.
    return (float(lows[0]) - EQUAL, float(highs[-1]) + EQUAL) if len(lows) else (own, own)


def _allowed(alpha: float, compared: int) -> int:
    """How many of the assignments may be at least as extreme in a rejection."""
    return math.floor(alpha * compared + EQUAL)
