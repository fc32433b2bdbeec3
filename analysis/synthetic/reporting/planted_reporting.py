"""What is planted among reports of discrimination: the section `reporting` of
params/synthetic.yml."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from analysis.synthetic.values import Effects, Factor, Number, Share, Shares, Strict
from analysis.vocabulary.ethnicity import GROUPS
from analysis.vocabulary.regions import place_set

Count = Annotated[int, Field(ge=1)]


class Survey(Strict):
    """Two waves of people asked. asked: of a region in a wave. experienced: share in the first
    wave, by group; risen: added in the second, by region; answers: share who answer, by group."""

    asked: Count
    days: Annotated[tuple[str, ...], Field(strict=False, min_length=2, max_length=2)]
    experienced: Shares
    risen: Effects
    confident: Share
    confident_risen: Number
    answers: Shares


class Reporting(Strict):
    """The section `reporting`. Rates are incidents in 1,000 people held and month; effects on them
    are logarithms.

    step: from `start` on, by region; it comes evenly from `begun` on. trend_a_year, season
    (amplitude of the year's wave), month_spread and month_memory (what a month adds in the whole
    nation, and how much of it stays), site_spread (standard deviation between prisons): all alike
    before and after. disorder: added in the months named. form_from, new_form: from when on, and in
    how many prisons of each region, a new form is filed twice for each report; new_numbers: each
    copy gets an incident number of its own. second_reporter: share of incidents that another person
    reports, too. repeats: people who could report, as a multiple of those held.
    """

    first_month: str
    months: Count
    begun: str
    start: str
    sites: Count
    people: Count  # held in a region
    rate: dict[str, Factor]
    step: Effects
    trend_a_year: Number
    season: Number
    month_spread: Annotated[float, Field(ge=0, strict=False)]
    month_memory: Annotated[float, Field(ge=0, lt=1, strict=False)]
    site_spread: Annotated[float, Field(ge=0, strict=False)]
    disorder: Number
    disorder_months: Annotated[tuple[str, ...], Field(strict=False)]
    form_from: str
    new_form: dict[str, Annotated[int, Field(ge=0)]]
    new_numbers: bool
    second_reporter: Share
    repeats: Factor
    in_time: Share
    in_time_risen: Number
    upheld: Shares
    undecided: Share
    missing: Shares
    survey: Survey

    @model_validator(mode="after")
    def _groups_and_places_exist(self) -> Self:
        own = self.survey
        for groups in (self.rate, self.upheld, self.missing, own.experienced, own.answers):
            if tuple(groups) != GROUPS:
                raise ValueError(f"groups: write {', '.join(GROUPS)}, in this order")
        regions = {*place_set("probation_regions").ids}
        if {*self.step} != regions:
            raise ValueError("step: write one value for each probation region")
        if unknown := ({*self.new_form} | {*own.risen}) - regions:
            raise ValueError(f"no such region: {', '.join(sorted(unknown))}")
        return self
