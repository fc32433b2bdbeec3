"""Opens a matching study in one place: from the tables of supervision, or from the public
experiment STAR."""

from analysis.disclosure.attack.protection import NOTHING
from analysis.extracts.frames.dyads import people_and_practitioners, star_dyads
from analysis.plans.plan import Plan
from analysis.plans.registry import Source
from analysis.studies.matching.study import MatchingStudy
from analysis.study.data_version import data_hash
from analysis.study.opening import DATES, from_tables
from analysis.vocabulary.regions import ALL

STAR = "star"


def open_matching(plan: Plan, place: str, source: Source) -> tuple:
    """The exact study of one place, the dates of its record, and the hash of the data."""
    if source.name != STAR:
        return from_tables(plan, place, source)
    dyads = star_dyads(None if place == ALL else place)
    return (
        MatchingStudy(plan, place, dyads, True, hidden=NOTHING),
        dict.fromkeys(DATES),
        data_hash(source, plan.study),
    )


def matching_of_tables(
    plan: Plan, place: str, opened: dict, *, hidden: frozenset[str]
) -> tuple[MatchingStudy, str | None]:
    """The exact study, and the last day to which everyone was followed."""
    dyads = people_and_practitioners(opened)
    months = plan.outcome(plan.leading).follow_up_months
    followed = dyads.followed_until(plan.data.to, months, period_from=plan.data.from_)
    return MatchingStudy(plan, place, dyads, False, hidden=hidden), followed
