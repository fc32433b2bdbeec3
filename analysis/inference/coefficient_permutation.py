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

from analysis.inference.absorbed.effects import absorb, independent_columns
from analysis.inference.assignments import EQUAL, number_of_assignments
from analysis.inference.constant_effect import EffectTest, permuted_effect_test
from analysis.inference.sequential import ALPHA, Asked
from analysis.inference.unit_permutation import UnitPermutation, attainable_size

NUMBERS_AT_ONCE = 200_000  # draws x pairs together: what stays in a processor's cache
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
    unit. `shares` (effects x units): mean of a column of units over the rows of each effect;
    `signed_shares` of that column times the sign. `units` (units x pairs) adds up the pairs of
    each. A column of many draws stands as pairs x draws, so that every step goes along memory.
    """

    unit: np.ndarray
    effect: np.ndarray
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
        return cls(
            unit,
            effect,
            np.bincount(pair).astype(float),
            sign,
            total(y[:, None])[:, 0],
            total(q),
            total(q * y[:, None]),
            total(products).reshape(len(labels), k, k),
            csr_array((np.ones(len(labels)), (unit, np.arange(len(labels))))),
            _of_units(rows.treated, rows.unit).astype(float),
        )

    @cached_property
    def shares(self) -> csr_array:
        return self._shares(self.n)

    @cached_property
    def signed_shares(self) -> csr_array:
        return self._shares(self.n * self._signs)

    @property
    def _signs(self) -> np.ndarray:
        return np.ones(len(self.n)) if self.sign is None else self.sign

    @cached_property
    def q_of_units(self) -> tuple[np.ndarray, np.ndarray]:
        """q summed by unit (k x units), plain and times the sign."""
        return (self.units @ self.q).T, (self.units @ (self.q * self._signs[:, None])).T

    @cached_property
    def explained(self) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """What a coefficient is worked out of, by pair, and its products with q by unit (units x
        k): the outcome, and the column that happened."""
        true, products = self.true
        return (self.y, self.units @ self.qy), (true, self.units @ products)

    def _shares(self, weight: np.ndarray) -> csr_array:
        share = weight / np.bincount(self.effect, self.n)[self.effect]
        return csr_array((share, (self.effect, self.unit)))

    @cached_property
    def true(self) -> tuple[np.ndarray, np.ndarray]:
        """The column that happened, summed by pair, and its products with q (pairs x k), as `y` and
        `qy`."""
        sides = self.side[:, None]
        level, slope = self._column(sides) if self.sign is None else self._signed(sides)
        own = self.n * level[:, 0] - self.q @ slope[:, 0]
        return own, self.q * level - self.qq @ slope[:, 0]

    def _column(self, sides: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The column of sides (units x draws) within effects: level of each pair (pairs x draws)
        and slopes on q (k x draws)."""
        level = sides[self.unit]
        level -= (self.shares @ sides)[self.effect]
        return level, self.q_of_units[0] @ sides

    def _signed(self, sides: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same of the column times the sign."""
        level = sides[self.unit] * self._signs[:, None]
        level -= (self.signed_shares @ sides)[self.effect]
        return level, self.q_of_units[1] @ sides

    def _product(self, one, two) -> np.ndarray:
        """Inner product of two columns, by draw."""
        return self.n @ (one[0] * two[0]) - (one[1] * two[1]).sum(axis=0)

    def _target(self, sides: np.ndarray) -> tuple:
        """The column whose coefficient is asked for, free of the main effect; and that main effect
        or None."""
        plain = self._column(sides)
        if self.sign is None:
            return *plain, None
        level, slope = self._signed(sides)
        base = self._product(plain, plain)
        ratio = np.divide(
            self._product((level, slope), plain), base, out=np.zeros(len(base)), where=base > 0
        )
        level -= ratio * plain[0]
        return level, slope - ratio * plain[1], plain

    def moments(self, side: np.ndarray) -> np.ndarray:
        """Coefficient, overlap with the true assignment, and variance v0, v1, v2 (5 x draws), of
        sides (draws x units).

        With a shift t taken from the treated of the true assignment: coefficient - t overlap, v0 -
        2 t v1 + t^2 v2.
        """
        level, slope, plain = self._target(np.ascontiguousarray(side.T))
        own = self.units @ self._crossed((level, slope), (level, slope))
        information = self._product((level, slope), (level, slope))
        beside = None if plain is None else self.units @ self._crossed((level, slope), plain)
        weight = 1 / np.sqrt(1 - np.clip(own / information, 0.0, 1 - SMALLEST_REST))
        values, scores = [], []
        for y, products in self.explained:
            values.append(y @ level / information)
            score = self.units @ (level * y[:, None]) - products @ slope
            score -= values[-1] * own
            if plain is not None:
                score -= (y @ plain[0] / self._product(plain, plain)) * beside
            scores.append(score * weight)
        pairs = ((0, 0), (0, 1), (1, 1))
        return np.array(
            [*values, *((scores[i] * scores[j]).sum(axis=0) / information**2 for i, j in pairs)]
        )

    def _crossed(self, one, other) -> np.ndarray:
        """Inner product of two columns over the rows of each pair (pairs x draws)."""
        found = one[0] * other[0]
        found *= self.n[:, None]
        if self.q.shape[1]:
            found -= one[0] * (self.q @ other[1]) + other[0] * (self.q @ one[1])
            slopes = one[1][:, None] * other[1]
            found += self.qq.reshape(len(found), -1) @ slopes.reshape(-1, slopes.shape[2])
        return found
