"""The tables of the ethnic-matching notebook, each cleared: rounded, suppressed, and saying so underneath."""

import pandas as pd

from analysis.designs.matching import Matched
from analysis.disclosure.rules import load_rules
from analysis.disclosure.suppression import clear_table
from analysis.display.amounts import interval, is_drawn, number, row_amount, why_not
from analysis.extracts.quality import EXCLUSION_REASONS, declaration_rates
from analysis.paths import REFERENCE
from analysis.plans.plan import Outcome, Plan
from analysis.results import Table
from analysis.studies.ethnic_matching import EVERYONE, MAIN, MatchingStudy
from analysis.studies.words import in_plan_words

ESTIMANDS = {
    "matching_effect": "Matching effect",
    "own_group_gap": "Gap with a practitioner of the same group",
    "gap_difference": "Difference between two gaps",
    "naive_difference": "Matched less others, nothing held alike",
    "relative_rate_index": "Relative rate",
    "share": "Share",
}
METHODS = {
    MAIN: "main: within office and period, and own group",
    "crude_means": "naive: nothing held alike",
    f"{MAIN}_nothing_allowed_for": "main, nothing recorded about the person allowed for",
    f"{MAIN}_outside_only": "main, without what the service itself decides",
    f"{MAIN}_requests_left_out": "main, without people who asked for a match",
    f"{MAIN}_two_way_clusters": "main, errors clustered on pupil too",
    f"{MAIN}_cr2": "main, errors for few practitioners (CR2)",
    "practitioner_effects": "each practitioner compared with themselves",
    "within_cells": "within office and period",
    "joint_within_cells": "one model for all groups",
    "radius_matching": "like with like by radius matching",
    "bounds_unknown_practitioners": "bounds, whatever the unknown practitioners are",
    "empirical_bayes": "drawn towards the other places",
    "random_effects_reml": "places put together",
    "score": "rates set beside each other",
    "count": "count",
}


def worded_table(
    plan: Plan, title: str, frame: pd.DataFrame, *, notes: tuple[str, ...] = (), already_public: bool
) -> Table:
    """A table of cleared numbers: every cell becomes text, in the plan's own words."""
    text = frame.map(
        lambda cell: (
            in_plan_words(plan, cell)
            if isinstance(cell, str)
            else f"{cell:,}"
            if isinstance(cell, int)
            else f"{cell:g}"
        )
    )
    return _in_plan_words(plan, clear_table(title, text, already_public=already_public), notes)


def _in_plan_words(plan: Plan, table: Table, notes: tuple[str, ...] = ()) -> Table:
    """The table with its title, headings and notes in the plan's own words."""
    frame = table.to_frame().rename(
        columns=lambda name: (
            in_plan_words(plan, name.lower()).capitalize() if "ractitioner" in name else in_plan_words(plan, name)
        )
    )
    return Table(
        in_plan_words(plan, table.title),
        frame,
        table.cleared_by,
        tuple(in_plan_words(plan, note) for note in (*notes, *table.notes)),
    )


def method_words(method: str) -> str:
    return METHODS.get(method, method.replace("_", " "))


def people_table(study: MatchingStudy) -> Table:
    """Who is in the data: people by ethnic group, those in the comparison, and those whose practitioner is matched."""
    everyone, compared = study.everyone, study.compared_people
    groups = list(study.groups)
    frame = pd.DataFrame(
        {
            "Ethnic group": groups,
            "People in the data": [int((everyone["person_group"] == g).sum()) for g in groups],
            "In the comparison": [int((compared["person_group"] == g).sum()) for g in groups],
            "Matched": [int(((compared["person_group"] == g) & compared["same_group"]).sum()) for g in groups],
        }
    )
    in_comparison = frame["Ethnic group"].isin(study.plan.exposure.matched_groups)
    frame["Not matched"] = frame["In the comparison"] - frame["Matched"]
    structural = {"In the comparison", "Matched", "Not matched"}
    counts = ["People in the data", *sorted(structural)]
    title = "Who is in the data"
    kept = frame[["Ethnic group", "People in the data", "In the comparison", "Matched", "Not matched"]]
    table = clear_table(title, kept, counts=counts, already_public=study.already_public)
    shown = table.to_frame()
    for name in structural:
        shown[name] = shown[name].astype(object).where(in_comparison.to_numpy(), "[z]")
    return Table(title, shown, table.cleared_by, table.notes)


def excluded_table(study: MatchingStudy, excluded: dict[str, int | None]) -> Table:
    """Why people are not in the comparison; `excluded` as it may be shown."""
    rows = [(EXCLUSION_REASONS.get(reason, reason), "[c]" if n is None else f"{n:,}") for reason, n in excluded.items()]
    frame = pd.DataFrame(rows or [("nobody is left out", "0")], columns=["Reason", "People"])
    table = worded_table(
        study.plan, "Who is not in the comparison, and why", frame, already_public=study.already_public
    )
    return _counted(study, table)


def declaration_table(study: MatchingStudy) -> Table:
    """What is known about ethnic group, of people and of practitioners, with the kinds of missing kept apart."""
    rates = declaration_rates(study.everyone)
    counted = rates.pivot(index="state", columns="whose", values="n").loc[
        rates["state"].unique(), ["persons", "practitioners"]
    ]
    frame = pd.DataFrame(
        {
            "Ethnic group": [s.replace("_", " ") for s in counted.index],
            "People": counted["persons"],
            "Practitioners": counted["practitioners"],
        }
    )
    frame = frame[(counted["persons"] > 0) | (counted["practitioners"] > 0)].reset_index(drop=True)
    table = clear_table(
        "What is known about ethnic group",
        frame,
        counts=["People", "Practitioners"],
        already_public=study.already_public,
    )
    return _in_plan_words(study.plan, table)


def response_table(study: MatchingStudy) -> Table:
    """Who answered the survey, by ethnic group and by matching: printed before anything that rests on the answers."""
    counted = study.response
    frame = pd.DataFrame(
        {
            "Ethnic group": counted["person_group"],
            "First practitioner": counted["exposure"].str.replace("_", " "),
            "Asked": counted["n"],
            "Answered": counted["answered"],
        }
    )
    return clear_table(
        "Who answered the survey",
        frame,
        counts=["Asked", "Answered"],
        rates={"Answered in every 100": ("Answered", "Asked")},
        already_public=study.already_public,
    )


def balance_table(study: MatchingStudy) -> Table:
    """Recorded characteristics of matched and other people: how far apart, before and within office and period."""
    frame = study.balance.to_frame()
    shown = pd.DataFrame(
        {
            "Characteristic": frame["covariate"].str.replace("_", " "),
            "Apart before (% of the spread)": frame["difference_before"].astype(float).round(1),
            "Apart within office and period": frame["difference_after"].astype(float).round(1),
            "Light": frame["light"],
        }
    )
    notes = ("Green: at most 5; amber: at most 10; red: more than 10 (JDL convention).",)
    return worded_table(
        study.plan,
        "Matched people and others: how alike are they?",
        shown,
        notes=notes,
        already_public=study.already_public,
    )


def matching_table(study: MatchingStudy, outcome: Outcome) -> Table:
    """Radius matching of the leading outcome, group by group: how many were matched, and how alike they are afterwards."""
    found = {g: study.matched_comparison(outcome, g) for g in study.plan.exposure.matched_groups}
    rows = []
    for group, matched in found.items():
        if isinstance(matched, Matched):
            light = matched.balance.to_frame()["light"]
            counts = {
                f"{kind.capitalize()} lights": str(int((light == kind).sum())) for kind in ("green", "amber", "red")
            }
            rows.append(
                {"Group": group, "With their own group": matched.n_treated, "Of these matched": matched.n_matched}
                | counts
            )
    columns = ["Group", "With their own group", "Of these matched", "Green lights", "Amber lights", "Red lights"]
    frame = pd.DataFrame(rows, columns=columns)
    title = "Radius matching: how many were matched, and how alike the two sides are then"
    counts = ["With their own group", "Of these matched"]
    return _in_plan_words(study.plan, clear_table(title, frame, counts=counts, already_public=study.already_public))


def estimates_table(title: str, rows: list[dict], plan, *, by_method: bool = False, already_public: bool) -> Table:
    """Released rows as a table: what is estimated, the best estimate with its interval, and what it rests on."""
    cells = [
        {
            "Outcome": outcome_words(plan.outcome(row["outcome"])),
            "Group": "everyone compared" if row["group"] == EVERYONE else row["group"],
            ("How worked out" if by_method else "What"): method_words(row["method"])
            if by_method
            else ESTIMANDS[row["estimand"]],
            "Best estimate": value_words(row),
            "95% confidence interval": interval_words(row),
            "People": people_words(row),
        }
        for row in rows
    ]
    compared = any(row["estimand"] != "share" for row in rows)
    notes = ("People: those in offices and periods with practitioners of both kinds.",) if compared else ()
    return worded_table(plan, title, pd.DataFrame(cells), notes=notes, already_public=already_public)


def people_words(row: dict) -> str:
    """People that a row rests on: all of them for a fact, those in cells with both kinds of practitioner for a comparison."""
    people = row["n"] if row["estimand"] == "share" else row["n_identifying"]
    return "[z]" if not people or row["note"] == "bounds" else f"{people:,}"


def value_words(row: dict) -> str:
    """The estimate with its unit, with as many decimals as its sentence has."""
    if row["status"] == "withheld":
        return "[c]"
    if row["status"] == "described":
        return "[z]" if row["value"] is None else f"{number(row['value'], row['unit'])} in every 100"
    return f"{row_amount(row)}{_per(row['unit'])}" if is_drawn(row) else why_not(row)


def interval_words(row: dict) -> str:
    if row["conf_low"] is None:
        return "[c]" if row["status"] == "withheld" else "[z]"
    beside = () if row["value"] is None else (row["value"],)
    return interval(row["conf_low"], row["conf_high"], row["unit"], matters=row["sesoi"], beside=beside)


def _per(unit: str) -> str:
    return " in every 100" if unit == "in_every_100" else ""


def outcome_words(outcome: Outcome) -> str:
    return (outcome.plain or outcome.level).removeprefix("the ")


def rates_table(study: MatchingStudy, outcome: Outcome, rows: list[dict]) -> Table:
    """The adverse outcome by ethnic group, beside the reference: counts in fives, ratio and interval worked out from them."""
    counts = study.event_counts(outcome.id)
    reference, cells = study.plan.groups.reference, []
    ratios = {
        row["group"].split(" to ")[0]: row
        for row in rows
        if row["estimand"] == "relative_rate_index" and row["outcome"] == outcome.id
    }
    for group in study.groups:
        known, row = group in counts.index, ratios.get(group)
        drawn = row is not None and is_drawn(row)
        cells.append(
            {
                "Ethnic group": group,
                "People": int(counts.loc[group, "people"]) if known else "[c]",
                "In every 100": f"{100 * counts.loc[group, 'adverse'] / counts.loc[group, 'people']:.1f}"
                if known
                else "[c]",
                f"Times as often as {reference}": f"{row['value']:.2f}"
                if drawn
                else ("[z]" if group == reference else "[c]"),
                "95% confidence interval": interval(row["conf_low"], row["conf_high"], "times")
                if drawn
                else ("[z]" if group == reference else "[c]"),
            }
        )
    title = f"By ethnic group: people who {outcome.adverse_event}"
    return _counted(study, worded_table(study.plan, title, pd.DataFrame(cells), already_public=study.already_public))


def _counted(study: MatchingStudy, table: Table) -> Table:
    """A table of words made from counts in fives: the rules for counts stand under it."""
    if study.already_public:
        return table
    return Table(table.title, table.to_frame(), "rounded", load_rules().notes())


def published_table(rows: list[dict], plan) -> Table:
    """What was published about own-race teachers beside what we get, from data/reference/own_race_teacher.csv."""
    published = pd.read_csv(REFERENCE / "own_race_teacher.csv", dtype=str, keep_default_na=False)
    ours = {(row["group"], row["outcome"]): row for row in rows if row["method"] == "within_cells"}
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
        notes=(published["source"].iloc[0] + ".",),
        already_public=True,
    )


def is_public(plan: Plan) -> bool:
    """Every source of the plan was published before (rule S0)."""
    return set(plan.data.sources) <= {"star", "published"}
