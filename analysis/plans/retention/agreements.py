"""Agreements on data: params/agreements.yml. Each says until when what came under it may be kept.

Nothing has a default: what no agreement covers has no date, is named wherever data are listed, and
is never deleted by the workbook. Not in plans: a date would change the hash of a plan.
"""

import re
from collections.abc import Set
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Any

from pydantic import Field, ValidationError

from analysis.errors import PlanError
from analysis.paths import AGREEMENTS
from analysis.plans.registry import list_plans
from analysis.plans.study_plan import IsoDate, Key, Strict, Words
from analysis.vocabulary.regions import did_you_mean
from analysis.vocabulary.round_ids import base_round
from analysis.vocabulary.yaml_file import YamlFile, load_yaml

FILE = AGREEMENTS
REMEDY = "See docs/rounds.md, section Retention."
EXTRACTS, DATABASE = "extracts", "database"
KINDS = (EXTRACTS, DATABASE)  # sources that hold rows of people; synthetic ones need no agreement
DATA = re.compile(rf"{EXTRACTS}|{DATABASE}(:[A-Za-z_]\w*)?")

Round = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]


@dataclass(frozen=True)
class Holding:
    """Whose data something holds. data: `extracts`, or `database:VARIABLE`. round_id: empty where
    it belongs to no round (what was read of an extract). studies: those that read it."""

    data: str
    round_id: str = ""
    studies: Set[str] = frozenset()


class Agreement(Strict):
    """One agreement. What several cover is kept until the earliest of their dates."""

    name: Words
    data: str  # `extracts`, `database`, or `database:VARIABLE`
    study: Key | None = None  # where it covers what one study reads, and nothing else
    rounds: Annotated[tuple[Round, ...], Field(strict=False)] = ()  # with their reruns; none: all
    delete_by: IsoDate  # the last day on which the data may be there
    owner: Words  # the role that answers for the deletion, never a name
    source: Words  # who says so: the agreement itself, or "illustrative"

    @property
    def last_day(self) -> date:
        return date.fromisoformat(self.delete_by)

    def covers(self, held: Holding) -> bool:
        """Whether what is held came under this agreement."""
        same = self.data == held.data or held.data.startswith(f"{self.data}:")
        of_round = not self.rounds or base_round(held.round_id) in map(base_round, self.rounds)
        return same and of_round and (self.study is None or self.study in held.studies)

    def is_due(self, today: date) -> bool:
        """The day has come: what is there is to be deleted."""
        return today >= self.last_day

    def is_overdue(self, today: date) -> bool:
        """The day has passed."""
        return today > self.last_day


class _File(Strict):
    agreements: Annotated[tuple[Agreement, ...], Field(strict=False)] = ()


def agreement_of(held: Holding) -> Agreement | None:
    """The agreement whose date holds; None where none covers it. PlanError E208, E209."""
    found = [one for one in load_agreements() if one.covers(held)]
    return min(found, key=lambda one: one.last_day, default=None)


@cache
def load_agreements() -> tuple[Agreement, ...]:
    """Every agreement; none where there is no file. PlanError E208 with the line of the first
    fault; E209 for a source or study that is none, and for a name that stands twice."""
    if not FILE.exists():  # a body with plans of its own, and no data yet
        return ()
    file = load_yaml(FILE)
    try:
        found = _File.model_validate(file.content)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        text = fault["msg"].removeprefix("Value error, ")
        raise _fault("E208", file, tuple(fault["loc"]), text) from None
    _check(file, found)
    return found.agreements


def _check(file: YamlFile, found: _File) -> None:
    plans, seen = {plan.study: plan for plan in list_plans()}, set()
    for at, one in enumerate(found.agreements):
        where = ("agreements", at)
        if one.name in seen:
            raise _fault("E209", file, (*where, "name"), "it stands twice")
        seen.add(one.name)
        if not DATA.fullmatch(one.data):
            valid = f"write one of: {', '.join(KINDS)}, {DATABASE}:VARIABLE"
            raise _fault("E209", file, (*where, "data"), f"there are no such data; {valid}")
        if one.study and one.study not in plans:
            text = f"there is no such study. {did_you_mean(one.study, plans)}"
            raise _fault("E209", file, (*where, "study"), text)
        if one.study and one.data.split(":")[0] not in plans[one.study].data.sources:
            text = f"{one.study} does not list the source {one.data.split(':')[0]}"
            raise _fault("E209", file, (*where, "study"), text)


def _fault(code: str, file: YamlFile, at: tuple[Any, ...], text: str) -> PlanError:
    where = " › ".join(map(str, at))
    line = file.line(at)
    return PlanError(
        code, f"{file.path.name}, line {line}: {where}: {text.rstrip('.')}.", remedy=REMEDY
    )
