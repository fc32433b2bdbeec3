"""Is the record of an executed notebook that of the parameters it was told? A part of what may
leave.

Papermill runs a notebook whose parameter name is misspelt with the notebook's own value, and ends
well: the file is then named after one place and holds another.
"""

import ast
from collections.abc import Iterator, Mapping

from analysis.disclosure.output_guard import RECORD, Finding, check_notebook
from analysis.errors import ParameterError
from analysis.plans.registry import NATIONAL, parse_source

REMEDY = "Run the notebook again with the parameters that are meant"
PARAMETERS, INJECTED = "parameters", "injected-parameters"
EXAMPLE = "example"  # committed records, whatever source they were made from
WITH_FOLDER = (
    "extracts",
    "database",
    "counts",
)  # sources whose argument is taken out of what leaves


def check_run(nb: Mapping) -> tuple[Finding, ...]:
    """All findings of an executed notebook, and whether its record is that of its parameters."""
    return (*check_notebook(nb), *parameter_findings(nb))


def parameter_findings(nb: Mapping) -> Iterator[Finding]:
    """G18 for each of study, region, source and round in which the record differs from what the
    notebook was told."""
    told, record = parameters_of(nb), _record(nb)
    if record is None:  # G14 says so
        return
    if not told:
        yield Finding(
            None, "G18: no parameters cell says what was run", "Keep the cell tagged `parameters`"
        )
        return
    for key in _differing(told, record):
        yield Finding(None, f"G18: the {key} of the record is not that of the parameters", REMEDY)


def parameters_of(nb: Mapping) -> dict[str, str]:
    """Names and texts of the parameters cell, those of the injected cell in their place."""
    found: dict[str, str] = {}
    for tag in (PARAMETERS, INJECTED):
        for cell in nb.get("cells", ()):
            if tag in cell.get("metadata", {}).get("tags", ()):
                source = cell.get("source", "")
                found |= _texts("".join(source) if isinstance(source, list) else source)
    return found


def _texts(source: str) -> dict[str, str]:
    """Names that a cell sets to a text."""
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError):
        return {}
    return {
        target.id: statement.value.value
        for statement in statements
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
        for target in statement.targets
        if isinstance(target, ast.Name) and isinstance(statement.value.value, str)
    }


def _differing(told: dict[str, str], record: Mapping) -> Iterator[str]:
    """Keys of the record that are not what was told. A notebook without a region is that of all
    places together."""
    expected = {"study": told.get("study_id"), "region": told.get("region_id", NATIONAL)}
    if "round_id" in told:
        expected["round"] = told["round_id"]
    yield from (key for key, value in expected.items() if record.get(key) != value)
    if not _is_source(told.get("data_source", ""), str(record.get("data_source"))):
        yield "data_source"


def _is_source(told: str, folder: str) -> bool:
    """Is this the folder name of the source? One whose argument was taken out of the notebook has
    many."""
    if told in WITH_FOLDER:
        return folder == told or folder.startswith(f"{told}-")
    try:
        return told == EXAMPLE or parse_source(told).folder == folder
    except ParameterError:
        return False


def _record(nb: Mapping) -> Mapping | None:
    outputs = (output for cell in nb.get("cells", ()) for output in cell.get("outputs", ()))
    return next((o["data"][RECORD] for o in outputs if RECORD in o.get("data", {})), None)
