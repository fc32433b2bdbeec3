"""What one study says on the page of a place, and in the row of the portfolio: the same rows and
sentences as on its own pages, whichever kind it belongs to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from analysis.record.record import Record
from analysis.record.row import Row
from analysis.said.texts import leaves

WHERE = "a sentence of the page of a place"
Cause = Literal["too_few", "withheld", "not_given"]  # why a comparison could not be made
Standing = Literal["asked", "received", "not_accepted", "to_be_asked"]


@dataclass(frozen=True)
class Explanation:
    """An explanation that somebody owes or must decide on. due: a day in words, empty where none is
    set; late: it has passed; state: in words, without role and day."""

    standing: Standing
    asked_of: str
    due: str
    late: bool
    state: str

    def __post_init__(self):
        leaves(self, WHERE, "asked_of", "due", "state")


@dataclass(frozen=True)
class Difference:
    """One group beside the reference under one measure.

    said: in counts of 100 or of time; verdict and worse_off in words. missing: why it could not be
    made, None where it could; unsure: made, and its interval is too wide to tell. leads: the
    comparison that the plan lets lead. own, national, shrunken: the rows of the study's page, None
    where that shows none. whole: what all places are called. explanation: None where nobody owes
    one.
    """

    measure: str
    group: str
    noun: str
    people: str
    said: str
    verdict: str
    worse_off: str
    missing: Cause | None
    unsure: bool
    leads: bool
    own: Row
    national: Row | None
    shrunken: Row | None
    whole: str
    band: tuple[float, float]
    explanation: Explanation | None

    def __post_init__(self):
        leaves(self, WHERE, "noun", "people", "said", "verdict", "worse_off", "whole")


@dataclass(frozen=True)
class PilotHere:
    """A pilot in one place. national, own: headings of both pages; has_own: the leading outcome is
    worked out here. lines: what its page says under the heading; meanwhile: what would settle it,
    and what to do until then. worse: outcomes on harm watch with the grade *worse* here. watched:
    one-sided p-values (of harm) of all that is watched here, whatever it found; worse_rows: so many
    of them have the grade *worse*."""

    national: str
    own: str
    has_own: bool
    badge: str
    lines: tuple[str, ...]
    meanwhile: tuple[str, ...]
    worse: tuple[str, ...]
    watched: tuple[float, ...] = ()
    worse_rows: int = 0

    def __post_init__(self):
        leaves(self, WHERE, "national", "own", "badge", "lines", "meanwhile", "worse")


@dataclass(frozen=True)
class StudyHere:
    """All of one study that stands on the page of a place: differences of a monitor, or a pilot."""

    differences: tuple[Difference, ...] = ()
    pilot: PilotHere | None = None


@dataclass(frozen=True)
class Listed:
    """The row of one study in the portfolio. known: the group in which it stands, one of `order` of
    its kind; level: the highest with a comparison; harm: groups on harm watch, *worse* alone."""

    known: str
    level: str
    finding: str
    claim: str
    harm: str

    def __post_init__(self):
        leaves(self, "a row of the portfolio", "known", "level", "finding", "claim", "harm")


Here = Callable[[Any, Record, Record, Mapping[str, Record]], StudyHere]
InPortfolio = Callable[[Any, Record, Mapping[str, Record]], Listed]
