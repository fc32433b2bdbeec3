"""What the verbs show of a monitor in one place: plain functions that return cleared sections."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

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
from analysis.display.prose import Prose
from analysis.display.section import Chart, Section
from analysis.judgement.wording.figures_in_words import capital
from analysis.plans.monitor import Measure, Monitor
from analysis.record import store
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.results import Estimate, Table
from analysis.said.texts import joined, together
from analysis.sections.comparison import Comparison, tidy
from analysis.sections.opened import Opened
from analysis.sections.shows import ETHNIC_GROUP, EVERY, Asked, Shows, Way
from analysis.studies.disparity import stages as stages_of_way
from analysis.studies.disparity.checks import delivery_lines, provisional_line
from analysis.studies.disparity.counted.recodes import recode_lines
from analysis.studies.disparity.shown import rounds, tables, words
from analysis.studies.disparity.shown.chart import chart_of
from analysis.studies.disparity.shown.reading_table import reading_table
from analysis.studies.disparity.shown.series_section import series_parts
from analysis.studies.disparity.shown.years_words import is_of_rounds_that_differ, years_line
from analysis.studies.disparity.study import MonitorStudy
from analysis.studies.disparity.units import Units, units_of
from analysis.vocabulary.ethnicity import of_group
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
NO_STAGES = "The measures of this monitor are no steps of one way: they stand side by side above."
NO_FINER = "There is no second reference here: only all places at once are counted finer."
NOT_CHECKED = "Nothing is checked here beyond what each row says."
LIMIT_LINES = (
    "Rates set beside each other show where outcomes differ, and not why.",
    (
        "What goes along with what the service itself decides is no reason for a difference. The"
        " decision may be part of it."
    ),
    "A comparison with too few people or events is not a pass.",
)
ALWAYS = {None: (), ETHNIC_GROUP: ()}  # a monitor always compares groups
CRUDE, OPPOSITE, ADJUSTED, SECOND = "crude", "opposite", "adjusted", "second_reference"


@dataclass(frozen=True, eq=False)
class Counted(Opened):
    """One monitor in one place. Its rows rest on counts as they may be shown."""

    plan: Monitor
    study: MonitorStudy = field(repr=False)

    @cached_property
    def released(self) -> Record:
        return store.validate(self.exact.with_(cleared=self.public, **self.study.flow))

    @cached_property
    def lead(self) -> tuple[Measure, str]:
        """The comparison that leads: its measure and group."""
        measure, group, _ = words.leading(self.plan, self.exact)
        return measure, group

    @property
    def named(self) -> str:
        """The place, in a sentence."""
        return words.place_words(self.plan, self.place)


def answer(opened: Counted) -> Section:
    """The comparison that leads, how many others there are, and what is asked for."""
    plan, record, (measure, group) = opened.plan, opened.exact, opened.lead
    lines = [plan.say_first or "", f"{words.headline(plan, record)}."]
    lines += [words.statement(plan, record).say, words.counted_line(plan, record)]
    lines += [words.chance_line(record), *delivery_lines(opened.study)]
    lines += [
        f"You cannot say: {words.cannot_say(plan, record, measure, group)}",
        *words.explanation_lines(record),
    ]
    lines += [
        measure.caution or "",
        (plan.recorded_words and _recorded(plan)) or "",
        *plan.cautions,
    ]
    return Section.of(Prose(joined("\n", (line for line in lines if line)), "answer"))


def _recorded(plan: Monitor) -> str:
    named = together(" and ", (plan.measure(key).noun for key in plan.recorded_by_practitioner))
    return f"Who records {named}: {plan.recorded_words}."


def people(opened: Counted) -> Section:
    """Among whom each measure is counted, by ethnic group; whose outcome is not recorded; where
    counts come from."""
    study = opened.study
    return Section.of(
        tables.counted_table(study),
        tables.unknown_table(study),
        tables.sources_table(study),
        reading_table(study),
    )


# -- rates -----------------------------------------------------------------------------------------
def rates(opened: Counted, measures: Sequence[Measure], by: str) -> Section:
    """Comparisons with their rates, ratios and verdicts, and for each measure the ratios of the
    groups side by side."""
    table = tables.verdict_table(opened.study, measures)
    said = Prose(_compared_line(opened, measures, CRUDE), "note")
    return Section.of(said, table, *_charts(opened, measures, table, "rates"))


def _charts(opened: Counted, measures: Sequence[Measure], table: Table, name: str) -> list[Chart]:
    """The ratios of the groups of each measure; `name`: what their files begin with."""
    charts = []
    for measure in measures:
        chart = chart_of(opened.plan, opened.exact, measure)
        if chart.has_rates:
            title = f"{opened.named}: {measure.noun}, {tables.period_words(opened.study)}"
            drawn = ratio_table(chart.lines, chart.words, beside=table)
            figure = ratio_figure(drawn, chart.words, title=title)
            alt = ratio_figure_alt(drawn, chart.words)
            charts.append(Chart(figure, alt, drawn, f"{name}_{measure.id}"))
    return charts


def compare(opened: Counted, asked: Asked) -> Comparison:
    """Each group beside the reference: as counted; the other way round; after allowing for what is
    recorded; beside a second reference."""
    measures = asked.outcomes
    designs = tuple(DESIGNS) if asked.design == EVERY else (asked.design,)
    parts = Section.of(*(_by_design(opened, measures, design) for design in designs))
    named = {measure.id for measure in measures}
    rows = [row for design in designs for row in _rows(opened, named, design)]
    return Comparison(parts.parts, estimates=tidy(rows, clearance=opened.clearance))


def _by_design(opened: Counted, measures: Sequence[Measure], design: str) -> Section:
    table = {
        CRUDE: lambda: tables.verdict_table(opened.study, measures),
        OPPOSITE: lambda: tables.beside_table(opened.study, measures),
        ADJUSTED: lambda: tables.adjusted_table(opened.study, measures),
        SECOND: lambda: tables.finer_table(opened.study),
    }[design]()
    none = {ADJUSTED: NOTHING_ALLOWED.format(characteristic=opened.plan.characteristic)}
    return Section.of(
        Prose(_compared_line(opened, measures, design), "note"),
        Prose(none.get(design, NO_FINER)) if table is None else table,
        *(_charts(opened, measures, table, "compared") if design == CRUDE else ()),
    )


def _compared_line(opened: Counted, measures: Sequence[Measure], design: str) -> str:
    """Who is set beside whom, of which events, by which design."""
    plan = opened.plan
    named = together(", ", (measure.noun for measure in measures))
    groups = ", ".join(plan.compared_groups)
    return (
        f"{capital(named)}. Each group by {plan.characteristic} ({groups}) beside"
        f" {of_group(plan.groups.reference)}, {tables.period_words(opened.study)}."
        f" {capital(DESIGNS[design].words)}."
    )


def _rows(opened: Counted, measures: set[str], design: str) -> list[Row]:
    """Rows of the record behind a design; those of designs that stand in no record: none."""
    family = opened.plan.page_family.name
    own = [row for row in opened.released.rows if row.outcome in measures]
    page = [row for row in own if row.family == family]
    return {CRUDE: page, OPPOSITE: [row for row in own if row not in page]}.get(design, [])


# -- over stages, rounds, units --------------------------------------------------------------------
def over_stages(opened: Counted, measures: Sequence[Measure]) -> Section:
    """Stage by stage, where the measures are steps of one way; multiplied only where they may
    be."""
    plan = opened.plan
    if plan.stages is None:
        return Section.of(Prose(NO_STAGES))
    labels = [capital(plan.measure(key).plain) for key in plan.stages.measures]
    scale = figures.Scale("times", "times as often, among those who reached the stage")
    parts = []
    for group in plan.compared_groups:
        found = stages_of_way.stages_of(opened.study, group)
        people_there = words.people_from(group, plan.person)
        parts.append(Prose(f"{capital(people_there)}. {found.together}"))
        if any(row.status == "estimated" for row in found.rows):
            title = f"{opened.named}: {group} beside {plan.groups.reference}, stage by stage"
            drawn = lines_table(found.rows, labels, beside=found.table)
            figure = figures.outcome_figure(drawn, scale, title=title)
            alt = figures.outcome_figure_alt(drawn, scale)
            parts.append(Chart(figure, alt, drawn, f"stages_{group.lower()}"))
        parts.append(found.table)
    return Section.of(*parts)


def over_rounds(opened: Counted, measures: Sequence[Measure]) -> Section:
    """Round by round: the comparison that leads and its measure for every group, or each group of
    the measures that are named; every year of those added up."""
    plan, study, lead = opened.plan, opened.study, opened.lead
    whole = tuple(measures) == tuple(plan.measures)
    pooled = [(m, g) for m in measures if m.pool_rounds or not whole for g in plan.compared_groups]
    wanted = pooled if lead[0].pool_rounds or not whole else [lead, *pooled]
    shown = [pair for pair in wanted if len(study.history(*pair)) > 1]
    parts = [Prose(NO_TREND)] if not shown else []
    parts += [_trend_of(opened, measure, group) for measure, group in shown]
    parts += [Prose(line) for line in recode_lines(opened.exact)]
    if whole and lead in shown and not lead[0].pool_rounds:
        parts.append(rounds.groups_table(study, lead[0]))
    return Section.of(*parts, *(series_parts(study) if whole else ()))


def _trend_of(opened: Counted, measure: Measure, group: str) -> Section:
    study, plan = opened.study, opened.plan
    table, chart = rounds.rounds_table(study, measure, group), study.chart(measure, group)
    points = []
    for k, one in enumerate(study.history(measure, group)):
        limits = chart.rounds[k] if chart is not None else None
        ends = None if limits is None else (math.exp(limits.low_99_8), math.exp(limits.high_99_8))
        value = (None, None, None)
        if isinstance(one.result, Estimate):
            value = (one.result.value, one.result.conf_low, one.result.conf_high)
        flagged = limits is not None and (limits.outside_99_8 or limits.run)
        points.append(
            RoundPoint(
                one.round, *value, ends, one.round in study.provisional, flagged, one.delivered
            )
        )
    centre = chart and math.exp(chart.centre)
    if measure.pool_rounds:
        centre = _pooled(opened, measure, group)
    title = f"{opened.named}: {measure.noun}, {group} beside {plan.groups.reference}"
    drawn = trend_table(points, centre=centre, beside=table)
    figure = trend_figure(drawn, band=(plan.band.low, plan.band.high), title=title)
    broken = words.break_lines(plan, study.counts.starts[0], study.counts.ends[-1])
    agreed = years_line(opened.exact, measure.id, group)
    return Section.of(
        Chart(figure, trend_figure_alt(drawn), drawn, f"trend_{measure.id}_{group.lower()}"),
        table,
        Prose(joined(" ", broken)) if broken else None,
        Prose(agreed) if agreed else None,
    )


def _pooled(opened: Counted, measure: Measure, group: str) -> float | None:
    """The ratio of all years added up, where they agree: otherwise it is not drawn."""
    row = words.answer_row(opened.plan, opened.exact, measure, group)
    stands = row.status == "estimated" and not is_of_rounds_that_differ(row)
    return row.value if stands else None


def over_units(opened: Counted, measures: Sequence[Measure]) -> Section:
    """Delivery units, prisons or regions: which stand apart by more than chance, for the comparison
    that leads, or for each group of the measures that are named."""
    plan = opened.plan
    if tuple(measures) == tuple(plan.measures):
        return _units(opened, *opened.lead)
    pairs = [(measure, group) for measure in measures for group in plan.compared_groups]
    return Section.of(*(_units(opened, measure, group) for measure, group in pairs))


def _units(opened: Counted, measure: Measure, group: str) -> Section:
    study = opened.study
    units = units_of(study, measure, group)
    if units is None:
        said = WITHHELD_UNITS if not study.counts.by_unit.empty else NO_UNITS
        return Section.of(Prose(said.format(place=opened.named)))
    names = _unit_names(opened, units)
    table = rounds.units_table(study, measure, group, units, names)
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
    if len(points) <= 2:
        return Section.of(table)
    one, many = tables.unit_names(study)
    title = f"{opened.named}: {measure.noun}, {group}, by {one}"
    drawn = funnel_table(points, target=units.target, beside=table)
    figure = funnel_figure(drawn, units=many, title=title)
    alt = funnel_figure_alt(drawn, units=many)
    leads = (measure, group) == opened.lead
    name = "units" if leads else f"units_{measure.id}_{group.lower()}"
    return Section.of(Chart(figure, alt, drawn, name), table)


def _unit_names(opened: Counted, units: Units) -> dict[str, str]:
    kind = place_set(opened.plan.data.places)
    known = {place.id: place.name for place in kind.places} if opened.place == ALL else {}
    return {line.name: known.get(line.name, line.name) for line in units.lines}


# -- checks and limits -----------------------------------------------------------------------------
def check(opened: Counted) -> Section:
    """What was checked of the counts, then what explanations are asked for."""
    found = [
        {"Check": check.id.replace("_", " "), "What it says": check.text}
        for check in opened.study.checks
    ]
    said = tables.of_counts(opened.study, "What was checked", found) if found else None
    return Section.of(Prose(NOT_CHECKED) if said is None else said, explanations(opened))


def explanations(opened: Counted) -> Section:
    """Explain or reform: what was asked, of which role, and what came; what changed since the last
    round."""
    register = rounds.register_table(opened.study)
    nobody = NOBODY_ASKED if opened.public else NOBODY_IS_ASKED
    none = NO_DISPARITY if opened.plan.explain_or_reform else nobody
    return Section.of(
        Prose(none) if register is None else register,
        rounds.changes_table(opened.study),
        Prose(provisional_line(opened.study)) if opened.study.provisional else None,
    )


def limits(opened: Counted) -> Section:
    """What this kind of comparison can say here, and what it cannot."""
    cautions = dict.fromkeys(capital(m.caution) for m in opened.plan.measures if m.caution)
    return Section.of(Prose(joined("\n", [*LIMIT_LINES, *cautions])))


DESIGNS = {
    CRUDE: Way("rates as counted, nothing allowed for", ALWAYS),
    OPPOSITE: Way(
        "the gap between the rates, and the ratio of what happened to the others", ALWAYS
    ),
    ADJUSTED: Way("as counted, then after allowing for what is recorded, and within units", ALWAYS),
    SECOND: Way("beside a second reference, and groups of the fine coding", ALWAYS),
}
OVER = {"round": over_rounds, "unit": over_units, "stage": over_stages}
SHOWS = Shows(
    opened=Counted,
    answer=answer,
    people=people,
    check=check,
    limits=limits,
    rates=rates,
    checks={"explanations": explanations},
    designs=DESIGNS,
    groupings=(ETHNIC_GROUP,),
    over=OVER,
    compare=compare,
)
