"""What must hold before the first kernel starts: the data are there and keep their contracts."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, cast

from analysis.errors import DataError, ParameterError, Problem
from analysis.extracts.files.notes import Note
from analysis.forking import forked_pool
from analysis.plans.monitor import Monitor
from analysis.plans.registry import Source, load_plan
from analysis.runs.planning import Run
from analysis.study.data_version import extract_folder
from analysis.study.opening import service_of
from analysis.vocabulary.regions import ALL

if TYPE_CHECKING:
    from analysis.extracts.rules.checking import Examination

log = logging.getLogger(__name__)


def prepare(runs: tuple[Run, ...]) -> None:
    """Read the inputs of all runs once (reading.py), and log what was mended on reading.

    ParameterError or DataError; nothing has been started then. In a process of its own: what reads
    the data starts threads, and from a process with threads no worker can be forked.
    """
    _check_count_tables(runs)
    read: dict[tuple, list[str]] = {}
    for run in runs:
        read.setdefault((run.source, *_service_and_places(run)), []).append(run.region)
    for (source, service, places), wanted in read.items():
        if source.name in ("extracts", "database"):
            with forked_pool(1) as pool:
                notes, held = pool.submit(_found, source, service, places, wanted).result()
            for note in notes:
                log.info("%s: %s", source, note)
            _check_places(wanted, held)


def _check_count_tables(runs: tuple[Run, ...]) -> None:
    """DataError where a table of counts is not as its plan says."""
    for study, source in dict.fromkeys(
        (run.study, run.source) for run in runs if run.source.name == "counts"
    ):
        with forked_pool(1) as pool:
            problems = pool.submit(_faults_of_table, study, source).result()
        if problems:
            raise DataError(problems)


def _faults_of_table(study: str, source: Source) -> tuple[Problem, ...]:
    from analysis.extracts.counts.count_tables import read_count_table
    from analysis.study.public_counts import count_file

    plan = cast(Monitor, load_plan(study))  # no other plan may list `counts` as a source
    try:
        read_count_table(plan, count_file(plan, source))
    except DataError as error:
        return error.problems
    return ()


def _service_and_places(run: Run) -> tuple[str, str | None]:
    """Whose tables a run reads, and the set of places that they hold where they are not of the
    nation."""
    from analysis.extracts.tables.contracts import places_of_extract

    plan = load_plan(run.study)
    return service_of(plan), places_of_extract(plan.data.places)


def _found(
    source: Source, service: str, places: str | None, wanted: list[str]
) -> tuple[tuple[Note, ...], tuple[str, ...]]:
    """What was mended in a service's tables, and which of the places in `wanted` have people in it.
    DataError."""
    from analysis.extracts.reading.reading import notes_of, read_once
    from analysis.extracts.reading.sources import group_counts
    from analysis.extracts.tables.contracts import WHO, tables_of

    folder = extract_folder(source)
    who = WHO[service]
    tables = tables_of(service) if source.name == "extracts" else (who,)
    home = read_once(folder, tables=tables, places=places)
    counted = group_counts(str(source), folder=folder, table=who, by=["region"], places=places)
    return notes_of(home), tuple(place for place in wanted if place in set(counted["region"]))


def _check_places(wanted: list[str], held: tuple[str, ...]) -> None:
    """ParameterError E151 names the places without anybody in the extract."""
    missing = [place for place in wanted if place != ALL and place not in held]
    if missing:
        regions = " ".join(f"--region {place}" for place in held)
        remedy = f"Run the places that it holds: {regions}." if held else "Check the extract."
        raise ParameterError(
            "E151", f"the extract holds nobody in {', '.join(missing)}.", remedy=remedy
        )


def check_extract(folder: Path, places: str | None = None) -> "Examination":
    """Look at the tables of an extract: problems, what is mended on reading, and how many rows
    there are.

    `places`: set of places that it holds. ParameterError E211.
    """
    from analysis.extracts.rules.checking import examine_folder
    from analysis.extracts.tables.contracts import places_of_extract

    return examine_folder(folder, places=places_of_extract(places) if places else None)
