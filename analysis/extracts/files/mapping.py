"""The supplier's own words: mapping.yml beside an extract says what their files, columns, labels
and dates mean here.

It is read strictly: whatever is not understood is a fault with its line (E370 to E378), and nothing
is guessed. Imports no pandas: planning needs it.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.errors import PlanError, Problem
from analysis.extracts.files.blanks import plain_name
from analysis.extracts.files.date_formats import date_format_fault
from analysis.extracts.files.numbers import is_number, is_suppressed
from analysis.extracts.tables.codes import did_you_mean, problem
from analysis.extracts.tables.contract import PROBATION_REGIONS, Column, Contract
from analysis.extracts.tables.contracts import CONTRACTS, contract_of
from analysis.vocabulary.regions import place_set, place_sets
from analysis.vocabulary.yaml_file import YamlFile, load_yaml

NAME = "mapping.yml"
KEYS = ("places", "regions", "dates", "tables")
TABLE_KEYS = ("file", "columns", "labels", "dates")
LABELLED = ("category", "truth", "flag", "rating")  # kinds of column whose values can have labels


@dataclass(frozen=True)
class TableWords:
    """What the supplier calls things in one table. Their words are compared without blanks at their
    ends or case.

    columns: their heading to our column. labels: for each column their label to our value. dates:
    for each column a format of strptime. lines: where each of these stands in mapping.yml.
    """

    file: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[tuple[str, ...], int] = field(default_factory=dict)


@dataclass(frozen=True)
class SupplierWords:
    """A whole mapping.yml: the set of places that the extract holds, and the words of each
    table."""

    places: str = PROBATION_REGIONS
    tables: Mapping[str, TableWords] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def of(self, table: str) -> TableWords:
        """The words of one table; none where the mapping says nothing about it."""
        return self.tables.get(table, TableWords())


def mapping_file(folder: Path) -> Path | None:
    """The mapping of a folder, in any letter case; None where there is none."""
    try:
        names = sorted(entry.name for entry in os.scandir(folder))
    except OSError:
        return None
    found = [name for name in names if name.casefold() in (NAME, "mapping.yaml")]
    return Path(folder) / found[0] if found else None


def mapped_files(folder: Path) -> Mapping[str, str]:
    """File names by table, as far as the mapping of a folder gives them; its faults are told by
    `supplier_words`."""
    if mapping_file(folder) is None:
        return {}
    return {
        table: words.file for table, words in supplier_words(folder).tables.items() if words.file
    }


def supplier_words(folder: Path, places: str | None = None) -> SupplierWords:
    """The mapping beside an extract with all its faults; without one, no words. `places`: overrides
    the mapping's own."""
    path = mapping_file(folder)
    if path is None:
        return SupplierWords(places or PROBATION_REGIONS)
    try:
        kept = load_yaml(path)
    except PlanError as error:
        return SupplierWords(places or PROBATION_REGIONS, problems=(_unreadable(error),))
    return _Reader(kept, places).words()


def _unreadable(error: PlanError) -> Problem:
    """Where the file stops being YAML; the rest of the message could hold a label."""
    line = error.text.partition(", line ")[2].partition(":")[0].split(" ")[0]
    where = f"{NAME}, line {line}" if line.isdigit() else NAME
    return problem("E370", where, hint=error.remedy)


class _Reader:
    """Reads one mapping.yml; faults are collected, so that all of them are told together."""

    def __init__(self, kept: YamlFile, places: str | None):
        self.kept = kept
        self.problems: list[Problem] = []
        self.content = kept.content if isinstance(kept.content, dict) else {}
        if not isinstance(kept.content, dict):
            self._fault("E370", ())
        self.places = places or self._places()

    def words(self) -> SupplierWords:
        """The mapping, or no words with the faults that it has."""
        self._known_keys((), self.content, KEYS)
        regions = self._regions()
        tables = {name: self._table(name, regions) for name in self._table_names()}
        if regions or self.content.get("dates") is not None:
            for name in CONTRACTS:
                tables.setdefault(name, self._table(name, regions))
        return SupplierWords(self.places, tables, tuple(dict.fromkeys(self.problems)))

    def _fault(self, code: str, path: tuple, hint: str = "") -> None:
        self.problems.append(problem(code, f"{NAME}, line {self.kept.line(path)}", hint=hint))

    def _places(self) -> str:
        named = self.content.get("places", PROBATION_REGIONS)
        if isinstance(named, str) and place_set_holds(named):
            return named
        self._fault(
            "E376", ("places",), _near(named, [key for key in place_sets() if place_set_holds(key)])
        )
        return PROBATION_REGIONS

    def _regions(self) -> dict[str, str]:
        """Their names of regions to our ids, for the tables of every service."""
        found = self._texts(("regions",))
        ids = place_set(self.places).ids
        for theirs in [theirs for theirs, ours in found.items() if ours not in ids]:
            self._fault("E373", ("regions", theirs), _near(found.pop(theirs), ids))
        return found

    def _known_keys(self, path: tuple, content: Mapping, valid: tuple[str, ...]) -> None:
        for key in content:
            if key not in valid:
                self._fault("E370", (*path, key), _near(key, valid))

    def _at(self, path: tuple) -> Any:
        content: Any = self.content
        for key in path:
            content = content.get(key) if isinstance(content, dict) else None
        return content

    def _texts(self, path: tuple) -> dict[str, str]:
        """A mapping of words to words that stands at a path; none where nothing stands there."""
        content = self._at(path)
        if content is None:
            return {}
        if not isinstance(content, dict) or any(
            isinstance(value, (dict, list)) for value in content.values()
        ):
            self._fault("E370", path, "Write one `theirs: ours` a line.")
            return {}
        return {str(key): _text(value) for key, value in content.items()}

    def _table_names(self) -> Iterator[str]:
        tables = self.content.get("tables") or {}
        if not isinstance(tables, dict):
            self._fault("E370", ("tables",), "Write the names of tables below it.")
            return
        for name in tables:
            if name not in CONTRACTS:
                self._fault("E371", ("tables", name), _near(name, CONTRACTS))
            elif not isinstance(tables[name], dict):
                self._fault("E370", ("tables", name), f"Valid keys: {', '.join(TABLE_KEYS)}.")
            else:
                self._known_keys(("tables", name), tables[name], TABLE_KEYS)
                yield name

    def _table(self, name: str, regions: Mapping[str, str]) -> TableWords:
        contract, path = contract_of(name, self.places), ("tables", name)
        file = self._at((*path, "file"))
        if file is not None and not (
            isinstance(file, str) and Path(file).suffix.casefold() in (".csv", ".parquet")
        ):
            self._fault("E377", (*path, "file"), "The name ends in .csv or .parquet.")
            file = None
        lines: dict[tuple[str, ...], int] = {}
        columns = self._columns(contract, path, lines)
        labels = self._labels(contract, path, lines)
        if contract.regional and regions:
            column = contract.column("region")
            here = {theirs: ours for theirs, ours in regions.items() if ours in column.allowed}
            own = self._one_column(column, ("regions",), here, lines)
            labels["region"] = own | labels.get("region", {})
        return TableWords(file, columns, labels, self._dates(contract, path), lines)

    def _columns(self, contract: Contract, path: tuple, lines: dict) -> dict[str, str]:
        found: dict[str, str] = {}
        for theirs, ours in self._texts((*path, "columns")).items():
            where = (*path, "columns", theirs)
            if ours not in contract.names:
                self._fault("E372", where, _near(ours, contract.names))
            elif ours in found.values() or plain_name(theirs) in found:
                self._fault("E378", where)
            else:
                found[plain_name(theirs)] = ours
                lines["columns", plain_name(theirs)] = self.kept.line(where)
        return found

    def _labels(self, contract: Contract, path: tuple, lines: dict) -> dict[str, dict[str, str]]:
        content = self._at((*path, "labels")) or {}
        if not isinstance(content, dict):
            self._fault("E370", (*path, "labels"), "Write the names of columns below it.")
            return {}
        found = {}
        for name in content:
            where = (*path, "labels", name)
            if name not in contract.names:
                self._fault("E372", where, _near(name, contract.names))
            elif contract.column(name).kind not in LABELLED:
                self._fault("E374", where)
            else:
                found[name] = self._one_column(
                    contract.column(name), where, self._texts(where), lines
                )
        return found

    def _one_column(
        self, column: Column, path: tuple, pairs: Mapping[str, str], lines: dict
    ) -> dict[str, str]:
        found: dict[str, str] = {}
        for theirs, ours in pairs.items():
            where, key = (*path, theirs), plain_name(theirs)
            if is_suppressed(key, number=column.kind in ("flag", "rating")) or (
                not key and column.kind != "category"
            ):
                self._fault("E374", where)
            elif not _possible(column, ours):
                self._fault("E373", where, _near(ours, column.allowed) if column.allowed else "")
            elif key in found:
                self._fault("E378", where)
            else:
                found[key] = ours
                lines["labels", column.name, key] = self.kept.line(where)
        return found

    def _dates(self, contract: Contract, path: tuple) -> dict[str, str]:
        of_dates = [column.name for column in contract.columns if column.kind == "date"]
        found: dict[str, str] = {}
        for where in (("dates",), (*path, "dates")):
            content = self._at(where)
            if isinstance(content, str):
                found |= dict.fromkeys(of_dates, content)
            else:
                found |= self._texts(where)
            for name in [name for name in found if name not in of_dates]:
                self._fault("E372", (*where, name), _near(name, of_dates))
                del found[name]
            for fault in {date_format_fault(text) for text in found.values()} - {""}:
                self._fault("E375", where, fault)
        return {name: text for name, text in found.items() if not date_format_fault(text)}


def place_set_holds(key: str) -> bool:
    """Whether there is such a set, with places in it."""
    return key in place_sets() and bool(place_sets()[key].ids)


def _text(value: Any) -> str:
    """A scalar of YAML as the text of a cell."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _near(found: Any, valid) -> str:
    """A hint that names the nearest valid word, or all of them."""
    return did_you_mean(str(found), valid) or (f"Valid: {', '.join(valid)}." if valid else "")


def _possible(column: Column, value: str) -> bool:
    """Whether a value can stand in a column."""
    if not value:
        return column.empty is not None
    if column.allowed:
        return value in column.allowed
    if column.kind == "truth":
        return value in ("true", "false")
    return is_number(value) and float(value) % 1 == 0 and column.holds(float(value))
