"""Rows of the matching studies that can be explored: people in the period of the study, or pupils
of Project STAR."""

from dataclasses import replace

import pandas as pd

from analysis.exploring.rows import Field, Rows, category, fields_of, group_field, number, yes_no
from analysis.extracts.tables.pilots.supervision_tables import (
    PEOPLE_ON_PROBATION,
    RELATIONSHIP_ITEMS,
    RELATIONSHIP_SURVEY,
    SUPERVISION_OUTCOMES,
)
from analysis.plans.plan import Plan
from analysis.studies.matching.study import MatchingStudy
from analysis.vocabulary.ethnicity import NOT_LINKED

EVENTS = ("breached", "recalled", "completed", "reoffended")
PUPIL = {"sex": "sex", "free_lunch": "free school lunch", "birth_quarter": "quarter of birth"}


def rows(plan: Plan, place: str, study: MatchingStudy) -> tuple[Rows, ...]:
    """People of the study; of STAR, whose tables have no contract, pupils in a grade."""
    frame = study.in_period
    made = _pupils(plan, frame) if study.already_public else _people(plan, place, frame)
    unit = "pupils in a grade" if study.already_public else "people"
    which = "everyone in the data of the study's period, compared or not"
    table = "star" if study.already_public else PEOPLE_ON_PROBATION.table
    return (Rows(table, unit, which, made, lambda columns: frame[list(columns)]),)


def _people(plan: Plan, place: str, frame: pd.DataFrame) -> tuple[Field, ...]:
    where = {"place": place, "places": plan.data.places}
    short = "not followed for the whole window"
    own = fields_of(PEOPLE_ON_PROBATION, **where)
    groups = plan.groups.coding
    return (
        group_field(groups, "person's", column="person_group"),
        _linked(
            group_field(
                groups,
                "first practitioner's",
                name="practitioner_group",
                column="practitioner_group",
            ),
            frame,
        ),
        *own,
        category("period", "quarter of the first allocation", sorted(frame["period"].unique())),
        *fields_of(SUPERVISION_OUTCOMES, EVENTS, **where),
        yes_no(
            Field(
                "appointments_kept",
                "",
                "kept at least nine in ten of the appointments offered within 12 months",
                empty=f"none was offered, or {short}",
            )
        ),
        yes_no(Field("answered_survey", "", "answered the survey on the relationship")),
        number(
            "relationship",
            "mean of the five questions on the relationship with the practitioner, 1 to 5",
            "points",
            empty="did not answer all of them",
        ),
        *fields_of(RELATIONSHIP_SURVEY, RELATIONSHIP_ITEMS, **where),
    )


def _linked(made: Field, frame: pd.DataFrame) -> Field:
    """Where every practitioner joined, "not linked" is no level: nobody can be in it."""
    if (frame[made.stands_in] == NOT_LINKED).any():
        return made
    return replace(made, levels=tuple(level for level in made.levels if level[0] != NOT_LINKED))


def _pupils(plan: Plan, frame: pd.DataFrame) -> tuple[Field, ...]:
    groups = plan.groups.coding
    known = {
        "class_type": "kind of class, drawn by lot",
        "period": "grade",
        "stratum": "grade of entry",
    }
    held = {name: words for name, words in (PUPIL | known).items() if name in frame}
    regions = sorted(frame["region"].dropna().astype(str).unique())
    kinds = (category("region", "kind of school", regions),) if len(regions) > 1 else ()
    return (
        _present(group_field(groups, "pupil's", column="person_group"), frame),
        _present(
            group_field(groups, "teacher's", name="teacher_group", column="practitioner_group"),
            frame,
        ),
        *kinds,
        *(
            replace(
                category(name, words, sorted(frame[name].dropna().astype(str).unique())),
                empty="not known",
            )
            for name, words in held.items()
        ),
        *(
            number(outcome.id, outcome.plain, outcome.unit.replace("_", " "), empty="not tested")
            for outcome in plan.compared
        ),
    )


def _present(made: Field, frame: pd.DataFrame) -> Field:
    """Of published data, the levels that are there."""
    held = set(frame[made.stands_in].dropna())
    return replace(made, levels=tuple(level for level in made.levels if level[0] in held))
