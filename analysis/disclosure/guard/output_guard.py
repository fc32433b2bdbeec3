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
from html import unescape
from pathlib import Path

from analysis.disclosure.guard.finding import Finding
from analysis.disclosure.guard.identifiers import identifier_kinds
from analysis.disclosure.guard.markup import markup_faults, source_faults
from analysis.disclosure.guard.metadata import (
    CELL_KEYS,
    NOTEBOOK_KEYS,
    OUTPUT_KEYS,
    reduced_cell_tags,
    reduced_notebook,
    reduced_output_metadata,
    without_paths,
)
from analysis.disclosure.guard.png import png_faults
from analysis.disclosure.guard.private_call import opens_private
from analysis.disclosure.guard.registration import registration_id
from analysis.disclosure.guard.written.sources import text_of

RECORD = "application/vnd.workbook.results+json"
TEXT = ("text/plain", "text/html", "text/markdown")
ALLOWED_MIME = (*TEXT, "image/png", RECORD)  # S15: no SVG, no scripts, no data frames as JSON

CELL_ID = re.compile(r"[a-z]{0,4}-?\d{0,3}|[0-9a-f-]{8,36}")  # no words

REMEDY_SHOW = "Show it with study.table(by=[...]) or another verb, which register what they make"


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
    if reduced_notebook(metadata) != metadata:
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
    if reduced_cell_tags(cell.get("metadata", {})) != {
        k: v for k, v in cell.get("metadata", {}).items() if (k, v) != ("tags", [])
    }:
        yield Finding(
            number, "G13: metadata outside the allow-list (timings, paths)", "Reduce its metadata"
        )
    if not isinstance(cell.get("id", ""), str) or not CELL_ID.fullmatch(cell.get("id", "")):
        yield Finding(number, "G13: a name of a cell that is words", "Reduce its metadata")
    source = text_of(cell.get("source", ""))
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
    ) and source != without_paths(source):
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
    if set(output) - OUTPUT_KEYS or reduced_output_metadata(metadata, data) != metadata:
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
            text = text_of(data[mime])
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
        for fault in png_faults(text_of(data["image/png"])):
            yield Finding(number, fault, "Save figures as PNG without metadata (show() does)")
