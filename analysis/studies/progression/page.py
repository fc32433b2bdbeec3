"""The pages of progression schemes: those of a pilot, whose rates by ethnic group count members."""

from dataclasses import replace

from analysis.plans.plan import Plan
from analysis.said.numbers import planned
from analysis.said.texts import say
from analysis.sections.page.pilot import PAGE as PILOT


def everyone(plan: Plan) -> str:
    """Whom the rates by ethnic group count."""
    months = plan.outcome(plan.leading).horizon_months or 0
    return say(
        "Members of a scheme alone, up to month {months} from the day of joining; staff who had"
        " not joined are not in it.",
        months=planned(months),
    )


PAGE = replace(PILOT, everyone=everyone, whole=" put together")
