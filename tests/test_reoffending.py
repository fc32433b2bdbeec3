"""Proven reoffending as the measure is defined: which offences count, of whom, and from when."""

import pandas as pd
import pytest

from analysis.extracts.frames.reoffending import programme_people, proven_reoffending
from analysis.synthetic.nation import make_region

INDEX = "2023-07-10"


def person(followed_to: str = "2026-01-01") -> pd.DataFrame:
    days = {"indexed_on": [pd.Timestamp(INDEX)], "followed_to": [pd.Timestamp(followed_to)]}
    return pd.DataFrame({"person_id": ["a"], **days})


def offence(day: str, proven: str | None, *, by: str | None = "conviction", breach: bool = False):
    return {
        "person_id": "a",
        "offended_on": pd.Timestamp(day),
        "proven_on": pd.NaT if proven is None else pd.Timestamp(proven),
        "proven_by": None if proven is None else by,
        "is_breach": breach,
    }


def found(*offences: dict, followed_to: str = "2026-01-01") -> pd.Series:
    columns = ["person_id", "offended_on", "proven_on", "proven_by", "is_breach"]
    table = pd.DataFrame(list(offences), columns=columns)
    for name in ("offended_on", "proven_on"):
        table[name] = pd.to_datetime(table[name])
    return proven_reoffending(person(followed_to), table).iloc[0]


@pytest.mark.parametrize(
    ("told", "counts"),
    [
        (offence("2023-07-10", "2023-08-01"), True),  # on the index date
        (offence("2023-07-09", "2023-08-01"), False),  # the day before
        (offence("2024-07-09", "2024-08-01"), True),  # the last day of the 12 months
        (offence("2024-07-10", "2024-08-01"), False),  # the day after
        (offence("2023-12-01", "2025-01-09"), True),  # proven on the last day of the 18 months
        (offence("2023-12-01", "2025-01-10"), False),  # a day too late
        (offence("2023-12-01", None), False),  # never proven
        (offence("2023-12-01", "2024-01-01", by="caution"), True),
        (offence("2023-12-01", "2024-01-01", breach=True), False),
    ],
)
def test_an_offence_counts_within_12_months_proven_within_18_and_no_breach(told, counts):
    assert found(told)["reoffended"] == float(counts)
    assert found(told)["reoffences"] == float(counts)


def test_frequency_is_per_person_and_the_first_one_ends_the_clock():
    row = found(
        offence("2024-03-01", "2024-04-01"),
        offence("2023-08-09", "2023-09-01"),
        offence("2023-09-01", None),
    )
    assert row["reoffences"] == 2 and row["days_to_first"] == 30 and row["reoffended_early"] == 1


def test_of_those_without_one_the_clock_ends_after_12_months():
    row = found()
    assert (row["reoffended"], row["reoffences"], row["reoffended_early"]) == (0, 0, 0)
    assert row["days_to_first"] == 366  # 10 July 2023 to 10 July 2024


def test_a_first_reoffence_is_early_within_6_months():
    assert found(offence("2024-01-09", "2024-02-01"))["reoffended_early"] == 1
    assert found(offence("2024-01-10", "2024-02-01"))["reoffended_early"] == 0


def test_nobody_followed_for_under_18_months_has_a_value_not_even_with_an_offence():
    told = offence("2023-08-01", "2023-09-01")
    assert pd.isna(found(told, followed_to="2025-01-08")["reoffended"])
    assert found(told, followed_to="2025-01-09")["reoffended"] == 1


def test_everyone_is_used_or_left_out_by_one_reason_and_the_input_stays():
    tables = make_region("wales", people=600, service="programmes")
    before = {name: table.copy() for name, table in tables.items()}
    frame = programme_people(tables, period_from="2023-07-01", period_to="2024-03-31")
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, before[name])
    assert len(frame) == len(tables["programme_cohort"])
    reasons = set(frame["excluded"])
    assert reasons == {"", "followed_short", "not_assessed", "outside_period"}
    used = frame[frame["excluded"] == ""]
    assert used["reoffended"].notna().all() and used["risk_score"].notna().all()
    assert used["indexed_on"].max() <= pd.Timestamp("2024-03-31")
    assert (
        used["completed_or_none"].isna() == ((used["started"] == 1) & (used["completed"] == 0))
    ).all()
