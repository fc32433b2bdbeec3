"""The tables of the ethnic-matching notebook, each cleared: rounded, suppressed, and saying so
underneath."""

from collections.abc import Sequence

import pandas as pd

from analysis.designs.cohorts.matching import Matched
from analysis.disclosure.attack.known import at_most
from analysis.disclosure.attack.noted import note_relations
from analysis.disclosure.attack.protection import NOTHING
from analysis.disclosure.named.names import PEOPLE, WITH, WITHOUT
from analysis.disclosure.named.tables import BY, TableNames, counted_table
from analysis.disclosure.people_said import Asked, cleared_count
from analysis.extracts.frames.quality import declaration_rates
from analysis.paths import REFERENCE
from analysis.plans.plan import Outcome
from analysis.record.row import Row
from analysis.results import Table
from analysis.said.numbers import ClearedNumber, planned
from analysis.said.texts import named, say, worded
from analysis.sections.tables import (
    interval_words,
    outcome_words,
    table_in_plan_words,
    value_words,
    worded_table,
)
from analysis.studies.matching.study import MatchingStudy
from analysis.study.public_counts import clearance_of

NOT_IN = "are not in the figures on"


def people_table(study: MatchingStudy) -> Table:
    """Who is in the data: people by ethnic group, those in the comparison, and those whose
    practitioner is matched."""
    everyone, compared = study.everyone, study.compared_people
    groups = list(study.groups)
    frame = pd.DataFrame(
        {
            study.plan.group_heading: groups,
            "People in the data": [int((everyone["person_group"] == g).sum()) for g in groups],
            "In the comparison": [int((compared["person_group"] == g).sum()) for g in groups],
            "Matched": [
                int(((compared["person_group"] == g) & compared["same_group"]).sum())
                for g in groups
            ],
        }
    )
    compared_of = frame[study.plan.group_heading].isin(study.plan.exposure.matched_groups)
    frame["Not matched"] = frame["In the comparison"] - frame["Matched"]
    parts = ["In the comparison", "Matched", "Not matched"]
    frame[parts] = frame[parts].astype(object).where(compared_of, None)  # of no other group anybody
    counts = {
        "People in the data": "in the data",
        "In the comparison": "compared",
        "Matched": WITH,
        "Not matched": WITHOUT,
    }
    return counted_table(
        "Who is in the data",
        frame[[study.plan.group_heading, *counts]],
        names=TableNames(
            study.place, "who is in the data", {study.plan.group_heading: "group"}, counts
        ),
        together=[("In the comparison", "Matched", "Not matched")],
        clearance=study.clearance,
    )


def followed_notes(study: MatchingStudy) -> tuple[str, ...]:
    """Of each outcome, how many of those compared were followed for less than its window, and so
    are not in it.

    Numbers in fives; of a number that is too small to be told, that there are a few (rules S1, S6).
    """
    return tuple(
        say(
            "Of those compared, {many} people were followed for under {months} months and {not_in}"
            " {noun}.",
            many=_many(exact, study.asked("note: followed short", outcome=key)),
            months=planned(study.dyads.windows[key]),
            not_in=NOT_IN,
            noun=named(study.plan.outcome(key).noun),
        )
        for key, exact in study.followed_short.items()
    )


def _many(people: int, asked: Asked) -> ClearedNumber | str:
    found = cleared_count(people, asked, count="followed short")
    return "a few" if found.is_withheld else found


def declaration_table(study: MatchingStudy) -> Table:
    """What is known about ethnic group, of people and of practitioners, with the kinds of missing
    kept apart."""
    rates = declaration_rates(study.in_period)
    counted = rates.pivot(index="state", columns="whose", values="n").loc[
        rates["state"].unique(), ["persons", "practitioners"]
    ]
    frame = pd.DataFrame(
        {
            study.plan.group_heading: [s.replace("_", " ") for s in counted.index],
            "People": counted["persons"],
            "Practitioners": counted["practitioners"],
        }
    )
    frame = frame[(counted["persons"] > 0) | (counted["practitioners"] > 0)].reset_index(drop=True)
    counts = {"People": "in the period", "Practitioners": "practitioners"}
    table = counted_table(
        f"What is known about {study.plan.characteristic}",
        frame,
        names=TableNames(
            study.place, "what is known of group", {study.plan.group_heading: BY}, counts
        ),
        clearance=study.clearance,
    )
    return table_in_plan_words(study.plan, table)


def response_table(study: MatchingStudy) -> Table:
    """Who answered the survey, by ethnic group and by matching: printed before anything that rests
    on the answers."""
    counted = study.response
    frame = pd.DataFrame(
        {
            study.plan.group_heading: counted["person_group"],
            "First practitioner": counted["exposure"].str.replace("_", " "),
            "Asked": counted["n"],
            "Answered": counted["answered"],
        }
    )
    labels = {study.plan.group_heading: "group", "First practitioner": "arm"}
    counts = {"Asked": PEOPLE, "Answered": WITH}
    return counted_table(
        "Who answered the survey",
        frame,
        names=TableNames(study.place, "who answered", labels, counts),
        rates={"Answered in every 100": ("Answered", "Asked")},
        clearance=study.clearance,
    )


def balance_table(study: MatchingStudy) -> Table:
    """Recorded characteristics of matched and other people: how far apart, before and within office
    and period."""
    frame = study.balance.to_frame()
    shown = pd.DataFrame(
        {
            "Characteristic": frame["covariate"].str.replace("_", " "),
            "Apart before (% of the spread)": frame["difference_before"].astype(float).round(1),
            "Apart within office and period": frame["difference_after"].astype(float).round(1),
            "Light": frame["light"],
        }
    )
    notes = (worded("Green: at most 5; amber: at most 10; red: more than 10 (JDL convention)."),)
    return worded_table(
        study.plan,
        "Matched people and others: how alike are they?",
        shown,
        notes=notes,
        clearance=study.clearance,
    )


def matching_table(study: MatchingStudy, outcome: Outcome) -> Table:
    """Radius matching of the leading outcome, group by group: how many were matched, and how alike
    they are afterwards."""
    found = {g: study.matched_comparison(outcome, g) for g in study.plan.exposure.matched_groups}
    rows = []
    for group, matched in found.items():
        if isinstance(matched, Matched):
            light = matched.balance.to_frame()["light"]
            counts = {
                f"{kind.capitalize()} lights": str(int((light == kind).sum()))
                for kind in ("green", "amber", "red")
            }
            rows.append(
                {
                    "Group": group,
                    "With their own group": matched.n_treated,
                    "Of these matched": matched.n_matched,
                }
                | counts
            )
    columns = [
        "Group",
        "With their own group",
        "Of these matched",
        "Green lights",
        "Amber lights",
        "Red lights",
    ]
    frame = pd.DataFrame(rows, columns=columns)
    title = "Radius matching: how many were matched, and how alike the two sides are then"
    counts = {"With their own group": PEOPLE, "Of these matched": "matched"}
    names = TableNames(study.place, "radius matching", {"Group": "group"}, counts, outcome.id)
    table = counted_table(title, frame, names=names, clearance=study.clearance)
    for group in frame["Group"] if not study.already_public else ():
        whole, part = (names.name({"Group": group}, column) for column in counts)
        note_relations([at_most(part, whole, "some of them are matched")])
    return table_in_plan_words(study.plan, table)


def published_table(rows: Sequence[Row], plan) -> Table:
    """What was published about own-race teachers beside what we get, from
    data/reference/own_race_teacher.csv."""
    published = pd.read_csv(REFERENCE / "own_race_teacher.csv", dtype=str, keep_default_na=False)
    ours = {(row.group, row.outcome): row for row in rows if row.method == "within_cells"}
    cells = [
        {
            "Outcome": outcome_words(plan.outcome(line["outcome"])),
            "Group": line["group"],
            "Published, points": f"roughly {line['low']} to {line['high']} higher",
            "Here": value_words(ours[line["group"], line["outcome"]]),
            "95% confidence interval": interval_words(ours[line["group"], line["outcome"]]),
        }
        for line in published.to_dict("records")
    ]
    return worded_table(
        plan,
        "Own-race teachers: published, and here",
        pd.DataFrame(cells),
        notes=(named(published["source"].iloc[0]) + ".",),
        clearance=clearance_of(plan, public=True, hidden=NOTHING),
    )
