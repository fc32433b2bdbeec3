"""The tables of a process monitor, each cleared: reach by group and kind of site, what is counted
twice, what was planned and held."""

import pandas as pd

from analysis.disclosure.named.names import PEOPLE, WITH
from analysis.disclosure.named.tables import BY, TableNames, counted_table
from analysis.disclosure.rules import Clearance
from analysis.disclosure.suppression import WITHHELD, clear_table
from analysis.exploring.rows import words_of
from analysis.extracts.tables.pilots.output_tables import OCCASIONS, SITE_KINDS
from analysis.plans.outputs_plan import Output
from analysis.results import Table
from analysis.said.numbers import tally
from analysis.said.texts import capital, named, say
from analysis.sections.tables import counted
from analysis.studies.process_monitor.offers import NOT_RECORDED
from analysis.studies.process_monitor.study import EVENTS, OutputsStudy

ETHNIC_GROUP, SITE_KIND = "ethnic_group", "site_kind"
GROUPINGS = (ETHNIC_GROUP, SITE_KIND)
HEADINGS = {ETHNIC_GROUP: "Ethnic group", SITE_KIND: "Kind of site"}
SHARE = "Reached, in every 100"


def told_table(title: str, rows: list[dict[str, str]], clearance: Clearance) -> Table:
    """A table of words and of counts that were cleared one by one."""
    return counted(clear_table(title, pd.DataFrame(rows), clearance=clearance), clearance)


def reach_table(study: OutputsStudy, output: Output, by: str) -> Table:
    """Distinct people over people in post, by ethnic group (those without one apart) or by kind of
    site."""
    staff, heading = study.staff, HEADINGS[by]
    if by == ETHNIC_GROUP:
        of, order = staff["ethnic_group"], [*study.groups, NOT_RECORDED]
    else:
        of, order = staff["site_kind"].map(words_of), [words_of(kind) for kind in SITE_KINDS]
    base = capital(study.plan.who)
    seen = staff.groupby(of)[output.id].agg(["size", "sum"]).astype(int)
    rows = [
        {heading: name, base: int(seen.loc[name, "size"]), "Reached": int(seen.loc[name, "sum"])}
        for name in order
        if name in seen.index
    ]
    return counted_table(
        f"{capital(output.plain)}: by {HEADINGS[by].lower()}",
        pd.DataFrame(rows, columns=[heading, base, "Reached"]),
        names=TableNames(
            study.place,
            f"reach by {by}",
            {heading: "group" if by == ETHNIC_GROUP else BY},
            {base: PEOPLE, "Reached": WITH},
            output.id,
        ),
        rates={SHARE: ("Reached", base)},
        whole_rows=True,
        clearance=study.clearance,
    )


def twice_table(study: OutputsStudy) -> Table | None:
    """People beside the times that they are counted; None where nobody is counted twice."""
    found = [one for output in study.plan.outputs if (one := study.twice(output))]
    cells = [
        {
            "Output": capital(one.output.plain),
            "People, each once": one.people.text,
            "Counted each time": say("{n} {what}", n=one.times, what=named(one.output.times or "")),
            "Naive, in every 100": WITHHELD if one.times.is_withheld else one.naive.text,
        }
        for one in found
    ]
    if not cells:
        return None
    title = "People, and what counting without looking would give"
    return told_table(title, cells, study.clearance)


def held_table(study: OutputsStudy) -> Table:
    """Events planned and held, by kind of event and of site."""
    sums = study.events.groupby(["occasion", "site_kind"])[["planned", "held"]].sum()
    cells = [
        {
            "Event": words_of(occasion),
            "Kind of site": words_of(kind),
            "Planned": tally(int(sums.loc[(occasion, kind), "planned"]), EVENTS).text,
            "Held": tally(int(sums.loc[(occasion, kind), "held"]), EVENTS).text,
        }
        for occasion in OCCASIONS
        for kind in SITE_KINDS
        if (occasion, kind) in sums.index
    ]
    title = "Events planned, and events held"
    return told_table(title, cells, study.clearance)


def quarters_table(study: OutputsStudy) -> Table:
    """Events planned and held, and attendances, by calendar quarter."""
    events = study.events
    quarter = events["month"].dt.to_period("Q").map(lambda q: f"{q.year} Q{q.quarter}")
    sums = events.groupby(quarter)[["planned", "held", "attendances"]].sum()
    rows = [
        {
            "Quarter": str(at),
            "Planned": tally(int(row.planned), EVENTS).text,
            "Held": tally(int(row.held), EVENTS).text,
            "Attendances": int(row.attendances),
        }
        for at, row in zip(sums.index, sums.itertuples(), strict=True)
    ]
    return counted_table(
        "Events and attendances by quarter",
        pd.DataFrame(rows),
        names=TableNames(
            study.place, "attendances", {"Quarter": "period"}, {"Attendances": "attendances"}
        ),
        clearance=study.clearance,
    )
