"""What a plan says of a table of counts that somebody else made: where its numbers stand, and what
its labels mean.

Nothing is guessed: a column, a label, a mark or a row of notes that the plan does not name is
refused when the table is read (codes E250 to E269, E158 and E159).
"""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from analysis.plans.study_plan import Ids, Key, OneOf, PublicTable, Strict

NOT_MAPPED, NOT_KNOWN = (
    "not_mapped",
    "not_known",
)  # what a label of a group may stand for besides a group
DIMENSIONS = ("measure", "group", "place", "period")
VALUES = ("events", "others", "base", "percent")
# Marks of official tables for a number that exists and is not given; what they stand for is for the
# plan to say.
MARKS = ("[c]", "c", "*", "**", "..", ":", "~", "[low]", "[x]", "x", "s", "S", "#")
MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
Heading = Annotated[str, Field(min_length=1, max_length=200)]
Labels = dict[Heading, Heading]


class CountColumns(Strict):
    """Headings of the columns. Events with `base` or with `others` (those without the event), or
    `percent` alone."""

    measure: Heading | None = None
    group: Heading | None = None
    place: Heading | None = None
    period: Heading | None = None
    events: Heading | None = None
    others: Heading | None = None
    base: Heading | None = None
    percent: Heading | None = None
    strata: dict[Key, Heading] = Field(
        default_factory=dict
    )  # further characteristics: id in the plan, heading

    def of(self, dimension: str) -> str | None:
        """Heading of a dimension or stratum; None where the table has none."""
        return self.strata.get(dimension) or (
            getattr(self, dimension) if dimension in DIMENSIONS else None
        )


class WideColumn(Strict):
    """One column of numbers of a wide table: what its numbers are, and of what."""

    column: Heading
    value: Annotated[str, OneOf(VALUES)]
    measure: Key | None = None
    group: Heading | None = None
    place: Key | None = None
    period: Heading | None = None


class Fixed(Strict):
    """What the table is of as a whole and does not say in a column."""

    measure: Key | None = None
    group: Heading | None = None
    place: Key | None = None
    period: Heading | None = None


class LabelsOf(Strict):
    """Labels of the table by what they mean: a group (or not_known, not_mapped), a measure, a
    place, a period."""

    measure: Labels = Field(default_factory=dict)
    group: Labels = Field(default_factory=dict)
    place: Labels = Field(default_factory=dict)
    period: Labels = Field(default_factory=dict)


class Suppressed(Strict):
    """Marks of numbers that were suppressed before the table came here, and the largest number a
    mark can stand for.

    `<5` says itself that it is 0 to 4. `largest`: of all other marks, unless `marks` names one by
    itself.
    """

    marks: dict[Heading, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    largest: Annotated[int, Field(ge=1)] | None = None


class Counts(Strict):
    """A table of counts: its file, where the table stands in it, its columns, its labels."""

    file: Annotated[str, Field(pattern=r"^[\w./-]+\.(csv|ods|xlsx)$")] | None = (
        None  # below the project's folder
    )
    sheet: Heading | None = None
    header_rows: Annotated[
        tuple[Annotated[int, Field(ge=1)], ...], Field(strict=False, min_length=1)
    ] = (1,)
    stop_at: Literal["end", "first_empty_row"] = "end"
    notes_begin: Ids = ()  # the first cell of a note below the table begins with one of these
    layout: Literal["long", "wide"] = "long"
    columns: CountColumns = CountColumns()
    wide: Annotated[tuple[WideColumn, ...], Field(strict=False)] = ()
    fixed: Fixed = Fixed()
    fill_down: Ids = ()  # dimensions whose empty cell means the label above it
    labels: LabelsOf = LabelsOf()
    totals: dict[str, Ids] = Field(
        default_factory=dict
    )  # dimension: labels of rows that add others up
    ignore: Ids = ()  # headings that are not read
    thousands: Literal[",", " ", "."] | None = None
    year_ends: str = "12-31"
    suppressed: Suppressed = Suppressed()
    public: PublicTable | None = None

    @property
    def value_columns(self) -> tuple[WideColumn, ...]:
        """Every column of numbers, of a long table as of a wide one."""
        if self.layout == "wide":
            return self.wide
        named = [(name, getattr(self.columns, name)) for name in VALUES]
        return tuple(WideColumn(column=heading, value=name) for name, heading in named if heading)

    @property
    def strata(self) -> tuple[str, ...]:
        return tuple(self.columns.strata)

    @property
    def has_percent(self) -> bool:
        return any(one.value == "percent" for one in self.value_columns)

    @model_validator(mode="after")
    def _is_readable(self) -> Self:
        if list(self.header_rows) != list(
            range(self.header_rows[0], self.header_rows[0] + len(self.header_rows))
        ):
            raise ValueError(
                "counts › header_rows: name lines that follow each other, as in [5, 6]"
            )
        if not MONTH_DAY.fullmatch(self.year_ends):
            raise ValueError("counts › year_ends: write month and day, as in '03-31'")
        if self.public is not None and self.file is None:
            raise ValueError(
                "counts › public: only the file that the plan names can be public; add `file`"
            )
        self._check_layout()
        self._check_values()
        known = (*DIMENSIONS, *self.strata)
        for field, named in (("fill_down", self.fill_down), ("totals", self.totals)):
            for name in named:
                if name not in known or self.columns.of(name) is None:
                    valid = ", ".join(one for one in known if self.columns.of(one)) or "none"
                    raise ValueError(
                        f"counts › {field}: `{name}` is no column of the table; valid: {valid}"
                    )
        return self

    def _check_layout(self) -> None:
        if self.layout == "wide" and not self.wide:
            raise ValueError(
                "counts › wide: is missing; say of each column of numbers what it holds"
            )
        if self.layout == "long" and self.wide:
            raise ValueError("counts › wide: is for `layout: wide`; a long table has `columns`")
        if self.layout == "wide" and any(getattr(self.columns, name) for name in VALUES):
            raise ValueError("counts › columns: numbers of a wide table stand under `wide`")
        headings = [one.column for one in self.value_columns]
        headings += [h for h in (self.columns.of(d) for d in (*DIMENSIONS, *self.strata)) if h]
        twice = next((h for h in headings if headings.count(h) > 1), None)
        if twice:
            raise ValueError(f"counts › columns: `{twice}` is named twice")

    def _check_values(self) -> None:
        """Events stand over something; a percentage without a base stands alone, and was
        published."""
        kinds = {one.value for one in self.value_columns}
        if "percent" in kinds:
            if kinds != {"percent"}:
                raise ValueError(
                    "counts: give `percent` alone, or events with `base` or `others` and no"
                    " `percent`"
                )
            if self.public is None:
                raise ValueError(
                    "counts › percent: without the number of people no disclosure rule can be"
                    " applied; only a table under `public` may have it"
                )
        elif "events" not in kinds or len(kinds & {"base", "others"}) != 1:
            raise ValueError(
                "counts: `events` needs `base`, or `others` (those without the event), and not both"
            )


__all__ = [
    "DIMENSIONS",
    "MARKS",
    "NOT_KNOWN",
    "NOT_MAPPED",
    "VALUES",
    "Counts",
    "PublicTable",
    "WideColumn",
]
