"""What the tables of regional initiatives offer a plan."""

from functools import cache

from analysis.extracts.tables.contract import REGIONS
from analysis.plans.agreement.agrees import check_pilot
from analysis.plans.agreement.offered import OfferedPilot
from analysis.plans.plan import Plan
from analysis.studies.regional_initiative.measures import TABLES, Table, table_of
from analysis.study.offers import BROAD, OWN_DATA

ALIKE = ("unit", "period")


def agrees(plan: Plan) -> None:
    """The check of a plan against its own table. PlanError E209, E237 to E239, E241."""
    if set(plan.data.sources) - set(OWN_DATA):
        check_pilot(plan, _of_table(table_of(plan)))


@cache
def offers(source: str) -> OfferedPilot:
    """What all the tables offer together: what a call of a verb is checked against."""
    outcomes = {key: one.offered for t in TABLES.values() for key, one in t.outcomes.items()}
    facts = {key: one.offered for t in TABLES.values() for key, one in t.facts.items()}
    units = tuple(dict.fromkeys(table.assigned for table in TABLES.values()))
    words = "the tables of regional initiatives"
    return OfferedPilot(words, outcomes, facts, BROAD, units, ALIKE, arms=REGIONS)


def _of_table(table: Table) -> OfferedPilot:
    outcomes = {key: one.offered for key, one in table.outcomes.items()}
    facts = {key: one.offered for key, one in table.facts.items()}
    arms = REGIONS if table.assigned == "region" else ()
    return OfferedPilot(table.words, outcomes, facts, BROAD, (table.assigned,), ALIKE, arms=arms)
