"""Tables of people with what is printed of them, for tests of the attack: made of the kinds of
tables that studies print, and attacked a second time by another way of solving."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from analysis.disclosure.attack.known import OPEN, Count, Known, Relation, at_most, key, total
from analysis.disclosure.bounds import with_margins
from analysis.disclosure.rules import load_rules, round_to_base

THRESHOLD = load_rules().threshold
STEP = load_rules().rounding_base.value


def count(name: str, n: int, *, needs: str | None = None, unit: str = "people") -> Count:
    """A count as a page shows it: in fives, or withheld where it is small."""
    small = unit == "people" and n < THRESHOLD
    shown = round_to_base(n, STEP)
    low, high = (0.0, OPEN) if small else (max(0.0, shown - STEP // 2), shown + STEP // 2)
    return Count(name, n, low, high, small, unit, needs, "a table")  # type: ignore[arg-type]


def cross_table(counts: np.ndarray, outcome: str = "") -> Known:
    """A table with all its margins, and that each of them is the sum of a line."""
    whole = with_margins(counts)

    def name(cell: Sequence[int]) -> str:
        return key(outcome=outcome, by=",".join(map(str, cell)), count="people")

    cells = list(np.ndindex(whole.shape))
    relations = [
        total(name(cell), [name((*cell[:axis], k, *cell[axis + 1 :])) for k in range(size - 1)], "")
        for axis, size in enumerate(whole.shape)
        for cell in cells
        if cell[axis] == size - 1
    ]
    return Known.of([count(name(cell), int(whole[cell])) for cell in cells], relations)


def random_table(rng: np.random.Generator, shape: Sequence[int], mean: float) -> Known:
    return cross_table(rng.poisson(rng.gamma(0.7, mean / 0.7, shape)))


def nation(rng: np.random.Generator, places: int, groups: int, stages: int) -> Known:
    """People who reach one stage after the other, with and without, by group, in each place and in
    the nation; the events of those who reached the last."""
    reached = rng.poisson(rng.gamma(1.0, 60, (places, groups)))
    counts, relations = [], []
    for stage in range(stages):
        through = rng.binomial(reached, rng.uniform(0.3, 0.95))
        counts += _stage(stage, reached, through)
        relations += _with_and_without(stage, reached.shape)
        reached = through
    events = reached + rng.poisson(reached * 0.4)
    for place, group in np.ndindex(events.shape):
        name = key(place=str(place), group=str(group), count="events")
        counts.append(count(name, int(events[place, group]), unit="events"))
        relations.append(at_most(_name(stages - 1, place, group, "with"), name, "people, events"))
    return Known.of(counts, relations)


def _name(stage: int, place: int | str, group: int | str, what: str) -> str:
    """The count of those who reached a stage is that of those with the one before it."""
    if what == "people" and stage > 0:
        return _name(stage - 1, place, group, "with")
    return key(place=str(place), outcome=f"stage {stage}", group=str(group), count=what)


def _stage(stage: int, reached: np.ndarray, through: np.ndarray) -> list[Count]:
    counts = []
    for what, table in (("people", reached), ("with", through), ("without", reached - through)):
        whole = with_margins(table)
        for place, group in np.ndindex(whole.shape):
            counts.append(count(_name(stage, place, group, what), int(whole[place, group])))
    return counts


def _with_and_without(stage: int, shape: tuple[int, int]) -> list[Relation]:
    relations = []
    places, groups = shape
    for place, group in np.ndindex(places + 1, groups + 1):
        whole, parts = (
            _name(stage, place, group, "people"),
            [_name(stage, place, group, what) for what in ("with", "without")],
        )
        relations.append(total(whole, parts, "with and without"))
    for what in ("people", "with", "without"):
        for group in range(groups + 1):
            parts = [_name(stage, place, group, what) for place in range(places)]
            relations.append(total(_name(stage, places, group, what), parts, "places"))
        for place in range(places + 1):
            parts = [_name(stage, place, group, what) for group in range(groups)]
            relations.append(total(_name(stage, place, groups, what), parts, "groups"))
    return relations


def ends_by_integers(known: Known, *, whole: bool = True) -> dict[str, tuple[float, float]]:
    """The least and the most of each protected count: one programme over everything for each end,
    none of it taken apart or bounded before."""
    keys = list(known.counts)
    number = {name: at for at, name in enumerate(keys)}
    rows = np.zeros((len(known.relations), len(keys)))
    for row, relation in enumerate(known.relations):
        for name, coefficient in relation.terms:
            rows[row, number[name]] += coefficient
    counts = known.counts.values()
    low = np.array([c.low for c in counts])
    high = np.array([min(c.high, THRESHOLD - 1) if c.protected else c.high for c in counts])
    limits = LinearConstraint(
        rows, [r.low for r in known.relations], [r.high for r in known.relations]
    )
    found = {}
    for name, held in known.counts.items():
        if not held.protected:
            continue
        goal = np.zeros(len(keys))
        goal[number[name]] = 1.0
        ends = [
            milp(
                sign * goal,
                constraints=limits if len(rows) else (),
                bounds=Bounds(low, high),
                integrality=np.full(len(keys), int(whole)),
                options={"mip_rel_gap": 0.0} if whole else {},
            ).fun
            * sign
            for sign in (1.0, -1.0)
        ]
        found[name] = (ends[0], ends[1])
    return found


def recovered_by_integers(known: Known, *, whole: bool = True) -> set[str]:
    """Keys of the protected counts with fewer whole numbers in their interval than the rule asks
    for."""
    return {
        name
        for name, (low, high) in ends_by_integers(known, whole=whole).items()
        if np.floor(high + 1e-6) - np.ceil(low - 1e-6) + 1 < THRESHOLD
    }
