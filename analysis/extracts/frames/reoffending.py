"""Proven reoffending, and the frame of people found suitable for an accredited programme.

Proven reoffending (Ministry of Justice, Guide to proven reoffending statistics; METHODS section 1):
an offence within 12 months of the index date that leads to a conviction or caution within those 12
months or a further 6. Breaches are no offences. Of people with under 18 months of data after the
index date nobody knows it: they are left out and counted.
"""

import pandas as pd

from analysis.extracts.tables.contract import ETHNICITY_CODING
from analysis.vocabulary.ethnicity import coding, crosswalk

FOLLOW_UP, WAITING = 12, 6  # months to offend, and further months for the proof
EARLY = 6  # months by which a first reoffence is early
EXCLUSION_REASONS = {
    "followed_short": "followed for under 18 months after the index date",
    "outside_period": "the index date lies outside the period of the study",
    "not_assessed": "the risk score was not assessed before the index date",
}


def proven_reoffending(people: pd.DataFrame, offences: pd.DataFrame) -> pd.DataFrame:
    """Proven reoffending of each person, in the order of `people` (person_id, indexed_on,
    followed_to).

    reoffended: 0 or 1. reoffences: proven reoffences of the person (frequency is per PERSON, those
    without any included). days_to_first: days from the index date to the first one; of the others
    the days of the 12 months. reoffended_early: 0 or 1, the first one within 6 months. All are
    missing where `followed_short` (bool). An offence on the index date itself counts; one on the
    day 12 months later does not.
    """
    start, end = people["indexed_on"], people["indexed_on"] + pd.DateOffset(months=FOLLOW_UP)
    proof = people["indexed_on"] + pd.DateOffset(months=FOLLOW_UP + WAITING)
    early = people["indexed_on"] + pd.DateOffset(months=EARLY)
    short = people["followed_to"] < proof - pd.Timedelta(days=1)
    days = pd.DataFrame({"start": start, "end": end, "proof": proof, "early": early})
    own = days.set_axis(people["person_id"], axis=0).reindex(offences["person_id"])
    own = own.set_axis(offences.index, axis=0)
    counts = (
        ~offences["is_breach"].astype(bool)
        & (offences["offended_on"] >= own["start"])
        & (offences["offended_on"] < own["end"])
        & offences["proven_by"].notna()
        & (offences["proven_on"] < own["proof"])
    )
    found = offences.loc[counts, ["person_id", "offended_on"]].groupby("person_id")["offended_on"]
    number = found.size().reindex(people["person_id"], fill_value=0).to_numpy()
    first = found.min().reindex(people["person_id"]).set_axis(people.index, axis=0)
    whole = (end - start).dt.days.astype("float64")
    table = pd.DataFrame(
        {
            "reoffended": (number > 0).astype("float64"),
            "reoffences": number.astype("float64"),
            "days_to_first": (first - start).dt.days.astype("float64").fillna(whole),
            "reoffended_early": (first < early).astype("float64"),
        },
        index=people.index,
    )
    return table.mask(short).assign(followed_short=short)


def programme_people(
    tables: dict[str, pd.DataFrame], *, period_from: str | None, period_to: str | None
) -> pd.DataFrame:
    """Everyone found suitable for a programme, nothing dropped: the columns of the table,
    ethnic_group (broad group or a kind of missing), started and completed (0 or 1),
    completed_or_none (1: completed, 0: did not start, missing: started and left), what
    `proven_reoffending` gives, and excluded (the first reason why a person is not compared, or
    "")."""
    people = tables["programme_cohort"].reset_index(drop=True)
    found = proven_reoffending(people, tables["offences"])
    group = crosswalk(
        people["ethnicity"], source=ETHNICITY_CODING, target=coding(ETHNICITY_CODING).broad
    )
    excluded = pd.Series("", index=people.index, dtype="str")
    excluded = excluded.mask(people["risk_score"].isna(), "not_assessed")
    excluded = excluded.mask(found["followed_short"], "followed_short")
    inside = people["indexed_on"].between(
        pd.Timestamp(period_from or "1900-01-01"), pd.Timestamp(period_to or "2999-12-31")
    )
    return people.assign(
        **{name: found[name] for name in found.columns if name != "followed_short"},
        ethnic_group=group,
        started=people["started"].astype("float64"),
        completed=people["completed"].astype("float64"),
        completed_or_none=people["completed"]
        .astype("float64")
        .where(people["completed"] | ~people["started"]),
        excluded=excluded.mask(~inside, "outside_period"),
    )
