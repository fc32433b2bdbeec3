"""A plan: what a study asks, of whom, compared with whom, and which difference would matter. Fixed
before outcomes.

The file in params/ is read by people who do not program, so field names are words and sizes stand
in the unit that the page prints. The model is strict: an unknown key or a wrong type is an error
with file and line (registry.py).
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from analysis.plans.agreement.group_checks import check_ethnic, check_fine_codings
from analysis.plans.asks import EFFECT, check_asks
from analysis.plans.designs import HOW_CHOSEN, Check, Ground, checks_of
from analysis.plans.kinds import designs, kind_of
from analysis.plans.study_plan import (
    NEGATED,
    AdjustFor,
    AskedToExplain,
    Band,
    Benchmark,
    Evidence,
    Groups,
    Ids,
    IsoDate,
    Key,
    OneOf,
    Strict,
    StudyPlan,
    Words,
    known_coding,
)
from analysis.results import EVERYONE
from analysis.said import texts
from analysis.vocabulary.ethnicity import CODINGS
from analysis.vocabulary.levels import LEVEL_KEYS

# Of the rows of a table that lack their row in the table of outcomes, on either side: above it
# nothing is compared. Chosen: lost rows alone could move a share by as many in every 100, and more
# where only some of the people are at risk of the outcome; 2 in every 100 is the smallest
# difference that any plan calls one that matters.
LOST_ROWS_PERCENT = 2.0
SERIES = ("interrupted_series", "interrupted_counts")  # designs whose date stands in `events`
MOST_WORDS_SHORT = 2  # of `short`: so many fit a heading beside the longest name of a place


class Event(Strict):
    """Something that happened on a day, or from one day to another, and that a series shows."""

    date: IsoDate  # the day on which it happened, or began
    until: IsoDate | None = None  # the last day, where it took time
    kind: Literal["start", "instrument", "rival"]  # the programme; the measure; anything else
    text: Words  # what happened, as a noun: "the unification of probation"

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> Self:
        if self.until is not None and self.until < self.date:
            raise ValueError("events: `until` is before `date`")
        return self

    @property
    def words(self) -> str:
        """What happened and when: "the unification of probation (26 June 2021)"."""
        days = [_day_in_words(day) for day in (self.date, self.until) if day]
        return texts.named(f"{self.text} ({' to '.join(days)})")


def _day_in_words(day: str) -> str:
    at = date.fromisoformat(day)
    return f"{at.day} {at:%B %Y}"


IN_STEPS = ("staggered_sites", "staggered_prisons")  # designs of units that start in steps


class Comparison(Strict):
    """Who is compared with whom, and how that came about: the ground of every claim."""

    retired: ClassVar[Mapping[str, str]] = {
        "if_no_comparison": (
            "Leave it out: where there is nobody to compare with, a page describes."
        ),
        "regional_run": (
            "Leave it out: what a region may estimate follows from its own units and their lot."
        ),
    }

    design: Annotated[str, OneOf(tuple(designs()))]
    assigned: Literal[
        "person",
        "dyad",
        "class",
        "candidate",
        "employee",
        "manager",
        "site",
        "prison",
        "region",
        "nation",
    ]
    assigned_units: Words  # {Units}: plural, as in "pupils and teachers"
    started_first: Words
    compared_with: Words
    how_chosen: Annotated[str, OneOf(HOW_CHOSEN)]
    weights: Literal["people", "courts"] = (
        "people"  # whose average a roll-out over courts answers for
    )
    need_seen_months: Annotated[int, Field(ge=1, le=24)] = (
        3  # before a start: those by which courts were chosen by need
    )
    months_before: Annotated[int, Field(ge=6, le=60)] = (
        24  # of regions or sites with an initiative: how long a time before its start is looked at
    )
    residuals_alike_because: Words | None = (
        None  # of one region: why months are of one kind before and after the start, if argued so
    )
    assumption: Words | None = None  # needed for the claim "likely", and not enough for it
    rivals: Annotated[
        tuple[Words, ...], Field(strict=False)
    ] = ()  # events at the same time that could account for it
    events: Annotated[
        tuple[Event, ...], Field(strict=False)
    ] = ()  # dated ones: the start of the programme, a change of the measure, and rivals
    arms: dict[Key, Words] = Field(default_factory=dict)  # arm of the trial: how a page names it
    waiting: Key | None = None  # the arm that the others are compared with

    @field_validator("assigned", "how_chosen")
    @classmethod
    def _goes_with_the_design(cls, value: str, info: ValidationInfo) -> str:
        design = designs().get(info.data.get("design", ""))
        valid = (
            ()
            if design is None
            else tuple(design.by)
            if info.field_name == "how_chosen"
            else design.assigned
        )
        if design and value not in valid:
            raise ValueError(
                f"comparison › {info.field_name}: `{value}` does not go with the design"
                f" `{info.data['design']}` ({design.title}); valid: {', '.join(valid)}"
            )
        return value

    @property
    def ground(self) -> Ground:
        """What the way of choosing carries: the strongest claim, and the checks it rests on."""
        return designs()[self.design].ground(self.how_chosen)

    @property
    def compares(self) -> bool:
        """There is somebody to compare with."""
        return self.how_chosen != "everyone"

    def event(self, kind: str) -> Event | None:
        """The first event of this kind (start, instrument, rival); None where there is none."""
        return next((event for event in self.events if event.kind == kind), None)

    @property
    def is_series(self) -> bool:
        """One series that a date interrupts is the answer."""
        return self.design in SERIES

    @property
    def rival_words(self) -> tuple[str, ...]:
        """Everything that could account for a change, dated events with their days."""
        dated = (event.words for event in self.events if event.kind == "rival")
        return (*dated, *self.rivals)

    @model_validator(mode="after")
    def _starts_once(self) -> Self:
        kinds = [event.kind for event in self.events]
        if kinds.count("start") > 1 or kinds.count("instrument") > 1:
            raise ValueError("comparison: `events` names one `start` and one `instrument` at most")
        return self

    @model_validator(mode="after")
    def _weights_are_of_courts(self) -> Self:
        in_steps = self.design in IN_STEPS
        if "weights" in self.model_fields_set and not in_steps:
            raise ValueError(
                "comparison: `weights` belongs to `design: staggered_sites` and"
                " `staggered_prisons`; elsewhere people count alike"
            )
        by_need = in_steps and self.how_chosen == "by_need"
        if "need_seen_months" in self.model_fields_set and not by_need:
            raise ValueError(
                "comparison: `need_seen_months` belongs to `design: staggered_sites` and"
                " `staggered_prisons` with `how_chosen: by_need`"
            )
        of_few = self.design in ("one_region", "few_regions", "few_sites")
        for name in ("months_before", "residuals_alike_because"):
            if name in self.model_fields_set and not of_few:
                raise ValueError(
                    f"comparison: `{name}` belongs to `design: one_region`, `few_regions` and"
                    " `few_sites`"
                )
        return self


class Exposure(Strict):
    """When two people count as matched."""

    match_on: Annotated[str, AfterValidator(known_coding)]
    matched_groups: Annotated[tuple[str, ...], Field(strict=False, min_length=2)]
    left_out: Ids  # groups of the coding for whom "the same group" has no meaning
    why_left_out: Words
    practitioner: Words  # which practitioner counts
    office: Words
    period: Words
    stratum: Words | None = None
    cluster_on: Literal["practitioner", "two_way"]
    declared_percent: Annotated[
        float, Field(gt=0, le=100, strict=False)
    ]  # of practitioners, below: not estimable
    why_declared: Words
    requested: Words | None = None


class Outcome(Strict):
    """One outcome of one level, or the reason why the level is not measured.

    A text is empty where the plan does not say it: id, plain, event, noun and source.
    `matters` is the smallest difference that would change the decision, in the unit that the page
    prints: in every 100 (share, time to event), times (rate), points (scale).
    """

    retired: ClassVar[Mapping[str, str]] = {
        "adverse": (
            "`event` says what is counted, in the positive, and `better` whether it is good; words"
            " for those without the event may stand in `opposite`."
        ),
    }

    level: Annotated[str, OneOf(LEVEL_KEYS)]
    not_measured: Words | None = None
    id: Key = ""
    plain: Words = ""  # "was recalled to prison within 12 months"
    event: Words = ""  # {E}, as it happened: "were recalled to prison within 12 months"
    noun: Words = ""  # "recalls", for headlines
    short: Words | None = (
        None  # the noun in at most two words, for headings beside a long name of a place
    )
    opposite: Words | None = (
        None  # of a share, what happened to the others: "missed more than one in ten"
    )
    kind: Literal["share", "rate", "scale", "count", "money", "time_to_event"] | None = None
    scale: Annotated[tuple[float, float], Field(strict=False)] | None = None
    at_risk: Words | None = None
    better: Literal["higher", "lower"] | None = None
    direction: Literal["undefined"] | None = None
    why: Words | None = None
    matters: Annotated[float, Field(strict=False)] | None = None
    source: Words = ""
    role: Literal["primary", "secondary", "fact"] | None = None
    follow_up_months: int | None = None
    survey: bool = False  # answered by some only: response rates are printed first
    measured_on: Words | None = None  # other people than those who were assigned
    group: Words | None = (
        None  # {G} and {C} of this outcome, where the people are not those of `words`
    )
    comparison: Words | None = None
    linked_by: Words | None = None  # how they belong to what was assigned, fixed at the start
    only_groups: Ids = ()  # ethnic groups that the outcome is about; empty: everyone
    before: bool = False  # measured before the start as well
    horizon_months: Annotated[int, Field(ge=1)] | None = None
    competing: Ids = ()  # other ways to leave, which are not the event
    selected_by_pilot: Words | None = (
        None  # why the people behind it are not the same with and without the pilot
    )

    @property
    def unit(self) -> str:
        kind = self.kind or "none"
        return {
            "share": "in_every_100",
            "time_to_event": "in_every_100",
            "rate": "times",
            "scale": "points",
        }.get(kind, kind)

    @property
    def size(self) -> float:
        """The smallest difference that matters. ValueError where the plan compares nothing."""
        if self.matters is None:
            raise ValueError(f"the plan names no size that matters for {self.id or self.level}")
        return self.matters

    @property
    def counts(self) -> str | None:
        """Whether the event is good or bad for the person; None where the plan calls it neither."""
        return {"higher": "good", "lower": "bad"}.get(self.better or "")

    @property
    def compared(self) -> bool:
        """A difference is worked out (facts and levels without a measure have none)."""
        return self.not_measured is None and self.role != "fact"

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        where = f"outcomes › {self.id or self.level}"
        if self.not_measured is not None:
            if self.id:
                raise ValueError(f"{where}: a level is either measured or `not_measured`, not both")
            return self
        for name in ("id", "plain", "kind", "role"):
            if not getattr(self, name):
                raise ValueError(
                    f"{where}: `{name}` is missing; without a measure write `not_measured` and why"
                )
        self._check_words(where)
        if self.compared:
            self._check_comparison(where)
        elif self.kind == "share" and not self.event:
            raise ValueError(
                f"{where}: `event` is missing; write it in the past tense, as in 'took part'"
            )
        return self

    def _check_words(self, where: str) -> None:
        """What happened is said as it happened, of those with the event and of the others."""
        for name in ("event", "opposite", "noun", "short"):
            if found := NEGATED.search(getattr(self, name) or ""):
                raise ValueError(
                    f"{where}: `{name}`: say the event as it happened, without `{found[0]}`;"
                    " `better` says if it is good"
                )
        if self.short and len(self.short.split()) > MOST_WORDS_SHORT:
            raise ValueError(f"{where}: `short` has at most {MOST_WORDS_SHORT} words")

    def _check_comparison(self, where: str) -> None:
        if self.kind in ("count", "money"):
            raise ValueError(f"{where}: {self.kind} is a fact; write `role: fact`")
        if (self.better is None) == (self.direction is None):
            raise ValueError(
                f"{where}: write `better: higher` or `better: lower`, or `direction: undefined` and"
                " `why`"
            )
        if self.direction and not self.why:
            raise ValueError(
                f"{where}: `why` is missing; say why the plan does not call this better or worse"
            )
        unit = self.unit.replace("_", " ")
        if self.matters is None:
            raise ValueError(
                f"{where}: `matters` is missing; write the smallest difference, {unit}, that would"
                " change the decision"
            )
        if self.matters <= 0 or (self.unit == "times" and self.matters <= 1):
            raise ValueError(
                f"{where}: `matters` is a size, {unit}: more than"
                f" {1 if self.unit == 'times' else 0}, whichever side is better"
            )
        if not self.source:
            raise ValueError(f"{where}: `source` is missing; say who chose `matters`, and when")
        if self.kind == "scale" and (self.scale is None or self.scale[0] >= self.scale[1]):
            raise ValueError(
                f"{where}: `scale` is missing; write its lowest and highest value, as [1, 5]"
            )
        if self.kind != "scale" and not self.event:
            raise ValueError(
                f"{where}: `event` is missing; write it in the past tense, as in 'were recalled to"
                " prison'"
            )
        if self.opposite and self.kind != "share":
            raise ValueError(f"{where}: only a share has an opposite; leave out `opposite`")
        if self.kind == "time_to_event" and self.horizon_months is None:
            raise ValueError(
                f"{where}: `horizon_months` is missing; write by which month it is counted"
            )
        if self.measured_on and not self.linked_by:
            raise ValueError(
                f"{where}: `linked_by` is missing; say how they belong to what was assigned, at the"
                " start"
            )
        if not self.noun:
            raise ValueError(f"{where}: `noun` is missing; headlines need it, as in 'recalls'")


class Family(Strict):
    """Comparisons that are made together and share one error rate."""

    name: Key
    outcomes: Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
    method: Literal["holm", "benjamini_hochberg"]
    alpha: Annotated[float, Field(gt=0, le=0.2)]


class Smallest(Strict):
    """Below these numbers nothing is compared."""

    people: Annotated[int, Field(ge=10)]
    response_percent: Annotated[float, Field(gt=0, le=100, strict=False)] = 50
    sites_each_arm: Annotated[int, Field(ge=2)] | None = None
    lost_rows_percent: Annotated[float, Field(gt=0, le=50, strict=False)] = (
        LOST_ROWS_PERCENT  # on either side, at most
    )


class HarmWatch(Strict):
    """From which posterior probability of harm beyond the size that matters a place or group *may
    be worse*."""

    probability: Annotated[float, Field(ge=0.5, lt=1)] = 0.8  # page rules, section 1a rule 4


ANY_GROUP = "any"


class StopForHarm(Strict):
    """Worse by more than this, in the unit of the outcome, and `who` decides about stopping.

    group: a broad ethnic group, or `any`: every row, that on everyone among them.
    """

    group: str
    outcome: Key
    worse_by: Annotated[float, Field(gt=0, strict=False)]
    who: Words

    def covers(self, group: str) -> bool:
        """The rule is about rows on this group (`all`: everyone)."""
        return self.group in (ANY_GROUP, group)


class PageWords(Strict):
    """The words that a page needs: {X}, {G} and {C} of the sentence tables."""

    programme: Words  # {X}: "matching"
    programme_is_many: bool = False  # "the schemes": a plural, so that "lead to" follows it
    group: Words  # {G}
    comparison: Words  # {C}
    person: Words = "people on probation"
    practitioner: Words = "practitioner"
    practitioners: Words = "practitioners"
    cell: Words = "office and quarter"
    cells: Words = "offices and quarters"
    held_alike: Annotated[
        tuple[Words, ...], Field(strict=False)
    ] = ()  # within which people are compared: "office"


class Plan(StudyPlan):
    """One pilot. Field names are those of the file; see params/ for complete examples."""

    retired: ClassVar[Mapping[str, str]] = {
        "looks": (
            "Leave it out: interim looks stand in params/decisions.yml, with the rule that they"
            " are held against."
        ),
    }

    table: Key | None = None  # of a kind that reads one of several: in which its rows are
    comparison: Comparison
    exposure: Exposure | None = None
    words: PageWords
    groups: Groups
    adjust_for: AdjustFor
    leading: Key  # the outcome that heads the page
    asks: Ids = (EFFECT,)  # which questions the page answers, in order (plans/asks.py)
    outcomes: Annotated[tuple[Outcome, ...], Field(strict=False, min_length=6)]
    families: Annotated[tuple[Family, ...], Field(strict=False, min_length=1)]
    band: Band | None = None
    benchmarks: Annotated[tuple[Benchmark, ...], Field(strict=False)] = ()  # of the leading share
    smallest: Smallest
    harm_watch: HarmWatch = HarmWatch()
    stop_for_harm: StopForHarm | None = None
    recorded_by_practitioner: Ids = ()
    explain_or_reform: AskedToExplain | None = None  # whom a gap between ethnic groups asks
    meanwhile: Words  # what to do while it is too early to tell

    def outcome(self, outcome_id: str) -> Outcome:
        """The outcome with this id."""
        return {o.id: o for o in self.outcomes if o.id}[outcome_id]

    @property
    def can_show(self) -> Evidence:
        """A comparison, where there is somebody to compare with."""
        return "compared" if self.comparison.compares else "described"

    @property
    def has_protocol(self) -> bool:
        return kind_of(self).compares and self.comparison.compares

    @property
    def leading_row(self) -> dict[str, str]:
        """The leading outcome, on everyone compared."""
        return {"outcome": self.leading, "group": EVERYONE}

    @property
    def compared(self) -> tuple[Outcome, ...]:
        """Outcomes for which a difference is worked out, in the order of the levels."""
        return tuple(o for o in self.outcomes if o.compared)

    @property
    def characteristic(self) -> str:
        """What the groups are groups of: "ethnic group"."""
        return CODINGS[self.groups.coding].characteristic

    @property
    def group_heading(self) -> str:
        """The heading of a column of groups: "Ethnic group"."""
        return self.characteristic[:1].upper() + self.characteristic[1:]

    def checks_of(self, outcome: Outcome) -> dict[str, Check]:
        """The checks that the claim about this outcome rests on, by their id in a record."""
        return checks_of(self.comparison.ground, outcome, self.leading)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        levels = [LEVEL_KEYS.index(o.level) for o in self.outcomes]
        if levels != sorted(levels) or set(levels) != set(range(len(LEVEL_KEYS))):
            raise ValueError(
                "outcomes: one entry or more for each level, in this order:"
                f" {', '.join(LEVEL_KEYS)}"
            )
        ids = [o.id for o in self.outcomes if o.id]
        if len(ids) != len(set(ids)):
            raise ValueError("outcomes: an `id` stands twice")
        compared = {o.id for o in self.compared}
        named = {
            "leading": (self.leading,),
            "families": tuple(o for f in self.families for o in f.outcomes),
            "stop_for_harm": (self.stop_for_harm.outcome,) if self.stop_for_harm else (),
        }
        for field, outcomes in named.items():
            for outcome in outcomes:
                if outcome not in compared:
                    raise ValueError(
                        f"{field}: `{outcome}` is not an outcome with a comparison; valid:"
                        f" {', '.join(sorted(compared))}"
                    )
        check_asks(self.asks, gaps=kind_of(self).gaps, question=self.question)
        self._check_design()
        self._check_primaries()
        self._check_groups()
        self._check_names()
        self._check_stop()
        if self.data.from_ and self.data.to and self.data.from_ > self.data.to:
            raise ValueError("data: `from` is after `to`")
        return self

    def _check_design(self) -> None:
        key, design, arms = (
            self.comparison.design,
            designs()[self.comparison.design],
            len(self.comparison.arms),
        )
        worked_out = tuple(kind_of(self).designs)
        if key not in worked_out:
            raise ValueError(
                f"comparison: the notebook `{self.notebook}` does not work out the design `{key}`; "
                f"valid: {', '.join(worked_out)}"
            )
        if self.comparison.is_series and self.comparison.event("start") is None:
            raise ValueError(f"comparison: `design: {key}` needs an event of kind `start`")
        named = (*self.adjust_for.outside, *self.adjust_for.service_decided)
        if named and not design.adjusts:
            raise ValueError(
                f"adjust_for: the design `{key}` allows for no characteristics, and `{named[0]}`"
                " stands there; valid: none, or a design that does:"
                f" {', '.join(k for k, d in designs().items() if d.adjusts)}"
            )
        if design.exposure and self.exposure is None:
            raise ValueError(
                f"comparison: the design `{key}` needs `exposure`; write when two people count as"
                " matched"
            )
        if (
            design.arms
            and self.comparison.compares
            and (arms != design.arms or self.comparison.waiting is None)
        ):
            raise ValueError(
                f"comparison: the design `{key}` needs {design.arms} `arms` and which one is"
                " `waiting`"
            )

    def _check_primaries(self) -> None:
        primary = [o.level for o in self.compared if o.role == "primary"]
        if len(primary) != len(set(primary)):
            raise ValueError("outcomes: at most one primary outcome a level")
        confirmed = {o for f in self.families if f.method == "holm" for o in f.outcomes}
        missing = [o.id for o in self.compared if o.role == "primary" and o.id not in confirmed]
        if missing:
            raise ValueError(
                f"families: the primary outcome `{missing[0]}` stands in no Holm family"
            )

    def _check_names(self) -> None:
        """Ethnic groups and outcomes that the plan names are ones that there are."""
        check_ethnic(self.groups)
        groups, ids = CODINGS[self.groups.coding].groups, tuple(o.id for o in self.outcomes if o.id)
        named = [(f"outcomes › {o.id} › only_groups", o.only_groups, groups) for o in self.outcomes]
        if self.stop_for_harm:
            named.append(
                ("stop_for_harm › group", (self.stop_for_harm.group,), (ANY_GROUP, *groups))
            )
        named.append(("recorded_by_practitioner", self.recorded_by_practitioner, ids))
        if self.exposure:
            on = CODINGS[self.exposure.match_on].groups
            named.append(("exposure › left_out", self.exposure.left_out, on))
        for field, found, valid in named:
            for name in found:
                if name not in valid:
                    raise ValueError(f"{field}: there is no `{name}`; valid: {', '.join(valid)}")

    def _check_stop(self) -> None:
        stop = self.stop_for_harm
        if stop and self.outcome(stop.outcome).unit == "times" and stop.worse_by <= 1:
            raise ValueError(
                "stop_for_harm: `worse_by` of a rate is a ratio: more than 1, whichever side is"
                " better"
            )

    def _check_groups(self) -> None:
        comparison = self.comparison
        if comparison.waiting and comparison.waiting not in comparison.arms:
            raise ValueError("comparison: `waiting` must be one of `arms`")
        check_ethnic(self.groups)
        groups = CODINGS[self.groups.coding].groups
        if self.groups.reference not in groups:
            raise ValueError(f"groups: `reference` must be one of {', '.join(groups)}")
        check_fine_codings(self.groups)
        if self.exposure and not set(self.exposure.matched_groups) <= set(
            CODINGS[self.exposure.match_on].groups
        ):
            raise ValueError(
                "exposure: `matched_groups` must be among"
                f" {', '.join(CODINGS[self.exposure.match_on].groups)}"
            )
