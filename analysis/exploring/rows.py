"""The rows that can be explored: what each column means, how it can be used, and where its values
are.

A kind of study names its rows (`explores` in its kind.py); here is what it names. The values stay
private: they are read when a table asks for them, and only the columns that it asks for.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import Any, Literal

import pandas as pd

from analysis.disclosure.rules import Clearance
from analysis.errors import ParameterError
from analysis.extracts.tables.contract import ETHNICITY_CODING, KIND_WORDS, Column, Contract
from analysis.plans.kinds import kind_of, named
from analysis.plans.registry import Source
from analysis.plans.study_plan import StudyPlan
from analysis.vocabulary.ethnicity import (
    MISSING,
    NOT_LINKED,
    RECORDED_MISSING,
    coding,
    crosswalk,
    groups_of,
)
from analysis.vocabulary.regions import ALL, place_set

Use = Literal["by", "share", "mean"]
USES: tuple[Use, ...] = ("by", "share", "mean")
FEW_VALUES = 6  # whole numbers up to so many apart are levels of a table
YES_NO = ((1.0, "yes"), (0.0, "no"))
NOT_KNOWN = "not known"

NAMES_ONE = "it names one person or place, and no table tells of one"
A_DAY = "a day is close to one person: it is in no table"
ALWAYS = "it is the same in every row"
ONE_PLACE = "all rows are of one place here: open the study for `all` places"
ONE_CODING = "all tables of a study have one coding of ethnicity (rule S14): use `ethnic_group`"


@dataclass(frozen=True)
class Field:
    """One column that a table can ask for, or a reason why not.

    name: as it is asked for. column: where its values stand in the frame. kind, meaning, unit: of
    the data dictionary. uses: how it can be used. levels: (value, words) in their order, of those
    that can stand in `by`. empty: what an empty cell means. answered: an empty cell tells something
    of the person (not on licence), and is a group like any other; otherwise it is no answer.
    why_not: why it can be used in no way. among: a column of yes and no; the value is one of those
    with a yes in it, and empty of others.
    """

    name: str
    kind: str
    meaning: str
    unit: str = ""
    uses: tuple[Use, ...] = ()
    levels: tuple[tuple[object, str], ...] = ()
    empty: str | None = None
    answered: bool = True
    why_not: str = ""
    column: str = ""
    among: str = ""

    @property
    def words(self) -> str:
        """The name as a heading."""
        return self.name.replace("_", " ")

    @property
    def stands_in(self) -> str:
        return self.column or self.name

    @property
    def is_yes_no(self) -> bool:
        return "share" in self.uses


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of one table: each is one of `unit` (people, cases), once. load: the frame of some of
    its columns, private. which: the rows that are in it, in words."""

    table: str
    unit: str
    which: str
    fields: tuple[Field, ...]
    load: Callable[[tuple[str, ...]], pd.DataFrame] = field(repr=False)
    period: str = ""

    @property
    def usable(self) -> dict[str, Field]:
        return {f.name: f for f in self.fields if f.uses}

    def field(self, name: str) -> Field | None:
        return next((f for f in self.fields if f.name == name), None)

    def values(self, fields: Iterable[Field]) -> pd.DataFrame:
        """The values of some columns, by their names."""
        held = tuple(fields)
        wanted = (f.stands_in for f in held), (f.among for f in held if f.among)
        frame = self.load(tuple(dict.fromkeys(chain.from_iterable(wanted))))
        return pd.DataFrame(
            {
                f.name: frame[f.stands_in].where(frame[f.among] == 1)
                if f.among
                else frame[f.stands_in]
                for f in held
            },
            index=frame.index,
        )


@dataclass(frozen=True, eq=False)
class Explorable:
    """A study that was opened, for those who explore it. `study` is exact and private."""

    plan: StudyPlan
    place: str
    source: Source
    study: Any = field(repr=False)

    @property
    def clearance(self) -> Clearance:
        return self.study.clearance

    @property
    def public(self) -> bool:
        return self.clearance.public

    @property
    def place_name(self) -> str:
        return place_set(self.plan.data.places).name(self.place)

    @cached_property
    def tables(self) -> tuple[Rows, ...]:
        """The tables of the study that have rows of people, the first leads. ParameterError E270
        where there are none."""
        declared = kind_of(self.plan).explores
        found = named(declared)(self.plan, self.place, self.study) if declared else ()
        if not found:
            text = (
                f"{self.plan.study} has no rows of people to count: its numbers were made by"
                " somebody else, or it lists what was promised."
            )
            raise ParameterError(
                "E270", text, remedy="Use study.people(), study.rates() or study.answer()."
            )
        return found


# --- fields from the data dictionary ---
def words_of(value: str) -> str:
    """A value of the data dictionary as a label."""
    return value.replace("_", " ")


def fields_of(
    contract: Contract, names: Iterable[str] | None = None, *, place: str, places: str
) -> tuple[Field, ...]:
    """Fields of a table (or of some of its columns), as its contract describes them."""
    chosen = contract.names if names is None else tuple(names)
    return tuple(_field(contract.column(name), place, places) for name in chosen)


def _field(column: Column, place: str, places: str) -> Field:
    made = Field(column.name, _kind_words(column), column.meaning, column.unit, empty=column.empty)
    if column.name == "region":
        ids = place_set(places).places
        if place != ALL:
            return replace(made, why_not=ONE_PLACE)
        return replace(made, uses=("by",), levels=tuple((p.id, p.name) for p in ids))
    if column.name == "ethnicity":
        return replace(made, why_not=ONE_CODING)
    match column.kind:
        case "id":
            return replace(made, why_not=NAMES_ONE)
        case "date":
            return replace(made, why_not=A_DAY)
        case "category":
            levels = tuple((value, words_of(value)) for value in column.allowed)
            return replace(made, uses=("by",), levels=levels)
        case "truth" | "flag":
            return replace(yes_no(made), answered=bool(column.only_for))
    return _number_field(made, column)


def _number_field(made: Field, column: Column) -> Field:
    low, high = column.low, column.high
    if column.kind == "whole" and (low, high) == (0, 1):
        return yes_no(replace(made, unit=""))
    if low is not None and low == high:
        return replace(made, why_not=ALWAYS)
    whole = column.kind in ("whole", "rating") or column.unit == "steps"
    if whole and low is not None and high is not None and high - low <= FEW_VALUES:
        steps = range(int(low), int(high) + 1)
        levels = tuple((float(step), f"{step}") for step in steps)
        return replace(made, uses=("by", "mean"), levels=levels, answered=False)
    return replace(made, uses=("mean",), answered=False)


def yes_no(made: Field) -> Field:
    """The field as one of yes and no, whose empty cells are no answer."""
    return replace(made, kind="yes or no", uses=("by", "share"), levels=YES_NO, answered=False)


def among_those(fields: tuple[Field, ...], contract: Contract) -> tuple[Field, ...]:
    """Fields of yes and no that are a part of another such column (in work: of those whose work is
    known) as shares of it, by the rules of the contract."""
    held = {f.name: f for f in fields if f.is_yes_no}
    whole = {part: of for parts, of in contract.rules.parts for part in parts if of in held}
    return tuple(
        replace(
            f,
            among=whole[f.name],
            empty=f"not among these: {held[whole[f.name]].meaning}",
            answered=True,
        )
        if f.name in whole and f.name in held
        else f
        for f in fields
    )


def number(name: str, meaning: str, unit: str, *, column: str = "", empty: str = "") -> Field:
    return Field(name, "number", meaning, unit, ("mean",), (), empty or None, False, "", column)


def category(name: str, meaning: str, values: Iterable[str], *, column: str = "") -> Field:
    levels = tuple((value, words_of(value)) for value in values)
    return Field(name, "category (text)", meaning, "", ("by",), levels, column=column)


def group_field(coding_id: str, whose: str, *, name: str = "ethnic_group", column: str) -> Field:
    """The broad ethnic group of the page, and each kind of missing as a level of its own."""
    kinds = (*RECORDED_MISSING, NOT_LINKED) if name != "ethnic_group" else RECORDED_MISSING
    levels = (
        *((group, group) for group in groups_of(coding_id)),
        *((kind, words_of(kind)) for kind in kinds),
    )
    meaning = f"{whose} broad ethnic group, or the kind of missing"
    return Field(name, "category (text)", meaning, "", ("by",), levels, column=column)


def missing_words(fields: Iterable[Field]) -> tuple[str, ...]:
    """What the kinds of missing among the levels of some columns mean, as a note; none without
    them."""
    held = dict.fromkeys(str(v) for f in fields for v, _ in f.levels if v in MISSING)
    said = "; ".join(f"{words_of(kind)}, {MISSING[kind]}" for kind in held)
    return (f"Kinds of missing: {said}.",) if said else ()


def broad_groups(codes: pd.Series) -> pd.Series:
    return crosswalk(codes, source=ETHNICITY_CODING, target=coding(ETHNICITY_CODING).broad)


def _kind_words(column: Column) -> str:
    return KIND_WORDS[column.kind]
