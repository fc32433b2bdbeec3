"""What stands above the fold of a page, whichever study it belongs to. Templates place it and
decide nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Protocol

from matplotlib.figure import Figure

from analysis.plans.kinds import kind_of, named
from analysis.plans.study_plan import StudyPlan
from analysis.record.record import Record
from analysis.results import Table
from analysis.said.texts import leaves, settled
from analysis.said.told import told
from analysis.sections.page.at_place import Here, InPortfolio
from analysis.sections.page.since import Moves

WHERE = "a sentence of a page"


@dataclass(frozen=True)
class PageFigure:
    """The one figure: files stand beside the page under `file` with .png, .svg and .csv; `narrow`:
    for a telephone."""

    file: str
    alt: str
    caption: str
    narrow: str = "figures/answer_narrow"

    def __post_init__(self):
        leaves(self, "the words of the figure of a page", "alt", "caption")


@dataclass(frozen=True)
class AnswerBlock:
    """What stands above the fold. Empty text or tuple: the part is left out. RunError E353 for a
    figure that was not cleared."""

    headline: str
    lines: tuple[str, ...]  # on a place's page the national line first, its own second
    badge: str
    figure: PageFigure | None
    can_say: tuple[str, ...]
    cannot_say: tuple[str, ...]
    harm_watch: str
    by_group: str
    ask: tuple[str, ...]
    settle: tuple[str, ...]  # what would settle it, and what to do meanwhile
    settle_title: str
    cautions: tuple[str, ...]
    contact: str
    rule: tuple[str, ...] = ()  # where the rule written before points, and what was decided
    watch_title: str = "Harm watch"
    may_be_worse: str = ""  # stands lower on the page
    group_title: str = "By group"

    def __post_init__(self):
        leaves(self, WHERE, *(field.name for field in fields(self)))


class PageDrawing(Protocol):
    """The one figure of a page: its table, and drawn from it wide, narrow for a telephone and in
    words."""

    @property
    def table(self) -> Table: ...

    def figure(self) -> Figure: ...

    def narrow(self) -> Figure: ...

    def alt(self) -> str: ...


@dataclass(frozen=True)
class RateLine:
    """What is said of one group, and what is not."""

    group: str
    say: str
    cannot_say: str

    def __post_init__(self):
        leaves(self, WHERE, "group", "say", "cannot_say")


@dataclass(frozen=True)
class RateSection:
    """One outcome: people who had the event, each group beside the reference group."""

    title: str
    lines: tuple[RateLine, ...]

    def __post_init__(self):
        leaves(self, WHERE, "title")


@dataclass(frozen=True)
class Place:
    """One place as the front page lists it: what was found, how strongly the page speaks, and what
    there is to see."""

    finding: str
    badge: str
    status: str

    def __post_init__(self):
        leaves(self, WHERE, "finding", "badge", "status")


Nations = Sequence[tuple[StudyPlan, Record | None]]  # plan, and the nation's record once cleared


@dataclass(frozen=True)
class Page:
    """What the pages of a kind of study are made of; every part is asked of a plan and a cleared
    record.

    order, heading, found: where its studies stand on the front page, under which heading, and what
    they found together in one sentence. place: one place in their list. drawing: the one figure,
    None where nothing can be drawn; block: what stands above the fold; both of (plan, record,
    national record, records of all places). sections: tables of sentences below. period: that the
    page speaks of. leads: which answer leads the nation's page, and why. whole: the heading over
    the analysis of all places at once, from what all of them are called. everyone: whom the rates
    count. groups_of: what their groups are groups of. here: what stands on the page of a place, of
    (plan, record, national record, records of all places); listed: the row of the portfolio, of
    (plan, national record, records of all places); None: the kind has none. known: the groups of
    the portfolio in their order. moves: how far the row that leads has moved since a record was
    first published, of (plan, that record, the record now); None: the kind has no such row.
    provisional: until when figures may still change, empty where they do not; None: they never do.
    """

    order: int
    heading: str
    found: Callable[[Nations], str]
    place: Callable[[Any, Record], Place]
    drawing: Callable[[Any, Record, Record, Mapping[str, Record]], PageDrawing | None]
    block: Callable[[Any, Record, Record, Mapping[str, Record]], AnswerBlock]
    sections: Callable[[Any, Record], tuple[RateSection, ...]]
    period: Callable[[Any, Record], str]
    leads: Callable[[Any], str]
    whole: str
    everyone: Callable[[Any], str]
    groups_of: Callable[[Any], str]
    here: Here | None = None
    listed: InPortfolio | None = None
    known: tuple[str, ...] = ()
    moves: Moves | None = None
    provisional: Callable[[Any, Record], str] | None = None


def provisional_of(plan: StudyPlan, record: Record) -> str:
    """ "provisional until April 2027"; empty where the figures of a record no longer change."""
    said = page_of(plan).provisional
    return said(plan, record) if said else ""


def page_of(plan: StudyPlan) -> Page:
    """The parts of the pages of a plan's kind."""
    return named(kind_of(plan).page)


NOT_CLEARED = "not yet cleared"


def counted(count: int, one: str, many: str) -> str:
    """ "1 pilot", "3 pilots"."""
    return settled(f"{told(count, thousands=False)} {one if count == 1 else many}")
