"""What is planted for the monitors: the section `monitors` of params/synthetic.yml, typed."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from analysis.synthetic.values import Effects, Factors, Number, Share, Shares, Strict
from analysis.vocabulary.ethnicity import GROUPS
from analysis.vocabulary.regions import place_set


class Adverse(Strict):
    """One adverse outcome: its rate a month, or its share, for the reference people, and what
    multiplies it.

    Factors multiply, so that `group` is the true relative rate among people alike in everything
    else. `places`: other factors of groups in some regions; `growth`: added to the factor of a
    group with each quarter (from the fifth on).
    `frailty`: variance of a factor of 1 on average that each person keeps: some have several
    events, most none.
    """

    base: Annotated[float, Field(gt=0, lt=1, strict=False)]
    group: Factors
    by: dict[str, Factors] = Field(default_factory=dict)  # column: value: factor
    places: dict[str, Factors] = Field(default_factory=dict)
    growth: dict[str, Effects] = Field(default_factory=dict)
    unit_spread: Number = (
        0.0  # half-width, on the log scale, of what a delivery unit or prison adds for everyone
    )
    frailty: Annotated[float, Field(ge=0, strict=False)] = 0.0

    @model_validator(mode="after")
    def _groups_and_places_exist(self) -> Self:
        if tuple(self.group) != GROUPS:
            raise ValueError(f"group: write {', '.join(GROUPS)}, in this order")
        unknown = {*self.places, *self.growth} - set(place_set("prison_places").ids)
        if unknown:
            raise ValueError(f"no such place: {', '.join(sorted(unknown))}")
        return self


class Service(Strict):
    """Who is counted each quarter, and their adverse outcomes by the name of the column."""

    units: Annotated[int, Field(ge=3)]  # delivery units, or prisons, of a region
    mean_quarters: Annotated[float, Field(gt=1, strict=False)]  # how long a person stays
    shares: dict[str, Shares]  # column: value: share
    ethnicity_missing: Shares  # by group: not at random
    outcomes: dict[str, Adverse]


class Estate(Service):
    """Prisons: one of each region's in each of the strata that stand beside the regions."""

    people: Annotated[int, Field(ge=1)]  # in the prisons of a region


class RaceMonths(Strict):
    """The monthly series of race-related complaints: what multiplies their rate (times)."""

    first_month: str
    event_month: str  # the first month after what happened in summer 2024
    step: Annotated[float, Field(gt=0, strict=False)]
    slope: Number  # log, a month, from the event on
    season: Number  # half-width of the wave of a year, log
    places: dict[str, Annotated[float, Field(gt=0, strict=False)]]  # other steps in some regions


class Complaints(Estate):
    """Complaints of people in prison: outcomes are rates of what is received, by category, and
    shares of it that are upheld.

    unrecorded: by place and group, the share of people with a complaint upheld whose group is not
    recorded for that reason: missing not at random.
    """

    decided: Share
    unrecorded: dict[str, dict[str, Share]]
    race_months: RaceMonths


class Recording(Estate):
    """How the group of people in custody and on probation is recorded: no outcomes, since nothing
    happens to anybody."""

    declared: Shares  # by group, in the first quarter
    declared_a_quarter: Number  # added each quarter
    custody_more: Number  # added in custody
    kinds: dict[str, Shares]  # of those who did not declare, by group
    places: dict[str, Effects]  # added to what is declared, by place and group
    held_elsewhere: Share  # another system holds a group
    differs: Shares  # by group declared: the other system holds another one
    traveller: Share  # Gypsy, Irish Traveller or Roma, of White people
    traveller_declares: Share
    traveller_declares_a_quarter: Number
    traveller_elsewhere: Share  # another system has them so


class Staff(Strict):
    """People in post and applicants."""

    people: Annotated[int, Field(ge=1)]  # in post, of a region
    grades: Shares
    minority_by_grade: Factors  # times the odds of the region's practitioners
    declared: Share
    declared_a_quarter: Number  # added each quarter: declaration rises
    declared_minority_less: Share
    new_minority_a_quarter: (
        Number  # log odds of being from a minority among those who join, added each quarter
    )
    applications: Annotated[int, Field(ge=1)]  # a quarter
    outcomes: dict[str, Adverse]


class Monitors(Strict):
    """The section `monitors`."""

    first_quarter: str
    quarters: Annotated[int, Field(ge=2, le=20)]
    younger: Effects  # by group: log odds of each step towards 18-24
    riskier: Effects  # by group: log odds of each step towards the highest tier, or category
    unit_diversity: Number
    caseload: Service
    prisons: Estate
    staff: Staff
    complaints: Complaints
    recording: Recording
