"""What is known of the counts of a study as one sparse system of linear inequalities.

A variable is a count, its bounds are what is public of it and, where it is protected, the rule
itself: the attacker knows that fewer people than the threshold are in it. A row is a relation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from analysis.disclosure.attack.known import OPEN, Known, Relation
from analysis.disclosure.rules import Rules
from analysis.errors import RunError

NOISE = 1e-6  # of the solver, in people
MOST_NAMED = 4
REMEDY = "Where it is noted, the page and its counts differ: mend that and run the study again."


@dataclass(frozen=True, eq=False)
class System:
    """Counts in the order of `keys`; rows in that of the relations.

    low, high: bounds of what an attacker knows of each count. least, most: limits of each row.
    protected: whose interval is asked for. whole: counts that are whole numbers. printed: counts
    that are printed, in fives or exactly. where_hidden: bounds of each count if it were withheld,
    a row for low, a row for high.
    """

    keys: tuple[str, ...]
    exact: np.ndarray
    low: np.ndarray
    high: np.ndarray
    protected: np.ndarray
    printed: np.ndarray
    whole: np.ndarray
    where_hidden: np.ndarray
    matrix: csr_matrix
    least: np.ndarray
    most: np.ndarray

    @cached_property
    def equal(self) -> np.ndarray:
        return self.least == self.most

    def part(self, counts: np.ndarray, rows: np.ndarray) -> "System":
        """The counts with these numbers and the rows of them alone; what else stands in the rows is
        fixed and goes to their limits."""
        inside = np.zeros(len(self.keys), dtype=bool)
        inside[counts] = True
        left = self.matrix[rows]
        fixed = left @ np.where(inside, 0.0, self.low)
        return System(
            tuple(self.keys[i] for i in counts),
            self.exact[counts],
            self.low[counts],
            self.high[counts],
            self.protected[counts],
            self.printed[counts],
            self.whole[counts],
            self.where_hidden[:, counts],
            left[:, counts].tocsr(),
            self.least[rows] - fixed,
            self.most[rows] - fixed,
        )


def rule_limits(rules: Rules) -> tuple[int, int]:
    """Least and most of a protected count, as the rule says to everybody (S1, S2)."""
    return (0 if rules.zero_is_small.value else 1), rules.threshold - 1


def enough_values(rules: Rules) -> int:
    """In so many values the interval of a protected count may lie, at the fewest: all that the rule
    leaves open."""
    least, most = rule_limits(rules)
    return most - least + 1


def system_of(known: Known, rules: Rules) -> System:
    """RunError E380: an exact count is outside what is printed of it, or breaks a relation; E382: a
    relation with a count that was never noted."""
    counts = tuple(known.counts.values())
    number = {count.key: at for at, count in enumerate(counts)}
    matrix, least, most = _rows(known.relations, number)
    floor, cap = rule_limits(rules)
    protected = np.array([count.protected for count in counts], dtype=bool)
    low = np.array([count.low for count in counts], dtype=float)
    high = np.array([count.high for count in counts], dtype=float)
    hidden = np.array([np.where(protected, floor, 0.0), np.where(protected, cap, OPEN)])
    exact = np.array([count.exact for count in counts], dtype=float)
    system = System(
        tuple(number),
        exact,
        np.where(protected, np.maximum(low, floor), low),
        np.where(protected, np.minimum(high, cap), high),
        protected,
        np.isfinite(high),
        (exact == np.round(exact)) & np.array([c.unit != "exposure" for c in counts], dtype=bool),
        hidden.reshape(2, -1),
        matrix,
        least,
        most,
    )
    _check(system, known)
    return system


def _rows(
    relations: tuple[Relation, ...], number: dict[str, int]
) -> tuple[csr_matrix, np.ndarray, np.ndarray]:
    rows, columns, values = [], [], []
    for row, relation in enumerate(relations):
        for key, coefficient in relation.terms:
            if key not in number:
                raise RunError(
                    "E382", f"{relation.why}: the count {key} was never noted.", remedy=REMEDY
                )
            rows.append(row)
            columns.append(number[key])
            values.append(coefficient)
    shape = (len(relations), len(number))
    matrix = csr_matrix((values, (rows, columns)), shape=shape, dtype=float)
    least = np.array([relation.low for relation in relations], dtype=float)
    most = np.array([relation.high for relation in relations], dtype=float)
    return matrix, least, most


def _check(system: System, known: Known) -> None:
    """The exact counts are one of the tables that agree with all that is known."""
    room = NOISE * np.maximum(1.0, np.abs(system.exact))
    outside = (system.exact < system.low - room) | (system.exact > system.high + room)
    if outside.any():
        named = _named([system.keys[i] for i in np.flatnonzero(outside)])
        text = f"what is printed or said of these counts does not hold them: {named}."
        raise RunError("E380", text, remedy=REMEDY)
    sums = system.matrix @ system.exact
    room = NOISE * np.maximum(1.0, abs(system.matrix) @ np.abs(system.exact))
    broken = np.flatnonzero((sums < system.least - room) | (sums > system.most + room))
    if broken.size:
        relation = known.relations[broken[0]]
        named = _named([key for key, _ in relation.terms])
        more = f" ({broken.size - 1} other relations are broken too)" if broken.size > 1 else ""
        text = f"the noted counts contradict this relation: {relation.why}: {named}{more}."
        raise RunError("E380", text, remedy=REMEDY)


def _named(keys: list[str]) -> str:
    rest = len(keys) - MOST_NAMED
    return " | ".join(keys[:MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def components(
    system: System, also: tuple[tuple[int, int], ...] = ()
) -> Iterator[tuple[np.ndarray, System]]:
    """Numbers of the counts of each part that hangs together and holds a protected count, and the
    part. A count that everybody knows ties nothing together. `also`: pairs that belong together
    for another reason."""
    free = system.high > system.low
    links = system.matrix.tocoo()
    held = free[links.col]
    rows = links.row[held] + len(system.keys)
    size = len(system.keys) + system.matrix.shape[0]
    first = np.concatenate([links.col[held], [a for a, _ in also]]).astype(int)
    second = np.concatenate([rows, [b for _, b in also]]).astype(int)
    graph = csr_matrix((np.ones(len(first)), (first, second)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    wanted = np.unique(label[: len(system.keys)][system.protected])
    order = np.argsort(label, kind="stable")
    starts = np.searchsorted(label[order], [wanted, wanted + 1])
    for start, end in starts.T:
        members = order[start:end]
        counts = members[members < len(system.keys)]
        counts = counts[free[counts] | system.protected[counts]]
        yield counts, system.part(counts, members[members >= len(system.keys)] - len(system.keys))
