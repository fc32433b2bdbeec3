"""Which cells of a cross-tabulation are withheld: small ones, and others so that no margin gives
them back (rules S1 to S4).

A table is decided together with all its margins, from the grand total down, as if each of them were
published. What is decided of a margin depends on that margin alone. So it is the same in every
table that holds it: a group that is hidden by itself is hidden in all tables, with everything that
is a part of it, and two tables of the same rows never disagree on what they hide.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from analysis.disclosure.bounds import Attack, with_margins
from analysis.disclosure.rules import Rules, is_small, load_rules, round_to_base

ROUNDS = 60  # of hiding more, before all of the table is hidden
AT_ONCE = 8  # of so many cells that are tight one is seen to, before all are looked at again
NOISE = 1e-6  # of the solver, in people


@dataclass(frozen=True, eq=False)
class CrossTable:
    """Exact numbers of people, one dimension a column, and what is said of its levels.

    counts: whole numbers. unanswered: by dimension, the level of those whose answer is not known
    (None: there is none). Their number is no answer of anybody, and is taken to be known; where the
    people with an answer are few it is hidden too. also: cells, of the table with its margins, that
    are withheld for another reason (a mean that one person makes).
    """

    counts: np.ndarray
    unanswered: tuple[int | None, ...]
    also: np.ndarray | None = None

    @property
    def whole(self) -> np.ndarray:
        """The counts with their margins."""
        return with_margins(self.counts)

    def without(self, axis: int) -> "CrossTable":
        """The margin over one dimension."""
        left = (*self.unanswered[:axis], *self.unanswered[axis + 1 :])
        also = None if self.also is None else np.take(self.also, -1, axis=axis)
        return CrossTable(self.counts.sum(axis=axis), left, also)


def hidden_cells(table: CrossTable, rules: Rules | None = None) -> np.ndarray:
    """Which cells of the table with its margins are withheld (true), the last of each dimension
    being its total.

    Withheld: fewer people than the threshold, none included (S1, S2); every part of what is
    withheld; and as many others as it takes until no withheld cell can be bounded within fewer
    people than the threshold by whoever knows all that is shown (S4). Those with and those without
    an answer of yes are a line of the table like any other, so that one never gives back the other
    (S3). Nothing here looks at more of a count than its rounded value, but whether it is small.
    """
    return _hidden(table, rules or load_rules(), {})


def _hidden(table: CrossTable, rules: Rules, known: dict) -> np.ndarray:
    whole = table.whole
    if table.counts.ndim == 0:
        also = table.also is not None and bool(table.also)
        return np.array(is_small(int(table.counts), rules) or also)
    hidden = np.zeros(whole.shape, dtype=bool)
    for axis in range(hidden.ndim):
        margin = _hidden(table.without(axis), rules, known)
        np.moveaxis(hidden, axis, -1)[..., -1] = margin
    inside = tuple(slice(0, -1) for _ in hidden.shape)
    hidden[inside] = _small(table, rules)
    for axis in range(hidden.ndim):
        hidden[inside] |= np.take(hidden, [-1], axis=axis)[
            tuple(slice(None) if at == axis else slice(0, -1) for at in range(hidden.ndim))
        ]
    return _enough(table, whole, hidden, rules)


def _small(table: CrossTable, rules: Rules) -> np.ndarray:
    """Cells that are small themselves; of those without an answer, where few have one."""
    limit = 0 if not rules.zero_is_small.value else -1
    small = (table.counts < rules.threshold) & (table.counts > limit)
    for axis, level in enumerate(table.unanswered):
        if level is not None:
            np.moveaxis(small, axis, 0)[level] = False
    for axis, level in enumerate(table.unanswered):
        if level is not None:
            moved = np.moveaxis(table.counts, axis, 0)
            answered = moved.sum(axis=0) - moved[level]
            few = (answered < rules.threshold) & (moved[level] > 0)
            np.moveaxis(small, axis, 0)[level] |= few
    if table.also is not None:
        small |= table.also[tuple(slice(0, -1) for _ in small.shape)]
    return small


def _enough(table: CrossTable, whole: np.ndarray, hidden: np.ndarray, rules: Rules) -> np.ndarray:
    """Hide cells of the table, at the least cost that is found, until each that is hidden has room
    enough: a cell moves with the corners of a box, up and down in turn, which changes no margin
    that is shown (the hypercube method, Repsilber 1994). All of the table where no box is large
    enough."""
    inside = tuple(slice(0, -1) for _ in hidden.shape)
    rounded = _rounded(whole, rules)
    least = np.maximum(rounded - rules.rounding_base.value // 2, 0)
    cost = np.full(whole.shape, np.inf)
    cost[inside] = rounded[inside] + _no_answer(table) * (int(rounded.max()) + 1) * 2**hidden.ndim
    for _ in range(ROUNDS):
        if not hidden[inside].any() or hidden[inside].all():
            return hidden
        tight, room = _tight(hidden, rounded, least, rules)
        if not tight:
            return hidden
        if not _hide_more(tight, hidden, least, cost, room):
            break
    hidden[inside] = True
    return hidden


def _hide_more(
    tight: list[tuple], hidden: np.ndarray, least: np.ndarray, cost: np.ndarray, room: int
) -> bool:
    """Hide boxes for some of the cells that are tight; whether any was found. Changes `hidden`."""
    wanted = max(1, len(tight) // AT_ONCE)
    for cell in tight:
        before = int(hidden.sum())
        _hide_box(cell, hidden, least, cost, room)
        wanted -= int(hidden.sum()) > before
        if not wanted:
            break
    return wanted < max(1, len(tight) // AT_ONCE)


def _rounded(whole: np.ndarray, rules: Rules) -> np.ndarray:
    step = rules.rounding_base.value
    return np.vectorize(lambda n: round_to_base(int(n), step), otypes=[np.int64])(whole)


def _no_answer(table: CrossTable) -> np.ndarray:
    """1 for those without an answer: they are hidden last."""
    no_answer = np.zeros(table.counts.shape, dtype=np.int64)
    for axis, level in enumerate(table.unanswered):
        if level is not None:
            np.moveaxis(no_answer, axis, 0)[level] = 1
    return no_answer


def _tight(
    hidden: np.ndarray, rounded: np.ndarray, least: np.ndarray, rules: Rules
) -> tuple[list[tuple[int, ...]], int]:
    """Hidden cells without room enough, the smallest first, and the room that they need.

    Whoever knows all that is shown exactly must not bound one within less than the base of
    rounding; whoever knows it as it is shown, within fewer people than the threshold.
    """
    step, cells = rules.rounding_base.value, [tuple(map(int, c)) for c in np.argwhere(hidden)]
    asked = [cell for cell in cells if not _has_room(cell, hidden, least, step)]
    exact = Attack(np.where(hidden, -least, 0.0), np.where(hidden, np.inf, 0.0))
    tight = _below(exact.widths(asked, step), step)
    if tight:
        return _smallest_first(tight, least), step
    asked = [cell for cell in cells if not _has_room(cell, hidden, least, rules.threshold)]
    half = step // 2
    shown = Attack(
        np.where(hidden, 0.0, np.maximum(rounded - half, 0)),
        np.where(hidden, np.inf, rounded + half),
    )
    tight = _below(shown.widths(asked, rules.threshold), rules.threshold)
    return _smallest_first(tight, least), rules.threshold


def _below(widths: dict[tuple, float], enough: int) -> list[tuple]:
    return [cell for cell, width in widths.items() if width < enough - NOISE]


def _smallest_first(cells: list[tuple], least: np.ndarray) -> list[tuple]:
    return sorted(cells, key=lambda cell: (int(least[cell]), cell))


def _has_room(cell: tuple[int, ...], hidden: np.ndarray, least: np.ndarray, enough: int) -> bool:
    """A box of hidden cells lets the cell move far enough already."""
    box = _boxes(cell, least, np.where(hidden, 0.0, 1.0))
    return bool(((box.price == 0) & (box.room >= enough)).any())


def _hide_box(
    cell: tuple[int, ...], hidden: np.ndarray, least: np.ndarray, cost: np.ndarray, enough: int
) -> None:
    """Hide the box that costs least for the room that `cell` has in it, and nothing where a margin
    that is shown would have to go. Changes `hidden`."""
    box = _boxes(cell, least, np.where(hidden, 0.0, cost))
    room = np.minimum(box.room, enough)
    useful = np.isfinite(box.price) & (room > 0) & ((box.price > 0) | (room >= enough))
    if not useful.any():
        return
    rank = np.where(useful, box.price / np.where(room > 0, room, 1.0), np.inf)
    best = int(rank.argmin())
    far = np.unravel_index(best, box.price.shape)
    levels = [[at, int(other[i])] for at, other, i in zip(cell, box.others, far, strict=True)]
    hidden[np.ix_(*levels)] = True


@dataclass(frozen=True, eq=False)
class _Boxes:
    """All boxes with one cell as a corner, by the opposite corner: another level of a dimension, or
    its total. others: these levels, by dimension. room: how far the cell can move. price: cost of
    the corners together."""

    others: list[np.ndarray]
    room: np.ndarray
    price: np.ndarray


def _boxes(cell: tuple[int, ...], least: np.ndarray, cost: np.ndarray) -> _Boxes:
    """What one level loses another gains; a total moves with its part. A cell that is a total of a
    dimension stays one."""
    others = [
        np.delete(np.arange(size), at) if at < size - 1 else np.array([at])
        for at, size in zip(cell, least.shape, strict=True)
    ]
    signs = [
        np.where(other == size - 1, 1, -1) for other, size in zip(others, least.shape, strict=True)
    ]
    moves = [at < size - 1 for at, size in zip(cell, least.shape, strict=True)]
    shape = tuple(map(len, others))
    up, down, price = np.full(shape, np.inf), np.full(shape, np.inf), np.zeros(shape)
    for turned in product(*((False, True) if moving else (False,) for moving in moves)):
        pairs = list(zip(turned, others, cell, signs, strict=True))
        corner = np.ix_(*(other if turn else [at] for turn, other, at, _ in pairs))
        sign = np.ones(1)
        part: np.ndarray
        for part in np.ix_(*(own if turn else [1] for turn, _, _, own in pairs)):
            sign = sign * part
        price = price + cost[corner]
        up = np.minimum(up, np.where(sign < 0, least[corner], np.inf))
        down = np.minimum(down, np.where(sign > 0, least[corner], np.inf))
    return _Boxes(others, up + down, price)
