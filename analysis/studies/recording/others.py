"""What people whose group is not recorded could do to the leading measure of every other monitor.

The tables of the other monitors are read, and not their records, so that data flow one way. All
places are counted together: what is not recorded is few in one place, and the numbers of a place
would stand beside those of its own page. Bounds and tipping points are worked out from counts as
they may be shown, imputation from exact ones and then cleared, as other model results are.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from analysis.disclosure.suppression import clear_estimate
from analysis.disparity.missing_groups import (
    Asked,
    Side,
    Tipping,
    WithUnrecorded,
    imputed_ratio,
    ratio_bounds,
    tipping_point,
)
from analysis.errors import DataError, ParameterError
from analysis.extracts.counts.counts import NOT_KNOWN
from analysis.extracts.tables.contracts import CONTRACTS
from analysis.inference.missing import Bounds
from analysis.inference.randomisation import seed_for
from analysis.plans.kinds import kind_of
from analysis.plans.monitor import Measure, Monitor
from analysis.plans.registry import list_plans
from analysis.plans.study_plan import StudyPlan
from analysis.results import Estimate, Result
from analysis.studies.disparity import cells as shown
from analysis.studies.disparity.counted.counts import exposure
from analysis.studies.disparity.opening import counts_of
from analysis.studies.disparity.study import MonitorStudy
from analysis.studies.recording.study import RecordingStudy
from analysis.vocabulary.regions import ALL


@dataclass(frozen=True, eq=False)
class Other:
    """The leading measure of one monitor, over all places."""

    study: MonitorStudy

    @property
    def plan(self) -> Monitor:
        return self.study.plan

    @property
    def measure(self) -> Measure:
        return self.plan.measure(self.plan.leads.measure)

    @cached_property
    def unrecorded(self) -> shown.Cell:
        """Those whose group is not known, with their events, as they may be shown."""
        rows = shown.sums_by_name(self.study.counts.newest(self.measure))
        at = self.study.at(self.measure, None)
        clear = self.study.clearing.cell
        return clear(
            self.measure, NOT_KNOWN, rows.get(NOT_KNOWN), at, next_people=None, apart=False
        )

    def counts(self, group: str) -> WithUnrecorded | None:
        """The comparison from counts as they may be shown; None where one is withheld."""
        cells = self.study.cells(self.measure)
        pair = (cells[group], cells[self.plan.groups.reference])
        if not all(cell.is_shown for cell in (*pair, self.unrecorded)):
            return None
        rest = [c for name, c in cells.items() if c not in pair and c.is_shown]
        sides = [_side(cell) for cell in pair]
        others = Side(sum(c.events for c in rest), sum(c.base for c in rest))
        carried = 0.0 if self.measure.of_days else 1.0
        return WithUnrecorded(*sides, others, _side(self.unrecorded), carried)

    def recorded(self, group: str) -> Result:
        """The ratio among the recorded."""
        return shown.relative_rate(self.measure, *self.study.pair(self.measure, group))

    def bounds(self, group: str) -> Bounds | None:
        """What holds whoever the unrecorded are."""
        counts = self.counts(group)
        return None if counts is None else ratio_bounds(counts)

    def imputed(self, group: str) -> Result | None:
        """The ratio where the unrecorded are like the recorded who are alike in what is recorded;
        None where counts are withheld."""
        if self.counts(group) is None:
            return None
        rows = self.study.counts.by_stratum
        rows = rows[rows["measure"] == self.measure.id]
        rows = rows.assign(base=exposure(self.measure, rows["base"]))
        pair = self.study.pair(self.measure, group)
        asked = Asked(
            group,
            self.plan.groups.reference,
            NOT_KNOWN,
            self.measure.kind,
            (pair[0].inflation, pair[1].inflation),
        )
        allowed = self.plan.adjust_for
        strata = [*allowed.outside, *allowed.service_decided]
        seed = seed_for(self.plan.study, self.measure.id, group)
        found = imputed_ratio(rows, strata, asked, seed=seed)
        return clear_estimate(found, clearance=self.study.clearance)

    def tipping(self, group: str) -> Tipping | None:
        """Where the verdict on this comparison changes; None where counts are withheld, or nobody
        unrecorded had the event."""
        counts = self.counts(group)
        if counts is None:
            return None
        pair = self.study.pair(self.measure, group)
        return tipping_point(counts, lambda one, other: self._verdict(pair, one, other))

    def _verdict(self, pair: tuple[shown.Cell, shown.Cell], one: Side, other: Side) -> str:
        """The verdict on two sides, by this comparison alone, with its direction where it has
        one."""
        cells = [
            _with(cell, side, self.measure) for cell, side in zip(pair, (one, other), strict=True)
        ]
        found = shown.relative_rate(self.measure, *cells)
        p = found.p_value if isinstance(found, Estimate) else None
        verdict = shown.verdict_on(self.plan, self.measure, *cells, p_adjusted=p)
        return verdict.name


def _side(cell: shown.Cell) -> Side:
    return Side(float(cell.events), float(cell.base))


def _with(cell: shown.Cell, side: Side, measure: Measure) -> shown.Cell:
    """The cell with other numbers: whole people of a share."""
    events = round(side.events)
    base = max(round(side.base), events) if measure.kind == "share" else side.base
    people = base if measure.kind == "share" else cell.people
    return replace(cell, people=people, events=events, base=base)


def others_of(study: RecordingStudy) -> Iterator[Other]:
    """Every other monitor of persons whose tables are in the source, over all places."""
    for plan in list_plans():
        if not _counts_persons(plan, study):
            continue
        own = _by_table(plan)
        try:
            counts = counts_of(own, ALL, study.source)[0]
        except (DataError, ParameterError):
            continue  # an extract of other services
        yield Other(MonitorStudy(own, ALL, counts, None, hidden=study.hidden))


def _counts_persons(plan: StudyPlan, study: RecordingStudy) -> bool:
    """A monitor whose own table counts people, of the same source and coding."""
    return (
        kind_of(plan).plan == kind_of(study.plan).plan
        and plan.study != study.plan.study
        and plan.table in CONTRACTS
        and study.source.name in plan.data.sources
        and plan.groups.coding == study.plan.groups.coding
    )


def _by_table(plan: Monitor) -> Monitor:
    """The plan with the table of each measure said, so that equal names of columns in two tables
    are two numbers."""
    measures = tuple(m.model_copy(update={"table": m.table or plan.table}) for m in plan.measures)
    return plan.model_copy(update={"measures": measures})
