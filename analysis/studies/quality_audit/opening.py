"""From the tables of coded cases to the exact study: who was trained first, which cases are
compared, what the panel and the coders say of them."""

import pandas as pd

from analysis.extracts.tables.contract import ETHNICITY_CODING
from analysis.plans.plan import Plan
from analysis.studies.quality_audit.audited import AGAIN, SECOND, THEN
from analysis.studies.quality_audit.kind import DETECTED, SEEN_WITHOUT
from analysis.studies.quality_audit.study import AuditStudy
from analysis.study.offers import BROAD
from analysis.vocabulary.ethnicity import crosswalk


def open_audit(
    plan: Plan, place: str, opened: dict, *, hidden: frozenset[str]
) -> tuple[AuditStudy, None]:
    """The exact study. Nobody is followed, so that no day ends a follow-up."""
    staff = _investigators(opened["investigators"], plan)
    cases = _cases(opened["coded_cases"], staff, plan)
    anchors = _anchors(opened.get("anchor_cases"), cases)
    return AuditStudy(plan, place, cases, hidden=hidden, staff=staff, anchors=anchors), None


def _investigators(table: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Each with `first` (trained in the time of the plan's start: 1, else missing) and
    `between` (trained later, and within the period)."""
    begun = plan.comparison.event("start")
    assert begun is not None  # the plan of this design names it (opening is refused without)
    on, last = table["trained_from"], pd.Timestamp(begun.until or begun.date)
    first = on.between(pd.Timestamp(begun.date), last)
    between = on.notna() & ~first & (on <= pd.Timestamp(plan.data.to))
    ordered = table.assign(first=first.astype(float).where(first), between=between)
    return ordered.sort_values("investigator_id", ignore_index=True)


def _cases(table: pd.DataFrame, staff: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    rows = table.sort_values("case_id", ignore_index=True)  # in one order
    own = staff[["investigator_id", "first", "between", "region"]]
    rows = rows.merge(
        own.rename(columns={"region": "team"}),
        on="investigator_id",
        how="left",
        indicator=True,
        validate="many_to_one",
    )
    excluded = _excluded(rows, plan)
    holds = rows["panel_code"]
    made = {}
    for name, gold in ((DETECTED, 1), (SEEN_WITHOUT, 0)):
        made[name] = rows["first_code"].where(holds == gold)
        made[f"{name}{SECOND}"] = rows["second_code"].where(holds == gold)
    group = crosswalk(rows["ethnicity"], source=ETHNICITY_CODING, target=BROAD)
    return rows.drop(columns="_merge").assign(
        **made, ethnic_group=group, weight=1 / rows["sampling_share"], excluded=excluded
    )


def _excluded(rows: pd.DataFrame, plan: Plan) -> pd.Series:
    """Why a case is not compared: one reason each, the first that holds (from the last line up)."""
    begun = plan.comparison.event("start")
    assert begun is not None
    on = rows["reported_on"]
    during = on.between(pd.Timestamp(begun.date), pd.Timestamp(begun.until or begun.date))
    inside = on.between(pd.Timestamp(plan.data.from_), pd.Timestamp(plan.data.to))
    why = pd.Series("", index=rows.index).mask(rows["panel_code"].isna(), "not_put_to_panel")
    why = why.mask(during, "month_of_training")
    why = why.mask(rows["between"].eq(True), "trained_between")
    why = why.mask(rows["_merge"] == "left_only", "no_investigator")
    return why.mask(~inside, "outside_the_period")


def _anchors(table: pd.DataFrame | None, cases: pd.DataFrame) -> pd.DataFrame:
    """One row an anchor case that is compared: coded then, coded again, what the panel says, and
    its weight. Empty without a table."""
    columns = ["case_id", "panel_code", "weight", "investigator_id", THEN, AGAIN]
    if table is None:
        return pd.DataFrame(columns=columns).astype(dict.fromkeys(columns[1:3], float))
    used = cases[cases["excluded"] == ""]
    own = used[["case_id", "panel_code", "weight", "investigator_id", "first_code"]]
    rows = table[["case_id", "code_again"]].merge(own, on="case_id")
    rows = rows.rename(columns={"first_code": THEN, "code_again": AGAIN})
    return rows[columns].sort_values("case_id", ignore_index=True)
