"""What can be wrong with one cell (E11x, E13x, E14x, E16x, E17x): a function a kind of column, text
to code.

Each takes a cleaned cell and returns the code of the rule that it breaks, or None. Distinct values
are judged once.
"""

import math
import re
from datetime import date

import numpy as np
import pandas as pd

from analysis.errors import Problem
from analysis.extracts.files.cells import TRUTHS, cleaned_column, mended_by
from analysis.extracts.files.ethnic_labels import SEVERAL_CODES, code_of_label, label_of
from analysis.extracts.files.files import Note, TextTable, counted
from analysis.extracts.files.numbers import (
    DECIMAL_COMMA,
    NOT_FINITE,
    THOUSANDS,
    YES_NO_WORDS,
    is_number,
    is_suppressed,
)
from analysis.extracts.tables.codes import did_you_mean
from analysis.extracts.tables.contract import REGIONS, Column
from analysis.vocabulary.ethnicity import CENSUS, CODINGS, RECORDED
from analysis.vocabulary.regions import place_sets

LONGEST_CELL = 200  # characters; the longest allowed value has under 40
NA_WORDS = frozenset({"na", "n/a", "#n/a", "nan", "null", "none", "nil", "<na>", "-", "."})
# Marks that put several kinds of missing together; NS is "not stated" in police systems and "not
# specified" in others.
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
BROAD_WORDS = frozenset(group.lower() for group in CODINGS[RECORDED].groups)
# Codes of earlier censuses among those of a later one; another coding has no earlier ones.
OLDER_CODES = frozenset(
    {code for one in CENSUS for code in CODINGS[one].codes} - {*CODINGS[RECORDED].codes}
    if RECORDED in CENSUS
    else ()
)
# National Probation Service divisions 2014 to 2021; those that share a name with a region today
# cannot be told apart.
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
    {
        "1900-01-01",
        "1899-12-30",
        "1899-12-31",
        "1970-01-01",
        "1753-01-01",
        "0001-01-01",
        "9999-12-31",
        "2999-12-31",
    }
)

ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DAY_MONTH = re.compile(r"([0-9]{1,2})[/.\- ]([0-9]{1,2})[/.\- ]([0-9]{4})")
TWO_DIGIT_YEAR = re.compile(r"[0-9]{1,2}[/.\- ]([0-9]{1,2}|[A-Za-z]{3})[/.\- ][0-9]{2}")
SERIAL = re.compile(r"[0-9]{4,6}(\.[0-9]+)?")  # days since 1899-12-30
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{1,2}:[0-9]{2}.*")
ZONE = re.compile(r".*(Z|UTC|GMT|BST|[+-][0-9]{2}:?[0-9]{2}|\[[A-Za-z_]+/[A-Za-z_]+\])")
DECIMAL_ID = re.compile(r"[0-9]+\.[0-9]*")
EXPONENT_ID = re.compile(r"[0-9]+(?:\.[0-9]+)?E\+?[0-9]+")
PLAIN_ID = r"[A-Za-z0-9_\-]{1,60}"
# Marks that point to a person, in capitals: PNC, NOMIS, CRN, national insurance, NHS (spaced),
# postcode, e-mail.
PERSONAL = re.compile(
    r"\d{2,4}/\d{1,7}[A-Z]|[A-Z]\d{4}[A-Z]{2}|[A-Z]\d{6}|[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]|\d{3}"
    r" \d{3} \d{4}"
    r"|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[^@\s]+@[^@\s]+\.[A-Z]{2,}"
)
# A day that begins at midnight in London is the evening before in UTC, from the end of March to the
# end of October.
IN_A_ZONE = (
    "The cells hold a time with a time zone: midnights of one zone, stored in another, fall on the"
    " day before. Turn them into the local date first, and leave time and time zone out."
)
NO_ID = NA_WORDS | {"--", "missing", "unknown", "not known"}
LATEST = "9999-12-31"  # the last day that a date can name
ODD_PLAIN_ID = "|".join(
    (EXPONENT_ID.pattern, PERSONAL.pattern, *(re.escape(word.upper()) for word in sorted(NO_ID)))
)


def ethnicity_code(text: str) -> str | None:
    """E110 to E119 or E174 for a cell of a column `ethnicity`."""
    lower = text.lower()
    for code, broken in (
        ("E111", not text),
        ("E110", lower in NA_WORDS),
        ("E116", text.replace(".", "").isdigit()),
        ("E114", lower in BROAD_WORDS),
        ("E115", text.upper() in OLDER_CODES),
        ("E117", lower in MIXED_MARKS),
        ("E119", SEVERAL_CODES.fullmatch(text)),
        ("E118", code_of_label(text)),
        ("E174", is_suppressed(text, number=False)),
    ):
        if broken:
            return code
    return "E113"


def region_code(text: str, allowed: tuple[str, ...] = REGIONS) -> str | None:
    """E140 to E143, or E191, for a cell of a column `region` that holds no id of a place in
    `allowed`."""
    if not text:
        return "E191"
    named = {
        place.name.lower()
        for kept in place_sets().values()
        if kept.ids == allowed
        for place in kept.places
    }
    if allowed != REGIONS:
        return "E143" if _slug(text) in allowed or text.lower() in named else "E140"
    if text.lower() == "cymru":
        return "E142"
    if _slug(text) in {_slug(name) for name in OLD_DIVISIONS} - set(REGIONS):
        return "E141"
    return "E143" if _slug(text) in REGIONS or text.lower() in named else "E140"


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
    """E108, E160 to E167 and E174 to E176 for a number that is not empty."""
    if not is_number(text):
        return _no_number_code(column, text)
    value = float(text)
    if not math.isfinite(value):
        return "E164"
    if column.kind == "flag":
        return None if value in (0, 1) else "E167"
    if column.kind == "rating" and not column.holds(value):
        return "E165"
    if value < 0:
        return "E161"
    if value % 1 and column.kind in ("whole", "rating"):
        return "E166"
    return "E163" if column.high is not None and value > column.high else None


def _no_number_code(column: Column, text: str) -> str:
    """What stands in place of a number: each has a remedy of its own."""
    if is_suppressed(text, number=True):
        return "E174"
    if THOUSANDS.fullmatch(text):
        return "E108"
    if DECIMAL_COMMA.fullmatch(text):
        return "E175"
    if NOT_FINITE.fullmatch(text):
        return "E164"
    if text.lower() in YES_NO_WORDS:
        return "E167" if column.kind == "flag" else "E176"
    return "E160"


def id_code(text: str) -> str | None:
    """E121, E123, E124, E172, E173 or E174 for an id that is not empty."""
    if text.lower() in NO_ID:
        return "E121"
    if is_suppressed(text, number=False) and not re.fullmatch(PLAIN_ID, text):
        return "E174"
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
    if column.kind == "id":
        return id_code(text)
    if column.kind in ("category", "date", "truth") and is_suppressed(text, number=False):
        return "E174"
    if column.allowed:
        return "E192"
    if column.kind == "truth":
        return None if text in TRUTHS else "E193"
    if column.kind == "date":
        return date_code(text, latest=LATEST if column.may_lie_ahead else latest)
    return number_code(column, text)


def check_cells(
    table: TextTable, *, latest: str
) -> tuple[TextTable, tuple[Problem, ...], tuple[Note, ...]]:
    """The cleaned table, one problem for each column and rule, and notes of what was mended."""
    columns, problems, notes = {}, [], []
    for name in table.frame.columns:
        column = table.contract.column(name)
        columns[name] = cleaned_column(column, table.frame[name])
        notes += _mended(table, column, columns[name])
        problems += _column_problems(table, column, columns[name], latest)
    return (
        TextTable(table.contract, pd.DataFrame(columns), table.rows, table.files),
        tuple(problems),
        tuple(notes),
    )


def _mended(table: TextTable, column: Column, after: pd.Series) -> list[Note]:
    """What `cleaned` changed: one note for each rule and file."""
    changed = np.flatnonzero((after != table.frame[column.name]).to_numpy())
    numbers, found = pd.factorize(table.frame[column.name].iloc[changed])
    rules = np.full(len(after), "", dtype=object)
    rules[changed] = np.array([mended_by(column, text) for text in found], dtype=object)[numbers]
    told = sorted(set(rules[changed]))
    return [note for rule in told for note in counted(table, column.name, rules == rule, rule)]


def _column_problems(
    table: TextTable, column: Column, values: pd.Series, latest: str
) -> list[Problem]:
    numbers, found = pd.factorize(values)
    judged = np.arange(len(found))
    if column.kind == "id":  # nearly all differ: only those that look odd are judged one by one
        ids = pd.Series(found, dtype="str").str
        judged = np.flatnonzero(
            ~ids.fullmatch(PLAIN_ID).to_numpy() | ids.upper().str.fullmatch(ODD_PLAIN_ID).to_numpy()
        )
    codes = np.full(len(found), "", dtype=object)
    codes[judged] = [cell_code(column, found[i], latest=latest) or "" for i in judged]
    problems: list[Problem] = []
    for code in sorted(set(codes) - {""}):
        hint = _hint(column, code, [found[i] for i in np.flatnonzero(codes == code)])
        problems += table.problem(code, (codes == code)[numbers], column=column.name, hint=hint)
    return problems


def _hint(column: Column, code: str, broken: list[str]) -> str:
    """What was meant, in words of the data dictionary and never of the data."""
    if code == "E118":
        meant = sorted({code_of_label(text) or "" for text in broken} - {""})
        if len(meant) == 1:
            return f"Did you mean `{meant[0]}`?"
        return f"The codes are {', '.join(f'`{code}` {label_of(code)}' for code in meant)}."
    if code == "E132" and all(TIME.fullmatch(text) for text in broken):
        return (
            IN_A_ZONE
            if any(ZONE.fullmatch(text) for text in broken)
            else "Leave the time of day out."
        )
    if len(broken) != 1 or not column.allowed or column.name == "ethnicity" or code == "E174":
        return ""
    slug = _slug(broken[0])
    return (
        f"Did you mean `{slug}`?"
        if slug in column.allowed
        else did_you_mean(slug or broken[0], column.allowed)
    )
