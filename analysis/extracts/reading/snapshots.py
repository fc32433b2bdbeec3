"""Snapshots of a database that `workbook pull` froze: receipts, and the folder that a run reads.
Imports no pandas.

A folder a round under `WORKBOOK_STATE`/snapshots: <table>.parquet for each table, and receipt.json.
What a study reads from `database:VARIABLE` is such a folder, never the database.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from analysis.errors import ParameterError, RunError
from analysis.extracts.reading.manifest import data_manifest_hash
from analysis.paths import round_named, snapshots
from analysis.plans.registry import Source
from analysis.plans.retention.deletions import (
    Deletion,
    deleted_data,
    deleted_of_round,
    no_longer,
)
from analysis.vocabulary.round_ids import base_round, rerun_number

RECEIPT = "receipt.json"


@dataclass(frozen=True)
class Pulled:
    """One table of a snapshot: the query as it was sent, number of rows, sha256 of the file, names
    of the columns."""

    query: str
    rows: int
    sha256: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Receipt:
    """What was pulled, from where (the NAME of the variable only) and when (UTC). data_hash: of all
    files together."""

    round: str
    source: str
    started: str
    finished: str
    tables: Mapping[str, Pulled]
    data_hash: str

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Receipt":
        """ValueError, TypeError or KeyError where the text is no receipt."""
        kept = json.loads(text)
        tables = {
            name: Pulled(**(entry | {"columns": tuple(entry["columns"])}))
            for name, entry in kept["tables"].items()
        }
        return cls(**(kept | {"tables": tables}))


def variable_of(source: Source) -> str:
    """Name of the environment variable that holds the URL. ParameterError E361 where `source` is no
    database."""
    if source.name != "database" or not source.argument:
        text = "a snapshot belongs to a source `database:VARIABLE`."
        raise ParameterError(
            "E361", text, remedy="Name the environment variable that holds the URL."
        )
    return source.argument


def receipts() -> dict[Path, Receipt]:
    """Every whole snapshot by its folder, the newest first; a folder without a receipt is none."""
    found = {}
    for path in snapshots().glob(f"[!.]*/{RECEIPT}"):
        try:
            found[path.parent] = Receipt.from_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            continue
    return dict(
        sorted(found.items(), key=lambda item: (item[1].finished, item[1].round), reverse=True)
    )


def snapshot_folder(source: Source, round_id: str | None = None) -> Path:
    """The folder of the snapshot that a run on `database:VARIABLE` reads. ParameterError E361,
    E364, E405 where it was deleted under its agreement.

    It is that of `round_id`; without one that of the round that the command line runs
    (`WORKBOOK_ROUND`, which
    `workbook run --round` and `workbook clear --round` set for every kernel). A notebook that is
    opened by hand has no
    round: it reads the newest snapshot that was pulled from this VARIABLE. A snapshot pulled from
    another one is refused. A rerun (`2026Q3r2`) reads what was pulled for it, else what was pulled
    for the round; so does what of the round is not signed yet.
    """
    variable, wanted = variable_of(source), round_id or round_named()
    for folder, receipt in receipts().items():
        if receipt.source == str(source) and (wanted is None or _is_of(folder.name, wanted)):
            return folder
    if wanted and (gone := deleted_of_round(str(source), wanted)):
        raise no_longer(gone)
    of_round = f" for the round {wanted}" if wanted else ""
    raise ParameterError(
        "E364",
        f"nothing was pulled from {variable}{of_round}.",
        remedy=(
            f"Run `workbook pull --from database:{variable} --round {wanted or 'ID'}` first, with"
            " the same WORKBOOK_STATE."
        ),
    )


def data_of(folder: str) -> str:
    """`database:VARIABLE` of the folder of a source under reports/; empty of any other source."""
    kind, _, variable = folder.partition("-")
    return f"{kind}:{variable}" if kind == "database" else ""


def deleted_snapshot(data: str, sha256: str) -> Deletion | None:
    """The deletion of the data with this hash, of `database:VARIABLE`; None while a snapshot of
    them is there. RunError E329."""
    gone = deleted_data(data, sha256)
    there = gone and any((r.source, r.data_hash) == (data, sha256) for r in receipts().values())
    return None if there else gone


def _is_of(pulled: str, wanted: str) -> bool:
    """Whether a snapshot is of the wanted round or another of its family; for the rerun that was
    named, not of a later one."""
    if base_round(pulled) != base_round(wanted):
        return False
    return rerun_number(wanted) in (1, max(rerun_number(wanted), rerun_number(pulled)))


def snapshot_hash(folder: Path, *, cache: Path | None = None) -> str:
    """Hash of the files of a snapshot. RunError E365 where they are no longer those of the
    receipt."""
    found = data_manifest_hash(folder, cache=cache)
    if found != receipts()[folder].data_hash:
        text = f"the snapshot of the round {folder.name} was changed after it was pulled."
        raise RunError("E365", text, remedy="Pull again under another round.")
    return found
