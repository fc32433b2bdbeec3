"""Published counts of data/reference: one row a measure, period and ethnic group, read strictly.

Published figures are typed by hand. A row that stands twice doubles a base, a blank behind a group
makes it vanish, and events above their base are no share: each is refused with its row.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.errors import DataError, Problem
from analysis.extracts.rules.cell_rules import NOT_FINITE, THOUSANDS
from analysis.extracts.rules.reference_tables import ReferenceTable, read_reference_table
from analysis.extracts.tables.codes import did_you_mean

COLUMNS = (
    "measure",
    "period",
    "group",
    "events",
    "base",
    "unit",
    "numerator_coding",
    "denominator_coding",
    "source",
)
KEY = ["measure", "period", "group"]
NUMBERS = ("events", "base")
YEAR = re.compile(r"[12][0-9]{3}")
DIGITS = re.compile(r"[0-9]+")


def read_published(path: Path, *, measures: Sequence[str], groups: Sequence[str]) -> pd.DataFrame:
    """The rows of a file of published counts: COLUMNS, events and base as whole numbers, the period
    as text.

    `measures`, `groups`: those of the plan and of its coding. DataError: what read_reference_table
    refuses; E153 for a measure, period or group that is none; E108, E160, E161, E164 or E166 for a
    number that is none; E149 for a base of 0; E168 for events above their base; E152 for a row that
    stands twice; E154 where groups of a period are missing.
    """
    table = read_reference_table(path, COLUMNS)
    faults = (*_words(table, measures, groups), *_numbers(table))
    if not faults:
        faults = (*_bases(table), *_repeated(table), *_missing(table, measures, groups))
    if faults:
        raise DataError(faults)
    return table.frame.astype(dict.fromkeys(NUMBERS, "int64"))


def _words(
    table: ReferenceTable, measures: Sequence[str], groups: Sequence[str]
) -> tuple[Problem, ...]:
    """E153, with the nearest valid word where one value only is broken."""
    faults: tuple[Problem, ...] = ()
    for column, valid in (("measure", measures), ("group", groups)):
        texts = table.frame[column]
        broken = ~texts.isin(list(valid))
        faults += table.problem("E153", broken, column=column, hint=_hint(texts[broken], valid))
    odd = ~table.frame["period"].map(lambda text: YEAR.fullmatch(text) is not None)
    hint = "A period is the year in which it ends, in four digits."
    return faults + table.problem("E153", odd, column="period", hint=hint)


def _hint(broken: pd.Series, valid: Sequence[str]) -> str:
    """The nearest word in whatever case, or all that are valid: they stand in the plan, not in the
    data."""
    words = {word.lower(): word for word in valid}
    near = did_you_mean(broken.iloc[0], words) if broken.nunique() == 1 else ""
    for lower, word in words.items():
        near = near.replace(f"`{lower}`", f"`{word}`")
    return near or f"Valid: {', '.join(valid)}."


def _numbers(table: ReferenceTable) -> tuple[Problem, ...]:
    """Counts are digits and nothing else."""
    faults: tuple[Problem, ...] = ()
    for column in NUMBERS:
        codes = table.frame[column].map(_number_code)
        for code in sorted({*codes} - {""}):
            faults += table.problem(code, codes == code, column=column)
    return faults


def _number_code(text: str) -> str:
    """The code of the rule that a count breaks, or nothing."""
    if DIGITS.fullmatch(text):
        return "" if len(text) <= 12 else "E163"
    if THOUSANDS.fullmatch(text):
        return "E108"
    if NOT_FINITE.fullmatch(text):
        return "E164"
    if re.fullmatch(r"-[0-9]+(\.[0-9]+)?", text):
        return "E161"
    return "E166" if re.fullmatch(r"[0-9]+\.[0-9]+", text) else "E160"


def _bases(table: ReferenceTable) -> tuple[Problem, ...]:
    """E149 and E168."""
    events, base = (table.frame[name].astype("int64") for name in NUMBERS)
    none = table.problem("E149", base == 0, column="base", hint="Nobody is at risk.")
    hint = "The whole is `base`; is it written in thousands?"
    return none + table.problem("E168", (events > base) & (base > 0), column="events", hint=hint)


def _repeated(table: ReferenceTable) -> tuple[Problem, ...]:
    """E152."""
    return table.problem("E152", table.frame.duplicated(KEY), column="group")


def _missing(
    table: ReferenceTable, measures: Sequence[str], groups: Sequence[str]
) -> tuple[Problem, ...]:
    """E154: each period of a measure has a row for every group, and each measure a period."""
    faults: tuple[Problem, ...] = ()
    for (measure, _), rows in table.frame.groupby(["measure", "period"]):
        absent = [group for group in groups if group not in {*rows["group"]}]
        if absent:
            hint = f"A period of `{measure}` lacks {', '.join(absent)}."
            first = table.frame.index == rows.index[0]
            faults += table.problem("E154", first, column="group", hint=hint)
    without = [measure for measure in measures if measure not in {*table.frame["measure"]}]
    if without:
        every = pd.Series(True, index=table.frame.index)
        hint = f"There is no row of {', '.join(without)}."
        faults += table.problem("E154", every, column="measure", hint=hint)
    return faults


__all__ = ["COLUMNS", "read_published"]
