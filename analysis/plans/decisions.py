"""Rules for decisions, written before outcomes are seen: params/decisions.yml.

A rule says at which looks a pilot is judged, how alpha is spent over them, and to which decision
each thing that a look can find points. People decide; where they decide otherwise, an override says
which role did so and why.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from analysis.errors import PlanError
from analysis.paths import DECISION_RULES
from analysis.plans.kinds import kind_of
from analysis.plans.plan import Plan
from analysis.plans.registry import list_plans
from analysis.plans.study_plan import IsoDate, Key, Strict, Words
from analysis.vocabulary.regions import did_you_mean
from analysis.vocabulary.yaml_file import YamlFile, load_yaml

FILE = DECISION_RULES
REMEDY = "See docs/decisions_by_rule.md."

Decision = Literal["scale", "adapt", "stop", "keep_going"]


class Points(Strict):
    """To which decision each finding of a look points: what is open goes on, harm is never
    scaled."""

    better: Literal["scale", "adapt"]  # stands out on the better side, and may be put down to it
    worse: Literal["adapt", "stop"]  # stands out on the worse side
    too_small: Literal["adapt", "stop"]  # any difference is smaller than the size that matters
    futile: Literal["adapt", "stop"]  # going on would hardly show the size that matters
    open_at_the_end: Literal["adapt", "stop", "keep_going"]  # the last look, and still open


class Looked(Strict):
    """A look that was taken before the study had signed rounds, entered by hand. day: the planned
    one; fraction: share of the planned information that was there; taken_on: day of the data that
    were seen, where that is not the day itself."""

    day: IsoDate
    fraction: Annotated[float, Field(gt=0, le=1, strict=False)]
    taken_on: IsoDate | None = None

    @property
    def seen_on(self) -> str:
        """Day of the data that were seen, as far as it was said."""
        return self.taken_on or self.day


class DecisionRule(Strict):
    """The rule of one pilot. planned_error: standard error that the protocol planned for the last
    look, in the unit of the leading outcome (a rate: of its logarithm)."""

    study: Key
    written_on: IsoDate
    looks: Annotated[tuple[IsoDate, ...], Field(strict=False, min_length=1)]  # days of looks
    looked: Annotated[tuple[Looked, ...], Field(strict=False)] = ()  # before any signed round
    spending: Literal["obrien_fleming", "pocock"]
    alpha: Annotated[float, Field(gt=0, le=0.1, strict=False)]
    planned_error: Annotated[float, Field(gt=0, strict=False)]
    source: Words  # of the planned error
    futile_below: Annotated[float, Field(gt=0, lt=0.5, strict=False)]  # conditional power
    points_to: Points

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if list(self.looks) != sorted(set(self.looks)):
            raise ValueError("`looks` are days that rise")
        if self.written_on >= self.looks[0]:
            raise ValueError("`written_on` is not before the first look: a rule is written before")
        taken = [look.day for look in self.looked]
        if taken != list(self.looks[: len(taken)]):
            raise ValueError("`looked` holds the first days of `looks`, in their order")
        shares = [look.fraction for look in self.looked]
        if shares != sorted(set(shares)):
            raise ValueError("`fraction` rises from look to look")
        if any(look.seen_on < look.day for look in self.looked):
            raise ValueError("`taken_on` is not before the day of its look")
        return self


class Override(Strict):
    """A decision that is not the one to which the rule pointed. by: a role, never a name."""

    study: Key
    day: IsoDate
    decision: Decision
    by: Words
    reason: Annotated[str, Field(min_length=20, max_length=600)]


class _File(Strict):
    rules: Annotated[tuple[DecisionRule, ...], Field(strict=False)] = ()
    overrides: Annotated[tuple[Override, ...], Field(strict=False)] = ()


@cache
def load_decisions() -> tuple[Mapping[str, DecisionRule], tuple[Override, ...]]:
    """Rules by study, and every override; none where there is no file.

    PlanError E208 with the line of the first fault; E209 for a study that is no pilot with a
    comparison, and for two rules of one study.
    """
    file, found = _read(FILE)
    _check_studies(file, found)
    return {rule.study: rule for rule in found.rules}, found.overrides


def rule_of(study: str) -> DecisionRule | None:
    """The rule of one study, without a look at the plans of all others. PlanError E208."""
    _, found = _read(FILE)
    return next((rule for rule in found.rules if rule.study == study), None)


def where_looked(study: str, number: int, key: str) -> str:
    """Where a look that was entered by hand stands: file, line and key. number: from 1."""
    file, found = _read(FILE)
    at = next(i for i, rule in enumerate(found.rules) if rule.study == study)
    path = ("rules", at, "looked", number - 1, key)
    return f"{FILE.name}, line {file.line(path)}: {' › '.join(map(str, path))}"


@cache
def _read(path: Path) -> tuple[YamlFile, _File]:
    """The file, and what it holds; a body with plans of its own may leave it out. PlanError
    E208."""
    if not path.exists():
        return YamlFile(path, {}, {}), _File()
    file = load_yaml(path)
    try:
        return file, _File.model_validate(file.content)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where, line = " › ".join(map(str, fault["loc"])), file.line(tuple(fault["loc"]))
        text = fault["msg"].removeprefix("Value error, ")
        raise PlanError(
            "E208", f"{path.name}, line {line}: {where}: {text}.", remedy=REMEDY
        ) from None


def _check_studies(file: YamlFile, found: _File) -> None:
    """Every entry is of a pilot with a comparison, and no pilot has two rules."""
    valid = [
        plan.study for plan in list_plans() if isinstance(plan, Plan) and kind_of(plan).compares
    ]
    rules, overrides = [r.study for r in found.rules], [o.study for o in found.overrides]
    for key, studies in (("rules", rules), ("overrides", overrides)):
        for i, study in enumerate(studies):
            place = f"{FILE.name}, line {file.line((key, i, 'study'))}: {key} › {i} › study"
            if study not in valid:
                text = f"{place}: there is no such pilot with a comparison."
                raise PlanError("E209", text, remedy=did_you_mean(study, valid))
            if key == "rules" and study in studies[:i]:
                raise PlanError("E209", f"{place}: it has two rules.", remedy=REMEDY)
