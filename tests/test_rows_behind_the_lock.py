"""Every way in which rows of an extract reach a reader asks for the lock of a pilot, or is known
not to need one."""

import ast
import json

import pytest
from changed_records import some_record
from syntax import nodes_of
from test_layers import ANALYSIS, MODULES

from analysis import private
from analysis.errors import ParameterError
from analysis.extracts.tables.contracts import CONTRACTS
from analysis.plans.kinds import kind_of
from analysis.plans.locks.standing import needs_lock
from analysis.plans.monitor import Monitor
from analysis.plans.plan import Plan
from analysis.plans.registry import list_plans, load_plan, parse_source
from analysis.record import store
from analysis.record.record import RecordedLock
from analysis.runs.checking.worked_out import hashed_ids
from analysis.runs.locks.locking import lock_plan
from analysis.runs.planning import plan_runs
from analysis.study import opening
from analysis.study.place_record import recorded_lock

READERS = {
    "open_tables",
    "table_view",
    "lazy_table",
    "group_counts",
    "read_once",
    "read_parquet",
    "read_csv",
}
# Who reads rows, and why that shows no outcome of a pilot before its lock.
KNOWN = {
    "extracts/reading/sources.py": "what the others call",
    "study/opening.py": "asks for the lock wherever outcomes are among the columns",
    "extracts/files/csv_file.py": "reads a file to check it; shows faults and no value",
    "studies/matching/tables.py": "published results of other studies",
    "runs/checking/worked_out.py": "asks for the lock; hashes leave it",
    "runs/preparation.py": "counts people by region",
    "studies/disparity/counted/counts.py": "monitors",
    "studies/disparity/counted/monthly.py": "monitors",
}
PILOTS = [p for p in list_plans() if isinstance(p, Plan) and kind_of(p).compares]
OF_EXTRACTS = [p for p in PILOTS if "extracts" in p.data.sources]


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path / "state"))


def calls(path) -> set[str]:
    """Readers that a module calls."""
    named = (node.func for node in nodes_of(path) if isinstance(node, ast.Call))
    names = (getattr(func, "id", getattr(func, "attr", "")) for func in named)
    return READERS.intersection(names)


def test_no_other_module_reads_rows():
    found = {path.relative_to(ANALYSIS).as_posix() for path in MODULES if calls(path)}
    assert found == set(KNOWN), "say why it shows no outcome before the lock, or ask for the lock"


def test_readers_of_monitors_are_used_by_monitors_alone():
    """Kinds whose rows the engine counts have plans that are monitors."""
    for plan in list_plans():
        opens = kind_of(plan).opens
        if opens.startswith("analysis.studies.disparity"):
            assert isinstance(plan, Monitor)
        if plan in PILOTS and opens != "analysis.study.opening:from_tables":
            assert opens == "analysis.studies.matching.opening:open_matching"


def test_no_variable_of_the_environment_opens_the_gate():
    """Nothing that the gate is made of reads one, but for the folder of the state."""
    for name in ("plans/locks", "study/opening.py"):
        home = ANALYSIS / name
        for path in [home] if home.is_file() else home.glob("*.py"):
            text = path.read_text(encoding="utf-8")
            assert "environ" not in text and "getenv" not in text, path


@pytest.mark.parametrize("plan", OF_EXTRACTS, ids=lambda plan: plan.study)
@pytest.mark.parametrize(
    "way",
    [
        opening.open_exact,
        opening.opened_tables,
        opening.from_tables,
        hashed_ids,
        lambda plan, place, source: private.open_private(plan.study, place, str(source)),
        lambda plan, place, source: plan_runs((plan.study,), (place,), str(source), "draft"),
    ],
    ids=["exact", "tables", "from_tables", "ids", "private", "planning"],
)
def test_each_way_is_closed_before_the_lock(plan, way, tmp_path):
    """Nothing is read: there is no such folder, and that is not what is said."""
    source = parse_source(f"extracts:{tmp_path / 'nowhere'}")
    assert needs_lock(plan, source)
    with pytest.raises(ParameterError, match="E290"):
        way(plan, "wales", source)


def test_the_gate_opens_with_the_lock_and_names_what_is_missing_then(tmp_path):
    plan, source = load_plan("psr_quality"), parse_source(f"extracts:{tmp_path / 'nowhere'}")
    lock_plan(plan.study, plan.people.lead)
    with pytest.raises(Exception, match="E1"):
        opening.opened_tables(plan, "wales", source)
    assert [run.region for run in plan_runs((plan.study,), ("wales",), str(source), "draft")]


def test_what_is_not_an_outcome_is_opened_without_a_lock(tmp_path):
    plan, source = load_plan("psr_quality"), parse_source(f"extracts:{tmp_path / 'nowhere'}")
    with pytest.raises(Exception, match="E1") as raised:  # the folder is not there
        opening.opened_without_outcomes(plan, "wales", source)
    assert "E290" not in str(raised.value)
    assert CONTRACTS["sentenced_cases"].covered


def test_a_record_of_real_people_says_how_the_plan_stood():
    assert recorded_lock("psr_quality", "extracts-1a2b") is None
    locked = lock_plan("psr_quality", "Head of Evaluation").lock
    assert recorded_lock("psr_quality", "extracts-1a2b") == RecordedLock(locked.day, locked.sha256)
    for source in ("synthetic", "synthetic-x0.1", "star", "published", "blind-extracts-1a2b"):
        assert recorded_lock("psr_quality", source) is None


def test_a_lock_opens_the_outcomes_of_its_own_programme_alone():
    """Of a table that several pilots share no row of another one is opened."""
    for study in ("gamified_training", "mentoring"):
        plan = load_plan(study)
        for source in ("synthetic:x0.1", "blind:synthetic:x0.1"):
            opened = opening.opened_tables(plan, "wales", parse_source(source))
            shared = [frame for frame in opened.values() if "programme" in frame]
            assert shared and all(
                {*frame["programme"]} == {plan.data.programme} for frame in shared
            )


def test_what_is_no_outcome_is_the_same_blind():
    plan = load_plan("psr_quality")
    plain, blind = (
        opening.opened_without_outcomes(plan, "wales", parse_source(f"{mark}synthetic:x0.1"))
        for mark in ("", "blind:")
    )
    assert list(plain) == list(blind) and all(plain[table].equals(blind[table]) for table in plain)


def test_a_record_with_a_lock_is_read_as_it_was_written():
    lock = RecordedLock("2026-03-12", "0" * 64, ("families",), ("outcomes › leaving › matters",))
    record = some_record(lock=lock)
    written = store.as_dict(record)
    assert written["lock"]["changed"] == ["families"]
    assert store.from_dict(json.loads(json.dumps(written))) == record
    assert "lock" not in store.as_dict(some_record())
