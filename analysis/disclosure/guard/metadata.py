"""What may stand beside the cells and outputs of a notebook that leaves: an allow-list, and a
notebook reduced to it."""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy

from analysis.disclosure.guard.finding import Finding
from analysis.disclosure.guard.written.sources import text_of

NOTEBOOK_KEYS = {"cells", "metadata", "nbformat", "nbformat_minor"}
CELL_KEYS = {"cell_type", "id", "metadata", "source", "outputs", "execution_count"}
OUTPUT_KEYS = {"output_type", "data", "metadata", "execution_count"}
IMAGE_KEYS = ("width", "height")
WORKBOOK_KEYS = ("registration", "registrations")
# Of papermill, nbclient and JupyterLab: names, times, paths and switches, which are taken away.
OF_TOOLS = {"kernelspec", "language_info", "papermill", "widgets"}
OF_TOOLS_IN_CELLS = {
    "tags",
    "papermill",
    "execution",
    "collapsed",
    "scrolled",
    "jupyter",
    "trusted",
    "editable",
    "deletable",
}
IN_OUTPUTS = {"workbook", "image/png", "needs_background"}
# What says that a notebook is Python's: these words, whatever those of the kernel were.
OF_A_NOTEBOOK = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def unknown_metadata(nb: Mapping) -> Iterator[Finding]:
    """G13 for metadata that no tool of Jupyter writes: `reduce_metadata` takes it away, but in the
    file that was handed in it stands."""
    if set(nb.get("metadata", {})) - OF_TOOLS or nb.get("metadata", {}).get("widgets"):
        yield Finding(None, "G13: metadata that no tool writes", "Take it away")
    for number, cell in enumerate(nb.get("cells", ()), start=1):
        shown = [output.get("metadata", {}) for output in cell.get("outputs", ())]
        unknown = set(cell.get("metadata", {})) - OF_TOOLS_IN_CELLS
        if unknown or set(cell) - CELL_KEYS or any(set(each) - IN_OUTPUTS for each in shown):
            yield Finding(number, "G13: metadata or parts that no tool writes", "Take them away")


def reduce_metadata(nb: Mapping) -> dict:
    """A copy of the notebook (of its own type) with metadata reduced to the allow-list: kernel,
    language, tags of cells, registrations. Cells are named by their number.

    Papermill's parameters, paths and times, widget state, attachments and kernel timings go; the
    path of an extract in the injected parameters is shortened to the name of its source.
    """
    out = {key: deepcopy(value) for key, value in nb.items() if key in NOTEBOOK_KEYS}
    out["metadata"] = reduced_notebook(nb.get("metadata", {}))
    out["cells"] = [
        _reduced_cell(cell) | ({"id": f"cell-{n}"} if "id" in cell else {})
        for n, cell in enumerate(out.get("cells", ()), start=1)
    ]
    if type(nb) is dict:
        return out
    from nbformat import from_dict  # imported where a notebook of its type was handed in

    return from_dict(out)


def reduced_notebook(metadata: Mapping) -> dict:
    return {name: dict(part) for name, part in OF_A_NOTEBOOK.items() if metadata.get(name)}


def reduced_cell_tags(metadata: Mapping) -> dict:
    return {"tags": list(metadata["tags"])} if metadata.get("tags") else {}


def reduced_output_metadata(metadata: Mapping, data: Mapping) -> dict:
    """Registrations, sizes, and a figure's alt text where it is the registered text of the same
    output."""
    said = text_of(data.get("text/plain", ""))
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
    out["metadata"] = reduced_cell_tags(cell.get("metadata", {}))
    if "injected-parameters" in out["metadata"].get("tags", ()):
        out["source"] = without_paths(text_of(cell.get("source", "")))
    if "outputs" in out:
        out["outputs"] = [_reduced_output(output) for output in out["outputs"]]
    return out


def _reduced_output(output: Mapping) -> dict:
    if output.get("output_type") not in ("display_data", "execute_result"):
        return dict(output)
    kept = {key: value for key, value in output.items() if key in OUTPUT_KEYS}
    return kept | {
        "metadata": reduced_output_metadata(output.get("metadata", {}), output.get("data", {}))
    }


def without_paths(source: str) -> str:
    """`extracts:/some/folder` without the folder, which may name a person or a system."""
    return re.sub(r"(extracts|database|counts):[^\"'\n]*", r"\1", source)
