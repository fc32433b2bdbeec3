"""What a contract of a table is: one statement a column gives type, meaning, unit and allowed
values.

The pandera schema, the data dictionary (data/README.md), the checks of incoming files and the
demonstration data all come from these statements; the tables themselves stand in one module a
service (supervision_tables.py and others).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from analysis.vocabulary.ethnicity import CODINGS, RECORDED, RECORDED_MISSING
from analysis.vocabulary.regions import places

ETHNICITY_CODING = RECORDED
ETHNICITIES = (*CODINGS[ETHNICITY_CODING].codes, *RECORDED_MISSING)
PROBATION_REGIONS = "probation_regions"  # the places of an extract that names no others
REGIONS = tuple(place.id for place in places(PROBATION_REGIONS))
LICENCE = ("licence",)
ORDERS = ("community_order", "suspended_sentence")
CONSTANT = ("ethnicity", "sex")  # what a person is once in a reporting period; an age band moves

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


# Of the rows of a table that must have their row in another one: above it the table is not
# delivered in full (E177). Chosen: below it a study decides for itself (`smallest:
# lost_rows_percent` of its plan).
LACKING_PERCENT = 5.0


@dataclass(frozen=True)
class Column:
    """One column. `empty` says what an empty cell means; None: a cell must be filled.

    low, high: smallest and largest possible value, in `unit`. `only_for`: sentence types for which
    a value can exist.
    window_months: the value says what happened within so many months; it is no value of a person
    followed for less. outcome: an outcome of a pilot rests on it, so that nobody sees it before the
    plan is locked (docs/locks.md).
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
    window_months: int | None = None
    outcome: bool = False

    @property
    def dtype(self) -> str:
        """pandas dtype of the typed column."""
        return DTYPES[self.kind]

    def holds(self, value: float) -> bool:
        """Whether a number lies between low and high; a limit that is not named bars nothing."""
        above = self.low is None or self.low <= value
        return above and (self.high is None or value <= self.high)


@dataclass(frozen=True)
class DaysOf:
    """Days that count for some values of another column alone: licence days of people on
    licence."""

    days: str
    column: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Rules:
    """What must hold between the columns of a row, and between the rows of a person. Each names
    columns of its table.

    parts: (parts, whole); the parts, added up, are no more than the whole (E168). at_risk: (events,
    time or people at risk); where an event is, the other is above 0 (E146). days_of: days above 0
    for these values alone (E147).
    days_at_risk: (days that add up to at most those of the row's quarter) (E163). only_where:
    (column, what must be true or filled for it to be filled) (E146). filled_where: (column, what
    makes it due): empty there is no answer (E191).
    constant: what a person (by the column `person`) has once within a round (E178); rising: what
    never goes down in a person (E179). round_quarters: calendar quarters in the round of the
    monitors that count in this table.
    """

    parts: tuple[tuple[tuple[str, ...], str], ...] = ()
    at_risk: tuple[tuple[str, str], ...] = ()
    days_of: tuple[DaysOf, ...] = ()
    days_at_risk: tuple[str, ...] = ()
    only_where: tuple[tuple[str, str], ...] = ()
    filled_where: tuple[tuple[str, str], ...] = ()
    constant: tuple[str, ...] = ()
    rising: tuple[str, ...] = ()
    person: str = "person_id"
    round_quarters: int = 1

    @property
    def columns(self) -> frozenset[str]:
        """Every column that a rule names."""
        pairs = (*self.at_risk, *self.only_where, *self.filled_where)
        named = {name for pair in pairs for name in pair}
        named |= {name for parts, whole in self.parts for name in (*parts, whole)}
        named |= {name for rule in self.days_of for name in (rule.days, rule.column)}
        persons = (self.person,) if self.constant or self.rising else ()
        return frozenset(named | {*self.days_at_risk, *self.constant, *self.rising, *persons})


@dataclass(frozen=True)
class Blind:
    """How outcomes of a table are changed about, where they are not cells of a row alone
    (reading/permuted.py).

    since, until: days of outcomes are moved as time since the one, and are known up to the other.
    owner: table of the people to whom the rows belong, with these two days: each row is an outcome.
    months: day by whose month rows are counted; counted_in: table with a row for each `month`.
    along: (outcome, what was measured before the start): the two move together, since a change
    between them would else show how far arms differed before.
    """

    since: str = ""
    until: str = ""
    owner: str = ""
    months: str = ""
    counted_in: str = ""
    along: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Every:
    """Each row of `table` has at least one row here, joined by `column`: without it, rows were lost
    (E177).

    refused: above the share of lost_rows.py; otherwise lost rows are only told, since some may be
    right.
    """

    column: str
    table: str
    refused: bool = True


@dataclass(frozen=True)
class Contract:
    """One table: the key (one row each), what a row is, and its columns. `links` name columns that
    join elsewhere.

    `service`: tables of one service come and go together; an extract holds those of one service or
    of several.
    every: tables each of whose rows has a row here. rules: what holds between columns. blind: how
    its outcomes are permuted. ValueError where a rule names a column that the table does not have.
    """

    table: str
    row: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    optional: bool = False
    links: tuple[tuple[str, str], ...] = ()  # (column, table whose key it is)
    service: str = "supervision"
    by_year: bool = False  # its quarters are counted together, four to a year: none may be missing
    every: tuple[Every, ...] = ()
    rules: Rules = Rules()
    blind: Blind = Blind()

    def __post_init__(self) -> None:
        unknown = (self.rules.columns | {every.column for every in self.every}) - {*self.names}
        if unknown:
            raise ValueError(
                f"{self.table}: rules name no such column: {', '.join(sorted(unknown))}"
            )

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Columns on which outcomes of pilots rest: all of them where each row is an outcome."""
        return tuple(column.name for column in self.columns if column.outcome)

    @property
    def covered(self) -> tuple[str, ...]:
        """The other columns: who there is, where, in which arm and since when. Empty where each
        row is an outcome."""
        return tuple(column.name for column in self.columns if not column.outcome)

    @property
    def regional(self) -> bool:
        return "region" in self.names

    def column(self, name: str) -> Column:
        """The column with this name; KeyError where there is none."""
        return {column.name: column for column in self.columns}[name]

    def schema(self, names: tuple[str, ...] | None = None):
        """pandera schema of the typed table (or of some of its columns): types, allowed values, no
        other column."""
        import pandera.pandas as pa

        chosen = [self.column(name) for name in names or self.names]
        unique = list(self.key) if set(self.key) <= {column.name for column in chosen} else None
        return pa.DataFrameSchema(
            {c.name: _pandera_column(c) for c in chosen},
            strict=True,
            unique=unique,
            name=self.table,
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
    return pa.Column(
        column.dtype, checks, nullable=column.empty is not None, description=column.meaning
    )


def outcomes(*columns: Column) -> tuple[Column, ...]:
    """These columns, as outcomes."""
    return tuple(replace(column, outcome=True) for column in columns)


def region_column(meaning: str = "probation region of the office at first allocation") -> Column:
    return Column("region", "category", meaning, allowed=REGIONS)


def ethnicity_column(whose: str) -> Column:
    meaning = f"{whose} own statement, codes of {ETHNICITY_CODING}, or a kind of missing"
    return Column("ethnicity", "category", meaning, allowed=ETHNICITIES)


def flag_column(
    name: str,
    meaning: str,
    empty: str,
    only_for: tuple[str, ...] = (),
    window_months: int | None = None,
) -> Column:
    return Column(
        name,
        "flag",
        meaning,
        low=0,
        high=1,
        empty=empty,
        only_for=only_for,
        window_months=window_months,
    )


def item_column(name: str, statement: str) -> Column:
    meaning = f"agreement with “{statement}”, 1 strongly disagree to 5 strongly agree"
    return Column(name, "rating", meaning, unit="points", low=1, high=5, empty="item not answered")
