"""The tables of a matched comparison, each cleared: rounded, suppressed, and saying so
underneath."""

from collections.abc import Sequence

import pandas as pd

from analysis.designs.cohorts.overlap import (
    NARROWEST,
    WIDEST,
    chance_bands,
    variance_ratios,
)
from analysis.disclosure.named.names import PEOPLE, WITH, WITHOUT
from analysis.disclosure.named.tables import BY, TableNames, counted_table
from analysis.display.amounts import is_drawn, why_not
from analysis.extracts.tables.pilots.programme_tables import PROGRAMMES
from analysis.plans.plan import Outcome
from analysis.record.row import Row
from analysis.results import EVERYONE, Table
from analysis.said.numbers import cleared_estimate, planned
from analysis.said.texts import say, worded
from analysis.sections.tables import (
    interval_words,
    table_in_plan_words,
    value_words,
    worded_table,
)
from analysis.studies.matched_comparison.fragile import Fragile
from analysis.studies.matched_comparison.kind import ONE
from analysis.studies.matched_comparison.study import MatchedStudy
from analysis.studies.matched_comparison.whom import SIDE

STARTED, NOT_STARTED = "Started", "Did not start"
NOBODY = "[z]"


def _sides_table(study: MatchedStudy, title: str, column: str, heading: str, values) -> Table:
    """Those compared by a characteristic: all, those who started, and those who did not."""
    people = study.compared_people
    counts = [
        (int(own[SIDE].size), int(own[SIDE].sum()))
        for own in (people[people[column] == value] for value in values)
    ]
    frame = pd.DataFrame(
        {
            heading: [str(value).replace("_", " ") for value in values],
            "Compared": [n for n, _ in counts],
            STARTED: [with_it for _, with_it in counts],
            NOT_STARTED: [n - with_it for n, with_it in counts],
        }
    )
    named = {"Compared": PEOPLE, STARTED: WITH, NOT_STARTED: WITHOUT}
    label = "group" if column == "ethnic_group" else BY
    table = counted_table(
        title,
        frame,
        names=TableNames(study.place, f"who started by {column}", {heading: label}, named),
        rates={"Started in every 100": (STARTED, "Compared")},
        together=[("Compared", STARTED, NOT_STARTED)],
        clearance=study.clearance,
    )
    return table_in_plan_words(study.plan, table)


def people_table(study: MatchedStudy) -> Table:
    """Who could be compared, by ethnic group, and who of them started."""
    heading = study.plan.group_heading
    return _sides_table(study, "Who started", "ethnic_group", heading, study.groups)


def programmes_table(study: MatchedStudy) -> Table:
    """The same by programme."""
    return _sides_table(study, "Who started which programme", "programme", "Suited to", PROGRAMMES)


# -- is it fair ------------------------------------------------------------------------------------
def balance_table(study: MatchedStudy, outcome: Outcome) -> Table:
    """Recorded characteristics of those who started and of people like them: how far apart before
    and after matching, and whether they are spread alike."""
    matched = study.matched(outcome)
    frame, spread = matched.balance.to_frame(), variance_ratios(matched)
    shown = pd.DataFrame(
        {
            "Characteristic": frame["covariate"].str.replace("_", " "),
            "Apart before (% of the spread)": _one_decimal(frame["difference_before"]),
            "Apart after matching": _one_decimal(frame["difference_after"]),
            "Light": frame["light"],
            "Spread after (times)": [
                round(spread[name], 2) if name in spread else NOBODY for name in frame["covariate"]
            ],
        }
    )
    notes = (
        worded("Green: at most 5; amber: at most 10; red: more than 10 (JDL convention)."),
        say(
            "Spread: the variance among those who started over that among people like them;"
            " {low} to {high} times counts as alike (Rubin). Yes or no has none of its own.",
            low=planned(NARROWEST),
            high=planned(WIDEST),
        ),
    )
    return worded_table(
        study.plan,
        "Those who started and people like them: how alike are they?",
        shown,
        notes=notes,
        clearance=study.clearance,
    )


def _one_decimal(values: pd.Series) -> pd.Series:
    """Rounded, and never "-0"."""
    return values.astype(float).round(1) + 0.0


def overlap_table(study: MatchedStudy, outcome: Outcome) -> Table:
    """People on both sides by their chance of starting, as what was recorded before predicts it."""
    bands = chance_bands(study.matched(outcome))
    frame = pd.DataFrame(
        {
            "Chance of starting, in every 100": [
                f"{10 * int(b)} to {10 * int(b) + 10}" for b in bands["band"]
            ],
            STARTED: bands["treated"].astype(int),
            NOT_STARTED: bands["comparison"].astype(int),
        }
    )
    heading = frame.columns[0]
    names = TableNames(
        study.place,
        "chance of starting",
        {heading: BY},
        {STARTED: "started", NOT_STARTED: "did not start"},
    )
    title = "Do both sides overlap? People by their chance of starting"
    table = counted_table(title, frame, names=names, clearance=study.clearance)
    return table_in_plan_words(study.plan, table)


def lost_table(study: MatchedStudy, outcome: Outcome) -> Table:
    """Who was lost: those who started and had nobody like them, by ethnic group and programme."""
    sample = study.matched(outcome).sample
    rows: list[dict] = []
    if sample is not None:
        started = sample.rows[sample.side].assign(matched=sample.weights[sample.side] > 0)
        for column, values in (("ethnic_group", study.groups), ("programme", PROGRAMMES)):
            for value in values:
                own = started[started[column] == value]
                rows.append(
                    {
                        "Who": str(value).replace("_", " "),
                        STARTED: len(own),
                        "Matched": int(own["matched"].sum()),
                        "Lost": int((~own["matched"]).sum()),
                    }
                )
    frame = pd.DataFrame(rows, columns=["Who", STARTED, "Matched", "Lost"])
    counts = {STARTED: "in the matching", "Matched": "matched", "Lost": "lost"}
    table = counted_table(
        "Who was lost: those who started and had nobody like them",
        frame,
        names=TableNames(study.place, "who was lost", {"Who": BY}, counts, outcome.id),
        together=[(STARTED, "Matched", "Lost")],
        clearance=study.clearance,
    )
    return table_in_plan_words(study.plan, table)


# -- what could be seen ----------------------------------------------------------------------------
def detectable_table(study: MatchedStudy, outcome: Outcome, rows: Sequence[Row]) -> Table:
    """For everyone and each ethnic group: the smallest effect that numbers like these would show in
    8 of 10 studies, before any effect is looked at."""
    cells = []
    for row in rows:
        known = is_drawn(row) and row.mde is not None
        cells.append(
            {
                study.plan.group_heading: "everyone compared"
                if row.group == EVERYONE
                else row.group,
                "Matched": row.n_treated if is_drawn(row) and row.n_treated else NOBODY,
                "Smallest difference that would be seen": row.mde if known else why_not(row),
                "Size that matters": outcome.size,
            }
        )
    notes = (
        worded(
            "In every 100 people; seen: told apart from none in 8 of 10 such studies, at the 5%"
            " level."
        ),
        "Where it is larger than the size that matters, a group can be in the table of effects and"
        " still tell nothing.",
    )
    return worded_table(
        study.plan,
        "What could be seen here at all, before any effect is looked at",
        pd.DataFrame(cells),
        notes=notes,
        clearance=study.clearance,
    )


# -- how fragile -----------------------------------------------------------------------------------
UNASKED = "cannot be asked here"
NO_DELTA = "none: what is recorded moved the effect away from nothing"
NO_GAMMA = "none: chance is not ruled out among pairs"


def fragile_table(study: MatchedStudy, found: Fragile) -> Table:
    """For analysts: how strong an unrecorded difference would have to be, asked in three ways."""
    value, pairs, bound = found.e_value, found.pairs, found.oster
    cells = [
        ("E-value of the best estimate, times", value and value.point, UNASKED),
        ("E-value of the end nearest to nothing, times", value and value.limit, UNASKED),
        (
            "Rosenbaum bound, times the odds of starting",
            pairs and pairs.gamma,
            NO_GAMMA if pairs else UNASKED,
        ),
        (
            "Oster's delta, times as strong as all that is recorded",
            bound and bound.delta,
            NO_DELTA if bound else UNASKED,
        ),
        (
            "Oster: the effect were it as strong, in every 100",
            bound and bound.adjusted,
            UNASKED,
        ),
    ]
    lines = [
        {"Asked": asked, "Found": instead if x is None else cleared_estimate(x, decimals=2).number}
        for asked, x, instead in cells
    ]
    notes = (
        "E-value: VanderWeele and Ding. Rosenbaum: pairs that share nobody, the largest odds at"
        " which the finding stands. Oster: a linear model; the largest share of the outcome that"
        " could be accounted for follows her rule.",
        "A bound says how strong something would have to be; whether anything is that strong, no"
        " table can say.",
    )
    return worded_table(
        study.plan,
        "For analysts: how strong would an unrecorded difference have to be?",
        pd.DataFrame(lines),
        notes=notes,
        clearance=study.clearance,
    )


def fragile_words(found: Fragile) -> str:
    """What the E-value means, in plain words."""
    value = found.e_value
    if value is None:
        return "How strong an unrecorded difference would have to be cannot be asked here."
    if value.limit <= 1:
        return (
            "The interval holds a difference of nothing, so that nothing unrecorded is needed to"
            " account for what was found."
        )
    return say(
        "Could something that nobody recorded, such as motivation, account for the whole"
        " difference? Only if it made starting at least {point} times as likely (or as unlikely),"
        " and reoffending at least {point} times as likely (or as unlikely), beyond everything that"
        " is recorded. {limit} times each would let the interval reach a difference of nothing."
        " Analysts call these numbers E-values.",
        point=cleared_estimate(value.point, decimals=1),
        limit=cleared_estimate(value.limit, decimals=1),
    )


# -- programmes ------------------------------------------------------------------------------------
def pooled_table(study: MatchedStudy, rows: Sequence[Row]) -> Table:
    """The effect of each programme, and of all of them put together."""
    cells = [
        {
            "Programme": row.method.replace("_", " ")
            if row.estimand == ONE
            else "programmes put together",
            "Best estimate": value_words(row),
            "95% confidence interval": interval_words(row),
            "Matched": row.n_treated if is_drawn(row) and row.n_treated else NOBODY,
        }
        for row in rows
    ]
    notes = (
        "Each programme is matched within itself. Put together by random effects: what a programme"
        " like these would do, and not the mean over people.",
    )
    return worded_table(
        study.plan,
        "Programme by programme, all regions together",
        pd.DataFrame(cells),
        notes=notes,
        clearance=study.clearance,
    )
