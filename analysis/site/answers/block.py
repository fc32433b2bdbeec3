"""What stands above the fold of a page, whichever study it belongs to. Templates place it and
decide nothing."""

from dataclasses import dataclass
from typing import Protocol

from matplotlib.figure import Figure

from analysis.results import Table


@dataclass(frozen=True)
class PageFigure:
    """The one figure: files stand beside the page under `file` with .png, .svg and .csv; `narrow`:
    for a telephone."""

    file: str
    alt: str
    caption: str
    narrow: str = "figures/answer_narrow"


@dataclass(frozen=True)
class AnswerBlock:
    """What stands above the fold. Empty text or tuple: the part is left out."""

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
    watch_title: str = "Harm watch"
    may_be_worse: str = ""  # stands lower on the page
    group_title: str = "By group"


class PageDrawing(Protocol):
    """The one figure of a page: its table, and drawn from it wide, narrow for a telephone and in
    words."""

    @property
    def table(self) -> Table: ...

    def figure(self) -> Figure: ...

    def narrow(self) -> Figure: ...

    def alt(self) -> str: ...
