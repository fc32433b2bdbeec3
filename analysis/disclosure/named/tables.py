"""Tables of counts, cleared and noted: each cell by its name, and the margins of the table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

import pandas as pd

from analysis.disclosure.attack.known import key
from analysis.disclosure.attack.noted import note, note_relations
from analysis.disclosure.named.names import WITHOUT, sum_of
from analysis.disclosure.rules import Clearance, load_rules
from analysis.disclosure.suppression import WITHHELD, clear_table
from analysis.results import Table

BY = "by"


@dataclass(frozen=True)
class TableNames:
    """How the counts of a table are named.

    table: what it is, in a word or two. labels: which dimension of a name each label column is
    (group, period, arm, unit; `by` for all others). counts: what each column counts (people, with,
    ...).
    """

    place: str
    table: str
    labels: Mapping[str, str]
    counts: Mapping[str, str]
    outcome: str = ""

    def name(self, labels: Mapping[str, str], column: str) -> str:
        """The name of one cell, or of a margin where a label is left out."""
        own = {self.labels[column]: label for column, label in labels.items()}
        own.pop(BY, None)
        by = [f"{c.lower()}={v}" for c, v in labels.items() if self.labels[c] == BY]
        return key(
            place=self.place,
            outcome=self.outcome,
            by=", ".join([self.table, *by]),
            count=self.counts[column],
            **own,
        )


@dataclass(frozen=True, eq=False)
class _Cells:
    """The exact cells of one table with their names."""

    names: TableNames
    frame: pd.DataFrame
    structural: Sequence[str] = field(default=())

    @cached_property
    def labels(self) -> list[dict[str, str]]:
        columns = list(self.names.labels)
        rows = self.frame[columns].astype(str).itertuples(index=False, name=None)
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def margins(self, column: str) -> Iterator[tuple[str, int, list[str]]]:
        """Name, number and cells of each margin of a column of counts that is not small itself."""
        columns, exact = list(self.names.labels), self.frame[column].tolist()
        for size in range(len(columns)):
            for kept in combinations(columns, size):
                sums: dict[tuple, list[int]] = {}
                for at, labels in enumerate(self.labels):
                    if not pd.isna(exact[at]):
                        sums.setdefault(tuple(labels[c] for c in kept), []).append(at)
                for values, rows in sums.items():
                    together = sum(int(exact[at]) for at in rows)
                    if len(rows) > 1 and together >= load_rules().threshold:
                        own = dict(zip(kept, values, strict=True))
                        cells = [self.names.name(self.labels[at], column) for at in rows]
                        yield self.names.name(own, column), together, cells


def counted_table(
    title: str,
    frame: pd.DataFrame,
    *,
    names: TableNames,
    clearance: Clearance,
    rates: Mapping[str, tuple[str, str]] | None = None,
    structural: Sequence[str] = (),
    model: Sequence[str] = (),
    together: Sequence[tuple[str, str, str]] = (),
    whole_rows: bool = False,
) -> Table:
    """A table of counts as `clear_table` clears it, without what the joint decision withholds.

    Counts are the columns that `names` names. together: (whole, part, part) of counts that add up,
    so that either part gives the other back: where one is withheld, so are both. whole_rows: a row
    is printed as a whole or not at all.
    """
    rates, counts = dict(rates or {}), list(names.counts)
    table = clear_table(
        title,
        frame,
        clearance=clearance,
        counts=counts,
        rates=rates,
        structural=structural,
        model=model,
    )
    if clearance.public:
        return table
    shown = table.to_frame().astype(dict.fromkeys([*counts, *rates], object))
    cells = _Cells(names, frame, structural)
    _without_hidden(shown, cells, rates, clearance.hidden)
    apart = [parts for _, *parts in together] + ([counts] if whole_rows else [])
    for parts in apart:
        gone = (shown[parts] == WITHHELD).any(axis=1)
        shown.loc[gone, parts] = WITHHELD
    _note_cells(shown, cells, title)
    for event, base in rates.values():
        _note_without(cells, event, base, title)
    for whole, *parts in together:
        _note_together(cells, whole, parts)
    changed = not shown.equals(table.to_frame().astype(shown.dtypes))
    return Table(title, shown, table.cleared_by, table.notes) if changed else table


def _without_hidden(
    shown: pd.DataFrame, cells: _Cells, rates: Mapping, hidden: frozenset[str]
) -> None:
    """Withhold cells, and the rates that are made of them."""
    for at, labels in enumerate(cells.labels):
        gone = {c for c in cells.names.counts if cells.names.name(labels, c) in hidden}
        gone |= {rate for rate, pair in rates.items() if gone & set(pair)}
        for column in gone:
            shown.loc[shown.index[at], column] = WITHHELD


def _note_cells(shown: pd.DataFrame, cells: _Cells, title: str) -> None:
    for column in cells.names.counts:
        exact, printed = cells.frame[column].tolist(), shown[column].tolist()
        for labels, number, cell in zip(cells.labels, exact, printed, strict=True):
            if pd.isna(number):
                continue
            note(
                cells.names.name(labels, column),
                int(number),
                None if isinstance(cell, str) else cell,
                structural=column in cells.structural,
                where=f"table {title}",
            )
        for name, together, parts in cells.margins(column):
            note(name, together, None, where=f"margin of {title}")
            note_relations([sum_of(name, parts, "a table and its margins")])


def _note_together(cells: _Cells, whole: str, parts: Sequence[str]) -> None:
    for at, labels in enumerate(cells.labels):
        if not pd.isna(cells.frame[whole].iloc[at]):
            names = [cells.names.name(labels, column) for column in (whole, *parts)]
            note_relations([sum_of(names[0], names[1:], "parts of a column")])


def _note_without(cells: _Cells, event: str, base: str, title: str) -> None:
    """People without the event are told by those with it, and by all."""
    names = cells.names
    for labels, with_it, people in zip(
        cells.labels, cells.frame[event].tolist(), cells.frame[base].tolist(), strict=True
    ):
        if pd.isna(with_it) or pd.isna(people):
            continue
        whole = names.name(labels, base)
        name = f"{whole}, {WITHOUT}, {names.counts[event]}"
        note(name, int(people - with_it), None, where=f"table {title}")
        parts = [names.name(labels, event), name]
        note_relations([sum_of(whole, parts, "with and without are all people")])
