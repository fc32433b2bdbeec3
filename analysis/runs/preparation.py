"""What must hold before the first kernel starts: the data are there and keep their contracts."""

from pathlib import Path

from analysis.errors import DataError, ParameterError
from analysis.plans.registry import Source
from analysis.runs.runner import Run
from analysis.studies.data_version import extract_folder
from analysis.vocabulary.regions import ALL


def prepare(runs: tuple[Run, ...]) -> None:
    """Check the inputs of all runs once. ParameterError or DataError; nothing has been started then."""
    for source in dict.fromkeys(run.source for run in runs):
        if source.name == "extracts":
            check_extract(extract_folder(source))
            _check_places(source, tuple(run.region for run in runs if run.source == source))


def _check_places(source: Source, wanted: tuple[str, ...]) -> None:
    """Every place that is to be run has people in the extract; ParameterError E151 names those that have none."""
    from analysis.extracts.sources import group_counts

    counted = group_counts(str(source), folder=extract_folder(source), table="people_on_probation", by=["region"])
    present = {name.strip().lower() for name in counted["region"]}
    missing = [place for place in wanted if place != ALL and place not in present]
    if missing:
        held = [place for place in wanted if place in present]
        remedy = (
            f"Run the places that it holds: {' '.join(f'--region {place}' for place in held)}."
            if held
            else "Check the extract."
        )
        raise ParameterError("E151", f"the extract holds nobody in {', '.join(missing)}.", remedy=remedy)


def check_extract(folder: Path) -> tuple[str, ...]:
    """Check the tables of an extract; returns what was normalised. DataError lists every problem."""
    from analysis.extracts.checking import check_folder

    problems, notes = check_folder(folder)
    if problems:
        raise DataError(problems)
    return notes
