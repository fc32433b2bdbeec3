"""What one study found in one place, in one round: its rows, checks, flow of people and sentences.

A record exists twice: exact, in the private folder of a run, for pooling; and released, rounded and
suppressed, which is what pages and other readers see.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any, Literal, Self

from analysis.record.row import FIELDS, Row
from analysis.said.texts import leaves

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class RecordedCheck:
    """A check as a record carries it: passed (None: could not be run), in words, with its number
    and threshold as they may leave. RunError E353 for a text with a figure that was not cleared."""

    id: str
    passed: bool | None
    text: str
    value: float | None = None
    threshold: float | None = None

    def __post_init__(self):
        leaves(self, "the text of a check", "text")


@dataclass(frozen=True, slots=True)
class RestsOn:
    """That the claim about an outcome rests on a check, and whether it passed (None: not run)."""

    outcome: str
    check: str
    passed: bool | None


@dataclass(frozen=True, slots=True)
class Leads:
    """Outcome and group of the row that leads every page, as the plan names it."""

    outcome: str
    group: str


@dataclass(frozen=True, slots=True)
class RecordedLock:
    """How the plan stood to its locks when the record was made. day: of the first lock; sha256: of
    the last. changed: keys in which the plan differed from that one; amended: keys that were
    changed by a later lock, all of them."""

    day: str
    sha256: str
    changed: tuple[str, ...] = ()
    amended: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """The sentences of a page: its heading, what can be said, and what cannot. RunError E353 for a
    figure in one that was not cleared."""

    headline: str | None
    say: str
    cannot_say: str

    def __post_init__(self):
        leaves(self, "a sentence of a record", "headline", "say", "cannot_say")


def rows_where(rows: Iterable[Row], **wanted: Any) -> tuple[Row, ...]:
    """Those of `rows` whose fields have the wanted values, in their order. ValueError for a field
    that no row has."""
    if unknown := wanted.keys() - set(FIELDS):
        raise ValueError(f"a row has no {sorted(unknown)}; valid: {', '.join(FIELDS)}")
    if not wanted:
        return tuple(rows)
    # one call a row: pages of monitors look for thousands of rows
    own, values = attrgetter(*wanted), tuple(wanted.values())
    looked_for = values if len(values) > 1 else values[0]
    return tuple(row for row in rows if own(row) == looked_for)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """All that was found.

    n_in, n_used: people in the data and in the comparison, excluded: the others by reason (None:
    withheld). leads: None where nothing is compared. statement: None until the places are set
    beside each other. claim_rests_on: each check that the design names for a claim; None before
    then, and where nothing is claimed. lock: None where the plan was not locked, or the people are
    not real.
    """

    study: str
    region: str
    data_source: str
    round: str
    period_from: str | None
    period_to: str | None
    extract_date: str | None
    follow_up_complete_to: str | None
    plan_hash: str
    data_hash: str
    code_version: str
    synthetic: bool
    n_in: int | None
    n_used: int | None
    excluded: Mapping[str, int | None]
    checks: tuple[RecordedCheck, ...]
    rows: tuple[Row, ...] = field(repr=False)
    leads: Leads | None
    cleared: bool = False
    audience: Literal["internal", "release"] = "internal"
    statement: Statement | None = None
    claim_rests_on: tuple[RestsOn, ...] | None = None
    lock: RecordedLock | None = None
    schema_version: int = SCHEMA_VERSION

    def with_(self, **changed: Any) -> Self:
        """The record with other values. TypeError for a field that no record has."""
        return replace(self, **changed)

    @property
    def sentences(self) -> Statement:
        """The sentences of its page. ValueError before the places are set beside each other."""
        if self.statement is None:
            raise ValueError(f"the record of {self.study}, {self.region} has no sentences yet")
        return self.statement

    def find(self, **wanted: Any) -> Row | None:
        """The first row whose fields have the wanted values; None where there is none."""
        return next(iter(self.rows_where(**wanted)), None)

    def rows_where(self, **wanted: Any) -> tuple[Row, ...]:
        """All rows whose fields have the wanted values, in the order of the record. ValueError for
        a field that no row has."""
        return rows_where(self.rows, **wanted)

    def check(self, check_id: str) -> RecordedCheck | None:
        """The check of this id; None where it was not made."""
        return next((check for check in self.checks if check.id == check_id), None)
