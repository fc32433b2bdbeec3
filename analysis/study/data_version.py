"""The hash of the data that a source holds, the same for all places: in a record, and in the
decision to run again."""

import hashlib
from dataclasses import replace
from pathlib import Path

from analysis.errors import DataError, ParameterError
from analysis.paths import EXAMPLE_RECORDS, EXTRACTS, REFERENCE, file_hashes
from analysis.plans.registry import BLIND, Source, load_plan, plan_hash


def extract_folder(source: Source) -> Path:
    """The folder that `extracts[:PATH]` names, or that of the snapshot that was pulled from
    `database:VARIABLE`."""
    if source.name == "database":
        from analysis.extracts.reading.snapshots import snapshot_folder

        return snapshot_folder(source)
    return Path(source.argument).expanduser().resolve() if source.argument else EXTRACTS


def data_hash(source: Source, study: str = "") -> str:
    """sha256 of what `source` holds for a study. RunError where it is not there; ParameterError
    E219 for a source that cannot be read.

    Synthetic data are what is planted (for the study, where it has a file of its own) and the code
    that makes them, so that nothing need be made to know it. Blind data are those of a plan.
    """
    if source.blind:
        seen = data_hash(replace(source, blind=False), study)
        return hashlib.sha256(f"{BLIND}\0{seen}\0{plan_hash(study)}".encode()).hexdigest()
    match source.name:
        case "synthetic":
            from analysis.synthetic.stamp import stamp

            return hashlib.sha256(stamp(source.scale, study).encode()).hexdigest()
        case "extracts":
            from analysis.extracts.reading.manifest import data_manifest_hash

            return data_manifest_hash(extract_folder(source), cache=file_hashes())
        case "database":
            from analysis.extracts.reading.snapshots import snapshot_hash

            return snapshot_hash(extract_folder(source), cache=file_hashes())
        case "published":
            found = [
                path.name.encode() + path.read_bytes() for path in sorted(REFERENCE.glob("*.csv"))
            ]
            return hashlib.sha256(b"\0".join([*found, *_shown_of_others(study)])).hexdigest()
        case "counts":
            return _counts_hash(source)
        case "star":
            from analysis.extracts.frames.star_file import star_file

            return hashlib.sha256(star_file().read_bytes()).hexdigest()
    raise ParameterError("E219", f"the source `{source.name}` cannot be read by this version.")


def _shown_of_others(study: str) -> list[bytes]:
    """The cleared records that a list of commitments shows: those of all other studies."""
    if not study or not load_plan(study).shows_other_studies:
        return []
    found = sorted(EXAMPLE_RECORDS.glob("*/national.json"))
    return [path.read_bytes() for path in found if path.parent.name != study]


def _counts_hash(source: Source) -> str:
    """Of the file that a run names, or of every table in data/reference, where those of plans
    stand. DataError E250."""
    if source.argument is None:
        tables = sorted(
            path for path in REFERENCE.iterdir() if path.suffix in (".csv", ".ods", ".xlsx")
        )
        found = [path.name.encode() + path.read_bytes() for path in tables]
        return hashlib.sha256(b"\0".join(found)).hexdigest()
    path = Path(source.argument)
    if not path.is_file():
        from analysis.extracts.tables.codes import problem

        raise DataError((problem("E250", path.name),))
    return hashlib.sha256(path.read_bytes()).hexdigest()
