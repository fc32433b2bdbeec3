"""Is the record of an executed notebook that of the parameters it was told? A part of what may
leave.

Papermill runs a notebook whose parameter name is misspelt with the notebook's own value, and ends
well: the file is then named after one place and holds another.
"""

import ast
from collections.abc import Iterator, Mapping

from analysis.disclosure.guard.finding import Finding
from analysis.disclosure.guard.output_guard import RECORD, check_notebook
from analysis.disclosure.guard.registration import FINGERPRINT, record_line
from analysis.disclosure.guard.written.sources import source_findings, text_of
from analysis.errors import ParameterError
from analysis.plans.registry import BLIND, NATIONAL, parse_source

REMEDY = "Run the notebook again with the parameters that are meant"
PARAMETERS, INJECTED = "parameters", "injected-parameters"
EXAMPLE = "example"  # committed records, whatever source they were made from
WITH_FOLDER = (
    "extracts",
    "database",
    "counts",
)  # sources whose argument is taken out of what leaves


def check_run(nb: Mapping) -> tuple[Finding, ...]:
    """All findings of an executed notebook: outputs, cells in verbs, and whether its record is that
    of its parameters."""
    return (
        *check_notebook(nb),
        *source_findings(nb),
        *parameter_findings(nb),
        *order_findings(nb),
        *line_findings(nb),
    )


def parameter_findings(nb: Mapping) -> Iterator[Finding]:
    """G18 for each of study, region, source and round in which the record differs from what the
    notebook was told."""
    told, record = parameters_of(nb), record_of(nb)
    if record is None:  # G14 says so
        return
    if not told:
        yield Finding(
            None, "G18: no parameters cell says what was run", "Keep the cell tagged `parameters`"
        )
        return
    for key in _differing(told, record):
        yield Finding(None, f"G18: the {key} of the record is not that of the parameters", REMEDY)


def input_findings(nb: Mapping, here: Mapping[str, str]) -> Iterator[Finding]:
    """G18 for each hash of the record that is not that of the plan, the data or the code that are
    `here`."""
    record = record_of(nb) or {}
    for name in (name for name, value in here.items() if record.get(name) != value):
        yield Finding(None, f"G18: the {name} of the record is not the one that is here", REMEDY)


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
    found: dict[str, str] = {}
    for statement in statements:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(text)))
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=str(text)))
            ):
                found[name] = text
    return found


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
    if told.removeprefix(f"{BLIND}:") in WITH_FOLDER:
        own = told.replace(":", "-")
        return folder == own or folder.startswith(f"{own}-")
    try:
        return told == EXAMPLE or parse_source(told).folder == folder
    except ParameterError:
        return False


def record_of(nb: Mapping) -> Mapping | None:
    """The record that a notebook shows; None where it shows none."""
    outputs = (output for cell in nb.get("cells", ()) for output in cell.get("outputs", ()))
    return next((o["data"][RECORD] for o in outputs if RECORD in o.get("data", {})), None)


def order_findings(nb: Mapping) -> Iterator[Finding]:
    """Cells that were not run once each, from first to last: what they show may be of another
    run."""
    code = [
        cell
        for cell in nb.get("cells", ())
        if cell.get("cell_type") == "code" and text_of(cell.get("source", "")).strip()
    ]
    counts = [cell.get("execution_count") for cell in code]
    shown = [
        output["execution_count"]
        for cell in code
        for output in cell.get("outputs", ())
        if output.get("execution_count") not in (None, cell.get("execution_count"))
    ]
    if counts != list(range(1, len(code) + 1)) or shown:
        yield Finding(
            None,
            "G22: its cells were not run once each in their order",
            "Run the whole notebook in a new kernel",
        )


def line_findings(nb: Mapping) -> Iterator[Finding]:
    """The list of a record holds fingerprints (G04); its line of text says which record it is
    (G23)."""
    for number, cell in enumerate(nb.get("cells", ()), start=1):
        for output in cell.get("outputs", ()):
            if RECORD in output.get("data", {}):
                yield from _line_findings(number, output)


def _line_findings(number: int, output: Mapping) -> Iterator[Finding]:
    record, said = output["data"][RECORD], text_of(output["data"].get("text/plain", ""))
    listed = output.get("metadata", {}).get("workbook", {}).get("registrations", ())
    if not all(isinstance(each, str) and FINGERPRINT.fullmatch(each) for each in listed):
        yield Finding(number, "G04: a list that holds more than fingerprints", REMEDY)
    rows = record.get("estimates", ()) if isinstance(record, Mapping) else ()
    if said and said != record_line(record.get("study"), record.get("region"), len(rows)):
        yield Finding(number, "G23: words beside the record that are not its own", REMEDY)
