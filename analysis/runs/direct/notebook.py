"""On the worker: a notebook with its parameters, and what its cells showed put into it.

The parameters are injected as papermill does it, and messages become outputs as nbclient makes
them; tests/test_direct.py holds both ways against each other. Text of the same stream that comes in
several pieces is one output.
"""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.record.schema import import_jsonschema

PARAMETERS, INJECTED = "parameters", "injected-parameters"
SKIPPED, MAY_FAIL = "skip-execution", "raises-exception"  # tags, as nbclient reads them
SPLIT = ("application/javascript", "image/svg+xml")  # texts by another name, as in nbformat
SHOWN = ("display_data", "execute_result")


def parameterised(path: Path, parameters: Mapping[str, str]) -> dict[str, Any]:
    """The notebook at `path` in nbformat 4 without outputs, its parameters injected after the cell
    tagged `parameters`."""
    content = json.loads(path.read_text(encoding="utf-8"))
    if (content["nbformat"], content["nbformat_minor"]) < (4, 5):
        content = _upgraded(content)
    cells = content["cells"]
    for cell in cells:
        cell["source"] = "".join(cell["source"])
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    if parameters:
        _inject(cells, parameters)
    return content


def _upgraded(content: dict[str, Any]) -> dict[str, Any]:
    """A notebook of an older format, as nbformat brings it to the newest."""
    import_jsonschema()
    import nbformat

    return nbformat.v4.upgrade(nbformat.reads(json.dumps(content), as_version=4))


def write_notebook(content: dict[str, Any], path: Path) -> None:
    """Write a notebook as nbformat writes it: sorted keys, texts as lists of lines."""
    whole = content | {"cells": [_in_lines(cell) for cell in content["cells"]]}
    text = json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True, separators=(",", ": "))
    path.write_text(text + "\n", encoding="utf-8", errors="replace")


def _in_lines(cell: dict[str, Any]) -> dict[str, Any]:
    lines = cell | {"source": _lines(cell["source"])}
    if "outputs" in cell:
        lines["outputs"] = [_output_in_lines(output) for output in cell["outputs"]]
    return lines


def _output_in_lines(output: dict[str, Any]) -> dict[str, Any]:
    if output["output_type"] == "stream":
        return output | {"text": _lines(output["text"])}
    if output["output_type"] not in SHOWN:
        return output
    is_text = lambda mime: mime.startswith("text/") or mime in SPLIT  # noqa: E731
    return output | {
        "data": {m: _lines(each) if is_text(m) else each for m, each in output["data"].items()}
    }


def _lines(text: object) -> object:
    return text.splitlines(keepends=True) if isinstance(text, str) else text


def _inject(cells: list[dict[str, Any]], parameters: Mapping[str, str]) -> None:
    """Put the injected cell in the place of an earlier one, else after the parameters, else
    first."""
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": secrets.token_hex(4),
        "metadata": {"tags": [INJECTED]},
        "source": injected_source(parameters),
        "outputs": [],
        "execution_count": None,
    }
    earlier, after = _first_tagged(cells, INJECTED), _first_tagged(cells, PARAMETERS)
    if earlier is not None:
        cells[earlier] = cell
    else:
        cells.insert(0 if after is None else after + 1, cell)


def injected_source(parameters: Mapping[str, str]) -> str:
    """The text of an injected cell, as `papermill.translators.PythonTranslator` writes it."""
    lines = ["# Parameters"]
    for name, value in parameters.items():
        text = value.encode("unicode_escape").decode("ascii").replace('"', r"\"")
        lines.append(f'{name} = "{text}"')
    return "\n".join(lines) + "\n"


def tags(cell: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(cell["metadata"].get("tags", ()))


def _first_tagged(cells: list[dict[str, Any]], tag: str) -> int | None:
    return next((n for n, cell in enumerate(cells) if tag in tags(cell)), None)


def to_run(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The cells that nbclient would run."""
    code = [cell for cell in cells if cell["cell_type"] == "code" and cell["source"].strip()]
    return [cell for cell in code if SKIPPED not in tags(cell)]


class Outputs:
    """What the cells of one notebook show, put into them message by message."""

    def __init__(self, cells: list[dict[str, Any]]):
        self._cells = cells
        self._cell: dict[str, Any] = {}
        self._by_display: dict[str, list[dict[str, Any]]] = {}
        self._clear_before_next = False

    @property
    def has_error(self) -> bool:
        """Whether a cell shows an error."""
        return any(o["output_type"] == "error" for c in self._cells for o in c["outputs"])

    def take(self, kind: str, content: dict[str, Any]) -> None:
        """One message of a cell."""
        if kind == "begun":
            self._cell, self._clear_before_next = self._cells[content["cell"]], False
            self._cell["execution_count"] = content["execution_count"]
        elif kind == "clear_output":
            if content.get("wait"):
                self._clear_before_next = True
            else:
                self._clear()
        elif kind == "stream":
            pieces = [content["text"]]  # joined at the end
            self._add({"output_type": "stream", "name": content["name"], "text": pieces})
        elif kind == "error":
            keys = ("ename", "evalue", "traceback")
            self._add({"output_type": "error"} | {key: content[key] for key in keys})
        elif kind in (*SHOWN, "update_display_data"):
            self._show(kind, content)

    def end(self) -> None:
        """No message comes any more."""
        for output in (output for cell in self._cells for output in cell["outputs"]):
            if output["output_type"] == "stream":
                output["text"] = "".join(output["text"])

    def _show(self, kind: str, content: dict[str, Any]) -> None:
        shown = {"data": content["data"], "metadata": content.get("metadata") or {}}
        display = (content.get("transient") or {}).get("display_id")
        if display:
            for earlier in self._by_display.get(display, ()):
                earlier |= shown
        if kind == "update_display_data":
            return
        number = {"execution_count": content["execution_count"]} if kind == SHOWN[1] else {}
        output = {"output_type": kind, **number, **shown}
        self._add(output)
        if display:
            self._by_display.setdefault(display, []).append(output)

    def _add(self, output: dict[str, Any]) -> None:
        if self._clear_before_next:
            self._clear()
            self._clear_before_next = False
        outputs = self._cell["outputs"]
        last = outputs[-1] if outputs else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            last["text"] += output["text"]
        else:
            outputs.append(output)

    def _clear(self) -> None:
        gone = {id(output) for output in self._cell["outputs"]}
        for display, shown in self._by_display.items():
            self._by_display[display] = [each for each in shown if id(each) not in gone]
        self._cell["outputs"].clear()
