"""Makes reports/site from the runs of a round: real files, relative links, nothing from the network, no script.

The site is written into a temporary folder and swapped in when it is whole. It can be zipped and opened from a disk.
"""

import base64
import hashlib
import os
import secrets
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat
import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from analysis import record as records
from analysis.display import style
from analysis.display.tables import save
from analysis.forking import forked_pool
from analysis.plans.action_plan import ActionPlan
from analysis.plans.monitor import Monitor
from analysis.plans.plan import Plan
from analysis.results import Table
from analysis.site import facts
from analysis.site.action_plan_answer import PromiseDrawing, promise_block, promise_drawing
from analysis.site.answer import answer_block
from analysis.site.drawing import Drawing, LadderDrawing, answer_drawing
from analysis.site.index import first_sentence, index_study, page_path
from analysis.site.monitor_answer import monitor_block, monitor_sections
from analysis.site.monitor_drawing import RatioDrawing, monitor_drawing
from analysis.site.notebook_html import TEMPLATES, prepare, render
from analysis.site.rates import rate_sections
from analysis.site.runs_found import FoundRun, FoundStudy, find_studies
from analysis.site.state import keep_state, kept_state, site_state

SITE = "site"
MANY = 4  # pages for which processes of their own pay


@dataclass(frozen=True)
class Head:
    """What every page has in its head: the style, and the policy that allows this style, the site's pictures, no more."""

    css: str
    policy: str


@cache
def head() -> Head:
    css = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; img-src 'self' data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    return Head(css, policy)


@cache
def _templates() -> Environment:
    loader = FileSystemLoader(TEMPLATES)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


# By kind of plan: the one figure of a page, its answer block, its sections of sentences.
KINDS = {
    Plan: (answer_drawing, answer_block, rate_sections),
    Monitor: (monitor_drawing, monitor_block, monitor_sections),
    ActionPlan: (promise_drawing, promise_block, lambda plan, record: ()),
}


def build_site(reports: Path, *, round_id: str) -> Path:
    """Write the pages of every study that was run in the round, on any source; returns the folder reports/site.

    RunError E310 or E311 where a record is faulty: the site that is there stays as it is.
    """
    state, kept = site_state(reports, round_id), kept_state(reports)
    same = frozenset(page for page in state if kept.get(page) == state[page])
    studies = find_studies(reports, round_id, checked=same)
    reports.mkdir(parents=True, exist_ok=True)
    fresh = reports / f".{SITE}.{secrets.token_hex(4)}"
    fresh.mkdir()
    try:
        pages = [(study, run) for study in studies for run in study.pages]
        _make_pages(
            fresh,
            [page for page in pages if page[1].name not in same or not _keep_page(reports / SITE, fresh, page[1])],
        )
        _write_index(fresh, studies, round_id)
        site = _swap(fresh, reports / SITE)
        keep_state(reports, state)
        return site
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _make_pages(site: Path, pages: list[tuple[FoundStudy, FoundRun]]) -> None:
    """Write pages, several at a time where there are many."""
    if len(pages) < MANY:
        for study, run in pages:
            _write_page(site, study, run)
        return
    head(), _templates()
    with forked_pool(min(os.cpu_count() or 1, len(pages))) as pool:
        for made in [pool.submit(_write_page, site, study, run) for study, run in pages]:
            made.result()


def _keep_page(old: Path, fresh: Path, run: FoundRun) -> bool:
    """Take over a page that would come out the same; False where it is not there."""
    folder = Path(page_path(run)).parent
    if not (old / folder / "index.html").is_file():
        return False
    shutil.copytree(old / folder, fresh / folder, copy_function=os.link)
    return True


def _swap(fresh: Path, site: Path) -> Path:
    """Put the new folder where the old one was; the old one goes only after that."""
    old = site.with_name(f"{fresh.name}.old")
    if site.exists():
        site.rename(old)
    fresh.rename(site)
    shutil.rmtree(old, ignore_errors=True)
    return site


def _write_index(site: Path, studies: tuple[FoundStudy, ...], round_id: str) -> None:
    text = _templates().get_template("index.html.j2").render(
        head=head(), title="Pilot evaluation workbook", round=facts.round_words(round_id), first_sentence=first_sentence(studies),
        studies=[index_study(study) for study in studies],
        strip=facts.common_strip([run.record for study in studies for run in study.runs]),
    )  # fmt: skip
    (site / "index.html").write_text(text, encoding="utf-8")


def _write_page(site: Path, study: FoundStudy, run: FoundRun) -> None:
    """The folder of one page: the page, the page with code, the record and the files of every figure."""
    page = (site / page_path(run)).parent
    (page / "figures").mkdir(parents=True)
    for file in run.figures:
        shutil.copyfile(file, page / "figures" / file.name)
    records.write(run.record, page / "results.json")
    national = study.national.record
    draw, block_of, sections = KINDS[type(study.plan)]
    parts = (study.plan, run.record, national, study.places)
    drawing, block = draw(*parts), block_of(*parts)
    size = _write_figure(page, drawing) if drawing else None
    rates = sections(study.plan, run.record)
    shared = _shared(study, run, page) | {"block": block, "size": size, "rates": rates}
    notebook = _notebook(run, page)
    rendered = render(notebook) if notebook else ("", "")
    for name, with_code, cells in (("index", False, rendered[0]), ("code", True, rendered[1])):
        text = _templates().get_template("page.html.j2").render(**shared, cells=cells, with_code=with_code)
        (page / f"{name}.html").write_text(text, encoding="utf-8")


def _shared(study: FoundStudy, run: FoundRun, page: Path) -> dict:
    """What both pages of a run show besides the answer."""
    return {
        "head": head(),
        "strip": facts.strip(study.plan, run.record),
        "crumbs": facts.crumbs(study, run),
        "cohort": facts.cohort_line(study.plan, run.record),
        "provenance": facts.provenance(run),
        "packages": facts.packages(run),
        "others": facts.other_places(study, run),
        "title": facts.title(study.plan, run),
        "everyone": facts.everyone(study.plan),
    }


def _write_figure(page: Path, drawing: Drawing | LadderDrawing | RatioDrawing | PromiseDrawing) -> tuple[int, int]:
    """The answer figure as PNG, SVG and CSV, and narrow for a telephone; returns its size in pixels."""
    figure = drawing.figure()
    width, height = (int(side) for side in figure.get_size_inches() * style.DPI)
    table = Table("The figure of this page", pd.DataFrame(drawing.table_rows()), "cleared_record")
    save(page / "figures", "answer", png=style.png(figure), svg=style.svg(figure, alt=drawing.alt()), table=table)
    narrow = drawing.narrow()
    svg = style.svg(narrow, alt=drawing.alt())
    save(page / "figures", "answer_narrow", png=style.png(narrow), svg=svg, table=table)
    return width, height


def _notebook(run: FoundRun, page: Path) -> nbformat.NotebookNode | None:
    path = run.folder / "notebook.ipynb"
    return prepare(nbformat.read(path, as_version=4), page) if path.exists() else None
