"""Freezes a database as a Parquet snapshot with a receipt: `workbook pull --from database:VARIABLE
--round ID`.

Each table is one query: the contract's columns, in the order of its key, as the engine stores them.
Batches go to the file one by one, so that memory stays flat on DuckDB and PostgreSQL; Spark hands
over a whole table. The folder is written under a temporary name, checked and normalised like any
extract, sealed, and renamed when it is whole. One that exists is never overwritten.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from analysis.errors import DataError, ParameterError
from analysis.extracts.files.notes import Note
from analysis.extracts.reading.engines import (
    batches,
    engine_faults,
    engine_tables,
    one_moment,
    open_engine,
)
from analysis.extracts.reading.manifest import data_manifest_hash
from analysis.extracts.reading.normal_form import reading_code, seal, sha256_of, write_typed
from analysis.extracts.reading.reading import normalised
from analysis.extracts.reading.snapshots import RECEIPT, Pulled, Receipt, variable_of
from analysis.extracts.rules.checking import Tables, examine
from analysis.extracts.tables.codes import did_you_mean, problem
from analysis.extracts.tables.contracts import CONTRACTS, EXTRACT, SERVICES, tables_of
from analysis.paths import make_own, snapshots
from analysis.plans.registry import Source
from analysis.plans.retention.deletions import deleted_of_round, no_longer

BATCH = 50_000  # rows in memory at a time


def pull(
    source: Source, *, round_id: str, tables: Sequence[str] = (), service: str | None = None
) -> tuple[Receipt, tuple[Note, ...]]:
    """Freeze the tables of a database for a round; the receipt, and notes of what is mended on
    reading.

    `tables` names them; without, those of `service`; without both, those of each service of which
    the database holds one. ParameterError E361 no such variable, table or service, E362 engine,
    E366 the snapshot exists; DataError E100, E103, or every problem that the checks find: nothing
    is kept then; RunError E363 the engine failed. ParameterError E405: the round was pulled before,
    and deleted under its agreement.
    """
    wanted = _wanted(tables, service)
    url = _url(variable_of(source))
    home = snapshots() / round_id
    _refuse_existing(home)
    if gone := deleted_of_round(str(source), round_id):
        raise no_longer(gone)
    started = _now()
    with _new_folder(home) as folder:
        with open_engine(url) as backend, engine_faults("it was read"), one_moment(backend):
            found = _complete(engine_tables(backend, wanted), wanted, asked=bool(tables or service))
            pulled = {name: _write(rows, name, backend, folder) for name, rows in found.items()}
        examined, checked = examine(folder, tables=tuple(pulled))
        if examined.problems:
            raise DataError(examined.problems)
        pulled = _in_normal_form(folder, checked, pulled)
        receipt = Receipt(
            round_id,
            str(source),
            started,
            _now(),
            pulled,
            data_manifest_hash(folder, tables=pulled),
        )
        (folder / RECEIPT).write_text(receipt.to_json(), encoding="utf-8")
    return receipt, examined.notes


def _in_normal_form(folder: Path, checked: Tables, pulled: dict[str, Pulled]) -> dict[str, Pulled]:
    """Put the checked tables in normal form in place of those that the engine wrote, and seal the
    folder."""
    for name, frame in normalised(checked).items():
        write_typed(
            frame.sort_values(list(CONTRACTS[name].key), ignore_index=True),
            folder / f"{name}.parquet",
        )
    files = {name: folder / f"{name}.parquet" for name in pulled}
    seal(folder, files.values(), "pulled", code=reading_code())
    return {name: replace(entry, sha256=sha256_of(files[name])) for name, entry in pulled.items()}


def _wanted(tables: Sequence[str], service: str | None) -> tuple[str, ...]:
    """Tables to look for. ParameterError E361 for a name that the data dictionary does not hold."""
    for given, valid, what in (
        (tables, CONTRACTS, "table"),
        ((service,) if service else (), SERVICES, "service"),
    ):
        unknown = [name for name in given if name not in valid]
        if unknown:
            remedy = did_you_mean(unknown[0], valid) or f"Write one of: {', '.join(valid)}."
            raise ParameterError(
                "E361", f"the data dictionary holds no such {what}.", remedy=remedy
            )
    return tuple(dict.fromkeys(tables)) or (tables_of(service) if service else tuple(CONTRACTS))


def _url(variable: str) -> str:
    url = os.environ.get(variable, "").strip()
    if not url:
        text = f"the environment variable {variable} is not set."
        raise ParameterError(
            "E361", text, remedy="Set it to the URL of the database; it is never written anywhere."
        )
    return url


def _refuse_existing(home: Path) -> None:
    if os.path.lexists(home):
        text = (
            f"there is a snapshot of the round {home.name} already, and none is ever overwritten."
        )
        raise ParameterError(
            "E366", text, remedy="Pull under another round, for instance with r2 at its end."
        )


@contextmanager
def _new_folder(home: Path) -> Iterator[Path]:
    """A temporary folder beside `home` that gets its name when all went well and is removed
    otherwise."""
    make_own(home.parent)
    folder = Path(tempfile.mkdtemp(prefix=f".{home.name}.", dir=home.parent))
    try:
        yield folder
        _refuse_existing(home)
        os.rename(folder, home)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _complete(found: dict, wanted: tuple[str, ...], *, asked: bool) -> dict:
    """The tables found, once none that is required is missing. DataError E100."""
    if not asked:
        held = {CONTRACTS[name].service for name in found if name != EXTRACT.table}
        if not held:
            raise DataError(
                (
                    problem(
                        "E100",
                        "every table",
                        hint="The database holds none of the data dictionary.",
                    ),
                )
            )
        wanted = tuple(name for name in wanted if CONTRACTS[name].service in held)
    missing = [name for name in wanted if name not in found and not CONTRACTS[name].optional]
    if missing:
        raise DataError(
            tuple(problem("E100", name, hint="It is not in the database.") for name in missing)
        )
    return found


def _write(rows, table: str, backend, folder: Path) -> Pulled:
    """One table to its file, batch by batch."""
    import pyarrow.parquet as pq

    contract, path, count = CONTRACTS[table], folder / f"{table}.parquet", 0
    query = rows.order_by(list(contract.key))
    with engine_faults(f"{table} was read"):
        read = batches(backend, query, size=BATCH)
        with pq.ParquetWriter(path, read.schema, compression="zstd") as writer:
            for batch in read:
                writer.write_batch(batch)
                count += batch.num_rows
    return Pulled(str(backend.compile(query)), count, sha256_of(path), contract.names)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
