"""The ledger: every run that was started, how it ended, and the batch that started it. A cache in
SQLite.

It tells what happened; it decides nothing. Whether a run is up to date is read from the run itself
(publishing.py), so a lost ledger costs no result. Only the process that started the batch writes
it. A row is claimed by a lock on one byte of a file, which the operating system drops when the
process ends, however it ends: so no lock is ever stale, and a run that says "running" while nobody
holds its byte was cut off.
"""

import fcntl
import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

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
LOCK_TRIES = 4
FILE = "ledger.sqlite"


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class Ledger:
    """The ledger of one reports folder, open for one batch."""

    def __init__(self, folder: Path | None = None):
        self.folder = folder or reports()
        self._mine: set[int] = set()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._locks = os.open(self.folder / ".locks", os.O_RDWR | os.O_CREAT, 0o600)
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
        os.close(self._locks)

    def begin(self, request: dict) -> int:
        """Note a new batch and what it was asked for; returns its number. Runs of dead batches
        become `cut_off` first."""
        self._note_what_was_cut_off()
        written = self._write(
            "INSERT INTO batches (request, started) VALUES (?, ?)", (json.dumps(request), now())
        )
        assert written.lastrowid is not None  # SQLite numbers every row that it takes
        return written.lastrowid

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
        """Rows for runs (source, round, study, place), each locked; RunError E323 where another
        batch holds one."""
        ids = {}
        with self._transaction():
            for key, made_from in zip(keys, hashes, strict=True):
                self._write(
                    "INSERT OR IGNORE INTO runs (source, round, study, place) VALUES (?, ?, ?, ?)",
                    key,
                )
                found = self._database.execute(
                    "SELECT id FROM runs WHERE source = ? AND round = ? AND study = ? AND"
                    " place = ?",
                    key,
                )
                ids[key] = found.fetchone()["id"]
                self._lock(ids[key], key)
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
        self._unlock(row)

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
        for row in self._database.execute(
            "SELECT id FROM runs WHERE state IN (?, ?)", UNFINISHED
        ).fetchall():
            if not self._held(row["id"]):
                self._write("UPDATE runs SET state = 'cut_off' WHERE id = ?", (row["id"],))

    def _held(self, row: int) -> bool:
        """Whether a batch, this or another, is at work on the row."""
        if row in self._mine:
            return True
        free = self._try_lock(row)
        if free:
            fcntl.lockf(self._locks, fcntl.LOCK_UN, 1, row)
        return not free

    def _try_lock(self, row: int) -> bool:
        try:
            fcntl.lockf(self._locks, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, row)
        except OSError:
            return False
        return True

    def _lock(self, row: int, key: tuple) -> None:
        for _ in range(LOCK_TRIES):  # somebody who looks at the ledger holds a byte for a moment
            if self._try_lock(row):
                self._mine.add(row)
                return
            time.sleep(0.05)
        text = f"another batch is running {key[2]} in {key[3]} in this folder."
        raise RunError("E323", text, remedy="Wait until it has ended, or name another round.")

    def _unlock(self, row: int) -> None:
        self._mine.discard(row)
        fcntl.lockf(self._locks, fcntl.LOCK_UN, 1, row)

    def _write(self, statement: str, values: tuple = ()) -> sqlite3.Cursor:
        try:
            return self._database.execute(statement, values)
        except sqlite3.OperationalError as error:
            raise RunError(
                "E324", f"the ledger could not be written ({error}).", remedy="Make room."
            ) from None

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
