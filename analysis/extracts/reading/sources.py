"""Opens tables by ibis on DuckDB: region and columns are pushed down, rows come back in the order
of the contract's key.

Only tables in normal form are opened (reading.py): a raw folder is checked and normalised when it
is first asked for. The same expressions run on the other engines that ibis speaks. Float sums are
never pushed down, and one thread reads, so that a table is the same on every machine.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.errors import DataError
from analysis.extracts.files.mapping import supplier_words
from analysis.extracts.reading.manifest import table_files
from analysis.extracts.reading.reading import read_once
from analysis.extracts.reading.views import TableView, derived_view, quoted, view_of
from analysis.extracts.tables.codes import problem
from analysis.extracts.tables.contract import Contract
from analysis.extracts.tables.contracts import CONTRACTS, contract_of


@dataclass(frozen=True)
class AllBut:
    """All regions but these; of a table without regions every row is read."""

    regions: tuple[str, ...]


def open_tables(
    source: str,
    *,
    folder: Path,
    tables: list[str],
    region: str | AllBut | None = None,
    columns: dict[str, list[str]] | None = None,
    places: str | None = None,
) -> dict[str, pd.DataFrame]:
    """Tables by name, typed as their contract says, sorted by its key; `region` None reads all
    regions.

    `source` is named in errors; `columns` names the columns wanted of a table (all where it does
    not). `places`: the set of places of the extract (default: what mapping.yml says, else the
    probation regions). A required table that is not there: DataError E100; an optional one is left
    out. Whatever else the checks find: DataError with all problems.
    """
    import duckdb

    folder = Path(folder)
    present = [table for table in tables if _present(source, folder, table)]
    if not present:
        return {}
    held = supplier_words(folder, places).places
    homes = {
        table: read_once(folder, tables=_together(table, present), places=places)
        for table in present
    }
    opened, connection = {}, duckdb.connect(config={"threads": 1})
    for table in present:
        contract = contract_of(table, held)
        names = tuple((columns or {}).get(table, contract.names))
        with engine_errors(table):
            stored = _stored(contract, homes[table], region)
            frame = _read(connection, stored, contract, names)
        opened[table] = _validated(contract, names, frame)
    return opened


def group_counts(
    source: str,
    *,
    folder: Path,
    table: str,
    by: list[str],
    region: str | None = None,
    places: str | None = None,
) -> pd.DataFrame:
    """Number of rows (`n`, whole) of a table for each combination of the columns `by`, counted by
    the engine."""
    with engine_errors(table):
        rows = _rows_of(source, Path(folder), table, region, places)
        counts = rows.group_by(by).aggregate(n=rows.count()).order_by(by).to_pyarrow().to_pandas()
    return counts.astype({"n": "int64"})


def lazy_table(
    source: str,
    *,
    folder: Path,
    table: str,
    region: str | None = None,
    beside=None,
    places: str | None = None,
):
    """A table as an ibis expression, of one region where it has regions; nothing is read yet.

    DataError E100 where it is not there, and all problems of an extract against its contract.
    `beside`: an expression that the table is to be joined to: both are read by one engine.
    """
    engine = beside.get_backend() if beside is not None else None
    with engine_errors(table):
        rows = _rows_of(source, Path(folder), table, region, places, engine)
    return typed_rows(CONTRACTS[table], rows)


def table_view(
    source: str,
    *,
    folder: Path,
    table: str,
    region: str | AllBut | None = None,
    beside: TableView | None = None,
    places: str | None = None,
) -> TableView:
    """The same as a view of DuckDB, which answers by statements that are compiled once.

    `beside`: a view of the connection that this one is to be joined in. DataError as `lazy_table`.
    """
    import duckdb

    with engine_errors(table):
        _present(source, Path(folder), table)
        home = read_once(folder, tables=[table], places=places)
        connection = beside.connection if beside else duckdb.connect(config={"threads": 1})
        # The names tell no place, so that the statements of all places are one.
        name = table if isinstance(region, str) else f"{table}_everywhere"
        stored = _stored(CONTRACTS[table], home, region)
        return derived_view(name, Typed(table), view_of(connection, f"{name}_stored", stored))


@dataclass(frozen=True)
class Typed:
    """The question for the columns of a contract in the types that counting needs."""

    table: str

    def of(self, rows):
        """The ibis expression."""
        return typed_rows(CONTRACTS[self.table], rows)


def typed_rows(contract: Contract, rows):
    """The columns of the contract with the types that counting needs, whatever the engine
    stored."""
    kinds = {"whole": "int64", "date": "timestamp", "number": "float64"}
    return rows.select(
        **{
            c.name: rows[c.name].cast(kinds[c.kind]) if c.kind in kinds else rows[c.name]
            for c in contract.columns
        }
    )


@contextmanager
def engine_errors(table: str) -> Iterator[None]:
    """An error of the engine while it reads or counts becomes E198, without the values that it may
    hold."""
    import duckdb

    try:
        with warnings.catch_warnings():  # ibis 12 calls by its old name what duckdb 2 has renamed
            warnings.filterwarnings(
                "ignore", message="fetch_arrow_table", category=DeprecationWarning
            )
            warnings.filterwarnings(
                "ignore", message="The 'future.infer_string' option"
            )  # ibis 12 asks pandas 3 for it
            yield
    except duckdb.Error:
        raise DataError((problem("E198", table),)) from None


def _present(source: str, folder: Path, table: str) -> bool:
    """Whether a table is there; DataError E100 where it must be and nothing that could be it stands
    in the folder."""
    if table_files(folder, table):
        return True
    if CONTRACTS[table].optional:
        return False
    raise DataError((problem("E100", f"{table} ({source})"),))


def _together(table: str, tables: list[str]) -> list[str]:
    """The tables that are read with one: those of its service; `extract` goes with the first
    service, or alone."""
    services = [CONTRACTS[name].service for name in tables if name != "extract"]
    mine = services[0] if table == "extract" and services else CONTRACTS[table].service
    return [
        name
        for name in tables
        if name == table or (name != "extract" and CONTRACTS[name].service == mine)
    ]


def _rows_of(
    source: str, folder: Path, table: str, region: str | None, places: str | None, engine=None
):
    _present(source, folder, table)
    return _rows(CONTRACTS[table], read_once(folder, tables=[table], places=places), region, engine)


def _rows(contract: Contract, home: Path, region: str | None, engine=None):
    """Rows of a table in normal form, of one region or of all."""
    files = [str(path) for path in table_files(home, contract.table, region)]
    engine = engine or _engine()
    rows = engine.read_parquet(files, hive_partitioning=False)
    return rows if region is None or not contract.regional else rows.filter(rows.region == region)


def _engine():
    """One thread reads, so that a table is the same on every machine."""
    import ibis

    return ibis.duckdb.connect(threads=1)


def _stored(contract: Contract, home: Path, region: str | AllBut | None) -> str:
    """SQL for the rows of a table in normal form, of one region, of all, or of all but some."""
    one = region if isinstance(region, str) else None
    files = ", ".join(quoted(str(path)) for path in table_files(home, contract.table, one))
    where = _where(region) if contract.regional else ""
    return f"SELECT * FROM read_parquet([{files}], hive_partitioning = false){where}"


def _where(region: str | AllBut | None) -> str:
    if isinstance(region, str):
        return f" WHERE region = {quoted(region)}"
    if region is None or not region.regions:
        return ""
    return f" WHERE region NOT IN ({', '.join(map(quoted, region.regions))})"


def _read(connection, stored: str, contract: Contract, names: tuple[str, ...]) -> pd.DataFrame:
    columns, key = (", ".join(f'"{name}"' for name in some) for some in (names, contract.key))
    found = connection.sql(f"SELECT {columns} FROM ({stored}) ORDER BY {key}")
    return found.to_arrow_table().to_pandas()


def _validated(contract: Contract, names: tuple[str, ...], frame: pd.DataFrame) -> pd.DataFrame:
    """The frame in the types of its contract, once the contract's schema has accepted it; DataError
    E190 otherwise."""
    from pandera.errors import SchemaErrors

    try:
        typed = frame.astype({name: contract.column(name).dtype for name in names})
        return contract.schema(names).validate(typed, lazy=True)
    except SchemaErrors as error:
        found = error.failure_cases.groupby("column", dropna=False)["check"].size()
        problems = [
            problem("E190", contract.table, column=str(name), count=int(n))
            for name, n in found.items()
        ]
    except (TypeError, ValueError):
        problems = [problem("E190", contract.table)]
    raise DataError(tuple(problems))
