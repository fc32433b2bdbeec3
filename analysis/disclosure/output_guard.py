"""The output guard: reads an executed notebook and names everything in it that may not leave. Deny
by default.

A finding says the cell, the rule and the remedy, and never the value. No finding means that every
output was made from cleared content (registration.py), is of a kind that is allowed, and carries
nothing beside what a reader sees. A crash in here must be treated as a finding by the caller:
nothing is published.
"""

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import nbformat

from analysis.disclosure.identifiers import identifier_kinds
from analysis.disclosure.markup import markup_faults, source_faults
from analysis.disclosure.png import png_faults
from analysis.disclosure.private_call import opens_private
from analysis.disclosure.registration import registration_id

RECORD = "application/vnd.workbook.results+json"
TEXT = ("text/plain", "text/html", "text/markdown")
ALLOWED_MIME = (*TEXT, "image/png", RECORD)  # S15: no SVG, no scripts, no data frames as JSON

NOTEBOOK_KEYS = {"cells", "metadata", "nbformat", "nbformat_minor"}
CELL_KEYS = {"cell_type", "id", "metadata", "source", "outputs", "execution_count"}
OUTPUT_KEYS = {"output_type", "data", "metadata", "execution_count"}
KERNELSPEC_KEYS = ("name", "display_name", "language")
IMAGE_KEYS = ("width", "height")
WORKBOOK_KEYS = ("registration", "registrations")

REMEDY_SHOW = "Show it with study.table(by=[...]) or another verb, which register what they make"


@dataclass(frozen=True)
class Finding:
    """One thing that may not leave: number of the cell (from 1; None: the notebook), the rule and
    what to do."""

    cell: int | None
    rule: str
    remedy: str

    def __str__(self) -> str:
        return (
            f"{'notebook' if self.cell is None else f'cell {self.cell}'}: {self.rule}."
            f" {self.remedy}."
        )


def check_notebook(nb: Mapping | str | Path) -> tuple[Finding, ...]:
    """All findings of an executed notebook (its dictionary or its file), in the order of the cells;
    () is clean."""
    if not isinstance(nb, Mapping):
        return check_notebook(json.loads(Path(nb).read_text(encoding="utf-8")))
    registered = _registered(nb)
    findings = list(_notebook_findings(nb))
    for number, cell in enumerate(nb.get("cells", ()), start=1):
        findings += _cell_findings(number, cell)
        for output in cell.get("outputs", ()):
            findings += _output_findings(number, output, registered)
    return tuple(dict.fromkeys(findings))


def _outputs(nb: Mapping) -> Iterator[Mapping]:
    for cell in nb.get("cells", ()):
        yield from cell.get("outputs", ())


def _is_record(output: Mapping) -> bool:
    return RECORD in output.get("data", {})


def _registered(nb: Mapping) -> frozenset[str]:
    """Fingerprints on the list that the record output carries."""
    lists = [
        output.get("metadata", {}).get("workbook", {}).get("registrations", ())
        for output in _outputs(nb)
        if _is_record(output)
    ]
    return frozenset(text for entries in lists for text in entries)


def _notebook_findings(nb: Mapping) -> Iterator[Finding]:
    records = sum(_is_record(output) for output in _outputs(nb))
    if records != 1:
        yield Finding(
            None,
            f"G14: there must be one record output, and there are {records}",
            "End the notebook with study.record()",
        )
    if nb.get("nbformat") != 4 or set(nb) - NOTEBOOK_KEYS:
        yield Finding(
            None, "G13: the notebook holds parts that are not allowed", "Save it as nbformat 4"
        )
    metadata = nb.get("metadata", {})
    if "widgets" in metadata:
        yield Finding(
            None,
            "G12: the state of widgets is stored",
            "Run it without widgets, or reduce its metadata",
        )
    if _reduced_notebook_metadata(metadata) != metadata:
        yield Finding(
            None,
            "G13: metadata outside the allow-list (paths, parameters, timings)",
            "Reduce its metadata",
        )


def _cell_findings(number: int, cell: Mapping) -> Iterator[Finding]:
    if cell.get("attachments"):
        yield Finding(number, "G11: an attachment", "Remove it; figures come from show()")
    if set(cell) - CELL_KEYS - {"attachments"} or cell.get("cell_type") not in ("code", "markdown"):
        yield Finding(
            number,
            "G13: a cell with parts that are not allowed",
            "Use code and markdown cells only",
        )
    if _reduced_cell_metadata(cell.get("metadata", {})) != {
        k: v for k, v in cell.get("metadata", {}).items() if (k, v) != ("tags", [])
    }:
        yield Finding(
            number, "G13: metadata outside the allow-list (timings, paths)", "Reduce its metadata"
        )
    source = _text(cell.get("source", ""))
    if opens_private(source):
        yield Finding(
            number,
            "G19: a private session, which is never cleared",
            "Use study.table(by=[...]) and the other verbs, and leave the private room out",
        )
    if cell.get("cell_type") == "markdown":
        for fault in source_faults(source):
            yield Finding(
                number, fault, "Write plain markdown; links are fine, embedded content is not"
            )
    if "injected-parameters" in cell.get("metadata", {}).get(
        "tags", ()
    ) and source != _without_paths(source):
        yield Finding(
            number,
            "G17: a path in the injected parameters",
            "Reduce its metadata, which shortens it",
        )
    for kind in identifier_kinds(source):
        yield Finding(number, f"G16: what looks like {kind} in the cell's own text", "Remove it")


def _output_findings(number: int, output: Mapping, registered: frozenset[str]) -> Iterator[Finding]:
    kind = output.get("output_type")
    if kind == "stream":
        yield Finding(number, "G05: printed text (stdout or stderr)", REMEDY_SHOW)
    elif kind == "error":
        yield Finding(
            number, "G06: an error with its traceback", "Mend the run; the log keeps the traceback"
        )
    elif kind in ("display_data", "execute_result"):
        yield from _bundle_findings(number, output, registered)
    else:
        yield Finding(number, "G01: an output of unknown type", REMEDY_SHOW)


def _bundle_findings(number: int, output: Mapping, registered: frozenset[str]) -> Iterator[Finding]:
    data, metadata = output.get("data", {}), output.get("metadata", {})
    if set(output) - OUTPUT_KEYS or _reduced_output_metadata(metadata, data) != metadata:
        yield Finding(
            number, "G13: an output with metadata outside the allow-list", "Reduce its metadata"
        )
    for mime in data:
        if mime not in ALLOWED_MIME:
            yield Finding(number, "G01: an output of a kind that is not allowed", REMEDY_SHOW)
    if not _is_record(output):
        yield from _registration_findings(number, data, metadata, registered)
    elif set(data) - {RECORD, "text/plain"}:
        yield Finding(
            number,
            "G01: the record is shown in a second form",
            "Leave it as the record, with one line of text",
        )
    yield from _content_findings(number, data)


def _registration_findings(
    number: int, data: Mapping, metadata: Mapping, registered: frozenset[str]
) -> Iterator[Finding]:
    claimed = metadata.get("workbook", {}).get("registration")
    if claimed is None:
        yield Finding(number, "G02: an output that was not registered as cleared", REMEDY_SHOW)
    elif claimed != registration_id(data):
        yield Finding(
            number,
            "G03: an output that was altered after it was registered",
            "Run the notebook again",
        )
    elif claimed not in registered:
        yield Finding(
            number,
            "G04: an output that is not on the record's list",
            "Run the whole notebook, its record last",
        )


def _content_findings(number: int, data: Mapping) -> Iterator[Finding]:
    for mime in TEXT:
        if mime in data:
            text = _text(data[mime])
            for fault in markup_faults(text, html=mime != "text/plain"):
                yield Finding(number, fault, "Show plain tables and words only")
            for kind in identifier_kinds(unescape(text)):
                yield Finding(
                    number,
                    f"G16: what looks like {kind}",
                    "Find out how it came here; do not publish",
                )
    if RECORD in data:
        for kind in identifier_kinds(json.dumps(data[RECORD], ensure_ascii=False)):
            yield Finding(
                number,
                f"G16: what looks like {kind} in the record",
                "Find out how it came here; do not publish",
            )
    if "image/png" in data:
        for fault in png_faults(_text(data["image/png"])):
            yield Finding(number, fault, "Save figures as PNG without metadata (show() does)")


def _text(content: object) -> str:
    return "".join(content) if isinstance(content, list) else str(content)


# --- metadata ---
def reduce_metadata(nb: Mapping) -> dict:
    """A copy of the notebook (of its own type) with metadata reduced to the allow-list: kernel,
    language, tags of cells, registrations.

    Papermill's parameters, paths and times, widget state, attachments and kernel timings go; the
    path of an extract in the injected parameters is shortened to the name of its source.
    """
    out = {key: deepcopy(value) for key, value in nb.items() if key in NOTEBOOK_KEYS}
    out["metadata"] = _reduced_notebook_metadata(nb.get("metadata", {}))
    out["cells"] = [_reduced_cell(cell) for cell in out.get("cells", ())]
    return out if type(nb) is dict else nbformat.from_dict(out)


def _reduced_notebook_metadata(metadata: Mapping) -> dict:
    kernel = {
        key: metadata["kernelspec"][key]
        for key in KERNELSPEC_KEYS
        if key in metadata.get("kernelspec", {})
    }
    language = {
        key: metadata["language_info"][key]
        for key in ("name",)
        if key in metadata.get("language_info", {})
    }
    return {
        name: part for name, part in (("kernelspec", kernel), ("language_info", language)) if part
    }


def _reduced_cell_metadata(metadata: Mapping) -> dict:
    return {"tags": list(metadata["tags"])} if metadata.get("tags") else {}


def _reduced_output_metadata(metadata: Mapping, data: Mapping) -> dict:
    """Registrations, sizes, and a figure's alt text where it is the registered text of the same
    output."""
    said = _text(data.get("text/plain", ""))
    kept = {}
    for part, keys in (("workbook", WORKBOOK_KEYS), ("image/png", IMAGE_KEYS)):
        entries = {
            key: value
            for key, value in metadata.get(part, {}).items()
            if key in keys or (key == "alt" and value == said)
        }
        if entries:
            kept[part] = entries
    return kept


def _reduced_cell(cell: Mapping) -> dict:
    out = {key: value for key, value in cell.items() if key in CELL_KEYS}
    out["metadata"] = _reduced_cell_metadata(cell.get("metadata", {}))
    if "injected-parameters" in out["metadata"].get("tags", ()):
        out["source"] = _without_paths(_text(cell.get("source", "")))
    if "outputs" in out:
        out["outputs"] = [_reduced_output(output) for output in out["outputs"]]
    return out


def _reduced_output(output: Mapping) -> dict:
    if output.get("output_type") not in ("display_data", "execute_result"):
        return dict(output)
    kept = {key: value for key, value in output.items() if key in OUTPUT_KEYS}
    return kept | {
        "metadata": _reduced_output_metadata(output.get("metadata", {}), output.get("data", {}))
    }


def _without_paths(source: str) -> str:
    """`extracts:/some/folder` without the folder, which may name a person or a system."""
    return re.sub(r"(extracts|database|counts):[^\"'\n]*", r"\1", source)
