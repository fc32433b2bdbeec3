"""What must hold before the first kernel starts: the data are there and keep their contracts."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.errors import ParameterError
from analysis.extracts.notes import Note
from analysis.forking import forked_pool
from analysis.plans.registry import Source, load_plan
from analysis.runs.planning import Run
from analysis.studies.data_version import extract_folder
from analysis.studies.kinds import WHO, kind_of
from analysis.vocabulary.regions import ALL

if TYPE_CHECKING:
    from analysis.extracts.checking import Examination

log = logging.getLogger(__name__)


def prepare(runs: tuple[Run, ...]) -> None:
    """Read the inputs of all runs once (reading.py), and log what was mended on reading.

    ParameterError or DataError; nothing has been started then. In a process of its own: what reads the data starts
    threads, and from a process with threads no worker can be forked.
    """
    for source, service in dict.fromkeys((run.source, _service(run)) for run in runs):
        if source.name in ("extracts", "database"):
            wanted = tuple(run.region for run in runs if (run.source, _service(run)) == (source, service))
            with forked_pool(1) as pool:
                notes, held = pool.submit(_found, source, service, wanted).result()
            for note in notes:
                log.info("%s: %s", source, note)
            _check_places(wanted, held)


def _service(run: Run) -> str:
    """Whose tables a run reads."""
    return kind_of(load_plan(run.study)).service


def _found(source: Source, service: str, wanted: tuple[str, ...]) -> tuple[tuple[Note, ...], tuple[str, ...]]:
    """What was mended in a service's tables, and which of the places in `wanted` have people in it. DataError."""
    from analysis.extracts.contracts import tables_of
    from analysis.extracts.reading import notes_of, read_once
    from analysis.extracts.sources import group_counts

    folder = extract_folder(source)
    tables = tables_of(service) if source.name == "extracts" else (WHO[service],)
    home = read_once(folder, tables=tables)
    counted = group_counts(str(source), folder=folder, table=WHO[service], by=["region"])
    return notes_of(home), tuple(place for place in wanted if place in set(counted["region"]))


def _check_places(wanted: tuple[str, ...], held: tuple[str, ...]) -> None:
    """ParameterError E151 names the places without anybody in the extract."""
    missing = [place for place in wanted if place != ALL and place not in held]
    if missing:
        regions = " ".join(f"--region {place}" for place in held)
        remedy = f"Run the places that it holds: {regions}." if held else "Check the extract."
        raise ParameterError("E151", f"the extract holds nobody in {', '.join(missing)}.", remedy=remedy)


def check_extract(folder: Path) -> "Examination":
    """Look at the tables of an extract: problems, what is mended on reading, and how many rows there are."""
    from analysis.extracts.checking import examine_folder

    return examine_folder(folder)
