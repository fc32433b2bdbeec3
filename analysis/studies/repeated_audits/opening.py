"""From the tables of audits to the exact study: rounds by number, good or not, who is compared."""

import pandas as pd

from analysis.extracts.tables.contract import ETHNICITY_CODING
from analysis.extracts.tables.pilots.assessment_tables import (
    GOOD,
    ITEMS,
    NEW,
    OLD,
    TOUCHED,
    UNTOUCHED,
)
from analysis.plans.plan import Event, Plan
from analysis.studies.repeated_audits.offers import ALL_TOUCHED
from analysis.studies.repeated_audits.rounds import Rounds
from analysis.studies.repeated_audits.series import UNTOUCHED as ALL_UNTOUCHED
from analysis.studies.repeated_audits.series import rating_of
from analysis.studies.repeated_audits.study import AuditsStudy
from analysis.study.offers import BROAD
from analysis.vocabulary.ethnicity import crosswalk


def open_audits(
    plan: Plan, place: str, opened: dict, *, hidden: frozenset[str]
) -> tuple[AuditsStudy, None]:
    """The exact study. Nobody is followed, so that no day ends a follow-up."""
    rounds = Rounds.of(plan)
    audits = _audited(opened["audited_assessments"], plan, rounds)
    study = AuditsStudy(
        plan,
        place,
        audits,
        hidden=hidden,
        rounds=rounds,
        second=_with_item_good(opened["second_ratings"]),
        bridge=_bridge(opened.get("bridging_ratings")),
    )
    return study, None


def _with_item_good(table: pd.DataFrame) -> pd.DataFrame:
    """Ratings under names of their own, and each item as good enough or not (1 or 0)."""
    items = table[list(ITEMS)]
    good = (items >= GOOD).astype(float)
    touched, beside = good[list(TOUCHED)].min(axis=1), good[list(UNTOUCHED)].min(axis=1)
    whole = good.assign(**{ALL_TOUCHED: touched, ALL_UNTOUCHED: beside})
    rest = table.drop(columns=list(ITEMS))
    return pd.concat([rest, items.rename(columns=rating_of), whole], axis=1)


def _audited(table: pd.DataFrame, plan: Plan, rounds: Rounds) -> pd.DataFrame:
    group = crosswalk(table["ethnicity"], source=ETHNICITY_CODING, target=BROAD)
    days = table["round_from"]
    return _with_item_good(table).assign(
        ethnic_group=group,
        round=rounds.number(days),
        weight=1 / table["sampling_share"],
        excluded=_excluded(table, plan, rounds),
    )


def _excluded(table: pd.DataFrame, plan: Plan, rounds: Rounds) -> pd.Series:
    """Why an audit is not compared: one reason each, the first that holds."""
    days, why = table["round_from"], pd.Series("", index=table.index)
    start = plan.comparison.event("start")
    during = pd.Series(False, index=table.index) if start is None else _overlaps(days, start)
    why = why.mask(during, "while_it_changed")
    why = why.mask(table["instrument"] == OLD, "old_instrument")
    inside = days.between(pd.Timestamp(plan.data.from_), pd.Timestamp(plan.data.to))
    return why.mask(~inside, "outside_the_period")


def _overlaps(days: pd.Series, event: Event) -> pd.Series:
    """Rounds that hold a day of the event."""
    first, last = pd.Timestamp(event.date), pd.Timestamp(event.until or event.date)
    return (days <= last) & (days + Rounds.LENGTH > first)


def _bridge(table: pd.DataFrame | None) -> pd.DataFrame:
    """One row an assessment of the bridging sample: good enough on all touched items as rated with
    the old and the new instrument, and its weight. Empty without one."""
    if table is None:
        return pd.DataFrame({"audit_id": [], OLD: [], NEW: [], "weight": []})
    rows = _with_item_good(table).assign(weight=1 / table["sampling_share"])
    wide = rows.pivot(index="audit_id", columns="instrument", values=ALL_TOUCHED)
    wide = wide.reindex(columns=[OLD, NEW])
    return wide.join(rows.groupby("audit_id")["weight"].first()).reset_index()
