"""What is planted of accredited programmes (params/synthetic.yml, `programmes`)."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from analysis.extracts.tables.pilots.programme_tables import AGE_BANDS, PROGRAMMES
from analysis.synthetic.values import Effects, Number, Share, Shares, Strict
from analysis.vocabulary.ethnicity import GROUPS
from analysis.vocabulary.regions import place_set


class Programme(Strict):
    """One programme. suitable: of the people of each group, the share found suitable for this one.
    effect: of starting it on the chance of proven reoffending, by group (probability scale)."""

    suitable: Shares
    effect: Effects

    @model_validator(mode="after")
    def _names_each_group(self) -> Self:
        if tuple(self.suitable) != GROUPS or tuple(self.effect) != GROUPS:
            raise ValueError(f"suitable, effect: write {', '.join(GROUPS)}, in this order")
        return self


class Starting(Strict):
    """Log odds of starting: those of higher risk get a place more often (the trap)."""

    base: Number
    risk: Number  # a step of 20 percent of the risk score
    convictions: Number  # a step of 10 previous convictions
    drug_need: Number
    female: Number
    completed: Share  # of those who start, at a risk score of 50
    completed_risk: Number  # added for each step of 20 percent


class Reoffending(Strict):
    """Chance of proven reoffending within 12 months without a programme (probability scale)."""

    base: Number
    risk: Number  # a step of 20 percent of the risk score
    convictions: Number  # a step of 10 previous convictions, up to 30
    drug_need: Number
    age_band: Effects
    more: Annotated[float, Field(ge=0, strict=False)]  # further reoffences of one who reoffends
    caution: Share  # of what is proven


class Decoys(Strict):
    """Rows of the table of offences that are no proven reoffences, each the share of people who
    have one: proven too late, committed too late, never proven, and breaches (of those who started,
    and of the others)."""

    proven_late: Share
    committed_late: Share
    unproven: Share
    breach_started: Share
    breach_other: Share


class Programmes(Strict):
    """Accredited programmes of the nation. suitable: of all people on probation, those found
    suitable within the year."""

    suitable: Share
    programmes: dict[str, Programme]
    region_factor: Effects  # times the effect; 0: none, below 0: harm
    starting: Starting
    reoffending: Reoffending
    decoys: Decoys
    followed_short: Share
    not_assessed: Share
    female: Share
    age_band: Shares
    sentence_type: Shares
    drug_need: Share
    alcohol_need: Share

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if tuple(self.programmes) != PROGRAMMES:
            raise ValueError(f"programmes: write {', '.join(PROGRAMMES)}, in this order")
        if set(self.region_factor) != set(place_set("probation_regions").ids):
            raise ValueError("region_factor: write one value for each probation region")
        if tuple(self.age_band) != AGE_BANDS or tuple(self.reoffending.age_band) != AGE_BANDS:
            raise ValueError(f"age_band: write {', '.join(AGE_BANDS)}, in this order")
        for group in GROUPS:
            whole = sum(one.suitable[group] for one in self.programmes.values())
            if abs(whole - 1) > 1e-9:
                raise ValueError(f"suitable: the shares of {group} add up to 1 over programmes")
        return self
