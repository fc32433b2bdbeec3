"""Opens a programme in prisons in one place, from its two tables."""

import pandas as pd

from analysis.extracts.frames.sentencing import counted_month, month_of
from analysis.extracts.tables.contract import ETHNICITY_CODING
from analysis.plans.plan import Plan
from analysis.studies.prison_culture.kind import SHARES
from analysis.studies.prison_culture.study import PrisonStudy
from analysis.study.offers import BROAD
from analysis.vocabulary.ethnicity import crosswalk

QUARTER_DAYS = 90  # a calendar quarter has so many days at least: held for less is a part of it


def open_prisons(
    plan: Plan, place: str, opened: dict[str, pd.DataFrame], *, hidden: frozenset[str]
) -> tuple[PrisonStudy, str | None]:
    """The exact study. Nobody is followed, so that no day ends a follow-up."""
    stays = opened["prison_stays"].sort_values("stay_id", ignore_index=True)  # in one order
    month = counted_month(stays["held_from"])
    start = counted_month(stays["started_on"])
    first, last = (month_of(str(day)) for day in (plan.data.from_, plan.data.to))
    part = stays["custody_days"] < QUARTER_DAYS
    excluded = pd.Series("", index=stays.index).mask(part, "held_in_part")
    excluded = excluded.mask(~month.between(first, last), "outside_the_period")
    everyone = stays.assign(
        **{name: stays[name].astype(float) for name in SHARES},
        ethnic_group=crosswalk(stays["ethnicity"], source=ETHNICITY_CODING, target=BROAD),
        month=month,
        start=start,
        started=month >= start,
        excluded=excluded,
    )
    staff = opened["prison_programme_staff"].sort_values("staff_id", ignore_index=True)
    group = crosswalk(staff["ethnicity"], source=ETHNICITY_CODING, target=BROAD)
    staff = staff.assign(ethnic_group=group)
    return PrisonStudy(plan, place, everyone, staff, hidden=hidden), None
