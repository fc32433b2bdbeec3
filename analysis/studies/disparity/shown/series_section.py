"""What a monitor shows of its monthly series: the months around the day on which something happened
elsewhere, and, over all places, a step and what it rests on."""

import pandas as pd

from analysis.display.figures.series import CountMonths, counts_figure, counts_figure_alt
from analysis.display.prose import Prose
from analysis.display.section import Chart
from analysis.judgement.wording.figures_in_words import capital
from analysis.judgement.wording.rates_in_words import RATE
from analysis.plans.monitor import Series
from analysis.results import Table
from analysis.said.texts import joined, named
from analysis.said.told import told
from analysis.studies.disparity.counted.monthly import Month, MonthlySeries
from analysis.studies.disparity.shown.series_words import series_lines
from analysis.studies.disparity.shown.tables import WITHHELD, count_words, of_counts
from analysis.studies.disparity.study import MonitorStudy

AROUND = 12  # months before and after it in the table


def series_parts(study: MonitorStudy) -> tuple[Prose | Chart | Table, ...]:
    """The series of a place: sentences, chart, months around it. None where the plan has no
    series."""
    series = study.series
    if series is None:
        return ()
    said, around = Prose(joined(" ", series_lines(series))), _around(study, series)
    if not any(month.is_shown for month in series.months):
        return said, around
    return said, _chart(series, _table(study, series)), around


def _table(study: MonitorStudy, series: MonthlySeries) -> Table:
    """Every month, for the chart."""
    columns, per = CountMonths(), series.series.per_number
    rows = [
        {columns.month: month.label, columns.amount: _rate(month, per)} for month in series.months
    ]
    return of_counts(study, _title(study, series), rows)


def _title(study: MonitorStudy, series: MonthlySeries) -> str:
    return f"{capital(series.series.noun)}, month by month"


def _rate(month: Month, per: int) -> str:
    found = month.rate(per)
    return WITHHELD if found is None else told(found, RATE)


def _axis(asked: Series) -> str:
    return f"{capital(asked.noun)} in every {told(asked.per_number)} {asked.per}"


def _chart(series: MonthlySeries, table: Table) -> Chart:
    asked = series.series
    axis, text = _axis(asked), named(asked.event)
    figure = counts_figure(
        table, title=table.title, axis=axis, first=named(series.first_after), text=text
    )
    return Chart(figure, counts_figure_alt(table, axis=axis, text=text), table, "monthly_series")


def _around(study: MonitorStudy, series: MonthlySeries) -> Table:
    """The months around it."""
    asked, labels = series.series, [month.label for month in series.months]
    at = labels.index(series.first_after) if series.first_after in labels else len(labels)
    rows = [
        {
            "Month": month.label,
            capital(asked.noun): count_words(month.events),
            capital(asked.people): count_words(month.people),
            _axis(asked): _rate(month, asked.per_number),
        }
        for month in series.months[max(at - AROUND, 0) : at + AROUND]
    ]
    first = pd.Timestamp(asked.from_day).strftime("%B %Y")
    note = f"First month after {asked.event}: {first}. Source: {asked.source}."
    return of_counts(study, f"{_title(study, series)}, a year before and after", rows, named(note))
