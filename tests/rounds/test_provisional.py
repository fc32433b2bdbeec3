"""Figures that may still change say so, and until when, wherever they stand; and no longer once the
plan's months had passed when the data were drawn."""

import csv

import pytest

from analysis.paths import reports
from analysis.plans.registry import load_plan
from analysis.record.record import Record
from analysis.sections.page.block import page_of, provisional_of
from analysis.site.build import build_site
from rounds.signed_rounds import MONITOR, ROUND, write_round

UNTIL = "provisional until April 2027"


def passed(record: Record) -> Record:
    """The record of data that were drawn when the months had passed."""
    return record.with_(checks=tuple(one for one in record.checks if one.id != "provisional"))


@pytest.mark.parametrize("change", [lambda record: record, passed], ids=["open", "passed"])
def test_every_page_row_picture_and_csv_of_a_round_says_it_while_it_is_so(change):
    write_round(MONITOR, ROUND, change)
    site = build_site(reports(), round_id=ROUND)
    says = change is not passed
    base = site / "synthetic" / ROUND
    for place in ("national", "west_midlands"):
        page = (base / MONITOR / place / "index.html").read_text()
        strip = page.partition("</header>")[0]
        assert (UNTIL in strip) == says
        assert (UNTIL in (base / MONITOR / place / "figures" / "answer.svg").read_text()) == says
        alt = page.partition('alt="')[2].partition('"')[0]
        assert (UNTIL in alt) == says
    place = (base / "places" / "west_midlands" / "index.html").read_text()
    assert (UNTIL in place.partition("</header>")[0]) == says
    assert (f'<span class="source">({UNTIL})</span></h3>' in place) == says
    assert (UNTIL in (site / "portfolio" / "index.html").read_text()) == says
    found = sorted(base.rglob("*.csv"))
    assert len(found) >= 6
    for file in found:
        _head, *rows = csv.reader(file.read_text().splitlines())
        assert rows and all((UNTIL in " ".join(row)) == says for row in rows), file


def test_a_pilot_and_a_record_without_dates_are_never_provisional():
    plan = load_plan(MONITOR)
    assert page_of(load_plan("ethnic_matching")).provisional is None
    (national,) = (run.record for run in found() if run.place == "national")
    assert provisional_of(plan, national) == UNTIL
    assert provisional_of(plan, national.with_(period_to=None)) == ""


def found():
    from analysis.rounds.runs_found import find_studies

    write_round(MONITOR, ROUND)
    return find_studies(reports(), ROUND)[0].runs
