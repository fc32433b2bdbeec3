"""Opens a monitor in one place: published counts as they are, others worked out by the engine, or a
table that somebody else made."""

from dataclasses import replace
from datetime import timedelta

import pandas as pd

from analysis.plans.monitor import Monitor
from analysis.plans.registry import Source
from analysis.studies.disparity.counted.counts import (
    MonitorCounts,
    counted_rows,
    published_counts,
)
from analysis.studies.disparity.counted.monthly import read_months
from analysis.studies.disparity.counted.table_counts import table_counts
from analysis.studies.disparity.study import open_monitor
from analysis.study.data_version import data_hash
from analysis.study.opening import DATES, decided, tables_folder
from analysis.study.public_counts import count_file, source_is_public


def open_counts(plan: Monitor, place: str, source: Source) -> tuple:
    """The exact study of one place, the dates of its record, and the hash of the data."""
    counts, drawn = counts_of(plan, place, source)
    shown_on = drawn
    if source.name not in ("published", "counts"):
        shown_on = drawn or str(counts.ends[-1].date())
    dates = dict.fromkeys(DATES) | _period(counts) | {"extract_date": drawn}
    hashed = data_hash(source, plan.study)
    hidden = decided(plan, source, hashed)
    study = open_monitor(plan, place, counts, shown_on=shown_on, hidden=hidden)
    return study, dates, hashed


def counts_of(plan: Monitor, place: str, source: Source) -> tuple[MonitorCounts, str | None]:
    """What is counted, and the day on which its extract was drawn."""
    if source.name == "published":
        return published_counts(plan), None
    if source.name == "counts":
        file, public = count_file(plan, source), source_is_public(plan, source)
        return table_counts(plan, place, file, is_public=public), None
    folder = tables_folder(plan, place, source)
    counts = counted_rows(plan, place, str(source), folder)
    months = read_months(plan, place, str(source), folder)
    return replace(counts, months=months), counts.calendar.extract_date


def _period(counts: MonitorCounts) -> dict[str, str | None]:
    """First and last day of the newest round; None where a table names its period without a
    date."""
    if pd.isna(counts.ends[-1]):
        return {"period_from": None, "period_to": None}
    last = counts.ends[-1] - timedelta(days=1)
    return {"period_from": str(counts.starts[-1].date()), "period_to": str(last.date())}
