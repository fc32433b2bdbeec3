"""The checks that the claims of a study rest on, as a table."""

from collections.abc import Iterable

import pandas as pd

from analysis.display.tables import Prose
from analysis.plans.plan import Plan
from analysis.record.record import RecordedCheck
from analysis.results import CheckResult, Table
from analysis.sections.tables import worded_table
from analysis.study.claim_checks import Ran
from analysis.study.public_counts import clearance_of_plan

RESULT_WORDS = {True: "passed", False: "not passed", None: "not run"}
# it was run, and its text says why there is no answer: never "not run" beside a result
NO_ANSWER = "could not tell"
TITLE = "Checks that the claim rests on"
NOTE = "One that was not passed, was not run or could not tell lowers the claim."


def checks_table(
    plan: Plan, ran: Ran, checks: Iterable[RecordedCheck | CheckResult]
) -> Table | Prose:
    """Exactly the checks that the design names, the leading outcome first; `checks` of the record
    say what was found."""
    said, cells = {check.id: check.text for check in checks}, []
    for outcomes, name, passed in _together(plan, ran):
        about = "every outcome" if len(outcomes) == len(plan.compared) else "; ".join(outcomes)
        named = next(
            check.words
            for o in plan.compared
            for key, check in plan.checks_of(o).items()
            if key == name
        )
        result = NO_ANSWER if passed is None and name in said else RESULT_WORDS[passed]
        row = {"About": about, "Check": named, "Result": result}
        cells.append(row | {"What it says": said.get(name, "It was not run.")})
    if not cells:
        return Prose("There is nobody to compare with, so that the claim rests on no check.")
    return worded_table(
        plan, TITLE, pd.DataFrame(cells), notes=(NOTE,), clearance=clearance_of_plan(plan)
    )


def found_table(plan: Plan, checks: Iterable[CheckResult]) -> Table:
    """Checks of the record, each with its result in words and what it says."""
    cells = [
        {
            "Check": check.id.replace("_", " "),
            "Result": NO_ANSWER if check.passed is None else RESULT_WORDS[check.passed],
            "What it says": check.text,
        }
        for check in checks
    ]
    return worded_table(
        plan, "What was checked", pd.DataFrame(cells), clearance=clearance_of_plan(plan)
    )


def _together(plan: Plan, ran: Ran) -> list[tuple[list[str], str, bool | None]]:
    """(outcomes, check, passed): a check of the whole study stands once for all outcomes of which
    it says the same."""
    found: dict[tuple, list[str]] = {}
    for outcome in sorted(plan.compared, key=lambda o: o.id != plan.leading):
        for name, passed in ran.get(outcome.id, {}).items():
            found.setdefault((name, passed), []).append(outcome.noun)
    return [(outcomes, name, passed) for (name, passed), outcomes in found.items()]
