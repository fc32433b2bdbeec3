"""What the table at the end of a batch says: a line a study, from how its runs ended."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from analysis.paths import reports
from analysis.plans.registry import NATIONAL
from analysis.runs.runner import Outcome

NONE = "–"
FAILED = ("failed", "cut_off")
COLOURS = {"failed": "red", "cut_off": "red", "withheld": "yellow", "not_cleared": "yellow"}
ALL_STUDIES = "all studies"
NO_PAGE, ITS_OWN_PAGE = "none", "its own, private"


@dataclass(frozen=True)
class Line:
    """One study: how many of its places there were and how they ended, the state of all places
    together (None: they were not set beside each other), seconds that its runs took, and its page.
    """

    study: str
    places: int
    run: int
    unchanged: int
    failed: int
    withheld: int
    together: str | None
    seconds: float
    page: str


@dataclass(frozen=True)
class Cell:
    """A cell, in colour where there is no result."""

    text: str
    colour: str | None = None


HEADINGS = (
    "study",
    "places",
    "run",
    "unchanged",
    "failed",
    "withheld",
    "all together",
    "run time",
    "page in reports/site",
)
RIGHT = (1, 2, 3, 4, 5, 7)  # columns of numbers


def lines(outcomes: Iterable[Outcome], *, alone: bool = False) -> tuple[Line, ...]:
    """A line a study, in the order in which the batch took them. `alone`: places of a study that
    is not set beside each other have pages of their own."""
    by_study: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_study.setdefault(outcome.run.study, []).append(outcome)
    return tuple(_line(study, mine, alone) for study, mine in by_study.items())


def _line(study: str, mine: list[Outcome], alone: bool) -> Line:
    national = next((o for o in mine if o.run.region == NATIONAL), None)
    states = [o.state for o in mine if o.run.region != NATIONAL]
    return Line(
        study,
        len(states),
        states.count("published"),
        states.count("unchanged"),
        sum(state in FAILED for state in states),
        states.count("withheld"),
        national.state if national else None,
        sum(o.seconds for o in mine),
        _page(mine, national, alone),
    )


def _page(mine: list[Outcome], national: Outcome | None, alone: bool) -> str:
    """The folder of the page of all places, in the site; else whether places have pages alone."""
    if national is not None and national.has_result:
        folder = Path(*national.run.key)
        found = (reports() / "site" / folder / "index.html").is_file()
        return folder.as_posix() if found else NO_PAGE
    return ITS_OWN_PAGE if alone and any(o.has_result for o in mine) else NO_PAGE


def cells(line: Line) -> tuple[Cell, ...]:
    """The line as it is shown."""
    together = Cell(NONE)
    if line.together is not None:
        together = Cell(line.together.replace("_", " "), COLOURS.get(line.together))
    return (
        Cell(line.study),
        Cell(f"{line.places}"),
        Cell(f"{line.run}"),
        Cell(f"{line.unchanged}"),
        _of_state(line.failed, "failed"),
        _of_state(line.withheld, "withheld"),
        together,
        Cell(duration(line.seconds) if line.seconds else NONE),
        Cell(line.page),
    )


def total(listed: tuple[Line, ...]) -> tuple[Cell, ...]:
    """The line of all studies: sums, and how many have a result of all places together."""
    asked = [line.together for line in listed if line.together is not None]
    have = sum(state not in COLOURS for state in asked)

    def of(name: str) -> int:
        return sum(getattr(line, name) for line in listed)

    places, run, unchanged = of("places"), of("run"), of("unchanged")
    seconds = sum(line.seconds for line in listed)
    counts = (places, run, unchanged, of("failed"), of("withheld"))
    sums = Line(ALL_STUDIES, *counts, together=None, seconds=seconds, page="")
    shown = list(cells(sums))
    shown[HEADINGS.index("all together")] = Cell(f"{have} of {len(asked)}" if asked else NONE)
    return tuple(shown)


def rows(listed: tuple[Line, ...]) -> tuple[tuple[Cell, ...], ...]:
    """All lines; a sum below them where there are several."""
    shown = tuple(cells(line) for line in listed)
    return (*shown, total(listed)) if len(listed) > 1 else shown


def _of_state(n: int, state: str) -> Cell:
    return Cell(f"{n}", COLOURS[state] if n else None)


def duration(seconds: float) -> str:
    """Seconds up to a hundred, then minutes."""
    if seconds < 100:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60:02} s"
