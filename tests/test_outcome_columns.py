"""Which columns are outcomes, and that a study can be opened without them."""

import pandas as pd
import pytest

from analysis.extracts.reading import sources
from analysis.extracts.tables.contracts import CONTRACTS, tables_of
from analysis.extracts.tables.pilots.assessment_tables import TOUCHED
from analysis.extracts.tables.pilots.inclusion_tables import INCLUSION, WELLBEING
from analysis.extracts.tables.pilots.supervision_tables import RELATIONSHIP_ITEMS
from analysis.plans.kinds import kind_of
from analysis.plans.plan import Plan
from analysis.plans.registry import list_plans, load_plan, parse_source
from analysis.study.opening import opened_without_outcomes, service_of

PILOTS = [p for p in list_plans() if isinstance(p, Plan) and kind_of(p).compares]
OWN_TABLES = [p for p in PILOTS if {*p.data.sources} & {"extracts", "database"}]
# Columns of outcomes that a frame makes of several, or under another name.
MADE_OF = {
    "relationship": RELATIONSHIP_ITEMS,
    "inclusion": tuple(INCLUSION),
    "wellbeing": tuple(WELLBEING),
    "left": ("left_on",),
    "leaving": ("left_on", "exit_reason"),
    "applied": ("applied_on",),
    "coached": ("coached_on",),
    "deputised": ("deputised_on",),
    "promoted": ("promoted_on",),
    "good_touched": TOUCHED,
    "good_rating": ("rating", "good_rating"),
    "detected": ("first_code",),
    "seen_without": ("first_code",),
    "reoffended": ("reoffended", "person_id", "offended_on", "proven_on"),
    "reoffences": ("offence_id", "offended_on"),
    "reoffended_early": ("offended_on",),
    "incidents": ("report_id", "reported_on"),
    "minority_applied": ("ethnicity",),
    "local_specialist": ("provider",),
    "score_gain": ("score_after",),
}
# Facts of a plan that say who had how much of a programme: what a sample is planned from.
OF_THE_PROGRAMME = {
    "matched",
    "started",
    "completed",
    "took_part",
    "reached",
    "joined",
    "cost",
    "opened",
}
# What says who and where somebody is, in which arm, and since when; none of it is an outcome.
WHO_AND_WHERE = {
    "region",
    "ethnicity",
    "sex",
    "age_band",
    "grade",
    "site_id",
    "court_id",
    "prison_id",
    "office_id",
    "arm",
    "block",
    "chosen_by",
    "tier",
    "programme",
    "pilot",
    "started_on",
    "starts_on",
    "tool_from",
    "module_from",
    "crossover_on",
    "trained_from",
    "indexed_on",
    "eligible_from",
    "joined_on",
    "scheme",
    "opened",
    "route",
    "quarter",
    "early_adopter",
    "first_allocated_on",
    "first_practitioner_id",
    "held_from",
    "extract_date",
}
# Whose applications came in is what outreach is to change; a report is an outcome with all it says.
ITSELF_AN_OUTCOME = {("job_applications", "ethnicity")}


def of_service(plan):
    return [CONTRACTS[table] for table in tables_of(service_of(plan))]


@pytest.mark.parametrize("plan", OWN_TABLES, ids=lambda plan: plan.study)
def test_every_outcome_rests_on_columns_that_are_marked(plan):
    """Under its own name, or under those that the frame makes it of."""
    marked = {name for contract in of_service(plan) for name in contract.outcomes}
    for outcome in plan.outcomes:
        fact = not outcome.compared and outcome.id in OF_THE_PROGRAMME
        if outcome.not_measured is None and not fact:
            made = [name for name in MADE_OF.get(outcome.id, (outcome.id,)) if name in marked]
            assert made, f"{plan.study}: no column of {outcome.id} is marked as an outcome"


@pytest.mark.parametrize("plan", OWN_TABLES, ids=lambda plan: plan.study)
def test_who_and_where_is_no_outcome(plan):
    """Covariates that the plan allows for, groups, arms, sites and dates of a start."""
    named = {*plan.adjust_for.outside, *plan.adjust_for.service_decided} | WHO_AND_WHERE
    for contract in of_service(plan):
        if contract.covered:
            wrong = {*contract.outcomes} & named
            assert wrong <= {name for table, name in ITSELF_AN_OUTCOME if table == contract.table}


def test_a_key_is_no_outcome_where_rows_are_people():
    for contract in CONTRACTS.values():
        if contract.covered:
            assert not {*contract.key} & {*contract.outcomes}


@pytest.mark.parametrize("plan", OWN_TABLES, ids=lambda plan: plan.study)
def test_outcomes_are_not_read(plan, monkeypatch):
    """Neither their columns nor the tables whose rows they are come out of the engine."""
    read = []
    whole = sources._read

    def noted(connection, stored, contract, names):
        read.append((contract.table, names))
        return whole(connection, stored, contract, names)

    monkeypatch.setattr(sources, "_read", noted)
    opened = opened_without_outcomes(plan, "wales", parse_source("synthetic:x0.1"))
    assert [table for table, _ in read] == list(opened)
    for table, names in read:
        assert not {*names} & {*CONTRACTS[table].outcomes}
        assert tuple(opened[table].columns) == CONTRACTS[table].covered
    left_out = {c.table for c in of_service(plan) if not c.covered}
    assert not left_out & {*opened}


def test_the_rest_is_as_in_the_whole_table():
    plan, source = load_plan("gamified_training"), parse_source("synthetic:x0.1")
    from analysis.study.opening import opened_tables

    whole = opened_tables(plan, "wales", source)
    for table, frame in opened_without_outcomes(plan, "wales", source).items():
        pd.testing.assert_frame_equal(frame, whole[table][list(frame.columns)])


def test_no_pilot_table_was_forgotten():
    """Each table of a service that a pilot reads has outcomes, but those that only say who there
    is."""
    services = {service_of(plan) for plan in OWN_TABLES}
    without = {c.table for c in CONTRACTS.values() if c.service in services and not c.outcomes} - {
        "extract"
    }
    assert without == {
        "people_on_probation",
        "practitioners",
        "courts",
        "training_sites",
        "programme_cohort",
        "people_held",
    }
