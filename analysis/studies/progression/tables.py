"""The tables of the progression notebook, each cleared: rounded, suppressed, and saying so
underneath."""

from collections.abc import Sequence

import pandas as pd

from analysis.disclosure.named.names import PEOPLE, WITH
from analysis.disclosure.named.tables import TableNames, counted_table
from analysis.plans.plan import Outcome
from analysis.record.row import Row
from analysis.results import Table
from analysis.said.texts import worded
from analysis.sections.tables import (
    interval_words,
    outcome_words,
    people_words,
    value_words,
    worded_table,
)
from analysis.studies.progression.kind import SCHEME_EFFECTS
from analysis.studies.progression.study import ProgressionStudy

SIDE = "Staff"


def people_table(study: ProgressionStudy) -> Table:
    """Eligible staff and members, by ethnic group."""
    groups, everyone, members = list(study.groups), study.everyone, study.members
    frame = pd.DataFrame(
        {
            study.plan.group_heading: [*groups, "not known"],
            "Eligible staff": _by_group(everyone["ethnic_group"], groups),
            "Joined a scheme": _by_group(members["ethnic_group"], groups),
        }
    )
    counts = {"Eligible staff": "in the data", "Joined a scheme": "members"}
    names = TableNames(
        study.place, "who is in the data", {study.plan.group_heading: "group"}, counts
    )
    return counted_table("Who is in the data", frame, names=names, clearance=study.clearance)


def _by_group(group: pd.Series, groups: list[str]) -> list[int]:
    known = [int((group == name).sum()) for name in groups]
    return [*known, len(group) - sum(known)]


def schemes_table(study: ProgressionStudy) -> Table:
    """Members of each scheme, of the period of the study."""
    arms, joined = study.plan.comparison.arms, study.members["scheme"]
    frame = pd.DataFrame(
        {
            "Scheme": list(arms.values()),
            "Members": [int((joined == scheme).sum()) for scheme in arms],
        }
    )
    names = TableNames(study.place, "schemes", {"Scheme": "arm"}, {"Members": "members"})
    return counted_table("Members by scheme", frame, names=names, clearance=study.clearance)


def balance_table(study: ProgressionStudy, rows: Sequence[dict]) -> Table:
    """Recorded characteristics of members and of people like them: how far apart, before and after
    matching."""
    shown = pd.DataFrame(
        {
            "Characteristic": [str(one["covariate"]).replace("_", " ") for one in rows],
            "Apart before (% of the spread)": [f"{one['difference_before']:.1f}" for one in rows],
            "Apart once matched": [f"{one['difference_after']:.1f}" for one in rows],
            "Light": [one["light"] for one in rows],
        }
    )
    notes = (worded("Green: at most 5; amber: at most 10; red: more than 10 (JDL convention)."),)
    title = "Members and people like them on the day of joining: how alike are they?"
    return worded_table(study.plan, title, shown, notes=notes, clearance=study.clearance)


def scheme_effects_table(study: ProgressionStudy, outcome: Outcome, rows: Sequence[Row]) -> Table:
    """Members of each scheme less people like them."""
    arms = study.plan.comparison.arms
    names = {estimand: scheme for scheme, estimand in SCHEME_EFFECTS.items()}
    cells = [
        {
            "Scheme": arms[names[row.estimand]],
            "Best estimate": value_words(row),
            "95% confidence interval": interval_words(row),
            "People": people_words(row),
        }
        for row in rows
    ]
    title = f"Scheme by scheme: {outcome_words(outcome)}"
    notes = ("Who joins which scheme was not decided by lot: schemes are not compared here.",)
    return worded_table(
        study.plan, title, pd.DataFrame(cells), notes=notes, clearance=study.clearance
    )


def selection_counts(study: ProgressionStudy, outcome: Outcome, counted: pd.DataFrame) -> Table:
    """People and events by side and by minority ethnic or reference group (`counted`: exact, with
    the columns of the table); a row is printed as a whole or not at all."""
    return counted_table(
        f"Promotion as a selection rate: staff who {outcome.event}",
        counted,
        names=selection_names(study, outcome),
        clearance=study.clearance,
        rates={"In every 100": ("Promoted", "People")},
        whole_rows=True,
    )


def selection_names(study: ProgressionStudy, outcome: Outcome) -> TableNames:
    """How the counts of the selection rates are named."""
    labels = {SIDE: "arm", study.plan.group_heading: "group"}
    counts = {"People": PEOPLE, "Promoted": WITH}
    return TableNames(study.place, "selection rates", labels, counts, outcome.id)
