"""Who locks a plan: a role, and never a person's name or address."""

import re

from analysis.errors import ParameterError
from analysis.plans.study_plan import StudyPlan
from analysis.said.carried import read_out

MOST = 60  # characters
# Letters, spaces and what stands between words of a role; no digit and no sign of an address.
PLAIN = re.compile(r"[^\W\d_](?:[^\W\d_]|[ ,'’&()/-])*")
TITLES = re.compile(r"\b(mr|mrs|ms|miss|mx|dr|prof|professor|sir|dame)\b", re.IGNORECASE)
# Chosen: one of them stands in the name of every role that this service and its inspectors have,
# and none is a usual name of a person.
OF_ROLES = re.compile(
    r"\b(analyst|assurer|auditor|board|chair|chief|committee|commissioner|director|economist"
    r"|evaluator|executive|governor|group|head|inspector|inspectorate|lead|leader|manager|ministry"
    r"|office|officer|owner|panel|programme|reader|researcher|secretariat|secretary|service|sponsor"
    r"|statistician|steering|team|unit)s?\b",
    re.IGNORECASE,
)


def check_role(plan: StudyPlan, by: str, option: str = "--by") -> str:
    """The role as it is kept. ParameterError E291 for what is none, or reads like a person."""
    role = " ".join(by.split())
    own = (plan.people.lead, plan.people.assurer, plan.people.decides)
    known = {read_out(one.casefold()): read_out(one) for one in own}
    if role.casefold() in known:
        return known[role.casefold()]
    plain = len(role) <= MOST and PLAIN.fullmatch(role) and not TITLES.search(role)
    if plain and OF_ROLES.search(role):
        return role
    text = f"{option} takes a role, never a person's name or address."
    raise ParameterError("E291", text, remedy=f"Roles of {plan.study}: {', '.join(own)}.")
