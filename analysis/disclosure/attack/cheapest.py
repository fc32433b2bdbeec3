"""Secondary suppression: the cheapest printed counts to withhold until the attack fails (rule S4).

A mixed integer programme after Fischetti and Salazar (2001). Which counts are withheld is decided
by a small master programme; whether that protects, by the attacker's own linear programmes. Each of
these that ends too early gives a cut: the counts whose bounds hold it there, of which enough must
go. Large components are solved by the same cuts taken greedily, and what turns out to be withheld
without need is printed again.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from analysis.disclosure.attack.known import Count, Known
from analysis.disclosure.attack.narrowest import SIDES, SIGN, Narrowing
from analysis.disclosure.attack.system import NOISE, System, components, system_of
from analysis.disclosure.rules import Rules, load_rules
from analysis.errors import RunError

MOST_PROVEN = 400  # printed counts of a component, up to which the cheapest set is proven
SECONDS = 10.0  # of a component's proof, and of giving back: then what was found stands
CUTS_AT_ONCE = 40
Cost = Callable[[Count], float]


@dataclass(frozen=True)
class Cheapest:
    """Counts to withhold beside those that are withheld already.

    hidden: their keys, with all that is not printed without them. loss: information lost; whole:
    that of all printed counts. printed: counts that stay. proven: no cheaper set protects.
    """

    hidden: frozenset[str]
    loss: float
    whole: float
    printed: int
    proven: bool


def information(count: Count) -> float:
    """What a printed count tells: the logarithm of its size as it is printed, and 1 at least; more
    where an estimate goes with it."""
    return count.worth * (1.0 + float(np.log1p((count.low + count.high) / 2)))


def cheapest(
    known: Known, rules: Rules | None = None, *, cost: Cost = information, prove: bool = True
) -> Cheapest:
    """Choose them. cost: what the loss of a printed count is worth, above 0. prove: False leaves it
    at the greedy choice.

    RunError E384: even without any printed count something is recovered; E380 to E382.
    """
    system = system_of(known, rules or load_rules())
    prices = np.array([cost(c) if not c.is_withheld else 0.0 for c in known.counts.values()])
    needs = _needs(known, system)
    hidden: set[str] = set()
    proven = True
    for counts, part in components(system, needs):
        number = {int(at): i for i, at in enumerate(counts)}
        inside = [(number[a], number[b]) for a, b in needs if a in number and b in number]
        protection = _Protection(part, prices[counts], inside)
        chosen, best = protection.chosen(prove=prove)
        hidden |= {part.keys[i] for i in np.flatnonzero(chosen)}
        proven &= best
    left = known.without(hidden).counts
    gone = {k for k, c in known.counts.items() if not c.is_withheld and left[k].is_withheld}
    loss = sum(price for key, price in zip(system.keys, prices, strict=True) if key in gone)
    printed = int(system.printed.sum()) - len(gone)
    return Cheapest(frozenset(gone), float(loss), float(prices.sum()), printed, proven)


def _needs(known: Known, system: System) -> tuple[tuple[int, int], ...]:
    """A count and the count without which it is not printed, both printed now."""
    number = {key: at for at, key in enumerate(system.keys)}
    return tuple(
        (number[key], number[count.needs])
        for key, count in known.counts.items()
        if count.needs in number and system.printed[[number[key], number[count.needs]]].all()
    )


class _Protection:
    """The choice within one component. Cuts: rows of weights; those withheld must weigh 1 or
    more."""

    def __init__(self, system: System, price: np.ndarray, needs: list[tuple[int, int]]) -> None:
        self.system, self.price, self.needs = system, price, needs
        self.may_go = system.printed & (system.high > system.low)
        self.attack = Narrowing(system, whole=True, exact=False)
        self.cuts = np.empty((0, len(system.keys)))

    def chosen(self, *, prove: bool) -> tuple[np.ndarray, bool]:
        """Which counts are withheld, and whether that is proven to be the cheapest choice."""
        nothing = np.zeros(len(self.system.keys), dtype=bool)
        if not self._tight(nothing):
            return nothing, True
        greedy = self._given_back(self._greedy(nothing))
        if not prove or int(self.may_go.sum()) > MOST_PROVEN:
            return greedy, False
        best = self._proven()
        return (greedy, False) if best is None else (best, True)

    # -- the attack ---------------------------------------------------------------------------
    def _bounds(self, hidden: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        low, high = self.system.where_hidden
        return (
            np.where(hidden, low, self.system.low),
            np.where(hidden, high, self.system.high),
        )

    def _tight(self, hidden: np.ndarray) -> list[tuple[int, int]]:
        """Protected counts, and the side on which each stops too early."""
        inner = self.attack.ends(*self._bounds(hidden))
        return [
            (int(at), side)
            for side in SIDES
            for at in np.flatnonzero(
                self.system.protected
                & ((self.system.where_hidden[side] - inner[side]) * SIGN[side] > NOISE)
            )
        ]

    def _cut(self, hidden: np.ndarray, tight: list[tuple[int, int]]) -> None:
        """Add the cuts that this choice breaks."""
        step = max(1, len(tight) // CUTS_AT_ONCE)
        found = [self._cut_of(hidden, at, side) for at, side in tight[::step]]
        new = [cut for cut in found if cut is not None]
        if not new:  # fractions reach the end and whole numbers do not: something more must go
            new = [np.where(self.may_go & ~hidden, 1.0, 0.0)]
        self.cuts = np.vstack([self.cuts, *new])

    def _cut_of(self, hidden: np.ndarray, at: int, side: int) -> np.ndarray | None:
        """Weights of the printed counts for one end: by how much of what it lacks the end moves
        when the count goes."""
        dual = self.attack.reach.dual(at, -SIGN[side], *self._bounds(hidden))
        down = self.system.low - self.system.where_hidden[0]
        held = dual.by_low > NOISE, (dual.by_high > NOISE) & self.may_go
        moves = np.zeros(len(down))
        moves[held[0]] += dual.by_low[held[0]] * np.maximum(down[held[0]], 0.0)
        up = self.system.where_hidden[1][held[1]] - self.system.high[held[1]]
        moves[held[1]] += dual.by_high[held[1]] * up
        moves = np.where(self.may_go, moves, 0.0)
        end = dual.end - SIGN[side] * float(moves[hidden].sum())
        lacks = (self.system.where_hidden[side][at] - end) * SIGN[side]
        if (self.system.where_hidden[side][at] - dual.end) * SIGN[side] <= NOISE:
            return None
        return np.minimum(moves / lacks, 1.0)

    # -- choices ------------------------------------------------------------------------------
    def _with_needs(self, hidden: np.ndarray) -> np.ndarray:
        hidden = hidden.copy()
        moved = True
        while moved:
            moved = False
            for one, other in self.needs:
                if hidden[other] and not hidden[one]:
                    hidden[one] = moved = True
        return hidden

    def _greedy(self, hidden: np.ndarray) -> np.ndarray:
        """Withhold, one by one, what weighs most in broken cuts for its price."""
        while tight := self._tight(hidden):
            self._cut(hidden, tight)
            lacks = self._lacks(hidden)
            while (lacks > NOISE).any():
                weight = np.minimum(self.cuts, np.maximum(lacks, 0.0)[:, None]).sum(axis=0)
                worth = np.where(self.may_go & ~hidden, weight / self.price_or_one, 0.0)
                if worth.max(initial=0.0) <= 0:
                    raise self._in_vain()
                hidden = hidden.copy()
                hidden[int(worth.argmax())] = True
                hidden = self._with_needs(hidden)
                lacks = self._lacks(hidden)
        return hidden

    @property
    def price_or_one(self) -> np.ndarray:
        return np.where(self.price > 0, self.price, 1.0)

    def _lacks(self, hidden: np.ndarray) -> np.ndarray:
        return 1.0 - self.cuts[:, hidden].sum(axis=1)

    def _in_vain(self) -> RunError:
        at = int(np.flatnonzero(self.system.protected)[0])
        text = f"nothing that could be withheld protects {self.system.keys[at]} and its like."
        return RunError(
            "E384", text, remedy="Publish the table for fewer groups, places or periods."
        )

    def _given_back(self, hidden: np.ndarray) -> np.ndarray:
        """Print again, the dearest first, whatever is withheld without need."""
        end = time.process_time() + SECONDS
        for at in sorted(np.flatnonzero(hidden), key=lambda i: (-self.price[i], i)):
            if time.process_time() > end:
                break
            if any(one == at and hidden[other] for one, other in self.needs):
                continue
            fewer = hidden.copy()
            fewer[at] = False
            if (self._lacks(fewer) > NOISE).any():
                continue
            if tight := self._tight(fewer):
                self._cut(fewer, tight[:1])
            else:
                hidden = fewer
        return hidden

    def _proven(self) -> np.ndarray | None:
        """The cheapest choice; None where the proof takes too long."""
        end = time.process_time() + SECONDS
        while time.process_time() < end:
            hidden = self._master(end - time.process_time())
            if hidden is None:
                return None
            tight = self._tight(hidden)
            if not tight:
                return hidden
            self._cut(hidden, tight)
        return None

    def _master(self, seconds: float) -> np.ndarray | None:
        """The cheapest choice that breaks no cut found so far."""
        rows = [LinearConstraint(self.cuts, 1.0 - NOISE, np.inf)]
        if self.needs:
            together = np.zeros((len(self.needs), len(self.price)))
            for row, (one, other) in enumerate(self.needs):
                together[row, one], together[row, other] = 1.0, -1.0
            rows.append(LinearConstraint(together, 0.0, np.inf))
        done = milp(
            self.price,
            constraints=rows,
            bounds=Bounds(0.0, np.where(self.may_go, 1.0, 0.0)),
            integrality=np.ones(len(self.price), dtype=int),
            options={"time_limit": max(seconds, 0.1), "mip_rel_gap": 0.0},
        )
        return done.x > 0.5 if done.status == 0 else None
