"""Small counts that all places together would give away: more is withheld, the places concerned are
run again, and whatever stops a batch on the way, the same comes out."""

import hashlib
import json
import os
import signal
import time

import pytest

from analysis.disclosure.attack.known import COUNTS, read_known
from analysis.runs.publishing import provenance_of

from .bench import FAULTY, SOUND, in_faulty_place, published_links, results

STUDY = "counted"
SOURCE = ("--data", "synthetic")


@pytest.fixture
def counted(own_bench, tmp_path, monkeypatch):
    """A bench with a study that needs a joint decision, and a state folder of its own."""
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path / "state"))
    own_bench.add_counted(STUDY)
    return own_bench


def decisions(tmp_path) -> list[dict]:
    files = sorted((tmp_path / "state" / "protection").rglob("*.json"))
    return [json.loads(file.read_text()) for file in files]


def place(reports, name):
    return reports / "synthetic" / "draft" / STUDY / name


def assert_protected(tmp_path, reports, before=()) -> None:
    """One more count is withheld in the faulty place, there alone, and nothing else was touched."""
    (decision,) = decisions(tmp_path)
    (hidden,) = decision["hidden"]
    assert hidden.startswith(f"place={FAULTY};") and decision["parts"] == {FAULTY: [hidden]}
    for name in (FAULTY, *SOUND):
        known = read_known(place(reports, name) / "private" / COUNTS)
        withheld = {key for key, count in known.counts.items() if count.is_withheld}
        assert withheld == (
            {hidden, hidden.replace("Many", "Few").replace("all", "Few")}
            if name == FAULTY
            else set()
        )
        made = provenance_of(place(reports, name))["made_from"]
        assert ("protection" in made) == (name == FAULTY)


def test_more_is_withheld_where_it_must_be_and_that_place_alone_is_run_again(
    counted, reports, tmp_path
):
    done = counted.run(STUDY, reports=reports)
    rows = {row["place"]: row for row in counted.check(reports, done, exit_codes=(0,))}
    line = "attack: 2 counts withheld, 1 of them to protect others, nothing recovered"
    assert line in done.out and rows["national"]["text"].startswith(line)
    assert_protected(tmp_path, reports)
    runs = sorted(path.name.rpartition("-")[2] for path in (reports / ".runs").iterdir())
    assert runs == sorted([*SOUND, FAULTY, FAULTY, "national"])


def test_the_next_batch_withholds_it_at_once_and_then_nothing_is_done(counted, reports, tmp_path):
    assert counted.run(STUDY, reports=reports).code == 0
    first = results(reports, STUDY)
    again = counted.run(STUDY, reports=reports)
    assert again.code == 0 and "0 of 4 places run, 4 unchanged" in again.out
    other = tmp_path / "other"
    done = counted.run(STUDY, reports=other)
    counted.check(other, done, exit_codes=(0,))
    assert results(other, STUDY) == first
    assert len(list((other / ".runs").iterdir())) == 5
    assert_protected(tmp_path, other)


@pytest.mark.slow
def test_clear_attacks_and_runs_places_again_as_a_batch_does(counted, reports, tmp_path):
    for name in (FAULTY, *SOUND):
        assert counted.run(STUDY, "--region", name, reports=tmp_path / name).code == 0
        target = next((tmp_path / name / ".runs").glob(f"*-{name}"))
        (reports / ".runs").mkdir(parents=True, exist_ok=True)
        os.rename(target, reports / ".runs" / target.name)
        link = place(reports, name)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(reports / ".runs" / target.name, link.parent))
    assert not decisions(tmp_path)
    done = counted.end_of(counted.start("clear", STUDY, *SOURCE, reports=reports))
    assert done.code == 0 and "nothing recovered" in done.out, done.said
    assert_protected(tmp_path, reports)


@pytest.mark.slow
def test_a_place_without_the_others_stays_uncleared(counted, reports, tmp_path):
    done = counted.run(STUDY, "--region", FAULTY, reports=reports)
    rows = counted.check(reports, done, exit_codes=(0,))
    assert {row["place"]: row["state"] for row in rows}["national"] == "not_cleared"
    assert not decisions(tmp_path)


@pytest.mark.slow
def test_a_study_that_has_noted_no_counts_is_not_cleared(counted, reports):
    counted.write_notebook(
        STUDY,
        json.loads(
            (counted.notebooks / "pilots" / f"{STUDY}.ipynb")
            .read_text()
            .replace("write_known(noted()", "(lambda *_: None)(noted()")
        ),
    )
    done = counted.run(STUDY, reports=reports)
    rows = {row["place"]: row for row in counted.check(reports, done, exit_codes=(1,))}
    assert (rows["national"]["state"], rows["national"]["code"]) == ("failed", "E327")


@pytest.mark.slow
def test_a_study_that_cannot_be_protected_is_not_cleared_and_says_what_helps(counted, reports):
    never_hides = "hidden = frozenset()"
    path = counted.notebooks / "pilots" / f"{STUDY}.ipynb"
    content = json.loads(path.read_text())
    for cell in content["cells"]:
        start = cell["source"].find("hidden = decided(")
        if start >= 0:
            line = cell["source"][start:].splitlines()[0]
            cell["source"] = cell["source"].replace(line, never_hides)
    counted.write_notebook(STUDY, content)
    done = counted.run(STUDY, reports=reports)
    rows = {row["place"]: row for row in counted.check(reports, done, exit_codes=(1,))}
    assert (rows["national"]["state"], rows["national"]["code"]) == ("not_cleared", "E328")
    said = rows["national"]["text"]
    assert "1 recovered" in said and "people by group" in said and "helps an attacker most" in said
    assert f"place={FAULTY};" in said and not place(reports, "national").exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.slow
def test_a_batch_that_ends_between_the_decision_and_the_rerun_is_gone_on_with(
    counted, reports, tmp_path, number
):
    process = counted.start("run", STUDY, "--jobs", "1", reports=reports)
    while process.poll() is None and not decisions_there(tmp_path):
        time.sleep(0.002)
    os.kill(process.pid, number)
    counted.end_of(process)
    counted.check(reports)
    assert not place(reports, "national").exists()
    before = {link.name: os.readlink(link) for link in published_links(reports)}
    done = counted.run("--resume", reports=reports)
    counted.check(reports, done, exit_codes=(0,))
    assert_protected(tmp_path, reports)
    after = {link.name: os.readlink(link) for link in published_links(reports)}
    assert {name: after[name] for name in SOUND} == {name: before[name] for name in SOUND}


def decisions_there(tmp_path) -> bool:
    return any((tmp_path / "state" / "protection").rglob("[!.]*.json"))


# -- what was cleared before -----------------------------------------------------------------------
DIES = "if (reports() / 'dies').exists():\n    import os, signal\n    os.kill(os.getpid(), 9)"


@pytest.mark.slow
def test_a_kernel_that_dies_leaves_the_cleared_records_and_pages_of_the_same_inputs(
    own_bench, reports, tmp_path, monkeypatch
):
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path / "state"))
    own_bench.add_counted(STUDY, in_faulty_place(DIES))
    assert own_bench.run(STUDY, reports=reports).code == 0
    cleared = results(reports, STUDY)
    pages = sorted(path.relative_to(reports) for path in (reports / "site").rglob("index.html"))
    assert all(json.loads(text)["cleared"] for text in cleared.values()) and len(pages) == 6
    (reports / "dies").touch()
    done = own_bench.run(STUDY, "--force", reports=reports)
    rows = {row["place"]: row for row in own_bench.check(reports, done, exit_codes=(1,))}
    assert (rows[FAULTY]["state"], rows[FAULTY]["code"]) == ("failed", "E321")
    assert rows["national"]["state"] == "not_cleared"
    assert {rows[name]["state"] for name in SOUND} == {"published"}
    assert results(reports, STUDY) == cleared
    again = sorted(path.relative_to(reports) for path in (reports / "site").rglob("index.html"))
    assert again == pages
    (reports / "dies").unlink()
    done = own_bench.run("--resume", reports=reports)
    own_bench.check(reports, done, exit_codes=(0,))
    assert results(reports, STUDY) == cleared


# -- releases --------------------------------------------------------------------------------------
@pytest.mark.slow
def test_a_cleared_round_is_released_once_and_says_so(counted, reports, tmp_path):
    release = ("release", STUDY, "--round", "draft", *SOURCE)
    early = counted.end_of(counted.start(*release, reports=reports))
    assert early.code == 2 and early.error.startswith("E333: "), early.said
    assert counted.run(STUDY, reports=reports).code == 0
    for _ in range(2):  # the second time it is the same release
        done = counted.end_of(counted.start(*release, reports=reports))
        assert done.code == 0 and "number 1" in done.out, done.said
    for text in results(reports, STUDY).values():
        assert json.loads(text)["audience"] == "release"
    page = reports / "site" / "synthetic" / "draft" / STUDY / FAULTY / "index.html"
    assert "release 1 of" in page.read_text() and "not to be passed on" not in page.read_text()
    listed = counted.end_of(counted.start("list", "--releases", reports=reports))
    assert (
        listed.out.startswith("   1 ") and STUDY in listed.out and len(listed.out.splitlines()) == 1
    )
    ledger = tmp_path / "state" / "releases" / "releases.jsonl"
    entry = json.loads(ledger.read_text())
    (hidden,) = decisions(tmp_path)[0]["hidden"]
    assert hidden not in entry["counts"] and all(
        high - low >= 4 for low, high in entry["counts"].values()
    )
    unchanged = counted.run(STUDY, reports=reports)
    assert "0 of 4 places run, 4 unchanged" in unchanged.out

    ledger.write_text(ledger.read_text().replace('"draft"', '"other"'))
    done = counted.end_of(counted.start(*release, reports=reports))
    assert done.code == 2 and done.error.startswith("E329: "), done.said


@pytest.mark.slow
def test_what_was_edited_is_not_released(counted, reports):
    assert counted.run(STUDY, reports=reports).code == 0
    with (place(reports, FAULTY) / "results.json").open("a") as file:
        file.write("\n")
    release = ("release", STUDY, "--round", "draft", *SOURCE)
    done = counted.end_of(counted.start(*release, reports=reports))
    assert done.code == 2 and f"E326: {FAULTY}: results.json" in done.error, done.said


@pytest.mark.slow
def test_a_count_that_an_earlier_release_has_shown_stays_known(counted, reports, tmp_path):
    """What is withheld now and was printed of the same data before is recovered by that."""
    assert counted.run(STUDY, reports=reports).code == 0
    release = ("release", STUDY, "--round", "draft", *SOURCE)
    assert counted.end_of(counted.start(*release, reports=reports)).code == 0
    state = tmp_path / "state" / "releases"
    entry = json.loads((state / "releases.jsonl").read_text())
    (hidden,) = decisions(tmp_path)[0]["hidden"]
    entry["counts"][hidden] = [33, 37] if "Many" in hidden else [38, 42]
    line = json.dumps(entry, sort_keys=True, ensure_ascii=False) + "\n"
    (state / "releases.jsonl").write_text(line)
    last = hashlib.sha256(line.encode()).hexdigest()
    (state / "head.json").write_text(json.dumps({"lines": 1, "last": last}))
    done = counted.end_of(counted.start(*release, reports=reports))
    assert done.code == 2 and "E332: beside what was released before" in done.error, done.said
    done = counted.end_of(counted.start("clear", STUDY, *SOURCE, reports=reports))
    assert done.code == 1 and "E328" in done.out, done.said
