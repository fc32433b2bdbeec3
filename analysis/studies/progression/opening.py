"""Opens a study of progression schemes in one place, from the table of eligible staff."""

import pandas as pd

from analysis.designs.cohorts.risk_sets import risk_sets
from analysis.extracts.tables.contract import ETHNICITY_CODING
from analysis.plans.plan import Plan
from analysis.studies.progression.events import RISK, by_month, days
from analysis.studies.progression.study import ProgressionStudy
from analysis.study.offers import BROAD
from analysis.vocabulary.ethnicity import crosswalk


def open_progression(
    plan: Plan, place: str, opened: dict, *, hidden: frozenset[str]
) -> tuple[ProgressionStudy, str | None]:
    """The exact study, and the last day to which members are followed for the leading outcome."""
    table = opened["eligible_staff"].sort_values("staff_id", ignore_index=True)  # in one order
    joined = table["joined_on"]
    inside = joined.between(plan.data.from_ or joined.min(), plan.data.to or joined.max())
    staff = table.assign(
        ethnic_group=crosswalk(table["ethnicity"], source=ETHNICITY_CODING, target=BROAD),
        at_risk_until=table[["promoted_on", "left_on", "followed_to"]].min(axis=1),
        day=joined,
        member=1.0,
    )
    # who joins outside the period makes no set, and stands in those of others until then
    sets = risk_sets(staff, RISK).of(inside.to_numpy())
    found = pd.Series(False, index=staff.index)
    found.iloc[sets.row] = True
    reason = joined.notna().map({True: "joined_outside", False: "never_beside"})
    staff = staff.assign(excluded=reason.mask(found, "").astype("str"))
    own = pd.Series(False, index=staff.index)
    own.iloc[sets.row[sets.treated]] = True
    for outcome in plan.compared:
        known = by_month(staff, outcome.id, days(outcome.horizon_months or 0))
        staff[outcome.id] = known.where(own)
    staff = staff.drop(columns=["day", "member"])
    return ProgressionStudy(plan, place, staff, hidden=hidden, sets=sets), _followed(plan, table)


def _followed(plan: Plan, table: pd.DataFrame) -> str | None:
    """The end of the period and the window of the leading outcome, or the last day that is known
    of anybody."""
    months = plan.outcome(plan.leading).follow_up_months
    if plan.data.to is None or months is None:
        return None
    whole = pd.Timestamp(plan.data.to) + pd.DateOffset(months=months)
    return str(min(whole, table["followed_to"].max()).date())
