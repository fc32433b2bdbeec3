"""What is assumed of an outcome, each with its source; and where it is missing, the values over
which an answer is shown instead of one number."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from analysis.plans.plan import Outcome, Plan
from analysis.protocol.formulas import WAYS
from analysis.protocol.planned import is_pooled, planned_of, planned_outcome

# Shown where nobody has written an assumption down: no value is taken for the likely one.
GRID: Mapping[str, tuple[float, ...]] = {
    "base": (10, 20, 30),
    "intraclass_correlation": (0, 0.01, 0.05),
    "over_dispersion": (1, 2),
    "autocorrelation": (0, 0.3),
    "unit_correlation": (0.5, 0.9),
    "between_places": (0, 0.5),  # as a share of the size that matters
    "steps": (4,),
    "periods": (8,),
}
OF_THE_SCALE = (0.15, 0.2, 0.25)  # a spread, as shares of the scale's width
# The same as headings of columns, where several are shown beside each other.
HEADINGS: Mapping[str, str] = {
    "base": "Have the event",
    "spread": "Spread of people",
    "intraclass_correlation": "Alike in a cluster",
    "unit_correlation": "Level of a unit lasts",
    "between_places": "Places differ by",
    "over_dispersion": "Over-dispersion",
    "autocorrelation": "Points alike",
    "steps": "Dates of start",
    "periods": "Periods",
}
WORDS: Mapping[str, str] = {
    "base": "how many in every 100 have the event, without the programme",
    "spread": "standard deviation of people",
    "intraclass_correlation": "correlation of people in one cluster",
    "before_correlation": "correlation of the measure before and after",
    "unit_correlation": "correlation of a unit's level before and after",
    "between_places": "standard deviation of the effect between places",
    "size_variation": "variation of cluster sizes, standard deviation over mean",
    "worth_percent": "worth of every 100 people compared with, once weighted to be alike",
    "lost_percent": "lost, of every 100 people",
    "uptake_percent": "take part, of every 100 people who are offered it",
    "over_dispersion": "variance between periods, times that of chance alone",
    "autocorrelation": "correlation of one period with the next",
    "steps": "dates of start",
    "periods": "periods measured",
}


@dataclass(frozen=True)
class Assumption:
    """One assumption: its name, value and source."""

    name: str
    value: float
    source: str

    @property
    def words(self) -> str:
        return WORDS[self.name]


@dataclass(frozen=True)
class Assumed:
    """All that is assumed of one outcome, and what it would still need."""

    given: tuple[Assumption, ...]
    missing: tuple[str, ...]

    @property
    def values(self) -> dict[str, float]:
        return {one.name: one.value for one in self.given}

    @property
    def is_complete(self) -> bool:
        return not self.missing

    def over_the_grid(self, outcome: Outcome) -> Iterator[dict[str, float]]:
        """Every choice of what is missing; one empty choice where nothing is."""
        for values in product(*(grid(name, outcome) for name in self.missing)):
            yield dict(zip(self.missing, values, strict=True))


def grid(name: str, outcome: Outcome) -> tuple[float, ...]:
    """The values that are shown of what is missing."""
    if name == "between_places":
        return tuple(share * outcome.size for share in GRID[name])
    if name != "spread":
        return GRID[name]
    low, high = outcome.scale or (0.0, 1.0)
    return tuple(round(share * (high - low), 3) for share in OF_THE_SCALE)


def assumed(plan: Plan, outcome: Outcome, said: tuple[Assumption, ...] = ()) -> Assumed:
    """What the protocol assumes, and in its place what is said on the command line."""
    way = WAYS[planned_of(plan)]
    needed = way.needed_of(outcome, pooled=is_pooled(plan))
    asked = (*needed, *way.may_of(outcome))
    written = {
        name: Assumption(name, one.value, one.source)
        for name, one in planned_outcome(plan.study, outcome.id).given.items()
    }
    found = written | {one.name: one for one in said}
    given = tuple(found[name] for name in asked if name in found)
    return Assumed(given, tuple(name for name in needed if name not in found))
