"""Pages of places and the portfolio: the views of the notebooks of these names, with links to the
pages of the studies."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.display import style
from analysis.display.layout import csv_text
from analysis.judgement.wording.figures_in_words import capital
from analysis.places import sentences
from analysis.places.difference_chart import CLEARED, PlaceDrawing, place_drawing
from analysis.places.known import Known
from analysis.places.place import CANNOT, difference_cells, ratio_words, times_words
from analysis.places.place_view import MOST_TITLES, MOST_WORSE, MonitorAt, PlaceView, place_view
from analysis.places.portfolio_view import PortfolioView
from analysis.plans.registry import AnyPlan
from analysis.record.record import Record
from analysis.results import Table
from analysis.said.texts import sentence, together
from analysis.sections.page.at_place import Difference
from analysis.sections.page.block import provisional_of
from analysis.site import facts
from analysis.site.downloads.files import ODS, write_place_tables, write_portfolio_tables
from analysis.site.glossary import Glossary, load_terms
from analysis.site.locks import locks_here
from analysis.site.signed import NOTICE, PROVISIONAL, SignedState, note_in_csv
from analysis.vocabulary.regions import NATIONAL

PLACES, PORTFOLIO = "places", "portfolio"  # folders
FIGURES = ("answer.png", "answer_narrow.png", "answer.svg", "answer.csv")
EVERY = "every_comparison.csv"


@dataclass(frozen=True)
class RowHere:
    """One comparison as the page prints it: in counts, then its numbers."""

    said: str
    numbers: str


@dataclass(frozen=True)
class StudyRows:
    """The comparisons of one monitor: where they stand on the way, the ways to its page here and to
    the same elsewhere, and how many more stand there."""

    stage: str
    title: str
    period: str
    provisional: str
    href: str
    elsewhere: str
    rows: tuple[RowHere, ...]
    more: str


def place_path(known: Known, place: str) -> str:
    """Where the page of a place stands in the site."""
    return f"{known.source}/{known.round_id}/{PLACES}/{place}/index.html"


def files_of_places(known: Iterable[Known]) -> Iterator[str]:
    """Names in the site of all files that pages of places and the portfolio may have."""
    yield from (f"{PORTFOLIO}/index.html", f"{PORTFOLIO}/{ODS}")
    for one in known:
        for place in one.places():
            folder = place_path(one, place).removesuffix("/index.html")
            yield from (f"{folder}/index.html", f"{folder}/{EVERY}", f"{folder}/{ODS}")
            yield from (f"{folder}/figures/{name}" for name in FIGURES)


# -- a place ---------------------------------------------------------------------------------------
def views_of(known: Iterable[Known]) -> tuple[PlaceView, ...]:
    """Every place with a page, source by source."""
    return tuple(place_view(one, place) for one in known for place in one.places())


def write_place(site: Path, view: PlaceView, signed: SignedState, template) -> None:
    """The folder of a place: its page, the files of its figure, and every comparison as CSV.
    `template`: (name, **words) to text."""
    path = site / view.source / view.round_id / PLACES / view.place / "index.html"
    (path.parent / "figures").mkdir(parents=True)
    drawing = place_drawing(view)
    size = _write_figure(path.parent / "figures", drawing) if drawing else None
    table = every_comparison(view, signed)
    note_in_csv(path.parent / "figures", {PROVISIONAL: _provisional(view)})
    if not table.to_frame().empty:
        (path.parent / EVERY).write_text(csv_text(table), encoding="utf-8", newline="")
    answer = drawing.table if drawing else None
    strip = place_strip(view, signed.place_state(view))
    write_place_tables(path.parent, view, strip, answer=answer, every=(table, EVERY))
    words = Glossary(load_terms())
    text = template(
        "place.html.j2",
        view=view,
        title=f"{view.name}: everything we know",
        strip=strip,
        way=way_to,
        round=facts.round_words(view.round_id),
        drawing=drawing,
        size=size,
        alt=drawing.alt() if drawing else "",
        studies=tuple(_rows_of(view, one) for one in view.monitors),
        worse=view.worse[:MOST_WORSE],
        by_title=sentences.by_title_line(
            view.name,
            sum(one.here.has_own for one in view.pilots_by_title),
            len(view.pilots_by_title),
            others=bool(view.pilots_in_full),
        ),
        most_titles=MOST_TITLES,
        more_titles=sentences.most_line(
            min(MOST_TITLES, len(view.pilots_by_title)), len(view.pilots_by_title)
        ),
        cannot=CANNOT,
        every=EVERY if not table.to_frame().empty else "",
        contact=dict.fromkeys(plan.people.contact for plan in _plans(view)),
        without_name=lambda heading: capital(heading.removeprefix(view.name).lstrip(":, ")),
        linked=words.linked,
        glossary=words.used,
    )
    path.write_text(text, encoding="utf-8")


@sentence
def _provisional(view: PlaceView) -> str:
    """Which monitors of a place are provisional, and until when; empty where none is."""
    until = {one.plan.title: provisional_of(one.plan, one.record) for one in view.monitors}
    return together("; ", (f"{title}: {words}" for title, words in until.items() if words))


def way_to(record: Record, study: str, place: str) -> str:
    """From the page of a place to the page of a study, which may be of a rerun."""
    return f"../../../{record.round}/{study}/{place}/index.html"


def place_strip(view: PlaceView, state: Iterable[str]) -> tuple[tuple[str, bool], ...]:
    """The banners: synthetic or real, the periods of all that stands here, signed or draft."""
    periods = dict.fromkeys(capital(one.period) for one in view.monitors or view.pilots)
    banners = [(facts.SYNTHETIC, True)] if view.is_synthetic else []
    records = [one.record for one in view.monitors] + [one.record for one in view.pilots]
    example = any(record.data_source == "example" for record in records)
    banners += [(facts.EXAMPLE, True)] if example else []
    banners += [(period, False) for period in periods]
    banners += [(words, False) for words in state]
    banners += [(said, at > 0) for at, said in enumerate(locks_here(_plans(view)))]
    releases = dict.fromkeys(facts.RELEASE[plan.release] for plan in _plans(view))
    return (*banners, *((text, False) for text in releases))


def _plans(view: PlaceView) -> list[AnyPlan]:
    return [one.plan for one in view.monitors] + [one.plan for one in view.pilots]


def _write_figure(folder: Path, drawing: PlaceDrawing) -> tuple[int, int]:
    """The figure as PNG, SVG and CSV, and as PNG for a telephone; returns its size in pixels."""
    figure = drawing.figure()
    (folder / "answer.png").write_bytes(style.png(figure))
    (folder / "answer.svg").write_bytes(style.svg(figure, alt=drawing.alt()))
    (folder / "answer.csv").write_text(csv_text(drawing.table), encoding="utf-8", newline="")
    (folder / "answer_narrow.png").write_bytes(style.png(drawing.narrow()))
    width, height = (int(side) for side in figure.get_size_inches() * style.DPI)
    return width, height


def _rows_of(view: PlaceView, monitor: MonitorAt) -> StudyRows:
    shown = [one for at, one in view.in_full if at.plan.study == monitor.plan.study]
    rest = len(monitor.differences) - len(shown)
    return StudyRows(
        stage=monitor.stage,
        title=monitor.plan.title,
        period=capital(monitor.period),
        provisional=provisional_of(monitor.plan, monitor.record),
        href=way_to(monitor.record, monitor.plan.study, view.place),
        elsewhere=way_to(monitor.record, monitor.plan.study, NATIONAL),
        rows=tuple(_row(one) for one in shown),
        more=sentences.elsewhere_words(rest) if rest else "",
    )


def _row(one: Difference) -> RowHere:
    numbers = sentences.row_numbers(ratio_words(one.own), times_words(one.national), one)
    return RowHere(one.said, numbers)


def every_comparison(view: PlaceView, signed: SignedState) -> Table:
    """Every comparison of the place: own, national and interval in each row, and in a last column
    what was corrected, where anything was."""
    notices = {at.plan.study: signed.place_notice(view, at.plan.study) for at in view.monitors}
    rows = [
        {"Stage": at.stage, "Study": at.plan.title, "Period": capital(at.period)}
        | difference_cells(one)
        | ({NOTICE: notices[at.plan.study]} if any(notices.values()) else {})
        for at, one in view.differences
    ]
    return Table(f"{view.name}: every comparison", pd.DataFrame(rows), CLEARED)


# -- the portfolio ---------------------------------------------------------------------------------
def write_portfolio(
    site: Path, known: Iterable[Known], round_id: str, state: Iterable[str], template
) -> None:
    """The page of the portfolio: every source of the round, each sort of data by itself."""
    view = PortfolioView(tuple(study for one in known for study in one.studies))
    path = site / PORTFOLIO / "index.html"
    path.parent.mkdir(parents=True)
    records = [study.national for study in view.studies]
    strip = facts.common_strip(records, tuple(state))
    write_portfolio_tables(path.parent, view, round_id, strip)
    text = template(
        "portfolio.html.j2",
        title="Portfolio: every study",
        strip=strip,
        round=facts.round_words(round_id),
        parts=view.parts,
    )
    path.write_text(text, encoding="utf-8")
