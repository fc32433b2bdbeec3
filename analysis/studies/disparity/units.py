"""Delivery units, prisons or regions inside a place: how often the event was, beside what the
reference rate gives.

O events against E = the group's people (or time) in the unit times the rate of the reference group
in the whole place. Units are compared with the place's own ratio by funnel limits, and drawn
towards it: by the law of shares (binomial, beta-binomial) where people are counted, so that an
event and its opposite flag the same units; by that of events over time (Poisson, gamma-Poisson)
elsewhere. A unit stands in it only where its counts, the place's and those of the other units
together give nothing back.
"""

from dataclasses import astuple, dataclass, replace

import numpy as np
import pandas as pd

from analysis.disclosure.codings import ALL_UNITS
from analysis.disclosure.geography import shown_units
from analysis.disparity.funnel_limits import Funnel, Limits, funnel_of_proportions, funnel_of_ratios
from analysis.disparity.small_area import ShrunkenAreas, shrunken_rates, shrunken_risks
from analysis.extracts.counts.counts import SUMS
from analysis.plans.monitor import Measure
from analysis.results import NotEstimable
from analysis.studies.disparity import cells as shown
from analysis.studies.disparity.counted.counts import TOGETHER
from analysis.studies.disparity.protected.names import At, follower
from analysis.studies.disparity.study import MonitorStudy
from analysis.vocabulary.regions import ALL

WHERE = "{what}: {measure}"


@dataclass(frozen=True)
class UnitLine:
    """One unit of a group: people, events (in fives), expected events, O/E raw and shrunken (times)
    and where it lies.

    Everything but the name is None where the unit is withheld. position: inside, outside_95,
    outside_99_8.
    """

    name: str
    people: int | None = None
    events: int | None = None
    expected: float | None = None
    ratio: float | None = None
    shrunken: tuple[float, float, float] | None = None
    limits: Limits | None = None
    position: str | None = None


@dataclass(frozen=True)
class Units:
    """All units by name. target: O/E of the whole place (times); overdispersion as in the
    funnel."""

    lines: tuple[UnitLine, ...]
    target: float
    overdispersion: str
    differ: bool | None  # the likeliest variance between units is above 0; None: too few units


def units_of(study: MonitorStudy, measure: Measure, group: str) -> Units | None:
    """Units of one measure and group over the plan's last rounds; None where there are none, or the
    place shows nothing."""
    counts = study.counts.by_unit
    counts = counts[counts["measure"] == measure.id]
    if counts.empty:
        return None
    reference = _whole(study, measure)
    own = counts[counts["group"] == group].set_index("unit")
    if reference is None or own.empty:
        return None
    cells = _cells(study, measure, group, own)
    lines = [(name, cell) for name, cell in sorted(cells.items())]
    kept = [(name, cell) for name, cell in lines if cell is not None]
    if not kept:
        return None
    observed = np.array([cell.events for _, cell in kept], dtype=float)
    base = np.array([cell.base for _, cell in kept], dtype=float)
    expected = base * reference
    target = float(observed.sum() / expected.sum())
    funnel, areas = laws_of(measure, observed, base, reference)
    known = {
        name: _line(name, cell, e, k, funnel, areas)
        for k, ((name, cell), e) in enumerate(zip(kept, expected, strict=True))
    }
    differ = areas.differ if isinstance(areas, ShrunkenAreas) else None
    dispersion = funnel.overdispersion if isinstance(funnel, Funnel) else "too_few_units"
    return Units(
        tuple(known.get(name, UnitLine(name)) for name, _ in lines), target, dispersion, differ
    )


def laws_of(measure: Measure, observed: np.ndarray, base: np.ndarray, reference: float):
    """Funnel and shrunken values of units, in times the reference rate; either may not be
    estimable.

    `base`: people of a share, person-time of a rate. Limits of events over time would be 1 / sqrt(1
    - share) too wide for shares: 1.9 times at 73 in every 100.
    """
    if measure.kind == "rate":
        expected = base * reference
        target = float(observed.sum() / expected.sum())
        return funnel_of_ratios(observed, expected, target=target), shrunken_rates(
            observed, expected
        )
    funnel, areas = funnel_of_proportions(observed, base), shrunken_risks(observed, base)
    return _in_times(funnel, reference), _shrunken_in_times(areas, reference)


def _in_times(funnel: Funnel | NotEstimable, reference: float) -> Funnel | NotEstimable:
    """A funnel of shares with values and limits divided by the reference rate."""
    if not isinstance(funnel, Funnel):
        return funnel

    def limits(found: Limits) -> Limits:
        return Limits(*(end / reference for end in astuple(found)))

    units = tuple(
        unit
        and replace(
            unit,
            value=unit.value / reference,
            limits=limits(unit.limits),
            adjusted_limits=limits(unit.adjusted_limits),
        )
        for unit in funnel.units
    )
    return replace(funnel, target=funnel.target / reference, units=units)


def _shrunken_in_times(
    areas: ShrunkenAreas | NotEstimable, reference: float
) -> ShrunkenAreas | NotEstimable:
    """Shrunken shares divided by the reference rate."""
    if not isinstance(areas, ShrunkenAreas):
        return areas
    names = ("raw", "shrunken", "conf_low", "conf_high")

    def times(area):
        own = {name: getattr(area, name) for name in names}
        return replace(
            area, **{name: None if x is None else x / reference for name, x in own.items()}
        )

    whole = {"common": areas.common / reference, "spread": areas.spread / reference}
    return replace(areas, **whole, areas=tuple(map(times, areas.areas)))


def _of_measure(study: MonitorStudy, measure: Measure | None, group: str) -> pd.DataFrame | None:
    """Units of one measure and group, by name."""
    if measure is None:
        return None
    counts = study.counts.by_unit
    own = counts[(counts["measure"] == measure.id) & (counts["group"] == group)]
    return own.set_index("unit")[list(SUMS)]


def _whole(study: MonitorStudy, measure: Measure) -> float | None:
    """Rate of the reference group in the whole place, from counts that may be shown."""
    reference, after = study.plan.groups.reference, follower(study.plan, measure)
    counts = _of_measure(study, measure, reference)
    if counts is None or counts.empty:
        return None
    then = _of_measure(study, after, reference)
    there = WHERE.format(what="expected events of units", measure=measure.noun)
    cell = study.clearing.cell(
        measure,
        reference,
        {name: float(number) for name, number in counts.sum().items()},
        At(study.place, study.counts.unit_period, unit=ALL_UNITS, where=there),
        next_people=None if then is None else int(then["persons"].sum()),
        apart=False,
    )
    return cell.events / cell.base if cell.is_shown and cell.events else None


def _cells(
    study: MonitorStudy, measure: Measure, group: str, own: pd.DataFrame
) -> dict[str, shown.Cell | None]:
    """Each unit as it may be shown beside the others and the place; None: withheld."""
    then = _of_measure(study, follower(study.plan, measure), group)
    cells = {}
    stand = _standing(own, public=study.already_public)
    there = WHERE.format(what="units", measure=measure.noun)
    for name, row in shown.sums_by_name(own).items():
        cell = study.clearing.cell(
            measure,
            group,
            row,
            replace(unit_at(study, str(name)), where=there),
            next_people=None if then is None else int(then["persons"].get(name, 0)),
            apart=name not in stand,
        )
        cells[name] = cell if study.already_public or cell.is_shown else None
    return cells


def unit_at(study: MonitorStudy, unit: str) -> At:
    """Where the counts of a unit stand. A place that is a unit of the nation has the name of that
    place over one quarter; over several a person who moved may stand under another group."""
    period = study.counts.unit_period
    one_quarter = study.plan.round.length == "quarter" and TOGETHER not in period
    if study.place == ALL and one_quarter:
        return At(unit, period)
    return At(study.place, period, unit=unit)


def _standing(own: pd.DataFrame, *, public: bool) -> frozenset[str]:
    """Units whose counts give back none of another (S4)."""
    if public:
        return frozenset(own.index)
    people, events = own["persons"].astype(int), own["persons_with_event"].astype(int)
    return frozenset.intersection(
        *(shown_units(counts.to_dict()) for counts in (people, events, people - events))
    )


def _line(name: str, cell: shown.Cell, expected: float, k: int, funnel, areas) -> UnitLine:
    unit = funnel.units[k] if isinstance(funnel, Funnel) else None
    # S10: no shrunken rate of a unit under 30 people
    area = areas.areas[k] if isinstance(areas, ShrunkenAreas) and not cell.few else None
    return UnitLine(
        name,
        cell.people,
        cell.events,
        float(expected),
        None if unit is None else unit.value,
        None if area is None else (area.shrunken, area.conf_low, area.conf_high),
        None if unit is None else unit.adjusted_limits,
        None if unit is None else unit.position,
    )
