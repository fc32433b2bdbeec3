"""The notebooks of a page as folds under a heading of their own: the place's own, and on the
nation's page also that of all places at once."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import nbformat

from analysis.plans.study_plan import StudyPlan
from analysis.rounds.runs_found import FoundRun
from analysis.sections.page.nation import whole_title
from analysis.site.notebook_html import prepare, render

REGION = re.compile(r'(role="region" tabindex="0" aria-label=")([^"]*)"')


@dataclass(frozen=True)
class Folds:
    """The folds of one notebook on a page: their heading with its anchor, the way from the page to
    the files of the run, and the cells without and with code."""

    id: str
    title: str
    files: str
    cells: tuple[str, str]

    def html(self, with_code: bool) -> dict[str, str]:
        return {
            "id": self.id,
            "title": self.title,
            "files": self.files,
            "cells": self.cells[with_code],
        }


def folds_of(plan: StudyPlan, run: FoundRun, folder: Path, page: Path) -> Folds | None:
    """The notebook of a run for the page in `page`; None where the run has left none. `folder`:
    where its files stand."""
    path = run.folder / "notebook.ipynb"
    if not path.exists():
        return None
    second = folder != page
    title, files = (whole_title(plan), f"../{folder.name}/") if second else ("The analysis", "")
    notebook = prepare(
        nbformat.read(path, as_version=4), folder, beside=files, of=title if second else ""
    )
    return Folds("whole" if second else "analysis", title, files, render(notebook))


def named_apart(analyses: tuple[dict[str, str], ...]) -> tuple[dict[str, str], ...]:
    """The folds of a page with one name for each table and block of code: a name that comes again
    is numbered."""
    seen: Counter[str] = Counter()

    def numbered(found: re.Match) -> str:
        seen[found[2]] += 1
        again = f" ({seen[found[2]]})" if seen[found[2]] > 1 else ""
        return f'{found[1]}{found[2]}{again}"'

    return tuple(one | {"cells": REGION.sub(numbered, one["cells"])} for one in analyses)
