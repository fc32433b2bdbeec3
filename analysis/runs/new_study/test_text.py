"""The test of a new study: its plan agrees with its data, and what is planted in the synthetic
nation lies in its interval."""

from analysis.plans.kinds import MONITORS, kind_of
from analysis.plans.registry import AnyPlan
from analysis.results import EVERYONE
from analysis.runs.new_study.examples import Truth

# Of a monitor those that allow for most lead: what is planted holds among people alike.
ALIKE = ("adjusted_both", "adjusted_outside")


def test_text(plan: AnyPlan, truth: Truth) -> str:
    """The test as Python."""
    kind = kind_of(plan)
    is_monitor = kind.folder == MONITORS
    group = (plan.leading_row or {}).get("group", EVERYONE) if is_monitor else EVERYONE
    methods = ALIKE if is_monitor else (kind.method,)
    return f'''"""{plan.study} on the synthetic nation: what is planted lies in its interval.

It holds while the plan asks what its example asks: change it with the plan.
"""

from analysis.plans.registry import load_plan, parse_source
from analysis.study.offers import check_agrees
from analysis.study.opening import open_exact

STUDY, PLACE = "{plan.study}", "{truth.place}"
OUTCOME, GROUP, ESTIMAND = "{truth.outcome}", "{group}", "{kind.estimand}"
METHODS = [{", ".join(f'"{method}"' for method in methods)}]  # the first that there is answers
# params/synthetic.yml: {truth.where}
PLANTED = {truth.value():.6g}  # {truth.unit}


def test_the_plan_agrees_with_its_data():
    check_agrees(load_plan(STUDY))


def test_what_is_planted_lies_in_the_interval():
    study, *_ = open_exact(load_plan(STUDY), PLACE, parse_source("synthetic"))
    wanted = (OUTCOME, GROUP, ESTIMAND)
    rows = [row for row in study.rows if (row.outcome, row.group, row.estimand) == wanted]
    row = next(row for method in METHODS for row in rows if row.method == method)
    assert row.conf_low <= PLANTED <= row.conf_high
'''
