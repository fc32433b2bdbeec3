"""Opens a database by its URL through ibis: DuckDB, PostgreSQL, Spark. Only `workbook pull` and
`make test-engines` do so.

The text of an error of an engine or of its driver can hold the URL, a password or a value from the
data: it is never passed on, only the name of its class.
"""

import errno
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from urllib.parse import parse_qsl, urlsplit

from analysis.errors import DataError, ParameterError, RunError, WorkbookError
from analysis.extracts.tables.codes import problem
from analysis.extracts.tables.contracts import CONTRACTS

SPOKEN = ("duckdb", "postgres", "postgresql", "pyspark")
DISK_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
SPARK = {"spark.ui.enabled": "false"}  # what holds where the URL says nothing else


@contextmanager
def engine_faults(doing: str) -> Iterator[None]:
    """An error of the engine becomes RunError E363, that a driver is missing E362. `doing`: our
    words, no values.

    Our own errors, no memory, and a fault of this machine's disk pass.
    """
    try:
        with warnings.catch_warnings():  # as in sources.py
            warnings.filterwarnings(
                "ignore", message="fetch_arrow_table", category=DeprecationWarning
            )
            yield
    except (WorkbookError, MemoryError):
        raise
    except ImportError:
        text = "the driver of this engine is not installed."
        remedy = 'Install the extra: pip install "pilot-evaluation-workbook[engines]".'
        raise ParameterError("E362", text, remedy=remedy) from None
    except Exception as error:
        if isinstance(error, OSError) and error.errno in DISK_FAULTS:
            raise
        kind = type(error).__name__
        text = (
            f"the engine failed while {doing} ({kind}). Its own words are not shown: they can hold"
            " values."
        )
        raise RunError(
            "E363", text, remedy="Check the URL, the account and the log of the engine."
        ) from None


@contextmanager
def open_engine(url: str) -> Iterator:
    """An ibis backend for `url`, read only where the engine can be told so, closed at the end.
    Nothing is read yet.

    duckdb:///PATH (or a path that ends in .duckdb, .ddb or .db), postgres://…,
    pyspark://?spark.master=…. ParameterError E362 for an engine that is not spoken or not
    installed; RunError E363 where it cannot be reached.
    """
    kind = _kind(url)
    with engine_faults("it was opened"):
        backend = {"duckdb": _duckdb, "pyspark": _spark}.get(kind, _postgres)(url)
    try:
        yield backend
    finally:
        with engine_faults("it was closed"):
            backend.disconnect()


def one_moment(backend):
    """Context in which all queries see the database as it stood at one moment, where the engine
    knows transactions."""
    return backend.con.transaction() if backend.name == "postgres" else nullcontext()


def engine_tables(backend, tables: Sequence[str]) -> dict:
    """By name, those of `tables` that the database holds: ibis expressions of the contract's
    columns, as they are stored.

    Nothing is read yet. DataError E103 names every column that is missing; RunError E363.
    """
    with engine_faults("its tables were looked for"):
        looked = {name: _table(backend, name) for name in tables}
    found = {name: rows for name, rows in looked.items() if rows is not None}
    problems = [
        problem("E103", name, column=column)
        for name, rows in found.items()
        for column in CONTRACTS[name].names
        if column not in rows.columns
    ]
    if problems:
        raise DataError(tuple(problems))
    return {name: rows.select(*CONTRACTS[name].names) for name, rows in found.items()}


def batches(backend, rows, *, size: int):
    """The rows of an expression as a pyarrow RecordBatchReader, `size` at a time; Spark hands over
    all of them first."""
    if backend.name == "duckdb":  # ibis 12 asks DuckDB 2 for a method that is gone
        return backend.con.sql(backend.compile(rows)).to_arrow_reader(size)
    return backend.to_pyarrow_batches(rows, chunk_size=size)


def _table(backend, name: str):
    """The table, or None where the database has none of this name (listing all fails on DuckDB 2
    with ibis 12)."""
    from ibis.common.exceptions import TableNotFound

    try:
        return backend.table(name)
    except TableNotFound:
        return None


def _kind(url: str) -> str:
    if url.endswith((".duckdb", ".ddb", ".db")) and "://" not in url:
        return "duckdb"
    kind = url.partition("://")[0] if "://" in url else ""
    if kind not in SPOKEN:
        text = "the URL in the environment variable names no engine that is spoken here."
        raise ParameterError(
            "E362", text, remedy="Begin it with duckdb://, postgres:// or pyspark://."
        )
    return kind


def _duckdb(url: str):
    import ibis

    return ibis.duckdb.connect(url.removeprefix("duckdb://"), read_only=True, threads=1)


def _postgres(url: str):
    import ibis

    backend = ibis.connect(url)
    backend.con.execute(
        "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
    )
    return backend


def _spark(url: str):
    import ibis
    from pyspark.sql import SparkSession

    settings = SPARK | dict(parse_qsl(urlsplit(url).query))
    session = SparkSession.builder.config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("OFF")  # its log can hold the settings
    return ibis.pyspark.connect(session)
