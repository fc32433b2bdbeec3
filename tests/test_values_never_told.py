"""Promises of what is told: a value of the data stands in no problem, no note and no error,
whatever is wrong with it and wherever it stands."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from chosen import spread
from command_line import locked, workbook

from analysis.errors import RunError
from analysis.extracts.rules.checking import examine_folder
from analysis.extracts.tables.contracts import CONTRACTS, SERVICES
from analysis.record.schema import first_breach
from analysis.record.store import from_dict
from analysis.runs.execution import fault_in_words
from analysis.runs.limits import Limits
from analysis.synthetic.nation import MAKERS, write_demo

MARK, NUMBER = "zanzibar", "7731829"
# What is put into one cell of each column.
WAYS = {
    "word": MARK,
    "words": f"by the {MARK}, ask for {NUMBER}",
    "number": NUMBER,
    "negative": f"-{NUMBER}.5",
    "large": NUMBER * 9,
    "date": f"{NUMBER}-13-45",
    "day first": f"03/04/{NUMBER}",
    "exponent": f"{NUMBER}E55",
    "id like": f"{NUMBER}.0",
    "e-mail": f"{MARK}@example.org",
    "formula": f'=HYPERLINK("{MARK}")',
    "blanks": f" {MARK}\u00a0{NUMBER}\u200b",
    "long": f"{MARK} {NUMBER} " * 30,
    "suppressed": f"<{NUMBER}",
    "thousands": "7,731,829",
    "several": f"W3/{MARK}",
    "quoted": f'{MARK}"{NUMBER}',
    "lines": f"{MARK}\n{NUMBER}",
}


@pytest.fixture(scope="module", params=[service for service in SERVICES if service in MAKERS])
def delivered(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    write_demo(folder, region="wales", people=150, fmt="csv", service=request.param)
    return folder


def tells(text: str) -> bool:
    return MARK in text.lower() or NUMBER in text.replace(",", "")


def copied(folder: Path, to: Path) -> list[Path]:
    for path in folder.glob("*.csv"):
        (to / path.name).write_bytes(path.read_bytes())
    return sorted(to.glob("*.csv"))


def told(folder: Path) -> str:
    found = examine_folder(folder)
    assert found.problems
    return "\n".join(map(str, (*found.problems, *found.notes)))


@pytest.mark.parametrize("first", spread(range(len(WAYS)), 4))
def test_no_cell_of_any_column_is_told(delivered, tmp_path, first):
    """Every column holds another way, and the next one at the next turn: all ways of all columns
    over all turns."""
    ways = tuple(WAYS.values())
    for path in copied(delivered, tmp_path):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        for place, column in enumerate(frame):
            way = ways[(first + place) % len(ways)]
            frame.loc[frame.index[place % len(frame)], column] = way
        frame.to_csv(path, index=False)
    assert not tells(told(tmp_path))


BYTES = {
    "not UTF-8": lambda text: text.replace(",", f",{MARK}", 5).encode() + b"\xff\xfe",
    "NUL": lambda text: text.replace(",", f",{MARK}\0", 9).encode(),
    "UTF-16": lambda text: text.replace(",", f",{MARK}", 9).encode("utf-16"),
    "quote": lambda text: text.replace("\n", f'\n"{MARK}', 2).encode(),
    "fields": lambda text: text.replace("\n", f",{MARK}\n").encode(),
    "no header": lambda text: text.split("\n", 1)[1].replace(",", f"{MARK},").encode(),
    "heading": lambda text: (f"{MARK}," + text.replace("\n", f"\n{MARK},")).encode(),
    "semicolons": lambda text: text.replace(",", f"{MARK};").encode(),
    "title": lambda text: f"{MARK} {NUMBER},\n\n{text}".encode(),
    "long line": lambda text: text.encode() + (f"{MARK}," * 20_000).encode(),
}


@pytest.mark.parametrize("way", BYTES)
def test_no_byte_of_a_broken_file_is_told(delivered, tmp_path, way):
    for path in copied(delivered, tmp_path):
        path.write_bytes(BYTES[way](path.read_text()))
    assert not tells(told(tmp_path))


YAML = (
    f"tables: {{people_on_probation: {{labels: {{sex: {{{MARK}: femal}}}}}}}}\n",
    f"tables:\n  people_on_probation:\n    columns: {{{MARK}: persn_id}}\n",
    f"places: &{MARK} x\n",
    f"dates: [{MARK}\n",
    f"regions: {{{MARK}: {MARK}}}\n",
    f"{MARK}: {NUMBER}\n",
    f"tables: {{{MARK}: {{}}}}\n{MARK}: 1\n{MARK}: 2\n",
)


@pytest.mark.parametrize("text", YAML)
def test_no_label_of_a_mapping_is_told(tmp_path, text):
    write_demo(tmp_path, region="wales", people=120, fmt="csv")
    (tmp_path / "mapping.yml").write_text(text)
    assert not tells(told(tmp_path))


class Foreign(Exception):
    """What another package raises, under a name that our own errors have too."""


@pytest.mark.parametrize("name", ["DataError", "RunError", "PlanError", "ValueError", "KeyError"])
def test_the_words_of_other_packages_are_not_told_under_our_names(name):
    error = Foreign()
    error.ename, error.evalue = name, f"could not convert {MARK} {NUMBER}"
    assert not tells(fault_in_words(error, Limits()))
    error.ename, error.evalue = "DataError", "E192: 1 problem(s) in the data"
    assert "E192" in fault_in_words(error, Limits())


@pytest.mark.parametrize(
    "change",
    [
        {MARK: NUMBER},
        {"estimates": [{MARK: NUMBER}]},
        {"excluded": {MARK: NUMBER}},
        {"checks": [{MARK: 1}]},
        {"leads": {MARK: NUMBER}},
        {"study": [MARK]},
    ],
)
def test_no_key_or_value_of_a_record_is_told(change):
    record = Path(__file__).parent / "guards" / "records"
    kept = json.loads(next(record.rglob("*.json")).read_text()) | change
    breach = first_breach(kept)
    if breach is not None:
        assert not tells(f"{breach.where} {breach.rule}")
    try:
        from_dict(kept)
    except RunError as error:
        assert not tells(str(error))


def test_a_fault_of_the_program_is_told_without_its_words(tmp_path):
    code = (
        "import sys; sys.argv = ['workbook', 'list']\n"
        "import analysis.plans.registry as registry\n"
        f"def broken(): raise KeyError('{MARK} {NUMBER}')\n"
        "registry.list_plans = broken\n"
        "from analysis.cli import main; main()"
    )
    import os

    own = os.environ | {"WORKBOOK_STATE": str(tmp_path / "state")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=own)
    assert done.returncode == 1 and done.stderr.startswith("E393: ")
    assert not tells(done.stdout + done.stderr) and "Traceback" not in done.stderr
    kept = tmp_path / "state" / "fault.txt"
    assert tells(kept.read_text()) and kept.stat().st_mode & 0o777 == 0o600


def test_a_refused_batch_tells_no_value_to_console_ledger_log_or_summary(tmp_path):
    extract = tmp_path / "extract"
    write_demo(extract, region="wales", people=150, fmt="csv")
    people = extract / "people_on_probation.csv"
    rows = list(csv.reader(io.StringIO(people.read_text())))
    rows[3] = [f"{MARK} {NUMBER}"] * len(rows[3])
    with people.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    own = locked(tmp_path / "state", "ethnic_matching", reports=tmp_path / "reports")
    done = workbook(
        *("run", "ethnic_matching", "--region", "wales", "--data", f"extracts:{extract}"),
        *("--log", "json", "--summary", str(tmp_path / "summary.json")),
        reports=tmp_path / "reports",
        **own,
    )
    assert done.returncode == 2 and not tells(done.stdout + done.stderr)
    for path in (p for p in tmp_path.rglob("*") if p.is_file() and extract not in p.parents):
        assert MARK.encode() not in path.read_bytes(), path.name


def test_every_contract_is_among_those_that_are_planted():
    planted = {name for name, one in CONTRACTS.items() if one.service in MAKERS}
    assert planted | {"extract"} >= {n for n, c in CONTRACTS.items() if not c.optional} - {
        name for name, one in CONTRACTS.items() if one.service not in MAKERS
    }
