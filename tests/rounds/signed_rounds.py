"""Rounds made of committed records, signed by the commands' own functions."""

from collections.abc import Callable, Iterable
from pathlib import Path

from test_site import write_run

from analysis.paths import EXAMPLE_RECORDS, reports
from analysis.record import store
from analysis.record.record import Record
from analysis.rounds.log import ORDER
from analysis.runs.rounds.fact_checking import fact_check
from analysis.runs.rounds.signing import Signing, sign, signing_of
from analysis.vocabulary.regions import NATIONAL

ROUND, NEXT, RERUN = "2026Q3", "2026Q4", "2026Q3r2"
PILOT, MONITOR = "ethnic_matching", "supervision"
PLACES = {PILOT: (NATIONAL, "wales", "london"), MONITOR: (NATIONAL, "all", "west_midlands")}
PLACES |= {"youth_cascade": (NATIONAL, "all")}
PEOPLE = {
    "analyst": "Ada Quillfeather",
    "assurer": "Bram Oxenholme",
    "disclosure": "Cleo Vanterpool",
    "lead": "Dov Merriweather",
}
CHECKER = "Una Threlkeld"
Change = Callable[[Record], Record]


def same(record: Record) -> Record:
    return record


def write_round(study: str, round_id: str, change: Change = same) -> Signing:
    """The cleared runs of some places of a study in a round."""
    for place in PLACES[study]:
        record = store.load(EXAMPLE_RECORDS / study / f"{place}.json")
        write_run(reports(), change(record.with_(round=round_id)), round_id)
    return signing_of(study, None, round_id)


def answered(signing: Signing, comment: str = "") -> None:
    """Every region answers; the first with a comment."""
    for region in signing.standing().regions:
        fact_check(signing, region, CHECKER, comment)
        comment = ""


def signed(signing: Signing, steps: Iterable[str] = ORDER) -> Signing:
    """The study with these steps, and each region's answer before the disclosure checker."""
    for step in steps:
        if step == "disclosure":
            answered(signing)
        sign(signing, step, PEOPLE[step])
    return signing


def signed_round(study: str, round_id: str, change: Change = same) -> Signing:
    return signed(write_round(study, round_id, change))


def forced(path: Path) -> Path:
    """A path in a frozen run that whoever owns it has made writable again."""
    for one in (path.parent, path):
        one.chmod(one.stat().st_mode | 0o200)
    return path


def every_byte(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
