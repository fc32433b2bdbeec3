"""What each table of a regional initiative measures: which rows count, on which day, in which unit,
and how each outcome is made of its columns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from analysis.plans.agreement.disagreement import NO_SUCH_TABLE, Disagreement
from analysis.plans.agreement.offered import OfferedOutcome
from analysis.plans.plan import Plan
from analysis.vocabulary.regions import did_you_mean

if TYPE_CHECKING:  # planning reads what there is to ask, and no table
    import pandas as pd

LOCAL = "local_specialist"  # kind of provider
Made = Callable[["pd.DataFrame"], "pd.Series"]


@dataclass(frozen=True)
class Measure:
    """An outcome: as a plan may ask for it, and how it is made of the rows (missing: not at risk;
    `minority` says of each row whether its person has a minority ethnic group, missing where none
    is known)."""

    offered: OfferedOutcome
    made: Made


@dataclass(frozen=True)
class Table:
    """day: column of the day that counts. treated: column that says which units have the
    initiative, where the plan does not name them. outcomes and facts by their id."""

    name: str
    words: str
    day: str
    assigned: str
    unit: str
    outcomes: Mapping[str, Measure]
    facts: Mapping[str, Measure] = field(default_factory=dict)
    treated: str = ""


def _share(made: Made) -> Measure:
    return Measure(OfferedOutcome("share", groups=True), made)


def _flag(column: str, where: str = "") -> Measure:
    """A column of yes and no, among those for whom `where` is true."""

    def made(rows: "pd.DataFrame") -> "pd.Series":
        values = rows[column].astype(float)
        return values.where(rows[where].astype(float) == 1) if where else values

    return _share(made)


def _score(column: str, low: float, high: float) -> Measure:
    return Measure(OfferedOutcome("scale", scale=(low, high)), lambda rows: rows[column])


TABLES: Mapping[str, Table] = MappingProxyType(
    {
        table.name: table
        for table in (
            Table(
                "job_applications",
                "the table of applications by day",
                "applied_on",
                "region",
                "region",
                {
                    "minority_applied": _share(lambda rows: rows["minority"]),
                    "shortlisted": _flag("shortlisted"),
                    "interviewed": _flag("interviewed", "shortlisted"),
                    "appointed": _flag("appointed", "interviewed"),
                },
            ),
            Table(
                "manager_scores",
                "the table of scores of managers",
                "asked_on",
                "region",
                "region",
                {
                    "knowledge": _score("knowledge", 0, 40),
                    "inclusive_rating": _score("inclusive_rating", 1, 5),
                },
                {"found_useful": _flag("found_useful", "attended")},
            ),
            Table(
                "support_referrals",
                "the table of needs for support",
                "seen_on",
                "region",
                "region",
                {
                    "referred": _flag("referred"),
                    "local_specialist": _share(
                        lambda rows: (
                            (rows["provider"] == LOCAL)
                            .astype(float)
                            .where(rows["referred"].astype(bool))
                        )
                    ),
                    "took_up": _flag("took_up", "referred"),
                },
            ),
            Table(
                "performance_conversations",
                "the table of performance conversations",
                "due_on",
                "site",
                "site_id",
                {"held": _flag("held"), "good_rating": _flag("good_rating")},
                treated="early_adopter",
            ),
        )
    }
)


def table_of(plan: Plan) -> Table:
    """The table that a plan counts in. PlanError E240 names the valid ones."""
    if plan.table not in TABLES:
        text = f"`{plan.table}` is no table of a regional initiative."
        remedy = did_you_mean(str(plan.table), TABLES)
        raise Disagreement(NO_SUCH_TABLE, ("table",), text, remedy).error(plan)
    return TABLES[plan.table]
