"""What every plan has, of a pilot or of a monitor: who asks and decides, whose data, which groups,
what is allowed for.

The models are strict: an unknown key or a wrong type is an error with file and line (registry.py).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from analysis.plans.kinds import kind_of, named
from analysis.said.texts import in_words, joined
from analysis.said.texts import named as named_words
from analysis.vocabulary.commitments import NO_DOCUMENT, commitment, documents
from analysis.vocabulary.ethnicity import CODINGS
from analysis.vocabulary.group_sets import group_sets
from analysis.vocabulary.regions import place_sets

PUBLISHED = ("published", "star")  # sources that are public already (S0)
SOURCES = ("synthetic", "star", "published", "counts", "extracts", "database", "example")


# In the words of an event: said as it happened, and never as what did not.
NEGATED = re.compile(r"\b(not|no|never|neither|without)\b", re.IGNORECASE)


BAND_TOLERANCE = 0.01  # of low times high: room for limits that are written with two decimals


# What a study can show of a commitment, the least first: this list itself, outputs, outcomes with
# nobody to compare with, outcomes counted by group, a comparison.
Evidence = Literal["listed", "outputs", "described", "monitored", "compared"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)
    retired: ClassVar[
        Mapping[str, str]
    ] = {}  # keys of earlier plans, each with what to write in its place

    def model_post_init(self, _: Any) -> None:
        """Words of a plan may stand in a sentence with the figures that they hold."""
        for name, value in self.__dict__.items():
            self.__dict__[name] = in_words(value)


@dataclass(frozen=True)
class OneOf:
    """One of these words, which stand in a tuple elsewhere: refused and told like a Literal."""

    words: tuple[str, ...]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.literal_schema(list(self.words))


def _iso_date(text: str) -> str:
    date.fromisoformat(text)
    return text


def _place_set(key: str) -> str:
    if key not in place_sets():
        raise ValueError(f"no such set of places; valid: {', '.join(place_sets())}")
    return key


def known_coding(key: str) -> str:
    """`key` if it is an ethnicity coding; ValueError names the valid ones."""
    if key not in CODINGS:
        raise ValueError(f"no such ethnicity coding; valid: {', '.join(CODINGS)}")
    return key


def known_groups(key: str) -> str:
    """`key` if it is an ethnicity coding or a set of params/groups.yml; ValueError names the valid
    ones."""
    return key if key in group_sets() else known_coding(key)


IsoDate = Annotated[str, AfterValidator(_iso_date)]
Words = Annotated[str, Field(min_length=3, max_length=400)]
Ids = Annotated[tuple[str, ...], Field(strict=False)]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,60}$")]


class Answer(Strict):
    """A recommendation that the study answers: the document and the item in it.

    `document` is one that the project comes from, with an item of its table; `none` has in `item`
    why no document asks for the study; any other report is named in `report`.
    """

    document: str | None = None
    report: Words | None = None  # of anybody else, in place of `document`
    item: Words  # "recommendation 4"
    part: Words | None = None  # which part of it: "the review of accredited programmes"

    @property
    def commitment(self) -> str:
        """The id of its row in the table of commitments; empty where it has none."""
        if self.document in (None, NO_DOCUMENT):
            return ""
        return commitment(self.document, self.item)

    @property
    def words(self) -> str:
        """As a page says it: "recommendation 4 (Race equality in probation)"."""
        if self.document == NO_DOCUMENT:
            return named_words(f"no recommendation: {self.item}")
        said = self.item if self.part is None else f"{self.item}, {self.part}"
        return named_words(f"{said} ({self.report or documents()[self.document or NO_DOCUMENT]})")

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        if (self.document is None) == (self.report is None):
            raise ValueError("answers: write either `document` or `report`")
        if self.document == NO_DOCUMENT and self.part is not None:
            raise ValueError(
                "answers: `none` has no `part`; write in `item` why it has no document"
            )
        self.commitment  # noqa: B018  # refuses what is not in the table
        return self


class People(Strict):
    """Roles, never names."""

    lead: Words
    assurer: Words
    decides: Words
    contact: Words = "the lead"


class PublicTable(Strict):
    """Who published the numbers: with this, and only with it, they are exempt from disclosure rules
    (S0). That is an exception, so it names who approved it (a role) and why."""

    publisher: Words
    url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    licence: Words
    published: Annotated[
        str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")
    ]  # a day, a month or a year
    approved_by: Words
    reason: Annotated[str, Field(min_length=10, max_length=400)]
    note: Words | None = None


class Data(Strict):
    """Where the data come from and which period the cohort covers."""

    sources: Annotated[
        tuple[Annotated[str, OneOf(SOURCES)], ...], Field(strict=False, min_length=1)
    ]
    places: Annotated[str, AfterValidator(_place_set)]
    also_all: bool = False  # run the whole extract at once as well; never pooled
    from_: IsoDate | None = Field(None, alias="from")
    to: IsoDate | None = None
    cohort: Words  # how a page names the people and the period
    programme: Key | None = None  # which rows of tables that several pilots share
    already_public: PublicTable | None = None  # of the sources `star` and `published`

    @model_validator(mode="after")
    def _public_is_approved(self) -> Self:
        public = [source for source in self.sources if source in PUBLISHED]
        if public and self.already_public is None:
            raise ValueError(
                f"`{public[0]}` is published without disclosure control, so `already_public` names"
                " publisher, url, licence, published, approved_by and reason"
            )
        if self.already_public and not public:
            raise ValueError(f"`already_public` belongs to the sources {', '.join(PUBLISHED)}")
        return self


class Groups(Strict):
    """Coding of the page's groups, the reference group and the finer coding that is shown
    nationally only."""

    coding: Annotated[str, AfterValidator(known_groups)]
    reference: str
    second_reference: str | None = (
        None  # a code of the fine coding, beside which groups stand too, nationally
    )
    # a monitor: codes of the fine coding that are put together and shown nationally; a pilot: ids
    # of fine codings
    national_only: Ids = ()
    national_only_words: Words | None = None


class AdjustFor(Strict):
    """Characteristics allowed for. What the service decides is shown apart and never called
    explained."""

    outside: Ids = ()
    service_decided: Ids = ()


class Band(Strict):
    """Relative rates between `low` and `high` are within the band; the band needs a source.

    The band is [b, 1/b] (METHODS section 0 rule 5), so that which group is divided by which does
    not matter.
    """

    low: Annotated[float, Field(gt=0, lt=1)]
    high: Annotated[float, Field(gt=1)]
    source: Words

    @model_validator(mode="after")
    def _is_alike_both_ways(self) -> Self:
        if abs(self.low * self.high - 1) > BAND_TOLERANCE + 1e-9:  # of rounding in binary
            raise ValueError(
                f"band: `high` is 1 divided by `low`; beside `low: {self.low:g}` write `high:"
                f" {1 / self.low:.4g}`"
            )
        return self

    @property
    def limits(self) -> tuple[float, float]:
        return self.low, self.high


class AskedToExplain(Strict):
    """Explain or reform: who is asked, and when an explanation is due. The register of explanations
    is params/explanations/<study>.yml."""

    explanation_due_days: Annotated[int, Field(ge=1)]
    asked_of: Words


class Benchmark(Strict):
    """A share that representation is set beside, with its vintage."""

    plain: Words
    percent: Annotated[float, Field(gt=0, lt=100, strict=False)]
    vintage: Words
    source: Words


class StudyPlan(Strict):
    """Fields that stand in every plan."""

    shows_other_studies: ClassVar[bool] = False  # its notebook shows what these last found
    study: Key
    title: Words
    question: Words
    answers: Annotated[tuple[Answer, ...], Field(strict=False, min_length=1)]
    state: Literal["planned", "in_field", "closed"]
    worked_example: bool = (
        False  # shows how a table is read; never among what is known of the service
    )
    people: People
    release: Literal["management_information", "official_statistics", "research"]
    notebook: Key
    kind: Key | None = None  # of a notebook of one's own: the kind of study that it runs
    data: Data
    say_first: Words | None = (
        None  # what must be known before the answer: its first line, on every page
    )
    cautions: Annotated[
        tuple[Words, ...], Field(strict=False)
    ] = ()  # printed on every page of the study
    ask_the_region: Annotated[tuple[Words, ...], Field(strict=False, max_length=3)]

    @property
    def can_show(self) -> Evidence:
        """What the study can show of a commitment: outcomes counted by group, if nothing else."""
        return "monitored"

    @property
    def has_protocol(self) -> bool:
        """Somebody is compared with somebody, so that a protocol says beforehand what that can
        find."""
        return False

    @property
    def answered(self) -> str:
        """What the study answers, in words."""
        return joined("; ", (answer.words for answer in self.answers))

    @property
    def leading_row(self) -> dict[str, str] | None:
        """Outcome and group of the row that leads every page; None where nothing is compared."""
        return None

    @model_validator(mode="after")
    def _runs_a_kind(self) -> Self:
        kind = kind_of(self)
        if not isinstance(self, named(kind.plan)):
            raise ValueError(
                f"notebook: `{self.notebook}` runs the kind `{kind.id}`, whose plans stand in"
                f" params/{kind.folder}"
            )
        return self
