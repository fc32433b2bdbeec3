"""Counts of people that a staged run prints and that nobody noted: what is not known to the attack
cannot be attacked.

What is a count of people is told by how it stands. In a table, of the notebook or beside a figure:
"15 of 25", and columns in which every number is a whole multiple of the base of rounding. In the
record: its numbers of people. Such a number is explained by a noted count of the run that is
printed as it. Sentences are not read here: their numbers enter as cleared numbers.
"""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from analysis.disclosure.attack.known import Known
from analysis.disclosure.rules import Rules, load_rules

NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+|\d+")
PAIR = re.compile(rf"^({NUMBER.pattern}) of ({NUMBER.pattern})\b")
MARKS = ("[c]", "[u]", "[z]", "")
OF_PEOPLE = ("n", "n_identifying", "n_treated")  # fields of a row of the record
OF_RECORD = ("n_in", "n_used")
TABLE, RECORD = "text/html", "results.json"
RATIOS = ("relative_rate_index",)  # their n is the people of one group and of the other


@dataclass(frozen=True)
class Printed:
    """A count as it is printed: its file, the table or row and the column, and the number."""

    file: str
    where: str
    number: int

    def __str__(self) -> str:
        return f"{self.file}: {self.where}: {self.number:,}"


def not_noted(folder: Path, known: Known, rules: Rules | None = None) -> tuple[Printed, ...]:
    """Printed counts of a run that no noted count explains, each once."""
    rules = rules or load_rules()
    explained = _explained(known, rules)
    found = (one for one in printed_counts(folder, rules) if one.number not in explained)
    return tuple(dict.fromkeys(found))


def _explained(known: Known, rules: Rules) -> set[int]:
    """Numbers that the noted counts are printed as."""
    half = rules.rounding_base.value // 2
    shown = (c for c in known.counts.values() if not c.is_withheld)
    return {0 if c.high == 0 else round(c.high - half) for c in shown}


def printed_counts(folder: Path, rules: Rules) -> Iterator[Printed]:
    """Every count of people that the run in `folder` prints."""
    base = rules.rounding_base.value
    notebook = folder / "notebook.ipynb"
    if notebook.exists():
        for caption, rows in _tables(json.loads(notebook.read_text(encoding="utf-8"))):
            yield from _of_table(notebook.name, caption, rows, base)
    for path in sorted((folder / "figures").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            yield from _of_table(f"figures/{path.name}", "", list(csv.reader(lines)), base)
    record = folder / RECORD
    if record.exists():
        yield from _of_record(json.loads(record.read_text(encoding="utf-8")))


def _of_table(file: str, caption: str, rows: list[list[str]], base: int) -> Iterator[Printed]:
    if not rows:
        return
    head, *body = rows
    for column, name in enumerate(head):
        cells = [row[column] for row in body if column < len(row)]
        where = f"{caption}, {name}" if caption else name
        counts = _are_counts(cells, base)
        for cell in cells:
            pair = PAIR.match(cell)
            numbers = pair.groups() if pair else (cell,) if counts and cell not in MARKS else ()
            yield from (Printed(file, where, _whole(number)) for number in numbers)


def _are_counts(cells: list[str], base: int) -> bool:
    """Whether a column holds numbers, each a whole multiple of the base."""
    numbers = [cell for cell in cells if cell not in MARKS]
    return bool(numbers) and all(NUMBER.fullmatch(n) and not _whole(n) % base for n in numbers)


def _whole(text: str) -> int:
    return int(text.replace(",", ""))


def _of_record(record: dict) -> Iterator[Printed]:
    for name in OF_RECORD:
        if record.get(name) is not None:
            yield Printed(RECORD, name, int(record[name]))
    for reason, number in (record.get("excluded") or {}).items():
        if number is not None:
            yield Printed(RECORD, f"left out: {reason}", int(number))
    for row in record.get("estimates", ()):
        where = " ".join(str(row.get(name)) for name in ("outcome", "group", "estimand"))
        for name in OF_PEOPLE:
            if row.get(name):  # 0: nothing was worked out, and nobody counted
                yield Printed(RECORD, f"{where}, {name}", _own(row, name))


def _own(row: dict, name: str) -> int:
    """The count in a field; of n of a ratio, which is the sum of two counts in fives that are
    printed, the second."""
    of_both = name == "n" and row.get("estimand") in RATIOS
    return int(row[name]) - int((row.get("n_treated") or 0) if of_both else 0)


# -- tables of a notebook --------------------------------------------------------------------------
def _tables(notebook: dict) -> Iterator[tuple[str, list[list[str]]]]:
    for cell in notebook.get("cells", ()):
        for output in cell.get("outputs", ()):
            html = output.get("data", {}).get(TABLE)
            if html:
                reader = _Tables()
                reader.feed("".join(html))
                yield from reader.found


class _Tables(HTMLParser):
    """Captions and cells of all tables in a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[list[str]]]] = []
        self._caption = ""
        self._rows: list[list[str]] = []
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._caption, self._rows = "", []
        if tag == "tr":
            self._rows.append([])
        if tag in ("caption", "th", "td"):
            self._text = []

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        text = " ".join("".join(self._text).split())
        if tag == "caption":
            self._caption = text
        if tag in ("th", "td") and self._rows:
            self._rows[-1].append(text)
        if tag == "table":
            self.found.append((self._caption, self._rows))
