"""What can be wrong with one cell (E11x, E13x, E14x, E16x, E17x): a function a kind of column, text to code.

Each takes a cleaned cell and returns the code of the rule that it breaks, or None. Distinct values are judged once.
"""

import math
import re
from datetime import date

import numpy as np
import pandas as pd

from analysis.errors import Problem
from analysis.extracts.cells import TRUTHS, cleaned_column
from analysis.extracts.codes import did_you_mean
from analysis.extracts.contract import REGIONS, Column
from analysis.extracts.files import Note, TextTable
from analysis.vocabulary.ethnicity import CODINGS, GROUPS
from analysis.vocabulary.regions import places

LONGEST_CELL = 200  # characters; the longest allowed value has under 40
NA_WORDS = frozenset({"na", "n/a", "#n/a", "nan", "null", "none", "nil", "<na>", "-", "."})
# Marks that put several kinds of missing together; NS is "not stated" in police systems and "not specified" in others.
MIXED_MARKS = frozenset(
    {
        "unknown",
        "not known",
        "missing",
        "ns",
        "prefer not to say",
        "not stated or refused",
        "not stated/refused",
        "u",
        "z",
        "nk",
    }
)
BROAD_WORDS = frozenset(group.lower() for group in GROUPS)
OLDER_CODES = frozenset(
    {*CODINGS["ons_2001_16+1"].codes, *CODINGS["ons_2011_18+1"].codes} - {*CODINGS["ons_2021_19+1"].codes}
)
# National Probation Service divisions 2014 to 2021; those that share a name with a region today cannot be told apart.
OLD_DIVISIONS = (
    "North West",
    "North East",
    "Wales",
    "Midlands",
    "South West and South Central",
    "London",
    "South East and Eastern",
)
FILLERS = frozenset(
    {"1900-01-01", "1899-12-30", "1899-12-31", "1970-01-01", "1753-01-01", "0001-01-01", "9999-12-31", "2999-12-31"}
)

ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
DAY_MONTH = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})")
TWO_DIGIT_YEAR = re.compile(r"\d{1,2}[/.\- ](\d{1,2}|[A-Za-z]{3})[/.\- ]\d{2}")
SERIAL = re.compile(r"\d{4,6}(\.\d+)?")  # days since 1899-12-30
THOUSANDS = re.compile(r"-?\d{1,3}([, \u202f'’]\d{3})+(\.\d+)?")
NOT_FINITE = re.compile(r"[+-]?(inf|infinity|nan)|#div/0!|#num!|#value!", re.IGNORECASE)
DECIMAL_ID = re.compile(r"\d+\.\d*")
EXPONENT_ID = re.compile(r"\d+(?:\.\d+)?E\+?\d+")
PLAIN_ID = r"[A-Za-z0-9_\-]{1,60}"
# Marks that point to a person, in capitals: PNC, NOMIS, CRN, national insurance, NHS (spaced), postcode, e-mail.
PERSONAL = re.compile(
    r"\d{2,4}/\d{1,7}[A-Z]|[A-Z]\d{4}[A-Z]{2}|[A-Z]\d{6}|[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]|\d{3} \d{3} \d{4}"
    r"|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[^@\s]+@[^@\s]+\.[A-Z]{2,}"
)
LATEST = "9999-12-31"  # the last day that a date can name
ODD_PLAIN_ID = rf"{EXPONENT_ID.pattern}|{PERSONAL.pattern}"


def ethnicity_code(text: str) -> str | None:
    """E110 to E117 for a cell of a column `ethnicity`."""
    lower = text.lower()
    for code, broken in (
        ("E111", not text),
        ("E110", lower in NA_WORDS),
        ("E116", text.replace(".", "").isdigit()),
        ("E114", lower in BROAD_WORDS),
        ("E115", text.upper() in OLDER_CODES),
        ("E117", lower in MIXED_MARKS),
    ):
        if broken:
            return code
    return "E113"


def region_code(text: str, allowed: tuple[str, ...] = REGIONS) -> str | None:
    """E140 to E143, or E191, for a cell of a column `region` that holds no id of a place in `allowed`."""
    if not text:
        return "E191"
    if allowed != REGIONS:
        return "E143" if _slug(text) in allowed else "E140"
    if text.lower() == "cymru":
        return "E142"
    if _slug(text) in {_slug(name) for name in OLD_DIVISIONS} - set(REGIONS):
        return "E141"
    return "E143" if _slug(text) in REGIONS or text in {place.name for place in places("probation_regions")} else "E140"


def _slug(name: str) -> str:
    return re.sub(r"[^a-z]+", "_", name.lower().replace("&", "and")).strip("_")


def date_code(text: str, *, latest: str) -> str | None:
    """E130 to E136 for a date that is not empty; `latest` is the day of the extract, YYYY-MM-DD."""
    if ISO.fullmatch(text):
        return _iso_code(text, latest)
    if SERIAL.fullmatch(text):
        return "E134"
    if TWO_DIGIT_YEAR.fullmatch(text):
        return "E133"
    if parts := DAY_MONTH.fullmatch(text):
        first, second = int(parts[1]), int(parts[2])
        if max(first, second) > 31 or min(first, second) > 12 or not min(first, second):
            return "E130"
        return "E131" if max(first, second) <= 12 and first != second else "E132"
    return "E132"


def _iso_code(text: str, latest: str) -> str | None:
    if text in FILLERS:
        return "E135"
    try:
        date.fromisoformat(text)
    except ValueError:
        return "E130"
    return "E136" if text > latest else None


def number_code(column: Column, text: str) -> str | None:
    """E108 and E160 to E167 for a number that is not empty."""
    if THOUSANDS.fullmatch(text):
        return "E108"
    if NOT_FINITE.fullmatch(text):
        return "E164"
    try:
        value = float(text)
    except ValueError:
        return "E160"
    if not math.isfinite(value):
        return "E164"
    if column.kind == "flag":
        return None if value in (0, 1) else "E167"
    if column.kind == "rating" and not column.low <= value <= column.high:
        return "E165"
    if value < 0:
        return "E161"
    if value % 1 and column.kind in ("whole", "rating"):
        return "E166"
    return "E163" if value > column.high else None


def id_code(text: str) -> str | None:
    """E123, E124, E172 or E173 for an id that is not empty."""
    if DECIMAL_ID.fullmatch(text):
        return "E123"
    if EXPONENT_ID.fullmatch(text.upper()):
        return "E124"
    if PERSONAL.fullmatch(text.upper()):
        return "E172"
    return None if re.fullmatch(PLAIN_ID, text) else "E173"


def cell_code(column: Column, text: str, *, latest: str) -> str | None:
    """The code of the rule that a cleaned cell breaks, or None."""
    if len(text) > LONGEST_CELL:
        return "E109"
    if column.allowed and text in column.allowed:
        return None
    if column.name == "ethnicity":
        return ethnicity_code(text)
    if column.name == "region":
        return region_code(text, column.allowed)
    if not text:
        return None if column.empty is not None else ("E121" if column.kind == "id" else "E191")
    if column.allowed:
        return "E192"
    if column.kind == "truth":
        return None if text in TRUTHS else "E193"
    if column.kind == "id":
        return id_code(text)
    if column.kind == "date":
        return date_code(text, latest=LATEST if column.may_lie_ahead else latest)
    return number_code(column, text)


def check_cells(table: TextTable, *, latest: str) -> tuple[TextTable, tuple[Problem, ...], tuple[Note, ...]]:
    """The cleaned table, one problem for each column and rule, and notes of what was mended."""
    columns, problems, notes = {}, [], []
    for name in table.frame.columns:
        column = table.contract.column(name)
        columns[name] = cleaned_column(column, table.frame[name])
        mended = int((columns[name] != table.frame[name]).sum())
        if mended and column.kind != "date":
            notes.append(Note(str(table.files[0]), "stray spaces or letter case mended", name, mended))
        problems += _column_problems(table, column, columns[name], latest)
    return TextTable(table.contract, pd.DataFrame(columns), table.rows, table.files), tuple(problems), tuple(notes)


def _column_problems(table: TextTable, column: Column, values: pd.Series, latest: str) -> list[Problem]:
    numbers, found = pd.factorize(values)
    judged = np.arange(len(found))
    if column.kind == "id":  # nearly all differ: only those that look odd are judged one by one
        ids = pd.Series(found, dtype="str").str
        judged = np.flatnonzero(
            ~ids.fullmatch(PLAIN_ID).to_numpy() | ids.upper().str.fullmatch(ODD_PLAIN_ID).to_numpy()
        )
    codes = np.full(len(found), "", dtype=object)
    codes[judged] = [cell_code(column, found[i], latest=latest) or "" for i in judged]
    problems = []
    for code in sorted(set(codes) - {""}):
        hint = _hint(column, [found[i] for i in np.flatnonzero(codes == code)])
        problems += table.problem(code, (codes == code)[numbers], column=column.name, hint=hint)
    return problems


def _hint(column: Column, broken: list[str]) -> str:
    """The nearest allowed value, where one value only is broken; it stands in the data dictionary, not in the data."""
    if len(broken) != 1 or not column.allowed or column.name == "ethnicity":
        return ""
    slug = _slug(broken[0])
    return f"Did you mean `{slug}`?" if slug in column.allowed else did_you_mean(slug or broken[0], column.allowed)
