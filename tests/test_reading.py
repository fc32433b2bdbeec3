"""Promises of the one reading: what is valid counts the same everywhere, whatever file it came in;
nothing reads raw."""

import json
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from analysis.errors import DataError
from analysis.extracts.reading import reading
from analysis.extracts.reading.normal_form import SEALS, code_files, is_sealed
from analysis.extracts.reading.sources import engine_errors, group_counts, lazy_table, open_tables
from analysis.extracts.rules.checking import examine, examine_folder
from analysis.extracts.tables.contracts import CONTRACTS, tables_of
from analysis.paths import ROOT
from analysis.plans.monitor import Monitor
from analysis.plans.registry import list_plans, load_plan
from analysis.studies.disparity.counted.counts import counted_rows
from analysis.study.opening import service_of
from analysis.synthetic.nation import MAKERS, ensure_region, write_demo

MONITORED = ("caseload", "prisons", "workforce", "courts")
PEOPLE = 200
SEEDS = range(4)
STRAY = (" ", "\t", "\u00a0", "\u2003", "\u3000", "\ufeff", "\u200b", "  ")


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("WORKBOOK_REPORTS", str(tmp_path / "reports"))
    return tmp_path / "state"


@pytest.fixture(scope="module")
def demos(tmp_path_factory):
    home = tmp_path_factory.mktemp("demos")
    for service in MAKERS:
        write_demo(home / service, region="wales", people=PEOPLE, service=service)
    return home


@pytest.fixture
def folder(demos, tmp_path):
    shutil.copytree(demos / "caseload", tmp_path / "extract")
    return tmp_path / "extract"


def texts(folder, table):
    return pd.read_csv(folder / f"{table}.csv", dtype=str, keep_default_na=False)


def plans_of(service):
    """Monitors that count records of a service."""
    return [
        plan
        for plan in list_plans()
        if isinstance(plan, Monitor)
        and service_of(plan) == service
        and plan.table in tables_of(service)
    ]


def damage(folder: Path, service: str, seed: int) -> None:
    """Everything that reading mends, at random: blanks, letter case, midnights, zeros, and the form
    of the files."""
    draw = np.random.default_rng([seed, len(service)])

    def choose(options):  # what draw.choice chooses, without making an array of them for a cell
        return options[draw.integers(len(options))]

    for path in sorted(folder.glob("*.csv")):
        contract = CONTRACTS[path.stem]
        frame = texts(folder, path.stem)
        for column in contract.columns:
            rows = draw.random(len(frame)) < draw.choice([0.0, 0.05, 0.5])
            frame.loc[rows, column.name] = [
                _damaged(column, text, choose) for text in frame.loc[rows, column.name]
            ]
        frame = frame.sample(frac=1, random_state=seed)[list(draw.permutation(frame.columns))]
        path.unlink()
        _write(frame, folder, path.stem, choose)


def _damaged(column, text: str, choose) -> str:
    if column.allowed or column.kind == "truth":
        text = choose([text.upper(), text.title(), text])
    if text and column.kind == "date":
        text = choose([text, f"{text}T00:00:00", f"{text} 00:00", f"{text}T00:00:00Z"])
    if text and column.kind in ("whole", "flag", "rating"):
        text = choose([text, f"{text}.0", f"0{text}"])
    return f"{choose(['', *STRAY])}{text}{choose(['', *STRAY])}"


def _write(frame, folder: Path, table: str, choose) -> None:
    form = choose(["csv", "CSV", "mixed ends", "parquet", "parts", "typed"])
    if form in ("csv", "CSV", "mixed ends"):
        name = table.upper() if form == "CSV" else table
        frame.columns = [f"{choose(['', *STRAY])}{choose([n, n.upper()])} " for n in frame.columns]
        text = frame.to_csv(index=False, lineterminator="\n").split("\n")
        ends = ["\r\n", "\n", "\n\n"] if form == "mixed ends" else ["\n"]
        written = "".join(line + choose(ends) for line in text if line)
        (folder / f"{name}.{'csv' if form != 'CSV' else 'CSV'}").write_text(
            written, encoding="utf-8", newline=""
        )
    elif form == "parts":
        (folder / table).mkdir()
        for place, rows in enumerate(np.array_split(np.arange(len(frame)), min(3, len(frame)))):
            frame.iloc[rows].to_parquet(folder / table / f"part-{place}.parquet", index=False)
    else:
        (_typed(frame, table) if form == "typed" else frame).to_parquet(
            folder / f"{table}.parquet", index=False
        )


def _typed(frame, table: str):
    """Whole numbers and dates of one kind of value each, where no cell of the column was
    damaged."""
    typed = frame.copy()
    for column in CONTRACTS[table].columns:
        if column.kind == "whole" and frame[column.name].str.fullmatch("[0-9]+").all():
            typed[column.name] = frame[column.name].astype("int32")
        if (
            column.kind == "date"
            and column.empty is None
            and frame[column.name].str.fullmatch("[0-9-]{10}").all()
        ):
            typed[column.name] = pd.to_datetime(frame[column.name])
        if column.allowed:
            typed[column.name] = frame[column.name].astype("category")
    return typed


def by_hand(checked, plan: Monitor) -> pd.DataFrame:
    """Rows at risk, events and base of every measure by ethnicity, added up in pandas from the
    checked tables."""
    found = []
    for measure in plan.measures:
        frame = checked[measure.table or plan.table].frame
        if not {measure.count, measure.of} <= set(frame):
            continue
        base = frame[measure.of].astype("int64")
        rows = pd.DataFrame({"base": base, "events": frame[measure.count].astype("int64")})
        rows = (
            rows[base > 0]
            .groupby(frame["ethnicity"])
            .agg(rows=("base", "size"), base=("base", "sum"), events=("events", "sum"))
        )
        found.append(rows.assign(measure=measure.id).reset_index())
    return pd.concat(found, ignore_index=True)


def by_engine(folder: Path, plan: Monitor) -> pd.DataFrame:
    found = []
    for measure in plan.measures:
        table = lazy_table("extracts", folder=folder, table=measure.table or plan.table)
        if not {measure.count, measure.of} <= set(table.columns):
            continue
        rows = table.filter(table[measure.of] > 0)
        counts = rows.group_by("ethnicity").aggregate(
            rows=rows.count(),
            base=rows[measure.of].cast("int64").sum(),
            events=rows[measure.count].cast("int64").sum(),
        )
        with engine_errors("counts"):
            found.append(counts.order_by("ethnicity").to_pandas().assign(measure=measure.id))
    return pd.concat(found, ignore_index=True)


def counted(folder: Path, plan: Monitor) -> dict[str, pd.DataFrame]:
    counts = counted_rows(plan, "wales", f"extracts:{folder}", folder)
    return {view: getattr(counts, view) for view in ("by_round", "by_unit", "by_stratum")}


@pytest.fixture(scope="module")
def undamaged(demos):
    """What is counted from the undamaged extract, once a plan."""
    return cache(lambda plan: counted(demos / service_of(load_plan(plan)), load_plan(plan)))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("service", MONITORED)
def test_a_mendably_damaged_extract_counts_like_the_undamaged_one(
    demos, undamaged, tmp_path, service, seed
):
    folder = tmp_path / "damaged"
    shutil.copytree(demos / service, folder)
    damage(folder, service, seed)
    found, checked = examine(folder)
    assert found.problems == () and found.notes
    whole, mended = (
        open_tables("extracts", folder=home, tables=list(tables_of(service)))
        for home in (demos / service, folder)
    )
    for table in whole:
        pd.testing.assert_frame_equal(mended[table], whole[table])
    plans = plans_of(service)
    assert plans
    for plan in plans:
        if service != "courts":
            left, right = by_engine(folder, plan), by_hand(checked, plan)
            pd.testing.assert_frame_equal(left[right.columns], right, check_dtype=False)
        for view, frame in counted(folder, plan).items():
            pd.testing.assert_frame_equal(frame, undamaged(plan.study)[view])


@pytest.mark.parametrize("service", ["supervision", "training"])
def test_tables_of_pilots_are_the_same_from_a_damaged_extract(demos, tmp_path, service):
    folder = tmp_path / "damaged"
    shutil.copytree(demos / service, folder)
    damage(folder, service, 7)
    for table, frame in open_tables(
        "x", folder=folder, tables=list(tables_of(service)), region="wales"
    ).items():
        whole = open_tables("x", folder=demos / service, tables=[table], region="wales")[table]
        pd.testing.assert_frame_equal(frame, whole)


def test_blanks_after_the_ids_of_prisons_lose_nobody(demos, tmp_path):
    """Shared case 01: every other id of a prison ended in a blank, and 915 of 1,724 people were
    counted."""
    folder = tmp_path / "padded"
    shutil.copytree(demos / "prisons", folder)
    frame = texts(folder, "prison_quarters")
    frame["prison_id"] = [
        f"{text} " if n % 2 else text for n, text in enumerate(frame["prison_id"])
    ]
    frame.to_csv(folder / "prison_quarters.csv", index=False)
    (note,) = (note for note in examine_folder(folder).notes if note.column == "prison_id")
    assert (note.file, note.count) == (
        "prison_quarters.csv",
        len(frame) // 2,
    ) and "blanks" in note.text
    (plan,) = (plan for plan in plans_of("prisons") if plan.study == "use_of_force")
    for view, counts in counted(folder, plan).items():
        pd.testing.assert_frame_equal(counts, counted(demos / "prisons", plan)[view])


def test_a_lower_case_code_is_mended_for_the_check_and_for_the_count(demos, folder):
    """Shared case 03: valid for check-data, E233 in the run."""
    frame = texts(folder, "supervision_quarters")
    frame.loc[0, "ethnicity"] = " " + frame.loc[0, "ethnicity"].lower()
    frame.to_csv(folder / "supervision_quarters.csv", index=False)
    assert not examine_folder(folder).problems
    plan = plans_of("caseload")[0]
    pd.testing.assert_frame_equal(
        counted(folder, plan)["by_round"], counted(demos / "caseload", plan)["by_round"]
    )


def test_a_region_in_capitals_in_parquet_loses_nobody(folder):
    frame = texts(folder, "supervision_quarters")
    frame["region"] = frame["region"].str.upper()
    (folder / "supervision_quarters.csv").unlink()
    frame.to_parquet(folder / "supervision_quarters.parquet")
    counts = group_counts(
        "x", folder=folder, table="supervision_quarters", by=["region"], region="wales"
    )
    assert counts["n"].tolist() == [len(frame)]


def test_every_door_refuses_an_invalid_extract_with_the_problems_of_the_check(folder, state):
    frame = texts(folder, "supervision_quarters")
    frame.loc[4, "breaches"] = "[c]"
    frame.to_csv(folder / "supervision_quarters.csv", index=False)
    table = "supervision_quarters"
    for door in (
        lambda: open_tables("x", folder=folder, tables=[table]),
        lambda: lazy_table("x", folder=folder, table=table),
        lambda: group_counts("x", folder=folder, table=table, by=["sex"]),
        lambda: counted_rows(plans_of("caseload")[0], "wales", "x", folder),
    ):
        with pytest.raises(DataError) as error:
            door()
        assert error.value.problems == examine_folder(folder).problems
    assert (
        not list((state / "readings").rglob("*.parquet")) if (state / "readings").exists() else True
    )


def test_a_reading_is_private_whole_and_says_what_was_mended(folder, state):
    frame = texts(folder, "supervision_quarters")
    frame.loc[[1, 5], "sex"] = frame.loc[[1, 5], "sex"].str.upper()
    frame.to_csv(folder / "supervision_quarters.csv", index=False)
    home = reading.read_once(folder, tables=["supervision_quarters"])
    assert home.is_relative_to(state / "readings")
    for path in (state / "readings", home.parent, home):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert {path.name for path in home.iterdir()} == {
        "supervision_quarters.parquet",
        "extract.parquet",
        "receipt.json",
    }
    for path in home.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (entry,) = json.loads((home / "receipt.json").read_text())["notes"]
    assert (entry["file"], entry["column"], entry["count"]) == (
        "supervision_quarters.csv",
        "sex",
        2,
    )
    assert reading.notes_of(home) == examine_folder(folder).notes
    assert not [path for path in (state / "readings").iterdir() if path.name.startswith(".")]


def test_the_raw_files_are_read_once(folder, monkeypatch):
    first = reading.read_once(folder, tables=["supervision_quarters"])
    monkeypatch.setattr(reading, "examine", lambda *_, **__: pytest.fail("checked again"))
    assert reading.read_once(folder, tables=["supervision_quarters"]) == first
    assert len(
        open_tables("x", folder=folder, tables=list(tables_of("caseload")))["supervision_quarters"]
    )


def test_every_door_reads_the_same_reading_also_without_the_optional_table(folder, state):
    (folder / "extract.csv").unlink()
    first = reading.read_once(folder, tables=tables_of("caseload"))
    lazy_table("x", folder=folder, table="supervision_quarters")
    assert reading.read_once(folder, tables=["supervision_quarters"]) == first
    assert len(list((state / "readings").iterdir())) == 1


def test_other_files_make_another_reading_and_the_older_one_goes(folder):
    first = reading.read_once(folder, tables=["supervision_quarters"])
    texts(folder, "supervision_quarters").head(50).to_csv(
        folder / "supervision_quarters.csv", index=False
    )
    second = reading.read_once(folder, tables=["supervision_quarters"])
    assert second != first and not first.exists()
    assert pq.read_metadata(second / "supervision_quarters.parquet").num_rows == 50


def test_the_reading_of_an_extract_that_is_gone_goes_with_the_next_one(demos, folder):
    first = reading.read_once(folder, tables=["supervision_quarters"])
    shutil.rmtree(folder)
    reading.read_once(demos / "workforce", tables=["staff_quarters"])
    assert not first.parent.exists()


def test_several_at_once_make_one_reading(folder, state):
    with ThreadPoolExecutor(4) as pool:
        homes = list(
            pool.map(lambda _: reading.read_once(folder, tables=["supervision_quarters"]), range(4))
        )
    assert len(set(homes)) == 1 and (homes[0] / "receipt.json").is_file()
    assert len(list((state / "readings").iterdir())) == 1


def test_a_fault_midway_leaves_nothing(folder, state, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(reading, "write_typed", full)
    with pytest.raises(OSError, match="No space"):
        reading.read_once(folder, tables=["supervision_quarters"])
    assert not list((state / "readings").rglob("*.parquet")) and not list(
        (state / "readings").glob(".*")
    )


def test_files_that_change_while_they_are_read_are_e199(folder, monkeypatch):
    look = reading.examine

    def meanwhile(home, **choice):
        found = look(home, **choice)
        texts(home, "supervision_quarters").head(9).to_csv(
            home / "supervision_quarters.csv", index=False
        )
        return found

    monkeypatch.setattr(reading, "examine", meanwhile)
    with pytest.raises(DataError, match="E199"):
        reading.read_once(folder, tables=["supervision_quarters"])


@pytest.mark.parametrize("service", MAKERS)
def test_synthetic_tables_are_in_normal_form_and_reading_changes_nothing(service, tmp_path):
    nation = ensure_region("wales", scale=0.03, folder=tmp_path, service=service)
    tables = tables_of(service)
    found, checked = examine(nation, tables=tables)
    assert found.problems == () and not [
        note for note in found.notes if note.column not in ("first_practitioner_id",)
    ]
    sealed = open_tables("synthetic", folder=nation, tables=list(tables))
    for table, frame in reading.normalised(checked).items():
        key = list(CONTRACTS[table].key)
        again = frame.sort_values(key, ignore_index=True)
        pd.testing.assert_frame_equal(again, sealed[table])
    assert reading.read_once(nation, tables=tables) == nation


def test_a_sealed_file_that_was_changed_is_read_like_any_other(tmp_path):
    nation = ensure_region("wales", scale=0.03, folder=tmp_path, service="caseload")
    path = nation / "supervision_quarters" / "region=wales.parquet"
    table = pq.read_table(path).to_pandas()
    table["sex"] = table["sex"].str.upper()
    table.to_parquet(path)
    assert not is_sealed(nation, [path]) and (nation / SEALS).is_dir()
    assert set(
        open_tables("x", folder=nation, tables=["supervision_quarters"])["supervision_quarters"][
            "sex"
        ]
    ) == {
        "male",
        "female",
    }


def test_a_reading_is_of_the_code_of_every_room_that_decides_it():
    rooms = {path.parent.relative_to(ROOT / "analysis").as_posix() for path in code_files()[:-1]}
    assert {"extracts/rules", "extracts/files", "extracts/tables", "vocabulary"} <= rooms
