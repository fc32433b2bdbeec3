"""What must hold before the first kernel starts: the data are there and keep their contracts."""

from pathlib import Path

from analysis.errors import DataError, ParameterError
from analysis.paths import EXTRACTS
from analysis.plans.registry import Source
from analysis.runs.runner import Run

NOT_YET = {"database": "workbook pull", "published": "a plan that reads counts"}


def prepare(runs: tuple[Run, ...]) -> None:
    """Check the inputs of all runs once. ParameterError or DataError; nothing has been started then."""
    for source in dict.fromkeys(run.source for run in runs):
        if source.name in NOT_YET:
            raise ParameterError(
                "E219", f"the source `{source.name}` needs {NOT_YET[source.name]}, which this version does not have."
            )
        if source.name == "extracts":
            check_extract(extract_folder(source))
        if source.name == "star":
            from analysis.extracts.star import star_file

            star_file()


def extract_folder(source: Source) -> Path:
    """The folder that `extracts[:PATH]` names."""
    return Path(source.argument).expanduser().resolve() if source.argument else EXTRACTS


def check_extract(folder: Path) -> tuple[str, ...]:
    """Check the tables of an extract; returns what was normalised. DataError lists every problem."""
    from analysis.extracts.checking import check_folder

    problems, notes = check_folder(folder)
    if problems:
        raise DataError(problems)
    return notes
