"""A correction leaves what was signed where it is, and says on both pages, the front page and in
every CSV what was wrong."""

import csv

import pytest
from changed_records import with_rows

from analysis.errors import RunError
from analysis.paths import reports
from analysis.record.record import Record
from analysis.rounds.log import entries
from analysis.runs.release import releases as ledger
from analysis.runs.rounds.correcting import correct
from analysis.runs.rounds.leaving import Asked, publish_round
from analysis.site.build import build_site
from analysis.vocabulary.regions import NATIONAL
from rounds.signed_rounds import (
    MONITOR,
    NEXT,
    PEOPLE,
    PILOT,
    RERUN,
    ROUND,
    signed_round,
    write_round,
)

REASON = "Appointments on bank holidays were counted as missed"
LEAD = PEOPLE["lead"]


def worse(record: Record) -> Record:
    """A row of Wales on harm watch that was not."""
    if record.region != "wales":
        return record
    first = next(row for row in record.rows if row.result_class and not row.harm_watch)
    changed = with_rows(record, lambda row: row is first, harm_watch="worse")
    return changed.with_(code_version="e" * 64)


def refused(*given) -> str:
    before = len(entries())
    with pytest.raises(RunError) as error:
        correct(*given)
    assert len(entries()) == before
    return error.value.code


@pytest.fixture
def corrected():
    """A pilot of which a rerun is signed and replaces the first."""
    first = signed_round(PILOT, ROUND)
    signed_round(PILOT, RERUN, worse)
    return first, correct(first, "method", REASON, LEAD)


def page_at(round_id: str, place: str, site=None) -> str:
    folder = site or reports() / "site"
    return (folder / "synthetic" / round_id / PILOT / place / "index.html").read_text()


# -- what may be corrected -------------------------------------------------------------------------
def test_only_what_is_signed_is_corrected_and_by_what_is_signed():
    first = write_round(PILOT, ROUND)
    assert refused(first, "data", REASON, LEAD) == "E389"
    signed_round(MONITOR, ROUND)
    first = signed_round(PILOT, "2026Q2")
    assert refused(first, "data", REASON, LEAD) == "E389"
    write_round(PILOT, "2026Q2r2")
    assert refused(first, "data", REASON, LEAD) == "E389"


def test_a_reason_holds_no_figure():
    first = signed_round(PILOT, ROUND)
    assert refused(first, "text", "12 people were counted twice", LEAD) == "E399"


def test_a_correction_is_noted_once(corrected):
    first, entry = corrected
    assert (entry.kind, entry.replaced_by, entry.by) == ("method", RERUN, LEAD)
    assert refused(first, "method", REASON, LEAD) == "E389"


def test_what_was_released_is_replaced_by_what_is_released_in_its_place(monkeypatch):
    first = signed_round(PILOT, ROUND)
    signed_round(PILOT, RERUN)
    one = ledger.Release(
        number=0,
        time="2026-10-04T09:30:00+00:00",
        study=PILOT,
        source="synthetic",
        round_id=ROUND,
        plan_hash="p",
        data_hash="d",
        code_version="c",
        period_from=None,
        period_to=None,
        extract_date=None,
        counts={},
    )
    number = ledger.add(one).number
    assert refused(first, "method", REASON, LEAD) == "E334"
    ledger.add(ledger.replace(one, round_id=RERUN))
    assert refused(first, "method", REASON, LEAD) == "E334"
    first = signed_round(PILOT, NEXT)
    signed_round(PILOT, f"{NEXT}r2")
    ledger.add(ledger.replace(one, round_id=f"{NEXT}r2", replaces=number))
    assert correct(first, "method", REASON, LEAD).kind == "method"  # NEXT was never released


# -- what it says ----------------------------------------------------------------------------------
def test_it_is_worked_out_what_changed_that_matters(corrected):
    assert corrected[1].changed and all("Wales: " in line for line in corrected[1].changed)


def test_equal_records_change_nothing_that_matters():
    first = signed_round(PILOT, ROUND)
    signed_round(PILOT, RERUN)
    assert correct(first, "data", REASON, LEAD).changed == ()


@pytest.mark.parametrize("place", [NATIONAL, "wales"])
def test_both_pages_say_it_and_lead_to_each_other(corrected, place):
    build_site(reports(), round_id=ROUND)
    old, new = page_at(ROUND, place), page_at(RERUN, place)
    assert "This page was corrected on" in old and f"(method): {REASON}." in old
    assert f'href="../../../{RERUN}/{PILOT}/{place}/index.html">The corrected page' in old
    assert "This page replaces that of round 2026Q3" in new and "Changed: Wales:" in new
    assert f'href="../../../{ROUND}/{PILOT}/{place}/index.html">The page that was' in new


def test_the_front_page_says_it_and_leads_to_the_corrected_page(corrected):
    front = build_site(reports(), round_id=ROUND) / "index.html"
    text = front.read_text()
    assert "Corrections" in text and f"{REASON}." in text
    assert f'href="synthetic/{RERUN}/{PILOT}/national/index.html"' in text
    assert f'href="synthetic/{ROUND}/{PILOT}/national/index.html"' not in text


def test_pages_made_from_several_studies_lead_to_the_corrected_ones(corrected):
    site = build_site(reports(), round_id=ROUND)
    place = (site / "synthetic" / ROUND / "places" / "wales" / "index.html").read_text()
    assert f"../../../{RERUN}/{PILOT}/wales/index.html" in place
    assert f"../../../{ROUND}/{PILOT}/wales" not in place
    assert f"../synthetic/{RERUN}/{PILOT}" in (site / "portfolio" / "index.html").read_text()


def test_every_csv_of_both_pages_says_it_in_a_last_column(corrected, tmp_path):
    publish_round(tmp_path / "out", Asked(ROUND, "internal"))
    found = list((tmp_path / "out").rglob("synthetic/*/ethnic_matching/**/*.csv"))
    assert len(found) >= 6
    for file in found:
        head, *rows = csv.reader(file.read_text().splitlines())
        assert head[-1] == "Notice" and all(REASON in row[-1] for row in rows), file


def test_the_run_itself_is_not_written_into(corrected):
    folder = (corrected[0].folder / "wales").resolve()
    before = (folder / "figures" / "dot.csv").read_bytes()
    build_site(reports(), round_id=ROUND)
    assert (folder / "figures" / "dot.csv").read_bytes() == before and b"Notice" not in before


@pytest.mark.parametrize(("kind", "words"), [("text", "corrected"), ("withdrawal", "withdrawn")])
def test_wording_and_withdrawal_need_no_rerun(kind, words):
    first = signed_round(PILOT, ROUND)
    correct(first, kind, REASON, LEAD)
    build_site(reports(), round_id=ROUND)
    assert f"This page was {words} on" in page_at(ROUND, "wales")
    assert ("withdrawn</li>" in page_at(ROUND, "wales")) == (kind == "withdrawal")


def test_what_was_withdrawn_is_released_to_nobody(tmp_path):
    first = signed_round(PILOT, ROUND, lambda record: record.with_(audience="release"))
    publish_round(tmp_path / "before", Asked(ROUND, "release"))
    correct(first, "withdrawal", REASON, LEAD)
    with pytest.raises(RunError, match="E388"):
        publish_round(tmp_path / "after", Asked(ROUND, "release"))


def test_a_rerun_beside_what_it_replaces_is_not_published_before_it_is_said(tmp_path):
    first = signed_round(PILOT, ROUND)
    signed_round(PILOT, RERUN)
    with pytest.raises(RunError, match="E388"):
        publish_round(tmp_path / "out", Asked(ROUND, "internal"))
    correct(first, "method", REASON, LEAD)
    publish_round(tmp_path / "out", Asked(ROUND, "internal"))


def test_a_release_says_nothing_of_a_round_that_was_not_released(tmp_path):
    first = signed_round(PILOT, ROUND)
    signed_round(PILOT, RERUN, lambda record: worse(record).with_(audience="release"))
    correct(first, "method", REASON, LEAD)
    publish_round(tmp_path / "out", Asked(ROUND, "release"))
    text = b"\n".join(p.read_bytes() for p in (tmp_path / "out" / "pages").rglob("*.html"))
    assert REASON.encode() not in text and b"Since round" not in text
    assert not (tmp_path / "out" / "pages" / "synthetic" / ROUND / PILOT).exists()
