"""Headings of synthetic nations beside the truth that is planted in them: which contradict it, and
which hide a harm.

A heading that cannot tell asserts nothing; one that says "more recalls among matched people; too
few to be sure" tells the direction of an estimate and that it may be chance. Only a heading without
such words asserts.
"""

import re
from dataclasses import dataclass
from itertools import islice
from unittest import mock

import pandas as pd

from analysis.clearing.joint import set_beside
from analysis.disclosure.attack.protection import NOTHING
from analysis.extracts.frames.dyads import people_and_practitioners
from analysis.plans.plan import Outcome, Plan
from analysis.plans.registry import load_plan
from analysis.studies.matching.study import MatchingStudy
from analysis.studies.trial.study import open_trial
from analysis.study.place_record import exact_record
from analysis.synthetic import nation
from analysis.synthetic.planted import Planted, load_planted
from analysis.synthetic.training.training import (
    planted_leaving_effect,
    planted_rating_effect,
    planted_test_effect,
)
from analysis.vocabulary.regions import ALL, NATIONAL, place_set

REGIONS = place_set("probation_regions").ids
UP, DOWN = ("more", "higher"), ("fewer", "lower")
WORD = re.compile(rf"\b({'|'.join((*UP, *DOWN))})\b")
CANNOT_TELL = re.compile(
    r"\btoo few\b|\bwhether\b|\bmay be chance\b|\bnot sure\b|\bnot told apart\b"
)
HIDES = re.compile(r"\bwithheld\b|\bcounts only\b")
DATES = dict.fromkeys(("period_from", "period_to", "extract_date", "follow_up_complete_to"))
HASHES = dict.fromkeys(("plan_hash", "data_hash", "code_version"), "")
CONTRADICTS, FOUND_NOTHING = "contradicts", "finds what is not there"
LEANS, HIDDEN, HOPEFUL = "leans the wrong way", "hides a harm", "hopes beside a harm"


@dataclass(frozen=True)
class Heading:
    """A heading, and what is planted in its place by outcome: the effect in sizes that matter, +
    more or higher."""

    seed: int
    place: str
    text: str
    planted: dict[str, float]


def judged(plan: Plan, heading: Heading) -> str | None:
    """What is wrong with a heading under the planted truth; None where nothing is."""
    outcome, way = _about(plan, heading.text), WORD.search(heading.text)
    harm = max(_harm(plan.outcome(key), effect) for key, effect in heading.planted.items())
    if harm >= 1 and HIDES.search(heading.text):
        return HIDDEN
    if outcome is None or way is None or outcome.id not in heading.planted:
        return None
    says_up, effect = way[0] in UP, heading.planted[outcome.id]
    hoped = outcome.better is not None and says_up == (outcome.better == "higher")
    if "whether" in heading.text[: way.start()]:
        return HOPEFUL if hoped and _harm(outcome, effect) >= 1 else None
    if CANNOT_TELL.search(heading.text):
        return LEANS if effect and says_up != (effect > 0) else None
    if not effect:
        return FOUND_NOTHING
    return CONTRADICTS if says_up != (effect > 0) else None


def _harm(outcome: Outcome, effect: float) -> float:
    """Planted harm of an outcome in sizes that matter, + worse; 0 where the plan calls neither
    direction better."""
    return 0.0 if outcome.better is None else -effect if outcome.better == "higher" else effect


def _about(plan: Plan, heading: str) -> Outcome | None:
    """The outcome that a heading names, by the longest noun that is in it."""
    named = [
        outcome for outcome in plan.compared if outcome.noun and outcome.noun in heading.lower()
    ]
    return max(named, key=lambda outcome: len(outcome.noun), default=None)


# -- nations ---------------------------------------------------------------------------------------
class _AnswersOnly(MatchingStudy):
    """The study without its second opinions and checks: neither says anything in a heading but how
    strongly."""

    checks = ()

    def _rows_of(self, outcome):
        yield from islice(super()._rows_of(outcome), 1 + len(self.plan.exposure.matched_groups))


def matching_headings(seed: int) -> list[Heading]:
    """Of every region of a nation, in the study of ethnic matching."""
    plan, truth = load_plan("ethnic_matching"), load_planted().model_copy(update={"seed": seed})
    with mock.patch.object(nation, "load_planted", lambda: truth):
        studies = {
            place: _AnswersOnly(
                plan, place, people_and_practitioners(nation.make_region(place)), False
            )
            for place in REGIONS
        }
        return _headings(plan, seed, studies, lambda place: _planted_matching(plan, truth, place))


def _planted_matching(plan: Plan, truth: Planted, place: str) -> dict[str, float]:
    found = {}
    for outcome in plan.compared:
        effect = truth.supervision.outcomes[outcome.id].matching[place]
        found[outcome.id] = effect * (100 if outcome.kind == "share" else 1) / outcome.matters
    return found


def trial_headings(seed: int, study: str = "gamified_training") -> list[Heading]:
    """Of every region of a nation, and of all at once, in a trial of training."""
    plan, truth = load_plan(study), load_planted().model_copy(update={"seed": seed})
    with mock.patch.object(nation, "load_planted", lambda: truth):
        parts = {region: nation.make_region(region, service="training") for region in REGIONS}
    extract = pd.DataFrame({"extract_date": pd.to_datetime([truth.extract_date])})
    tables = {place: part | {"extract": extract} for place, part in parts.items()}
    names = next(iter(parts.values()))
    whole = {
        name: pd.concat([part[name] for part in parts.values()], ignore_index=True)
        for name in names
    }
    tables[ALL] = whole | {"extract": extract}
    studies = {
        place: open_trial(plan, place, made, hidden=NOTHING)[0] for place, made in tables.items()
    }
    return _headings(plan, seed, studies, lambda place: _planted_training(plan, truth, place))


def _planted_training(plan: Plan, truth: Planted, place: str) -> dict[str, float]:
    training, name = truth.training, plan.data.programme or plan.study
    arm = next(iter(training.programmes[name].rating_effect))
    effects = {
        "test_after": planted_test_effect(training, name, place, arm),
        "rating_after": planted_rating_effect(training, name, arm, "rating_after"),
        "leaving": 100 * planted_leaving_effect(training, name, place, arm),
    }
    return {key: value / plan.outcome(key).matters for key, value in effects.items()}


def _headings(plan: Plan, seed: int, studies: dict, planted) -> list[Heading]:
    exact = {
        place: exact_record(
            study,
            plan=plan,
            place=place,
            data_source="synthetic",
            round_id="draft",
            dates=DATES,
            hashes=HASHES,
        )
        for place, study in studies.items()
    }
    places = set_beside(plan, exact, round_id="draft").places
    return [
        Heading(seed, place, record.statement.headline, planted(place))
        for place, record in places.items()
        if place not in (ALL, NATIONAL)
    ]
