"""What is planted among coded cases: the section `coded_cases` of params/synthetic.yml. All shares
and effects on the probability scale."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from analysis.synthetic.values import Effects, Number, Share, Shares, Strict
from analysis.vocabulary.ethnicity import GROUPS
from analysis.vocabulary.regions import place_set

Many = Annotated[int, Field(ge=1)]
NAMED, NOT_NAMED = "named", "not_named"


class Recognised(Strict):
    """Whether the report of a case recognises subtle racism."""

    base: Share  # where it is there and race is not named
    named: Number  # more, where the complaint names race
    where_none: Share  # seen where it is not
    investigator_spread: Share  # half-width of an even spread between investigators
    trend: Number  # since the training, trained or not
    effect: Effects  # of training, where it is there, by region
    false_alarm: Effects  # of training, where it is not, by region


class Coder(Strict):
    """How a coder reads a report: chance of yes where it recognises racism, and where it does not;
    `*_drift`: what is added from the first month to the last."""

    sensitivity: Share
    false_yes: Share
    sensitivity_drift: Number = 0.0
    false_yes_drift: Number = 0.0


class Test(Strict):
    """The test of investigators, in points."""

    mean: Number
    spread: Number  # between investigators
    noise: Number  # of one test
    gain: Number  # of everybody, from the first test to the second
    taken: Share  # of the second test
    effect: Effects  # of training, by region


class CodedCases(Strict):
    """The section `coded_cases`. Days are first days of months."""

    first_month: str
    months: Annotated[int, Field(ge=4, le=120)]
    trained: str
    later: str  # when the others are trained
    investigators: Annotated[int, Field(ge=2)]  # of a region; half of them are drawn for `trained`
    cases_a_year: Many  # of an investigator, about
    holds: Shares  # cases that hold subtle racism, by the complainant's ethnic group
    race_named: Shares  # of cases that hold it, and of others
    sampled: Shares  # put to the panel, by whether race is named
    double_coded: Shares  # of those put to the panel, and of others
    blinded: Share
    anchors: Annotated[int, Field(ge=0)]  # cases of a region that are coded again later
    recognised: Recognised
    first: Coder
    second: Coder
    test: Test

    @model_validator(mode="after")
    def _groups_and_places_exist(self) -> Self:
        if tuple(self.holds) != GROUPS:
            raise ValueError(f"holds: write {', '.join(GROUPS)}, in this order")
        own = {"effect": self.recognised.effect, "false_alarm": self.recognised.false_alarm}
        for name, effects in (own | {"test effect": self.test.effect}).items():
            if set(effects) != set(place_set("probation_regions").ids):
                raise ValueError(f"{name}: write one value for each probation region")
        return self
