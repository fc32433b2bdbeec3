"""A table of counts that somebody else made, tidy: one row a number, of one measure, group, place,
period and stratum.

The plan says where everything stands and what the labels mean (`counts`, docs/counts.md); CSV, ODS
and XLSX, wide and long give the same rows. Suppressed cells are ranges and never 0.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.errors import DataError, Problem
from analysis.extracts.counts.count_cells import Bounds, read_count, read_percent
from analysis.extracts.counts.count_grid import plain
from analysis.extracts.counts.count_header import Body, body_of
from analysis.extracts.counts.count_periods import Period, read_period
from analysis.extracts.counts.count_rules import check_rows
from analysis.extracts.counts.grid_files import read_grid
from analysis.extracts.counts.tidy_counts import LIMITS, TOTAL, CountTable
from analysis.extracts.tables.codes import did_you_mean, problem
from analysis.plans.counts import DIMENSIONS, WideColumn
from analysis.plans.monitor import Monitor
from analysis.vocabulary.ethnicity import groups_of
from analysis.vocabulary.regions import place_set


def read_count_table(plan: Monitor, path: Path) -> CountTable:
    """The table of `plan` in the file at `path`. DataError with every fault; PlanError never."""
    body = body_of(read_grid(path, plan.own_table.sheet), plan.own_table)
    found: list[_Cell] = []
    faults: list[Problem] = []
    for one in _cells(plan, body):
        if isinstance(one, Problem):
            faults.append(one)
        else:
            found.append(one)
    if faults:
        raise DataError(_together(faults))
    table = _tidy(plan, body, found)
    problems = check_rows(plan, table)
    if problems:
        raise DataError(problems)
    return table


@dataclass(frozen=True)
class _Cell:
    """One number of the file. meaning: by dimension; written: the labels as they stand; label: that
    of the group."""

    meaning: Mapping[str, str]
    written: tuple
    label: str
    line: int
    value: str
    number: Bounds | float | None


def _cells(plan: Monitor, body: Body) -> Iterator[_Cell | Problem]:
    filled: dict[str, str] = {}
    for line in body.lines:
        labels, faults = _row_labels(plan, body, line, filled)
        yield from faults
        if faults:
            continue
        for column in plan.own_table.value_columns:
            yield _cell(plan, body, line, column, labels)


def _row_labels(
    plan: Monitor, body: Body, line: int, filled: dict
) -> tuple[dict[str, str], list[Problem]]:
    """Labels of a row by dimension and stratum, as they stand in the file; empty ones by
    `fill_down`, or a fault."""
    counts, labels, faults = plan.own_table, {}, []
    for name in (*DIMENSIONS, *counts.strata):
        heading = counts.columns.of(name)
        if heading is None:
            continue
        text = body.text(line, plain(heading))
        if not text and name in counts.fill_down:
            text = filled.get(name, "")
        if not text:
            faults.append(problem("E266", body.grid.file, row=line, column=plain(heading)))
        filled[name] = labels[name] = text
    return labels, faults


def _cell(
    plan: Monitor, body: Body, line: int, column: WideColumn, labels: Mapping[str, str]
) -> _Cell | Problem:
    heading, file, counts = plain(column.column), body.grid.file, plan.own_table
    meaning = dict.fromkeys(counts.strata, "") | {"place": "", "measure": plan.measures[0].id}
    label = column.group or counts.fixed.group or ""
    for name in DIMENSIONS:
        if fixed := getattr(column, name) or getattr(counts.fixed, name):
            meaning[name] = fixed
    for name, text in labels.items():
        found = _meaning(plan, name, text)
        if isinstance(found, tuple):
            code, hint = found
            return problem(code, file, row=line, column=plain(counts.columns.of(name)), hint=hint)
        meaning[name], label = found, (text if name == "group" else label)
    read = read_percent if column.value == "percent" else read_count
    number = read(body.text(line, heading), counts)
    if isinstance(number, str):
        return problem(number, file, row=line, column=heading)
    written = (*labels.items(), column.measure, column.group, column.place, column.period)
    return _Cell(meaning, written, label, line, column.value, number)


def _meaning(plan: Monitor, name: str, text: str) -> str | tuple[str, str]:
    """What a label means; or a code and a hint. A label that is a valid id or name itself means
    itself."""
    counts = plan.own_table
    if text in map(plain, counts.totals.get(name, ())):
        return TOTAL
    if name not in DIMENSIONS:
        return text
    known = {plain(label): means for label, means in getattr(counts.labels, name).items()}
    if text in known:
        return known[text]
    if name == "period":
        return text
    valid = _valid(plan, name)
    return text if text in valid else ("E263", did_you_mean(text, valid))


def _valid(plan: Monitor, name: str) -> tuple[str, ...]:
    match name:
        case "group":
            return groups_of(plan.groups.coding)
        case "measure":
            return tuple(m.id for m in plan.measures)
    return place_set(plan.data.places).ids


def _together(faults: list[Problem]) -> tuple[Problem, ...]:
    """One problem for each rule and column: the first is named, all are counted."""
    found: dict[tuple, Problem] = {}
    for one in faults:
        key = (one.code, one.column)
        before = found.get(key)
        count = one.count + (before.count if before else 0)
        first = before or one
        found[key] = Problem(
            first.code, first.file, first.rule, first.remedy, first.row, first.column, count
        )
    return tuple(found.values())


def _tidy(plan: Monitor, body: Body, cells: list[_Cell]) -> CountTable:
    """Numbers under the same labels put together, events with their base. DataError E159, E265,
    E266."""
    keys = ["measure", "place", "period", "group", *plan.own_table.strata]
    gathered: dict[tuple, dict] = {}
    twice: list[Problem] = []
    for cell in cells:
        meaning = tuple(cell.meaning[name] for name in keys)
        # percentages of two labels cannot be added up: there the meaning alone must differ
        key = (meaning,) if cell.value == "percent" else (meaning, cell.written)
        row = gathered.setdefault(key, {"label": cell.label, "line": cell.line})
        if cell.value in row:
            twice.append(problem("E265", body.grid.file, row=cell.line))
        row[cell.value] = cell.number
    if twice:
        raise DataError(_together(twice))
    shares = {m.id for m in plan.measures if m.kind == "share"} | {TOTAL}
    rows = [
        dict(zip(keys, key[0], strict=True)) | _numbers(row, body, is_share=key[0][0] in shares)
        for key, row in gathered.items()
    ]
    frame = pd.DataFrame(rows, columns=[*keys, *LIMITS, "percent", "label", "line"])
    periods = _periods(plan, body, frame)
    frame["period"] = frame["period"].map(
        {text: one.label for text, one in periods.items()} | {TOTAL: TOTAL}
    )
    is_total = (frame[keys] == TOTAL).any(axis=1)
    ordered = sorted(
        {one.label: one for one in periods.values()}.values(), key=lambda one: one.order
    )
    parts, totals = (frame[rows].reset_index(drop=True) for rows in (~is_total, is_total))
    return CountTable(body.grid.file, parts, totals, tuple(ordered), body.notes)


def _numbers(row: Mapping, body: Body, *, is_share: bool) -> dict:
    """LIMITS and percent of one combination; E266 where a wide table names its events and not its
    base.

    People with the event are a part of those at risk; events of a rate may be more than the
    residents they stand over.
    """
    same = {"label": row["label"], "line": row["line"]}
    if "percent" in row:
        return dict.fromkeys(LIMITS) | {"percent": row["percent"]} | same
    events, base, others = row.get("events"), row.get("base"), row.get("others")
    if events is None or (base is None and others is None):
        raise DataError((problem("E266", body.grid.file, row=row["line"]),))
    base = base or events + others
    limits = dict(zip(LIMITS, (events.low, events.high, base.low, base.high), strict=True))
    if is_share and events.low <= base.high:  # otherwise told by check_rows
        limits |= {
            "events_high": min(events.high, base.high),
            "base_low": max(base.low, events.low),
        }
    return limits | {"percent": None} | same


def _periods(plan: Monitor, body: Body, frame: pd.DataFrame) -> dict[str, Period]:
    """Each period as it is written, read. DataError E159."""
    written = [text for text in dict.fromkeys(frame["period"]) if text != TOTAL]
    found = {text: read_period(plan, text) for text in written}
    read = {text: period for text, period in found.items() if period is not None}
    wrong = [text for text in found if text not in read]
    if wrong:
        line = int(frame.loc[frame["period"] == wrong[0], "line"].iloc[0])
        heading = plan.own_table.columns.period
        column = plain(heading) if heading else None
        raise DataError(
            (problem("E159", body.grid.file, row=line, column=column, count=len(wrong)),)
        )
    return read
