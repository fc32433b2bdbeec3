"""What a sentence is made from: the finding (numbers and class) and the slots (words of the plan
and the place)."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.judgement.classes import HARM_GRADES, RESULT_CLASSES, orient
from analysis.plans.designs import CLAIMS
from analysis.results import Interval
from analysis.said.texts import worded
from analysis.vocabulary.regions import ALL, NATIONAL, place_set

if TYPE_CHECKING:
    from analysis.plans.plan import Outcome, Plan, StopForHarm

KINDS = ("share", "rate", "scale", "time_to_event")
WITHOUT_NUMBER = frozenset(
    {"rank_only", "placebo", "described", "not_estimable", "withheld", "not_reliable", "no_base"}
)

# How pages name the characteristics that plans allow for; others are their id with spaces.
CHARACTERISTICS = {
    "age_band": "age",
    "sex": "sex",
    "sentence_type": "type of sentence",
    "offence_group": "type of offence",
    "risk_tier": "risk tier",
    "incentive_level": "incentive level",
}


@dataclass(frozen=True)
class Finding:
    """One result as a page sees it: cleared numbers in the printed unit, its class and its claim.

    value, conf_low, conf_high: in every 100 (share, time to event), times (rate) or points (scale),
    raw sign.
    comparison_value, group_value: levels OBSERVED, in every 100, in every {per} (rate) or on the
    scale; None where not shown. comparison_estimated: what a model says that the level of the group
    would have been without the programme, never printed as observed.
    reason: a key of NOT_ESTIMABLE_REASONS, or words; for a survey whose class was capped, the
    clause that says why.
    n: people, in fives. hazard_ratio: value and interval, given only where the proportional-hazards
    check passed.
    attenuated: why the number is closer to nothing than the truth, as a clause; "" where it is not.
    rank, places: 1 is the place that changed most, of how many.
    """

    kind: str
    result_class: str
    claim: str
    better: str | None
    matters: float | None = None
    value: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    comparison_value: float | None = None
    group_value: float | None = None
    reason: str | None = None
    n: int | None = None
    hazard_ratio: tuple[float, float, float] | None = None
    rank: int | None = None
    places: int | None = None
    harm_watch: str | None = None  # one of HARM_GRADES
    comparison_estimated: float | None = None
    group: str = "all"  # the broad ethnic group that the row is on; all: everyone
    attenuated: str = ""

    def __post_init__(self) -> None:
        for name, valid in (("kind", KINDS), ("result_class", RESULT_CLASSES), ("claim", CLAIMS)):
            if getattr(self, name) not in valid:
                raise ValueError(f"{name} of a finding must be one of {', '.join(valid)}")
        if self.harm_watch not in (*HARM_GRADES, None):
            raise ValueError(
                f"harm_watch of a finding must be None or one of {', '.join(HARM_GRADES)}"
            )
        if self.better not in ("higher", "lower", None):
            raise ValueError("better is higher, lower or None")
        if self.has_number and None in (self.value, self.conf_low, self.conf_high):
            raise ValueError(f"a finding of class {self.result_class} has a value and an interval")

    @property
    def has_number(self) -> bool:
        """An estimate with an interval stands on the page."""
        return self.result_class not in WITHOUT_NUMBER

    @property
    def estimate(self) -> Interval:
        """The value and its interval. ValueError where there is none."""
        if self.value is None or self.conf_low is None or self.conf_high is None:
            raise ValueError(f"a finding of class {self.result_class} has no number here")
        return Interval(self.value, self.conf_low, self.conf_high)

    @property
    def centre(self) -> float:
        """The value that means that the two sides are alike."""
        return 1.0 if self.kind == "rate" else 0.0

    @property
    def is_against_an_estimate(self) -> bool:
        """The difference is one from a level that nobody observed, so that no sentence may set it
        beside {C} alone."""
        return self.comparison_estimated is not None and self.kind != "rate"

    @property
    def one_side(self) -> bool:
        """The whole interval is on one side of the centre."""
        return self.estimate.low > self.centre or self.estimate.high < self.centre

    @property
    def is_better(self) -> bool | None:
        """The estimate is on the better side; None where the plan leaves the direction
        undefined."""
        if self.better is None or self.value is None:
            return None
        return (self.value > self.centre) == (self.better == "higher") and self.value != self.centre

    @property
    def rules_something_out(self) -> bool:
        """The interval leaves out the size that matters, on one side or on both."""
        if not self.has_number or self.matters is None:
            return False
        turned = orient(
            *self.estimate,
            matters=self.matters,
            better=self.better or "higher",
            ratio=self.kind == "rate",
        )
        return turned.low > -turned.matters or turned.high < turned.matters

    @property
    def leans_worse(self) -> bool:
        """The estimate is worse than the size that matters, or its whole interval lies on the worse
        side.

        Such a finding is headed by the worse direction, whatever its class: a harm is never headed
        as a hope.
        """
        if not self.has_number or self.better is None:
            return False
        size = (
            self.matters if self.matters is not None else (math.inf if self.kind == "rate" else 1.0)
        )
        at = orient(*self.estimate, matters=size, better=self.better, ratio=self.kind == "rate")
        return at.high < 0 or (self.matters is not None and at.value < -at.matters)

    @property
    def worse_by(self) -> float | None:
        """How far the estimate is on the worse side, in the unit of the outcome (a rate: a ratio
        above 1); else None."""
        if self.is_better is not False or self.value == self.centre:
            return None
        value = self.estimate.value
        if self.kind != "rate":
            return abs(value)
        return value if value > 1 else 1 / value if value > 0 else math.inf


PER_PEOPLE = worded("100 people")


@dataclass(frozen=True)
class Slots:
    """Words that fill the sentence tables. `event` is in the past tense, `noun` a plural, `group`
    and `comparison` plurals.

    comparisons_made: how many stand in the same family. harm_rule: the plan's rule for stopping,
    where it names this outcome.
    """

    place: str
    programme: str
    group: str
    comparison: str
    units: str  # assigned units, as in "pupils and teachers"
    noun: str
    measure: str
    event: str = ""
    events: str = ""  # plural of what is counted over time ("recalls"); empty for shares of people
    people: str = "people"
    scale: tuple[float, float] | None = None
    months: int | None = None
    per: str = PER_PEOPLE
    covariates: tuple[str, ...] = ()
    assumption: str | None = None
    check_text: str | None = None
    rivals: tuple[str, ...] = ()
    why: str | None = None
    comparisons_made: int | None = None
    harm_rule: "StopForHarm | None" = None
    scale_check_passed: bool | None = None
    places_many: str = "regions"
    place_one: str = "region"
    recorded_by_practitioner: tuple[str, ...] = ()
    meanwhile: str = ""
    unmet: tuple[
        str, ...
    ] = ()  # checks that the claim rests on and that did not pass, each with what became of it
    sites: str = "sites"  # assigned units that hold several people, as a plural
    short: str = ""  # the noun in at most two words, for headings
    programme_is_many: bool = False  # "the schemes"
    among: str = (
        ""  # the ethnic group that a heading is about, as "White people"; empty: everyone compared
    )
    points: str = ""  # of a series, as a plural: what there are too few of where one is the answer
    sites_here: int | None = (
        None  # how many units of the pilot lie in the place, where nothing can be compared there
    )


def characteristics(ids: tuple[str, ...]) -> tuple[str, ...]:
    """Words for the characteristics that a plan allows for."""
    return tuple(CHARACTERISTICS.get(key, key.replace("_", " ")) for key in ids)


def slots_from(
    plan: "Plan",
    outcome: "Outcome",
    place: str,
    *,
    check_text: str | None = None,
    covariates: tuple[str, ...] = (),
) -> Slots:
    """The slots of one outcome in one place (its id). `covariates`: what the ESTIMATE allowed for,
    in words."""
    kind_of_place = place_set(plan.data.places)
    recorded = tuple(plan.outcome(key).noun or key for key in plan.recorded_by_practitioner)
    stop = plan.stop_for_harm
    families = [len(family.outcomes) for family in plan.families if outcome.id in family.outcomes]
    return Slots(
        place=(
            f"All {kind_of_place.many}" if place in (ALL, NATIONAL) else kind_of_place.name(place)
        ),
        programme=plan.words.programme,
        programme_is_many=plan.words.programme_is_many,
        group=outcome.group or plan.words.group,
        comparison=outcome.comparison or plan.words.comparison,
        units=plan.comparison.assigned_units,
        noun=outcome.noun or outcome.plain or "",
        measure=outcome.plain or "",
        event=outcome.event or "",
        people=(
            outcome.measured_on.split()[-1] if outcome.measured_on else plan.words.person.split()[0]
        ),
        scale=outcome.scale,
        months=outcome.follow_up_months,
        covariates=covariates,
        assumption=plan.comparison.assumption,
        check_text=check_text,
        why=outcome.why,
        comparisons_made=families[0] if families else None,
        harm_rule=stop if stop is not None and stop.outcome == outcome.id else None,
        places_many=kind_of_place.many,
        place_one=kind_of_place.one,
        recorded_by_practitioner=recorded,
        meanwhile=plan.meanwhile,
        sites=plan.words.practitioners,
        short=outcome.short or outcome.noun or "",
        points=plan.words.cells if plan.comparison.is_series else "",
    )
