"""A regression coefficient tested by drawing the lot anew, where whole units (sites, practitioners)
were assigned.

The same coefficient as least squares gives, people weighted alike, within absorbed effects and with
covariates held alike; only its test and interval come from the lot: units exchange their sides
within the blocks of the lot. The statistic is the coefficient over its clustered error, in which a
unit's score counts 1 / (1 - its share of the information). Exact in size for "no effect on anyone",
whatever units' sizes; asymptotically for "no effect on average" (Janssen 1997; Chung and Romano
2013; DiCiccio and Romano 2017 for regression). Source of its use: docs/inference.md.

Rows are first brought down to moments of (unit, effect) pairs, so that a draw costs what units
cost, not people.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from analysis.inference.assignments import EQUAL, number_of_assignments
from analysis.inference.clusters import absorb, independent_columns
from analysis.inference.constant_effect import EffectTest, permuted_effect_test
from analysis.inference.sequential import ALPHA, Asked
from analysis.inference.unit_permutation import UnitPermutation, attainable_size

NUMBERS_AT_ONCE = 1_000_000  # draws x pairs in memory together (8 MB an array)
SMALLEST_REST = 1e-6  # what a unit leaves to the others of the information, at least


@dataclass(frozen=True, eq=False)
class AssignedRows:
    """Arrays of one length. unit: codes from 0; treated and block are the same for all rows of a
    unit.

    effect: codes of what is absorbed; covariates: rows x k, held alike. signs (+1 or -1, the same
    throughout an effect): the coefficient of signs x treated, with treated itself held alike (the
    matching effect of two groups); None: the coefficient of treated.
    """

    outcome: np.ndarray
    treated: np.ndarray
    unit: np.ndarray
    block: np.ndarray
    effect: np.ndarray
    covariates: np.ndarray
    signs: np.ndarray | None = None


def coefficient_permutation(
    rows: AssignedRows, *, seed: int, asked: Asked | None = None, draws: int | None = None
) -> UnitPermutation | None:
    """Two-sided test of the coefficient and the interval of constant effects that it does not
    reject (outcome's unit).

    All assignments are compared where they are few; else draws go on until what is `asked` is
    decided (`draws`: just so many). Only a floor above 5 % leaves no p-value, with the reason; None
    where no assignment gives the coefficient.
    """
    side, block = _of_units(rows.treated, rows.unit).astype(bool), _of_units(rows.block, rows.unit)
    pairs = _Pairs.of(rows)
    own = pairs.moments(side[None, :].astype(float))
    if (
        np.abs(pairs.y).max() <= EQUAL * np.abs(rows.outcome).max(initial=0.0)
        or not np.isfinite(own).all()
    ):
        return None  # every outcome is accounted for, or the coefficient is not to be told
    size = max(1, NUMBERS_AT_ONCE // len(pairs.unit))

    def table(sides: np.ndarray) -> np.ndarray:
        parts = [
            pairs.moments(sides[i : i + size].astype(float)) for i in range(0, len(sides), size)
        ]
        return np.concatenate(parts, axis=1).T

    test = permuted_effect_test(side, block, table, asked=asked or Asked(), seed=seed, draws=draws)
    return _told(test, own[:, 0], side, block, seed)


def _of_units(column: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """The value of each unit; ValueError where its rows disagree."""
    found = np.zeros(int(unit.max()) + 1, dtype=np.asarray(column).dtype)
    found[unit] = column
    if (found[unit] != column).any():
        raise ValueError("a unit holds two kinds of treatment or block: assign whole units")
    return found


def _told(
    test: EffectTest, own: np.ndarray, side: np.ndarray, block: np.ndarray, seed: int
) -> UnitPermutation:
    """The test with what the lot could have shown at all; no p-value where that is nothing."""
    number = number_of_assignments(side, block)
    compared = test.drawn.draws if test.exact else test.drawn.draws + 1
    floor, size = attainable_size(
        side, block, alpha=ALPHA, compared=None if test.exact else compared
    )
    sides = np.bincount(block, np.where(side, 1, -1))
    mixed = (np.bincount(block) > np.abs(sides))[block]
    one = min(side.sum(), (~side).sum()) == 1
    reason = (
        f"floor {floor:.3f}"
        if size is None
        else f"one unit on a side, floor {floor:.3f}"
        if one
        else None
    )
    reason = reason or (None if test.bounded else "interval without an end")
    error = float(np.sqrt(own[2]))
    return UnitPermutation(
        difference=float(own[0]),
        statistic=abs(float(own[0])) / error if error > 0 else np.inf,
        studentised=True,
        p_value=None if reason else test.p_value,
        conf_low=None if reason else test.conf_low,
        conf_high=None if reason else test.conf_high,
        rank=max(1, round(test.p_value * compared)),
        compared=compared,
        assignments=number,
        exact=test.exact,
        floor=floor,
        attainable_size=size,
        units_treated=int(side.sum()),
        units_comparison=int((~side).sum()),
        units_moved=int(mixed.sum()),
        reason=reason,
        seed=None if test.exact else seed,
        decided=test.drawn.decided,
    )


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Moments of the rows of each (unit, effect) pair: n, outcome y, covariates q (both within
    effects), and products.

    q is orthonormal within effects, y orthogonal to it. `side`: the assignment that happened, by
    unit. `effects` and
    `units` (pairs x their number) say which pair lies in which.
    """

    unit: np.ndarray
    effects: csr_array
    n: np.ndarray
    sign: np.ndarray | None
    y: np.ndarray
    q: np.ndarray
    qy: np.ndarray
    qq: np.ndarray
    units: csr_array
    side: np.ndarray

    @classmethod
    def of(cls, rows: AssignedRows) -> "_Pairs":
        within = absorb(np.column_stack([rows.covariates, rows.outcome]), [rows.effect])
        q = np.linalg.qr(within[:, independent_columns(within[:, :-1], rows.covariates)])[0]
        y = within[:, -1] - q @ (q.T @ within[:, -1])
        many = int(rows.effect.max()) + 1
        labels, pair = np.unique(
            rows.unit.astype(np.int64) * many + rows.effect, return_inverse=True
        )
        unit, effect, k = labels // many, labels % many, q.shape[1]

        def total(columns: np.ndarray) -> np.ndarray:
            if not columns.shape[1]:
                return np.zeros((len(labels), 0))
            return np.column_stack([np.bincount(pair, c, len(labels)) for c in columns.T])

        products = np.einsum("ni,nj->nij", q, q).reshape(len(q), -1)
        sign = None if rows.signs is None else total(rows.signs[:, None])[:, 0] / np.bincount(pair)
        if sign is not None and not np.allclose(np.abs(sign), 1):
            raise ValueError("an effect holds both signs: absorb the person's group too")
        ones, place = np.ones(len(labels)), np.arange(len(labels))
        side = _of_units(rows.treated, rows.unit).astype(float)
        return cls(
            unit,
            csr_array((ones, (place, effect))),
            np.bincount(pair).astype(float),
            sign,
            total(y[:, None])[:, 0],
            total(q),
            total(q * y[:, None]),
            total(products).reshape(len(labels), k, k),
            csr_array((ones, (place, unit))),
            side,
        )

    @cached_property
    def true(self) -> tuple[np.ndarray, np.ndarray]:
        """The column that happened, summed by pair, and its products with q (pairs x k), as `y` and
        `qy`."""
        level, slope = self._column(self.side[None, self.unit] * self._signs)
        own = self.n * level[0] - self.q @ slope[0]
        return own, self.q * level[0][:, None] - self.qq @ slope[0]

    @property
    def _signs(self) -> np.ndarray | float:
        return 1.0 if self.sign is None else self.sign

    def _column(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """A column (draws x pairs) within effects as level of each pair and slopes on q (draws x
        k)."""
        weighted = values * self.n
        means = (weighted @ self.effects) / (self.n @ self.effects)
        return values - means @ self.effects.T, values @ self.q

    def _product(self, one, two) -> np.ndarray:
        """Inner product of two columns, by draw."""
        return (self.n * one[0] * two[0]).sum(axis=1) - (one[1] * two[1]).sum(axis=1)

    def _target(self, side: np.ndarray) -> tuple:
        """The column whose coefficient is asked for, free of the main effect; and that main effect
        or None."""
        plain = self._column(side[:, self.unit])
        if self.sign is None:
            return *plain, None
        own = self._column(side[:, self.unit] * self.sign)
        base = self._product(plain, plain)
        ratio = np.divide(self._product(own, plain), base, out=np.zeros(len(base)), where=base > 0)[
            :, None
        ]
        return own[0] - ratio * plain[0], own[1] - ratio * plain[1], plain

    def moments(self, side: np.ndarray) -> np.ndarray:
        """Coefficient, overlap with the true assignment, and variance v0, v1, v2 (5 x draws).

        With a shift t taken from the treated of the true assignment: coefficient - t overlap, v0 -
        2 t v1 + t^2 v2.
        """
        level, slope, plain = self._target(side)
        own, information = (
            self._crossed((level, slope), (level, slope)),
            self._product((level, slope), (level, slope)),
        )
        beside = None if plain is None else self._crossed((level, slope), plain)
        weight = 1 / np.sqrt(
            1 - np.clip((own @ self.units) / information[:, None], 0.0, 1 - SMALLEST_REST)
        )
        values, scores = [], []
        for y, qy in ((self.y, self.qy), self.true):
            values.append(level @ y / information)
            score = level * y - slope @ qy.T - values[-1][:, None] * own
            if plain is not None:
                score -= (plain[0] @ y / self._product(plain, plain))[:, None] * beside
            scores.append((score @ self.units) * weight)
        pairs = ((0, 0), (0, 1), (1, 1))
        return np.array(
            [*values, *((scores[i] * scores[j]).sum(axis=1) / information**2 for i, j in pairs)]
        )

    def _crossed(self, one, other) -> np.ndarray:
        """Inner product of two columns over the rows of each pair (draws x pairs)."""
        found = self.n * one[0] * other[0]
        if self.q.shape[1]:
            found -= one[0] * (other[1] @ self.q.T) + other[0] * (one[1] @ self.q.T)
            found += np.einsum("mi,pij,mj->mp", one[1], self.qq, other[1], optimize=True)
        return found
