"""What a design function returns: an estimate, or the reason why there is none. Frozen, so that
nothing is changed later."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from analysis.said.carried import CARRIED, read_out
from analysis.said.numbers import ClearedNumber
from analysis.said.numbers import significant as significant
from analysis.said.texts import leaves

if TYPE_CHECKING:  # records are read where pandas is not needed
    import pandas as pd


def _framed(rows: list[dict]) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Support:
    """What a comparison rests on: exact numbers, private until disclosure control has seen them.

    persons: distinct people. `identifying` rows are those in cells where the exposure varies; the
    others inform the covariates only. `smallest_cell` is the smallest number of distinct people
    with, or without, the event on either side of the contrast within the identifying cells; for an
    outcome that is not an event, the smaller side.
    left_out: people behind the row who are not in `n`, by reason (None: not counted; cleared: a
    number may be None), and clusters_left_out the assigned units of which nobody is in it.
    """

    n: int = 0  # rows used
    n_identifying: int = 0  # rows in cells with variation
    cells_identifying: int = 0
    n_treated: int = 0  # identifying rows with the exposure
    clusters_treated: int = 0  # assigned units with the exposure, in identifying cells
    clusters_comparison: int = 0
    persons: int = 0
    smallest_cell: int = 0
    residual_df: int = 0  # rows less columns and absorbed effects
    left_out: tuple[tuple[str, int | None], ...] | None = None
    clusters_left_out: int = 0

    def __post_init__(self):
        assert self.n_treated <= self.n_identifying <= self.n, (
            "identifying rows are a part of the rows used"
        )


EVERYONE = "all"  # the group of a result on everyone compared
OBSERVED_LEVELS = ("comparison_value", "group_value")
ESTIMATED_LEVELS = ("comparison_estimated", "group_estimated")
LEVELS = (*OBSERVED_LEVELS, *ESTIMATED_LEVELS)


class Interval(NamedTuple):
    """A value with the ends of its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Estimate:
    """One estimated quantity with its interval.

    value, std_error, conf_low, conf_high: in `unit` (in_every_100, points, percentile_points,
    times; for the analyst log_odds, log_hazard, and on_a_scale_to_1 for agreement and reliability).
    Ratios carry no standard error on their own scale. `df` belongs to the reference distribution
    (None: normal or exact).
    `comparison_value` is the level OBSERVED among the comparison people, in the same unit;
    `group_value` that among the
    group: shares and means of people, as they are or weighted by how they were sampled. What a
    model gives stands apart:
    `comparison_estimated` is the level that the group would have had without it, `group_estimated`
    the one with it.
    `allowed_for`: columns that the design held alike or had in its model, filled by the design
    alone (None: it does not say, and no sentence may).
    `reason` says why a p-value is missing, or which small-sample rule was used.
    """

    estimand: str
    method: str
    unit: str
    value: float
    conf_low: float
    conf_high: float
    std_error: float | None = None
    p_value: float | None = None
    df: float | None = None
    comparison_value: float | None = None
    group_value: float | None = None
    support: Support = field(default_factory=Support)
    reliable: bool = (
        True  # False: printed, but sets no class (CR2 with fewer than 4 degrees of freedom)
    )
    reason: str | None = None
    seed: int | None = None
    comparison_estimated: float | None = None
    group_estimated: float | None = None
    allowed_for: tuple[str, ...] | None = field(default=None, compare=False)

    def __post_init__(self):
        for name in ("value", "conf_low", "conf_high"):
            if not math.isfinite(getattr(self, name)):
                raise ValueError(
                    f"{name} of {self.estimand} is not finite: return NotEstimable instead"
                )
        if not self.conf_low <= self.value <= self.conf_high:
            raise ValueError(f"the interval of {self.estimand} does not hold its estimate")

    def summary(self) -> str:
        """The estimate and its interval as a sentence, three significant figures."""
        value, low, high = (
            f"{significant(x):g}" for x in (self.value, self.conf_low, self.conf_high)
        )
        return (
            f"Best estimate {value} {self.unit.replace('_', ' ')} (95% confidence interval {low} to"
            f" {high})."
        )

    def to_frame(self) -> "pd.DataFrame":
        """One tidy row, rounded to three significant figures."""
        row = {
            f.name: getattr(self, f.name)
            for f in fields(self)
            if f.name not in ("support", "allowed_for")
        }
        return _framed([{k: significant(v) if isinstance(v, float) else v for k, v in row.items()}])

    def with_estimated_levels(self) -> "Estimate":
        """The same with its levels as what they are where a model gave them: estimated, and not
        observed."""
        return replace(
            self,
            comparison_value=None,
            group_value=None,
            comparison_estimated=self.comparison_value,
            group_estimated=self.group_value,
        )

    def __repr__(self) -> str:
        return f"Estimate({self.estimand}, {self.method}: {self.summary()})"


# Reasons for which no estimate is given, in the words of the page (PAGES: "We did not work out a
# difference: ...").
NOT_ESTIMABLE_REASONS = {
    "too_little_overlap": "too few offices and periods had both kinds of practitioner",
    "too_few_practitioners": "too few practitioners on one side of the comparison",
    "no_comparison": "there was no one to compare with",
    "one_cluster": "all of them had the same practitioner",
    "constant_outcome": "the outcome was the same for everyone",
    "zero_events": "the event did not happen to anyone on one side",
    "one_group": "fewer than two ethnic groups could be compared",
    "ethnicity_missing": "the ethnic group is not recorded",
    "low_declaration": "too few practitioners have declared their ethnic group",
    "rows_lost": "the data lack rows of too many people",
    "absorbed": (
        "the comparison is the same as a difference between practitioners, which is taken out"
    ),
    "too_few_matched": "too few matched people",
    "too_few_people": "too few people",
    "follow_up_incomplete": "the follow-up is not complete",
    "too_few_places": "too few places could be put together",
    "separation": "the characteristics recorded tell the two sides apart completely",
    "collinear": "one characteristic repeats another, so that they cannot be told apart",
    "no_fit": "no model of this kind describes the answers",
    "not_proportional": "the two sides do not differ by the same ratio at all times",
    "one_rater": "fewer than two people rated the same items",
    "too_few_raters": "too few people gave ratings",
    "too_few_items": "too few items were rated by more than one person",
    "unequal_raters": "the items were not all rated by the same number of people",
    "off_scale": "some answers are not on the scale",
    "constant_rating": "the ratings were all the same, or on all items but one",
    "too_few_questions": "the scale has too few questions",
    "one_question_alone": "one question alone carries the whole scale",
    "unrelated_questions": "the questions do not go together",
    "unreliable_scale": "the questions of the scale do not hang together well enough",
    "questions_differ": "the questions of the scale do not work alike in each ethnic group",
    "treated_from_start": "there were no figures from before the start",
    "one_treated_site": "only one place started, so that a change there cannot be told from chance",
    "too_few_sites": "too few places were on one side of the comparison",
    "no_such_level": "too few of the places that did not start were at the same level before",
    "incomplete_periods": "no place had figures for every period",
    "too_few_assignments": (
        "the places could have started in too few other ways for chance to be ruled out"
    ),
    "not_followed": "no place was followed at that time from the start",
    "unbounded": "differences of any size agree with what was seen",
    "weak_uptake": "the offer changed too little who took part",
    "no_uptake": "the offer did not change who took part",
    "one_arm": "fewer than two arms could be compared",
    "not_delivered": "the figures of that period were not delivered",
    "infinite_values": "some values are infinite",
    "practitioner_in_two_groups": "some practitioners stand in more than one ethnic group",
    "suppressed_before": "some of the numbers were suppressed before they came here",
    "base_not_published": "the number of people was not published",
    "not_in_table": "the table has no row for one of the sides",
    "nobody_at_risk": "the table counts nobody on one of the sides",
    "instrument_changed": "the measure itself changed at that time",
    "too_few_points": "there were too few points in time before or after the start",
    "person_in_two_groups": "some people stand in more than one ethnic group",
    "no_fit_before": (
        "no mix of the other places moved like this one in the time before the start"
    ),
}
# Of a table of counts that somebody else made: what it does not give.
NOT_GIVEN_REASONS = frozenset(
    {"suppressed_before", "base_not_published", "not_in_table", "nobody_at_risk"}
)
# Reasons that tell something about the people in a small cell; they are shown as withheld (rule
# S20).
REVEALING_REASONS = frozenset(
    {"zero_events", "constant_outcome", "separation", "constant_rating", "no_uptake"}
)


@dataclass(frozen=True)
class NotEstimable:
    """No estimate, and why. A result like any other: it is shown, stored and counted."""

    estimand: str
    method: str
    unit: str
    reason: str
    support: Support = field(default_factory=Support)
    detail: str = ""  # for the analyst; holds no number about people

    def __post_init__(self):
        if self.reason not in NOT_ESTIMABLE_REASONS:
            raise ValueError(
                f"unknown reason {self.reason!r}: add it to NOT_ESTIMABLE_REASONS with its words"
            )

    def summary(self) -> str:
        return f"We did not work out a difference: {NOT_ESTIMABLE_REASONS[self.reason]}."

    def to_frame(self) -> "pd.DataFrame":
        return _framed(
            [
                {
                    "estimand": self.estimand,
                    "method": self.method,
                    "unit": self.unit,
                    "reason": self.reason,
                }
            ]
        )


@dataclass(frozen=True)
class Withheld:
    """An estimate that exists and is not shown, to protect people."""

    estimand: str
    method: str
    unit: str
    reason: str = "small_numbers"
    support: Support = field(default_factory=Support)

    def summary(self) -> str:
        return "Withheld to protect people."

    def to_frame(self) -> "pd.DataFrame":
        return _framed(
            [
                {
                    "estimand": self.estimand,
                    "method": self.method,
                    "unit": self.unit,
                    "reason": self.reason,
                }
            ]
        )


@dataclass(frozen=True)
class Ranked:
    """What one unit shows beside placebos: a value and its rank, never an interval or a p-value.

    value: in `unit`. rank: 1 is the unit (or choice of units) that differs most, up or down, among
    `places`. reason: the smallest p-value that there could have been ("floor 0.083"), which is why
    none is given. A test that cannot reject is not run (METHODS section 0 rule 2).
    """

    estimand: str
    method: str
    unit: str
    value: float
    rank: int
    places: int
    support: Support = field(default_factory=Support)
    allowed_for: tuple[str, ...] | None = field(default=None, compare=False)

    def __post_init__(self):
        if not math.isfinite(self.value):
            raise ValueError(f"{self.estimand} is not finite: return NotEstimable instead")
        if not 1 <= self.rank <= self.places:
            raise ValueError(f"the rank of {self.estimand} is not among its places")

    @property
    def reason(self) -> str:
        """Why there is no p-value."""
        return f"floor {1 / self.places:.3f}"

    def summary(self) -> str:
        """The estimate and its rank as a sentence, three significant figures."""
        value = f"{significant(self.value):g} {self.unit.replace('_', ' ')}"
        return f"Best estimate {value}; rank {self.rank} of {self.places} by size."

    def to_frame(self) -> "pd.DataFrame":
        """One tidy row, rounded to three significant figures."""
        what = {"estimand": self.estimand, "method": self.method, "unit": self.unit}
        found = {"value": significant(self.value), "rank": self.rank, "places": self.places}
        return _framed([what | found])


@dataclass(frozen=True)
class Fact:
    """What is counted or measured and compared with nothing: a share, a mean, an amount of money.

    value, in `unit`: None where nobody is counted, or where a comparison is made of all places at
    once and this one only stands in it.
    """

    estimand: str
    method: str
    unit: str
    value: float | None = None
    support: Support = field(default_factory=Support)

    def summary(self) -> str:
        """The fact with its unit as a sentence, three significant figures."""
        if self.value is None:
            return "There are counts only, and no comparison."
        return f"It is {significant(self.value):g} {self.unit.replace('_', ' ')}."

    def to_frame(self) -> "pd.DataFrame":
        what = {"estimand": self.estimand, "method": self.method, "unit": self.unit}
        value = None if self.value is None else significant(self.value)
        return _framed([what | {"value": value}])


BearsOn = Literal["claim", "class", "nothing"]
BEARS_ON: tuple[str, ...] = get_args(BearsOn)


@dataclass(frozen=True)
class CheckResult:
    """One check of a comparison: passed (None: could not be run), in words, with its number and
    threshold.

    text: each of its figures is cleared (`said.texts.say`; RunError E353). value: exact, and
    private. shown: the same as it may leave; None: it stays here. threshold: of a rule or the plan,
    and public.
    bears_on: what is lowered where it did not pass: the claim of a cause (of a response, the class
    too), the class alone, or nothing, since it only tells something. Said where the check is made,
    and without a default.
    """

    id: str
    passed: bool | None
    text: str
    value: float | None = None
    threshold: float | None = None
    bears_on: BearsOn = field(kw_only=True)
    shown: ClearedNumber | None = field(default=None, kw_only=True)

    def __post_init__(self):
        leaves(self, "the text of a check", "text")
        if self.bears_on not in BEARS_ON:
            raise ValueError(f"a check bears on one of {', '.join(BEARS_ON)}")

    def summary(self) -> str:
        return self.text


Result = Estimate | NotEstimable | Withheld | Ranked
What = tuple[str, str, str]  # estimand, method, unit: what every result begins with


def allowing_for(result: Estimate | NotEstimable, *columns: str) -> Estimate | NotEstimable:
    """The same result; an estimate says which columns its design allowed for, each once."""
    if not isinstance(result, Estimate):
        return result
    return replace(result, allowed_for=tuple(dict.fromkeys(columns)))


def _read_out(frame: "pd.DataFrame") -> "pd.DataFrame":
    """A copy in which no text carries a digit any more."""
    own = frame.copy()
    for place in range(own.shape[1]):
        cells = own.iloc[:, place].tolist()
        if any(map(_is_carried, cells)):
            own.isetitem(place, _as_it_was(own.iloc[:, place], map(_cell_read_out, cells)))
    if any(map(_is_carried, own.columns)):
        own.columns = own.columns.map(_cell_read_out)
    if any(map(_is_carried, own.index)):
        own.index = own.index.map(_cell_read_out)
    return own


def _as_it_was(column: "pd.Series", cells: Iterable) -> "pd.Series":
    """Other cells in a column of the same type."""
    import pandas as pd

    return pd.Series(list(cells), index=column.index, dtype=column.dtype)


def _is_carried(cell: object) -> bool:
    return isinstance(cell, str) and CARRIED.search(cell) is not None


def _cell_read_out(cell: object) -> object:
    return read_out(cell) if isinstance(cell, str) else cell


@dataclass(frozen=True, eq=False)
class Table:
    """A cleared table: the only kind of frame that a notebook can show. Copies go in and come out.

    `cleared_by` names the rule that cleared it (rounded, published, model); `notes` stand under it.
    RunError E353 for a figure in title or notes that was not cleared; cells and headings are
    cleared by the functions that make tables (`disclosure.suppression.clear_table`).
    """

    title: str
    _frame: "pd.DataFrame" = field(repr=False)
    cleared_by: str
    notes: tuple[str, ...] = ()

    def __post_init__(self):
        leaves(self, "the title of a table", "title")
        leaves(self, "a note of a table", "notes")
        object.__setattr__(self, "_frame", _read_out(self._frame))

    def to_frame(self) -> "pd.DataFrame":
        return self._frame.copy()

    def summary(self) -> str:
        return self.title
