"""What is planted for regional initiatives: the section `initiatives` of params/synthetic.yml,
typed."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from analysis.synthetic.values import Effects, Number, Share, Shares, Strict
from analysis.vocabulary.ethnicity import GROUPS
from analysis.vocabulary.regions import place_set

Count = Annotated[int, Field(ge=1)]


class Path(Strict):
    """How one measure moves: a level, and what moves it, all in its own unit (shares: 0 to 1).

    level: of the reference group; group: added for each ethnic group. a_year: growth that a region
    shows times its own `follows`. step: added everywhere from the start on. dip: taken off in the
    regions with the initiative in the DIP_MONTHS before its start. shock: standard deviation of
    what each region adds of its own in each month, half of which stays into the next. effect:
    what the initiative adds, by region; minority: to minority ethnic people alone.
    """

    level: Number
    group: Effects = Field(default_factory=dict)
    a_year: Number = 0.0
    step: Number = 0.0
    dip: Number = 0.0
    shock: Number = 0.0
    spread: Number = 0.0  # of a score between people, standard deviation
    minority: bool = False
    effect: Effects = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        if unknown := {*self.group} - {*GROUPS}:
            raise ValueError(f"no such group: {', '.join(sorted(unknown))}")
        if unknown := {*self.effect} - {*place_set("probation_regions").ids}:
            raise ValueError(f"no such region: {', '.join(sorted(unknown))}")
        return self


class Initiative(Strict):
    """One table: its months, how many rows a region has in each, when the initiative begins."""

    first_month: str
    months: Count
    start: str
    rows: Count  # a month, of a region (of a site, in `conversations`)
    missing: Shares  # whose ethnic group is not recorded, by group
    paths: dict[str, Path]


class Recruitment(Initiative):
    """applied: log odds of being from a minority among applicants, added to those of practitioners.

    declares_more: from the start on so many fewer minority ethnic applicants lack an ethnic group
    in the regions with the initiative.
    """

    declares_more: Share


class Leadership(Initiative):
    """attended: share of managers in the regions with workshops who took part, since the start."""

    attended: Share


class Conversations(Initiative):
    """sites: of a region. early: which of them began first, by region and position. readier: added
    to the level of `held` at early sites, which volunteered; site_spread: half-width of levels of
    sites."""

    sites: Count
    early: dict[str, Annotated[tuple[int, ...], Field(strict=False)]]
    readier: Number
    site_spread: Number


class Initiatives(Strict):
    """The section `initiatives`. follows: how strongly each region takes part in growth that is
    common to all."""

    follows: Effects
    recruitment: Recruitment
    leadership: Leadership
    support: Initiative
    conversations: Conversations

    @model_validator(mode="after")
    def _every_region(self) -> Self:
        if tuple(self.follows) != place_set("probation_regions").ids:
            raise ValueError("follows: write each probation region once, in their order")
        return self
