"""What a contract of a table is: one statement a column gives type, meaning, unit and allowed values.

The pandera schema, the data dictionary (data/README.md), the checks of incoming files and the demonstration data all
come from these statements; the tables themselves stand in one module a service (supervision_tables.py and others).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from analysis.vocabulary.ethnicity import CODINGS, RECORDED_MISSING
from analysis.vocabulary.regions import places

ETHNICITY_CODING = "ons_2021_19+1"
ETHNICITIES = (*CODINGS[ETHNICITY_CODING].codes, *RECORDED_MISSING)
PROBATION_REGIONS = "probation_regions"  # the places of an extract that names no others
REGIONS = tuple(place.id for place in places(PROBATION_REGIONS))
LICENCE = ("licence",)
ORDERS = ("community_order", "suspended_sentence")

Kind = Literal["id", "category", "date", "whole", "number", "flag", "rating", "truth"]
DTYPES: Mapping[str, str] = MappingProxyType(
    {
        "id": "str",
        "category": "str",
        "date": "datetime64[us]",
        "whole": "int64",
        "number": "float64",
        "flag": "float64",  # 0, 1 or empty
        "rating": "float64",  # 1 to 5 or empty
        "truth": "bool",
    }
)
KIND_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "id": "identifier (text)",
        "category": "category (text)",
        "date": "date (YYYY-MM-DD)",
        "whole": "whole number",
        "number": "number",
        "flag": "0 or 1",
        "rating": "whole number",
        "truth": "true or false",
    }
)


@dataclass(frozen=True)
class Column:
    """One column. `empty` says what an empty cell means; None: a cell must be filled.

    low, high: smallest and largest possible value, in `unit`. `only_for`: sentence types for which a value can exist.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    allowed: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    empty: str | None = None
    only_for: tuple[str, ...] = ()
    may_lie_ahead: bool = False  # a date that may come after the day of the extract

    @property
    def dtype(self) -> str:
        """pandas dtype of the typed column."""
        return DTYPES[self.kind]


@dataclass(frozen=True)
class Contract:
    """One table: the key (one row each), what a row is, and its columns. `links` name columns that join elsewhere.

    `service`: tables of one service come and go together; an extract holds those of one service or of several.
    """

    table: str
    row: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    optional: bool = False
    links: tuple[tuple[str, str], ...] = ()  # (column, table whose key it is)
    service: str = "supervision"
    by_year: bool = False  # its quarters are counted together, four to a year: none may be missing

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def regional(self) -> bool:
        return "region" in self.names

    def column(self, name: str) -> Column:
        """The column with this name; KeyError where there is none."""
        return {column.name: column for column in self.columns}[name]

    def schema(self, names: tuple[str, ...] | None = None):
        """pandera schema of the typed table (or of some of its columns): types, allowed values, no other column."""
        import pandera.pandas as pa

        chosen = [self.column(name) for name in (names or self.names)]
        unique = list(self.key) if set(self.key) <= {column.name for column in chosen} else None
        return pa.DataFrameSchema(
            {c.name: _pandera_column(c) for c in chosen}, strict=True, unique=unique, name=self.table
        )


def _pandera_column(column: Column):
    import pandera.pandas as pa

    checks = []
    if column.allowed:
        checks.append(pa.Check.isin(column.allowed))
    if column.low is not None and column.kind != "date":
        checks.append(pa.Check.in_range(column.low, column.high))
    if column.kind in ("flag", "rating"):
        checks.append(pa.Check(lambda values: values % 1 == 0, name="whole_number"))
    return pa.Column(column.dtype, checks, nullable=column.empty is not None, description=column.meaning)


def region_column(meaning: str = "probation region of the office at first allocation") -> Column:
    return Column("region", "category", meaning, allowed=REGIONS)


def ethnicity_column(whose: str) -> Column:
    meaning = f"{whose} own statement, codes of {ETHNICITY_CODING}, or a kind of missing"
    return Column("ethnicity", "category", meaning, allowed=ETHNICITIES)


def flag_column(name: str, meaning: str, empty: str, only_for: tuple[str, ...] = ()) -> Column:
    return Column(name, "flag", meaning, low=0, high=1, empty=empty, only_for=only_for)


def item_column(name: str, statement: str) -> Column:
    meaning = f"agreement with “{statement}”, 1 strongly disagree to 5 strongly agree"
    return Column(name, "rating", meaning, unit="points", low=1, high=5, empty="item not answered")
