"""The one figure of a monitor's page, from the cleared records of the place and of all places."""

from dataclasses import dataclass

from matplotlib.figure import Figure

from analysis.display.group_ratios import chart_alt, chart_table_rows
from analysis.display.ratio_chart import ratio_chart
from analysis.plans.monitor import Monitor
from analysis.record.record import Record
from analysis.studies.disparity.shown.chart import ChartOf, chart_of


@dataclass(frozen=True)
class RatioDrawing:
    """Each group's ratio under the measure that leads, beside all places and the value drawn
    towards the others."""

    chart: ChartOf

    def figure(self) -> Figure:
        return ratio_chart(self.chart.lines, self.chart.words)

    def narrow(self) -> Figure:
        """For a telephone."""
        return ratio_chart(self.chart.lines, self.chart.words, narrow=True)

    def alt(self) -> str:
        return chart_alt(self.chart.lines, self.chart.words)

    def table_rows(self) -> list[dict]:
        """The numbers of the figure, one row a line of it."""
        return chart_table_rows(self.chart.lines, self.chart.words)


def monitor_drawing(
    plan: Monitor, record: Record, national: Record | None = None, *_
) -> RatioDrawing | None:
    """The figure of a page; None where no rate can be shown. `national`: the record of all
    places."""
    chart = chart_of(plan, record, plan.measure(plan.leads.measure), national=national)
    return RatioDrawing(chart) if chart.has_rates else None
