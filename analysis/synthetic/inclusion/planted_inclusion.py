"""What is planted in repeated staff surveys: the section `inclusion` of params/synthetic.yml,
typed."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from analysis.extracts.tables.pilots.inclusion_tables import (
    INCLUSION,
    PROGRAMMES,
    SERVICE_BANDS,
    WELLBEING,
)
from analysis.synthetic.values import Effects, Number, Share, Shares, Strict
from analysis.vocabulary.ethnicity import GROUPS
from analysis.vocabulary.regions import place_set

Count = Annotated[int, Field(ge=1)]
ITEMS = {"inclusion": tuple(INCLUSION), "wellbeing": tuple(WELLBEING)}


class SurveyScale(Strict):
    """One scale of 1 to 5, in points: level of the reference group; group: added for each ethnic
    group. mood: for one standard deviation of mood. spread: between people beside it, and item:
    between the questions of one person, standard deviations. shock: of a site in a wave."""

    level: Number
    group: Effects
    mood: Number
    spread: Number
    item: Number
    shock: Number


class Event(Strict):
    """A share: base; group: added for each ethnic group; mood: for one standard deviation of
    mood."""

    base: Share
    group: Effects
    mood: Number


class SurveyProgramme(Strict):
    """What one programme does, and what its survey suffers from.

    effect: points of the scales, and shares of the events, from the start on; region: by what it is
    multiplied there. item: in place of that of the scale, between the questions of one person.
    works_apart: added to a question for Black staff at the same score. silent: of unhappy staff
    (mood below the mean), so many fewer answer once the site has started. leave_at_start: so many
    more of them leave between the last wave before the start and the first one after it.
    took_part, useful: shares.
    """

    effect: Effects
    region: Effects = Field(default_factory=dict)
    item: Effects = Field(default_factory=dict)
    works_apart: Effects = Field(default_factory=dict)
    silent: Share = 0.0
    leave_at_start: Share = 0.0
    took_part: Share
    useful: Share

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        questions = {name for items in ITEMS.values() for name in items}
        for own, valid in (
            (self.effect, {*ITEMS, "intends_to_leave", "left"}),
            (self.region, {*place_set("probation_regions").ids}),
            (self.item, {*ITEMS}),
            (self.works_apart, questions),
        ):
            if unknown := {*own} - valid:
                raise ValueError(f"nothing is called {', '.join(sorted(unknown))}")
        return self


class Sites(Strict):
    """starts: first wave after the start of each site that asked for the programme, 0 for one that
    starts after the last wave; few: in place of it in some regions. others: sites that did not ask.
    staff: of a site. level: half-width of levels of sites, in points of both scales."""

    starts: Annotated[tuple[int, ...], Field(strict=False)]
    few: dict[str, Annotated[tuple[int, ...], Field(strict=False)]]
    others: Count
    staff: Count
    level: Number


class Climate(Strict):
    """Points of both scales that come with each wave: everywhere; improving: on top at sites that
    asked for the programme; earlier_improve: on top of that for each wave that a site starts
    earlier than the last (nil in the nation: a test plants it)."""

    everywhere: Number
    improving: Number
    earlier_improve: Number


class Answering(Strict):
    """Share who answer: base; group and service: added; mood: for one standard deviation of
    mood."""

    base: Share
    group: Effects
    service: Effects
    mood: Number
    item_empty: Share


class InclusionSurveys(Strict):
    """The section `inclusion`. missing: whose ethnic group is not recorded, by group."""

    first_wave: str
    waves: Count
    months_apart: Count
    sites: Sites
    climate: Climate
    answering: Answering
    service_band: Shares
    missing: Shares
    scales: dict[str, SurveyScale]
    intends_to_leave: Event
    left: Event
    programmes: dict[str, SurveyProgramme]

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        for own, valid in (
            (self.programmes, PROGRAMMES),
            (self.scales, ITEMS),
            (self.service_band, SERVICE_BANDS),
            (self.answering.service, SERVICE_BANDS),
            (self.answering.group, GROUPS),
            (self.missing, GROUPS),
        ):
            if tuple(own) != tuple(valid):
                raise ValueError(f"write {', '.join(valid)}, in this order")
        return self
