"""Opens a matched comparison in one place, from the tables of accredited programmes."""

from analysis.extracts.frames.reoffending import programme_people
from analysis.plans.plan import Plan
from analysis.studies.matched_comparison.study import MatchedStudy


def open_matched(
    plan: Plan, place: str, opened: dict, *, hidden: frozenset[str]
) -> tuple[MatchedStudy, str | None]:
    """The exact study, and the last day to which everyone who is compared was followed."""
    people = programme_people(opened, period_from=plan.data.from_, period_to=plan.data.to)
    last = people.loc[people["excluded"] == "", "followed_to"].min()
    followed = None if last is None or last != last else str(last.date())
    return MatchedStudy(plan, place, people, hidden=hidden), followed
