"""Blind runs: outcomes are permuted when they are read, so that nothing can be found and nobody
sees what will be."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from command_line import workbook, workspace_of

from analysis.errors import ParameterError
from analysis.extracts.reading import permuted
from analysis.extracts.reading.permuted import permuted_outcomes
from analysis.extracts.rules.checking import examine_folder
from analysis.extracts.tables.contracts import CONTRACTS
from analysis.plans.kinds import kind_of, named
from analysis.plans.plan import Plan
from analysis.plans.registry import BLIND_WORDS, list_plans, load_plan, parse_source
from analysis.record import store
from analysis.runs.release.releasing import release
from analysis.site.state import site_state
from analysis.study.data_version import data_hash
from analysis.study.opening import opened_tables, service_of
from analysis.synthetic.nation import _write_csv

SEED = b"any"
SOURCE = "synthetic:x0.1"
BY_SERVICE = {
    service_of(plan): plan
    for plan in list_plans()
    if isinstance(plan, Plan) and kind_of(plan).compares and "synthetic" in plan.data.sources
}
SERVICES = pytest.mark.parametrize("plan", BY_SERVICE.values(), ids=BY_SERVICE)


def opened(plan, place="wales", source=SOURCE) -> dict[str, pd.DataFrame]:
    return opened_tables(plan, place, parse_source(source))


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


# -- the tables ------------------------------------------------------------------------------------
@SERVICES
def test_people_arms_groups_and_dates_stay_and_outcomes_are_the_same_ones(plan):
    """So every count of people by arm and group is that of the open run. Days of outcomes that
    would come after the last known day are left off."""
    before = opened(plan)
    for table, now in permuted_outcomes(before, SEED).items():
        contract, was = CONTRACTS[table], before[table]
        if not contract.covered:
            assert 0.7 * len(was) <= len(now) <= len(was)
            continue
        along = {before for _, before in contract.blind.along}
        kept = [name for name in contract.covered if name not in along]
        pd.testing.assert_frame_equal(now[kept], was[kept])
        for name in contract.outcomes:
            if contract.column(name).kind != "date" and not contract.blind.until:
                counts = [frame[name].value_counts(dropna=False).to_dict() for frame in (was, now)]
                assert len(was) < 2 or json_like(counts[0]) == json_like(counts[1]), (table, name)


def json_like(counts: dict) -> dict[str, int]:
    return {str(value): n for value, n in counts.items()}


@SERVICES
def test_a_blind_extract_keeps_its_contract(plan, tmp_path):
    """As `workbook check-data` holds it, links and rules between columns included."""
    for name, tables in (("was", opened(plan)), ("now", permuted_outcomes(opened(plan), SEED))):
        folder = tmp_path / name
        folder.mkdir()
        for table, frame in tables.items():
            _write_csv(frame, folder / f"{table}.csv")
    was, now = (examine_folder(tmp_path / name).problems for name in ("was", "now"))
    assert not was and not now, [str(problem) for problem in now]


@SERVICES
def test_a_rerun_is_equal_and_a_region_is_the_same_among_others(plan):
    here, there = opened(plan), opened(plan, "london")
    both = {
        table: frame
        if "region" not in frame
        else pd.concat([frame, there[table]]).sort_values(list(CONTRACTS[table].key))
        for table, frame in here.items()
    }
    both = {table: frame.reset_index(drop=True) for table, frame in both.items()}
    alone, again = permuted_outcomes(here, SEED), permuted_outcomes(here, SEED)
    for table, frame in permuted_outcomes(both, SEED).items():
        pd.testing.assert_frame_equal(alone[table], again[table])
        if "region" in frame:
            own = frame[frame["region"] == "wales"].reset_index(drop=True)
            pd.testing.assert_frame_equal(own, alone[table])


@SERVICES
def test_what_a_row_held_cannot_be_told_from_what_it_holds(plan):
    """Among rows that change about, the outcomes of a row go along with its real ones no more than
    chance would have it."""
    before = opened(plan, "west_midlands")
    for table, now in permuted_outcomes(before, SEED).items():
        contract, was = CONTRACTS[table], before[table]
        for together in permuted._parts(contract) if contract.covered and len(was) else ():
            strata = permuted._strata(contract, was, together)
            codes = strata.groupby(list(strata.columns), dropna=False).ngroup()
            for name in together.names:
                if contract.column(name).kind not in (*permuted.MEASURED, "truth"):
                    continue
                pair = pd.DataFrame({"was": was[name], "now": now[name]}).astype(float)
                inner = (pair - pair.groupby(codes).transform("mean")).dropna()
                if len(inner) >= 50 and inner.std().min() > 0:
                    told = inner["was"].corr(inner["now"])
                    assert abs(told) < 5 / np.sqrt(len(inner)), (table, name, told)


# Columns that say how much of a programme somebody had: outcomes of a site are never held to them,
# or a permutation would leave the difference between the arms as it is.
HELD_TO = {
    ("managers", "relevance"): {"attended"},
    ("managers", "test_after"): {"tested_on"},
    ("inclusion_waves", "found_useful"): {"took_part"},
    ("inclusion_waves", "intends_to_leave"): {"answered"},
    ("manager_scores", "found_useful"): {"attended"},
    ("eligible_staff", "found_useful"): {"joined_on"},
    ("vacancies", "applicants"): {"opened", "ended"},
    ("prison_stays", "fair_treatment"): {"asked"},
    ("prison_stays", "took_up"): {"in_need"},
    ("experience_survey", "experienced"): {"answered"},
}


def test_outcomes_are_held_to_other_columns_only_where_a_rule_of_the_contract_says_so():
    found = {
        (contract.table, together.names[0]): {*together.filled, *together.equal}
        for contract in CONTRACTS.values()
        if contract.outcomes and contract.covered
        for together in permuted._parts(contract)
        if together.filled or together.equal
    }
    named = {
        key: next(found[k] for k in found if k[0] == key[0] and key[1] in names_of(*k))
        for key in HELD_TO
    }
    assert named == HELD_TO and len(found) == len(HELD_TO), found


def names_of(table: str, first: str) -> tuple[str, ...]:
    """The outcomes that move together with the first of them."""
    parts = permuted._parts(CONTRACTS[table])
    return next(together.names for together in parts if together.names[0] == first)


def test_another_plan_or_another_state_permutes_otherwise(state, monkeypatch, tmp_path):
    plan = load_plan("gamified_training")
    one = opened(plan, source=f"blind:{SOURCE}")["managers"]["test_after"]
    pd.testing.assert_series_equal(
        one, opened(plan, source=f"blind:{SOURCE}")["managers"]["test_after"]
    )
    other = load_plan("manager_training")
    assert not one.equals(opened(other, source=f"blind:{SOURCE}")["managers"]["test_after"])
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path / "elsewhere"))
    assert not one.equals(opened(plan, source=f"blind:{SOURCE}")["managers"]["test_after"])


# -- the point of it -------------------------------------------------------------------------------
def estimates(plan, outcome: str, tables) -> tuple[float, float]:
    """The leading estimate of an outcome and its standard error."""
    study, _ = named(kind_of(plan).study)(plan, "west_midlands", tables, hidden=frozenset())
    row = next(iter(study._rows_of(plan.outcome(outcome))))
    return row.estimate.value, (row.estimate.high - row.estimate.low) / 3.92


def test_a_planted_effect_is_nothing_when_blind(state):
    """Over seeds the estimates centre on nothing, where the open one stands far from it."""
    plan = load_plan("ethnic_matching")
    tables = opened(plan, "west_midlands", "synthetic:x0.3")
    planted, error = estimates(plan, "relationship", tables)
    assert planted > 5 * error
    blind = np.array(
        [
            estimates(plan, "relationship", permuted_outcomes(tables, bytes([s])))[0]
            for s in range(12)
        ]
    )
    assert abs(blind.mean()) < 3.5 * blind.std(ddof=1) / np.sqrt(len(blind))
    assert abs(blind.mean()) < planted / 4 and (np.abs(blind) < 4 * error).all()


# -- sources ---------------------------------------------------------------------------------------
def test_a_blind_source_has_a_folder_and_a_hash_of_its_own():
    for text in ("synthetic", "synthetic:x0.1", "extracts", "extracts:mine", "database:URL"):
        blind, plain = parse_source(f"blind:{text}"), parse_source(text)
        assert blind.folder == f"blind-{plain.folder}" and blind != plain
        assert parse_source(str(blind)) == blind
    for text in ("star", "published", "counts:a.csv", "example", "blind"):
        with pytest.raises(ParameterError, match=r"E293|E213"):
            parse_source(f"blind:{text}")
    blind, plain = (
        data_hash(parse_source(t), "mentoring") for t in ("blind:synthetic", "synthetic")
    )
    assert blind != plain != data_hash(parse_source("blind:synthetic"), "psr_quality") != blind


def test_what_compares_nothing_is_not_run_blind(tmp_path):
    done = workbook("run", "supervision", "--blind", "--dry-run", reports=tmp_path)
    assert done.returncode == 2 and "E293" in done.stderr


# -- a run -----------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def run(made_once):
    """One region blind, on an extract of which no plan is locked."""

    def make(folder):
        own = {"WORKBOOK_STATE": str(folder / "state")}
        reports = folder / "reports"
        made = ("demo-data", "--to", str(folder / "data"), "--region", "wales", "--people", "3000")
        said = [workbook(*made, reports=reports, **own)]
        asked = ("ethnic_matching", "--region", "wales", "--data", f"extracts:{folder / 'data'}")
        said.append(workbook("run", *asked, reports=reports, **own))
        said.append(workbook("run", *asked, "--blind", reports=reports, **own))
        codes = [[done.returncode, done.stdout, done.stderr] for done in said]
        (folder / "said.json").write_text(json.dumps(codes))

    return made_once("blind-run", make)


def test_it_needs_no_lock_and_says_first_that_it_is_blind(run):
    _, open_run, blind = json.loads((run / "said.json").read_text())
    assert open_run[0] == 2 and "E290" in open_run[2] and "workbook lock" in open_run[2]
    assert blind[0] == 0, blind
    assert BLIND_WORDS in blind[1]
    (link,) = (run / "reports").glob("blind-extracts-*/draft/ethnic_matching/wales")
    record = store.load(link / "results.json")
    assert record.data_source == link.parents[2].name and record.lock is None
    assert not record.cleared and record.statement is None
    assert {(row.result_class, row.claim) for row in record.rows} == {(None, None)}
    notebook = json.loads((link / "notebook.ipynb").read_text())
    shown = [output for cell in notebook["cells"] for output in cell.get("outputs", ())]
    assert BLIND_WORDS in "".join(shown[0]["data"]["text/plain"])
    pages = sorted(workspace_of(run / "reports").rglob("*.html"))
    assert len(pages) == 2
    for page in pages:
        text = re.sub(r"<[^>]+>", " ", page.read_text().split("<body", 1)[1])
        before = text.partition(">")[2].partition(BLIND_WORDS)[0]
        assert BLIND_WORDS in text and before.split() == ["Skip", "to", "the", "answer"]


def test_nothing_is_said_of_it_anywhere_else(run, monkeypatch):
    assert not list((run / "reports").glob("blind-*/draft/*/national"))
    assert not [name for name in site_state(run / "reports", "draft") if "blind" in name]
    own = {"WORKBOOK_STATE": str(run / "state")}
    for command in (("release",), ("clear",), ("attack",)):
        asked = (*command, "ethnic_matching", "--data", "blind:synthetic", "--round", "draft")
        done = workbook(*asked, reports=run / "reports", **own)
        assert done.returncode == 2 and "E294" in done.stderr, done
    with pytest.raises(ParameterError, match="E294"):
        release("ethnic_matching", parse_source("blind:extracts"), "draft")
