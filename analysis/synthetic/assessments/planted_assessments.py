"""What is planted among audited assessments: the section `assessments` of params/synthetic.yml."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from analysis.synthetic.values import Effects, Number, Share, Shares, Strict
from analysis.vocabulary.ethnicity import GROUPS
from analysis.vocabulary.regions import place_set

Spread = Annotated[float, Field(ge=0, strict=False)]


class Ratings(Strict):
    """How a rating of 1 to 4 comes about: a latent quality that passes cuts. All on one latent
    scale, on which the spread between assessments is `case_spread`."""

    cuts: Annotated[tuple[Number, ...], Field(strict=False, min_length=3, max_length=3)]
    case_spread: Spread  # standard deviation between assessments, shared by all items of one
    item_spread: Spread  # of one item within an assessment
    noise: Spread  # of one auditor's reading of one item
    auditor_spread: Spread  # of severity between auditors
    touched: Number  # items of the help text beside the others, before it
    group: Effects  # items of the help text, by the ethnic group of the person assessed


class Assessments(Strict):
    """The section `assessments`. Days are first days of fortnights, or of the month."""

    first_round: str
    rounds: Annotated[int, Field(ge=4, le=200)]
    audits_a_round: Annotated[int, Field(ge=1)]  # of a region, about
    auditors: Annotated[int, Field(ge=2)]  # of a region
    sampled: Shares  # share drawn for audit, by stratum
    double_rated: Share
    bridging: Annotated[int, Field(ge=0)]  # assessments of a region rated with both instruments
    instrument_from: str
    instrument_added: Number  # latent: what the new instrument adds, with no true change
    help_text_from: str  # first day of the month in which the help text was changed
    help_text_until: str
    help_text: Effects  # latent, items of the help text, by region
    help_text_group: Effects  # in addition, by ethnic group
    trend_a_round: Number  # latent, all items alike: practice improves slowly by itself
    round_spread: Spread  # latent: what a fortnight adds to all items of the nation's audits
    round_memory: Annotated[float, Field(ge=0, lt=1, strict=False)]  # from one round to the next
    ratings: Ratings

    @model_validator(mode="after")
    def _groups_and_places_exist(self) -> Self:
        for effects in (self.ratings.group, self.help_text_group):
            if tuple(effects) != GROUPS:
                raise ValueError(f"groups: write {', '.join(GROUPS)}, in this order")
        if set(self.help_text) != set(place_set("probation_regions").ids):
            raise ValueError("help_text: write one value for each probation region")
        return self
