"""A table of an extract as a view of DuckDB: what a study holds of it in place of its rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from analysis.extracts.reading.statements import Columns, Question, statement

if TYPE_CHECKING:
    import duckdb

ASKED = "rows_asked"  # view of those rows of a table that a question is put to


@dataclass(frozen=True, eq=False)
class TableView:
    """One table of an extract in one place. columns: name and type of each, as the engine tells
    them. condition: SQL that chooses among its rows; empty: all of them.

    Several views of one connection can be joined; a question is put to one of them.
    """

    connection: "duckdb.DuckDBPyConnection" = field(repr=False)
    name: str
    columns_and_types: Columns
    condition: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.columns_and_types)

    def within(self, *, since=None, until=None, among: Iterable | None = None) -> "TableView":
        """The rows of some quarters, all named by their first days."""
        limits = [] if since is None else [f"quarter >= {_day(since)}"]
        limits += [] if until is None else [f"quarter <= {_day(until)}"]
        limits += [] if among is None else [f"quarter IN ({', '.join(map(_day, among))})"]
        return replace(self, condition=" AND ".join(limits))

    def of_place(self, region: str | None) -> "TableView":
        """The rows of one place; of all where none is named."""
        if region is None:
            return self
        where = f"region = {quoted(region)}"
        return view_of(
            self.connection, f"{self.name}_here", f'SELECT * FROM "{self.name}" WHERE {where}'
        )

    def answer(self, question: Question) -> pd.DataFrame:
        """What the question finds, in no order."""
        where = f" WHERE {self.condition}" if self.condition else ""
        self.connection.execute(
            f'CREATE OR REPLACE VIEW "{ASKED}" AS SELECT * FROM "{self.name}"{where}'
        )
        sql = statement(self.connection, question, {ASKED: self.columns_and_types})
        return self.connection.execute(sql).df()

    @cached_property
    def rows(self):
        """The same rows as an ibis expression."""
        import ibis

        return ibis.duckdb.from_connection(self.connection).table(self.name)


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def _day(quarter) -> str:
    return f"TIMESTAMP '{pd.Timestamp(quarter):%Y-%m-%d}'"


def view_of(connection, name: str, sql: str) -> TableView:
    """A view with this name and definition."""
    connection.execute(f'CREATE OR REPLACE VIEW "{name}" AS {sql}')
    described = connection.execute(f'DESCRIBE "{name}"').fetchall()
    return TableView(connection, name, tuple((row[0], row[1]) for row in described))


def derived_view(name: str, question: Question, *views: TableView) -> TableView:
    """A view that a question makes of other views of the same connection."""
    connection = views[0].connection
    held: Mapping[str, Columns] = {view.name: view.columns_and_types for view in views}
    return view_of(connection, name, statement(connection, question, held))
