"""The tables of repeated audits, each cleared: own figures by period, the series by month, ratings
and agreement by item."""

import math
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from analysis.disclosure.named.names import PEOPLE, WITH
from analysis.disclosure.named.tables import BY, TableNames, counted_table
from analysis.disclosure.rules import is_unreliable, load_rules
from analysis.disclosure.series import Months, finest
from analysis.disclosure.suppression import UNRELIABLE, WITHHELD
from analysis.extracts.tables.pilots.assessment_tables import ITEM_WORDS, ITEMS, STRATA, TOUCHED
from analysis.results import Estimate, NotEstimable, Table
from analysis.said.numbers import cleared_estimate
from analysis.said.texts import worded
from analysis.sections.tables import worded_table
from analysis.studies.repeated_audits.ratings import Twice, odds_of_step
from analysis.studies.repeated_audits.series import UNTOUCHED
from analysis.studies.repeated_audits.study import AuditsStudy

AUDITS, GOOD_TOUCHED, GOOD_BESIDE = "Audited", "Good on touched items", "Good on other items"
INSTRUMENT = "Instrument"
COUNTS = {AUDITS: PEOPLE, GOOD_TOUCHED: WITH, GOOD_BESIDE: "good beside"}
RATES = {
    "Touched items, in every 100": (GOOD_TOUCHED, AUDITS),
    "Other items, in every 100": (GOOD_BESIDE, AUDITS),
}
NOT_ALIKE = (
    "Ratings with the old and with the new instrument are not measured alike: the step between them"
    " is no change in quality that could be told. Not weighted by how the sample was drawn."
)
PERIODS: Mapping[Months, str] = {1: "Month", 3: "Quarter", 6: "Half-year", 12: "Year"}


def _period(days: pd.Series, months: Months | None) -> pd.Series:
    """The label of each day's period; None: of the whole time."""
    year = days.dt.year.astype(str)
    if months == 1:
        return days.dt.strftime("%Y-%m")
    if months == 3:
        return year + " Q" + days.dt.quarter.astype(str)
    if months == 6:
        return year + " H" + ((days.dt.month > 6) + 1).astype(str)
    return year if months == 12 else pd.Series("all", index=days.index)


def _counted(study: AuditsStudy, by: list) -> pd.DataFrame:
    """Exact counts of audits, and of those good enough on all items of either kind."""
    rows = study.everyone[study.everyone["excluded"] != "outside_the_period"]
    found = rows.groupby([one.reindex(rows.index) for one in by], observed=True)
    counts = found.agg(
        **{
            AUDITS: ("round", "size"),
            GOOD_TOUCHED: (study.plan.leading, "sum"),
            GOOD_BESIDE: (UNTOUCHED, "sum"),
        }
    )
    return counts.astype("int64").reset_index()


def _finest(study: AuditsStudy, by: list[str], start: Months) -> Months | None:
    """The shortest length of period at which each cell may be shown (S19)."""

    def of_cells(months: Months) -> Iterator[tuple[int, int]]:
        period = _period(study.everyone["round_from"], months).rename("period")
        for row in _counted(study, [period, *(study.everyone[name] for name in by)]).itertuples():
            yield from ((row[-2], row[-3]), (row[-1], row[-3]))

    return finest(of_cells, from_months=start)


def periods_table(study: AuditsStudy) -> Table:
    """The place's own audits by half-year and instrument, by year where a half-year would tell of
    few: as drawn, without the weights of the sample, and no comparison."""
    months = _finest(study, ["instrument"], 6)
    heading = PERIODS[months] if months else "Time"
    period = _period(study.everyone["round_from"], months).rename(heading)
    instrument = study.everyone["instrument"].rename(INSTRUMENT)
    frame = _counted(study, [period, instrument])
    labels = {heading: "period", INSTRUMENT: BY}
    table = counted_table(
        "Audited assessments: own figures, as they were drawn",
        frame,
        names=TableNames(study.place, "audits", labels, COUNTS),
        rates=RATES,
        clearance=study.clearance,
    )
    return Table(table.title, table.to_frame(), table.cleared_by, (NOT_ALIKE, *table.notes))


def series_table(study: AuditsStudy) -> Table | None:
    """Both series by month, weighted by the sample: from counts in fives of each stratum. None
    where a month would tell of few."""
    if _finest(study, ["instrument", "sampling_stratum"], 1) != 1:
        return None
    everyone = study.everyone
    month = _period(everyone["round_from"], 1).rename("Month")
    stratum = everyone["sampling_stratum"].rename("Stratum")
    instrument = everyone["instrument"].rename(INSTRUMENT)
    counts = counted_table(
        "Audited assessments by month and stratum of the sample",
        _counted(study, [month, instrument, stratum]),
        names=TableNames(
            study.place,
            "audits by stratum",
            {"Month": "period", INSTRUMENT: BY, "Stratum": BY},
            COUNTS,
        ),
        clearance=study.clearance,
    ).to_frame()
    weights = {name: everyone.loc[stratum == name, "weight"].mean() for name in STRATA}
    rows = [
        {
            "Month": when,
            "Touched items, in every 100": _weighted(own, GOOD_TOUCHED, weights),
            "Other items, in every 100": _weighted(own, GOOD_BESIDE, weights),
            INSTRUMENT: which,
        }
        for (when, which), own in counts.groupby(["Month", INSTRUMENT], sort=True)
    ]
    notes = ("Weighted by how the sample was drawn, and worked out from counts in fives.",)
    title = "Good enough on every item, by month"
    frame = pd.DataFrame(rows)
    return worded_table(study.plan, title, frame, notes=notes, clearance=study.clearance)


def _weighted(own: pd.DataFrame, event: str, weights: Mapping[str, float]) -> str:
    """In every 100, from the rounded counts of the strata; withheld where one of them is."""
    if any(isinstance(cell, str) for cell in (*own[event], *own[AUDITS])):
        return WITHHELD
    weight = own["Stratum"].map(weights).to_numpy(dtype=float)
    events, n = (own[name].to_numpy(dtype=float) for name in (event, AUDITS))
    share = 100 * float(np.sum(weight * events) / np.sum(weight * n))
    return cleared_estimate(share, decimals=1).text


def ratings_table(study: AuditsStudy) -> Table:
    """Odds of a higher rating at the change, for each item: those that were touched first."""
    rows = []
    for item in ITEMS:
        found, check = odds_of_step(study, item)
        known = isinstance(found, Estimate)
        alike = {True: "yes", False: "no", None: "[z]"}[check.passed]
        rows.append(
            {
                "Item": ITEM_WORDS[item],
                "Touched": "yes" if item in TOUCHED else "no",
                "Times the odds": _odds(found.value) if known else "[z]",
                "95% confidence interval": _odds_interval(found),
                "Alike at every cut": alike,
            }
        )
    notes = (
        "At the change, with a straight line before and after it; weighted by how the sample was"
        " drawn, errors clustered on fortnights. Each item stands alone here: what moves all items"
        " at that date is in these odds.",
        worded("Alike at every cut: Brant's test at 5 in 100."),
    )
    title = "Ratings from one to four: odds of a higher one at the change"
    return worded_table(
        study.plan, title, pd.DataFrame(rows), notes=notes, clearance=study.clearance
    )


def _odds(log_odds: float) -> str:
    return cleared_estimate(math.exp(log_odds), decimals=2).text


def _odds_interval(found: Estimate | NotEstimable) -> str:
    if not isinstance(found, Estimate):
        return "[z]"
    return f"{_odds(found.conf_low)} to {_odds(found.conf_high)}"


def agreement_table(study: AuditsStudy) -> Table:
    """How far two auditors of one assessment agree, by item."""
    rows = []
    twice = Twice(study)
    for item in ITEMS:
        for name, found in twice.coefficients(item).items():
            rows.append({"Item": ITEM_WORDS[item], "Coefficient": name} | _coefficient(found))
    notes = (
        worded(
            "1: full agreement; 0: what chance would give. Audits that two auditors rated apart"
            " from each other, with the new instrument."
        ),
    )
    frame = pd.DataFrame(rows)
    return worded_table(
        study.plan, "Do auditors agree?", frame, notes=notes, clearance=study.clearance
    )


def _coefficient(found: Estimate | NotEstimable) -> dict[str, str]:
    if not isinstance(found, Estimate):
        return {"Value": "[z]", "95% confidence interval": "[z]"}
    if is_unreliable(found.support.n, load_rules()):
        return {"Value": UNRELIABLE, "95% confidence interval": UNRELIABLE}
    value, low, high = (
        cleared_estimate(x, decimals=2).text.replace("-", "−")
        for x in (found.value, found.conf_low, found.conf_high)
    )
    return {"Value": value, "95% confidence interval": f"{low} to {high}"}
