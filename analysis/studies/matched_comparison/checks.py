"""The checks of a matched comparison: balance, overlap, who was lost, and whether enough are
matched."""

from typing import TYPE_CHECKING

from analysis.designs.cohorts.overlap import Overlap, overlap
from analysis.disclosure.people_said import cleared_share, decided
from analysis.results import CheckResult
from analysis.said.numbers import planned
from analysis.said.texts import say
from analysis.studies.matched_comparison.groups import interaction_check
from analysis.studies.matched_comparison.kind import LOST, OVERLAP

if TYPE_CHECKING:
    from analysis.studies.matched_comparison.study import MatchedStudy

# Chosen: where more than one in ten of those who started is left out, the answer is about others
# than those whom the programme is for.
INSIDE_PERCENT, LOST_PERCENT = 90.0, 10.0
FEW_MATCHED = 60  # Justice Data Lab: fewer matched people are warned of (under 30: refused)


def checks_of(study: "MatchedStudy") -> tuple[CheckResult, ...]:
    """Those that the claim rests on, then those that only tell something."""
    matched = study.matched(study.plan.outcome(study.plan.leading))
    found = overlap(matched)
    balance = matched.balance.checks if found and found.matched else (_no_balance(),)
    told = (interaction_check(study, o) for o in study.plan.compared if o.kind == "share")
    return (*balance, _inside(study, found), _lost(study, found), _enough(found), *told)


def _no_balance() -> CheckResult:
    text = "Nobody could be matched, so that there is no balance to look at."
    return CheckResult("balance", None, text, threshold=0.0, bears_on="claim")


def _inside(study: "MatchedStudy", found: Overlap | None) -> CheckResult:
    """Of those who started, how many had a chance of it that others had too."""
    if found is None or found.treated == 0:
        text = "Whether the two sides overlap could not be asked."
        return CheckResult(OVERLAP, None, text, threshold=INSIDE_PERCENT, bears_on="claim")
    asked, needed = study.asked("check: overlap", by="those who started"), planned(INSIDE_PERCENT)
    share = cleared_share(found.inside, found.treated, asked, count="within the range")
    exact = 100 * found.inside / found.treated
    passed: bool | None = exact >= INSIDE_PERCENT
    if share.is_withheld:
        passed = decided(found.inside, found.treated, lambda p: p >= INSIDE_PERCENT)
        text = say(
            "{few} {needed}% of those who started had a chance of starting that some who did not"
            " start had too.",
            few=_so_many(passed),
            needed=needed,
        )
    else:
        text = say(
            "{share}% of those who started had a chance of starting that some who did not start had"
            " too; {needed}% are needed.",
            share=share,
            needed=needed,
        )
    return CheckResult(OVERLAP, passed, text, exact, INSIDE_PERCENT, bears_on="claim", shown=share)


def _so_many(passed: bool | None) -> str:
    if passed is None:
        return "It cannot be told whether"
    return "At least" if passed else "Fewer than"


def _lost(study: "MatchedStudy", found: Overlap | None) -> CheckResult:
    """Of those who started, how many had nobody like them."""
    if found is None or found.treated == 0:
        text = "How many were left without anyone like them could not be asked."
        return CheckResult(LOST, None, text, threshold=LOST_PERCENT, bears_on="claim")
    asked, most = study.asked("check: not matched", by="those who started"), planned(LOST_PERCENT)
    share = cleared_share(found.lost, found.treated, asked, count="not matched")
    exact = 100 * found.lost / found.treated
    passed: bool | None = exact <= LOST_PERCENT
    if share.is_withheld:
        passed = decided(found.lost, found.treated, lambda p: p <= LOST_PERCENT)
        few = {None: "It cannot be told whether at most", True: "At most", False: "More than"}
        text = say(
            "{few} {most}% of those who started had nobody like them to be compared with.",
            few=few[passed],
            most=most,
        )
    else:
        text = say(
            "{share}% of those who started had nobody like them to be compared with; at most"
            " {most}% are allowed for.",
            share=share,
            most=most,
        )
    return CheckResult(LOST, passed, text, exact, LOST_PERCENT, bears_on="claim", shown=share)


def _enough(found: Overlap | None) -> CheckResult:
    """A warning under 60 matched people; under 30 nothing is worked out (designs)."""
    enough = found is not None and found.matched >= FEW_MATCHED
    text = say(
        "{few} {number} people are matched{so}.",
        few="At least" if enough else "Fewer than",
        number=planned(FEW_MATCHED),
        so="" if enough else ": read the answer with caution",
    )
    shown = planned(FEW_MATCHED)
    return CheckResult(
        "enough_matched", enough, text, None, float(FEW_MATCHED), bears_on="nothing", shown=shown
    )
