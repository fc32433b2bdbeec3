"""Where the table stands on its sheet: its headings, its rows, and the notes below it, by the rules
of the plan."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from analysis.errors import DataError
from analysis.extracts.counts.count_grid import Grid, plain
from analysis.extracts.tables.codes import did_you_mean, problem
from analysis.plans.counts import DIMENSIONS, Counts

JOINED = " | "  # between the parts of a heading that stands in several rows


@dataclass(frozen=True)
class Body:
    """Rows of the table with their lines, and the column (from 0) of each heading that the plan
    names."""

    grid: Grid
    columns: Mapping[str, int]
    lines: tuple[int, ...]
    notes: tuple[str, ...] = ()  # what was not read, in words

    def text(self, line: int, heading: str) -> str:
        return self.grid.rows[line - 1][self.columns[heading]]


def body_of(grid: Grid, counts: Counts) -> Body:
    """The table on its sheet. DataError E254, E256 to E258, E268, E269."""
    headings = _headings(grid, counts)
    named = _named(counts)
    columns = _columns(grid, counts, headings, named)
    lines, below = _lines(grid, counts, [columns[h] for h in _numbers(counts)])
    if not lines:
        raise DataError((problem("E258", grid.file, row=counts.header_rows[-1]),))
    _refuse_merged(grid, counts, columns, lines)
    above = counts.header_rows[0] - 1
    notes = [f"{above} rows above the header are not read"] if above else []
    notes += [f"{below} rows below the table are not read"] if below else []
    notes += [f"{len(counts.ignore)} columns are left out by the plan"] if counts.ignore else []
    return Body(grid, columns, lines, tuple(notes))


def _numbers(counts: Counts) -> list[str]:
    return [plain(one.column) for one in counts.value_columns]


def _named(counts: Counts) -> list[str]:
    """Headings that the plan names, those of numbers last."""
    labels = [counts.columns.of(name) for name in (*DIMENSIONS, *counts.strata)]
    return [plain(h) for h in labels if h] + _numbers(counts)


def _headings(grid: Grid, counts: Counts) -> list[str]:
    """One heading a column; in rows above the last an empty cell goes on with what stands to its
    left."""
    last = counts.header_rows[-1]
    if last > len(grid.rows):
        raise DataError((problem("E258", grid.file, row=last),))
    parts: list[list[str]] = [[] for _ in grid.rows[0]]
    for line in counts.header_rows:
        carried = ""
        for column, text in enumerate(grid.rows[line - 1]):
            carried = text or carried
            part = text if line == last else carried
            if part and part not in parts[column]:
                parts[column].append(part)
    return [JOINED.join(part) for part in parts]


def _columns(grid: Grid, counts: Counts, headings: list[str], named: list[str]) -> dict[str, int]:
    """Column of each heading that is named; every other column is empty or left out by the plan."""
    row, found = counts.header_rows[-1], []
    for heading in named:
        if heading not in headings:
            like = [n for n, h in enumerate(headings, start=1) if h and did_you_mean(h, [heading])]
            hint = f"Did you mean column number {like[0]}?" if like else ""
            found.append(problem("E256", grid.file, row=row, column=heading, hint=hint))
        elif headings.count(heading) > 1:
            found.append(problem("E257", grid.file, row=row, column=heading))
    left_out = {plain(h) for h in counts.ignore}
    for missing in sorted(left_out - set(headings)):
        found.append(problem("E256", grid.file, row=row, column=missing))
    for number, heading in enumerate(headings, start=1):
        if (
            heading not in named
            and heading not in left_out
            and _is_used(grid, counts, number, heading)
        ):
            found.append(problem("E268", grid.file, row=row, column=f"number {number}"))
    if found:
        raise DataError(tuple(found))
    return {heading: headings.index(heading) for heading in named}


def _is_used(grid: Grid, counts: Counts, number: int, heading: str) -> bool:
    """A column with a heading, or with anything under it but notes in the first one."""
    below = grid.rows[counts.header_rows[-1] :]
    return bool(heading) or (number > 1 and any(row[number - 1] for row in below))


def _lines(grid: Grid, counts: Counts, numbers: list[int]) -> tuple[tuple[int, ...], int]:
    """Lines of the table, and how many rows that hold something stand below it. DataError E269."""
    first, end = counts.header_rows[-1] + 1, len(grid.rows) + 1
    for line in range(first, len(grid.rows) + 1):
        row = grid.rows[line - 1]
        empty = counts.stop_at == "first_empty_row" and not any(row)
        if empty or any(row[0].startswith(plain(begin)) for begin in counts.notes_begin):
            end = line
            break
    below = [line for line in range(end, len(grid.rows) + 1) if any(grid.rows[line - 1])]
    lost = [n for n in below if any(grid.rows[n - 1][c] for c in numbers if c > 0)]
    if lost:
        raise DataError((problem("E269", grid.file, row=lost[0], count=len(lost)),))
    return tuple(n for n in range(first, end) if any(grid.rows[n - 1])), len(below)


def _refuse_merged(
    grid: Grid, counts: Counts, columns: Mapping[str, int], lines: tuple[int, ...]
) -> None:
    """E254 for a merged cell among the rows, but for labels that the plan fills down."""
    filled = {columns[plain(counts.columns.of(name))] + 1 for name in counts.fill_down}
    used = {column + 1 for column in columns.values()}
    wrong = sorted(_merged_at(grid, set(lines), used - filled))
    if wrong:
        row, column = wrong[0]
        raise DataError(
            (problem("E254", grid.file, row=row, column=f"number {column}", count=len(wrong)),)
        )


def _merged_at(grid: Grid, lines: set[int], columns: set[int]) -> Iterator[tuple[int, int]]:
    for (row, column), (_, first_column) in grid.merged:
        if row in lines and (column in columns or first_column != column):
            yield row, column
