"""People who are counted quarter by quarter, and adverse outcomes with planted relative rates
(params/synthetic.yml, `monitors`).

Factors multiply: a group's factor is its true relative rate among people alike in everything else.
Minority ethnic people are younger and stand in higher tiers, so that the crude relative rate is
larger than what is planted (naive_factor); who has had an event once is likelier to have another
(frailty), so that an interval that takes events as independent is too narrow. How much, stands in
caseload.py and prisons.py; tests/test_synthetic_monitors.py holds it true.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.synthetic.monitors.planted_monitors import Adverse, Monitors, Service
from analysis.synthetic.planted import GROUPS, MINORITIES, Planted
from analysis.synthetic.supervision.supervision import draw_rows, ethnicity_codes, group_shares

DAYS_IN_MONTH = 365.25 / 12
GROWS_FROM = 5  # the quarter from which a planted growth counts
MISSING_KINDS = {"not_stated": 0.4, "refused": 0.1, "not_recorded": 0.5}
RISING = (
    ("low", "medium", "high", "very_high"),
    (
        "open",
        "trainer",
        "high",
    ),
)  # scales on which a tilt by group works


@dataclass(frozen=True, eq=False)
class Stays:
    """Rows of a person in a quarter. person, quarter: numbers; days in it; whether the stay began,
    or ended, in it."""

    person: np.ndarray
    quarter: np.ndarray
    days: np.ndarray
    began: np.ndarray
    ended: np.ndarray


def quarter_starts(monitors: Monitors) -> pd.DatetimeIndex:
    """First day of each quarter that is counted."""
    return pd.date_range(monitors.first_quarter, periods=monitors.quarters, freq="QS")


def stays(
    rng: np.random.Generator, monitors: Monitors, *, stock: int, mean_quarters: float
) -> Stays:
    """About `stock` people at any time: exponential lengths of stay, starts spread evenly, cut to
    the quarters counted."""
    starts = quarter_starts(monitors)
    edges = np.append(
        (starts - starts[0]).days,
        (starts[-1] + pd.offsets.QuarterBegin(startingMonth=1) - starts[0]).days,
    )
    mean = mean_quarters * 91.3
    lead = mean * 4  # people who began before the first quarter
    people = max(round(stock * (edges[-1] + lead) / mean), 1)
    begin = rng.uniform(-lead, edges[-1], people).astype(int)
    end = begin + np.ceil(rng.exponential(mean, people)).astype(int)
    alive = np.flatnonzero(end > 0)
    person, quarter = np.meshgrid(alive, np.arange(monitors.quarters), indexing="ij")
    low, high = edges[quarter], edges[quarter + 1]
    days = np.minimum(end[person], high) - np.maximum(begin[person], low)
    here = days > 0
    person, quarter, days, low, high = (a[here] for a in (person, quarter, days, low, high))
    renumbered = np.unique(person, return_inverse=True)[1]
    return Stays(renumbered, quarter, days, begin[person] >= low, end[person] <= high)


def make_people(
    rng: np.random.Generator,
    truth: Planted,
    region: str,
    service: Service,
    *,
    people: int,
    minority: dict[str, float],
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """One row a person with recorded characteristics; beside it the true group (number in GROUPS)
    and the unit."""
    monitors = truth.monitors
    diversity = np.linspace(-1, 1, service.units) * monitors.unit_diversity
    unit = rng.integers(0, service.units, people)
    group = draw_rows(rng, group_shares(minority, diversity)[unit])
    missing = (
        rng.random(people) < np.array([service.ethnicity_missing[name] for name in GROUPS])[group]
    )
    table = {"ethnicity": ethnicity_codes(rng, group, missing, MISSING_KINDS)}
    for column, shares in service.shares.items():
        table[column] = tilted(rng, shares, _tilt(monitors, column, tuple(shares), group))
    return pd.DataFrame(table), group, unit


def _tilt(
    monitors: Monitors, column: str, values: tuple[str, ...], group: np.ndarray
) -> np.ndarray:
    """Log odds of each value by person: younger ages, and higher tiers, by group."""
    steps = np.arange(len(values), dtype=float)
    if column == "age_band":
        return np.array([monitors.younger[name] for name in GROUPS])[group][:, None] * -steps
    if values in RISING:
        return np.array([monitors.riskier[name] for name in GROUPS])[group][:, None] * steps
    return np.zeros((len(group), len(values)))


def tilted(rng: np.random.Generator, shares: dict[str, float], tilt: np.ndarray) -> np.ndarray:
    """One word of `shares` for each row of `tilt` (log odds added)."""
    weights = np.array(list(shares.values())) * np.exp(tilt)
    return np.array(list(shares))[draw_rows(rng, weights / weights.sum(axis=1, keepdims=True))]


def characteristics_factor(truth: Adverse, people: pd.DataFrame) -> np.ndarray:
    """What multiplies the rate of each person for age, sex, sentence or offence, and tier
    (times)."""
    times = np.ones(len(people))
    for column, factors in truth.by.items():
        times = times * people[column].map(factors).to_numpy(dtype=float)
    return times


def naive_factor(monitors: Monitors, service: Service, truth: Adverse, group: str) -> float:
    """Crude relative rate of a group divided by the planted one (times): what its ages and tiers
    bring by themselves."""
    factor = 1.0
    for column, shares in service.shares.items():
        steps = _tilt(monitors, column, tuple(shares), np.array([GROUPS.index(group), 0]))
        weights = np.array(list(shares.values())) * np.exp(steps)
        times = np.array([truth.by.get(column, {}).get(value, 1.0) for value in shares])
        own, reference = weights @ times / weights.sum(axis=1)
        factor *= own / reference
    return float(factor)


def group_factor(truth: Adverse, group: np.ndarray, place: str, quarter: np.ndarray) -> np.ndarray:
    """What multiplies the rate of each row for the group, as planted in this place and quarter
    (times)."""
    own = np.array([(truth.group | truth.places.get(place, {}))[name] for name in GROUPS])
    growth = np.array([truth.growth.get(place, {}).get(name, 0.0) for name in GROUPS])
    return own[group] + growth[group] * np.maximum(quarter + 2 - GROWS_FROM, 0)


def ids(code: str, letter: str, n: int) -> np.ndarray:
    """`n` pseudonyms: initials of the region, a letter for the table, a number."""
    return np.array([f"{code}-{letter}-{number:06d}" for number in range(1, n + 1)])


def unit_factor(rng: np.random.Generator, truth: Adverse, units: int) -> np.ndarray:
    """What each unit adds for everyone in it (times, around 1)."""
    return np.exp(rng.uniform(-1, 1, units) * truth.unit_spread)


def frailty(rng: np.random.Generator, truth: Adverse, people: int) -> np.ndarray:
    """A factor of 1 on average that each person keeps."""
    if not truth.frailty:
        return np.ones(people)
    return rng.gamma(1 / truth.frailty, truth.frailty, people)


def events(
    rng: np.random.Generator, truth: Adverse, times: np.ndarray, days: np.ndarray
) -> np.ndarray:
    """Number of events in so many days."""
    return rng.poisson(truth.base * times * days / DAYS_IN_MONTH)


def happened(rng: np.random.Generator, truth: Adverse, times: np.ndarray) -> np.ndarray:
    """Whether the adverse outcome happened, 0 or 1."""
    return (rng.random(len(times)) < np.minimum(truth.base * times, 0.995)).astype(int)


def minority_shares(truth: Planted, region: str) -> dict[str, float]:
    """Shares of minority ethnic groups among the region's people on probation."""
    return {name: truth.regions[region].people_share[name] for name in MINORITIES}


def initials(region: str) -> str:
    """Short name of a region, in every identifier."""
    return "".join(word[0] for word in region.split("_")).upper() + region[-1].upper()
