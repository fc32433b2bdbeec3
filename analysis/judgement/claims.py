"""How strongly a page may speak of a cause: from the design, how sides were chosen, and checks that
ran and passed.

Page rules, section 2. Never from a p-value, and never from what a plan calls itself: an assumption
in words is needed for `likely` and is not enough for it.
"""

from collections.abc import Iterable

from analysis.plans.designs import CLAIMS, Ground

# A gap holds any general difference between the two groups or kinds of practitioner.
NEVER_MORE_THAN_LINKED = ("own_group_gap", "gap_difference")


def claim(
    ground: Ground, checks: Iterable[bool | None], *, assumption_named: bool, estimand: str
) -> str:
    """The claim of one row. `checks`: each check that the design names for the outcome: passed, not
    passed, not run.

    One that was not passed, or not run, lowers the claim one step. An assumption in words can stand
    in for one of them, beside another that ran and passed: a lot of which two checks are missing,
    or the only one, is no more than `linked`.
    """
    found, passed = ground.strongest, [check is True for check in checks]
    if found == "likely" and not assumption_named:
        found = "linked"
    if estimand.startswith(NEVER_MORE_THAN_LINKED):
        found = min(found, "linked", key=CLAIMS.index)
    if all(passed):
        return found
    return _one_step_down(found, assumption_named and passed.count(False) == 1 and any(passed))


def _one_step_down(found: str, likely_is_left: bool) -> str:
    lowered = CLAIMS[max(0, CLAIMS.index(found) - 1)]
    return "linked" if lowered == "likely" and not likely_is_left else lowered
