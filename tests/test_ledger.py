"""The ledger tells what happened, and a lock never outlives its holder."""

import os
import signal
import sqlite3
import subprocess
import sys

import pytest

from analysis.errors import RunError
from analysis.runs.ledger import FILE, Ledger

KEY = ("synthetic", "draft", "a_study", "wales")
OTHER = ("synthetic", "draft", "a_study", "london")
HASHES = {"plan_hash": "p", "data_hash": "d", "code_version": "c", "notebook": "n"}


@pytest.fixture
def ledger(tmp_path):
    opened = Ledger(tmp_path)
    yield opened
    opened.close()


def states(ledger) -> dict:
    return {row["place"]: row["state"] for row in ledger.runs()}


def test_a_run_is_planned_then_running_then_what_it_became(ledger):
    batch = ledger.begin({"studies": []})
    rows = ledger.claim(batch, [KEY, OTHER], [HASHES, HASHES])
    assert states(ledger) == {"wales": "planned", "london": "planned"}
    ledger.started(rows[KEY])
    assert states(ledger)["wales"] == "running"
    ledger.finished(
        rows[KEY], state="failed", code="E321", text="a cell failed", folder="f", seconds=1.23456
    )
    (row,) = [row for row in ledger.runs() if row["place"] == "wales"]
    assert (row["state"], row["code"], row["seconds"], row["plan_hash"]) == (
        "failed",
        "E321",
        1.235,
        "p",
    )


def test_a_batch_that_was_stopped_says_cut_off(ledger):
    batch = ledger.begin({})
    ledger.claim(batch, [KEY], [HASHES])
    ledger.cut_off(batch)
    assert states(ledger) == {"wales": "cut_off"}


HOLDER = """
import sys, time
from analysis.runs.ledger import Ledger
ledger = Ledger(__import__("pathlib").Path(sys.argv[1]))
batch = ledger.begin({"studies": ["a_study"]})
rows = ledger.claim(batch, [("synthetic", "draft", "a_study", "wales")], [{}])
ledger.started(next(iter(rows.values())))
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_a_run_that_another_batch_holds_is_refused_and_stays_as_it_is(ledger, holder):
    batch = ledger.begin({})
    with pytest.raises(RunError, match="E323"):
        ledger.claim(batch, [OTHER, KEY], [HASHES, HASHES])
    assert states(ledger) == {"wales": "running"}
    ledger.claim(batch, [OTHER], [HASHES])


def test_the_lock_of_a_killed_batch_is_gone_and_its_run_was_cut_off(ledger, holder):
    assert states(ledger) == {"wales": "running"}
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert states(ledger) == {"wales": "cut_off"}
    assert ledger.unfinished_request() == {"studies": ["a_study"]}
    ledger.claim(ledger.begin({}), [KEY], [HASHES])


def test_there_is_nothing_to_go_on_with_after_a_batch_that_ended_well(ledger):
    assert ledger.unfinished_request() is None
    ledger.end(ledger.begin({"studies": ["x"]}), 0)
    assert ledger.unfinished_request() is None
    ledger.end(ledger.begin({"studies": ["x"]}), 1)
    assert ledger.unfinished_request() == {"studies": ["x"]}


def test_a_broken_ledger_is_put_aside(tmp_path):
    (tmp_path / FILE).write_bytes(b"no database at all, but long enough to be taken for one" * 100)
    ledger = Ledger(tmp_path)
    assert ledger.runs() == []
    ledger.close()
    assert (tmp_path / f"{FILE}.broken").exists()
    with pytest.raises(sqlite3.ProgrammingError):
        ledger.runs()
