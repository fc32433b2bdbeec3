"""The test of a new study: its plan agrees with its data, and what is planted for it lies in its
interval, or beside it within as much again."""

from analysis.plans.kinds import MONITORS, kind_of, lead_method
from analysis.plans.registry import AnyPlan
from analysis.results import EVERYONE
from analysis.runs.new_study.examples import Truth

TIMES = "times"  # the unit of a ratio, whose interval is even about it on the log scale
RATIO = ("row.conf_low**2 / row.value", "row.conf_high**2 / row.value")
# Of a rank, which has no interval: twice as far as a place without the initiative moves.
RANKED = ("row.value - 2 * moved", "row.value + 2 * moved")
DIFFERENCE = ("2 * row.conf_low - row.value", "2 * row.conf_high - row.value")
# Of a monitor those that allow for most lead: what is planted holds among people alike.
ALIKE = ("adjusted_both", "adjusted_outside")


def test_text(plan: AnyPlan, truth: Truth) -> str:
    """The test as Python."""
    kind = kind_of(plan)
    is_monitor = kind.folder == MONITORS
    group = (plan.leading_row or {}).get("group", EVERYONE) if is_monitor else EVERYONE
    methods = ALIKE if is_monitor else (lead_method(plan),)
    ranked = kind.placebos and lead_method(plan) == kind.method
    low, high = RANKED if ranked else RATIO if truth.unit == TIMES else DIFFERENCE
    moved = _moved(kind.placebos) if ranked else ""
    return f'''"""{plan.study} on synthetic data of its own: what is planted lies in its interval.

It holds while the plan asks what its example asks: change it with the plan. What is planted may be
changed as it is (params/planted/{plan.study}.yml).
"""

from analysis.plans.registry import load_plan, parse_source
from analysis.runs.new_study.examples import truth_of
from analysis.study.offers import check_agrees
from analysis.study.opening import open_exact
from analysis.synthetic.planted import planted_for

STUDY, PLACE = "{plan.study}", "{truth.place}"
OUTCOME, GROUP, ESTIMAND = "{truth.outcome}", "{group}", "{kind.estimand}"
METHODS = [{", ".join(f'"{method}"' for method in methods)}]  # the first that there is answers
# {truth.where}, {truth.unit}
PLANTED = truth_of("{truth.study}").value(planted_for(STUDY))


def test_the_plan_agrees_with_its_data():
    check_agrees(load_plan(STUDY))


def test_what_is_planted_lies_in_the_interval():
    study, *_ = open_exact(load_plan(STUDY), PLACE, parse_source("synthetic"))
    wanted = (OUTCOME, GROUP, ESTIMAND)
    rows = [row for row in study.rows if (row.outcome, row.group, row.estimand) == wanted]
    row = next(row for method in METHODS for row in rows if row.method == method)
{moved}    # Twice as wide as the interval, which misses what is planted for one seed in 20.
    low, high = {low}, {high}
    assert low <= PLANTED <= high
'''


def _moved(estimand: str) -> str:
    """How far places without the initiative moved, as Python."""
    return f'''    arms = study.plan.comparison.arms
    placebos = [row for row in study.rows if row.estimand == "{estimand}"]
    own = [row.value for row in placebos if row.outcome == OUTCOME and row.method not in arms]
    moved = max(map(abs, own))
'''
