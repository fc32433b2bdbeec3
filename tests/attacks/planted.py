"""How a leak is planted: in what an author writes, in what is shown, in the files of a run."""

import base64
import json
import re
import struct
import zlib
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

from analysis.disclosure.guard.output_guard import RECORD
from analysis.disclosure.guard.registration import registration_id
from analysis.record.sealed import PROVENANCE, sealed_files

Notebook = dict[str, Any]
ROW = "WMS-P-000471, Black, recalled"
EXACT = "75.438219"


def code_cells(nb: Notebook) -> list[dict]:
    """The code cells that are no parameters and no record."""
    found = [cell for cell in nb["cells"] if cell["cell_type"] == "code"]
    return [cell for cell in found if not cell["metadata"].get("tags")]


def record_output(nb: Notebook) -> dict:
    return next(
        output
        for cell in nb["cells"]
        for output in cell.get("outputs", ())
        if RECORD in output.get("data", {})
    )


def output_with(nb: Notebook, mime: str) -> dict:
    return next(
        output
        for cell in code_cells(nb)
        for output in cell["outputs"]
        if mime in output.get("data", {})
    )


def a_table(nb: Notebook) -> dict:
    """The first output that is a table with cells."""
    outputs = (output for cell in code_cells(nb) for output in cell["outputs"])
    return next(o for o in outputs if "</td>" in "".join(o.get("data", {}).get("text/html", "")))


def registered(nb: Notebook) -> Notebook:
    """Each output with the fingerprint of what it holds now, and all of them in the record's own
    list: as good as somebody can forge it who has the file and not the key."""
    listed = []
    for cell in nb["cells"]:
        for output in cell.get("outputs", ()):
            if "data" in output and RECORD not in output["data"]:
                found = registration_id(output["data"])
                output.setdefault("metadata", {}).setdefault("workbook", {})["registration"] = found
                listed.append(found)
    metadata = record_output(nb).setdefault("metadata", {}).setdefault("workbook", {})
    metadata["registrations"] = sorted(set(listed))
    return nb


# -- what an author writes -------------------------------------------------------------------------
def written(source: str) -> Callable[[Notebook], None]:
    """A cell of code that an author adds."""

    def plant(nb: Notebook) -> None:
        cell = {"cell_type": "code", "id": "added", "metadata": {}, "execution_count": None}
        nb["cells"].insert(-2, cell | {"source": source, "outputs": []})

    return plant


def said(source: str, kind: str = "markdown", **metadata) -> Callable[[Notebook], None]:
    """A cell of words that an author adds."""

    def plant(nb: Notebook) -> None:
        cell = {"cell_type": kind, "id": "added", "metadata": metadata, "source": source}
        nb["cells"].insert(-2, cell)

    return plant


# -- what has been shown ---------------------------------------------------------------------------
def html(edit: Callable[[str], str]) -> Callable[[Notebook], None]:
    """The HTML of a table that is shown, edited."""

    def plant(nb: Notebook) -> None:
        data = a_table(nb)["data"]
        data["text/html"] = edit("".join(data["text/html"]))

    return plant


def in_a_cell(markup: str) -> Callable[[Notebook], None]:
    """Markup put into a cell of a table that is shown."""
    return html(lambda text: text.replace("</td>", f"{markup}</td>", 1))


def plain(edit: Callable[[str], str], mime: str = "text/html") -> Callable[[Notebook], None]:
    """The plain text beside an output, edited."""

    def plant(nb: Notebook) -> None:
        data = output_with(nb, mime)["data"]
        data["text/plain"] = edit("".join(data["text/plain"]))

    return plant


def picture(edit: Callable[[bytes], bytes]) -> Callable[[Notebook], None]:
    """The bytes of a figure that is shown, edited."""

    def plant(nb: Notebook) -> None:
        data = output_with(nb, "image/png")["data"]
        image = base64.b64decode("".join(data["image/png"]))
        data["image/png"] = base64.b64encode(edit(image)).decode()

    return plant


def shown(output: dict) -> Callable[[Notebook], None]:
    """A further output of a cell."""

    def plant(nb: Notebook) -> None:
        code_cells(nb)[0]["outputs"].append(deepcopy(output))

    return plant


def bundle(**data) -> dict:
    named = {name.replace("__", "/").replace("_", "-"): text for name, text in data.items()}
    return {"output_type": "display_data", "data": named, "metadata": {}}


def record(edit: Callable[[dict], None]) -> Callable[[Notebook], None]:
    """The record that is shown, edited."""
    return lambda nb: edit(record_output(nb)["data"][RECORD])


def everywhere(edit: Callable[[Notebook], None]) -> Callable[[Notebook], None]:
    return edit


def parameter(name: str, value: str) -> Callable[[Notebook], None]:
    """A parameter set to another value after the notebook was run."""

    def plant(nb: Notebook) -> None:
        cell = next(
            c for c in nb["cells"] if "injected-parameters" in c["metadata"].get("tags", ())
        )
        source = "".join(cell["source"])
        cell["source"] = re.sub(rf'(?m)^{name} = ".*"$', f'{name} = "{value}"', source)

    return plant


# -- bytes -----------------------------------------------------------------------------------------
def with_chunk(image: bytes, name: bytes, body: bytes) -> bytes:
    """A PNG with a further chunk before its end."""
    chunk = struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    end = image.rindex(b"IEND") - 4
    return image[:end] + chunk + image[end:]


def other_picture(image: bytes) -> bytes:
    """A picture of a row, in grey values of one line."""
    line = b"\0" + ROW.encode()
    head = b"IHDR" + struct.pack(">IIBBBBB", len(ROW), 1, 8, 0, 0, 0, 0)
    parts = (head, b"IDAT" + zlib.compress(line), b"IEND")
    chunks = (struct.pack(">I", len(p) - 4) + p + struct.pack(">I", zlib.crc32(p)) for p in parts)
    return image[:8] + b"".join(chunks)


# -- the files of a run ----------------------------------------------------------------------------
def a_figure(folder: Path, suffix: str) -> Path:
    return sorted((folder / "figures").glob(f"*{suffix}"))[0]


def edited(name: str, edit: Callable[[str], str]) -> Callable[[Path], None]:
    """A file of the run, edited; `.csv`: of the first figure."""

    def plant(folder: Path) -> None:
        path = a_figure(folder, name) if name.startswith(".") else folder / name
        path.write_text(edit(path.read_text(encoding="utf-8")), encoding="utf-8")

    return plant


def as_json(name: str, edit: Callable[[dict], None]) -> Callable[[Path], None]:
    """A JSON file of the run, edited."""

    def change(text: str) -> str:
        content = json.loads(text)
        edit(content)
        return json.dumps(content)

    return edited(name, change)


def added(name: str, content: str | bytes = ROW) -> Callable[[Path], None]:
    """A file that a run does not have."""

    def plant(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    return plant


def sealed_again(folder: Path) -> None:
    """The hashes of the provenance as the files are now: what anybody can work out."""
    provenance = json.loads((folder / PROVENANCE).read_text())
    provenance["files"] = sealed_files(folder)
    (folder / PROVENANCE).write_text(json.dumps(provenance))
