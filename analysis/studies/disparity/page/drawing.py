"""The one figure of a monitor's page, from the cleared records of the place and of all places."""

from dataclasses import dataclass, replace
from functools import cached_property

from matplotlib.figure import Figure

from analysis.display.figures.ratio_chart import ratio_figure
from analysis.display.figures.ratio_lines import ratio_figure_alt
from analysis.display.group_ratios import ratio_table
from analysis.plans.monitor import Monitor
from analysis.record.record import Record
from analysis.results import Table
from analysis.studies.disparity.page.provisional import provisional
from analysis.studies.disparity.shown.chart import ChartOf, chart_of


@dataclass(frozen=True)
class RatioDrawing:
    """Each group's ratio under the measure that leads, beside all places and the value drawn
    towards the others."""

    chart: ChartOf

    @cached_property
    def table(self) -> Table:
        """The numbers of the figure, one row a line of it."""
        return ratio_table(self.chart.lines, self.chart.words)

    def figure(self) -> Figure:
        return ratio_figure(self.table, self.chart.words)

    def narrow(self) -> Figure:
        """For a telephone."""
        return ratio_figure(self.table, self.chart.words, narrow=True)

    def alt(self) -> str:
        return ratio_figure_alt(self.table, self.chart.words)


def monitor_drawing(
    plan: Monitor, record: Record, national: Record | None = None, *_
) -> RatioDrawing | None:
    """The figure of a page; None where no rate can be shown. `national`: the record of all
    places."""
    chart = chart_of(plan, record, plan.measure(plan.leads.measure), national=national)
    if until := provisional(plan, record):  # a picture is taken out of its page
        chart = replace(chart, words=replace(chart.words, place=f"{chart.words.place} ({until})"))
    return RatioDrawing(chart) if chart.has_rates else None
