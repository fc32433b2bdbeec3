"""Opens a study of staff inclusion in one place: the rows of its programme, with scores of the
scales, and the wave from which each site counts as started."""

import pandas as pd

from analysis.extracts.tables.contract import ETHNICITY_CODING
from analysis.measurement.scales import reverse_items, scale_score
from analysis.plans.plan import Plan
from analysis.studies.staff_inclusion.offers import ENDS, REVERSED, SCALES
from analysis.studies.staff_inclusion.study import FIRST, FIRST_LEFT, InclusionStudy
from analysis.study.offers import BROAD
from analysis.vocabulary.ethnicity import crosswalk


def open_inclusion(
    plan: Plan, place: str, opened: dict, *, hidden: frozenset[str]
) -> tuple[InclusionStudy, str | None]:
    """The exact study, and the last day to which leaving is known."""
    table = opened["inclusion_waves"]
    rows = table[table["programme"] == (plan.data.programme or plan.study)]
    rows = rows.sort_values("asked_id", ignore_index=True)  # in one order
    low, high = ENDS
    for scale, items in SCALES.items():
        own = {"items": list(items), "reversed": [name for name in items if name in REVERSED]}
        rows[scale] = scale_score(rows, **own, low=low, high=high)
        rows[list(items)] = reverse_items(rows, **own, low=low, high=high)
    reason = _excluded(plan, rows)
    inside = rows[reason != "outside_the_period"]
    until = inside.groupby("wave")["followed_to"].transform("max")
    made = {
        "left": _left(inside, until),
        FIRST: _first(inside, inside["asked_on"]),
        FIRST_LEFT: _first(inside, inside["asked_on"] + (until - inside["asked_on"]) / 2),
    }
    rows = rows.assign(
        ethnic_group=crosswalk(rows["ethnicity"], source=ETHNICITY_CODING, target=BROAD),
        days=(rows["left_on"].fillna(rows["followed_to"]) - rows["asked_on"]).dt.days,
        excluded=reason,
        **{name: column.reindex(rows.index) for name, column in made.items()},
    )
    followed = rows.loc[rows["excluded"] == "", "followed_to"].max()
    last = None if pd.isna(followed) else str(followed.date())
    return InclusionStudy(plan, place, rows, hidden=hidden), last


def _first(rows: pd.DataFrame, day: pd.Series) -> pd.Series:
    """The first wave whose `day` lies at or after the start of the row's site; missing where there
    is none."""
    waves = rows["wave"].where(rows["starts_on"] <= day)
    return waves.groupby(rows["site_id"]).transform("min").astype("float64")


def _left(rows: pd.DataFrame, until: pd.Series) -> pd.Series:
    """Whether each left up to the next wave (`until`); missing for who was not followed so far."""
    gone = rows["left_on"].notna()
    return gone.astype("float64").where(gone | (rows["followed_to"] >= until))


def _excluded(plan: Plan, rows: pd.DataFrame) -> pd.Series:
    inside = rows["asked_on"].between(plan.data.from_ or "1900", plan.data.to or "2999")
    reason = rows["volunteered"].map({True: "", False: "did_not_ask"}).astype("str")
    return reason.mask(~inside, "outside_the_period")
