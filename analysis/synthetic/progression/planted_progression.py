"""What is planted in the progression schemes: the section `progression` of params/synthetic.yml,
typed."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from analysis.extracts.tables.pilots.progression_tables import GRADES, PERFORMANCE, SCHEMES
from analysis.synthetic.values import Effects, Factors, Number, Share, Shares, Strict
from analysis.vocabulary.ethnicity import GROUPS
from analysis.vocabulary.regions import place_set

Monthly = Annotated[float, Field(strict=False, gt=0, lt=0.2)]  # share of those at risk, a month


class Joining(Strict):
    """Who joins a scheme. a_month: share of those who still could, at good performance."""

    first_month: str
    months: Annotated[int, Field(ge=1)]
    a_month: Monthly
    performance: Factors
    minority: Number  # times, of people from minority ethnic groups
    scheme_white: Shares
    scheme_minority: Shares


class Promotion(Strict):
    """Promotion a month, of an eligible White member of staff with good performance, without a
    scheme; effect: log hazard that a scheme adds from the day of joining on."""

    a_month: Monthly
    grade: Factors
    performance: Factors
    group: Factors
    effect: Effects
    effect_factor: Effects  # regions in which the effect is multiplied by another number than 1
    effect_group: Effects  # what multiplies the effect for people of a group
    ambition: Number  # log hazard of joining and of promotion that one unrecorded unit adds


class Step(Strict):
    """One further event: share of those at risk a month, and what a scheme multiplies it by."""

    a_month: Monthly
    member: Number


class Progression(Strict):
    """The section `progression`."""

    people: Annotated[int, Field(ge=1)]  # eligible staff of a region
    first_month: str  # the month in which the first of them become eligible
    eligible_months: Annotated[int, Field(ge=1)]
    grades: Shares
    performance: Shares
    joining: Joining
    promotion: Promotion
    leaving: Step
    applying: Step
    coaching: Step
    deputising: Step
    cut_short: Share  # of people whose records end before the extract, at any time
    answered: Share  # members who answer the survey
    useful: Share  # of these

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        date.fromisoformat(self.first_month), date.fromisoformat(self.joining.first_month)
        named = {
            "grades": (self.grades, GRADES),
            "performance": (self.performance, PERFORMANCE),
            "joining > performance": (self.joining.performance, PERFORMANCE),
            "joining > scheme_white": (self.joining.scheme_white, SCHEMES),
            "joining > scheme_minority": (self.joining.scheme_minority, SCHEMES),
            "promotion > grade": (self.promotion.grade, GRADES),
            "promotion > performance": (self.promotion.performance, PERFORMANCE),
            "promotion > group": (self.promotion.group, GROUPS),
            "promotion > effect": (self.promotion.effect, SCHEMES),
            "promotion > effect_group": (self.promotion.effect_group, GROUPS),
        }
        for name, (found, valid) in named.items():
            if tuple(found) != tuple(valid):
                raise ValueError(f"{name}: write {', '.join(valid)}, in this order")
        regions = set(place_set("probation_regions").ids)
        if unknown := set(self.promotion.effect_factor) - regions:
            raise ValueError(f"effect_factor: no such region: {', '.join(sorted(unknown))}")
        return self
