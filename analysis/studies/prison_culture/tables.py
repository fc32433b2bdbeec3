"""The tables of a programme in prisons, each cleared."""

import pandas as pd

from analysis.disclosure.named.names import PEOPLE, WITH
from analysis.disclosure.named.tables import BY, TableNames, counted_table
from analysis.extracts.frames.sentencing import month_words
from analysis.judgement.wording.figures_in_words import capital
from analysis.results import Table
from analysis.studies.prison_culture.study import PrisonStudy
from analysis.vocabulary.ethnicity import MISSING
from analysis.vocabulary.regions import place_set

# Of prisons that start: the time around their starts, in quarters since it (the first is 0).
TIMES = {
    "more than a year before": (-100, -5),
    "the year before, but for its last half": (-4, -3),
    "the last half-year before": (-2, -1),
    "the first half-year since": (0, 1),
    "later": (2, 100),
}


def prisons_table(study: PrisonStudy) -> Table:
    """Prisons that start and others by region, when they started, and staff trained there."""
    names, prisons = place_set(study.plan.data.places), study.units
    trained = study.staff.groupby("region").size()
    rows = []
    for region, own in prisons.groupby("region", sort=False):
        starts = sorted(own["start"].dropna())
        rows.append(
            {
                "Region": names.name(str(region)),
                "Prisons that start": str(int(own["pilot"].sum())),
                "Other prisons": str(int((~own["pilot"]).sum())),
                "Started": ", ".join(dict.fromkeys(month_words(s) for s in starts)) or "none",
                "Staff trained": int(trained.get(region, 0)),
            }
        )
    frame = pd.DataFrame(rows).sort_values("Region", ignore_index=True)
    structural = ["Staff trained"] if (frame["Staff trained"] == 0).any() else []
    counts = TableNames(study.place, "staff", {"Region": "unit"}, {"Staff trained": "trained"})
    return counted_table(
        "Prisons that start, and the others",
        frame,
        names=counts,
        structural=structural,
        clearance=study.clearance,
    )


def people_table(study: PrisonStudy) -> Table:
    """People held for a whole quarter who could have the leading event, by ethnic group, and how
    many had it."""
    cases, head, leading = _at_risk(study), study.plan.group_heading, study.plan.leading
    kinds = [*study.groups, *(kind for kind in MISSING if (cases["ethnic_group"] == kind).any())]
    own = [cases.loc[cases["ethnic_group"] == kind, leading] for kind in kinds]
    people, event = "People, once in each quarter", _event(study)
    frame = pd.DataFrame(
        {
            head: [kind.replace("_", " ") for kind in kinds],
            people: [len(values) for values in own],
            event: [int(values.sum()) for values in own],
        }
    )
    return counted_table(
        "Who was held for a whole quarter, of those who are counted",
        frame,
        names=TableNames(
            study.place, "who was held", {head: "group"}, {people: PEOPLE, event: WITH}, leading
        ),
        rates={f"{event}, in every 100": (event, people)},
        clearance=study.clearance,
    )


def around_starts(study: PrisonStudy) -> Table:
    """Prisons that start, around their own starts: the naive picture, compared with nothing. A
    rise before and a fall after is what prisons chosen in a bad spell show by themselves."""
    cases, event, leading = _at_risk(study), _event(study), study.plan.leading
    rows = cases[cases["start"].notna()]
    since = (rows["month"] - rows["start"]) // 3
    lines = []
    for when, (first, last) in TIMES.items():
        own = rows.loc[since.between(first, last), leading]
        lines.append({"Time": when, "People": len(own), event: int(own.sum())})
    return counted_table(
        "Prisons that start, around their own start: own figures",
        pd.DataFrame(lines),
        names=TableNames(
            study.place, "around starts", {"Time": BY}, {"People": PEOPLE, event: WITH}, leading
        ),
        rates={f"{event}, in every 100": (event, "People")},
        clearance=study.clearance,
    )


def _at_risk(study: PrisonStudy) -> pd.DataFrame:
    return study.cases.dropna(subset=[study.plan.leading])


def _event(study: PrisonStudy) -> str:
    return capital(study.plan.outcome(study.plan.leading).noun)
