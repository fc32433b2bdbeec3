"""All tables by name, the tables of each service, and the data dictionary that is made from
them."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from analysis.extracts.tables import complaint_tables, monitoring_tables, recording_tables
from analysis.extracts.tables.contract import (
    ETHNICITY_CODING,
    KIND_WORDS,
    PROBATION_REGIONS,
    REGIONS,
    Column,
    Contract,
)
from analysis.extracts.tables.pilots import (
    assessment_tables,
    coding_tables,
    court_tables,
    inclusion_tables,
    initiative_tables,
    output_tables,
    prison_culture_tables,
    programme_tables,
    progression_tables,
    reporting_tables,
    selection_tables,
    supervision_tables,
    training_tables,
)
from analysis.extracts.tables.rule_words import rules_in_words
from analysis.vocabulary.ethnicity import CODINGS, MISSING, RECORDED_MISSING
from analysis.vocabulary.regions import place_set

EXTRACT = Contract(
    "extract",
    "the whole extract (one row)",
    ("extract_date",),
    (Column("extract_date", "date", "day on which the extract was drawn; nothing can be later"),),
    optional=True,
)
CONTRACTS: Mapping[str, Contract] = MappingProxyType(
    {
        c.table: c
        for c in (
            *supervision_tables.TABLES,
            *court_tables.TABLES,
            *training_tables.TABLES,
            *monitoring_tables.TABLES,
            *complaint_tables.TABLES,
            *recording_tables.TABLES,
            *initiative_tables.TABLES,
            *assessment_tables.TABLES,
            *programme_tables.TABLES,
            *selection_tables.TABLES,
            *progression_tables.TABLES,
            *output_tables.TABLES,
            *reporting_tables.TABLES,
            *prison_culture_tables.TABLES,
            *coding_tables.TABLES,
            *inclusion_tables.TABLES,
            EXTRACT,
        )
    }
)
# The table of a service in which each row is a person or case that its studies count.
WHO = {
    "supervision": "people_on_probation",
    "courts": "sentenced_cases",
    "training": "managers",
    "caseload": "supervision_quarters",
    "prisons": "prisons",
    "workforce": "staff_quarters",
    "complaints": "complaint_quarters",
    "recording": "ethnicity_records",
    "recruitment": "job_applications",
    "leadership": "manager_scores",
    "support": "support_referrals",
    "performance": "performance_conversations",
    "assessments": "audited_assessments",
    "programmes": "programme_cohort",
    "selection": "candidates",
    "progression": "eligible_staff",
    "outputs": "output_staff",
    "reporting": "discrimination_reports",
    "prison_culture": "prison_stays",
    "investigations": "coded_cases",
    "inclusion": "inclusion_waves",
}
# Ids of places of work, which pages may name; every other id of a table is somebody's.
OF_PLACES = ("office_id", "court_id", "site_id", "unit_id", "prison_id", "block", "provider_id")
SERVICES = tuple(dict.fromkeys(c.service for c in CONTRACTS.values()))


def of_the_nation(places: str) -> bool:
    """Whether a set of places holds the probation regions (prison_places: and strata beside them).
    ParameterError E211."""
    return set(REGIONS) <= set(place_set(places).ids)


def places_of_extract(places: str) -> str | None:
    """The set of places that extracts of a plan hold; None: of the nation, or what the extract's
    own mapping says."""
    return None if of_the_nation(places) else places


def contract_of(table: str, places: str = PROBATION_REGIONS) -> Contract:
    """The contract of a table in an extract whose places are those of the set `places`
    (params/regions.yml).

    In a set without the probation regions, a row belongs to one of its places, and so does a
    prison: strata are of the nation. KeyError for a table, ParameterError E211 for a set that does
    not exist.
    """
    contract, ids = CONTRACTS[table], place_set(places).ids
    if of_the_nation(places) or not ids or not contract.regional:
        return contract
    columns = tuple(replace(c, allowed=ids) if c.name == "region" else c for c in contract.columns)
    return replace(contract, columns=columns)


def tables_of(service: str) -> tuple[str, ...]:
    """Names of the tables of a service, and the table `extract`, which belongs to every extract."""
    return tuple(
        name
        for name, contract in CONTRACTS.items()
        if contract.service == service or contract is EXTRACT
    )


def ids_of_people(contract: Contract) -> tuple[str, ...]:
    """Columns of a table that hold ids of people or cases: they stand in nothing that leaves."""
    return tuple(c.name for c in contract.columns if c.kind == "id" and c.name not in OF_PLACES)


def exact_numbers(contract: Contract) -> tuple[str, ...]:
    """Columns of a table whose exact values may be those of one person."""
    return tuple(c.name for c in contract.columns if c.kind == "number")


def data_dictionary() -> str:
    """The contracts as Markdown, for data/README.md."""
    missing = "\n".join(
        f"- `{kind}`: {words}" for kind, words in MISSING.items() if kind in RECORDED_MISSING
    )
    codes = "\n".join(
        f"- `{c.code}` {c.label} ({c.group})" for c in CODINGS[ETHNICITY_CODING].categories
    )
    tables = "\n\n".join(table_dictionary(contract) for contract in CONTRACTS.values())
    return (
        f"{tables}\n\n### Ethnicity codes ({ETHNICITY_CODING})\n\n{codes}\n\nKinds of"
        f" missing:\n\n{missing}\n"
    )


def table_dictionary(contract: Contract) -> str:
    """One table as Markdown: what a row is, its columns and its rules."""
    head = (
        f"### {contract.table}{' (optional)' if contract.optional else ''}\n\nOne row is"
        f" {contract.row}. Key: `{', '.join(contract.key)}`.\n"
    )
    rows = "\n".join(_dictionary_row(column) for column in contract.columns)
    table = (
        "| column | type | meaning | unit | allowed | an empty cell"
        f" |\n|---|---|---|---|---|---|\n{rows}"
    )
    said = "".join(f"\n- {rule}." for rule in rules_in_words(contract))
    return f"{head}\n{table}" + (f"\n\nRules:\n{said}" if said else "")


def _dictionary_row(column: Column) -> str:
    allowed = ", ".join(f"`{value}`" for value in column.allowed)
    if column.name == "ethnicity":
        allowed = "see the codes below"
    elif column.low is not None:
        allowed = f"{column.low:g} to {column.high:g}"
    empty = column.empty or "not allowed"
    return (
        f"| `{column.name}` | {KIND_WORDS[column.kind]} | {column.meaning} | {column.unit or '–'} |"
        f" {allowed or '–'} | {empty} |"
    )
