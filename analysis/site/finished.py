"""The finished site is read before anybody sees it: its files are those that its runs lead to, and
none says what the guard would stop (decision 120).

What a run has left was read when the run was published, and is signed: a file that is the same,
byte for byte, is not read again. What the site itself makes is read here: pages, the figure of the
answer, records that it has written anew.
"""

import base64
import json
import os
import re
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import escape

from analysis.disclosure.guard.finding import Finding
from analysis.disclosure.guard.ids import EveryData, Hashed, Ids, kept_ids
from analysis.disclosure.guard.pages import G31, Reader, text_faults
from analysis.disclosure.guard.png import png_faults
from analysis.disclosure.guard.spreadsheet import ods_faults
from analysis.disclosure.guard.vector import svg_faults
from analysis.errors import RunError
from analysis.places.known import Known
from analysis.record import store
from analysis.record.sealed import hash_of
from analysis.rounds.runs_found import FoundRun, FoundStudy, page_path
from analysis.site import facts
from analysis.site.downloads.files import ODS
from analysis.site.place_pages import files_of_places
from analysis.study.opening import service_of
from analysis.vocabulary.regions import ALL, NATIONAL

ANSWER = frozenset({"answer.png", "answer_narrow.png", "answer.svg", "answer.csv"})
OF_A_CELL = re.compile(r"cell_\d{1,3}_\d{1,3}\.png")
PAGES = ("index.html", "code.html")
RECORD = "results.json"
FRONT = "index.html"
# In the foot of a page: names, hashes and what an exception says, some of which look like more.
FOOT = ("Data hash", "Plan hash", "Code hash", "Commit", "Seed", "Run", "Exception")
REMEDY = "Find out how it came here; the site that was there stays"
WITHHELD = ".site-withheld"  # of the reports: the pages in which something was found
MOST_SHOWN = 40


@dataclass(frozen=True)
class Readers:
    """Who reads the pages: those without a script, and the front page."""

    pages: Reader
    front: Reader


@dataclass(frozen=True)
class Finished:
    """A site as it was made and is not yet to be seen.

    kept: names of runs whose pages were taken over as they were read before. known: what is known
    of places, source by source. pages: what the pages of a run are called.
    """

    folder: Path
    studies: tuple[FoundStudy, ...]
    kept: frozenset[str]
    readers: Readers
    known: tuple[Known, ...] = ()
    pages: tuple[str, ...] = PAGES
    _ids: dict[Path, Hashed | None] = field(default_factory=dict)

    def check(self) -> None:
        """RunError E345 where anything was found: the site is put aside, open to its owner only."""
        found = tuple(dict.fromkeys(map(str, self.findings())))
        if not found:
            return
        _put_aside(self.folder)
        more = len(found) - MOST_SHOWN
        lines = [*found[:MOST_SHOWN], *([f"and {more} more"] if more > 0 else [])]
        text = "something was found in the finished pages, and none of them is published."
        raise RunError("E345", text, remedy="\n  ".join(["", *lines]).lstrip(" "))

    def findings(self) -> Iterator[Finding]:
        """All that may not leave of the site, in the order of its pages."""
        yield from self._stray_findings()
        for study in self.studies:
            ids = self._ids_of(study)
            for page in study.pages:
                for run in shown_on(study, page) if page.name not in self.kept else ():
                    if ids is None:
                        yield _finding("G31: ids of the data that are not kept here", run)
                    else:
                        yield from self._run_findings(run, ids)
        yield from self._overview_findings()

    # -- files ------------------------------------------------------------------------------------
    def _stray_findings(self) -> Iterator[Finding]:
        """Files that no run leads to, links and programs."""
        may_be = {FRONT} | {n for study in self.studies for n in files_of(study, self.pages)}
        may_be |= set(files_of_places(self.known))
        for folder, folders, files in os.walk(self.folder):
            for name in (*folders, *files):
                path = Path(folder, name)
                mode, way = path.lstat().st_mode, path.relative_to(self.folder).as_posix()
                if stat.S_ISREG(mode) and (way not in may_be and not _is_of_a_cell(way, may_be)):
                    yield Finding(None, "G32: a file that the site does not make", REMEDY, "site")
                if not stat.S_ISDIR(mode) and (not stat.S_ISREG(mode) or mode & 0o111):
                    yield Finding(None, "G26: a link or a program", REMEDY, "site")

    def _run_findings(self, run: FoundRun, ids: Hashed) -> Iterator[Finding]:
        """What the site has made of one run."""
        folder = (self.folder / page_path(run)).parent
        sealed = run.provenance.get("files", {})
        for path in sorted((folder / "figures").iterdir()):
            if hash_of(path) != sealed.get(f"figures/{path.name}"):
                for fault in _file_faults(path, ids):
                    yield _finding(fault, run, f"figures, {path.suffix[1:]}")
        if json.loads((folder / RECORD).read_bytes()) != store.as_dict(run.record):
            yield _finding("G33: a record that is not the released one", run, RECORD)
        for fault in _file_faults(folder / ODS, ids) if run.place != ALL else ():
            yield _finding(fault, run, ODS)
        for name in self.pages:
            text = (folder / name).read_text(encoding="utf-8")
            page = f"{Path(page_path(run)).parent.as_posix()}/{name}"
            for fault in self.readers.pages.faults(page, text, ids, _foot_of(run)):
                yield _finding(fault, run, name)

    def _overview_findings(self) -> Iterator[Finding]:
        """The front page, the portfolio and the pages of places, beside the ids of all data."""
        kept = {found.key: found for found in self._ids.values() if found}
        every = EveryData(tuple(kept.values()))
        for name in (FRONT, *files_of_places(self.known)):
            path = self.folder / name
            for fault in self._overview_faults(name, path, every) if path.is_file() else ():
                said = "the front page" if name == FRONT else name
                yield Finding(None, fault, REMEDY, said)

    def _overview_faults(self, name: str, path: Path, ids: EveryData) -> Iterator[str]:
        if path.suffix != ".html":
            yield from _file_faults(path, ids)
            return
        reader = self.readers.front if name == FRONT else self.readers.pages
        yield from reader.faults(name, path.read_text(encoding="utf-8"), ids)

    def _ids_of(self, study: FoundStudy) -> Hashed | None:
        """The ids of all places of a study's data, by which its runs were read too; None where they
        are not kept."""
        data = next((run.record.data_hash for run in study.pages), None)
        if data is None:  # nothing of it is shown but its name
            return Hashed.of((), ())
        file = kept_ids(service_of(study.plan), ALL, data)
        if file not in self._ids:
            self._ids[file] = Hashed.read(file) if file.is_file() else None
        return self._ids[file]


def shown_on(study: FoundStudy, run: FoundRun) -> tuple[FoundRun, ...]:
    """The runs that a page shows: on the nation's also the analysis of all places at once."""
    return (run, study.whole) if run.place == NATIONAL and study.whole else (run,)


def files_of(study: FoundStudy, pages: tuple[str, ...] = PAGES) -> Iterator[str]:
    """Names in the site of all files that the pages of a study may have."""
    for page in study.pages:
        yield f"{Path(page_path(page)).parent.as_posix()}/{ODS}"
        for run in shown_on(study, page):
            folder = Path(page_path(run)).parent.as_posix()
            drawn = {f"{recipe.stem}.svg" for recipe in run.recipes}
            figures = {path.name for path in run.figures} | drawn | ANSWER
            yield from (f"{folder}/{name}" for name in (*pages, RECORD))
            yield from (f"{folder}/figures/{name}" for name in figures)


def _is_of_a_cell(way: str, may_be: set[str]) -> bool:
    """Whether a file is the picture of a cell, among the figures of a page."""
    folder, _, name = way.rpartition("/figures/")
    return bool(OF_A_CELL.fullmatch(name)) and f"{folder}/{RECORD}" in may_be


def _file_faults(path: Path, ids: Ids) -> Iterator[str]:
    """Rules that a file which the site has made beside a page breaks."""
    if path.suffix == ".png":
        yield from png_faults(base64.b64encode(path.read_bytes()).decode())
        return
    if path.suffix == ".ods":
        yield from ods_faults(path.read_bytes(), ids)
        return
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".svg":
        yield from (f"G29: {fault}" for fault in svg_faults(text))
        yield from (fault for fault in [G31] if ids.hashes and ids.is_in(text))
    else:
        yield from text_faults(text, ids)


def _foot_of(run: FoundRun) -> tuple[str, ...]:
    """What stands in the foot of a page as it was signed: some names look like a postcode."""
    said = (words for term, words in facts.provenance(run) if term in FOOT)
    return tuple(f"<dd>{escape(words)}</dd>" for words in said)


def _finding(rule: str, run: FoundRun, file: str = "") -> Finding:
    return Finding(None, rule, REMEDY, f"{run.name}{', ' if file else ''}{file}")


def _put_aside(folder: Path) -> None:
    """Keep what was found where only its owner can look, in the place of what was kept before."""
    aside = folder.with_name(WITHHELD)
    shutil.rmtree(aside, ignore_errors=True)
    folder.chmod(0o700)
    folder.rename(aside)
