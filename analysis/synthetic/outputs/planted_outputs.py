"""What is planted for outputs of actions: the section `outputs` of params/synthetic.yml, typed."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from analysis.extracts.tables.pilots.output_tables import ACTIONS, OCCASIONS, SITE_KINDS
from analysis.synthetic.values import Effects, Factor, Number, Share, Shares, Strict
from analysis.vocabulary.ethnicity import GROUPS
from analysis.vocabulary.regions import place_set

Months = Annotated[
    tuple[Annotated[int, Field(ge=0, le=11)], ...], Field(strict=False, min_length=1)
]


class Occasion(Strict):
    """One kind of event: the months (from 0) for which each site plans one, and the share of them
    that is held."""

    months: Months
    held: Share


class Action(Strict):
    """One action in each region: its sites and staff, who signs up, who comes, who leaves.

    Parts add up to a probability, before the factor of the region.
    """

    regions: Annotated[tuple[str, ...], Field(strict=False)] = ()  # empty: all of them
    sites: dict[str, Annotated[int, Field(ge=1)]]  # by kind
    staff_a_site: Annotated[int, Field(ge=1)]
    left: Share  # of staff of the period, those who had left by its last day
    registered: Share
    registered_kind: Effects
    registered_group: Effects
    registered_left: Share  # of those who had left, in place of all of these
    region_factor: Effects  # times the probability, in some regions
    twice: Share  # of those in the register, who stand there twice
    comes: Share
    comes_registered: Number  # added for those in the register
    again: Factor  # mean number of times more, of those who come at all
    uses_are: Literal["attendances", "openings"]
    used: Share  # of those who come, or open it
    occasions: dict[str, Occasion]
    ethnicity_missing: Shares

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        named = {*self.regions, *self.region_factor} - set(place_set("probation_regions").ids)
        unknown = {*self.sites} - {*SITE_KINDS} | {*self.occasions} - {*OCCASIONS} | named
        if unknown:
            raise ValueError(f"there is no {', '.join(sorted(unknown))}")
        if tuple(self.registered_kind) != tuple(self.sites):
            raise ValueError("registered_kind: write the kinds of `sites`, in this order")
        for effects in (self.registered_group, self.ethnicity_missing):
            if tuple(effects) != GROUPS:
                raise ValueError(f"by group: write {', '.join(GROUPS)}, in this order")
        return self


class Outputs(Strict):
    """The section `outputs`."""

    first_month: str
    actions: dict[str, Action]

    @model_validator(mode="after")
    def _every_action(self) -> Self:
        if tuple(self.actions) != ACTIONS:
            raise ValueError(f"actions: write {', '.join(ACTIONS)}, in this order")
        return self

    @property
    def staff(self) -> int:
        """Staff of all actions in one region at full scale."""
        return sum(sum(a.sites.values()) * a.staff_a_site for a in self.actions.values())
