"""A monitor in one place as its notebook shows it: cleared, each part computed once, on first
use."""

import math
from dataclasses import dataclass, field
from functools import cached_property

from IPython.display import display

from analysis.disclosure.suppression import cleared_flow
from analysis.display import figures
from analysis.display.drawn_lines import lines_table
from analysis.display.drawn_rounds import RoundPoint, UnitPoint, funnel_table, trend_table
from analysis.display.figures.disparity import (
    funnel_figure,
    funnel_figure_alt,
    trend_figure,
    trend_figure_alt,
)
from analysis.display.figures.ratio_chart import ratio_figure
from analysis.display.figures.ratio_lines import ratio_figure_alt
from analysis.display.group_ratios import ratio_table
from analysis.display.tables import Prose, show
from analysis.judgement.wording.figures_in_words import capital
from analysis.paths import private_folder
from analysis.plans.monitor import Measure, Monitor
from analysis.plans.registry import DRAFT, Source
from analysis.record import store
from analysis.record.record import Record
from analysis.results import Estimate
from analysis.studies.disparity import stages
from analysis.studies.disparity.checks import delivery_lines, provisional_line
from analysis.studies.disparity.counted.recodes import recode_lines
from analysis.studies.disparity.shown import rounds, tables, words
from analysis.studies.disparity.shown.chart import chart_of
from analysis.studies.disparity.shown.reading_table import reading_table
from analysis.studies.disparity.shown.years_words import is_of_rounds_that_differ, years_line
from analysis.studies.disparity.study import MonitorStudy
from analysis.studies.disparity.units import Units, units_of
from analysis.study.place_record import emit, exact_record
from analysis.vocabulary.regions import ALL, place_set

NO_UNITS = "Nothing smaller than {place} is counted here."
WITHHELD_UNITS = "Units of {place} are too small to be shown beside each other for this comparison."
NOTHING_ALLOWED = (
    "The counts hold nothing besides the {characteristic}, so that nothing is allowed for."
)
NO_TREND = "One round alone is counted, or rounds that are added up: there is no trend to show."
NOBODY_ASKED = "This monitor asks nobody for an explanation: its counts are published ones."
NOBODY_IS_ASKED = "This monitor asks nobody for an explanation."
NO_DISPARITY = "No disparity on this page asks for an explanation."
LIMIT_LINES = (
    "Rates set beside each other show where outcomes differ, and not why.",
    (
        "What goes along with what the service itself decides is no reason for a difference. The"
        " decision may be part of it."
    ),
    "A comparison with too few people or events is not a pass.",
)


@dataclass(frozen=True, eq=False)
class MonitorView:
    """What a notebook holds of one place; its cells are the methods."""

    _plan: Monitor = field(repr=False)
    place: str
    source: Source
    _study: MonitorStudy = field(repr=False)
    _dates: dict = field(repr=False)
    _hashes: dict = field(repr=False)

    @cached_property
    def _exact(self) -> Record:
        """The record; its rows rest on counts as they may be shown."""
        return exact_record(
            self._study,
            plan=self._plan,
            place=self.place,
            data_source=self.source.folder,
            round_id=DRAFT,
            dates=self._dates,
            hashes=self._hashes,
        )

    @cached_property
    def _released(self) -> Record:
        flow = (
            {}
            if self._public
            else cleared_flow(self._exact.n_in, self._exact.n_used, self._exact.excluded)
        )
        return store.validate(self._exact.with_(cleared=self._public, **flow))

    @property
    def _public(self) -> bool:
        return self._study.already_public

    @cached_property
    def _lead(self) -> tuple[Measure, str]:
        measure, group, _ = words.leading(self._plan, self._exact)
        return measure, group

    @property
    def _place(self) -> str:
        return words.place_words(self._plan, self.place)

    def answer(self) -> Prose:
        """The comparison that leads, how many others there are, and what is asked for."""
        plan, record, (measure, group) = self._plan, self._exact, self._lead
        lines = [plan.say_first or "", f"{words.headline(plan, record)}."]
        lines += [words.statement(plan, record).say, words.counted_line(plan, record)]
        lines += [words.chance_line(record), *delivery_lines(self._study)]
        lines += [
            f"You cannot say: {words.cannot_say(plan, record, measure, group)}",
            *words.explanation_lines(record),
        ]
        lines += [
            measure.caution or "",
            (plan.recorded_words and self._recorded()) or "",
            *plan.cautions,
        ]
        return Prose("\n".join(line for line in lines if line), "answer")

    def _recorded(self) -> str:
        named = " and ".join(
            self._plan.measure(key).noun for key in self._plan.recorded_by_practitioner
        )
        return f"Who records {named}: {self._plan.recorded_words}."

    def counted(self) -> None:
        """Among whom each measure is counted, by ethnic group; whose outcome is not recorded."""
        display(tables.counted_table(self._study))
        unknown = tables.unknown_table(self._study)
        sources = tables.sources_table(self._study)
        for table in (unknown, sources, reading_table(self._study)):
            if table is not None:
                display(table)

    def verdicts(self) -> None:
        """Every comparison of the page, and for each measure the ratios of the groups side by
        side."""
        table = tables.verdict_table(self._study)
        display(table)
        for measure in self._plan.measures:
            chart = chart_of(self._plan, self._exact, measure)
            if chart.has_rates:
                drawn = ratio_table(chart.lines, chart.words, beside=table)
                figure = ratio_figure(
                    drawn,
                    chart.words,
                    title=f"{self._place}: {measure.noun}, {tables.period_words(self._study)}",
                )
                show(
                    figure,
                    alt=ratio_figure_alt(drawn, chart.words),
                    table=drawn,
                    name=f"rates_{measure.id}",
                )

    def beside(self) -> None:
        """Gaps and opposite ratios, and nationally a second reference; without a verdict."""
        display(tables.beside_table(self._study))
        finer = tables.finer_table(self._study)
        if finer is not None:
            display(finer)

    def adjusted(self):
        """Crude, after allowing for what lies outside the service, and for what it decides too."""
        table = tables.adjusted_table(self._study)
        return (
            Prose(NOTHING_ALLOWED.format(characteristic=self._plan.characteristic))
            if table is None
            else table
        )

    def stages(self) -> None:
        """Stage by stage, where the measures are steps of one way; multiplied only where they may
        be."""
        if self._plan.stages is None:
            display(
                Prose(
                    "The measures of this monitor are no steps of one way: they stand side by side"
                    " above."
                )
            )
            return
        labels = [capital(self._plan.measure(key).plain) for key in self._plan.stages.measures]
        scale = figures.Scale("times", "times as often, among those who reached the stage")
        for group in self._plan.compared_groups:
            found = stages.stages_of(self._study, group)
            display(
                Prose(f"{capital(words.people_from(group, self._plan.person))}. {found.together}")
            )
            if any(row.status == "estimated" for row in found.rows):
                title = (
                    f"{self._place}: {group} beside {self._plan.groups.reference}, stage by stage"
                )
                drawn = lines_table(found.rows, labels, beside=found.table)
                figure = figures.outcome_figure(drawn, scale, title=title)
                alt = figures.outcome_figure_alt(drawn, scale)
                show(figure, alt=alt, table=drawn, name=f"stages_{group.lower()}")
            display(found.table)

    def trend(self) -> None:
        """The comparison that leads, round by round, and its measure for every group; every year of
        those added up."""
        pooled = [
            (m, g) for m in self._plan.measures if m.pool_rounds for g in self._plan.compared_groups
        ]
        wanted = pooled if self._lead[0].pool_rounds else [self._lead, *pooled]
        shown = [pair for pair in wanted if len(self._study.history(*pair)) > 1]
        if not shown:
            display(Prose(NO_TREND))
        for measure, group in shown:
            self._trend_of(measure, group)
        for line in recode_lines(self._exact):
            display(Prose(line))
        leads = self._lead[0]
        if self._lead in shown and not leads.pool_rounds:
            display(rounds.groups_table(self._study, leads))

    def _trend_of(self, measure: Measure, group: str) -> None:
        study, table = self._study, rounds.rounds_table(self._study, measure, group)
        chart, points = study.chart(measure, group), []
        for k, one in enumerate(study.history(measure, group)):
            limits = chart.rounds[k] if chart is not None else None
            ends = (
                None if limits is None else (math.exp(limits.low_99_8), math.exp(limits.high_99_8))
            )
            if isinstance(one.result, Estimate):
                value = (one.result.value, one.result.conf_low, one.result.conf_high)
            else:
                value = (None, None, None)
            flagged = limits is not None and (limits.outside_99_8 or limits.run)
            points.append(
                RoundPoint(
                    one.round, *value, ends, one.round in study.provisional, flagged, one.delivered
                )
            )
        centre = (
            self._pooled(measure, group)
            if measure.pool_rounds
            else chart and math.exp(chart.centre)
        )
        title = f"{self._place}: {measure.noun}, {group} beside {self._plan.groups.reference}"
        drawn = trend_table(points, centre=centre, beside=table)
        band = (self._plan.band.low, self._plan.band.high)
        figure, name = trend_figure(drawn, band=band, title=title), f"trend_{measure.id}"
        alt = trend_figure_alt(drawn)
        show(figure, alt=alt, table=drawn, name=f"{name}_{group.lower()}")
        display(table)
        if broken := words.break_lines(self._plan, study.counts.starts[0], study.counts.ends[-1]):
            display(Prose(" ".join(broken)))
        agreed = years_line(self._exact, measure.id, group)
        if agreed:
            display(Prose(agreed))

    def _pooled(self, measure: Measure, group: str) -> float | None:
        """The ratio of all years added up, where they agree: otherwise it is not drawn."""
        row = words.answer_row(self._plan, self._exact, measure, group)
        return (
            row.value if row.status == "estimated" and not is_of_rounds_that_differ(row) else None
        )

    def units(self) -> None:
        """Delivery units, prisons or regions: which stand apart by more than chance, for the
        comparison that leads."""
        measure, group = self._lead
        units = units_of(self._study, measure, group)
        if units is None:
            counted = not self._study.counts.by_unit.empty
            display(Prose((WITHHELD_UNITS if counted else NO_UNITS).format(place=self._place)))
            return
        names = self._unit_names(units)
        table = rounds.units_table(self._study, measure, group, units, names)
        points = [
            UnitPoint(
                names[line.name],
                line.expected,
                line.ratio,
                line.limits.low_95,
                line.limits.high_95,
                line.limits.low_99_8,
                line.limits.high_99_8,
                line.position,
            )
            for line in units.lines
            if line.limits is not None and line.ratio is not None
        ]
        many = tables.unit_names(self._study)[1]
        if len(points) > 2:
            title = (
                f"{self._place}: {measure.noun}, {group}, by {tables.unit_names(self._study)[0]}"
            )
            drawn = funnel_table(points, target=units.target, beside=table)
            figure = funnel_figure(drawn, units=many, title=title)
            show(figure, alt=funnel_figure_alt(drawn, units=many), table=drawn, name="units")
        display(table)

    def _unit_names(self, units: Units) -> dict[str, str]:
        kind = place_set(self._plan.data.places)
        known = {place.id: place.name for place in kind.places} if self.place == ALL else {}
        return {line.name: known.get(line.name, line.name) for line in units.lines}

    def explain(self) -> None:
        """Explain or reform: what was asked, of which role, and what came; what changed since the
        last round."""
        register = rounds.register_table(self._study)
        nobody = NOBODY_ASKED if self._public else NOBODY_IS_ASKED
        none = NO_DISPARITY if self._plan.explain_or_reform else nobody
        display(Prose(none) if register is None else register)
        changes = rounds.changes_table(self._study)
        if changes is not None:
            display(changes)
        if self._study.provisional:
            display(Prose(provisional_line(self._study)))

    def limits(self) -> Prose:
        """What this kind of comparison can say here, and what it cannot."""
        cautions = dict.fromkeys(capital(m.caution) for m in self._plan.measures if m.caution)
        return Prose("\n".join([*LIMIT_LINES, *cautions]))

    def record(self) -> None:
        """Emit the record; write it where the runner named a private folder."""
        if (folder := private_folder()) is not None:
            store.write(store.validate(self._exact), folder / "record.json")
        emit(self._released)
