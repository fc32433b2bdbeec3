"""Makes reports/site from the runs of a round: real files, relative links, nothing from the
network, and no script but the one that narrows the links of the front page.

The site is written into a temporary folder and swapped in when it is whole. It can be zipped and
opened from a disk.
"""

import base64
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from analysis.disclosure.guard.pages import Reader
from analysis.display import style
from analysis.display.layout import csv_text
from analysis.forking import forked_pool
from analysis.places.known import Known
from analysis.plans.emitted import NOT_IN
from analysis.plans.plan import Plan
from analysis.record import store
from analysis.rounds.known_rounds import known_from
from analysis.rounds.run_links import SITE
from analysis.rounds.runs_found import FoundRun, FoundStudy, find_studies, newest, page_path
from analysis.said.carried import read_out
from analysis.said.texts import capital, joined
from analysis.sections.page.answer import rule_lines
from analysis.sections.page.block import PageDrawing, page_of, provisional_of
from analysis.sections.page.period import not_over
from analysis.site import facts
from analysis.site.downloads.files import OfPage, write_study_tables
from analysis.site.figure_files import draw_svg, link_or_copy
from analysis.site.finished import PAGES, Finished, Readers, shown_on
from analysis.site.folds import folds_of, named_apart
from analysis.site.front.front_page import front_parts
from analysis.site.front.searching import entries, script
from analysis.site.glossary import Glossary, load_terms
from analysis.site.notebook_html import TEMPLATES
from analysis.site.place_pages import views_of, write_place, write_portfolio
from analysis.site.signed import (
    NOTICE,
    PROVISIONAL,
    Marked,
    SignedState,
    note_in_csv,
    signed_state,
)
from analysis.site.state import (
    keep_state,
    kept_files,
    kept_state,
    site_files,
    site_state,
)
from analysis.vocabulary.regions import NATIONAL
from analysis.vocabulary.round_ids import base_round

MANY = 4  # pages for which processes of their own pay


@dataclass(frozen=True)
class Head:
    """What every page has in its head: the style, and the policy that allows this style, the site's
    pictures, no more."""

    css: str
    policy: str


@cache
def head(script: str = "") -> Head:
    """The head of a page. `script`: the one that it holds, of the front page alone."""
    css = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    runs = f" script-src '{_digest(script)}';" if script else ""
    policy = (
        f"default-src 'none'; img-src 'self' data:; style-src '{_digest(css)}';{runs}"
        " base-uri 'none'; form-action 'none'"
    )
    return Head(css, policy)


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def templates() -> Environment:
    """The templates of pages."""
    loader = FileSystemLoader(TEMPLATES)
    return Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def build_site(reports: Path, *, round_id: str, svg: bool = False) -> Path:
    """Write the pages of every study that was run in the round, on any source; returns the folder
    reports/site.

    svg: every figure also as SVG, and not only the one that answers a page. RunError E310 or E311
    where a record is faulty, E345 where the guard finds something in the finished pages: the site
    that is there stays as it is.
    """
    state, kept = site_state(reports, round_id), {} if svg else kept_state(reports)
    same = frozenset(page for page in state if kept.get(page) == state[page])
    studies = find_studies(reports, round_id, checked=same)
    reports.mkdir(parents=True, exist_ok=True)
    fresh = reports / f".{SITE}.{secrets.token_hex(4)}"
    fresh.mkdir()
    try:
        pages = [(study, run) for study in studies for run in study.pages]
        made_for, signed = Pages(fresh, svg=svg), signed_state(reports, studies)
        read = kept_files(reports)
        taken = frozenset(
            run.name
            for study, run in pages
            if run.name in same and _keep_page(reports / SITE, fresh, study, run, read)
        )
        _make_pages(made_for, signed, [page for page in pages if page[1].name not in taken])
        known = _write_overviews(fresh, signed, studies, round_id)
        Finished(fresh, studies, taken, _readers(), known).check()
        site = _swap(fresh, reports / SITE)
        keep_state(reports, state)
        return site
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


@dataclass(frozen=True)
class Pages:
    """Where pages are written. svg: with every figure also as SVG; with_code: each page has a
    second one that shows its code."""

    site: Path
    svg: bool = False
    with_code: bool = True


def write_pages(
    made_for: Pages, signed: SignedState, studies: tuple[FoundStudy, ...], round_id: str
) -> None:
    """A site of these studies, and of nothing else, in a folder that is empty, read by the guard
    before this returns. RunError E345."""
    _make_pages(made_for, signed, [(study, run) for study in studies for run in study.pages])
    known = _write_overviews(made_for.site, signed, studies, round_id)
    pages = PAGES if made_for.with_code else PAGES[:1]
    Finished(made_for.site, studies, frozenset(), _readers(), known, pages).check()


def _make_pages(
    made_for: Pages, signed: SignedState, pages: list[tuple[FoundStudy, FoundRun]]
) -> None:
    """Write pages, several at a time where there are many."""
    marked = [(*page, signed.of_page(*page)) for page in pages]
    if len(pages) < MANY:
        for page in marked:
            _write_page(made_for, *page)
        return
    head(), templates()
    left = list(marked)
    try:
        with forked_pool(min(os.cpu_count() or 1, len(pages))) as pool:
            for made in [pool.submit(_write_page, made_for, *page) for page in marked]:
                made.result()
                left.pop(0)
    except BrokenProcessPool:  # a process was killed (no memory, say): its pages are made here
        for page in left:
            _write_page(made_for, *page)


def _keep_page(
    old: Path, fresh: Path, study: FoundStudy, run: FoundRun, read: Mapping[str, str]
) -> bool:
    """Take over a page that would come out the same, with what stands beside it; False where it is
    not there, or not as it was read (`read`: sha256 by name)."""
    ways = [Path(page_path(one)).parent.as_posix() for one in shown_on(study, run)]
    for way in ways:
        was = {name: hash for name, hash in read.items() if name.startswith(f"{way}/")}
        here = {f"{way}/{name}": hash for name, hash in site_files(old / way).items()}
        if was != here or f"{way}/index.html" not in here:
            return False
    for way in ways:
        shutil.copytree(old / way, fresh / way, copy_function=link_or_copy)
    return True


def _swap(fresh: Path, site: Path) -> Path:
    """Put the new folder where the old one was; the old one goes only after that."""
    old = site.with_name(f"{fresh.name}.old")
    if site.exists():
        site.rename(old)
    fresh.rename(site)
    shutil.rmtree(old, ignore_errors=True)
    return site


def _readers() -> Readers:
    """Who reads the finished pages: the front page holds a script, and no other does."""
    front = head(script())
    return Readers(
        Reader(head().css, head().policy), Reader(front.css, front.policy, script=script())
    )


def _write_overviews(
    site: Path, signed: SignedState, studies: tuple[FoundStudy, ...], round_id: str
) -> tuple[Known, ...]:
    """Pages of places, the portfolio and the front page, made anew whenever anything changed, of
    the last rerun of each study; returns what is known of places."""
    found = newest(studies)
    known = known_from(found, base_round(round_id), signed.looks)
    views = views_of(known)
    for view in views:
        write_place(site, view, signed, _rendered)
    state = signed.common(found)
    write_portfolio(site, known, base_round(round_id), state, _rendered)
    strip = facts.common_strip([run.record for study in found for run in study.runs], state)
    parts = front_parts(found, known)
    words = {"notices": signed.front_notices(studies), "strip": strip, "parts": parts}
    _write_index(site, base_round(round_id), entries=entries(views), **words)
    return known


def _rendered(template: str, **words) -> str:
    """The text of a page that holds no script."""
    return read_out(templates().get_template(template).render(head=head(), **words))


def _write_index(site: Path, round_id: str, **found) -> None:
    """The front page. found: its strip, parts and the entries of its index."""
    text = (
        templates()
        .get_template("index.html.j2")
        .render(
            head=head(script()),
            script=script(),
            title="Pilot evaluation workbook",
            round=facts.round_words(round_id),
            **found,
        )
    )
    (site / "index.html").write_text(read_out(text), encoding="utf-8")


def _write_page(made_for: Pages, study: FoundStudy, run: FoundRun, marked: Marked) -> None:
    """The folder of one page: the page, the page with code, the record and the files of every
    figure."""
    site, page = made_for.site, (made_for.site / page_path(run)).parent
    for one in shown_on(study, run):
        _write_files(site, one, svg=made_for.svg)
    if study.national is None:
        raise ValueError(f"{study.plan.study} has no national record to make pages from")
    parts = (study.plan, run.record, study.national.record, study.places)
    made_of = page_of(study.plan)
    drawing, block = made_of.drawing(*parts), made_of.block(*parts)
    block = replace(block, cautions=not_over(block.cautions, run.record))
    not_in = tuple(c.text for c in study.national.record.checks if c.id == NOT_IN)
    block = replace(block, lines=tuple(dict.fromkeys((*block.lines, *not_in))))
    if block.rule:
        pilot = cast(Plan, study.plan)  # nothing else has a rule
        block = replace(block, rule=rule_lines(pilot, run.record, marked.looks))
    size = _write_figure(page, drawing) if drawing else None
    sections = made_of.sections(study.plan, run.record)
    rates = tuple(section for section in sections if section.lines)
    shared = _shared(study, run, marked) | {"block": block, "size": size, "rates": rates}
    shared |= {"has_code": made_for.with_code}
    answer = (drawing.table, block.figure.caption) if drawing and block.figure else None
    changing = provisional_of(study.plan, run.record)
    notices = tuple(one.words for one in marked.marks.notices)
    notices += (joined("", (capital(changing), ".")),) if changing else ()
    notices += not_in
    tables = OfPage(answer, rates, shared["characteristic"], shared["strip"], notices)
    write_study_tables(page, study.plan, shown_on(study, run), tables)
    folds = [
        folds_of(study.plan, one, (site / page_path(one)).parent, page)
        for one in shown_on(study, run)
    ]
    for name, with_code in _names(made_for):
        analyses = named_apart(tuple(fold.html(with_code) for fold in folds if fold))
        words = Glossary(load_terms())
        text = (
            templates()
            .get_template("page.html.j2")
            .render(
                **shared,
                analyses=analyses,
                with_code=with_code,
                linked=words.linked,
                glossary=words.used,
            )
        )
        (page / f"{name}.html").write_text(read_out(text), encoding="utf-8")
    if study.whole and run.place == NATIONAL:
        _write_signposts(made_for, study, marked)
    notes = {PROVISIONAL: provisional_of(study.plan, run.record)}
    notes[NOTICE] = marked.marks.notice_words
    for one in shown_on(study, run):
        note_in_csv((site / page_path(one)).parent / "figures", notes)


def _names(made_for: Pages) -> tuple[tuple[str, bool], ...]:
    """The pages of a run by name, and whether each shows its code."""
    return (("index", False), ("code", True)) if made_for.with_code else (("index", False),)


def _write_files(site: Path, run: FoundRun, *, svg: bool) -> None:
    """The record of a run and the files of its figures, in its own folder; what is equal is there
    once, under two names."""
    folder = (site / page_path(run)).parent
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    for file in run.figures:
        link_or_copy(file, folder / "figures" / file.name)
    if svg:
        for recipe in run.recipes:
            draw_svg(recipe, folder / "figures")
    record = run.folder / "results.json"
    if json.loads(record.read_text(encoding="utf-8")) == store.as_dict(run.record):
        link_or_copy(record, folder / "results.json")
    else:
        store.write(run.record, folder / "results.json")


def _write_signposts(made_for: Pages, study: FoundStudy, marked: Marked) -> None:
    """In the folder of the analysis of all places at once: where its page has gone, so that old
    links lead on."""
    run = study.whole
    if run is None:
        return
    for name, _ in _names(made_for):
        text = (
            templates()
            .get_template("moved.html.j2")
            .render(
                head=head(),
                title=f"{facts.place_name(study.plan, run.place)} · {study.plan.title}",
                name=name,
                strip=facts.strip(study.plan, run.record, marked.marks),
                nation=facts.place_name(study.plan, NATIONAL),
            )
        )
        (made_for.site / page_path(run)).with_name(f"{name}.html").write_text(
            read_out(text), encoding="utf-8"
        )


def _shared(study: FoundStudy, run: FoundRun, marked: Marked) -> dict:
    """What both pages of a run show besides the answer."""
    made_of = page_of(study.plan)
    return {
        "head": head(),
        "strip": facts.strip(study.plan, run.record, marked.marks),
        "marked": marked,
        "crumbs": facts.crumbs(study, run),
        "cohort": facts.cohort_line(study.plan, run.record),
        "provenance": facts.provenance(run),
        "packages": facts.packages(run),
        "elsewhere": facts.elsewhere(study, run),
        "others": facts.other_places(study, run),
        "leads": made_of.leads(study.plan) if run.place == NATIONAL else "",
        "title": facts.title(study.plan, run),
        "everyone": made_of.everyone(study.plan),
        "characteristic": made_of.groups_of(study.plan),
    }


def _write_figure(page: Path, drawing: PageDrawing) -> tuple[int, int]:
    """The answer figure as PNG, SVG and CSV, and as PNG for a telephone; returns its size in
    pixels."""
    figure, folder = drawing.figure(), page / "figures"
    (folder / "answer.png").write_bytes(style.png(figure))
    (folder / "answer.svg").write_bytes(style.svg(figure, alt=drawing.alt()))
    (folder / "answer.csv").write_text(csv_text(drawing.table), encoding="utf-8", newline="")
    (folder / "answer_narrow.png").write_bytes(style.png(drawing.narrow()))
    width, height = (int(side) for side in figure.get_size_inches() * style.DPI)
    return width, height
