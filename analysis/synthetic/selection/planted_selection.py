"""What is planted for selection: the section `selection` of params/synthetic.yml, typed."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from analysis.synthetic.values import Effects, Factor, Number, Share, Shares, Strict
from analysis.vocabulary.ethnicity import GROUPS
from analysis.vocabulary.regions import place_set

STAGES = ("sifted_in", "invited", "passed", "appointed")


class Since(Strict):
    """What the pass rate changes by at the start of the webinars, without them (share)."""

    everyone: Number
    internal: Number
    minority: Number


class Shock(Strict):
    """Half-width of what each quarter adds to a route and group, alike in all regions or in one
    (share)."""

    nation: Share
    region: Share


class Attended(Strict):
    """Who comes to a webinar: share of average ability, and what ability adds to it."""

    base: Share
    by_ability: Number


class Centre(Strict):
    """Candidates by quarter, and what makes each stage: parts add up to a probability."""

    first_quarter: str
    quarters: Annotated[int, Field(ge=4, le=20)]
    webinars_from: Annotated[int, Field(ge=2)]
    candidates: Annotated[int, Field(ge=1)]
    again: Share
    internal: Share
    applicants: Factor  # times the odds of being from a minority among the region's practitioners
    grades: Shares
    ethnicity_missing: Shares
    by_ability: Effects
    base: Shares
    internal_more: Effects
    group: dict[str, Effects]
    since: Since
    shock: Shock
    attended: Attended
    effect: Effects  # of attending, by group, on the share that passes
    effect_factor: Effects  # times that in some regions

    @model_validator(mode="after")
    def _stages_and_groups_are_complete(self) -> Self:
        for name in ("by_ability", "base", "internal_more", "group"):
            if tuple(getattr(self, name)) != STAGES:
                raise ValueError(f"{name}: write {', '.join(STAGES)}, in this order")
        for effects in (*self.group.values(), self.effect, self.ethnicity_missing):
            if tuple(effects) != GROUPS:
                raise ValueError(f"by group: write {', '.join(GROUPS)}, in this order")
        if self.webinars_from >= self.quarters:
            raise ValueError("webinars_from: webinars begin within the quarters counted")
        return self


class Vacancies(Strict):
    """Vacancies by quarter; in some regions a share of them is opened to lived experience."""

    first_quarter: str
    quarters: Annotated[int, Field(ge=1, le=20)]
    a_quarter: Annotated[int, Field(ge=1)]
    opened: Shares  # by region; no other region takes part
    appointed: Shares
    ended: Annotated[tuple[Share, ...], Field(strict=False)]  # by quarter
    applicants: Factor
    lived_applied: Factor
    lived_shortlisted: Share

    @model_validator(mode="after")
    def _regions_and_quarters_are_complete(self) -> Self:
        unknown = {*self.opened} - set(place_set("probation_regions").ids)
        if unknown or set(self.opened) != set(self.appointed):
            raise ValueError("opened, appointed: name the same probation regions")
        if len(self.ended) != self.quarters:
            raise ValueError("ended: write one share a quarter")
        return self


class Selection(Strict):
    """The section `selection`."""

    centre: Centre
    vacancies: Vacancies
