"""What is planted in the synthetic nation: params/synthetic.yml as typed, strict values; and for a
study with a file of its own in params/planted what that file says in place of it."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator

from analysis.errors import PlanError
from analysis.paths import PARAMS
from analysis.synthetic.assessments.planted_assessments import Assessments
from analysis.synthetic.coded_cases.planted_cases import CodedCases
from analysis.synthetic.courts.planted_courts import Courts
from analysis.synthetic.inclusion.planted_inclusion import InclusionSurveys
from analysis.synthetic.initiatives.planted_initiatives import Initiatives
from analysis.synthetic.monitors.planted_monitors import Monitors
from analysis.synthetic.outputs.planted_outputs import Outputs
from analysis.synthetic.prison_culture.planted_programmes import PrisonProgramme
from analysis.synthetic.programmes.planted_programmes import Programmes
from analysis.synthetic.progression.planted_progression import Progression
from analysis.synthetic.reporting.planted_reporting import Reporting
from analysis.synthetic.selection.planted_selection import Selection
from analysis.synthetic.training.planted_training import Training
from analysis.synthetic.values import Effects, Number, Share, Shares, Strict
from analysis.vocabulary.ethnicity import GROUPS, RECORDED_MISSING
from analysis.vocabulary.regions import check_place, did_you_mean, place_set
from analysis.vocabulary.yaml_file import YamlFile, load_yaml

FILE = PARAMS / "synthetic.yml"
OWN = PARAMS / "planted"  # one file a study, which plants for it alone
MINORITIES = GROUPS[1:]  # White is what the shares leave
RISK_TIERS = ("low", "medium", "high", "very_high")
AGE_BANDS = ("18-24", "25-34", "35-49", "50+")
SEXES = ("female", "male")
SENTENCE_TYPES = ("community_order", "suspended_sentence", "licence")
_LEVELS = {
    "risk_tier": RISK_TIERS,
    "age_band": AGE_BANDS,
    "sex": SEXES,
    "sentence_type": SENTENCE_TYPES,
}
_LEVELS |= {"person_group": GROUPS, "practitioner_group": GROUPS}


class Region(Strict):
    """Size and make-up of one region at full scale."""

    people: Annotated[int, Field(ge=1)]
    practitioners: Annotated[int, Field(ge=1)]
    offices: Annotated[int, Field(ge=1)]
    declared: Share
    survey_gap: Share
    people_share: Shares
    practitioners_share: Shares


class People(Strict):
    """Who the people on probation are."""

    office_diversity: Number
    risk_tier: Shares
    risk_by_diversity: Number
    age_band: Shares
    female: Share
    sentence_type: Shares
    requested: Shares


class Allocation(Strict):
    """How the first practitioner is chosen: the confounding that a naive comparison falls for."""

    own_group_weight: dict[str, Annotated[float, Field(strict=False, gt=0)]]
    unlinked: Share


class EthnicityMissing(Strict):
    """Who does not state an ethnic group. Not at random; given the group it has nothing to do with
    outcomes."""

    person: Shares
    person_kinds: Shares
    practitioner_minority_less: Share
    practitioner_kinds: Shares


class FollowUp(Strict):
    """How far outcomes are known; both independent of everything else."""

    cut_short: Share
    ended_in_window: Share


class Survey(Strict):
    """Who answers the relationship survey, and how."""

    response_other: Share
    by_group: Effects
    by_score: Number
    item_spread: Number
    item_empty: Share


class Outcome(Strict):
    """Parts that add up to a person's probability (or score), the planted matching effect of each
    region among them.

    `*_spread` is the half-width of an even spread around 0, so that no sum leaves its bounds.
    """

    base: Number
    risk_tier: Effects
    age_band: Effects
    sex: Effects
    sentence_type: Effects
    person_group: Effects
    practitioner_group: Effects
    quarter: Annotated[tuple[Number, ...], Field(strict=False, min_length=4, max_length=4)]
    office_per_diversity: Number
    office_spread: Number
    practitioner_spread: Number
    person_spread: Number = 0
    matching: Effects

    @model_validator(mode="after")
    def _levels_are_complete(self) -> Self:
        for name, levels in _LEVELS.items():
            if tuple(getattr(self, name)) != levels:
                raise ValueError(f"{name}: write {', '.join(levels)}, in this order")
        if set(self.matching) != set(place_set("probation_regions").ids):
            raise ValueError("matching: write one value for each probation region")
        return self


class Supervision(Strict):
    """The service of supervision: people, practitioners, outcomes and survey."""

    people: People
    allocation: Allocation
    ethnicity_missing: EthnicityMissing
    follow_up: FollowUp
    survey: Survey
    outcomes: dict[str, Outcome]


class Planted(Strict):
    """Everything in params/synthetic.yml."""

    seed: Annotated[int, Field(ge=0)]
    extract_date: str
    window_from: str
    regions: dict[str, Region]
    supervision: Supervision
    training: Training
    courts: Courts
    monitors: Monitors
    initiatives: Initiatives
    assessments: Assessments
    programmes: Programmes
    selection: Selection
    progression: Progression
    outputs: Outputs
    reporting: Reporting
    prison_culture: PrisonProgramme
    coded_cases: CodedCases
    inclusion: InclusionSurveys

    @property
    def extracted_on(self) -> date:
        return date.fromisoformat(self.extract_date)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        date.fromisoformat(self.extract_date), date.fromisoformat(self.window_from)
        if tuple(self.regions) != place_set("probation_regions").ids:
            raise ValueError(
                "regions: write each probation region once, in the order of params/regions.yml"
            )
        missing = self.supervision.ethnicity_missing
        if (
            not set(missing.person_kinds)
            == set(missing.practitioner_kinds)
            == set(RECORDED_MISSING)
        ):
            raise ValueError(f"ethnicity_missing: kinds are {', '.join(RECORDED_MISSING)}")
        return self


@cache
def load_planted() -> Planted:
    """The planted values; PlanError E208 with file and line where params/synthetic.yml is not what
    it should be."""
    file = load_yaml(FILE)
    return _validated(file.content, file, FILE)


def own_file(study: str) -> Path | None:
    """The file that plants for a study alone; None where it has what all have."""
    file = OWN / f"{study}.yml"
    return file if study and file.is_file() else None


@cache
def planted_for(study: str) -> Planted:
    """What is planted for one study: what params/synthetic.yml says, and its own file in place of
    that. PlanError E208 with file and line, of the study's file where that has one."""
    path = own_file(study)
    if path is None:
        return load_planted()
    own, everything = load_yaml(path), load_yaml(FILE).content
    content = own.content or {}
    found = _validated(_instead(everything, content), own, path)
    for key in _unknown(everything, content):
        if not isinstance(_at(found, key[:-1]), Strict):  # what a type has is known by now
            near = did_you_mean(str(key[-1]), [str(name) for name in _at(everything, key[:-1])])
            text = f"{path.name}, line {own.line(key)}: nothing is planted at {_where(key)}."
            raise PlanError("E208", text, remedy=near)
    return found


def _validated(content: Any, file: YamlFile, path: Path) -> Planted:
    try:
        return Planted.model_validate(content)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where, line = _where(fault["loc"]), file.line(tuple(fault["loc"]))
        raise PlanError("E208", f"{path.name}, line {line}: {where}: {fault['msg']}.") from None


def _where(key: tuple) -> str:
    return " › ".join(str(part) for part in key)


def _at(content: Any, key: tuple) -> Any:
    for part in key:
        content = getattr(content, part) if isinstance(content, Strict) else content[part]
    return content


def _unknown(everything: Any, own: Any, above: tuple = ()) -> list[tuple]:
    """Keys of a study's own file that params/synthetic.yml does not have; a region may be named
    wherever some are, and what is nothing there may be filled."""
    if not isinstance(own, Mapping) or not isinstance(everything, Mapping) or not everything:
        return []
    places = {*place_set("prison_places").ids}
    new = [(*above, key) for key in own if key not in everything and key not in places]
    held = [key for key in own if key in everything]
    inside = [_unknown(everything[key], own[key], (*above, key)) for key in held]
    return new + [one for found in inside for one in found]


def _instead(everything: Any, own: Any) -> Any:
    """`everything` with what `own` says in place of it, key by key."""
    if not isinstance(own, Mapping) or not isinstance(everything, Mapping):
        return own
    return {**everything, **{key: _instead(everything.get(key), own[key]) for key in own}}


def planted(region: str, outcome: str) -> float:
    """Planted matching effect of a region: on the probability scale, for `relationship` in points
    of the scale.

    It equals the estimand `matching_effect` (METHODS section 2): the same for every ethnic group of
    the region, given the practitioner's own main effect.
    """
    check_place("probation_regions", region)
    return load_planted().supervision.outcomes[outcome].matching[region]
