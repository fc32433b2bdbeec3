"""What each table holds: one statement a column gives type, meaning, unit and allowed values.

The pandera schema, the data dictionary (data/README.md), the checks of incoming files and the demonstration data all
come from these statements.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from analysis.vocabulary.ethnicity import CODINGS, MISSING, RECORDED_MISSING
from analysis.vocabulary.regions import places

ETHNICITY_CODING = "ons_2021_19+1"
ETHNICITIES = (*CODINGS[ETHNICITY_CODING].codes, *RECORDED_MISSING)
REGIONS = tuple(place.id for place in places("probation_regions"))
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

    @property
    def dtype(self) -> str:
        """pandas dtype of the typed column."""
        return DTYPES[self.kind]


@dataclass(frozen=True)
class Contract:
    """One table: the key (one row each), what a row is, and its columns. `links` name columns that join elsewhere."""

    table: str
    row: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    optional: bool = False
    links: tuple[tuple[str, str], ...] = ()  # (column, table whose key it is)

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


def _region() -> Column:
    return Column("region", "category", "probation region of the office at first allocation", allowed=REGIONS)


def _ethnicity(whose: str) -> Column:
    meaning = f"{whose} own statement, codes of {ETHNICITY_CODING}, or a kind of missing"
    return Column("ethnicity", "category", meaning, allowed=ETHNICITIES)


def _flag(name: str, meaning: str, empty: str, only_for: tuple[str, ...] = ()) -> Column:
    return Column(name, "flag", meaning, low=0, high=1, empty=empty, only_for=only_for)


def _item(name: str, statement: str) -> Column:
    meaning = f"agreement with “{statement}”, 1 strongly disagree to 5 strongly agree"
    return Column(name, "rating", meaning, unit="points", low=1, high=5, empty="item not answered")


PERSON = Column("person_id", "id", "pseudonym of the person on probation; no police, court or prison number")
PEOPLE_ON_PROBATION = Contract(
    "people_on_probation",
    "one person at the first allocation within the window",
    ("person_id",),
    (
        PERSON,
        _region(),
        Column("office_id", "id", "delivery office that allocated"),
        Column(
            "first_practitioner_id",
            "id",
            "FIRST practitioner allocated; later changes do not count",
            empty="no practitioner on the record",
        ),
        Column("first_allocated_on", "date", "day of the first allocation"),
        Column("match_requested", "truth", "the person asked for a practitioner of their own ethnic group"),
        _ethnicity("person's"),
        Column("sex", "category", "sex as recorded", allowed=("female", "male")),
        Column(
            "age_band", "category", "age at first allocation", unit="years", allowed=("18-24", "25-34", "35-49", "50+")
        ),
        Column("sentence_type", "category", "sentence supervised at first allocation", allowed=(*ORDERS, *LICENCE)),
        Column(
            "risk_tier",
            "category",
            "tier of risk, decided by the service",
            allowed=("low", "medium", "high", "very_high"),
        ),
    ),
    links=(("first_practitioner_id", "practitioners"),),
)
PRACTITIONERS = Contract(
    "practitioners",
    "one practitioner in post within the window",
    ("practitioner_id",),
    (
        Column("practitioner_id", "id", "pseudonym of the practitioner; no staff number"),
        _region(),
        Column("office_id", "id", "delivery office of the practitioner"),
        _ethnicity("practitioner's"),
        Column(
            "grade",
            "category",
            "grade at the start of the window",
            allowed=("probation_services_officer", "probation_officer", "senior_probation_officer"),
        ),
        Column(
            "length_of_service_years",
            "number",
            "length of service at the start of the window",
            unit="years",
            low=0,
            high=60,
        ),
    ),
)
SUPERVISION_OUTCOMES = Contract(
    "supervision_outcomes",
    "one person; outcomes within 12 months of the first allocation",
    ("person_id",),
    (
        PERSON,
        _region(),
        # at most one appointment a day for a year
        Column(
            "appointments_offered",
            "whole",
            "appointments offered within 12 months",
            unit="appointments",
            low=0,
            high=366,
        ),
        Column("appointments_kept", "whole", "of these, appointments kept", unit="appointments", low=0, high=366),
        _flag("breached", "taken back to court for breach", "not on a community order or suspended sentence", ORDERS),
        _flag("recalled", "recalled to prison", "not on licence", LICENCE),
        _flag("completed", "completed the order or licence", "did not end within the window"),
        _flag(
            "reoffended",
            "proven reoffending: offence within 12 months, proven within a further 6",
            "followed for under 18 months",
        ),
        Column("followed_to", "date", "last day for which outcomes are known"),
    ),
    links=(("person_id", "people_on_probation"),),
)
RELATIONSHIP_SURVEY = Contract(
    "relationship_survey",
    "one person who answered",
    ("person_id",),
    (
        PERSON,
        _region(),
        Column("answered_on", "date", "day of the answer, about six months after the first allocation"),
        _item("treated_with_respect", "My practitioner treats me with respect"),
        _item("listened_to", "My practitioner listens to me"),
        _item("trusted", "I trust my practitioner"),
        _item("treated_fairly", "My practitioner treats me fairly"),
        _item("understood", "My practitioner understands where I come from"),
    ),
    links=(("person_id", "people_on_probation"),),
)
EXTRACT = Contract(
    "extract",
    "the whole extract (one row)",
    ("extract_date",),
    (Column("extract_date", "date", "day on which the extract was drawn; nothing can be later"),),
    optional=True,
)
CONTRACTS: Mapping[str, Contract] = MappingProxyType(
    {c.table: c for c in (PEOPLE_ON_PROBATION, PRACTITIONERS, SUPERVISION_OUTCOMES, RELATIONSHIP_SURVEY, EXTRACT)}
)
RELATIONSHIP_ITEMS = tuple(column.name for column in RELATIONSHIP_SURVEY.columns if column.kind == "rating")


def data_dictionary() -> str:
    """The contracts as Markdown, for data/README.md."""
    missing = "\n".join(f"- `{kind}`: {words}" for kind, words in MISSING.items() if kind in RECORDED_MISSING)
    codes = "\n".join(f"- `{c.code}` {c.label} ({c.group})" for c in CODINGS[ETHNICITY_CODING].categories)
    tables = "\n\n".join(_table_dictionary(contract) for contract in CONTRACTS.values())
    return f"{tables}\n\n### Ethnicity codes ({ETHNICITY_CODING})\n\n{codes}\n\nKinds of missing:\n\n{missing}\n"


def _table_dictionary(contract: Contract) -> str:
    head = f"### {contract.table}{' (optional)' if contract.optional else ''}\n\nOne row is {contract.row}. Key: `{', '.join(contract.key)}`.\n"
    rows = "\n".join(_dictionary_row(column) for column in contract.columns)
    return f"{head}\n| column | type | meaning | unit | allowed | an empty cell |\n|---|---|---|---|---|---|\n{rows}"


def _dictionary_row(column: Column) -> str:
    allowed = ", ".join(f"`{value}`" for value in column.allowed)
    if column.name == "ethnicity":
        allowed = "see the codes below"
    elif column.low is not None:
        allowed = f"{column.low:g} to {column.high:g}"
    empty = column.empty or "not allowed"
    return f"| `{column.name}` | {KIND_WORDS[column.kind]} | {column.meaning} | {column.unit or '–'} | {allowed or '–'} | {empty} |"
