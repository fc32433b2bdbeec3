"""What must hold before the first kernel starts: the data are there and keep their contracts."""

from pathlib import Path

from analysis.errors import DataError, ParameterError, Problem
from analysis.forking import forked_pool
from analysis.plans.registry import Source, load_plan
from analysis.runs.planning import Run
from analysis.studies.data_version import extract_folder
from analysis.studies.kinds import WHO, kind_of
from analysis.vocabulary.regions import ALL


def prepare(runs: tuple[Run, ...]) -> None:
    """Check the inputs of all runs once. ParameterError or DataError; nothing has been started then.

    In a process of its own: what reads the data starts threads, and from a process with threads no worker can be forked.
    """
    _check_count_tables(runs)
    for source, service in dict.fromkeys((run.source, _service(run)) for run in runs):
        if source.name == "extracts":
            wanted = tuple(run.region for run in runs if (run.source, _service(run)) == (source, service))
            with forked_pool(1) as pool:
                problems, held = pool.submit(_found, source, service, wanted).result()
            if problems:
                raise DataError(problems)
            _check_places(wanted, held)


def _check_count_tables(runs: tuple[Run, ...]) -> None:
    """DataError where a table of counts is not as its plan says."""
    for study, source in dict.fromkeys((run.study, run.source) for run in runs if run.source.name == "counts"):
        with forked_pool(1) as pool:
            problems = pool.submit(_faults_of_table, study, source).result()
        if problems:
            raise DataError(problems)


def _faults_of_table(study: str, source: Source) -> tuple[Problem, ...]:
    from analysis.extracts.count_tables import read_count_table
    from analysis.studies.public_counts import count_file

    plan = load_plan(study)
    try:
        read_count_table(plan, count_file(plan, source))
    except DataError as error:
        return error.problems
    return ()


def _service(run: Run) -> str:
    """Whose tables a run reads."""
    return kind_of(load_plan(run.study)).service


def _found(source: Source, service: str, wanted: tuple[str, ...]) -> tuple[tuple[Problem, ...], tuple[str, ...]]:
    """The problems of a service's tables in an extract and, where it has none, which of the places in `wanted` have people in it."""
    from analysis.extracts.checking import check_folder
    from analysis.extracts.contracts import tables_of
    from analysis.extracts.sources import group_counts

    folder = extract_folder(source)
    problems, _ = check_folder(folder, tables=tables_of(service))
    if problems:
        return tuple(problems), ()
    counted = group_counts(str(source), folder=folder, table=WHO[service], by=["region"])
    present = {name.strip().lower() for name in counted["region"]}
    return (), tuple(place for place in wanted if place in present)


def _check_places(wanted: tuple[str, ...], held: tuple[str, ...]) -> None:
    """ParameterError E151 names the places without anybody in the extract."""
    missing = [place for place in wanted if place != ALL and place not in held]
    if missing:
        regions = " ".join(f"--region {place}" for place in held)
        remedy = f"Run the places that it holds: {regions}." if held else "Check the extract."
        raise ParameterError("E151", f"the extract holds nobody in {', '.join(missing)}.", remedy=remedy)


def check_extract(folder: Path) -> tuple[str, ...]:
    """Check the tables of an extract; returns what was normalised. DataError lists every problem."""
    from analysis.extracts.checking import check_folder

    problems, notes = check_folder(folder)
    if problems:
        raise DataError(problems)
    return notes
