"""Rows of a monitor that can be explored: people of the newest quarter of its newest round, read
through the engine column by column."""

from collections.abc import Callable

import pandas as pd

from analysis.exploring.rows import Field, Rows, among_those, broad_groups, fields_of, group_field
from analysis.extracts.reading.sources import engine_errors
from analysis.extracts.tables.contract import Contract
from analysis.extracts.tables.contracts import CONTRACTS
from analysis.judgement.wording.periods import quarter_label, round_words
from analysis.plans.monitor import Monitor
from analysis.said.texts import settled
from analysis.studies.disparity.study import MonitorStudy

UNITS = {
    "sentenced_cases": "cases",
    "staff_quarters": "staff",
    "applications": "applications",
}
GROUP = "ethnic_group"


def rows(plan: Monitor, place: str, study: MonitorStudy) -> tuple[Rows, ...]:
    """The tables that the monitor counts in; none where its counts were made by somebody else.

    One quarter, in which a person has one row: over several, a person would stand in several cells.
    """
    label = quarter_label(study.counts.last_quarter) if study.counts.tables else ""
    return tuple(
        Rows(
            name,
            UNITS.get(name, "people"),
            settled(f"everyone in the table in {round_words(label)}, the newest quarter"),
            (
                group_field(plan.groups.coding, "the person's", column=GROUP),
                *_fields(plan, place, CONTRACTS[name]),
            ),
            _reader(study, name),
            label,
        )
        for name in study.counts.tables
    )


def _fields(plan: Monitor, place: str, contract: Contract) -> tuple[Field, ...]:
    return among_those(fields_of(contract, place=place, places=plan.data.places), contract)


def _reader(study: MonitorStudy, table: str) -> Callable[[tuple[str, ...]], pd.DataFrame]:
    def read(columns: tuple[str, ...]) -> pd.DataFrame:
        wanted = tuple(dict.fromkeys("ethnicity" if c == GROUP else c for c in columns))
        rows = study.counts.tables[table].rows
        newest = rows.filter(rows["quarter"] == study.counts.last_quarter)
        with engine_errors(table):
            frame = newest.select(*wanted).to_pyarrow().to_pandas()
        if GROUP in columns:
            frame = frame.assign(**{GROUP: broad_groups(frame["ethnicity"])})
        return frame

    return read
