"""What is kept of data goes on its day and stays before it; nothing of anybody else goes; pages
stay and say so."""

import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from analysis.cli import workbook
from analysis.errors import ParameterError, PlanError, RunError
from analysis.extracts.reading.pull import pull
from analysis.extracts.reading.reading import LEFT_OVER
from analysis.extracts.reading.snapshots import Pulled, Receipt, snapshot_folder
from analysis.paths import readings, reports, snapshots, state_home
from analysis.plans.registry import Source
from analysis.plans.retention import agreements
from analysis.plans.retention.deletions import FILE, FOLDER, deletions
from analysis.record import store
from analysis.rounds.frozen import RESULTS
from analysis.runs.ledger import Ledger
from analysis.runs.locks.verifying import verify
from analysis.runs.planning import Request, plan_batch
from analysis.runs.retention import deleting, kept
from analysis.runs.retention.commands import lines
from analysis.runs.retention.deleting import delete_due
from analysis.runs.retention.kept import all_kept, exact_records
from analysis.runs.rounds.listing import round_lines
from analysis.runs.rounds.signing import signing_of
from analysis.site.build import build_site
from analysis.site.state import site_state
from rounds.signed_rounds import (
    MONITOR,
    NEXT,
    PLACES,
    RERUN,
    ROUND,
    forced,
    signed,
    write_round,
)

BY = "Nell Hawksworth"
DATABASE, FOLDER_OF = "database:CASE_DB", "database-CASE_DB"
SOURCE = Source("database", "CASE_DB")
LAST = date(2027, 5, 2)  # the day by which data go
EVE, AFTER = LAST - timedelta(days=1), LAST + timedelta(days=1)
HASH = "a" * 64
AGREEMENT = {
    "name": "Agreement on case data",
    "data": DATABASE,
    "delete_by": str(LAST),
    "owner": "information asset owner",
    "source": "made up for a test",
}
EXTRACTS = AGREEMENT | {"name": "Agreement on extracts", "data": "extracts"}


@pytest.fixture(autouse=True)
def agreed(tmp_path, monkeypatch):
    """Writes agreements in place of the committed ones; nothing stands in data/extracts."""
    file = tmp_path / "agreements.yml"
    monkeypatch.setattr(agreements, "FILE", file)
    monkeypatch.setattr(kept, "EXTRACTS", tmp_path / "no extracts")
    monkeypatch.delenv("WORKBOOK_ROUND", raising=False)

    def write(*found: dict) -> None:
        file.write_text(json.dumps({"agreements": list(found)}))
        agreements.load_agreements.cache_clear()

    write(AGREEMENT)
    yield write
    agreements.load_agreements.cache_clear()


def snapshot(round_id: str = ROUND, source: str = DATABASE, data_hash: str = HASH) -> Path:
    folder = snapshots() / round_id
    folder.mkdir(parents=True)
    (folder / "supervision_quarters.parquet").write_bytes(b"rows")
    (folder / ".normal_form").mkdir()
    (folder / ".normal_form" / "pulled.json").write_text("{}")
    tables = {"supervision_quarters": Pulled("SELECT 1", 1, "b" * 64, ("region",))}
    day = "2026-10-14T09:00:00.000+00:00"
    receipt = Receipt(round_id, source, day, day, tables, data_hash)
    (folder / "receipt.json").write_text(receipt.to_json())
    return folder


def reading(of: Path, name: str = "0123456789", tables: tuple[str, ...] = ("managers",)) -> Path:
    """A reading of an extract as `read_once` leaves it."""
    home = readings() / name
    (home / "key").mkdir(parents=True)
    (home / "key" / "managers.parquet").write_bytes(b"rows")
    receipt = {"folder": str(of), "rows": dict.fromkeys(tables, 1)}
    (home / "key" / "receipt.json").write_text(json.dumps(receipt))
    return home


def own_extract(folder: Path) -> Path:
    folder.mkdir()
    (folder / "managers.csv").write_text("manager_id\n1\n")
    return folder


def failed_run(source: str = FOLDER_OF) -> Path:
    """The private folder of a run that failed, which the ledger knows."""
    folder = reports() / ".runs" / "failed-one"
    (folder / "private").mkdir(parents=True)
    (folder / "private" / "fault.txt").write_text("a value")
    ledger = Ledger()
    try:
        ledger._write(
            "INSERT INTO runs (batch, study, source, round, place, state, folder)"
            " VALUES (1, ?, ?, ?, 'wales', 'failed', ?)",
            (MONITOR, source, ROUND, folder.name),
        )
    finally:
        ledger.close()
    return folder / "private"


def told(today: date) -> str:
    return "\n".join(lines(all_kept(), today))


def code_of(call, *arguments, **named) -> str:
    with pytest.raises((RunError, ParameterError, PlanError)) as error:
        call(*arguments, **named)
    return error.value.code


# -- agreements ------------------------------------------------------------------------------------
def test_the_committed_agreements_cover_no_data_of_anybody(monkeypatch):
    monkeypatch.undo()
    agreements.load_agreements.cache_clear()
    found = agreements.load_agreements()
    assert found and all("ILLUSTRATIVE" in one.data for one in found)
    assert all(one.source.startswith("illustrative") for one in found)


def test_without_a_file_there_is_no_agreement(agreed):
    agreements.FILE.unlink()
    agreements.load_agreements.cache_clear()
    assert agreements.load_agreements() == ()


FAULTS = {
    "a key too many": ({"until": "2027-05-02"}, "E208"),
    "no day": ({"delete_by": "next May"}, "E208"),
    "data of nobody": ({"data": "synthetic"}, "E209"),
    "a path": ({"data": "extracts:/home/ada"}, "E209"),
    "no such study": ({"study": "supervison"}, "E209"),
    "a study that does not read it": ({"study": "ethnic_matching"}, "E209"),
    "a round that is none": ({"rounds": ["../2026Q3"]}, "E208"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_with_file_and_line(agreed, fault):
    change, code = FAULTS[fault]
    agreed(AGREEMENT | change)
    with pytest.raises(PlanError, match=r"agreements\.yml, line \d+: agreements › 0") as error:
        agreements.load_agreements()
    assert error.value.code == code


def test_a_name_stands_once(agreed):
    agreed(AGREEMENT, AGREEMENT)
    assert code_of(agreements.load_agreements) == "E209"


def test_the_earliest_of_the_agreements_that_cover_something_holds(agreed):
    later = AGREEMENT | {"name": "later", "data": "database", "delete_by": "2030-01-01"}
    prisons = AGREEMENT | {"name": "prisons", "study": "incentives", "delete_by": "2026-01-01"}
    other = AGREEMENT | {"name": "round", "rounds": [NEXT], "delete_by": "2026-01-01"}
    agreed(later, AGREEMENT, prisons, other)
    snapshot()
    (one,) = all_kept()
    assert one.agreement.name == AGREEMENT["name"], "neither another study's nor another round's"
    agreed(later, AGREEMENT | {"study": MONITOR, "rounds": [ROUND]})
    snapshot(RERUN)
    assert {one.agreement.delete_by for one in all_kept()} == {str(LAST)}
    agreed(later)
    assert {one.agreement.delete_by for one in all_kept()} == {"2030-01-01"}
    agreed(AGREEMENT | {"data": "database:CASE"})
    assert {one.agreement for one in all_kept()} == {None}, "CASE is not CASE_DB"


# -- what is kept ----------------------------------------------------------------------------------
def test_each_thing_is_listed_with_its_agreement_and_day(agreed, tmp_path):
    agreed(AGREEMENT, EXTRACTS)
    snapshot()
    reading(own_extract(tmp_path / "mine"))
    failed_run()
    for today, words in ((EVE, ""), (LAST, "due today"), (AFTER, "OVERDUE")):
        said = told(today).splitlines()
        assert len(said) == 4 and all(f"delete by {LAST}" in line for line in said)
        assert all(words in line for line in said)
        assert [one.asks_for_somebody(today) for one in all_kept()] == [today == AFTER] * 4
    assert "information asset owner to delete" in said[-1]


def test_what_no_agreement_covers_is_named_and_not_deleted(agreed, tmp_path):
    agreed()
    folders = [snapshot(), reading(own_extract(tmp_path / "mine")), failed_run()]
    assert told(AFTER).count("NO AGREEMENT") == 4
    assert all(one.asks_for_somebody(EVE) for one in all_kept())
    assert delete_due(BY, AFTER) == () and all(folder.is_dir() for folder in folders)


def test_a_snapshot_without_a_receipt_is_named_and_not_deleted():
    folder = snapshot()
    (folder / "receipt.json").unlink()
    assert "cannot be told" in told(AFTER)
    assert delete_due(BY, AFTER) == () and folder.is_dir()


def test_what_a_pull_left_half_way_is_named_after_a_day():
    folder = snapshots() / ".2026Q3.abc"
    folder.mkdir(parents=True)
    (folder / "managers.parquet").write_bytes(b"rows")
    assert not all_kept(), "a pull may be under way"
    old = datetime.now(UTC).timestamp() - LEFT_OVER - 60
    os.utime(folder, (old, old))
    assert "cannot be told" in told(AFTER)


def test_synthetic_data_need_no_agreement(agreed):
    agreed()
    failed_run("synthetic")
    assert not all_kept()


# -- deletion --------------------------------------------------------------------------------------
def test_nothing_goes_before_its_day_and_everything_on_it(agreed, tmp_path):
    agreed(AGREEMENT, EXTRACTS)
    own = own_extract(tmp_path / "mine")
    gone = [snapshot(), reading(own), reading(snapshots() / ROUND, "of the snapshot"), failed_run()]
    assert delete_due(BY, EVE) == () and all(folder.is_dir() for folder in gone)
    made = delete_due(BY, LAST)
    assert not [folder for folder in gone if folder.exists()]
    assert [one.kind for one in made] == ["reading", "reading", "failed run", "snapshot"]
    assert {one.data for one in made} == {DATABASE, "extracts"}
    assert (own / "managers.csv").read_text() == "manager_id\n1\n", "it is not the workbook's"
    assert told(AFTER).startswith(f"extract {own}: ") and "\n" not in told(AFTER)
    assert "OVERDUE; for information asset owner to delete" in told(AFTER)
    assert all(one.kind == "extract" for one in all_kept() if one.asks_for_somebody(AFTER))
    (own / "managers.csv").unlink()
    assert not all_kept(), "its owner has deleted it"


def test_the_log_holds_hash_day_and_role_and_no_value():
    snapshot()
    (made,) = delete_due(BY, AFTER)
    assert (made.kind, made.round_id, made.sha256) == ("snapshot", ROUND, HASH)
    assert (made.by, made.role, made.delete_by) == (BY, AGREEMENT["owner"], str(LAST))
    assert deletions() == (made,)
    text = (state_home() / FOLDER / FILE).read_text()
    assert "SELECT" not in text and "rows" not in text
    assert "retention/deletions.jsonl: 1 entry" in "\n".join(one.said for one in verify())


def test_a_log_that_was_changed_is_found_and_nothing_is_deleted():
    snapshot(), delete_due(BY, AFTER)
    folder, log = snapshot(NEXT), state_home() / FOLDER / FILE
    log.write_text(log.read_text().replace(HASH, "c" * 64))
    assert code_of(delete_due, BY, AFTER) == "E329" and folder.is_dir()
    assert code_of(snapshot_folder, SOURCE, ROUND) == "E329"
    assert not all(one.holds for one in verify())


def test_somebody_deletes():
    folder = snapshot()
    assert code_of(delete_due, " ", AFTER) == "E349" and folder.is_dir()


@pytest.mark.parametrize("source", [FOLDER_OF, f"blind-{FOLDER_OF}"])
def test_nothing_goes_while_a_batch_runs_on_it(source, monkeypatch):
    folder = snapshot()
    rows = [{"source": source, "state": "running", "folder": ""}]
    monkeypatch.setattr(deleting.Ledger, "runs", lambda self: rows)
    assert code_of(delete_due, BY, AFTER) == "E323" and folder.is_dir()
    rows[0]["state"] = "published"
    assert delete_due(BY, AFTER)


def test_killed_between_note_and_deletion_it_is_deleted_the_next_time(monkeypatch):
    folder = snapshot()
    monkeypatch.setattr(deleting, "remove_folder", lambda path: (_ for _ in ()).throw(OSError(13)))
    assert code_of(delete_due, BY, AFTER) == "E406" and folder.is_dir()
    assert snapshot_folder(SOURCE, ROUND) == folder, "it is there still"
    monkeypatch.undo()


def test_a_deletion_that_stopped_half_way_is_told_by_its_receipt():
    folder = snapshot()
    (folder / "supervision_quarters.parquet").unlink()
    assert delete_due(BY, AFTER) and not folder.exists()
    folder.mkdir()
    assert not all_kept(), "nothing is in it"


# -- links -----------------------------------------------------------------------------------------
@pytest.fixture
def elsewhere(tmp_path) -> Path:
    """Files of somebody, which look like a snapshot and a reading."""
    folder = snapshot("theirs").rename(tmp_path / "theirs")
    return folder


def whole(folder: Path) -> bool:
    return {path.name for path in folder.iterdir()} >= {
        "receipt.json",
        "supervision_quarters.parquet",
    }


@pytest.mark.parametrize("home", [snapshots, readings])
def test_a_link_is_named_and_never_followed(home, elsewhere):
    home().mkdir(parents=True, exist_ok=True)
    (home() / ROUND).symlink_to(elsewhere)
    assert "a link" in told(AFTER)
    assert delete_due(BY, AFTER) == () and whole(elsewhere) and (home() / ROUND).is_symlink()


def test_a_folder_of_snapshots_that_is_a_link_is_not_entered(elsewhere, tmp_path):
    snapshots().rmdir()
    (tmp_path / "all").mkdir()
    elsewhere.rename(tmp_path / "all" / ROUND)
    snapshots().symlink_to(tmp_path / "all")
    assert delete_due(BY, AFTER) == () and whole(tmp_path / "all" / ROUND)


def test_of_a_link_within_a_snapshot_the_link_alone_goes(elsewhere):
    folder = snapshot()
    (folder / "people.parquet").symlink_to(elsewhere / "supervision_quarters.parquet")
    (folder / "all").symlink_to(elsewhere)
    assert delete_due(BY, AFTER) and not folder.exists() and whole(elsewhere)


def test_a_folder_that_becomes_a_link_meanwhile_is_not_followed(elsewhere, monkeypatch):
    folder = snapshot()
    (due,) = [one for one in all_kept() if one.is_to_delete(AFTER)]
    folder.rename(folder.with_name("moved"))
    folder.symlink_to(elsewhere)
    monkeypatch.setattr(deleting, "all_kept", lambda: (due,))
    assert code_of(delete_due, BY, AFTER) == "E406" and whole(elsewhere)
    assert deletions() == ()


def test_what_stands_elsewhere_is_never_deleted(elsewhere, monkeypatch):
    held = agreements.Holding(DATABASE, ROUND)
    one = kept.Kept("snapshot", ROUND, elsewhere, held, HASH)
    monkeypatch.setattr(deleting, "all_kept", lambda: (one,))
    assert code_of(delete_due, BY, AFTER) == "E406" and whole(elsewhere)


# -- afterwards ------------------------------------------------------------------------------------
def test_a_round_whose_snapshot_was_deleted_can_no_longer_be_run(monkeypatch):
    snapshot(), snapshot(NEXT)
    assert code_of(snapshot_folder, SOURCE, "2027Q1") == "E364"
    delete_due(BY, AFTER)
    request = Request((MONITOR,), ("wales",), DATABASE, ROUND)
    monkeypatch.setenv("WORKBOOK_ROUND", ROUND)  # as `workbook run --round` does
    with pytest.raises(ParameterError, match="E405") as error:
        plan_batch(request)
    assert "can no longer be re-run" in str(error.value)
    assert AGREEMENT["name"] in str(error.value) and str(deletions()[0].day) in str(error.value)
    assert code_of(snapshot_folder, SOURCE, RERUN) == "E405"
    assert code_of(snapshot_folder, SOURCE, "2027Q1") == "E364"
    assert code_of(snapshot_folder, Source("database", "OTHER_DB"), ROUND) == "E364"


@pytest.mark.parametrize("round_id", [ROUND, RERUN])
def test_nor_is_it_pulled_again(round_id, monkeypatch):
    monkeypatch.setenv("CASE_DB", "duckdb:///nowhere.duckdb")
    snapshot(), delete_due(BY, AFTER)
    assert code_of(pull, SOURCE, round_id=round_id) == "E405"


def signed_on_a_snapshot() -> Path:
    """A study that was signed on the snapshot of its round; returns the snapshot."""
    write_round(MONITOR, ROUND, lambda one: one.with_(data_source=FOLDER_OF, synthetic=False))
    signing = signing_of(MONITOR, DATABASE, ROUND)
    held = store.load(signing.folder / PLACES[MONITOR][0] / RESULTS).data_hash
    signed(signing)
    return snapshot(data_hash=held)


def page_of(place: str) -> str:
    build_site(reports(), round_id=ROUND)
    return (reports() / "site" / FOLDER_OF / ROUND / MONITOR / place / "index.html").read_text()


def test_the_page_of_a_signed_round_stays_and_says_so():
    signed_on_a_snapshot()
    words = "this round can no longer be re-run"
    assert words not in page_of("west_midlands")
    before, listed = site_state(reports(), ROUND), "\n".join(round_lines())
    delete_due(BY, AFTER)
    (made,) = deletions()
    assert site_state(reports(), ROUND) != before, "pages are made again"
    page = page_of("west_midlands")
    day = f"{made.day.day} {made.day:%B} {made.day.year}"
    assert f"<p>The data were deleted on {day}, as agreed: {words}.</p>" in page
    assert BY not in page and AGREEMENT["owner"] not in page
    assert "frozen" in listed and words not in listed
    assert "can no longer be re-run" in "\n".join(round_lines())


def test_a_page_says_nothing_while_the_same_data_are_there():
    signed_on_a_snapshot()
    delete_due(BY, AFTER)
    snapshot(NEXT, data_hash=deletions()[0].sha256)
    assert "no longer be re-run" not in page_of("west_midlands")


def test_a_round_is_listed_though_a_record_cannot_be_read():
    signed_on_a_snapshot()
    delete_due(BY, AFTER)
    forced(reports() / FOLDER_OF / ROUND / MONITOR / "all" / RESULTS).write_text("{")
    (line,) = round_lines()
    assert "E326 not as it was signed: all" in line and "can no longer be re-run" in line


def test_exact_records_stay_with_their_pages_and_are_counted():
    signed_on_a_snapshot()
    assert exact_records() == {FOLDER_OF: len(PLACES[MONITOR])}
    delete_due(BY, AFTER)
    for link in (reports() / FOLDER_OF / ROUND / MONITOR).iterdir():
        assert (link / "private" / "record.json").is_file()


# -- the command -----------------------------------------------------------------------------------
def test_by_its_command(agreed):
    def ask(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(workbook, ["retention", *arguments], standalone_mode=True)
        assert done.exit_code == code, done.output
        return done.output

    assert "Nothing is kept" in ask()
    folder = snapshot()
    agreed(AGREEMENT | {"delete_by": "2099-01-01"})
    assert "delete by 2099-01-01" in ask()
    agreed(AGREEMENT | {"delete_by": "2020-01-01"})
    assert "OVERDUE" in ask(code=1)
    ask("--delete", code=2)
    ask("--by", BY, code=2)
    assert folder.is_dir()
    said = ask("--delete", "--by", BY)
    assert "deleted: snapshot of the round 2026Q3" in said and not folder.exists()
    assert BY not in said
    agreed()
    snapshot(NEXT)
    assert "NO AGREEMENT" in ask(code=1)
