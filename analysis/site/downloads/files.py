"""Writes the spreadsheet beside a page: `tables.ods`."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.display.spreadsheet.book import Behind, Book, Cover, book_bytes
from analysis.display.spreadsheet.printed import CLEARED
from analysis.places.place_view import PlaceView
from analysis.places.portfolio import rows_of_kind
from analysis.places.portfolio_view import PortfolioKind, PortfolioView
from analysis.plans.registry import AnyPlan
from analysis.results import Table
from analysis.rounds.runs_found import FoundRun
from analysis.said.texts import joined
from analysis.sections.page.block import RateSection
from analysis.site.downloads.behind import (
    analysis_tables,
    answer_table,
    sentence_tables,
    shown_table,
)
from analysis.site.downloads.covers import (
    Strip,
    place_cover,
    portfolio_cover,
    rule_notes,
    study_cover,
)
from analysis.study.public_counts import record_is_public

ODS = "tables.ods"
ON_ONE_SCALE = "times as often, on one scale"


@dataclass(frozen=True, eq=False)
class OfPage:
    """What a page of a study shows beside its analysis: the table of its answer with the caption of
    the figure, its sentences by group, what the groups are groups of, its strip, and notices that
    every sheet must carry."""

    answer: tuple[Table, str] | None
    rates: tuple[RateSection, ...]
    characteristic: str
    strip: Strip
    notices: tuple[str, ...] = ()


def write_study_tables(
    page: Path, plan: AnyPlan, runs: tuple[FoundRun, ...], shown: OfPage
) -> None:
    """The tables of a page of a study. runs: those that it shows, its own first."""
    own, *others = runs
    tables = [
        *([answer_table(*shown.answer)] if shown.answer else []),
        *sentence_tables(shown.rates, shown.characteristic),
        *analysis_tables(own),
    ]
    for run in others:
        tables += analysis_tables(run, beside=f"../{run.place}/")
    rules = rule_notes(public=record_is_public(plan, own.record))
    _write(page, study_cover(plan, own, shown.strip), tables, (*shown.notices, *rules))


def write_place_tables(
    page: Path,
    view: PlaceView,
    strip: Strip,
    *,
    answer: Table | None,
    every: tuple[Table, str],
) -> None:
    """The tables of a page of a place. every: all comparisons, and the file of the same numbers."""
    table, name = every
    tables = [] if answer is None else [answer_table(answer, f"{view.name}, {ON_ONE_SCALE}")]
    tables += map(shown_table, _owed(view))
    tables += [] if table.to_frame().empty else [shown_table(table, name)]
    tables += map(shown_table, _pilots(view))
    _write(page, place_cover(view, strip), tables, rule_notes(public=False))


def write_portfolio_tables(page: Path, view: PortfolioView, round_id: str, strip: Strip) -> None:
    """The tables of the portfolio: a sheet for each kind of study and sort of data."""
    tables: list[Behind] = []
    for part in view.parts:
        promised = part.promises.tables if part.promises else ()
        tables += map(shown_table, promised)
        for table in map(_studies, part.kinds):
            tables.append(Behind(table, joined(": ", (part.title, table.title))))
    records = tuple(study.national for study in view.studies)
    _write(page, portfolio_cover(records, round_id, strip), tables, rule_notes(public=False))


def _write(page: Path, cover: Cover, tables: Iterable[Behind], notes: tuple[str, ...]) -> None:
    (page / ODS).write_bytes(book_bytes(Book(cover, tuple(tables), notes)))


def _owed(view: PlaceView) -> list[Table]:
    """Explanations that are owed, as the page lists them."""
    rows = [
        {
            "Explanation of": ", ".join(named),
            "Asked of": owed.asked_of,
            "Due": owed.due or "no date",
            "State": owed.state,
        }
        for owed, named in view.owed_by.items()
    ]
    return [Table("Explanations that are owed", pd.DataFrame(rows), CLEARED)] if rows else []


def _pilots(view: PlaceView) -> list[Table]:
    """Each pilot with the answer of all places and its own."""
    rows = [
        {
            "Pilot": one.plan.title,
            "Question": one.plan.question,
            "All places": one.here.national,
            "Here": one.here.own,
            "How strongly the page speaks": one.here.badge,
            "In full": " ".join(one.here.lines),
            "Meanwhile": " ".join(one.here.meanwhile) or "none",
        }
        for one in view.pilots
    ]
    title = joined("", ("Pilots in ", view.name))
    return [Table(title, pd.DataFrame(rows), CLEARED)] if rows else []


def _studies(kind: PortfolioKind) -> Table:
    """One row a study, with what is known of it."""
    rows = rows_of_kind(kind)
    return Table(joined("", (kind.title, ", one row a study")), pd.DataFrame(rows), CLEARED)
