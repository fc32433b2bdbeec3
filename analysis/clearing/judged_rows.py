"""What a row may be called: family and adjusted p-value, result class and claim, from cleared
rows."""

from collections.abc import Sequence
from typing import overload

from analysis.disclosure.rules import released_figures
from analysis.inference.multiplicity import ADJUSTMENTS, benjamini_hochberg, holm
from analysis.judgement import classes
from analysis.judgement.claims import claim
from analysis.judgement.pools.pooling import METHOD as POOLED_METHOD
from analysis.plans.kinds import kind_of
from analysis.plans.plan import Outcome, Plan
from analysis.record.row import Row
from analysis.results import significant
from analysis.study.claim_checks import Ran
from analysis.study.public_counts import clearance_of_plan

PLACEBO = "placebo"  # note, and class, of the own row of a place that did not take part


@overload
def in_figures(plan: Plan, value: float) -> float: ...
@overload
def in_figures(plan: Plan, value: float | None) -> float | None: ...
def in_figures(plan: Plan, value: float | None) -> float | None:
    """A number as it leaves: three figures (S6), or six where every source of the plan was
    published before (S0)."""
    return None if value is None else significant(value, released_figures(clearance_of_plan(plan)))


def judged_rows(plan: Plan, rows: Sequence[Row], ran: Ran, *, national: bool) -> list[Row]:
    """Rows with family, adjusted p-value, class and claim. `ran`: the checks that each claim rests
    on."""
    rows = [row.with_(family=_family(plan, row, national)) for row in rows]
    adjusted = _adjusted(plan, rows)
    return [
        judged_row(plan, row.with_(p_adjusted=p), ran)
        for row, p in zip(rows, adjusted, strict=True)
    ]


def _family(plan: Plan, row: Row, national: bool) -> str | None:
    """The family in which a row's p-value is adjusted. A place's main row waits for the other
    places."""
    if row.note in ("second_opinion", "bounds") or row.status == "described":
        return None
    if row.estimand == "relative_rate_index":
        return "page"
    if row.estimand == "gap_difference":
        return f"groups_{row.outcome}"
    if row.estimand != kind_of(plan).estimand:
        return "exploratory"
    if not national:
        return f"places_{row.outcome}"
    if plan.data.also_all and row.method == POOLED_METHOD:
        return (  # the kinds of place show heterogeneity only; the one analysis of all leads
            "exploratory"
        )
    return next((f.name for f in plan.families if row.outcome in f.outcomes), "exploratory")


def _adjusted(plan: Plan, rows: Sequence[Row]) -> list[float | None]:
    """Adjusted p-values: the plan's families as it says, Holm in groups and over places, elsewhere
    Benjamini and Hochberg."""
    said = {family.name: ADJUSTMENTS[family.method] for family in plan.families}
    found: list[float | None] = [None] * len(rows)
    for family in {row.family for row in rows} - {None}:
        places = [
            i for i, row in enumerate(rows) if row.family == family and row.status == "estimated"
        ]
        adjust = said.get(family or "") or (
            benjamini_hochberg if family in ("exploratory", "page") else holm
        )
        for i, p in zip(places, adjust([rows[i].p_value for i in places]), strict=True):
            found[i] = in_figures(plan, p)
    return found


def judged_row(plan: Plan, row: Row, ran: Ran) -> Row:
    """The row with its class and claim, as far as its kind of row has them."""
    outcome = plan.outcome(row.outcome)
    if row.status == "described" and row.note == PLACEBO:
        return row.with_(result_class=PLACEBO, claim=None)
    if row.status == "ranked":
        return row.with_(result_class="rank_only", claim=_claim(plan, row, ran))
    if row.estimand == "relative_rate_index" or not outcome.compared or row.family is None:
        says_why = row.status != "estimated" and row.note != "bounds"
        return row.with_(result_class=row.status) if says_why else row
    if row.status != "estimated":
        return row.with_(result_class=row.status, claim=None)
    claimed = row.with_(claim=_claim(plan, row, ran))
    if row.estimand == "gap_difference":
        return claimed
    return claimed.with_(result_class=_class(plan, outcome, row, ran))


def _claim(plan: Plan, row: Row, ran: Ran) -> str:
    comparison = plan.comparison
    return claim(
        comparison.ground,
        ran[row.outcome].values(),
        assumption_named=comparison.assumption is not None,
        estimand=row.estimand,
    )


def _class(plan: Plan, outcome: Outcome, row: Row, ran: Ran) -> str:
    alpha = next((f.alpha for f in plan.families if f.name == row.family), plan.families[0].alpha)
    found = classes.result_class(
        *row.estimate,
        matters=outcome.size,
        better=outcome.better,
        ratio=row.unit == "times",
        p_adjusted=row.p_adjusted,
        alpha=alpha,
        reliable=row.note != "not_reliable",
        attenuated=bool(kind_of(plan).attenuated(row)),
    )
    # A response that is not known counts as too low (method statement, section 0 rule 10).
    answered = ran[outcome.id].get(f"response_{outcome.id}") is True
    return (
        "inconclusive"
        if outcome.survey and not answered and found in classes.FROM_INTERVAL
        else found
    )
