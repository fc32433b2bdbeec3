"""What the pages of the site say of their round: signed or draft, what a region comments, what was
corrected, and how far figures moved since the round before."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from analysis.atomic import write_whole
from analysis.display.layout import safe_for_spreadsheets
from analysis.extracts.reading.snapshots import data_of, deleted_snapshot
from analysis.judgement.pointed import Looks
from analysis.places.place_view import MonitorAt, PilotAt, PlaceView
from analysis.rounds.first_published import (
    Before,
    Since,
    records_before,
    signed_before,
    since,
    verdicts,
    verdicts_line,
)
from analysis.rounds.frozen import hashes_now
from analysis.rounds.log import CORRECTION, Entry, entries
from analysis.rounds.looks import looks_of
from analysis.rounds.marks import (
    Comment,
    Marks,
    Notice,
    common_state,
    front_notice,
    marks_of,
)
from analysis.rounds.runs_found import FoundRun, FoundStudy, page_path
from analysis.vocabulary.regions import NATIONAL

Key = tuple[str, str, str]  # source, round, study
NOTICE, PROVISIONAL = "Notice", "Provisional"  # columns of a CSV


@dataclass(frozen=True)
class Link:
    """A notice with the page that it leads to; no way where that page is not in the site."""

    words: str
    link: str
    href: str


@dataclass(frozen=True)
class Marked:
    """What one page says of its round. comment: of its region; since: of the round before; looks:
    of the rule for decisions before this round."""

    marks: Marks = field(default_factory=Marks)
    notices: tuple[Link, ...] = ()
    comment: Comment | None = None
    since: Since | None = None
    looks: Looks = field(default_factory=Looks)


@dataclass(frozen=True, eq=False)
class SignedState:
    """The state of all studies of a site. found: its studies; before: the signed round before
    each, where there is one; looks: that the rule for decisions of each has had before."""

    log: tuple[Entry, ...]
    found: Mapping[Key, FoundStudy]
    known: Mapping[Key, Marks]
    before: Mapping[Key, Before]
    looks: Mapping[Key, Looks]

    def marks(self, key: Key) -> Marks:
        return self.known.get(key) or Marks()

    def of_page(self, study: FoundStudy, run: FoundRun) -> Marked:
        """The marks of one page."""
        marks, before = self.marks(study.key), self.before.get(study.key)
        return Marked(
            marks,
            tuple(self._link(study, run, one) for one in marks.notices),
            marks.comments.get(run.place),
            since(study.plan, before, run.record) if before else None,
            self.looks.get(study.key, Looks()),
        )

    def _link(self, study: FoundStudy, run: FoundRun, notice: Notice) -> Link:
        other = self.found.get((study.source, notice.other, study.plan.study))
        pages = {one.place for one in other.pages} if other else set()
        way = f"../../../{notice.other}/{study.plan.study}/{run.place}/index.html"
        return Link(notice.words, notice.link, way if run.place in pages else "")

    def common(self, found: Iterable[FoundStudy]) -> tuple[str, ...]:
        """The state of a page that is made from these studies."""
        return common_state(
            (self.marks(study.key), run.record.audience) for study in found for run in study.runs
        )

    def front_notices(self, found: Iterable[FoundStudy]) -> tuple[Link, ...]:
        """Every correction of these studies, with the page of the nation that is now the right
        one."""
        shown = {study.key: study for study in found}
        links = []
        for one in self.log:
            if one.step != CORRECTION or one.key not in shown:
                continue
            key = (one.source, one.replaced_by or one.round_id, one.study)
            right = shown.get(key, shown[one.key])
            way = page_path(right.national) if right.national else ""
            links.append(Link(front_notice(right.plan.title, one), "The page as it is now", way))
        return tuple(links)

    # -- the page of a place ---------------------------------------------------------------------
    def place_state(self, view: PlaceView) -> tuple[str, ...]:
        """The state of the page of a place: that of its studies, and how many verdicts changed
        since the rounds before."""
        state = common_state(
            (self.marks(_key(view.source, one)), one.record.audience) for one in _all_at(view)
        )
        return (*state, *self._verdicts_since(view))

    def place_notice(self, view: PlaceView, study: str) -> str:
        """The notices of a study in one text, for its rows in a CSV of a place."""
        for one in _all_at(view):
            if one.plan.study == study:
                return self.marks(_key(view.source, one)).notice_words
        return ""

    def _verdicts_since(self, view: PlaceView) -> tuple[str, ...]:
        """How many verdicts of the place changed since the signed rounds before."""
        was: dict[tuple[str, str, str], str] = {}
        is_now: dict[tuple[str, str, str], str] = {}
        rounds = []
        for one in view.monitors:
            key = _key(view.source, one)
            before, study = self.before.get(key), self.found.get(key)
            if before is None or study is None or study.national is None:
                continue
            here = {**study.places, NATIONAL: study.national.record}
            rounds.append(before.entry.round_id)
            was |= verdicts(one.plan, before.records, view.place)
            is_now |= verdicts(one.plan, here, view.place)
        both = was.keys() & is_now.keys()
        moved = sum(was[name] != is_now[name] for name in both)
        return (verdicts_line(dict.fromkeys(rounds), moved, len(both)),) if both else ()


def _all_at(view: PlaceView) -> tuple[MonitorAt | PilotAt, ...]:
    return (*view.monitors, *view.pilots)


def _key(source: str, one: MonitorAt | PilotAt) -> Key:
    return source, one.record.round, one.plan.study


def signed_state(
    reports: Path, studies: Iterable[FoundStudy], *, released_only: bool = False
) -> SignedState:
    """The state of these studies, from the log of rounds and their records. RunError E329.

    released_only: says nothing of a round that was not released, nor of a correction of one.
    """
    every, today = entries(), datetime.now(UTC).date()
    found = {study.key: study for study in studies}
    log = tuple(one for one in every if not released_only or _is_seen(one, found))
    touched = {(one.source, one.study) for one in log}
    known, before, looks = {}, {}, {}
    for key, study in found.items():
        if (key[0], key[2]) not in touched:
            continue
        records = hashes_now(reports.joinpath(*key))
        known[key] = marks_of(study.plan, key, records, log, today, _deleted(study))
        looks[key] = looks_of(study.plan, key, every, reports, released_only=released_only)
        if entry := signed_before(every, key):
            earlier = records_before(reports, entry)
            if not released_only or _is_released(earlier):
                before[key] = earlier
    return SignedState(log, found, known, before, looks)


def _deleted(study: FoundStudy) -> date | None:
    """The day on which the data of a study were deleted under their agreement. RunError E329."""
    source = data_of(study.source)
    hashes = dict.fromkeys(run.record.data_hash for run in study.runs) if source else ()
    found = [deleted_snapshot(source, one) for one in hashes]
    return next((one.day for one in found if one), None)


def _is_seen(entry: Entry, found: Mapping[Key, FoundStudy]) -> bool:
    """Whether an entry is of these studies alone: a correction of something else is not."""
    other = (entry.source, entry.replaced_by, entry.study)
    return entry.key in found and (not entry.replaced_by or other in found)


def _is_released(before: Before) -> bool:
    """Whether every record of an earlier round was released."""
    records = before.records.values()
    return bool(records) and all(record.audience == "release" for record in records)


def note_in_csv(folder: Path, notes: Mapping[str, str]) -> None:
    """Give every CSV of a folder last columns with these words, by their heading; empty words give
    none. Files are replaced, never written into: the run has them too."""
    kept = {heading: words for heading, words in notes.items() if words}
    for file in sorted(folder.glob("*.csv")) if kept else ():
        head, *rows = csv.reader(io.StringIO(file.read_text(encoding="utf-8")))
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerow([*head, *kept])
        writer.writerows([*row, *map(safe_for_spreadsheets, kept.values())] for row in rows)
        write_whole(file, buffer.getvalue().encode())
