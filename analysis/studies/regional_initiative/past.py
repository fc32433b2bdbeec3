"""A place beside its own past: counts by month before and since the start, and what the others lead
one to expect."""

from collections.abc import Iterator

import pandas as pd

from analysis.designs.regions.synthetic import METHODS
from analysis.designs.regions.unit_panel import UnitPanel
from analysis.disclosure.named.names import PEOPLE, WITH
from analysis.disclosure.named.tables import TableNames, counted_table
from analysis.disclosure.series import Months, finest
from analysis.display.figures.placebos import expected_figure, expected_figure_alt
from analysis.display.section import Chart, Section
from analysis.judgement.wording.figures_in_words import capital
from analysis.plans.plan import Outcome
from analysis.results import Table, significant
from analysis.sections.showing import Shown
from analysis.sections.tables import table_in_plan_words, worded_table
from analysis.studies.regional_initiative.kind import SYNTHETIC
from analysis.studies.regional_initiative.study import DAY, RegionalStudy

MONTH = "%Y-%m"
LENGTHS = {1: "Month", 3: "Quarter", 6: "Half-year", 12: "Year"}


def _label(days: pd.Series, months: Months) -> pd.Series:
    year = days.dt.year.astype(str)
    if months == 1:
        return year + days.dt.month.map("-{:02d}".format)
    if months == 3:
        return year + " Q" + days.dt.quarter.astype(str)
    if months == 6:
        return year + " H" + ((days.dt.month > 6) + 1).astype(str)
    return year


def past(shown: Shown, outcome: Outcome) -> Section:
    """The share of an outcome by month (by quarter, half-year or year where a month would tell of
    few), in this place alone; nothing is compared."""
    study = shown.study
    assert isinstance(study, RegionalStudy)
    if outcome.unit != "in_every_100":
        return Section.of(
            shown.say("Scores are set beside those of all regions, and not month by month.")
        )
    people = study.people(outcome)

    def counted(months: Months) -> pd.DataFrame:
        by = people.groupby(_label(people[DAY], months))[outcome.id].agg(["size", "sum"])
        return by.astype(int).reset_index(names="period")

    def cells(months: Months) -> Iterator[tuple[int, int]]:
        return zip(counted(months)["sum"], counted(months)["size"], strict=True)

    months = 1 if study.clearance.public else finest(cells)
    if months is None:
        return Section.of(
            shown.say("Too few people for figures by month, quarter, half-year or year.")
        )
    head, event, rate = LENGTHS[months], "With it", "With it, in every 100"
    frame = counted(months).set_axis([head, "People", event], axis=1)
    since = _label(pd.Series([study.start]), months).iloc[0]
    frame.insert(1, "Time", ["since the start" if p >= since else "before" for p in frame[head]])
    title = f"{shown.place_name}, {outcome.noun}: own figures by {head.lower()}"
    names = TableNames(
        study.place,
        f"by {head.lower()}",
        {head: "period", "Time": "arm"},
        {"People": PEOPLE, event: WITH},
        outcome.id,
    )
    table = counted_table(
        title, frame, names=names, rates={rate: (event, "People")}, clearance=study.clearance
    )
    return Section.of(table_in_plan_words(shown.plan, table))


def expected(shown: Shown, outcome: Outcome) -> Section:
    """What the others, weighted, lead one to expect of the place with the initiative, and what was
    seen there, by period."""
    study = shown.study
    assert isinstance(study, RegionalStudy)
    panel = study.panel(outcome)
    if isinstance(panel, str):
        return Section.of()
    table = _series(shown, outcome, study, panel)
    length = "quarter" if panel.months <= 3 else "half-year"
    unit = "in every 100" if outcome.unit == "in_every_100" else "points"
    title = f"{capital(outcome.noun)}: seen, and expected from the others"
    figure = expected_figure(
        table, title=title, start=study.start.strftime(MONTH), words=f"{unit}, by {length}"
    )
    alt = expected_figure_alt(table)
    return Section.of(table, Chart(figure, alt, table, f"expected_{outcome.id}"[:40]))


def _step(panel: UnitPanel) -> int:
    """Periods of the panel in a quarter."""
    return max(1, 3 // panel.months)


def _series(shown: Shown, outcome: Outcome, study: RegionalStudy, panel: UnitPanel) -> Table:
    """Means over quarters counted from the first one, as estimates: three figures."""
    step = _step(panel)
    spare = panel.before % step
    series = METHODS[SYNTHETIC](panel).series[spare:]
    own = panel.own[spare:]
    whole = len(own) // step
    first = study.start - pd.DateOffset(months=(panel.before - spare) * panel.months)
    months = [first + pd.DateOffset(months=k * step * panel.months) for k in range(whole)]
    quarter = [month.strftime(MONTH) for month in months]
    numbers = [values[: whole * step].reshape(whole, step).mean(axis=1) for values in (own, series)]
    frame = pd.DataFrame({"From": quarter})
    for name, values in zip(("Seen", "Expected"), numbers, strict=True):
        frame[name] = [significant(float(value)) for value in values]
    return worded_table(
        shown.plan,
        f"{capital(outcome.noun)} with the initiative, and what the others lead one to expect",
        frame,
        clearance=study.clearance,
    )
