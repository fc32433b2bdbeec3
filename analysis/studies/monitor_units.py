"""Delivery units, prisons or regions inside a place: how often the adverse outcome was, beside what the reference rate gives.

O events against E = the group's people (or time) in the unit times the rate of the reference group in the whole place.
Units are compared with the place's own ratio by funnel limits, and drawn towards it (gamma-Poisson). A unit stands in it
only where its counts, the place's and those of the other units together give nothing back.
"""

from dataclasses import dataclass

import numpy as np

from analysis.disclosure.geography import shown_units
from analysis.disparity.funnel_limits import Funnel, Limits, funnel_of_ratios
from analysis.disparity.small_area import ShrunkenAreas, shrunken_rates
from analysis.plans.monitor import Measure
from analysis.studies import monitor_cells as shown
from analysis.studies.monitor import MonitorStudy


@dataclass(frozen=True)
class UnitLine:
    """One unit of a group: people, events (in fives), expected events, O/E raw and shrunken (times) and where it lies.

    Everything but the name is None where the unit is withheld. position: inside, outside_95, outside_99_8.
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
    """All units by name. target: O/E of the whole place (times); overdispersion as in the funnel."""

    lines: tuple[UnitLine, ...]
    target: float
    overdispersion: str
    differ: bool | None  # the likeliest variance between units is above 0; None: too few units


def units_of(study: MonitorStudy, measure: Measure, group: str) -> Units | None:
    """Units of one measure and group over the plan's last rounds; None where there are none, or the place shows nothing."""
    counts = study.counts.by_unit
    counts = counts[counts["measure"] == measure.id]
    if counts.empty:
        return None
    reference = _whole(counts[counts["group"] == study.plan.groups.reference], measure)
    own = counts[counts["group"] == group].set_index("unit")
    if reference is None or own.empty:
        return None
    cells = _cells(measure, group, own, public=study.already_public)
    lines = [(name, cell) for name, cell in sorted(cells.items())]
    kept = [(name, cell) for name, cell in lines if cell is not None]
    if not kept:
        return None
    observed = np.array([cell.events for _, cell in kept], dtype=float)
    expected = np.array([cell.base for _, cell in kept], dtype=float) * reference
    target = float(observed.sum() / expected.sum())
    funnel, areas = funnel_of_ratios(observed, expected, target=target), shrunken_rates(observed, expected)
    known = {
        name: _line(name, cell, e, k, funnel, areas)
        for k, ((name, cell), e) in enumerate(zip(kept, expected, strict=True))
    }
    differ = areas.differ if isinstance(areas, ShrunkenAreas) else None
    return Units(tuple(known.get(name, UnitLine(name)) for name, _ in lines), target, funnel.overdispersion, differ)


def _whole(counts, measure: Measure) -> float | None:
    """Rate of the reference group in the whole place, from counts that may be shown."""
    if counts.empty:
        return None
    total = counts.drop(columns=["measure", "unit", "group"]).sum().to_frame().T
    cell = shown.cells(measure, total.set_index([["reference"]]), ("reference",), public=False)["reference"]
    return cell.events / cell.base if cell.is_shown and cell.events else None


def _cells(measure: Measure, group: str, own, *, public: bool) -> dict[str, shown.Cell | None]:
    """Each unit as it may be shown beside the others and the place; None: withheld."""
    cells = {
        name: shown.cells(measure, own.loc[[name]].set_index([[group]]), (group,), public=public)[group]
        for name in own.index
    }
    if public:
        return cells
    people, events = own["persons"].astype(int), own["persons_with_event"].astype(int)
    stand = frozenset.intersection(*(shown_units(counts.to_dict()) for counts in (people, events, people - events)))
    return {name: cell if cell.is_shown and name in stand else None for name, cell in cells.items()}


def _line(name: str, cell: shown.Cell, expected: float, k: int, funnel: Funnel, areas) -> UnitLine:
    unit = funnel.units[k]
    # S10: no shrunken rate of a unit under 30 people
    area = areas.areas[k] if isinstance(areas, ShrunkenAreas) and not cell.few else None
    return UnitLine(
        name, cell.people, cell.events, float(expected), None if unit is None else unit.value,
        None if area is None else (area.shrunken, area.conf_low, area.conf_high),
        None if unit is None else unit.adjusted_limits, None if unit is None else unit.position,
    )  # fmt: skip
