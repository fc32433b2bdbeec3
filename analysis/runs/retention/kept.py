"""What stands here of data: snapshots, readings of extracts, what failed runs have left, the
extracts themselves; and under which agreement each of them came.

No link is followed: what it leads to is not the workbook's.
"""

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from analysis.extracts.reading.manifest import table_files
from analysis.extracts.reading.reading import LEFT_OVER
from analysis.extracts.reading.snapshots import RECEIPT, Receipt
from analysis.extracts.tables.contracts import CONTRACTS, EXTRACT
from analysis.paths import EXTRACTS, readings, reports, snapshots
from analysis.plans.registry import BLIND, list_plans
from analysis.plans.retention.agreements import (
    DATABASE,
    KINDS,
    Agreement,
    Holding,
    agreement_of,
)
from analysis.plans.retention.agreements import EXTRACTS as OF_EXTRACTS
from analysis.plans.retention.deletions import READING, SNAPSHOT, deletions
from analysis.record.sealed import PROVENANCE
from analysis.runs.ledger import Ledger
from analysis.study.opening import service_of

FAILED_RUN, OWN_FILES = "failed run", "extract"
DELETABLE = (READING, FAILED_RUN, SNAPSHOT)  # in the order in which they are deleted
PRIVATE = "private"


@dataclass(frozen=True)
class Kept:
    """One thing that is kept. kind: one of DELETABLE, or an extract, which is its owner's. name: as
    a line of the list calls it. held: whose data it holds; None where that cannot be told. sha256:
    of the data, as the log of deletions has it. extract: the folder from which a reading was made.
    is_link: it leads elsewhere."""

    kind: str
    name: str
    path: Path
    held: Holding | None = None
    sha256: str = ""
    extract: Path | None = None
    is_link: bool = False

    @property
    def agreement(self) -> Agreement | None:
        """The agreement whose date holds; None where none is known."""
        return agreement_of(self.held) if self.held else None

    def is_overdue(self, today: date) -> bool:
        return self.agreement is not None and self.agreement.is_overdue(today)

    def asks_for_somebody(self, today: date) -> bool:
        """It is overdue, or nobody can say until when it may be kept."""
        return self.agreement is None or self.is_overdue(today)

    def is_to_delete(self, today: date) -> bool:
        """The workbook owns it, and its day has come."""
        due = self.agreement is not None and self.agreement.is_due(today)
        return due and self.kind in DELETABLE and not self.is_link


def all_kept() -> tuple[Kept, ...]:
    """Everything, in the order in which it is deleted: what was read before what it was read from.
    RunError E329; PlanError E208, E209."""
    whole = tuple(_snapshots())
    read = tuple(_readings(whole))
    return (*read, *_failed_runs(), *whole, *_extracts(read))


def exact_records() -> dict[str, int]:
    """How many runs hold an exact record of data of people, by source: counts and no rows, sealed
    with their page."""
    found: dict[str, int] = {}
    for file in sorted((reports() / ".runs").glob("[!.]*/results.json")):
        try:
            source = str(json.loads(file.read_bytes())["data_source"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if _kind(source) in KINDS and (file.parent / PRIVATE).is_dir():
            found[source] = found.get(source, 0) + 1
    return found


def _kind(source: str) -> str:
    """The kind of a source by the name of its folder."""
    return source.removeprefix(f"{BLIND}-").partition("-")[0]


def _studies(tables: Iterable[str]) -> frozenset[str]:
    """Studies that read one of these tables."""
    services = {CONTRACTS[name].service for name in tables if name in CONTRACTS}
    services.discard(EXTRACT.service)
    return frozenset(plan.study for plan in list_plans() if service_of(plan) in services)


def _folders(home: Path) -> Iterator[Path]:
    """What stands in a folder of the state, by name. What is being written is left out for a day,
    and so is a folder with nothing in it."""
    if home.is_symlink() or not home.is_dir():
        return
    for path in sorted(home.iterdir()):
        fresh = path.name.startswith(".") and time.time() - path.lstat().st_mtime < LEFT_OVER
        if not fresh and (path.is_symlink() or (path.is_dir() and any(path.iterdir()))):
            yield path


def _snapshots() -> Iterator[Kept]:
    for path in _folders(snapshots()):
        if path.is_symlink():
            yield Kept(SNAPSHOT, path.name, path, is_link=True)
            continue
        receipt = _receipt(path / RECEIPT)
        if receipt is None:
            yield Kept(SNAPSHOT, path.name, path)
            continue
        held = Holding(receipt.source, path.name, _studies(receipt.tables))
        yield Kept(SNAPSHOT, path.name, path, held, receipt.data_hash)


def _receipt(file: Path) -> Receipt | None:
    try:
        return Receipt.from_json(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _readings(whole: Iterable[Kept]) -> Iterator[Kept]:
    """Each extract's readings. One of a snapshot is of its database and round."""
    known = {one.path: one.held for one in whole}
    known |= {
        snapshots() / one.round_id: Holding(one.data, one.round_id)
        for one in deletions()
        if one.kind == SNAPSHOT and snapshots() / one.round_id not in known
    }
    for path in _folders(readings()):
        if path.is_symlink():
            yield Kept(READING, path.name, path, is_link=True)
            continue
        folder, tables = _read_from(path)
        if folder is None:
            yield Kept(READING, path.name, path)
        elif folder.parent == snapshots():
            yield Kept(READING, path.name, path, known.get(folder), path.name)
        else:
            held = Holding(OF_EXTRACTS, studies=_studies(tables))
            yield Kept(READING, path.name, path, held, path.name, folder)


def _read_from(home: Path) -> tuple[Path | None, frozenset[str]]:
    """The folder from which the readings of one extract were made, and the tables that were
    read; None where a receipt does not say."""
    folder, tables = None, frozenset[str]()
    for receipt in sorted(home.glob(f"*/{RECEIPT}")):
        try:
            made = json.loads(receipt.read_text(encoding="utf-8"))
            folder, tables = Path(made["folder"]), tables | set(made["rows"])
        except (OSError, ValueError, KeyError, TypeError):
            return None, frozenset()
    return folder, tables


def _failed_runs() -> Iterator[Kept]:
    """Private folders of runs that came to no page: the text of a fault can hold values."""
    found = [path for path in _folders(reports() / ".runs") if _has_no_page(path)]
    if not found:
        return
    ledger = Ledger()
    try:
        known = {run["folder"]: run for run in ledger.runs() if run["folder"]}
    finally:
        ledger.close()
    for path in found:
        private, run = path / PRIVATE, known.get(path.name)
        if path.is_symlink() or private.is_symlink():
            yield Kept(FAILED_RUN, path.name, private, is_link=True)
        elif run is None:
            yield Kept(FAILED_RUN, path.name, private)
        elif _kind(run["source"]) in KINDS:
            held = Holding(_data(run["source"]), run["round"], frozenset({run["study"]}))
            yield Kept(FAILED_RUN, path.name, private, held)


def _has_no_page(run: Path) -> bool:
    return not (run / PROVENANCE).exists() and (run / PRIVATE).is_dir()


def _data(source: str) -> str:
    """How an agreement names the data of the folder of a source."""
    kind, _, argument = source.removeprefix(f"{BLIND}-").partition("-")
    return f"{kind}:{argument}" if kind == DATABASE else kind


def _extracts(read: Iterable[Kept]) -> Iterator[Kept]:
    """The extracts that were ever read here and are there, and what stands in data/extracts: its
    owner's files."""
    named = [one.extract for one in read if one.extract]
    named += [Path(one.extract) for one in deletions() if one.extract]
    for folder in dict.fromkeys((EXTRACTS.resolve(), *named)):
        if tables := [name for name in CONTRACTS if table_files(folder, name)]:
            held = Holding(OF_EXTRACTS, studies=_studies(tables))
            yield Kept(OWN_FILES, str(folder), folder, held)
