"""The ledger: every run that was started, how it ended, and the batch that started it. A cache in
SQLite.

It tells what happened; it decides nothing. Whether a run is up to date is read from the run itself
(publishing.py), so a lost ledger costs no result. Only the process that started the batch writes
it. Each batch holds a lock on a file of its own, which the operating system drops when the process
ends, however it ends: so no lock is ever stale, and a run that says "running" while nobody holds
the lock of its batch was cut off.
"""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from analysis.errors import ParameterError, RunError
from analysis.paths import reports

SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY, source TEXT, round TEXT, study TEXT, place TEXT,
    plan_hash TEXT, data_hash TEXT, code_version TEXT, notebook TEXT,
    state TEXT, code TEXT, text TEXT, folder TEXT, started TEXT, finished TEXT, seconds REAL,
    batch INTEGER,
    UNIQUE (source, round, study, place));
CREATE TABLE IF NOT EXISTS batches (
    id INTEGER PRIMARY KEY, request TEXT, started TEXT, finished TEXT, exit_code INTEGER);
"""
# States of a run. planned and running become cut_off when their batch has ended without saying
# more.
UNFINISHED = ("planned", "running")
# seconds in which whoever only looks at a lock has let go of it
LOOK = 0.2
LOCKS = ".batches"
FILE = "ledger.sqlite"


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class Ledger:
    """The ledger of one reports folder, open for one batch."""

    def __init__(self, folder: Path | None = None):
        self.folder = folder or reports()
        self._locks: dict[int, FileLock] = {}  # of the batches that are begun here
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / LOCKS).mkdir(mode=0o700, exist_ok=True)
            try:
                self._open()
            except sqlite3.DatabaseError as error:
                if isinstance(
                    error, sqlite3.OperationalError
                ):  # locked, full or read-only is not broken
                    raise
                # it tells what happened and no more, so a broken one is put aside
                os.replace(self.folder / FILE, self.folder / f"{FILE}.broken")
                self._open()
        except (OSError, sqlite3.OperationalError) as error:
            text = (
                "the folder of reports cannot be written to"
                f" ({getattr(error, 'strerror', None) or error})."
            )
            raise ParameterError(
                "E224", text, remedy="Make room or name another by WORKBOOK_REPORTS."
            ) from None

    def _open(self) -> None:
        self._database = sqlite3.connect(self.folder / FILE, timeout=30, isolation_level=None)
        self._database.row_factory = sqlite3.Row
        # no flush to the disk at each row: a killed process loses nothing, a power cut at most this
        # cache
        self._database.executescript("PRAGMA synchronous=OFF;" + SCHEMA)

    def close(self) -> None:
        self._database.close()
        while self._locks:
            number, lock = self._locks.popitem()
            lock.release()
            self._lock_file(number).unlink(missing_ok=True)

    def begin(self, request: dict) -> int:
        """Note a new batch and what it was asked for; returns its number. Runs of dead batches
        become `cut_off` first."""
        self._note_what_was_cut_off()
        with self._transaction():
            number = self._new_number()
            self._write(
                "INSERT INTO batches (id, request, started) VALUES (?, ?, ?)",
                (number, json.dumps(request), now()),
            )
        return number

    def end(self, batch: int, exit_code: int) -> None:
        self._write(
            "UPDATE batches SET finished = ?, exit_code = ? WHERE id = ?", (now(), exit_code, batch)
        )

    def unfinished_request(self) -> dict | None:
        """What the last batch was asked for, if it did not end well; else None."""
        row = self._database.execute(
            "SELECT request, exit_code FROM batches ORDER BY id DESC LIMIT 1"
        ).fetchone()
        return json.loads(row["request"]) if row and row["exit_code"] != 0 else None

    def claim(
        self, batch: int, keys: Iterable[tuple[str, str, str, str]], hashes: Iterable[dict]
    ) -> dict[tuple, int]:
        """Rows for runs (source, round, study, place) as those of `batch`; RunError E323 where
        another batch holds one."""
        ids = {}
        with self._transaction():
            for key, made_from in zip(keys, hashes, strict=True):
                self._write(
                    "INSERT OR IGNORE INTO runs (source, round, study, place) VALUES (?, ?, ?, ?)",
                    key,
                )
                found = self._database.execute(
                    "SELECT id, state, batch FROM runs WHERE source = ? AND round = ? AND"
                    " study = ? AND place = ?",
                    key,
                ).fetchone()
                self._refuse_held(found, key)
                ids[key] = found["id"]
                self._write(
                    "UPDATE runs SET state = 'planned', code = '', text = '', folder = '', started"
                    " = NULL, finished = NULL, seconds = NULL, batch = ?, plan_hash = ?, data_hash"
                    " = ?, code_version = ?, notebook = ? WHERE id = ?",
                    (
                        batch,
                        *(
                            made_from.get(n)
                            for n in ("plan_hash", "data_hash", "code_version", "notebook")
                        ),
                        ids[key],
                    ),
                )
        return ids

    def started(self, row: int) -> None:
        self._write("UPDATE runs SET state = 'running', started = ? WHERE id = ?", (now(), row))

    def finished(
        self, row: int, *, state: str, code: str, text: str, folder: str, seconds: float
    ) -> None:
        self._write(
            "UPDATE runs SET state = ?, code = ?, text = ?, folder = ?, finished = ?, seconds = ?"
            " WHERE id = ?",
            (state, code, text, folder, now(), round(seconds, 3), row),
        )

    def runs(self) -> list[dict]:
        """Every run as it is known now, sorted; a run whose batch has died says `cut_off`."""
        self._note_what_was_cut_off()
        rows = self._database.execute("SELECT * FROM runs ORDER BY source, round, study, place")
        return [dict(row) for row in rows]

    def cut_off(self, batch: int) -> None:
        """Note that what `batch` has not finished will not be: it was stopped."""
        self._write(
            "UPDATE runs SET state = 'cut_off', finished = ? WHERE state IN (?, ?) AND batch = ?",
            (now(), *UNFINISHED, batch),
        )

    def _note_what_was_cut_off(self) -> None:
        rows = self._database.execute(
            "SELECT id, state, batch FROM runs WHERE state IN (?, ?)", UNFINISHED
        ).fetchall()
        lives = {batch: self._lives(batch) for batch in {row["batch"] for row in rows}}
        for row in rows:
            if not lives[row["batch"]]:
                self._write("UPDATE runs SET state = 'cut_off' WHERE id = ?", (row["id"],))

    def _refuse_held(self, row: sqlite3.Row, key: tuple) -> None:
        unfinished = row["state"] in UNFINISHED and row["batch"] not in self._locks
        if unfinished and self._lives(row["batch"]):
            text = f"another batch is running {key[2]} in {key[3]} in this folder."
            remedy = "Wait until it has ended, or name another round."
            raise RunError("E323", text, remedy=remedy)

    def _lives(self, batch: int) -> bool:
        """Whether the process of a batch, this or another, is at work."""
        if batch in self._locks:
            return True
        file = self._lock_file(batch)
        if not file.exists():
            return False
        try:
            with FileLock(file, mode=0o600, timeout=LOOK):
                return False
        except Timeout:
            return True

    def _new_number(self) -> int:
        """A new batch's number, whose lock this process holds. Where the ledger was put aside, an
        older batch may hold a number that is to come."""
        number = self._database.execute("SELECT COALESCE(MAX(id), 0) FROM batches").fetchone()[0]
        while not self._taken(number := number + 1):
            pass
        return number

    def _taken(self, number: int) -> bool:
        """Hold the lock of a number; False where another process does."""
        lock = FileLock(self._lock_file(number), mode=0o600, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            return False
        except OSError as error:
            raise _not_written(error) from None
        self._locks[number] = lock
        return True

    def _lock_file(self, batch: int) -> Path:
        return self.folder / LOCKS / str(batch)

    def _write(self, statement: str, values: tuple = ()) -> sqlite3.Cursor:
        try:
            return self._database.execute(statement, values)
        except sqlite3.OperationalError as error:
            raise _not_written(error) from None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._write("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._database.in_transaction:  # a full disk has ended it already
                self._database.execute("ROLLBACK")
            raise
        self._write("COMMIT")


def _not_written(error: Exception) -> RunError:
    why = getattr(error, "strerror", None) or error
    return RunError("E324", f"the ledger could not be written ({why}).", remedy="Make room.")
