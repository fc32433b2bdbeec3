"""The tables of the national notebook: places side by side, every outcome, ethnic groups, checks.
From cleared records."""

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.display.amounts import row_words
from analysis.plans.kinds import kind_of
from analysis.plans.plan import Plan
from analysis.record.row import Row
from analysis.results import Table
from analysis.said.texts import worded
from analysis.sections.tables import (
    estimand_words,
    heading_of_intervals,
    interval_words,
    method_words,
    outcome_words,
    people_words,
    value_words,
    worded_table,
)
from analysis.study.public_counts import clearance_of_plan

CLASS_WORDS = {
    "benefit_matters": "better, by a size that matters",
    "benefit_size_uncertain": "better, size uncertain",
    "harm_matters": "worse, by a size that matters",
    "harm_size_uncertain": "worse, size uncertain",
    "no_meaningful_difference": "no meaningful difference",
    "detectable_but_small": "a difference, too small to matter",
    "inconclusive": "too few to tell",
    "inconclusive_harm_unlikely": "too few to tell; worse by the size that matters is unlikely",
    "inconclusive_benefit_unlikely": "too few to tell; better by the size that matters is unlikely",
    "only_before_adjustment": "only before allowing for the number of comparisons",
    "direction_undefined": "neither way is called better",
    "unreliable": "printed, too few units to rely on",
    "not_estimable": "not worked out",
    "withheld": "withheld to protect people",
    "described": "own figures only, no comparison",
    "rank_only": "a rank among the places, which may be chance",
    "placebo": "did not take part",
}


def class_in_words(plan: Plan, row: Row, otherwise: str = "") -> str:
    """The class of a row, as tables and the ladder say it; `otherwise` where it has none."""
    words = CLASS_WORDS.get(row.result_class or "", otherwise)
    blunt = row.result_class == "inconclusive" and kind_of(plan).attenuated(row)
    return "cannot tell: a blunt comparison" if blunt else words


def places_table(
    plan: Plan, names: list[str], rows: Sequence[Row], pooled: Row, *, together: str
) -> Table:
    """The leading outcome, place by place in the order of names, with the places put together
    last."""
    pairs = sorted(zip(names, rows, strict=True), key=lambda pair: pair[0])
    heading = heading_of_intervals([*rows, pooled])
    cells = [
        {
            "Place": name,
            "Best estimate": value_words(row),
            heading: interval_words(row),
            "People": people_words(row),
            "In words": class_in_words(plan, row, "not yet set beside the others"),
        }
        for name, row in [*pairs, (together, pooled)]
    ]
    return worded_table(
        plan, "Place by place", pd.DataFrame(cells), clearance=clearance_of_plan(plan)
    )


OWN_ESTIMATES = worded(
    "Each cell is the place's own estimate with its 95% confidence interval, not set beside the"
    " others: a place that stands out here may do so by chance."
)


def places_by_outcome(plan: Plan, rows_of: Mapping[str, Sequence[Row]], places: list[str]) -> Table:
    """Every outcome in every place, each cell an estimate with its interval or why there is none.

    `rows_of`: name of each outcome, with a row a place.
    """
    cells = {name: [row_words(row) for row in rows] for name, rows in rows_of.items()}
    return worded_table(
        plan,
        "Every outcome, place by place",
        pd.DataFrame({"Place": places, **cells}),
        notes=(OWN_ESTIMATES,),
        clearance=clearance_of_plan(plan),
    )


def outcomes_table(rows: Sequence[Row], plan) -> Table:
    """Every outcome with the answer in words."""
    return _tested(
        "Every outcome",
        rows,
        plan,
        first=lambda row: outcome_words(plan.outcome(row.outcome)),
        name="Outcome",
    )


GROUPS_DIFFER = (
    "Groups differ only where a difference between two of them says so, after allowing for the"
    " number of comparisons."
)


def tested_table(title: str, rows: Sequence[Row], plan) -> Table:
    """Rows by ethnic group, with the p-values before and after allowing for the number of
    comparisons."""
    return _tested(
        title,
        rows,
        plan,
        first=lambda row: (
            f"{row.group} ({estimand_words(plan, row).lower()}, {method_words(plan, row)})"
        ),
        name="Group",
        notes=(GROUPS_DIFFER,),
    )


def _tested(
    title: str, rows: Sequence[Row], plan, *, first, name: str, notes: tuple[str, ...] = ()
) -> Table:
    heading = heading_of_intervals(rows)
    cells = [
        {
            name: first(row),
            "Best estimate": value_words(row),
            heading: interval_words(row),
            "p": "[z]" if row.p_value is None else _p_words(row.p_value),
            "p, adjusted": "[z]" if row.p_adjusted is None else _p_words(row.p_adjusted),
            "In words": class_in_words(plan, row, "[z]"),
        }
        for row in rows
    ]
    return worded_table(
        plan, title, pd.DataFrame(cells), notes=notes, clearance=clearance_of_plan(plan)
    )


def _p_words(p: float) -> str:
    return "<0.001" if p < 0.001 else f"{p:.3f}"
