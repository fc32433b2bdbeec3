"""What protocols assume before outcomes are seen: params/planned.yml. Nothing has a default; each
value says where it comes from."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, cast

from pydantic import Field, ValidationError

from analysis.errors import ParameterError, PlanError
from analysis.paths import PLANNED
from analysis.plans.designs import Planned
from analysis.plans.kinds import designs, kind_of
from analysis.plans.plan import Plan
from analysis.plans.registry import AnyPlan, list_plans
from analysis.plans.study_plan import IsoDate, Key, Strict, Words
from analysis.vocabulary.regions import did_you_mean
from analysis.vocabulary.yaml_file import YamlFile, load_yaml

FILE = PLANNED
REMEDY = "See docs/protocol.md."


class _Assumed(Strict):
    """One assumption: a value, and who says so."""

    source: Words  # where the value comes from: a study, a survey, "illustrative"


class Percent(_Assumed):
    value: Annotated[float, Field(gt=0, lt=100, strict=False)]


class Correlation(_Assumed):
    value: Annotated[float, Field(ge=0, lt=1, strict=False)]


class Size(_Assumed):
    value: Annotated[float, Field(gt=0, allow_inf_nan=False, strict=False)]


class AtLeastNothing(_Assumed):
    value: Annotated[float, Field(ge=0, allow_inf_nan=False, strict=False)]


class AtLeastOne(_Assumed):
    value: Annotated[float, Field(ge=1, le=100, strict=False)]


class Number(_Assumed):
    value: Annotated[int, Field(ge=1, le=400)]


Assumed = Percent | Correlation | Size | AtLeastNothing | AtLeastOne | Number


class PlannedOutcome(Strict):
    """What is assumed of one outcome. Which of these a design needs: docs/protocol.md."""

    base: Percent | None = None  # in every 100, with the event and without the programme
    spread: Size | None = None  # of a scale: standard deviation of people, in points
    intraclass_correlation: Correlation | None = None  # of people of one cluster
    before_correlation: Correlation | None = None  # of the measure before with that after
    unit_correlation: Correlation | None = None  # of a unit's level before with that after
    size_variation: Size | None = None  # standard deviation of cluster sizes over their mean
    worth_percent: Percent | None = None  # of 100 compared with, once weighted to be alike (Kish)
    lost_percent: Percent | None = None  # of people who are asked, not there at the end
    uptake_percent: Percent | None = None  # of people who are offered it, take part
    between_places: AtLeastNothing | None = (
        None  # standard deviation of the effect, unit of the page
    )
    over_dispersion: AtLeastOne | None = None  # variance of periods over that of chance alone
    autocorrelation: Correlation | None = None  # of one period with the next
    steps: Number | None = None  # dates on which units start
    periods: Number | None = None  # times at which everybody is measured

    @property
    def given(self) -> Mapping[str, Assumed]:
        """What is assumed, by name."""
        return {name: value for name, value in self if value is not None}


class PlannedStudy(Strict):
    """What the protocol of one pilot assumes, written before outcomes were seen."""

    study: Key
    written_on: IsoDate
    outcomes: dict[Key, PlannedOutcome]


class _File(Strict):
    studies: Annotated[tuple[PlannedStudy, ...], Field(strict=False)] = ()


def planned_of(plan: Plan) -> Planned:
    """How the power of the plan's design is worked out; "": nobody has written how."""
    return designs()[plan.comparison.design].planned


def is_pooled(plan: Plan) -> bool:
    """Answers of places are put together, and no analysis of all of them at once leads."""
    return bool(kind_of(plan).pooled) and not plan.data.also_all


def with_protocol() -> tuple[Plan, ...]:
    """Every pilot with a comparison, in the order of the plans."""
    return tuple(cast(Plan, plan) for plan in list_plans() if plan.has_protocol)


def check_has_protocol(plan: AnyPlan) -> Plan:
    """The plan, if it is a pilot with a comparison. ParameterError E286 names those that are."""
    if plan.has_protocol:
        return cast(Plan, plan)
    valid = ", ".join(one.study for one in with_protocol())
    raise ParameterError(
        "E286",
        f"{plan.study} compares nobody with anybody, so that it has no protocol.",
        remedy=f"Valid: {valid}.",
    )


@cache
def load_planned() -> Mapping[str, PlannedStudy]:
    """Assumptions by study. PlanError E208 with the line of the first fault; E209 for a study that
    is no pilot with a comparison, that stands twice, and for an outcome that it does not compare.
    """
    if not FILE.exists():  # a body with plans of its own, and no protocols yet
        return {}
    file = load_yaml(FILE)
    try:
        found = _File.model_validate(file.content)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        text = fault["msg"].removeprefix("Value error, ")
        raise _fault("E208", file, tuple(fault["loc"]), text) from None
    _check(file, found)
    return {one.study: one for one in found.studies}


def _check(file: YamlFile, found: _File) -> None:
    plans, seen = {plan.study: plan for plan in with_protocol()}, set()
    for at, one in enumerate(found.studies):
        where = ("studies", at, "study")
        if one.study not in plans:
            text = f"there is no such pilot with a comparison. {did_you_mean(one.study, plans)}"
            raise _fault("E209", file, where, text)
        if one.study in seen:
            raise _fault("E209", file, where, "it stands twice")
        seen.add(one.study)
        valid = [outcome.id for outcome in plans[one.study].compared]
        for outcome in one.outcomes:
            if outcome not in valid:
                text = f"it compares no such outcome. {did_you_mean(outcome, valid)}"
                raise _fault("E209", file, ("studies", at, "outcomes", outcome), text)


def _fault(code: str, file: YamlFile, at: tuple[Any, ...], text: str) -> PlanError:
    where = " › ".join(map(str, at))
    line = file.line(at)
    return PlanError(
        code, f"{file.path.name}, line {line}: {where}: {text.rstrip('.')}.", remedy=REMEDY
    )


@cache
def planned_outcome(study: str, outcome: str) -> PlannedOutcome:
    """What is assumed of an outcome; nothing where nobody has written it down."""
    one = load_planned().get(study)
    return PlannedOutcome() if one is None else one.outcomes.get(outcome, PlannedOutcome())
