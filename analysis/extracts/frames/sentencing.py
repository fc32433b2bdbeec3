"""The frame of sentenced cases: court, start of the pilot, month, broad ethnic group, outcomes
among all and among reports."""

from dataclasses import dataclass, field

import pandas as pd

from analysis.extracts.tables.contract import ETHNICITY_CODING
from analysis.extracts.tables.contracts import CONTRACTS
from analysis.vocabulary.ethnicity import coding, crosswalk
from analysis.vocabulary.months import MONTHS

# Outcomes of all sentenced people: nothing happened where no report was written.
OF_ALL = ("report_written", "on_adjournment", "second_proposal", "custody")
GOOD = 3  # a rating of 3 is good (contract of audited_reports)


@dataclass(frozen=True, eq=False)
class Sentencing:
    """Everyone sentenced, courts, audits and training of one place or of all. Copies go in and come
    out.

    cases: one row a case with court_id, region, month (period), start (month of the start; missing:
    never), started (whether the case came after it), pilot, ethnic_group (broad group or a kind of
    missing), sex, age_band, offence_group, custody_risk, report_written, and as numbers 0/1
    on_adjournment and second_proposal (0 without a report), custody, proposal_followed (missing
    without a report). audits: one row a rating, with `good` and `started`.
    """

    _cases: pd.DataFrame = field(repr=False)
    _courts: pd.DataFrame = field(repr=False)
    _audits: pd.DataFrame = field(repr=False)
    _training: pd.DataFrame = field(repr=False)

    @property
    def cases(self) -> pd.DataFrame:
        return self._cases.copy()

    @property
    def courts(self) -> pd.DataFrame:
        return self._courts.copy()

    @property
    def audits(self) -> pd.DataFrame:
        return self._audits.copy()

    @property
    def training(self) -> pd.DataFrame:
        return self._training.copy()


def sentencing(tables: dict[str, pd.DataFrame]) -> Sentencing:
    """From the four typed tables of the contract. A court's month of start counts as started."""
    courts = tables["courts"].assign(
        start=counted_month(tables["courts"]["started_on"]),
        tool=tables["courts"]["tool_from"].notna(),
    )
    cases = _with_court(tables["sentenced_cases"], courts)
    written = cases["report_written"].astype(float)
    numbers = {
        name: cases[name].astype(float).fillna(0.0)
        for name in ("on_adjournment", "second_proposal")
    }
    cases = cases.assign(
        report_written=written,
        **numbers,
        proposal_followed=cases["proposal_followed"].astype(float),
        custody=cases["custody"].astype(float),
        ethnic_group=_broad(cases["ethnicity"]),
    )
    audits = _with_court(tables["audited_reports"], courts)
    audits = audits.merge(
        cases[["case_id", "ethnic_group"]], on="case_id", how="left", validate="many_to_one"
    )
    audits = audits.assign(good=(audits["rating"] >= GOOD).astype(float))
    training = tables["report_training"].assign(
        ethnic_group=_broad(tables["report_training"]["ethnicity"])
    )
    return Sentencing(
        _in_order(cases, "case_id"),
        _in_order(courts, "court_id"),
        _in_order(audits, *CONTRACTS["audited_reports"].key),
        _in_order(training, *CONTRACTS["report_training"].key),
    )


def _in_order(rows: pd.DataFrame, *key: str) -> pd.DataFrame:
    """Sorted by the key of the table, so that the order in which rows came changes nothing, not the
    last digit."""
    return rows.sort_values(list(key), kind="stable", ignore_index=True)


def _with_court(rows: pd.DataFrame, courts: pd.DataFrame) -> pd.DataFrame:
    columns = ["court_id", "pilot", "start", "tool"]
    joined = rows.merge(courts[columns], on="court_id", how="left", validate="many_to_one")
    month = counted_month(joined["sentenced_on"])
    return joined.assign(
        month=month,
        started=month >= joined["start"],
        pilot=joined["pilot"].fillna(False).astype(bool),
    )


def counted_month(days: pd.Series) -> pd.Series:
    """Calendar months counted from year 0, so that periods can be subtracted; missing stays
    missing."""
    return (days.dt.year * 12 + days.dt.month - 1).astype("float64")


def month_of(day: str) -> float:
    """The counted month of a day (ISO)."""
    return float(int(day[:4]) * 12 + int(day[5:7]) - 1)


def month_words(month: float) -> str:
    """ "July 2024" of a counted month."""
    return f"{MONTHS[int(month) % 12]} {int(month) // 12}"


def _broad(codes: pd.Series) -> pd.Series:
    return crosswalk(codes, source=ETHNICITY_CODING, target=coding(ETHNICITY_CODING).broad)
