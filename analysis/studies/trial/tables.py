"""The tables of the training-trial notebook, each cleared: rounded, suppressed, and saying so
underneath."""

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.disclosure.dominance import people_behind
from analysis.disclosure.named.names import PEOPLE, WITH
from analysis.disclosure.named.tables import BY, TableNames, counted_table
from analysis.disclosure.people_said import cleared_mean
from analysis.disclosure.suppression import WITHHELD
from analysis.display.amounts import is_drawn, why_not
from analysis.plans.plan import Outcome
from analysis.record.row import Row
from analysis.results import Table, significant
from analysis.said.texts import worded
from analysis.sections.tables import (
    counted,
    interval_words,
    method_words,
    outcome_words,
    value_words,
    worded_table,
)
from analysis.studies.trial.measures import SIDE, SITE
from analysis.studies.trial.study import TrialStudy

ASKED = {"Asked": PEOPLE, "Answered": WITH}


def sites_table(study: TrialStudy) -> Table:
    """Sites and managers by arm, and whether the lot decided. Sites are no people; their number is
    no secret."""
    rows = []
    arms = study.plan.comparison.arms
    for (arm, excluded), part in study.managers.groupby(["arm", part_of(study)], sort=True):
        cells = {"Arm": arms.get(arm, arm.replace("_", " ")), "In the comparison": excluded}
        rows.append(cells | {"Sites": str(part[SITE].nunique()), "Managers": len(part)})
    frame = pd.DataFrame(rows, columns=["Arm", "In the comparison", "Sites", "Managers"])
    labels = {"Arm": "arm", "In the comparison": BY}
    names = TableNames(study.place, "sites and managers", labels, {"Managers": PEOPLE})
    return counted_table("Sites and managers", frame, names=names, clearance=study.clearance)


def part_of(study: TrialStudy) -> pd.Series:
    """yes, or no, for each manager: compared or not."""
    return (
        study.managers["excluded"].map(lambda reason: "no" if reason else "yes").rename("compared")
    )


def people_table(study: TrialStudy) -> Table:
    """Who is in the data, by ethnic group: managers, staff who were asked, staff in post at the
    start."""
    frames = {
        "Managers": study.managers,
        "Staff asked": study.people.ratings,
        "Staff in post": study.people.in_post,
    }
    groups = list(study.groups)
    cells = {
        name: [int((frame["ethnic_group"] == g).sum()) for g in groups]
        for name, frame in frames.items()
    }
    unknown = {
        name: int((~frame["ethnic_group"].isin(groups)).sum()) for name, frame in frames.items()
    }
    frame = pd.DataFrame({study.plan.group_heading: groups, **cells})
    frame.loc[len(frame)] = {study.plan.group_heading: "not known", **unknown}
    counts = {name: name.lower() for name in frames}
    names = TableNames(
        study.place, "who is in the data", {study.plan.group_heading: "group"}, counts
    )
    return counted_table("Who is in the data", frame, names=names, clearance=study.clearance)


def response_table(study: TrialStudy, outcome: Outcome) -> Table:
    """Staff asked before the cross-over and staff who answered, by side and ethnic group."""
    people = study.measured(outcome).people
    rows = people.assign(
        answered=people[outcome.id].notna(), side=people[SIDE].map({1.0: "with", 0.0: "waiting"})
    )
    known = rows[rows["ethnic_group"].isin(study.groups)]
    found = (
        known.groupby(["side", "ethnic_group"])["answered"]
        .agg(Asked="size", Answered="sum")
        .reset_index()
    )
    frame = found.rename(columns={"side": "Site", "ethnic_group": study.plan.group_heading})
    labels = {"Site": "arm", study.plan.group_heading: "group"}
    return counted_table(
        f"Who answered: {outcome_words(outcome)}",
        frame,
        names=TableNames(study.place, "who answered", labels, ASKED, outcome.id or ""),
        rates={"Answered in every 100": ("Answered", "Asked")},
        clearance=study.clearance,
    )


def reaction_table(study: TrialStudy, outcome: Outcome) -> Table:
    """Managers who took part where the programme was offered, and those of them who answered, by
    ethnic group."""
    offered = study.managers[(study.managers[SIDE] == 1) & (study.managers["attended"] == 1)]
    answered = offered[outcome.id].notna()
    named = offered["ethnic_group"].where(offered["ethnic_group"].isin(study.groups), "not known")
    order = [*study.groups, "not known"]
    found = answered.groupby(named).agg(Asked="size", Answered="sum").reindex(order, fill_value=0)
    frame = found.rename_axis(study.plan.group_heading).reset_index()
    return counted_table(
        "Who answered, of those who took part",
        frame,
        names=TableNames(
            study.place,
            "who took part",
            {study.plan.group_heading: "group"},
            ASKED,
            outcome.id or "",
        ),
        rates={"Answered in every 100": ("Answered", "Asked")},
        clearance=study.clearance,
    )


def losses_table(study: TrialStudy, outcome: Outcome) -> Table:
    """People assigned and people with an outcome, by arm."""
    people = study.measured(outcome).people
    found = people.groupby("arm")[outcome.id].agg(Assigned="size", Measured="count").reset_index()
    found["arm"] = found["arm"].map(lambda arm: study.plan.comparison.arms.get(arm, arm))
    frame = found.rename(columns={"arm": "Arm"})
    counts = {"Assigned": PEOPLE, "Measured": WITH}
    return counted_table(
        f"Who was measured: {outcome_words(outcome)}",
        frame,
        names=TableNames(study.place, "who was measured", {"Arm": "arm"}, counts, outcome.id or ""),
        rates={"Measured in every 100": ("Measured", "Assigned")},
        clearance=study.clearance,
    )


def before_after_table(study: TrialStudy) -> Table:
    """Own figures of the test, before and after, by arm: no comparison, and so no effect."""
    frame, arms = study.managers, study.plan.comparison.arms
    rows = []
    for arm, part in frame.dropna(subset=["test_before", "test_after"]).groupby("arm"):
        means = [
            cleared_mean(part[name].mean(), people_behind(part[name]), study.clearance).text
            for name in ("test_before", "test_after")
        ]
        rows.append(
            {
                "Arm": arms.get(arm, arm),
                "Managers tested twice": len(part),
                "Mean before": means[0],
                "Mean after": means[1],
            }
        )
    table = pd.DataFrame(
        rows, columns=["Arm", "Managers tested twice", "Mean before", "Mean after"]
    )
    counts = {"Managers tested twice": PEOPLE}
    names = TableNames(study.place, "tested twice", {"Arm": "arm"}, counts)
    title = "Own figures of the test, without a comparison"
    cleared = counted_table(title, table, names=names, clearance=study.clearance)
    shown = cleared.to_frame()
    gone = shown["Managers tested twice"] == WITHHELD
    shown.loc[gone, ["Mean before", "Mean after"]] = WITHHELD
    return Table(cleared.title, shown, cleared.cleared_by, cleared.notes)


def balance_table(study: TrialStudy, rows: Sequence[Mapping]) -> Table:
    """Recorded characteristics of managers at sites with and without the programme: how far
    apart."""
    shown = pd.DataFrame(
        {
            "Characteristic": [str(row["covariate"]).replace("_", " ") for row in rows],
            "Apart before (% of the spread)": [f"{row['difference_before']:.1f}" for row in rows],
            "Apart within blocks of the lot": [f"{row['difference_after']:.1f}" for row in rows],
        }
    )
    notes = (
        (
            "Where the lot decided, what lies apart does so by chance; the check above says whether"
            " the lot was kept."
        ),
    )
    title = "How alike are managers at the two kinds of site?"
    return worded_table(study.plan, title, shown, notes=notes, clearance=study.clearance)


def other_ways_table(study: TrialStudy, rows: Sequence[Row], *, title: str) -> Table:
    """Released rows of one outcome, each with the way it was worked out."""
    cells = [
        {
            "How worked out": method_words(study.plan, row),
            "Best estimate": "[z]" if row.note == "bounds" else value_words(row),
            "95% confidence interval": interval_words(row),
        }
        for row in rows
    ]
    return counted(
        worded_table(study.plan, title, pd.DataFrame(cells), clearance=study.clearance),
        study.clearance,
    )


def arms_table(study: TrialStudy, outcome: Outcome, rows: Sequence[Row]) -> Table:
    """Pairs of arms: the difference, its interval, p by Holm over the pairs, and whether it is too
    small to matter."""
    arms, pairs = study.plan.comparison.arms, study.pairs(outcome)
    cells = []
    for pair in pairs:
        row = next(r for r in rows if r.method == f"{pair.arm}_less_{pair.against}")
        hidden = not is_drawn(row)
        arm, against = arms.get(pair.arm, pair.arm), arms.get(pair.against, pair.against)
        cells.append(
            {
                "Arms": f"{arm}, less {against}",
                "Best estimate": value_words(row),
                "95% confidence interval": interval_words(row),
                "p (Holm)": "[z]" if hidden or pair.p_holm is None else _p_words(pair.p_holm),
                "Too small to matter?": "[z]" if hidden else _small_enough(row),
            }
        )
    notes = (
        worded(
            "Holm: adjusted for the number of pairs. Too small to matter: the 90% interval lies"
            " within the size that matters."
        ),
    )
    title = f"Arm by arm: {outcome_words(outcome)}"
    return worded_table(
        study.plan, title, pd.DataFrame(cells), notes=notes, clearance=study.clearance
    )


def _small_enough(row: Row) -> str:
    """Equivalence, from the numbers that are shown: two one-sided tests at 5% (Schuirmann 1987)."""
    from analysis.designs.trials.trial import equivalence

    found = equivalence(row.result, smallest_effect=row.sesoi)
    return {True: "yes", False: "not shown", None: "[z]"}[found.passed]


def _p_words(p: float) -> str:
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def cost_table(study: TrialStudy, rows: Sequence[Row]) -> Table:
    """What one unit of each outcome cost, the whole cost set against it, with Fieller's
    interval."""
    cells = [
        {
            "Outcome": outcome_words(study.plan.outcome(row.outcome)),
            "Arm": _arm_of(study, row.method),
            "One unit": (
                "one person fewer"
                if study.plan.outcome(row.outcome).unit == "in_every_100"
                else "one point for one person"
            ),
            "Pounds": (
                _pounds(row.value)
                if is_drawn(row)
                else "[c]"
                if row.status == "withheld"
                else "[z]"
            ),
            "95% confidence interval": (
                f"{_pounds(row.conf_low)} to {_pounds(row.conf_high)}"
                if is_drawn(row)
                else (
                    "no end: nothing may have been gained"
                    if row.reason == "unbounded"
                    else why_not(row)
                )
            ),
        }
        for row in rows
    ]
    notes = (
        "The whole cost is set against each outcome alone, so that rows must not be added up.",
        "What was spent is taken as known; the interval comes from the outcome (Fieller).",
    )
    return worded_table(
        study.plan,
        "What one unit of outcome cost",
        pd.DataFrame(cells),
        notes=notes,
        clearance=study.clearance,
    )


def _arm_of(study: TrialStudy, method: str) -> str:
    arm = method.removeprefix("fieller").removeprefix("_")
    return study.plan.comparison.arms.get(arm, arm) if arm else "all with the programme"


def _pounds(value: float) -> str:
    return f"£{significant(value):,.0f}" if value >= 10 else f"£{significant(value):,.2f}"
