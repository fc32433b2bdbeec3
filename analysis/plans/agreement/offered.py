"""What tables and the kind of a study offer a plan: columns of a kind, outcomes, facts,
characteristics.

Filled from the contracts in study/offers.py, since a plan stands above the data that it names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

DAYS = "days"


@dataclass(frozen=True)
class OfferedColumn:
    """One column that a monitor can name. kind: that of the contract; low, high: its ends, in
    `unit`."""

    kind: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    is_key: bool = False

    @property
    def is_count(self) -> bool:
        """Whole numbers that can be added up."""
        return self.kind in ("whole", "flag")

    @property
    def is_yes_or_no(self) -> bool:
        """0 or 1, or 1 in every row."""
        return self.is_count and self.high == 1 and self.low in (0, 1)


@dataclass(frozen=True)
class OfferedOutcome:
    """One outcome or fact that a study works out. kind: as a plan writes it; scale: lowest and
    highest value.

    before: the data hold the same measure from before the start. survey: answered by some only.
    groups: it can be worked out of some ethnic groups alone.
    """

    kind: str
    scale: tuple[float, float] | None = None
    before: bool = False
    survey: bool = False
    groups: bool = False
    other_ways: tuple[str, ...] = ()  # of time to event: ways to leave that are not the event


@dataclass(frozen=True)
class OfferedPilot:
    """What one source of data offers a pilot.

    assigned: units that errors and permutations are clustered on, as a plan calls them. held_alike:
    within which people are compared, in words. coding: of the ethnic groups in its tables. stratum:
    the design holds a further stratum alike. programmes, arms: of tables that several pilots share;
    empty: none do.
    """

    data: str  # as an error names them: "the tables of supervision"
    outcomes: Mapping[str, OfferedOutcome]
    facts: Mapping[str, OfferedOutcome]
    coding: str
    assigned: tuple[str, ...]
    held_alike: tuple[str, ...]
    covariates: tuple[str, ...] = ()
    stratum: bool = False
    programmes: tuple[str, ...] = ()
    arms: tuple[str, ...] = ()


@dataclass(frozen=True)
class OfferedCounts:
    """What a monitor can count: columns of the tables of each service.

    services: service of each table. published: measures of each reference table with counts, by its
    name. months: tables of which a series by month is made.
    """

    tables: Mapping[str, Mapping[str, OfferedColumn]]
    services: Mapping[str, str]
    coding: str
    published: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    months: Mapping[str, Mapping[str, OfferedColumn]] = field(default_factory=dict)
