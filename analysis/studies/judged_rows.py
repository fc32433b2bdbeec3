"""What a row may be called: family and adjusted p-value, result class, claim and harm watch, from cleared rows."""

from statistics import fmean

from analysis.disclosure.rules import released_figures
from analysis.inference.multiplicity import benjamini_hochberg, holm
from analysis.judgement import classes
from analysis.judgement.pooling import METHOD as POOLED_METHOD
from analysis.plans.plan import Outcome, Plan
from analysis.results import significant
from analysis.studies.kinds import kind_of
from analysis.vocabulary.regions import ALL

PUBLISHED_BEFORE = frozenset({"star", "published"})  # sources under rule S0
OWN_CHECKS = (
    "response",
    "pre_trend",
    "attrition",
)  # checks of one outcome that lower its claim, as in "response_recalled"


def in_figures(plan: Plan, value: float | None) -> float | None:
    """A number as it leaves: three figures (S6), or six where every source of the plan was published before (S0)."""
    public = set(plan.data.sources) <= PUBLISHED_BEFORE
    return None if value is None else significant(value, released_figures(already_public=public))


def judged_rows(plan: Plan, rows: list[dict], passed: dict[str, bool], *, national: bool) -> list[dict]:
    """Rows with family, adjusted p-value, class, claim and harm watch. `passed`: did the checks of an outcome pass."""
    rows = [row | {"family": _family(plan, row, national)} for row in rows]
    adjusted = _adjusted(plan, rows)
    return [judged_row(plan, row | {"p_adjusted": p}, passed) for row, p in zip(rows, adjusted, strict=True)]


def _family(plan: Plan, row: dict, national: bool) -> str | None:
    """The family in which a row's p-value is adjusted. A place's main row waits for the other places."""
    if row["note"] in ("second_opinion", "bounds") or row["status"] == "described":
        return None
    if row["estimand"] == "relative_rate_index":
        return "page"
    if row["estimand"] == "gap_difference":
        return f"groups_{row['outcome']}"
    if row["estimand"] != kind_of(plan).estimand:
        return "exploratory"
    if not national:
        return f"places_{row['outcome']}"
    if plan.data.also_all and row["method"] == POOLED_METHOD:
        return "exploratory"  # the kinds of place show heterogeneity only; the one analysis of all leads
    return next((f.name for f in plan.families if row["outcome"] in f.outcomes), "exploratory")


def _adjusted(plan: Plan, rows: list[dict]) -> list[float | None]:
    """Adjusted p-values: Holm in the plan's families, in groups and over places; Benjamini and Hochberg elsewhere."""
    found: list[float | None] = [None] * len(rows)
    for family in {row["family"] for row in rows} - {None}:
        places = [i for i, row in enumerate(rows) if row["family"] == family and row["status"] == "estimated"]
        adjust = benjamini_hochberg if family in ("exploratory", "page") else holm
        for i, p in zip(places, adjust([rows[i]["p_value"] for i in places]), strict=True):
            found[i] = in_figures(plan, p)
    return found


def judged_row(plan: Plan, row: dict, passed: dict[str, bool]) -> dict:
    outcome = plan.outcome(row["outcome"])
    if row["estimand"] == "relative_rate_index" or not outcome.compared or row["family"] is None:
        return row | (
            {"result_class": row["status"]} if row["status"] != "estimated" and row["note"] != "bounds" else {}
        )
    claim = classes.claim(
        how_chosen=plan.comparison.how_chosen, assumption_named=plan.comparison.assumption is not None,
        estimand="own_group_gap" if row["estimand"] == "gap_difference" else row["estimand"], checks_passed=passed.get(outcome.id, True),
    )  # fmt: skip
    if row["status"] != "estimated":
        return row | {"result_class": row["status"], "claim": None, "harm_watch": False}
    if row["estimand"] == "gap_difference":
        return row | {"claim": claim}
    return row | {"result_class": _class(plan, outcome, row, passed), "claim": claim, "harm_watch": _harm(outcome, row)}


def _class(plan: Plan, outcome: Outcome, row: dict, passed: dict[str, bool]) -> str:
    alpha = next((f.alpha for f in plan.families if f.name == row["family"]), plan.families[0].alpha)
    found = classes.result_class(
        row["value"], row["conf_low"], row["conf_high"], matters=outcome.matters, better=outcome.better,
        ratio=row["unit"] == "times", p_adjusted=row["p_adjusted"], alpha=alpha, reliable=row["note"] != "not_reliable",
    )  # fmt: skip
    capped = outcome.survey and not passed.get(f"response_{outcome.id}", True) and found in classes.FROM_INTERVAL
    return "inconclusive" if capped else found


def _harm(outcome: Outcome, row: dict) -> bool:
    return classes.harm_watch(
        row["value"], row["conf_low"], row["conf_high"], matters=outcome.matters, better=outcome.better,
        ratio=row["unit"] == "times", n=row["n_identifying"] or row["n"],
    )  # fmt: skip


def passed_checks(plan: Plan, record: dict) -> dict[str, bool]:
    """For each outcome: did the checks that its comparison rests on pass (a check that was not run does not fail)."""
    failed = {check["id"] for check in record["checks"] if check["passed"] is False}
    common = {"balance", "randomisation"} & failed
    passed = {o.id: not (common or {f"{name}_{o.id}" for name in OWN_CHECKS} & failed) for o in plan.compared}
    return passed | {f"response_{o.id}": f"response_{o.id}" not in failed for o in plan.compared if o.survey}


def passed_in_most(plan: Plan, shown: dict[str, dict], parts: list[str]) -> dict[str, bool]:
    """For the national page: the one analysis of all where there is one, else passed in more than half of the places."""
    if ALL in shown:
        return passed_checks(plan, shown[ALL])
    each = [passed_checks(plan, shown[place]) for place in parts]
    return {name: fmean(passed[name] for passed in each) > 0.5 for name in each[0]}
