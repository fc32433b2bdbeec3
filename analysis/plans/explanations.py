"""The register "explain or reform": which explanation was asked of which role, what came, and
whether it was accepted.

One file a monitor, or a pilot that asks somebody, params/explanations/<study>.yml: a list of
entries. People keep it; the workbook
only reads it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from analysis.errors import PlanError
from analysis.paths import PARAMS
from analysis.plans.monitor import Monitor
from analysis.plans.plan import Plan
from analysis.plans.registry import MONITORS, load_plan, plan_files
from analysis.plans.study_plan import IsoDate, Key, Strict, StudyPlan, Words
from analysis.vocabulary.ethnicity import groups_of
from analysis.vocabulary.regions import ALL, place_set
from analysis.vocabulary.yaml_file import YamlFile, load_yaml

FOLDER = PARAMS / "explanations"
REMEDY = "See docs/monitors.md."
NOT_ASKED, ASKED, RECEIVED, ACCEPTED, NOT_ACCEPTED = (
    "not_asked",
    "asked",
    "received",
    "accepted",
    "not_accepted",
)
STATES = (NOT_ASKED, ASKED, RECEIVED, ACCEPTED, NOT_ACCEPTED)


class Explanation(Strict):
    """One explanation that was asked for: of one measure, one ethnic group, in one place."""

    place: Key
    measure: Key
    group: str
    asked_on: IsoDate
    asked_of: Words  # a role, never a name
    due: IsoDate
    received_on: IsoDate | None = None
    text: Annotated[str, Field(min_length=3, max_length=2000)] | None = None
    evidence: Words | None = None
    decision: Literal["accepted", "not_accepted"] | None = None
    decided_by: Words | None = None  # a role
    decided_on: IsoDate | None = None
    accepted_until: IsoDate | None = (
        None  # until when an accepted one stands: then a new one is to be asked for
    )
    reform_by: IsoDate | None = None

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.due < self.asked_on:
            raise ValueError("`due` is before `asked_on`")
        if self.received_on and not self.text:
            raise ValueError("`text` is missing: write what was received")
        if self.decision and not (self.received_on and self.decided_by and self.decided_on):
            raise ValueError("`decision` needs `received_on`, `decided_by` and `decided_on`")
        if (self.decision == "accepted") != (self.accepted_until is not None):
            raise ValueError(
                "`decision: accepted` and `accepted_until` belong together: write until when it"
                " stands"
            )
        if self.accepted_until and self.decided_on and self.accepted_until < self.decided_on:
            raise ValueError("`accepted_until` is before `decided_on`")
        if self.reform_by and self.decision != "not_accepted":
            raise ValueError("`reform_by` belongs to `decision: not_accepted`")
        return self


class _Register(Strict):
    entries: Annotated[tuple[Explanation, ...], Field(strict=False)] = ()


@cache
def load_register(study: str) -> tuple[Explanation, ...]:
    """Entries of a study, oldest first; none where there is no file.

    PlanError E208 with the line of the first fault; E209 for a file named after no monitor, for one
    of a monitor that asks nobody, and for a place, measure or group that the plan does not compare:
    such an entry would be passed over in silence.
    """
    _check_file_names()
    path = FOLDER / f"{study}.yml"
    if not path.exists():
        return ()
    file = load_yaml(path)
    try:
        found = _Register.model_validate(file.content)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where, line = " › ".join(map(str, fault["loc"])), file.line(tuple(fault["loc"]))
        text = fault["msg"].removeprefix("Value error, ")
        raise PlanError(
            "E208", f"{path.name}, line {line}: {where}: {text}.", remedy=REMEDY
        ) from None
    _check_entries(file, found.entries, load_plan(study))
    return tuple(sorted(found.entries, key=lambda entry: entry.asked_on))


def _check_file_names() -> None:
    """Every file of the folder is the register of a monitor, or of a pilot that asks somebody."""
    valid = [path.name for study, path in plan_files().items() if path.parent.name == MONITORS]
    valid += [path.name for study, path in plan_files().items() if _pilot_asks(study, path)]
    named = sorted(path.name for path in FOLDER.glob("*") if not path.name.startswith("."))
    for name in named:
        if name not in valid:
            text = (
                f"params/explanations/{name} is the register of no monitor; valid:"
                f" {', '.join(valid)}."
            )
            raise PlanError("E209", text, remedy=REMEDY)


def _pilot_asks(study: str, path: Path) -> bool:
    """A pilot for which a register stands here, and whose plan says who is asked."""
    if path.parent.name == MONITORS or not (FOLDER / path.name).exists():
        return False
    plan = load_plan(study)
    return isinstance(plan, Plan) and plan.explain_or_reform is not None


def _check_entries(file: YamlFile, entries: tuple[Explanation, ...], plan: StudyPlan) -> None:
    """Every entry is of a place, a measure and a group that the plan compares, and the plan asks
    somebody."""
    if not isinstance(plan, Monitor | Plan) or plan.explain_or_reform is None:
        text = f"{file.path.name}: the plan asks nobody for an explanation."
        raise PlanError(
            "E209", text, remedy="Write `explain_or_reform` in the plan, or take this file away."
        )
    valid = {
        "place": (*place_set(plan.data.places).ids, ALL),
        "measure": _measures(plan),
        "group": _groups(plan),
    }
    for number, entry in enumerate(entries):
        for field, names in valid.items():
            if (given := getattr(entry, field)) not in names:
                line = file.line(("entries", number, field))
                text = (
                    f"{file.path.name}, line {line}: {field}: `{given}` is not known; valid:"
                    f" {', '.join(names)}."
                )
                raise PlanError("E209", text, remedy=REMEDY)
        days = plan.explain_or_reform.explanation_due_days
        if date.fromisoformat(entry.due) > date.fromisoformat(entry.asked_on) + timedelta(
            days=days
        ):
            line = file.line(("entries", number, "due"))
            text = (
                f"{file.path.name}, line {line}: due: the plan gives {days} days from `asked_on`."
            )
            raise PlanError("E209", text, remedy=REMEDY)


def _measures(plan: Monitor | Plan) -> tuple[str, ...]:
    """What an entry can be of: a measure, or an outcome that is compared."""
    own = plan.measures if isinstance(plan, Monitor) else plan.compared
    return tuple(one.id for one in own)


def _groups(plan: Monitor | Plan) -> tuple[str, ...]:
    if isinstance(plan, Monitor):
        return plan.compared_groups
    return tuple(g for g in groups_of(plan.groups.coding) if g != plan.groups.reference)


def entry_for(
    register: tuple[Explanation, ...], *, place: str, measure: str, group: str
) -> Explanation | None:
    """The newest entry of one measure and group in one place."""
    own = [e for e in register if (e.place, e.measure, e.group) == (place, measure, group)]
    return own[-1] if own else None


@dataclass(frozen=True)
class Standing:
    """Where an explanation stands on one day: one of the five states, its entry, and whether reform
    is due.

    asked: the disparity was seen often enough for one to be asked for. ended: an acceptance has
    ended, so that the state is "not_asked" and the entry the one that ended.
    """

    state: str
    entry: Explanation | None
    asked: bool
    reform: bool = False
    ended: bool = False


def standing(
    entry: Explanation | None, *, running: int, reform_after: int, asked: bool, shown_on: str
) -> Standing:
    """Where an explanation stands on the day of the figures. `running`: rounds in a row with a
    disparity.

    Without an entry nobody has been asked by name and date: nothing is due. An entry says that
    somebody was asked, whatever
    `asked` is. Reform is due after `reform_after` rounds, this one included, where an explanation
    was asked for, its day passed before `shown_on`, and none came or it was not accepted; never
    while one waits for a decision.
    """
    if entry is None:
        return Standing(NOT_ASKED, None, asked)
    if entry.decision == "accepted":
        if (entry.accepted_until or "") < shown_on:
            return Standing(NOT_ASKED, entry, asked, ended=True)
        return Standing(ACCEPTED, entry, True)
    if entry.decision is None and entry.received_on is not None:
        return Standing(RECEIVED, entry, True)
    reform = running >= reform_after and entry.due < shown_on
    return Standing(ASKED if entry.decision is None else NOT_ACCEPTED, entry, True, reform)
