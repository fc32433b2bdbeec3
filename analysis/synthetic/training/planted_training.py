"""What is planted in the training pilots: the section `training` of params/synthetic.yml, typed."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from analysis.synthetic.values import Effects, Number, Share, Shares, Strict
from analysis.vocabulary.regions import place_set


class Site(Strict):
    """How many sites, managers and staff a region has at full scale."""

    prisons: Annotated[int, Field(ge=0)]
    probation_units: Annotated[int, Field(ge=0)]
    managers_a_site: Annotated[int, Field(ge=1)]
    staff_a_manager: Annotated[int, Field(ge=1)]


class Uptake(Strict):
    """Who takes part: log odds at mean ability, and for one standard deviation of ability more."""

    log_odds: Number
    by_ability: Number
    early: Share  # of managers at sites that still wait
    completed: Share  # of those who took part


class Test(Strict):
    """The scenario test, 0 to 40: parts in points. `site_icc`: share of the spread that lies
    between sites."""

    before: Number
    drift: Number
    spread: Number
    by_ability: Share
    site_icc: Share
    missing_waiting: Share
    missing_trained: Share
    missing_less_able: (
        Share  # in addition, of the less able, at waiting sites only: attrition is monotone
    )
    late: Share  # tested after the cross-over, when everyone is trained


class Rating(Strict):
    """A rating of 1 to 5: parts in points."""

    base: Number
    manager_spread: Number
    person_spread: Number


class Answering(Strict):
    """Who answers the staff survey."""

    base: Share
    minority_less: Share
    gap_with_module: Number  # minority ethnic staff at trained sites answer this much more often
    gap_in: Effects  # regions where it is another number
    late: Share


class Leaving(Strict):
    """Share who have left through each exit by month 6, were no other exit to compete (0 to 1)."""

    resigned_minority: Share
    resigned_white: Share
    retirement: Share
    transfer: Share


class Programme(Strict):
    """One pilot: its sites and the effects that are planted. Effects: one value an arm (`cascade_1`
    to `cascade_3` by tier)."""

    site: Site
    uptake: Uptake
    attended_effect: Effects  # points of the test, for those who take part
    attended_factor: Effects  # regions where it is multiplied by another number than 1
    rating_effect: Effects  # points, rating_after
    grievance_effect: Effects
    climate_effect: Effects
    leaving_effect: Effects  # share, minority ethnic staff, resigned by month 6
    leaving_factor: Effects
    cost_taking_part: Effects  # pounds
    cost_invited: Effects
    all_at_once: str  # the region where every site started together


class Training(Strict):
    """The section `training`."""

    start_on: str
    crossover_on: str
    ethnicity_minority_factor: (
        Number  # minority share of staff, times that of practitioners of the region
    )
    test: Test
    rating: Rating
    answering: Answering
    leaving: Leaving
    age_band: Shares
    female: Share
    relevance: Shares
    relevance_answered: Share
    programmes: dict[str, Programme]

    @model_validator(mode="after")
    def _regions_exist(self) -> Self:
        known = set(place_set("probation_regions").ids)
        for name, one in self.programmes.items():
            named = {
                one.all_at_once,
                *one.attended_factor,
                *one.leaving_factor,
                *self.answering.gap_in,
            }
            if not named <= known:
                raise ValueError(f"{name}: no such region: {', '.join(sorted(named - known))}")
        return self
