"""Opens tables by ibis on DuckDB: region and columns are pushed down, rows come back in the order of the contract's key.

The same expressions run on the other engines that ibis speaks. Float sums are never pushed down, and one thread
reads, so that a table is the same on every machine.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from analysis.errors import DataError
from analysis.extracts.cells import STRAY, typed
from analysis.extracts.codes import problem
from analysis.extracts.contract import Contract
from analysis.extracts.contracts import CONTRACTS
from analysis.extracts.manifest import table_files

ALL_TEXT = {"all_varchar": True, "header": True, "nullstr": "\x00", "delim": ",", "quote": '"', "escape": '"'}


def open_tables(
    source: str,
    *,
    folder: Path,
    tables: list[str],
    region: str | None = None,
    columns: dict[str, list[str]] | None = None,
) -> dict[str, pd.DataFrame]:
    """Tables by name, typed as their contract says, sorted by its key; `region` None reads all regions.

    `source` is named in errors; `columns` names the columns wanted of a table (all where it does not). A required
    table that is not there: DataError E100; an optional one is left out. A cell or column against the contract:
    DataError E190 (`check_folder` says more).
    """
    opened = {}
    for table in tables:
        contract = CONTRACTS[table]
        files = table_files(folder, table, region)
        if files:
            names = tuple((columns or {}).get(table, contract.names))
            opened[table] = _validated(contract, names, _read(contract, files, names, region))
        elif not contract.optional:
            raise DataError((problem("E100", f"{table} ({source})"),))
    return opened


def group_counts(source: str, *, folder: Path, table: str, by: list[str], region: str | None = None) -> pd.DataFrame:
    """Number of rows (`n`, whole) of a table for each combination of the columns `by`, counted by the engine."""
    contract, files = CONTRACTS[table], table_files(folder, table, region)
    if not files:
        raise DataError((problem("E100", f"{table} ({source})"),))
    with _engine_errors(files):
        rows = _rows(contract, files, region)
        counts = rows.group_by(by).aggregate(n=rows.count()).order_by(by).to_pyarrow().to_pandas()
    return counts.astype({"n": "int64"})


def lazy_table(source: str, *, folder: Path, table: str, region: str | None = None, beside=None):
    """A table as an ibis expression, of one region where it has regions; nothing is read yet. DataError E100, E103.

    Cells of text (CSV) are typed in the engine. What stands against the contract is found by `check_folder`. `beside`:
    an expression that the table is to be joined to: both are read by one engine.
    """
    contract, files = CONTRACTS[table], table_files(folder, table, region)
    if not files:
        raise DataError((problem("E100", f"{table} ({source})"),))
    with _engine_errors(files):
        rows = _rows(contract, files, region, engine=beside.get_backend() if beside is not None else None)
    missing = [name for name in contract.names if name not in rows.columns]
    if missing:
        raise DataError(tuple(problem("E103", files[0].name, column=name) for name in missing))
    return typed_rows(contract, rows)


def typed_rows(contract: Contract, rows):
    """The columns of the contract with the types that counting needs, whatever the engine stored."""
    kinds = {"whole": "int64", "date": "timestamp", "number": "float64"}
    return rows.select(
        **{c.name: rows[c.name].cast(kinds[c.kind]) if c.kind in kinds else rows[c.name] for c in contract.columns}
    )


@contextmanager
def engine_errors(table: str) -> Iterator[None]:
    """An error of the engine while it counts becomes E198, without the values that it may hold."""
    with _engine_errors((Path(table),)):
        yield


def _rows(contract: Contract, files: tuple[Path, ...], region: str | None, engine=None):
    import ibis

    engine = engine or ibis.duckdb.connect(threads=1)
    paths = [str(path) for path in files]
    csv = files[0].suffix == ".csv"
    rows = engine.read_csv(paths, **ALL_TEXT) if csv else engine.read_parquet(paths, hive_partitioning=False)
    rows = rows.rename({name: found for name in contract.names for found in rows.columns if _plain(found) == name})
    if region is None or not contract.regional:
        return rows
    written = rows.region
    for stray in STRAY:  # the same cleaning as cells.cleaned, in the engine
        written = written.replace(stray, " ")
    return rows.filter((written.strip().lower() if csv else rows.region) == region)


def _plain(name: str) -> str:
    """A heading without what spreadsheets leave around it."""
    return name.strip(STRAY).lower()


def _read(contract: Contract, files: tuple[Path, ...], names: tuple[str, ...], region: str | None) -> pd.DataFrame:
    with _engine_errors(files):
        rows = _rows(contract, files, region)
        missing = [name for name in (*names, *contract.key) if name not in rows.columns]
        if missing:
            raise DataError(tuple(problem("E103", files[0].name, column=name) for name in missing))
        return rows.order_by(list(contract.key)).select(*names).to_pyarrow().to_pandas()


@contextmanager
def _engine_errors(files: tuple[Path, ...]) -> Iterator[None]:
    """An engine's own error can hold values: it becomes E198, without them."""
    import duckdb

    try:
        with warnings.catch_warnings():  # ibis 12 calls by its old name what duckdb 2 has renamed
            warnings.filterwarnings("ignore", message="fetch_arrow_table", category=DeprecationWarning)
            warnings.filterwarnings(
                "ignore", message="The 'future.infer_string' option"
            )  # ibis 12 asks pandas 3 for it
            yield
    except duckdb.Error:
        raise DataError((problem("E198", files[0].name),)) from None


def _validated(contract: Contract, names: tuple[str, ...], frame: pd.DataFrame) -> pd.DataFrame:
    """The typed frame, once the contract's schema has accepted it; DataError E190 names the columns otherwise."""
    from pandera.errors import SchemaErrors

    frame, faults = typed(contract, frame)
    problems = [problem("E190", contract.table, column=column, count=count) for column, count in faults.items()]
    if not problems:
        try:
            return contract.schema(names).validate(frame, lazy=True)
        except SchemaErrors as error:
            found = error.failure_cases.groupby("column", dropna=False)["check"].size()
            problems = [problem("E190", contract.table, column=str(name), count=int(n)) for name, n in found.items()]
    raise DataError(tuple(problems))
