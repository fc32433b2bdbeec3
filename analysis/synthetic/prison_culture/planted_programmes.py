"""What is planted for programmes in prisons that start in steps: the section `prison_culture` of
params/synthetic.yml, typed. A programme has its own in params/planted/<study>.yml."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from analysis.synthetic.values import Effects, Factor, Number, Share, Shares, Strict
from analysis.vocabulary.ethnicity import GROUPS
from analysis.vocabulary.regions import place_set

Count = Annotated[int, Field(ge=1)]
MEASURES = (
    "force",
    "review",
    "complaint",
    "reported",
    "enhanced",
    "fair_treatment",
    "felt_well",
    "took_up",
)


class Measured(Strict):
    """One measure, in its own unit (shares: 0 to 1). level: of White people without the programme;
    group: added for each ethnic group; prisons: half-width of what a prison adds for good; spells:
    standard deviation of what it adds for a while. effect: added from the start on, times the
    factor of the region; minority: added besides for minority ethnic people."""

    level: Number
    group: Effects = Field(default_factory=dict)
    prisons: Number = 0.0
    spells: Number = 0.0
    effect: Number = 0.0
    minority: Number = 0.0

    @model_validator(mode="after")
    def _groups_exist(self) -> Self:
        if unknown := {*self.group} - {*GROUPS}:
            raise ValueError(f"no such group: {', '.join(sorted(unknown))}")
        return self


class Trained(Strict):
    """Staff of a prison that starts. staff: fewest and most. by_dose: how much more of the effect a
    prison has for each part of the mean number of staff above it."""

    staff: Annotated[tuple[int, int], Field(strict=False)]
    by_dose: Number
    useful: Share
    answered: Share
    score_before: Number
    gain: Number


class PrisonProgramme(Strict):
    """The section `prison_culture`.

    starts: the quarters (the first is 1) in which prisons of a region start. chosen: the worst by
    `need` in the need_quarters before a start, or any. memory: what is left of a spell a quarter
    later. regions: half-width of what a region adds in a quarter. through: added to the share with
    force a quarter later, for each point of fair treatment. frailty: variance of a factor of 1 that
    each person keeps, of force. again: further incidents of a person with one, on average.
    """

    first_quarter: str
    quarters: Annotated[int, Field(ge=6)]
    prisons: Annotated[int, Field(ge=3)]
    people: Count  # in a prison at any time
    mean_quarters: Factor
    in_part: Share  # held for a part of the quarter only
    starts: dict[str, Annotated[tuple[int, ...], Field(strict=False)]]
    chosen: Literal["by_need", "by_choice"]
    need_quarters: Count
    memory: Annotated[float, Field(ge=0, lt=1, strict=False)]
    regions: Number
    factor: Effects  # of the effect, by region: 1 where none stands here
    through: Number
    frailty: Factor
    again: Number
    more_over: Factor  # people in prison against people on probation: odds of each minority group
    missing: Shares  # whose ethnic group is not recorded, by group
    female: Share
    asked: Share
    answered: Share
    complaints: Share  # people with a complaint that was read
    reviewed: Share  # people with force whose review was read
    in_need: Share
    person_spread: Number  # of the score of fair treatment
    measures: dict[str, Measured]
    trained: Trained

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        regions = place_set("probation_regions").ids
        if unknown := ({*self.factor} | {*self.starts}) - {*regions}:
            raise ValueError(f"no such region: {', '.join(sorted(unknown))}")
        if tuple(self.measures) != MEASURES:
            raise ValueError(f"measures: write {', '.join(MEASURES)}, in this order")
        if any(len(own) >= self.prisons for own in self.starts.values()):
            raise ValueError("starts: some prison of a region never starts")
        return self
