"""What each page of the site was made from, so that a page is made again only when that has
changed.

Imports nothing heavy: a batch that changed nothing must see so at once. Kept beside the site, not
in it: the site holds only what may be given away.
"""

import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path

from analysis.atomic import write_whole
from analysis.disclosure.guard.signature import is_signed, signed
from analysis.paths import DECISION_RULES, GLOSSARY, PARAMS
from analysis.plans.retention.deletions import deletions
from analysis.record.sealed import LINK, hash_of
from analysis.rounds.frozen import hash_now
from analysis.rounds.log import LEAD, entries
from analysis.rounds.run_links import SITE, altered_runs, run_links, run_name
from analysis.site.locks import lock_words
from analysis.versions import package_hash
from analysis.vocabulary.regions import ALL, NATIONAL

STATE_FILE = ".site.json"
INDEX = "index"


def site_state(reports: Path, round_id: str) -> dict[str, str]:
    """For each run of the round (source/study/place), and for the front page, a hash of what its
    page shows.

    A page shows its own run and record, the national one, and links to all other places of its
    study; the nation's page also shows the analysis of all places at once, and where the rule for
    decisions points. Words of the glossary, and how the plan stands to its lock, stand on every
    page.
    """
    found: dict[tuple[str, str, str], dict[str, str]] = {}
    altered = altered_runs(reports, round_id)
    for link in run_links(reports, round_id):
        source, its_round, study, place = link.relative_to(reports).parts
        if run_name(source, its_round, study, place) in altered:
            continue
        state = (link / "results.json").stat()
        found.setdefault((source, its_round, study), {})[place] = (
            f"{link.resolve().name} {state.st_mtime_ns} {state.st_size}"
        )
    code = f"{package_hash()}\0{_hash(GLOSSARY.read_text(encoding='utf-8'))}"
    rules, order = _hash_of(DECISION_RULES), _hash_of(PARAMS / "journey.yml")
    steps = _steps(reports)
    pages: dict[str, str] = {}
    for (source, its_round, study), places in found.items():
        shared = f"{code}\0{its_round}\0{sorted(places)}\0{places.get(NATIONAL)}"
        shared += f"\0{lock_words(study)}\0{steps.get((source, study), '')}"
        shown = places | {NATIONAL: f"{places.get(NATIONAL)}\0{places.get(ALL)}\0{rules}"}
        pages |= {
            run_name(source, its_round, study, place): _hash(f"{shared}\0{shown[place]}")
            for place in places
        }
    return pages | {INDEX: _hash(f"{code}\0{order}\0{round_id}\0{sorted(pages.items())}")}


def _steps(reports: Path) -> dict[tuple[str, str], str]:
    """By source and study a hash of all steps that were taken over it, in whatever round, of the
    nation's records that were signed as they are now, and of the day: pages say how long a fact
    check is open, what a signed round before has said, and which looks were taken; and of what
    was deleted of data."""
    found: dict[tuple[str, str], list[str]] = {}
    for entry in entries():
        own = found.setdefault((entry.source, entry.study), [])
        own.append(repr(entry))
        if entry.step == LEAD:
            own.append(hash_now(reports.joinpath(*entry.key, NATIONAL)))
    today, gone = datetime.now(UTC).date(), deletions() if found else ()
    return {key: _hash(f"{today}{own}{gone}") for key, own in found.items()}


def kept_state(reports: Path) -> dict[str, str]:
    """The state that the site which is there was made from; empty where there is none."""
    return _kept(reports)["pages"] if (reports / SITE / "index.html").is_file() else {}


def kept_files(reports: Path) -> dict[str, str]:
    """sha256 of each file of the site as it was read and put there, by its name in the site."""
    return _kept(reports)["files"]


def altered_pages(reports: Path) -> tuple[str, ...]:
    """Names of files of the site that are not as they were put there: edited, gone, or added."""
    kept = kept_files(reports)
    here = site_files(reports / SITE)
    return tuple(n for n in sorted({*kept, *here}) if kept.get(n) != here.get(n))


def site_files(site: Path) -> dict[str, str]:
    """sha256 of each file of a site by its name in it; a link has the hash of no file."""
    found = (Path(folder, name) for folder, _, files in os.walk(site) for name in files)
    return {
        path.relative_to(site).as_posix(): LINK if path.is_symlink() else hash_of(path)
        for path in found
    }


def _kept(reports: Path) -> dict[str, dict[str, str]]:
    """What was noted and signed of the site; nothing where that is not there, or of another."""
    try:
        kept = json.loads((reports / STATE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        kept = None
    well = isinstance(kept, dict) and {"pages", "files"} < kept.keys() and is_signed(kept)
    return kept if well else {"pages": {}, "files": {}}


def keep_state(reports: Path, state: dict[str, str]) -> None:
    """Note and sign what the new site was made from, and what its files hold."""
    kept = signed({"pages": state, "files": site_files(reports / SITE)})
    write_whole(reports / STATE_FILE, json.dumps(kept, sort_keys=True))


def _hash_of(path: Path) -> str:
    """Of a file of parameters that a body with plans of its own may leave out."""
    return _hash(path.read_text(encoding="utf-8")) if path.exists() else ""


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
