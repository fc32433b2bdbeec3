"""`workbook attack`: what is staged in all places together, and never a count."""

import json

import pytest
from attacked_tables import count
from command_line import workbook

from analysis.disclosure.attack.known import COUNTS, Known, key, total, write_known
from analysis.plans.registry import load_plan, places_to_run

STUDY = "court_reports"
EXACT = 7, 411, 418  # few, others, everybody


def counts_of(place: str, told: bool) -> Known:
    """A small count of one place, beside the others and everybody."""
    names = [key(place=place, group=g, count="people") for g in ("few", "others", "all")]
    counts = [count(name, n) for name, n in zip(names, EXACT, strict=True)]
    if not told:
        counts[1] = counts[1].hidden
    return Known.of(counts, [total(names[2], names[:2], "groups")])


def stage(reports, *, told: bool) -> None:
    """Runs of all places of a study, with nothing in them but their private counts."""
    for place in places_to_run(load_plan(STUDY)):
        folder = reports / "synthetic" / "draft" / STUDY / place
        (folder / "private").mkdir(parents=True)
        (folder / "private" / "record.json").write_text("{}")
        made = dict.fromkeys(("data_hash", "plan_hash", "code_version"), "same")
        (folder / "provenance.json").write_text(json.dumps({"made_from": made}))
        (folder / "results.json").write_text(json.dumps({"n_used": 420}))
        write_known(counts_of(place, told), folder / "private" / COUNTS)


@pytest.mark.parametrize(("told", "code"), [(False, 0), (True, 3)])
def test_it_says_what_is_recovered_and_what_protects_and_no_count(tmp_path, told, code):
    stage(tmp_path, told=told)
    state = {"WORKBOOK_STATE": str(tmp_path / "state")}
    done = workbook("attack", STUDY, "--data", "synthetic", reports=tmp_path, **state)
    assert done.returncode == code, done.stdout + done.stderr
    places = len(places_to_run(load_plan(STUDY)))
    assert f"{places if told else 0} protected counts can be told" in done.stdout
    assert ("What helps most" in done.stdout) == told
    assert ("(the cheapest set)" in done.stdout) == told
    assert not any(f" {n} " in done.stdout.replace(",", " ") for n in EXACT[1:])


def test_a_number_that_is_printed_and_not_noted_is_no_pass(tmp_path):
    stage(tmp_path, told=False)
    place = places_to_run(load_plan(STUDY))[0]
    record = tmp_path / "synthetic" / "draft" / STUDY / place / "results.json"
    record.write_text(json.dumps({"n_used": 415}))
    state = {"WORKBOOK_STATE": str(tmp_path / "state")}
    done = workbook("attack", STUDY, "--data", "synthetic", reports=tmp_path, **state)
    assert done.returncode == 3 and "results.json: n_used (1)" in done.stdout
    assert "12 of 13 printed counts known" in done.stdout and "415" not in done.stdout


def test_a_place_without_a_list_of_counts_is_an_error_that_names_it(tmp_path):
    stage(tmp_path, told=False)
    place = places_to_run(load_plan(STUDY))[1]
    (tmp_path / "synthetic" / "draft" / STUDY / place / "private" / COUNTS).unlink()
    done = workbook("attack", STUDY, "--data", "synthetic", reports=tmp_path)
    assert done.returncode == 2 and "E383" in done.stderr and place in done.stderr
