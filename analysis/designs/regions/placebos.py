"""Placebos in space and time: the same worked out as if other units had had the initiative, or as
if it had begun earlier.

A rank among placebos is no p-value: with 12 regions even the first place happens 1 time in 12
(METHODS section 0 rule 2). Every unit is worked out alike, the one with the initiative among the
others' donors, so that under nil each rank is as likely as any other.
"""

from dataclasses import dataclass, replace
from itertools import combinations
from math import comb

import numpy as np

from analysis.designs.regions.synthetic import METHODS, effect, gaps
from analysis.designs.regions.unit_panel import UnitPanel
from analysis.inference.columns import Quantity
from analysis.inference.randomisation import seed_for
from analysis.results import NotEstimable, Ranked

FEWEST_OTHERS = 5  # other units: fewer ranks say nothing
MOST_CHOICES = 500  # of as many units as had it; more are drawn
# Abadie, Diamond and Hainmueller (2010) leave out placebos whose mean squared error before the
# start is 20, 5 or 2 times that of the treated unit; here five times the median placebo is too bad
# a fit for a unit to be set beside what the others lead one to expect.
WORST_FIT = 5.0
TIE = 1e-9
AT_LEVEL = ("synthetic_control",)  # judged by level, and not by shape


@dataclass(frozen=True, eq=False)
class Placebos:
    """own, effects: what the treated units show, and what each choice of as many units shows
    (the own among them), in the unit of the panel. names: of the choices, in their order.

    fit: mean squared difference from the expected series before the start, of each choice. sizes:
    what is ranked: the difference without its sign; of a mix at its own level, which cannot follow
    the highest and lowest units, how much it grew beside the fit before (Abadie, Diamond and
    Hainmueller 2015).
    """

    own: float
    effects: np.ndarray
    names: tuple[str, ...]
    fit: np.ndarray
    own_fit: float
    sizes: np.ndarray

    @property
    def rank(self) -> int:
        """1: no other choice differs as much, up or down."""
        at = int(np.flatnonzero(self.effects == self.own)[0])
        return self._rank(at)

    def rank_of(self, name: str) -> tuple[float, int]:
        """What one choice shows, and its rank. ValueError where there is none of that name."""
        at = self.names.index(name)
        return float(self.effects[at]), self._rank(at)

    def _rank(self, at: int) -> int:
        return int((self.sizes >= self.sizes[at] - TIE * max(1.0, self.sizes[at])).sum())

    @property
    def fits(self) -> bool:
        """The others followed the treated units before the start, about as well as each other."""
        return self.own_fit <= WORST_FIT * float(np.median(self.fit))


def placebos(panel: UnitPanel, method: str) -> Placebos:
    """The effect that each choice of as many units would show; of very many choices, that of the
    own one and of MOST_CHOICES - 1 drawn at random."""
    count, n = int(panel.treated.sum()), len(panel.units)
    effects, names, fit = [], [], []
    for chosen in _choices(panel, count, n):
        side = np.zeros(n, dtype=bool)
        side[list(chosen)] = True
        apart = _before(panel.with_treated(side), method)
        effects.append(float(apart[panel.before :].mean()))
        fit.append(float((apart[: panel.before] ** 2).mean()))
        names.append(" + ".join(panel.units[k] for k in chosen))
    own = names.index(" + ".join(np.array(panel.units)[panel.treated]))
    found, errors = np.array(effects), np.array(fit)
    levels = method in AT_LEVEL
    grown = np.abs(found) / np.sqrt(np.maximum(errors, TIE)) if levels else np.abs(found)
    return Placebos(effects[own], found, tuple(names), errors, fit[own], grown)


def _before(panel: UnitPanel, method: str) -> np.ndarray:
    """Own less expected in each period; a method with a level of its own is judged by its shape."""
    apart = gaps(panel, method)
    if method in AT_LEVEL:
        return apart
    centred = apart[: panel.before] - apart[: panel.before].mean()
    return np.concatenate([centred, apart[panel.before :]])


def _choices(panel: UnitPanel, count: int, n: int) -> list[tuple[int, ...]]:
    own = tuple(int(k) for k in np.flatnonzero(panel.treated))
    if comb(n, count) <= MOST_CHOICES:
        return list(combinations(range(n), count))
    rng = np.random.default_rng(seed_for("placebos", str(n), str(count)))
    drawn = {own}
    while len(drawn) < MOST_CHOICES:
        drawn.add(tuple(sorted(int(k) for k in rng.choice(n, count, replace=False))))
    return sorted(drawn)


def ranked(panel: UnitPanel, method: str, what: Quantity) -> Ranked | NotEstimable:
    """The treated units beside what the others lead one to expect, with their rank among placebos.

    NotEstimable: fewer than FEWEST_OTHERS others, or no mix of them followed the treated units
    before the start (`no_fit_before`).
    """
    reason = "" if len(panel.others) >= FEWEST_OTHERS else "too_few_sites"
    found = None if reason else placebos(panel, method)
    if found is not None and not found.fits:
        reason = "no_fit_before"
    if found is None or reason:
        return NotEstimable(what.estimand, method, what.unit, reason, panel.support)
    places = len(found.effects)
    return Ranked(
        what.estimand,
        method,
        what.unit,
        found.own,
        found.rank,
        places,
        panel.support,
        allowed_for=("unit", "period"),
    )


def one_by_one(panel: UnitPanel, method: str, what: Quantity) -> tuple[Ranked, ...]:
    """Every unit as if it alone had had the initiative: its own difference and rank. `method` of
    each result is the name of its unit."""
    alone = np.arange(len(panel.units)) == int(np.flatnonzero(panel.treated)[0])
    found = placebos(panel.with_treated(alone), method)
    template = Ranked(
        what.estimand, "", what.unit, 0.0, 1, len(found.names), panel.support, ("unit", "period")
    )
    ranks = [(name, *found.rank_of(name)) for name in found.names]
    return tuple(replace(template, method=n, value=v, rank=r) for n, v, r in ranks)


def leave_one_out(panel: UnitPanel, method: str) -> tuple[float, float] | None:
    """Smallest and largest effect with one other unit left out at a time; None where too few would
    be left."""
    donors = np.flatnonzero(~panel.treated)
    if len(donors) <= FEWEST_OTHERS:
        return None
    found = [effect(panel.without(int(unit)), method) for unit in donors]
    return min(found), max(found)


def earlier_start(panel: UnitPanel, method: str) -> Placebos | None:
    """The same within the time before the start, as if it had begun half way, where nothing should
    be seen; None where that time is too short."""
    half = panel.before // 2
    if half < 2 or len(panel.others) < FEWEST_OTHERS:
        return None
    return placebos(panel.up_to(panel.before, half), method)


__all__ = [
    "METHODS",
    "Placebos",
    "earlier_start",
    "leave_one_out",
    "one_by_one",
    "placebos",
    "ranked",
]
