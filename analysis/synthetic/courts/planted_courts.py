"""What is planted at the courts: the section `courts` of params/synthetic.yml, typed."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from analysis.synthetic.values import Effects, Factors, Number, Share, Shares, Strict
from analysis.vocabulary.regions import place_set

RISKS = ("low", "medium", "high")
MONTHS = 24


class Reports(Strict):
    """Who gets a report and what is in it: shares without the pilot, and what the pilot adds (0 to
    1)."""

    written: Shares  # by custody risk
    added: Number
    added_for_targets: Number  # women, 18-24, high custody risk: each adds this much
    on_adjournment: Share
    on_adjournment_added: Number
    second_proposal: Share
    second_proposal_added: Number  # from the day of the tool
    followed: Shares  # by custody risk; the pilot adds nothing
    group: Factors = Field(default_factory=dict)  # times the share that gets one; 1 if not named


class Custody(Strict):
    """Parts that add up to the probability of immediate custody, and the effect of the pilot."""

    base: Number
    risk: Effects
    group: Effects
    effect_at_start: Number
    effect_a_month: Number  # added with each month since the start
    effect_minority: Number  # in addition, for people from minority ethnic groups
    wave_factor: dict[str, Number]  # start month: times the effect


class Audit(Strict):
    """Ratings on the latent scale, logits."""

    cuts: Annotated[tuple[Number, ...], Field(strict=False, min_length=3, max_length=3)]
    after: Number
    after_by_cut: Annotated[
        tuple[Number, ...], Field(strict=False, min_length=3, max_length=3)
    ]  # domain `proposal`
    white: Number
    report_spread: Number
    auditor_spread: Number
    auditors: Annotated[int, Field(ge=2)]
    sampled: Shares  # White, minority
    double_rated: Share


class Courts(Strict):
    """The section `courts`."""

    first_month: str
    others_a_region: Annotated[int, Field(ge=1)]
    cases_a_month: Annotated[tuple[int, int], Field(strict=False)]
    pilot: dict[
        str, Annotated[tuple[int, ...], Field(strict=False)]
    ]  # start months of the pilot courts of a region
    no_tool: str  # the region whose last pilot court has no second-proposal tool
    level_by_wave: dict[
        str, Number
    ]  # custody level of the pilot courts: the worse ones start first
    level_spread: Number
    region_month_spread: Number
    region_trend: Number  # half-width of the slope a month
    risk: Shares
    female: Share
    age_band: Shares
    offence_group: Shares
    reports: Reports
    custody: Custody
    audit: Audit
    staff_a_court: Annotated[tuple[int, int], Field(strict=False)]
    score_before: Number
    score_gain: Number
    relevance: Shares

    @model_validator(mode="after")
    def _regions_and_waves_exist(self) -> Self:
        unknown = {*self.pilot, self.no_tool} - set(place_set("probation_regions").ids)
        waves = {str(month) for months in self.pilot.values() for month in months}
        if unknown:
            raise ValueError(f"no such region: {', '.join(sorted(unknown))}")
        if not waves <= set(self.level_by_wave) or not waves <= set(self.custody.wave_factor):
            raise ValueError("each start month needs a level and a factor")
        return self
