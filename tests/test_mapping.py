"""Promises of mapping.yml: an extract in the supplier's own words counts like one in ours, and
nothing is guessed."""

import re
import shutil

import pandas as pd
import pytest
import yaml

from analysis.extracts.files.date_formats import date_format_fault, day_in
from analysis.extracts.reading.manifest import data_manifest_hash
from analysis.extracts.reading.reading import read_once
from analysis.extracts.reading.sources import lazy_table, open_tables
from analysis.extracts.rules.checking import examine_folder
from analysis.extracts.tables.contracts import CONTRACTS, contract_of, tables_of
from analysis.paths import DATA
from analysis.plans.registry import load_plan
from analysis.studies.disparity.counted.counts import counted_rows
from analysis.synthetic.nation import write_demo
from analysis.vocabulary.ethnicity import CODINGS
from analysis.vocabulary.regions import place_set, place_sets

FORM = "%d/%m/%Y"
LABELS = {c.code: f"{c.group} - {c.label}" for c in CODINGS["ons_2021_19+1"].categories}
SEXES = {"female": "F", "male": "M"}
MATCHED = {"true": "Ja", "false": "Nein"}


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("WORKBOOK_REPORTS", str(tmp_path / "reports"))


@pytest.fixture(scope="module")
def demos(tmp_path_factory):
    home = tmp_path_factory.mktemp("demos")
    for service in ("caseload", "supervision"):
        write_demo(home / service, region="wales", people=200, service=service)
    return home


def in_other_words(plain, folder):
    """The extract `plain` as a supplier would write it, with the mapping that says so."""
    folder.mkdir()
    words = {"regions": {"Wales / Cymru": "wales"}, "dates": FORM, "tables": {}}
    for path in sorted(plain.glob("*.csv")):
        contract = CONTRACTS[path.stem]
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        labels = {
            "ethnicity": LABELS | {"not_stated": "?"},
            "sex": SEXES,
            "match_requested": MATCHED,
        }
        own = {}
        for column in contract.columns:
            if column.name == "region":
                frame["region"] = frame["region"].replace({"wales": "WALES / Cymru "})
            if column.kind == "date":
                day = pd.to_datetime(frame[column.name].where(frame[column.name] != ""))
                frame[column.name] = day.dt.strftime(FORM).fillna("")
            if column.name in labels:
                frame[column.name] = frame[column.name].replace(labels[column.name])
                own[column.name] = {theirs: ours for ours, theirs in labels[column.name].items()}
        theirs = {
            name: f"Their {name.replace('_', ' ')} ({n})" for n, name in enumerate(contract.names)
        }
        frame.rename(columns=theirs).to_csv(
            folder / f"Extract {path.stem[:4]} 2026.csv", index=False
        )
        columns = {heading: ours for ours, heading in theirs.items()}
        words["tables"][path.stem] = {
            "file": f"Extract {path.stem[:4]} 2026.csv",
            "columns": columns,
            "labels": own,
        }
    (folder / "mapping.yml").write_text(yaml.safe_dump(words, allow_unicode=True), encoding="utf-8")
    return folder


def test_an_extract_in_other_words_counts_like_the_plain_one(demos, tmp_path):
    folder = in_other_words(demos / "caseload", tmp_path / "theirs")
    found = examine_folder(folder)
    assert found.problems == ()
    plan = load_plan("supervision")
    plain = counted_rows(plan, "wales", "extracts", demos / "caseload")
    theirs = counted_rows(plan, "wales", "extracts", folder)
    for view in ("by_round", "by_unit", "by_stratum"):
        pd.testing.assert_frame_equal(getattr(theirs, view), getattr(plain, view))
    told = {(note.text.split(" ")[0], note.column): note.count for note in found.notes}
    rows = dict(found.rows)["supervision_quarters"]
    assert told["labels", "sex"] == told["dates", "quarter"] == told["labels", "region"] == rows
    assert ("the", "person_id") in told  # the supplier's heading


def test_tables_in_other_words_open_like_the_plain_ones(demos, tmp_path):
    folder = in_other_words(demos / "supervision", tmp_path / "theirs")
    tables = list(tables_of("supervision"))
    plain = open_tables("x", folder=demos / "supervision", tables=tables, region="wales")
    for name, frame in open_tables("x", folder=folder, tables=tables, region="wales").items():
        pd.testing.assert_frame_equal(frame, plain[name])


def test_the_mapping_is_part_of_the_hash_of_the_data_and_of_the_reading(demos, tmp_path):
    folder = tmp_path / "extract"
    shutil.copytree(demos / "caseload", folder)
    before = data_manifest_hash(folder), read_once(folder, tables=["supervision_quarters"])
    (folder / "mapping.yml").write_text('dates: "%d/%m/%Y"\n')
    after = data_manifest_hash(folder), read_once(folder, tables=["supervision_quarters"])
    assert before[0] != after[0] and before[1] != after[1]


def test_a_label_that_never_occurs_is_noted_with_its_line(demos, tmp_path):
    folder = tmp_path / "extract"
    shutil.copytree(demos / "caseload", folder)
    (folder / "mapping.yml").write_text(
        "tables:\n  supervision_quarters:\n    labels:\n      sex:\n        Woman: female\n"
    )
    found = examine_folder(folder)
    assert not found.problems
    assert [(n.file, n.column) for n in found.notes if "never occurs" in n.text] == [
        ("mapping.yml, line 5", "sex")
    ]


def test_a_mapping_with_a_fault_stops_every_door_and_shows_no_label(demos, tmp_path):
    folder = tmp_path / "extract"
    shutil.copytree(demos / "caseload", folder)
    (folder / "mapping.yml").write_text(
        "tables:\n  supervision_quarters:\n    labels: {sex: {canary: femal}}\n"
    )
    with pytest.raises(Exception, match="E373") as error:
        lazy_table("x", folder=folder, table="supervision_quarters")
    assert "canary" not in str(error.value) and "Did you mean `female`?" in str(error.value)


@pytest.mark.parametrize(
    "text",
    ["a: [", "tables: [x]", "regions: [a, b]", "no: x", "tables:\n\tx: 1", "- a", "places: {a: b}"],
)
def test_a_mapping_that_is_no_mapping_is_a_problem_and_no_traceback(demos, tmp_path, text):
    folder = tmp_path / "extract"
    shutil.copytree(demos / "caseload", folder)
    (folder / "mapping.yml").write_text(text)
    assert {p.code for p in examine_folder(folder).problems} <= {
        "E370",
        "E376",
    } and examine_folder(folder).problems


def test_the_places_of_another_set_are_those_of_the_contract(demos, tmp_path):
    other = next(
        key for key, kept in place_sets().items() if kept.ids and not set(kept.ids) & {"wales"}
    )
    first = place_set(other).places[0]
    folder = tmp_path / "extract"
    shutil.copytree(demos / "caseload", folder)
    path = folder / "supervision_quarters.csv"
    path.write_text(path.read_text().replace(",wales,", f",{first.id},"))
    assert {p.code for p in examine_folder(folder).problems} == {"E140"}
    assert not examine_folder(folder, places=other).problems
    table = open_tables(
        "x", folder=folder, tables=["supervision_quarters"], region=first.id, places=other
    )
    assert set(table["supervision_quarters"]["region"]) == {first.id}
    (folder / "mapping.yml").write_text(f"places: {other}\nregions: {{Elsewhere: {first.id}}}\n")
    assert not examine_folder(folder).problems
    assert (
        lazy_table("x", folder=folder, table="supervision_quarters", region=first.id)
        .count()
        .execute()
        > 0
    )
    assert (
        contract_of("supervision_quarters", other).column("region").allowed == place_set(other).ids
    )


@pytest.mark.parametrize(
    "form",
    ["%d/%m/%y", "%d/%m", "%m/%Y", "%x", "dd/mm/yyyy", "%d %d %m %Y", "%Y-%j", "", "%d/%m/%b/%Y"],
)
def test_a_format_that_would_have_to_be_guessed_is_refused(form):
    assert date_format_fault(form)


def test_a_date_is_read_in_its_format_or_left_to_the_checks():
    assert (
        day_in("03/04/2026", FORM) == "2026-04-03"
        and day_in("3 Apr 2026", "%d %b %Y") == "2026-04-03"
    )
    for text in ("31/02/2026", "2026-04-03", "04/13/2026", "٠٣/04/2026", ""):
        assert day_in(text, FORM) == text


def test_the_example_in_the_readme_is_a_mapping_without_faults(demos, tmp_path):
    text = (DATA / "README.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(.*?)```", text, re.S)[1]
    folder = tmp_path / "extract"
    shutil.copytree(demos / "caseload", folder)
    (folder / "supervision_quarters.csv").rename(folder / "Caseload 2026-10.csv")
    (folder / "mapping.yml").write_text(example, encoding="utf-8")
    assert examine_folder(folder).problems == ()
