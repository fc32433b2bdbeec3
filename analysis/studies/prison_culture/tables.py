"""The tables of a programme in prisons, each cleared."""

import pandas as pd

from analysis.disclosure.named.names import PEOPLE, WITH
from analysis.disclosure.named.tables import BY, TableNames, counted_table
from analysis.extracts.frames.sentencing import month_words
from analysis.results import Table
from analysis.studies.prison_culture.study import FORCE, PrisonStudy
from analysis.vocabulary.ethnicity import MISSING
from analysis.vocabulary.regions import place_set

STARTED, OTHERS = "prisons that start", "other prisons"
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
    """People held for a whole quarter, by ethnic group, and how many of them met with force."""
    cases, head = study.cases, study.plan.group_heading
    kinds = [*study.groups, *(kind for kind in MISSING if (cases["ethnic_group"] == kind).any())]
    frame = pd.DataFrame(
        {
            head: [kind.replace("_", " ") for kind in kinds],
            "People, once in each quarter": [(cases["ethnic_group"] == k).sum() for k in kinds],
            "With force": [
                int(cases.loc[cases["ethnic_group"] == kind, FORCE].sum()) for kind in kinds
            ],
        }
    )
    people = "People, once in each quarter"
    return counted_table(
        "Who was held for a whole quarter",
        frame,
        names=TableNames(
            study.place, "who was held", {head: "group"}, {people: PEOPLE, "With force": WITH}
        ),
        rates={"With force, in every 100": ("With force", people)},
        clearance=study.clearance,
    )


def around_starts(study: PrisonStudy) -> Table:
    """Prisons that start, around their own starts: the naive picture, compared with nothing. A
    rise before and a fall after is what prisons chosen in a bad spell show by themselves."""
    rows = study.cases[study.cases["start"].notna()]
    since = (rows["month"] - rows["start"]) // 3
    lines = []
    for when, (first, last) in TIMES.items():
        own = rows[since.between(first, last)]
        lines.append({"Time": when, "People": len(own), "With force": int(own[FORCE].sum())})
    return counted_table(
        "Prisons that start, around their own start: own figures",
        pd.DataFrame(lines),
        names=TableNames(
            study.place,
            "around starts",
            {"Time": BY},
            {"People": PEOPLE, "With force": WITH},
            FORCE,
        ),
        rates={"With force, in every 100": ("With force", "People")},
        clearance=study.clearance,
    )
