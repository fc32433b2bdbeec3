"""`workbook check-output FILE`: may this executed notebook leave?

A file of a run that the runner has signed may. Any other is not believed, whatever it says of
itself: it is read like every notebook, and its own cells are run again in a new kernel; each output
must be the one that comes out (decision 104).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from analysis.disclosure.guard.finding import Finding
from analysis.disclosure.guard.metadata import reduce_metadata, unknown_metadata
from analysis.disclosure.guard.signature import unbelieved
from analysis.disclosure.guard.told import check_run, input_findings
from analysis.disclosure.guard.written.sources import source_findings
from analysis.errors import WorkbookError
from analysis.runs.checking.again import outputs_again
from analysis.runs.checking.inputs import inputs_here, is_committed
from analysis.runs.checking.outputs import differing

NOTEBOOK = "notebook.ipynb"


def output_findings(file: Path, notebook: Mapping[str, Any]) -> tuple[Finding, ...]:
    """What must not leave of an executed notebook that stands in `file`; () is clean."""
    if file.name == NOTEBOOK and unbelieved(file.resolve().parent) is None:
        return ()
    released = reduce_metadata(notebook)
    found = (*unknown_metadata(notebook), *check_run(released))
    if found or list(source_findings(released)):
        return tuple(dict.fromkeys(found))
    return tuple(_again_findings(notebook, released, of_its_day=is_committed(file)))


def _again_findings(
    notebook: Mapping[str, Any], released: Mapping[str, Any], *, of_its_day: bool
) -> Iterator[Finding]:
    """Where the outputs are not those of the code, plan and data that are here."""
    try:
        here = inputs_here(notebook)
        if of_its_day:
            here.pop("code_version", None)
        others = list(input_findings(released, here))
        again = {} if others else outputs_again(notebook)
    except WorkbookError as error:
        yield Finding(
            None,
            f"G25: it cannot be run again here, so that nothing of it is known ({error.code})",
            "Bring its data and plan here, or publish it by `workbook run`",
        )
        return
    yield from others
    if not others:
        yield from differing(released, again, ignore=("code_version",) if of_its_day else ())
