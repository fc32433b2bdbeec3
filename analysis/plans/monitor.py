"""A monitor: which events are counted by ethnic group, among whom, whether good or bad, and what
follows a disparity.

Every measure names its at-risk set and its event in the positive, as it is counted ("were
promoted"), and whether the event is good or bad for the person: the verdict looks both ways, and
says who is worse off.
"""

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from analysis.plans.agreement.counts_fit import check_counts
from analysis.plans.agreement.group_checks import check_fine_codes, check_known
from analysis.plans.counts import Counts
from analysis.plans.study_plan import (
    NEGATED,
    AdjustFor,
    AskedToExplain,
    Band,
    Benchmark,
    Groups,
    Ids,
    IsoDate,
    Key,
    OneOf,
    Strict,
    StudyPlan,
    Words,
)
from analysis.said.texts import settled
from analysis.said.told import told
from analysis.vocabulary.ethnicity import HEADS, characteristic_of, groups_of
from analysis.vocabulary.levels import LEVEL_KEYS

RELATIVE = re.compile(r"\b(who|whom|whose|that|which)\b", re.IGNORECASE)
NOT_HAPPENED = re.compile(
    r"\b(not|no|never|neither|none|nobody)\b", re.IGNORECASE
)  # "without a report" is an event


def _names_people(noun: str) -> bool:
    return any(word in HEADS for word in noun.split())


class Measure(Strict):
    """One event of a monitor. `count` and `of` are columns: events, and what they are counted over.

    A rate is events over person-time or residents, a share is people over people. `counts` says
    whether the event is good or bad for the person. `people` names those at risk so that an ethnic
    group can stand before it. A share says in
    `opposite` what happened to the others, a rate in `events` what is counted, as a plural.
    """

    retired: ClassVar[Mapping[str, str]] = {
        "adverse": (
            "Write `counts: good` where the event of `plain` is good for the person, `counts: bad`"
            " where it is bad."
        ),
        "otherwise": (
            "`plain` says the event in the positive, `counts: good` that it is good for the person;"
            " `opposite` says in the positive what happened to the others."
        ),
        "unknown": "Leave it out: those of `unknown_column` are always shown.",
    }

    id: Key
    # {E}, past tense, as it is counted and never negated: "were recalled to prison", "were
    # promoted"
    plain: Words
    opposite: Words | None = (
        None  # of a share, what happened to the others: "ended their order in another way"
    )
    noun: Words  # the event in headings: "recall", "promotion"
    events: Words | None = None  # of a rate, what is counted, as a plural: "recalls"
    kind: Literal["rate", "share"]
    per: Words | None = None  # "1000 licence-months"
    per_number: Annotated[int, Field(ge=1)] = 1000
    at_risk: Words
    # what the event is for the person; undefined: more of it can be either, and `why` says why
    counts: Literal["good", "bad", "undefined"]
    why: Words | None = None  # of an undefined one: why more of it is neither better nor worse
    repeats: Literal["person", "unknown"] | None = None  # by whom repeated events are clustered
    unknown_column: Key | None = None  # people at risk whose outcome is not recorded
    count: Key
    of: Key
    table: Key | None = None  # where its rows are, if not in the plan's table
    of_days: bool = False  # counted over days, printed by the month
    # who is at risk, with room for a group before it: "people on licence", "applicants"
    people: Words = "people"
    pool_rounds: bool = (
        False  # the answer adds the counts of all rounds; each round is shown beside it
    )
    caution: Words | None = None
    marks: dict[str, Words] = Field(
        default_factory=dict
    )  # ethnic group: what must be known of its figures

    @property
    def good_or_bad(self) -> Literal["good", "bad"] | None:
        """What the event is for the person; None where the plan calls it neither."""
        return None if self.counts == "undefined" else self.counts

    @property
    def scale(self) -> int:
        """A rate stands for so many units of exposure, a share for so many people."""
        return self.per_number if self.kind == "rate" else 100

    @property
    def per_words(self) -> str:
        base, of = (self.per_number, self.per) if self.kind == "rate" else (100, self.people)
        return settled(f"{told(base)} {of}")

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        where = f"measures › {self.id}"
        if self.kind == "rate" and (self.per is None or self.repeats is None):
            raise ValueError(
                f"{where}: a rate names `per` (as in 'licence-months') and `repeats` (person or"
                " unknown)"
            )
        if self.kind == "rate" and self.opposite:
            raise ValueError(f"{where}: events over time have no opposite; leave out `opposite`")
        if self.kind == "rate" and not self.events:
            raise ValueError(
                f"{where}: `events` is missing; name what is counted as a plural, as in 'recalls'"
            )
        if self.kind == "share" and self.events:
            raise ValueError(f"{where}: `events` is for a rate; a share has `opposite`")
        if (self.counts == "undefined") != (self.why is not None):
            raise ValueError(
                f"{where}: `counts: undefined` goes with `why`, which says why more of it is"
                " neither better nor worse"
            )
        self._words_fit(where)
        if found := NEGATED.search(f"{self.plain} {self.noun}"):
            raise ValueError(
                f"{where}: say the event as it happened, without `{found[0]}`; `counts` says if it"
                " is good"
            )
        return self

    def _words_fit(self, where: str) -> None:
        """The slots of a sentence: a noun that a group can stand before, and both events as they
        happened."""
        if self.kind == "share" and not self.opposite:
            raise ValueError(
                f"{where}: `opposite` is missing; say what happened to the others, as in 'ended"
                " their order in another way'"
            )
        if self.opposite and (found := NOT_HAPPENED.search(self.opposite)):
            raise ValueError(
                f"{where}: `opposite` says what happened to the others, without `{found[0]}`"
            )
        if found := RELATIVE.search(self.people):
            raise ValueError(
                f"{where}: `people` holds `{found[0]}`, so that no ethnic group can stand before"
                " it; write a noun, as in 'applicants' or 'people on licence'"
            )
        if not _names_people(self.people):
            raise ValueError(
                f"{where}: `people` names those at risk with one of {', '.join(HEADS)}"
            )


class Leads(Strict):
    """The comparison that leads every page of the monitor: in every place and round the same, and
    never the largest."""

    measure: Key
    group: Words  # beside the reference


class Round(Strict):
    """How reporting periods are cut: closed ones that do not overlap, so that no difference of two
    releases is small.

    partial_below_percent: a quarter with fewer rows than this share of those beside it is said to
    be delivered in part.
    """

    retired: ClassVar[Mapping[str, str]] = {
        "counting": "Leave it out: periods are always closed and never overlap.",
    }

    length: Literal["quarter", "year"]
    provisional_until_months: Annotated[int, Field(ge=0)] = 0
    partial_below_percent: Annotated[float, Field(ge=0, lt=100, strict=False)] = 50


class MonitorSmallest(Strict):
    """Below these numbers there is no verdict."""

    base: Annotated[int, Field(ge=30)] = 30
    expected: Annotated[int, Field(ge=5)] = 5


class Break(Strict):
    """A day from which the figures are not made as before."""

    date: IsoDate
    text: Words


class Trend(Strict):
    """How many rounds are shown."""

    rounds: Annotated[int, Field(ge=1, le=40)]
    breaks: Annotated[tuple[Break, ...], Field(strict=False)] = ()


class AskedAfter(Strict):
    """In how many of the last rounds, the newest among them, a disparity must stand before an
    explanation is asked for."""

    rounds: Annotated[int, Field(ge=1)] = 2
    of_last: Annotated[int, Field(ge=1, le=40)] = 3

    @property
    def words(self) -> str:
        if self.of_last == 1:
            return "the newest round"
        return settled(f"{told(self.rounds)} of {told(self.of_last)} rounds")

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if self.rounds > self.of_last:
            raise ValueError(
                f"`rounds` is at most `of_last` ({self.of_last}): nobody would ever be asked"
            )
        return self


class ExplainOrReform(AskedToExplain):
    """What follows a disparity, round by round."""

    asked_after: AskedAfter = AskedAfter()
    reform_due_after_rounds: Annotated[int, Field(ge=1)]


class PageFamily(Strict):
    """The comparisons of one page, which share a rate of false findings: every measure by every
    group."""

    retired: ClassVar[Mapping[str, str]] = {
        "over": "Leave it out: the comparisons of a page are always its measures by its groups.",
    }

    name: Key
    method: Literal["benjamini_hochberg"]
    alpha: Annotated[float, Field(gt=0, le=0.2)]


class Units(Strict):
    """Delivery units or prisons inside a place."""

    column: Key
    one: Words
    many: Words
    rounds: Annotated[int, Field(ge=1)] = (
        4  # the last rounds, put together: one alone is too few for a unit
    )


class Series(Strict):
    """Counts of one table by month, around a day on which something happened elsewhere. More or
    fewer of them is neither better nor worse, and `why` says why.

    Months are those of the table. harmonics: waves of a year that the model allows for (1: one top
    and one low a year).
    """

    noun: Words  # what is counted: "race-related complaints"
    people: Words  # who is counted among them: "people who made them"
    table: Key
    count: Key  # column of what is counted
    people_count: Key  # column of the people behind it
    of: Key  # column of what it is counted over
    per: Words  # "residents"
    per_number: Annotated[int, Field(ge=1)] = 1000
    from_day: IsoDate  # the first month after it begins on this day
    event: Words  # what happened: "the riots of summer 2024"
    source: Words
    harmonics: Annotated[int, Field(ge=0, le=3)] = 1
    why: Words


class Stages(Strict):
    """Measures in the order of decisions. They are multiplied only where each denominator is the
    previous numerator."""

    measures: Ids
    not_multiplied_because: Words | None = None


class Representation(Strict):
    """Who is in post, against benchmarks; how many have declared (percent)."""

    benchmarks: Annotated[tuple[Benchmark, ...], Field(strict=False, min_length=1)]
    floor_percent: Annotated[float, Field(gt=0, lt=100, strict=False)]
    stretch_percent: Annotated[float, Field(gt=0, lt=100, strict=False)]
    source: Words


class PublishedShares(Strict):
    """Shares of applicants and of hires as published, without the number of people (percent)."""

    plain: Words
    group: Words
    applicants_percent: Annotated[float, Field(gt=0, lt=100, strict=False)]
    hires_percent: Annotated[float, Field(gt=0, lt=100, strict=False)]
    source: Words


class Monitor(StudyPlan):
    """One monitor."""

    table: Key  # where rows are counted: a table of the data dictionary, or of data/reference
    level: Annotated[str, OneOf(LEVEL_KEYS)] = "society"
    person: Words = "people"  # how a page calls those who are counted
    groups: Groups
    round: Round
    band: Band
    smallest: MonitorSmallest = MonitorSmallest()
    adjust_for: AdjustFor = AdjustFor()
    leads: Leads
    measures: Annotated[tuple[Measure, ...], Field(strict=False, min_length=1)]
    stages: Stages | None = None
    units: Units | None = None
    series: Series | None = None
    recorded_by_practitioner: Ids = ()
    recorded_words: Words | None = None  # who makes the decision that is counted
    trend: Trend
    explain_or_reform: ExplainOrReform | None = None
    families: Annotated[tuple[PageFamily, ...], Field(strict=False, min_length=1, max_length=1)]
    representation: Representation | None = None
    published_shares: Annotated[tuple[PublishedShares, ...], Field(strict=False)] = ()
    counts: Counts | None = None  # a table of counts that is read in the place of records

    @property
    def own_table(self) -> Counts:
        """The section `counts`. ValueError for a monitor that counts records."""
        if self.counts is None:
            raise ValueError(f"{self.study} has no section `counts`")
        return self.counts

    def measure(self, measure_id: str) -> Measure:
        """The measure with this id."""
        return {m.id: m for m in self.measures}[measure_id]

    @property
    def tables(self) -> tuple[str, ...]:
        """Every table that rows are counted in, the plan's own first."""
        return tuple(dict.fromkeys([self.table, *(m.table for m in self.measures if m.table)]))

    @property
    def has_own_table(self) -> bool:
        """The plan itself says what its columns are, so that no contract does."""
        return self.counts is not None

    @property
    def characteristic(self) -> str:
        """What the groups are groups of: "ethnic group", "sex"."""
        return characteristic_of(self.groups.coding)

    @property
    def page_family(self) -> PageFamily:
        """The comparisons that a page makes together: a monitor has one family."""
        return self.families[0]

    @property
    def alpha(self) -> float:
        return self.page_family.alpha

    @property
    def leading_row(self) -> dict[str, str]:
        """The row of a record that leads, by its outcome and group."""
        return {
            "outcome": self.leads.measure,
            "group": f"{self.leads.group} to {self.groups.reference}",
        }

    @property
    def compared_groups(self) -> tuple[str, ...]:
        """Every group of the coding but the reference."""
        return tuple(g for g in groups_of(self.groups.coding) if g != self.groups.reference)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        ids = [m.id for m in self.measures]
        if len(ids) != len(set(ids)):
            raise ValueError("measures: an `id` stands twice")
        for field, named in (
            ("stages", self.stages.measures if self.stages else ()),
            ("recorded_by_practitioner", self.recorded_by_practitioner),
            ("leads", (self.leads.measure,)),
        ):
            for measure in named:
                if measure not in ids:
                    raise ValueError(
                        f"{field}: `{measure}` is not a measure; valid: {', '.join(ids)}"
                    )
        rule = self.explain_or_reform
        if rule is not None and rule.asked_after.of_last > self.trend.rounds:
            raise ValueError(
                f"explain_or_reform › asked_after: looks at the last {rule.asked_after.of_last}"
                f" rounds, and `trend` shows {self.trend.rounds}; write `rounds` and `of_last` of"
                f" at most {self.trend.rounds}"
            )
        groups = groups_of(self.groups.coding)
        if self.groups.reference not in groups:
            raise ValueError(f"groups: `reference` must be one of {', '.join(groups)}")
        check_fine_codes(self.groups)
        check_counts(self)
        for one in self.measures:
            check_known(f"measures › {one.id} › marks", one.marks, self.compared_groups)
        if self.leads.group not in self.compared_groups:
            compared = ", ".join(self.compared_groups)
            raise ValueError(
                f"leads: `{self.leads.group}` is not a group that is compared; valid: {compared}"
            )
        if self.recorded_by_practitioner and not self.recorded_words:
            raise ValueError(
                "recorded_words: is missing; say who makes the decision that is counted"
            )
        return self
