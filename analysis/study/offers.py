"""What the contracts and the kinds of study offer a plan (plans/agreement/offered.py), and the
check that a plan keeps to it.

Outcomes that are columns come from the contracts; those that a frame makes of several columns are
named in the `offers` of a kind (studies/<kind>/offers.py), with the module that makes them. Nothing
heavy is imported: planning asks this before any kernel starts.
"""

import csv
from collections.abc import Mapping, Sequence
from functools import cache

from analysis.extracts.tables.contract import ETHNICITY_CODING, Column, Contract
from analysis.extracts.tables.contracts import CONTRACTS
from analysis.paths import REFERENCE
from analysis.plans.action_plan import ActionPlan
from analysis.plans.agreement.agrees import check_pilot
from analysis.plans.agreement.agrees_counts import check_action_plan, check_monitor
from analysis.plans.agreement.offered import (
    OfferedColumn,
    OfferedCounts,
    OfferedOutcome,
)
from analysis.plans.kinds import kind_of, named
from analysis.plans.monitor import Monitor
from analysis.plans.plan import Plan
from analysis.plans.study_plan import StudyPlan
from analysis.vocabulary.ethnicity import CODINGS

BROAD = CODINGS[ETHNICITY_CODING].broad
SHARE, MONEY = OfferedOutcome("share"), OfferedOutcome("money")
ANSWERED = OfferedOutcome("share", survey=True)
NO_COVARIATE = ("region", "ethnicity")
OWN_DATA = ("published", "example", "counts")  # sources that hold no tables of the contracts
# Made of the sentenced cases by extracts/counts/counts.sentenced_cases_by_quarter.
OF_CASES = ("cases", "with_report", "adjourned")
COMMITMENT_HEAD = ("id", "document", "commitment", "state")
PUBLISHED_HEAD = ("measure", "period", "group", "events", "base")


def check_agrees(plan: StudyPlan) -> None:
    """Raise where a plan names what none of its data have. PlanError E209, E237 to E241, with file
    and line."""
    named(kind_of(plan).agrees)(plan)


def pilot_agrees(plan: Plan) -> None:
    """The check of a pilot. PlanError E209, E237 to E239, E241."""
    for source in plan.data.sources:
        if source not in OWN_DATA:
            check_pilot(plan, named(kind_of(plan).offers)(source))


def monitor_agrees(plan: Monitor) -> None:
    """The same of a monitor. PlanError E209, E237 to E241."""
    sources = set(plan.data.sources)
    if sources - set(OWN_DATA) or "published" in sources:
        check_monitor(plan, offered_counts())


def action_plan_agrees(plan: ActionPlan) -> None:
    """The same of a list of commitments. PlanError E237."""
    check_action_plan(plan, offered_promises())


def offered_covariates(plan: Plan) -> tuple[str, ...]:
    """Characteristics of the people of a pilot that its data hold, in their order."""
    return named(kind_of(plan).offers)(plan.data.sources[0]).covariates


@cache
def offered_counts() -> OfferedCounts:
    """What monitors can count: tables with an ethnic group and closed quarters, and published
    counts."""
    countable = {n: c for n, c in CONTRACTS.items() if {"quarter", "ethnicity"} <= set(c.names)}
    tables = {name: _columns(contract) for name, contract in countable.items()}
    cases = CONTRACTS["sentenced_cases"]
    made = dict.fromkeys(OF_CASES, OfferedColumn("whole", low=0, high=1))
    tables |= {cases.table: {**_columns(cases), **made}}
    months = {n: _columns(c) for n, c in CONTRACTS.items() if "month" in c.key}
    services = {name: CONTRACTS[name].service for name in (*tables, *months)}
    return OfferedCounts(tables, services, BROAD, _published(), months)


def _columns(contract: Contract) -> Mapping[str, OfferedColumn]:
    """Every column but the ethnic group and the place, by which all monitors count anyway."""
    return {
        c.name: OfferedColumn(c.kind, c.unit, c.low, c.high, c.name in contract.key)
        for c in contract.columns
        if c.name not in NO_COVARIATE
    }


@cache
def offered_promises() -> Mapping[str, tuple[str, ...]]:
    """Documents of each table of data/reference that holds commitments."""
    return _values_in_tables(COMMITMENT_HEAD, "document")


def _published() -> Mapping[str, tuple[str, ...]]:
    """Measures of each table of data/reference that holds counts."""
    return _values_in_tables(PUBLISHED_HEAD, "measure")


def _values_in_tables(head: Sequence[str], column: str) -> Mapping[str, tuple[str, ...]]:
    """The values of one column in each reference table that has the columns of `head`."""
    found = {}
    for path in sorted(REFERENCE.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            if set(head) <= set(rows.fieldnames or ()):
                found[path.stem] = tuple(dict.fromkeys(row[column] for row in rows))
    return found


def columns_of_kind(table: str, kind: str) -> tuple[str, ...]:
    """Names of the columns of one kind in a table."""
    return tuple(column.name for column in CONTRACTS[table].columns if column.kind == kind)


def ends(column: Column) -> tuple[float, float]:
    """Lowest and highest value of a column, in its unit. ValueError for one without ends."""
    if column.low is None or column.high is None:
        raise ValueError(f"the column {column.name} has no lowest and highest value")
    return column.low, column.high
