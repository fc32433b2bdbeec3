"""Counts of people that a staged run prints and that nobody noted: what is not known to the attack
cannot be attacked.

What is a count of people is told by how it stands. In a table, of the notebook or beside a figure:
"15 of 25", and columns in which every number is a whole multiple of the base of rounding. In the
record: its numbers of people. Such a number is explained by a noted count of the run that is
printed as it, or by two that are printed and of which it is the sum. Sentences are not read here:
their numbers enter as cleared numbers. Columns that count no people are named with what they count.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from analysis.disclosure.attack.known import Known
from analysis.disclosure.rules import CRUDE, Rules, load_rules

NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+|\d+")
# "11 of 12 places passed" counts no people
PAIR = re.compile(rf"^({NUMBER.pattern}) of ({NUMBER.pattern})\b(?! places)")
MARKS = ("[c]", "[u]", "[z]", "")
OF_PEOPLE = ("n", "n_identifying", "n_treated")  # fields of a row of the record
BOTH = ("n", "n_identifying")  # of them, those that are of both sides
OF_RECORD = ("n_in", "n_used")
TABLE, RECORD = "text/html", "results.json"
RATIOS = ("relative_rate_index",)  # their n is the people of one group and of the other
SUMMED = "the nation is the sum of its places"  # why a count is a sum of numbers in fives
SHARE = "in every 100"  # ends the name of a column of shares
# Columns in which no people are counted, and what is: a test finds each in the code of a table.
NOT_PEOPLE = {
    "Courts": "pilot courts, which were announced",
    "Pilot courts": "the same",
    "Other courts": "courts",
    "With the second-proposal tool": "courts",
    "Prisons": "prisons that start, which were announced",
    "Prisons that start": "the same",
    "Other prisons": "prisons",
    "Courts left out": "courts, in fives",
    "Prisons left out": "prisons, in fives",
    "Sites": "sites, which the plan counts",
    "Green lights": "columns in which both sides are alike",
    "Amber lights": "columns in which they nearly are",
    "Red lights": "columns in which they are not",
    "Months before": "months of the plan",
    "Months with the pilot": "the same",
    "Expected": "events that the rate of the reference would make, from printed numbers",
}


@dataclass(frozen=True)
class Printed:
    """A count as it is printed: its file, the table or row and the column, and the number."""

    file: str
    where: str
    number: int

    def __str__(self) -> str:
        return f"{self.file}: {self.where}: {self.number:,}"


@dataclass(frozen=True)
class Coverage:
    """How many counts of people are printed, and those that the attack does not know."""

    printed: int
    unknown: tuple[Printed, ...]

    def __add__(self, other: "Coverage") -> "Coverage":
        return Coverage(self.printed + other.printed, self.unknown + other.unknown)

    @property
    def line(self) -> str:
        """How much is known, of how much; never a number that is not known."""
        known = self.printed - len(self.unknown)
        return f"{known:,} of {self.printed:,} printed counts known to the attack"

    @property
    def kinds(self) -> tuple[str, ...]:
        """What is not known by its kind, file and column, each with how often."""
        found = Counter(f"{one.file}: {one.where}" for one in self.unknown)
        return tuple(f"{kind} ({n:,})" for kind, n in found.most_common())


NOTHING_PRINTED = Coverage(0, ())


def coverage(folder: Path, known: Known, rules: Rules | None = None) -> Coverage:
    """The printed counts of a run, each once, and those that no noted count explains."""
    rules = rules or load_rules()
    found = tuple(dict.fromkeys(printed_counts(folder, rules)))
    explained = _explained(known, rules)
    explained |= _sums(folder, explained)
    return Coverage(len(found), tuple(one for one in found if one.number not in explained))


def _sums(folder: Path, explained: set[int]) -> set[int]:
    """People of both sides of a crude row, who are the sum of two counts in fives, where each of
    these is explained: a table prints them too."""
    path = folder / RECORD
    record = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    rows = [row for row in record.get("estimates", ()) if row.get("estimand") in CRUDE]
    sides = ((int(r.get(name) or 0), int(r.get("n_treated") or 0)) for r in rows for name in BOTH)
    return {n for n, one in sides if one in explained and n - one in explained}


def _explained(known: Known, rules: Rules) -> set[int]:
    """Numbers that the noted counts are printed as, and sums of these."""
    half = rules.rounding_base.value // 2
    shown = (c for c in known.counts.values() if not c.is_withheld)
    printed = {c.key: 0 if c.high == 0 else round(c.high - half) for c in shown}
    sums = (said.terms[1:] for said in known.relations if said.why == SUMMED)
    whole = {sum(printed[part] for part, _ in terms) for terms in sums if _all_in(terms, printed)}
    return {*printed.values(), *whole}


def _all_in(terms: tuple[tuple[str, float], ...], printed: Mapping[str, int]) -> bool:
    return all(part in printed for part, _ in terms)


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
        if name in NOT_PEOPLE or name.endswith(SHARE):
            continue
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
        for reason, number in (row.get("left_out") or {}).items():
            if number is not None:
                yield Printed(RECORD, f"{where}, left out: {reason}", int(number))
        for name in OF_PEOPLE:
            if row.get(name):  # 0: nothing was worked out, and nobody counted
                yield Printed(RECORD, f"{where}, {name}", _own(row, name))


def _own(row: dict, name: str) -> int:
    """The count in a field; of the people of a ratio, who are the sum of two counts in fives that
    are printed, the second."""
    of_both = name in BOTH and row.get("estimand") in RATIOS
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
