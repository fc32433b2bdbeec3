"""Rows of a trial that can be explored: managers, staff who were asked to rate them, staff in
post."""

from dataclasses import replace

import pandas as pd

from analysis.exploring.rows import Field, Rows, fields_of, group_field
from analysis.extracts.tables.contract import Contract
from analysis.extracts.tables.pilots.training_tables import (
    MANAGERS,
    STAFF_IN_POST,
    STAFF_RATINGS,
    TRAINING_SITES,
)
from analysis.plans.plan import Plan
from analysis.studies.trial.study import TrialStudy

OF_THE_SITE = ("arm", "site_kind", "chosen_by", "tier")


def rows(plan: Plan, place: str, study: TrialStudy) -> tuple[Rows, ...]:
    """Everyone of the programme, compared or not, with the arm of the site."""
    people = study.people
    return (
        _rows(plan, place, MANAGERS, people.managers, "managers"),
        _rows(plan, place, STAFF_RATINGS, people.ratings, "staff who were asked"),
        _rows(plan, place, STAFF_IN_POST, people.in_post, "staff in post at the start"),
    )


def _rows(plan: Plan, place: str, contract: Contract, frame: pd.DataFrame, unit: str) -> Rows:
    where = {"place": place, "places": plan.data.places}
    site = fields_of(TRAINING_SITES, OF_THE_SITE, **where)
    fields: tuple[Field, ...] = (
        group_field(plan.groups.coding, "the person's", column="ethnic_group"),
        *(f for f in fields_of(contract, **where) if f.name != "programme"),
        *_with_levels(site, frame),
    )
    which = "everyone of the programme, at the site of the start; outcomes after the cross-over"
    return Rows(
        contract.table,
        unit,
        f"{which} are left out",
        fields,
        lambda columns: frame[list(columns)],
    )


def _with_levels(fields: tuple[Field, ...], frame: pd.DataFrame) -> tuple[Field, ...]:
    """Arms of the other programmes are none of this one: how a site is trained is public. Without a
    site nothing is known."""
    arms = set(frame["arm"].dropna())
    own = (replace(f, empty=f.empty or "no site", answered=False) for f in fields)
    return tuple(
        replace(f, levels=tuple(level for level in f.levels if level[0] in arms))
        if f.name == "arm"
        else f
        for f in own
    )
