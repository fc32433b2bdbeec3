"""The tables of reports of discrimination, each cleared: own figures by period, the series by
month, forms and incidents, and what people said in the survey."""

from collections.abc import Iterator

import pandas as pd

from analysis.disclosure.named.names import PEOPLE, WITH
from analysis.disclosure.named.tables import BY, TableNames, counted_table
from analysis.disclosure.rules import is_small, load_rules
from analysis.disclosure.series import Months as Length
from analysis.disclosure.series import finest
from analysis.disclosure.suppression import WITHHELD
from analysis.extracts.tables.pilots.reporting_tables import AFTER, BEFORE, WAVES
from analysis.results import Table
from analysis.said.numbers import cleared_estimate
from analysis.said.texts import worded
from analysis.sections.tables import worded_table
from analysis.studies.interrupted_reporting.offers import CONFIDENT, EXPERIENCED, IN_TIME, UPHELD
from analysis.studies.interrupted_reporting.series import MONTH
from analysis.studies.interrupted_reporting.study import ReportingStudy

INCIDENTS, FORMS, REPORTERS = "Incidents", "Forms", "People who reported"
ANSWERED, TIMELY, DECIDED, UPHELD_HEAD = "Answered", "Answered in time", "Decided", "Upheld"
HELD = "People held"
COUNTS = {
    REPORTERS: PEOPLE,
    INCIDENTS: "incidents",
    FORMS: "forms",
    ANSWERED: "answered",
    TIMELY: WITH,
    DECIDED: "decided",
    UPHELD_HEAD: "upheld",
}
RATES = {
    "Answered in time, in every 100": (TIMELY, ANSWERED),
    "Upheld, in every 100": (UPHELD_HEAD, DECIDED),
}
LENGTHS: dict[Length, str] = {1: "Month", 3: "Quarter", 6: "Half-year", 12: "Year"}
PER_THOUSAND = worded("{what} a month, for every 1,000 people held")
OWN = (
    "Incidents: each once, in the period in which its first form came in. A person who reported in"
    " two periods counts in both."
)
WAVE_HEAD = {BEFORE: "first wave", AFTER: "second wave"}


def _inside(study: ReportingStudy) -> pd.DataFrame:
    """All forms of the period of the plan."""
    return study.everyone[study.everyone["excluded"] != "outside_the_period"]


def _period(days: pd.Series, length: Length | None) -> pd.Series:
    """The label of each day's period; None: of the whole time."""
    year = days.dt.year.astype(str)
    if length == 1:
        return days.dt.strftime("%Y-%m")
    if length == 3:
        return year + " Q" + days.dt.quarter.astype(str)
    if length == 6:
        return year + " H" + ((days.dt.month > 6) + 1).astype(str)
    return year if length == 12 else pd.Series("all", index=days.index)


def _counted(forms: pd.DataFrame, by: list[pd.Series]) -> pd.DataFrame:
    """Exact counts of forms, of incidents (by their first form), and of who reported."""
    first = forms[forms["excluded"] != "another_form"]
    keys = [one.reindex(first.index) for one in by]
    found = first.groupby(keys, observed=True).agg(
        **{
            REPORTERS: ("reporter_id", "nunique"),
            INCIDENTS: ("number", "nunique"),
            ANSWERED: (IN_TIME, "count"),
            TIMELY: (IN_TIME, "sum"),
            DECIDED: (UPHELD, "count"),
            UPHELD_HEAD: (UPHELD, "sum"),
        }
    )
    found[FORMS] = forms.groupby(by, observed=True).size()
    return found[[*COUNTS]].astype("int64").reset_index()


def periods_table(study: ReportingStudy) -> Table:
    """The place's own reports by half-year, by year where a half-year would tell of few."""
    forms = _inside(study)

    def cells(length: Length) -> Iterator[tuple[int, int]]:
        counted = _counted(forms, [_period(forms["reported_on"], length).rename("period")])
        for row in counted.to_dict("records"):
            yield row[TIMELY], row[ANSWERED]
            yield row[UPHELD_HEAD], row[DECIDED]

    length = finest(cells, from_months=6)
    heading = LENGTHS[length] if length else "Time"
    period = _period(forms["reported_on"], length).rename(heading)
    table = counted_table(
        "Reports of discrimination: own figures",
        _counted(forms, [period]),
        names=TableNames(study.place, "reports", {heading: "period"}, COUNTS),
        rates=RATES,
        clearance=study.clearance,
    )
    return Table(table.title, table.to_frame(), table.cleared_by, (OWN, *table.notes))


def copies_table(study: ReportingStudy) -> Table:
    """Forms and incidents by version of the form, before the start and since."""
    forms = _inside(study)
    since = (forms[MONTH] >= study.months.start).map({True: "since the start", False: "before"})
    by = [forms["form"].rename("Form"), since.rename("Time")]
    counts = {REPORTERS: PEOPLE, INCIDENTS: "incidents", FORMS: "forms"}
    cells = _counted(forms, by)[["Form", "Time", *counts]]
    counted = counted_table(
        "Forms that came in for each incident",
        cells,
        names=TableNames(study.place, "forms", {"Form": BY, "Time": "arm"}, counts),
        clearance=study.clearance,
    )
    frame = counted.to_frame()
    frame["Forms for each incident"] = [
        _ratio(row[FORMS], row[INCIDENTS]) for row in frame.to_dict("records")
    ]
    notes = (
        "Forms about one incident carry its number. One form too many for each incident is a"
        " matter of the form, and not of what happened.",
        *counted.notes,
    )
    return worded_table(study.plan, counted.title, frame, notes=notes, clearance=study.clearance)


def _ratio(part: object, whole: object, times: float = 1.0, decimals: int = 2) -> str:
    """From rounded counts; withheld where one of them is."""
    if isinstance(part, str) or isinstance(whole, str) or not whole:
        return WITHHELD
    return cleared_estimate(times * float(part) / float(whole), decimals=decimals).text


def series_table(study: ReportingStudy) -> Table | None:
    """Incidents and forms by month for every 1,000 people held, from counts in fives. None where a
    month would tell of few."""
    forms = _inside(study)
    month = _period(forms["reported_on"], 1).rename("Month")
    counts = {REPORTERS: PEOPLE, INCIDENTS: "incidents", FORMS: "forms"}
    cells = _counted(forms, [month])[["Month", *counts]]
    if any(is_small(n, load_rules()) for n in cells[REPORTERS]):
        return None
    counted = counted_table(
        "Reports of discrimination by month",
        cells,
        names=TableNames(study.place, "reports by month", {"Month": "period"}, counts),
        clearance=study.clearance,
    ).to_frame()
    held = study.held.groupby(MONTH)["people"].sum()
    first = [pd.Timestamp(number // 12, number % 12 + 1, 1) for number in held.index]
    held.index = pd.DatetimeIndex(first).strftime("%Y-%m")
    people = counted["Month"].map(held)
    rows = pd.DataFrame(
        {
            "Month": counted["Month"],
            PER_THOUSAND.format(what=INCIDENTS): [
                _ratio(n, base, 1000) for n, base in zip(counted[INCIDENTS], people, strict=True)
            ],
            PER_THOUSAND.format(what=FORMS): [
                _ratio(n, base, 1000) for n, base in zip(counted[FORMS], people, strict=True)
            ],
            "Counted": "alike",
        }
    )
    notes = ("Worked out from counts in fives.",)
    title = "Incidents and forms, by month"
    return worded_table(study.plan, title, rows, notes=notes, clearance=study.clearance)


def response_table(study: ReportingStudy) -> Table:
    """How many of each ethnic group answered each wave."""
    rows = study.survey[study.survey["ethnic_group"].isin(study.groups)]
    by = [
        rows["wave"].map(WAVE_HEAD).rename("Wave"),
        rows["ethnic_group"].astype(str).rename(study.plan.group_heading),
    ]
    cells = rows.groupby(by)["answered"].agg(["size", "sum"]).astype("int64").reset_index()
    cells = cells.rename(columns={"size": "People asked", "sum": "Answered the survey"})
    labels = {"Wave": "arm", study.plan.group_heading: "group"}
    names = TableNames(
        study.place, "survey", labels, {"People asked": PEOPLE, "Answered the survey": WITH}
    )
    return counted_table(
        "Who answered the survey",
        cells,
        names=names,
        rates={"Answered, in every 100": ("Answered the survey", "People asked")},
        clearance=study.clearance,
    )


def experience_table(study: ReportingStudy) -> Table:
    """What people said in each wave, and the incidents reported in the months of which it asks."""
    rows = study.survey[study.survey["answered"]]
    by = [rows["wave"].map(WAVE_HEAD).rename("Wave")]
    cells = rows.groupby(by).agg(
        **{
            "Answered the survey": (EXPERIENCED, "count"),
            "Experienced discrimination": (EXPERIENCED, "sum"),
            "Confident": (CONFIDENT, "sum"),
        }
    )
    names = TableNames(
        study.place,
        "survey answers",
        {"Wave": "arm"},
        {
            "Answered the survey": PEOPLE,
            "Experienced discrimination": WITH,
            "Confident": "confident",
        },
        EXPERIENCED,
    )
    return counted_table(
        "What people said in the survey",
        cells.astype("int64").reset_index(),
        names=names,
        rates={
            "Experienced it, in every 100": ("Experienced discrimination", "Answered the survey"),
            "Confident, in every 100": ("Confident", "Answered the survey"),
        },
        clearance=study.clearance,
    )


def ratio_table(study: ReportingStudy) -> Table | None:
    """Incidents reported in the twelve months of which each wave asks, beside how many people
    experienced discrimination in them: from counts in fives, not weighted."""
    told = experience_table(study).to_frame().set_index("Wave")
    forms, cells = _inside(study), []
    first = forms[forms["excluded"] != "another_form"]
    for wave in WAVES:
        months = study.months_asked(wave)
        own = first[first[MONTH].isin(months)]
        cells.append(
            {
                "Wave": WAVE_HEAD[wave],
                REPORTERS: own["reporter_id"].nunique(),
                INCIDENTS: own["number"].nunique(),
            }
        )
    names = TableNames(
        study.place,
        "reports of a wave",
        {"Wave": "arm"},
        {REPORTERS: PEOPLE, INCIDENTS: "incidents"},
    )
    counted = counted_table(
        "Incidents reported in the twelve months before each wave",
        pd.DataFrame(cells),
        names=names,
        clearance=study.clearance,
    ).to_frame()
    rows = [_beside(study, wave, counted, told) for wave in WAVES if WAVE_HEAD[wave] in told.index]
    notes = (
        worded(
            "Incidents: reported in the twelve months before each wave, a year and for every 100"
            " people held. From counts in fives, and not weighted."
        ),
    )
    title = "Incidents reported beside what people experienced"
    return worded_table(
        study.plan, title, pd.DataFrame(rows), notes=notes, clearance=study.clearance
    )


def _beside(study: ReportingStudy, wave: str, counted: pd.DataFrame, told: pd.DataFrame) -> dict:
    name, months = WAVE_HEAD[wave], study.months_asked(wave)
    held = study.held[study.held[MONTH].isin(months)].groupby(MONTH)["people"].sum().mean()
    incidents = counted.set_index("Wave").loc[name, INCIDENTS]
    a_year = _ratio(incidents, held, 100, 1)
    share = told.loc[name, "Experienced it, in every 100"]
    known = not isinstance(share, str) and a_year != WITHHELD
    return {
        "Wave": name,
        "Incidents a year, in every 100 held": a_year,
        "Experienced it, in every 100": (
            share if isinstance(share, str) else cleared_estimate(float(share), decimals=1).text
        ),
        "Incidents for every 100 who experienced it": (
            _ratio(float(a_year), float(share), 100, 1) if known else WITHHELD
        ),
    }
