"""The smallest difference that a study of a design would find, from people, clusters and what is
assumed: one function a way of planning (`Design.planned`), each with its source."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from analysis.inference.planned.power import POWER, standard_errors
from analysis.inference.planned.regions import change_error, change_spread, reachable
from analysis.inference.planned.roll_outs import Levels, roll_out_std_error
from analysis.inference.planned.segmented import step_error
from analysis.inference.planned.sides import (
    Side,
    allowed_for_before,
    hazard_difference,
    mean_difference,
    rate_ratio,
    share_difference,
)
from analysis.plans.designs import Planned
from analysis.plans.plan import Outcome

EVERY = 100.0  # shares are printed in every 100
FEWEST_POINTS = 3  # of a series, before and after
LOTS = ("clusters", "steps", "few_units")  # ways in which the lot of units can forbid an answer


@dataclass(frozen=True)
class Sizes:
    """Who is there: people on both sides, those with the programme, clusters (of a series: points)
    with it (after) and without (before). telling: share of the information that is left once people
    are compared within their cells (1: all). places: whose answers are put together (0: one
    analysis)."""

    people: float
    people_with: float
    clusters_with: float = 0.0
    clusters_without: float = 0.0
    telling: float = 1.0
    places: int = 0

    @property
    def people_without(self) -> float:
        return self.people - self.people_with

    @property
    def clusters(self) -> float:
        return self.clusters_with + self.clusters_without

    def times(self, factor: float, *, clusters: bool) -> "Sizes":
        """`factor` times as many people, and as many clusters of the same size if asked."""
        found = replace(self, people=factor * self.people, people_with=factor * self.people_with)
        if not clusters:
            return found
        return replace(
            found,
            clusters_with=factor * self.clusters_with,
            clusters_without=factor * self.clusters_without,
        )


@dataclass(frozen=True)
class Situation:
    """One outcome of one design with so many people and these assumptions. alpha: two-sided;
    power: share of studies that find it; lost: people of `sizes` are still to be lost."""

    planned: Planned
    outcome: Outcome
    sizes: Sizes
    values: Mapping[str, float]
    alpha: float
    power: float = POWER
    lost: bool = False

    def value(self, name: str, nothing: float = 0.0) -> float:
        return self.values.get(name, nothing)

    @property
    def higher(self) -> bool:
        """The side on which a difference is planned for."""
        return self.outcome.better != "lower"

    @property
    def spread(self) -> float:
        """Standard deviation of people: points, or of a share (0 to 1)."""
        if self.outcome.kind == "scale":
            return self.values["spread"]
        base = self.values["base"] / EVERY
        return math.sqrt(base * (1 - base))

    @property
    def printed(self) -> float:
        """By how much a result is multiplied to stand in the unit of the page."""
        return 1.0 if self.outcome.kind == "scale" else EVERY

    @property
    def staying(self) -> float:
        """Share of people who are there at the end."""
        return 1 - self.value("lost_percent") / EVERY if self.lost else 1.0

    def errors(self, df: float | None) -> float | None:
        """Standard errors that a difference must be; None where no degree of freedom is left."""
        if df is not None and df < 1:
            return None
        return standard_errors(df, alpha=self.alpha, power=self.power)


@dataclass(frozen=True)
class Way:
    """How the power of a design is worked out.

    words: by which formula, for the reader. source: of the formula. needs: assumptions without
    which there is no number, beside that on the level of the outcome; may: those that refine it.
    grows: more people come in more clusters (else in those that there are). level: a number needs
    the level of the outcome, or how far people scatter. caution: what the formula does not know, as
    a sentence.
    """

    words: str
    source: str
    needs: tuple[str, ...]
    may: tuple[str, ...]
    found: Callable[[Situation], float | None]
    grows: bool = True
    level: bool = True
    caution: str = ""

    def needed_of(self, outcome: Outcome, *, pooled: bool = False) -> tuple[str, ...]:
        """What must be assumed of the outcome before there is a number. pooled: answers of places
        are put together."""
        if not self.level:
            return self.needs
        level = {"scale": ("spread",), "rate": ()}.get(outcome.kind or "", ("base",))
        return (*level, *self.needs, *(("between_places",) if pooled else ()))

    def may_of(self, outcome: Outcome) -> tuple[str, ...]:
        """What may be assumed of it."""
        before = outcome.kind == "scale"
        return tuple(name for name in self.may if before or name != "before_correlation")


def detectable(of: Situation) -> float | None:
    """Smallest difference that would be found (in every 100, points, times); None: none would, or
    the lot of units can never call one at this alpha. KeyError where an assumption is missing."""
    if is_forbidden(of.planned, of.sizes, of.alpha):
        return None
    for name in WAYS[of.planned].needed_of(of.outcome, pooled=of.sizes.places > 1):
        if name not in of.values:
            raise KeyError(f"{name} is not assumed")
    return _pooled(of, WAYS[of.planned].found(of))


def _pooled(of: Situation, found: float | None) -> float | None:
    """Of answers of places that are put together: effects differ between places, and t has so many
    places less one degrees of freedom. Source: Hedges and Pigott 2001; Hartung and Knapp 2001."""
    if of.sizes.places < 2 or found is None or of.outcome.kind == "rate":
        return found
    one, together = of.errors(None), of.errors(of.sizes.places - 1)
    if one is None or together is None:
        return None
    error = math.hypot(found / one, of.values["between_places"] / math.sqrt(of.sizes.places))
    return together * error


def std_error(of: Situation) -> float | None:
    """Standard error of the answer, in its unit (of a rate: of its logarithm), at the difference
    that would be found; None where none would."""
    found, times = detectable(of), standard_errors(None, alpha=of.alpha, power=of.power)
    if found is None:
        return None
    return (math.log(found) if of.outcome.kind == "rate" else found) / times


def is_forbidden(planned: Planned, sizes: Sizes, alpha: float) -> bool:
    """Whatever happens, the permutation of the units cannot call a difference at this alpha."""
    if planned == "rank":
        return True
    with_it, without = round(sizes.clusters_with), round(sizes.clusters_without)
    if planned not in LOTS:
        return False
    return min(with_it, without) < 1 or reachable(with_it, without, alpha) is None


# -- one function a way ----------------------------------------------------------------------------
def _people(of: Situation) -> float | None:
    worth = of.value("worth_percent", EVERY) / EVERY
    return _two_sides(of, Side(of.sizes.people_with), Side(worth * of.sizes.people_without), None)


def _dyads(of: Situation) -> float | None:
    sizes = of.sizes
    kept = sizes.telling
    ours = Side(kept * sizes.people_with, sizes.clusters_with)
    theirs = Side(kept * sizes.people_without, sizes.clusters_without)
    return _two_sides(of, ours, theirs, sizes.clusters - 2)


def _clusters(of: Situation) -> float | None:
    """A measure before, of people, takes no degree of freedom of the clusters."""
    sizes = of.sizes
    ours = Side(sizes.people_with, sizes.clusters_with)
    theirs = Side(sizes.people_without, sizes.clusters_without)
    return _two_sides(of, ours, theirs, sizes.clusters - 2)


def _two_sides(of: Situation, ours: Side, theirs: Side, df: float | None) -> float | None:
    """Two sides, of people by themselves or in clusters, of any kind of outcome."""
    times = of.errors(df)
    if times is None:
        return None
    alike, varied = of.value("intraclass_correlation"), of.value("size_variation")
    n, other = (
        replace(side, people=of.staying * side.people).worth(alike, varied)
        for side in (ours, theirs)
    )
    kind = of.outcome.kind
    if kind == "scale":
        left = allowed_for_before(of.spread, of.value("before_correlation"))
        return mean_difference(n, other, left, times)
    if kind == "rate":
        dispersed = of.value("over_dispersion", 1.0)
        return rate_ratio(n / dispersed, other / dispersed, times)
    by = hazard_difference if kind == "time_to_event" else share_difference
    found = by(n, other, of.values["base"] / EVERY, times, higher=of.higher)
    return None if found is None else EVERY * found


def _steps(of: Situation) -> float | None:
    """People are shared out evenly over clusters and periods, clusters over dates of start."""
    sizes, times = of.sizes, of.errors(of.sizes.clusters - 2)
    periods = round(of.values["periods"])
    treated = roll_out(sizes, round(of.values["steps"]), periods)
    if times is None or treated.sum() == 0:
        return None
    levels = Levels(of.values["intraclass_correlation"], of.values["unit_correlation"], of.spread)
    people = of.staying * sizes.people / (len(treated) * periods)
    return of.printed * times * roll_out_std_error(treated, people, levels)


def roll_out(sizes: Sizes, steps: int, periods: int) -> np.ndarray:
    """Clusters x periods of 0 and 1: those with the programme start in so many steps, evenly over
    the periods; the others never."""
    starting, never = round(sizes.clusters_with), round(sizes.clusters_without)
    step = np.arange(starting) * steps // max(starting, 1)
    first = np.round((step + 1) * periods / (steps + 1)).astype(int).clip(1, periods)
    first = np.concatenate([first, np.full(never, periods)])
    return (np.arange(periods)[None, :] >= first[:, None]).astype(float)


def _series(of: Situation) -> float | None:
    before, after = round(of.sizes.clusters_without), round(of.sizes.clusters_with)
    if min(before, after) < FEWEST_POINTS or of.sizes.people <= 0:
        return None
    times = of.errors(before + after - 4)
    a_point = of.staying * of.sizes.people / (before + after)
    dispersed = math.sqrt(of.value("over_dispersion", 1.0) / a_point)
    rate = of.outcome.kind == "rate"
    spread = dispersed * (1.0 if rate else of.spread)
    error = step_error(before, after, spread, of.values["autocorrelation"])
    if times is None:
        return None
    return math.exp(times * error) if rate else of.printed * times * error


def _gap(of: Situation) -> float | None:
    """As many with the offer before as after it, and the others shared out likewise."""
    times, sizes = of.errors(of.values["periods"] - 2), of.sizes
    others = (sizes.people - 2 * sizes.people_with) / 2
    if times is None or min(sizes.people_with, others) <= 0:
        return None
    n, other = of.staying * sizes.people_with, of.staying * others
    variance = of.value("over_dispersion", 1.0) * of.spread**2 * 2 * (1 / n + 1 / other)
    return of.printed * times * math.sqrt(variance)


def _few_units(of: Situation) -> float | None:
    sizes, times = of.sizes, of.errors(of.sizes.clusters - 2)
    if times is None:
        return None
    spread = change_spread(
        of.spread,
        of.staying * sizes.people / (2 * sizes.clusters),
        of.values["intraclass_correlation"],
        of.values["unit_correlation"],
    )
    return of.printed * times * change_error(sizes.clusters_with, sizes.clusters_without, spread)


def _rank(of: Situation) -> None:
    return None


WAYS: Mapping[Planned, Way] = {
    "people": Way(
        "people on two sides, each with its own variance",
        "Fleiss, Levin and Paik 2003; Kish 1965 for weights; of a time until something happens,"
        " Schoenfeld 1983",
        (),
        ("worth_percent", "lost_percent", "uptake_percent"),
        _people,
    ),
    "dyads": Way(
        "people on two sides within their cells, in clusters of one practitioner",
        "Eldridge, Ashby and Kerry 2006",
        ("intraclass_correlation",),
        ("size_variation", "lost_percent"),
        _dyads,
    ),
    "clusters": Way(
        "two sides of clusters drawn by lot, a measure before allowed for",
        "Eldridge, Ashby and Kerry 2006; Borm, Fransen and Lemmens 2007; of a time until something"
        " happens, Schoenfeld 1983",
        ("intraclass_correlation",),
        ("before_correlation", "size_variation", "lost_percent", "uptake_percent"),
        _clusters,
    ),
    "steps": Way(
        "clusters that start in steps",
        "Hussey and Hughes 2007; Hooper, Teerenstra, de Hoop and Eldridge 2016",
        ("intraclass_correlation", "unit_correlation", "steps", "periods"),
        ("lost_percent", "uptake_percent"),
        _steps,
        caution=(
            "The study fills in what would have been without a start, which tells less than the"
            " least squares of this formula: it will find only larger differences than these."
        ),
    ),
    "series": Way(
        "the step of a series, with points that follow on each other",
        "Wagner, Soumerai, Zhang and Ross-Degnan 2002",
        ("over_dispersion", "autocorrelation"),
        ("lost_percent",),
        _series,
        grows=False,
    ),
    "gap": Way(
        "a gap before and after beside the same gap of others",
        "Donald and Lang 2007",
        ("over_dispersion", "periods"),
        ("lost_percent",),
        _gap,
        grows=False,
    ),
    "few_units": Way(
        "the change of few units beside the scatter of the others",
        "Murray 1998",
        ("intraclass_correlation", "unit_correlation"),
        ("lost_percent",),
        _few_units,
        grows=False,
    ),
    "rank": Way(
        "a rank among the other units, and no test", "Abadie 2021", (), (), _rank, False, False
    ),
}
