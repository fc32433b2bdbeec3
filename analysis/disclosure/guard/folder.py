"""What a run folder may hold: an allow-list of files, each of which is what the notebook shows.

A figure is the picture of an output of the notebook, its numbers and its recipe; the recipe says
what the picture says in words, and the numbers are those of the recipe. Everything else that stands
there would be published with the run, and is found (G26 to G29).
"""

import base64
import csv
import io
import json
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from analysis.disclosure.guard.finding import Finding
from analysis.disclosure.guard.identifiers import identifier_kinds
from analysis.disclosure.guard.markup import markup_faults
from analysis.disclosure.guard.vector import svg_faults
from analysis.disclosure.guard.written.sources import text_of
from analysis.disclosure.guard.written.words import has_unseen

WHOLE = frozenset({"notebook.ipynb", "results.json", "provenance.json"})
FOLDERS = frozenset({"figures", "private"})
FIGURE = re.compile(r"([a-z][a-z0-9_]{0,60})\.(png|csv|json|svg)")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
OF_A_RECIPE = {"draw", "alt", "words", "table"}
OF_ITS_TABLE = {"title", "cleared_by", "notes", "columns", "rows"}
STRAY = "Leave nothing in the folder of a run: figures come from the charts of a verb"
OTHER = "Run the notebook again, and leave the files of its figures as they come"


def folder_findings(folder: Path, nb: Mapping[str, Any]) -> Iterator[Finding]:
    """All that may not leave of a run folder, beside the notebook itself (`nb`)."""
    yield from _stray_findings(folder)
    shown, said = _pictures(nb), _numbers_said(nb)
    stems = sorted({path.stem for path in (folder / "figures").glob("*")})
    for stem in stems:
        if FIGURE.fullmatch(f"{stem}.png"):
            files = {path.suffix: path for path in (folder / "figures").glob(f"{stem}.*")}
            yield from _figure_findings(files, shown, said)


def _stray_findings(folder: Path) -> Iterator[Finding]:
    for path in folder.iterdir():
        mode = path.lstat().st_mode
        if path.name not in (FOLDERS if stat.S_ISDIR(mode) else WHOLE):
            yield Finding(None, "G26: a file or folder that no run has", STRAY, "the run's folder")
    for path in (*folder.glob("*"), *(folder / "figures").glob("*")):
        mode = path.lstat().st_mode
        inside = path.parent != folder
        if inside and not (stat.S_ISREG(mode) and FIGURE.fullmatch(path.name)):
            yield Finding(None, "G26: what is no file of a figure", STRAY, "the run's figures")
        if stat.S_ISLNK(mode) or (stat.S_ISREG(mode) and mode & 0o111):
            yield Finding(None, "G26: a link or a program", STRAY, "the run's folder")


def _pictures(nb: Mapping[str, Any]) -> dict[bytes, str]:
    """Each picture that the notebook shows, with the words that stand for it."""
    outputs = (output for cell in nb.get("cells", ()) for output in cell.get("outputs", ()))
    found = (output.get("data", {}) for output in outputs)
    return {
        base64.b64decode(text_of(data["image/png"])): text_of(data.get("text/plain", ""))
        for data in found
        if "image/png" in data
    }


def _figure_findings(
    files: Mapping[str, Path], shown: Mapping[bytes, str], said: frozenset[str]
) -> Iterator[Finding]:
    """The files of one figure, of which the picture is one that the notebook shows."""
    picture = files[".png"].read_bytes() if ".png" in files else b""
    if picture not in shown:
        yield Finding(None, "G27: a figure that the notebook does not show", OTHER, "a figure")
        return
    if not {".csv"} < set(files) or not {".json", ".svg"} & set(files):
        yield Finding(None, "G27: a figure without its numbers or its recipe", OTHER, "a figure")
        return
    numbers = files[".csv"].read_text(encoding="utf-8")
    yield from _text_findings(numbers, "the numbers of a figure")
    if ".svg" in files:
        yield from _drawing_findings(files[".svg"].read_text(encoding="utf-8"), shown[picture])
    if ".json" in files:
        recipe = files[".json"].read_text(encoding="utf-8")
        yield from _text_findings(recipe, "the recipe of a figure")
        faults = recipe_faults(recipe, alt=shown[picture], numbers=numbers, said=said)
        for fault in faults:
            yield Finding(None, f"G28: {fault}", OTHER, "the recipe of a figure")


def _drawing_findings(text: str, alt: str) -> Iterator[Finding]:
    for fault in svg_faults(text, alt=alt):
        yield Finding(None, f"G29: {fault}", OTHER, "the drawing of a figure")


def _text_findings(text: str, where: str) -> Iterator[Finding]:
    """Rules that hold for every text that is published."""
    for fault in markup_faults(text, html=False):
        yield Finding(None, fault, OTHER, where)
    if has_unseen(text):
        yield Finding(None, "G09: characters that are not seen", OTHER, where)
    for kind in identifier_kinds(text):
        yield Finding(None, f"G16: what looks like {kind}", "Do not publish it", where)


def _numbers_said(nb: Mapping[str, Any]) -> frozenset[str]:
    """Every number that the outputs of the notebook say in plain text."""
    outputs = (output for cell in nb.get("cells", ()) for output in cell.get("outputs", ()))
    texts = (text_of(output.get("data", {}).get("text/plain", "")) for output in outputs)
    return frozenset(number for text in texts for number in NUMBER.findall(text))


def _texts_in(content: object) -> Iterator[str]:
    """Every text in a part of a recipe."""
    if isinstance(content, dict):
        content = list(content.values())
    if isinstance(content, list):
        for value in content:
            yield from _texts_in(value)
    elif isinstance(content, str):
        yield content


def recipe_faults(
    text: str, *, alt: str, numbers: str, said: frozenset[str] | None = None
) -> Iterator[str]:
    """Where a recipe is not that of a picture with the words `alt` and the CSV `numbers`. said: the
    numbers that its words may hold beside those (None: any)."""
    try:
        recipe = json.loads(text)
        table = recipe["table"]
        known = set(recipe) == OF_A_RECIPE and set(table) == OF_ITS_TABLE
        lines = [table["columns"], *table["rows"]]
        same = recipe["alt"] == alt
        printed = list(csv.reader(io.StringIO(numbers)))
    except (ValueError, TypeError, KeyError, RecursionError, csv.Error):
        yield "a recipe that cannot be read"
        return
    if not known:
        yield "a recipe with more than a figure needs"
    if not same:
        yield "words that are not those of the picture"
    if said is not None:
        own = " ".join(_texts_in([recipe["words"], table["title"], table["notes"]]))
        shown = said | set(NUMBER.findall(numbers)) | set(NUMBER.findall(alt))
        if not shown.issuperset(NUMBER.findall(own)):
            yield "a number in words that the notebook does not say"
    if len(lines) != len(printed) or not all(map(_is_printed, lines, printed)):
        yield "numbers that are not those of the file beside it"


def _is_printed(cells: list[object], printed: list[str]) -> bool:
    """Whether a row of CSV prints these cells: nothing as an empty one, a text that a spreadsheet
    would take for a formula after an apostrophe."""
    texts = ["" if cell is None else str(cell) for cell in cells]
    return len(texts) == len(printed) and all(
        got in (text, f"'{text}") for text, got in zip(texts, printed, strict=True)
    )
