"""What is known of a round is read in one way: notebooks and the site show the same rows."""

import csv
import re
from html import unescape

import pytest
from changed_records import with_rows

from analysis.errors import RunError
from analysis.notebook import open_place, open_portfolio
from analysis.paths import reports
from analysis.places.place import difference_cells
from analysis.places.portfolio import rows_of_kind
from analysis.plans.registry import parse_source
from analysis.record.record import Record
from analysis.rounds.known_rounds import known_of
from analysis.said.carried import read_out
from analysis.site.build import build_site
from rounds.signed_rounds import (
    MONITOR,
    PILOT,
    RERUN,
    ROUND,
    forced,
    signed_round,
    write_round,
)

PLACE = "west_midlands"


def other(record: Record) -> Record:
    """A rerun that finds another verdict in the place, and another ratio."""
    first = next(row for row in record.rows if row.result_class == "no_disparity_shown")
    changed = with_rows(record, lambda row: row is first, result_class="practical_only")
    return changed.with_(code_version="e" * 64)


@pytest.fixture
def rounds():
    """A pilot and a monitor that are signed, and a rerun of the monitor."""
    signed_round(PILOT, ROUND)
    signed_round(MONITOR, ROUND)
    write_round(MONITOR, RERUN, other)


def known_rounds() -> dict[str, str]:
    known = known_of(parse_source("synthetic"), ROUND)
    return {one.plan.study: one.national.round for one in known.studies}


def texts(cells) -> list[str]:
    return [" ".join(read_out(str(cell)).split()) for cell in cells]


def test_the_newest_rerun_of_each_study_is_read(rounds):
    assert known_rounds() == {PILOT: ROUND, MONITOR: RERUN}
    (one,) = (s for s in known_of(parse_source("synthetic"), ROUND).studies if s.looks.is_signed)
    assert one.plan.study == PILOT


def test_a_rerun_that_is_asked_for_is_read_as_its_round(rounds):
    asked, whole = (known_of(parse_source("synthetic"), each) for each in (RERUN, ROUND))
    assert asked.round_id == whole.round_id == ROUND
    assert [one.national for one in asked.studies] == [one.national for one in whole.studies]


def test_a_place_has_the_same_rows_in_notebook_and_site(rounds):
    build_site(reports(), round_id=ROUND)
    view = open_place(PLACE, "synthetic", ROUND).view
    shown = [
        texts((at.stage, at.plan.title, *list(difference_cells(one).values())[:2]))
        for at, one in view.differences
    ]
    folder = reports() / f"site/synthetic/{ROUND}/places/{PLACE}"
    with (folder / "every_comparison.csv").open(encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    verdict = head.index("Verdict")
    assert [[*row[:2], *row[3:5]] for row in rows] == shown
    assert [row[verdict] for row in rows] == texts(one.verdict for _, one in view.differences)
    assert RERUN in (folder / "index.html").read_text(encoding="utf-8")


def test_the_portfolio_has_the_same_rows_in_notebook_and_site(rounds):
    build_site(reports(), round_id=ROUND)
    view = open_portfolio("synthetic", ROUND).view
    cells = [
        row[name]
        for part in view.parts
        for kind in part.kinds
        for row in rows_of_kind(kind)
        for name in ("Question", "Finding", "Claim", "Shown", "What the rule points to")
    ]
    page = (reports() / "site" / "portfolio" / "index.html").read_text(encoding="utf-8")
    words = [
        " ".join(unescape(re.sub(r"<[^>]+>", "", td)).split())
        for td in re.findall(r"<td>(.*?)</td>", page, re.DOTALL)
    ]
    assert cells and not [cell for cell in texts(cells) if cell not in words]
    assert f"/{RERUN}/{MONITOR}/" in page and f"/{ROUND}/{MONITOR}/" not in page


def test_a_signed_record_that_was_altered_is_not_known():
    signing = signed_round(PILOT, ROUND)
    file = forced(signing.folder / "wales" / "results.json")
    file.write_text(file.read_text().replace('"n_in": ', '"n_in": 1', 1))
    (one,) = known_of(parse_source("synthetic"), ROUND).studies
    assert set(one.places) == {"london"}


def test_another_source_is_not_read(rounds):
    with pytest.raises(RunError, match="E348"):
        known_of(parse_source("extracts"), ROUND)
