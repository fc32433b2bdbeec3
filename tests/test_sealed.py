"""Each file of a run holds what the run left in it, or the run is neither shown nor taken as
unchanged."""

import json
import os
import random
from pathlib import Path

import pytest
from test_site import ROUND, write_run
from test_site_pages import committed

from analysis.disclosure.guard.ids import Hashed
from analysis.disclosure.guard.signature import signed, signing_key
from analysis.record.sealed import altered_file, sealed_files
from analysis.rounds.run_links import altered_runs
from analysis.runs.publishing import provenance_of, replace_record, up_to_date
from analysis.site.build import build_site
from analysis.vocabulary.regions import NATIONAL


@pytest.fixture
def run(tmp_path) -> Path:
    """A run as it is left, with files in folders and a private one."""
    folder = tmp_path / "run"
    for name in ("results.json", "notebook.ipynb", "figures/a.png", "private/record.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(random.Random(name).randbytes(3000))
    made = {"made_from": {"plan_hash": "p"}, "files": sealed_files(folder)}
    (folder / "provenance.json").write_text(json.dumps(signed(made)))
    return folder


def unseen(file: Path, change) -> None:
    """Change a file, and give it the size and the dates that it had."""
    state = file.stat()
    change(file)
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))


def flip_a_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[random.Random(file.name).randrange(len(content))] ^= 1
    file.write_bytes(content)


CHANGES = {
    "a bit": flip_a_bit,
    "cut off": lambda file: os.truncate(file, 1000),
    "emptied": lambda file: os.truncate(file, 0),
    "missing": lambda file: file.unlink(),
    "a link": lambda file: (file.unlink(), file.symlink_to("/etc/hostname")),
}


def test_a_run_that_is_as_it_was_left_is_unchanged(run):
    assert altered_file(run) is None and up_to_date(run, {"plan_hash": "p"})
    assert not up_to_date(run, {"plan_hash": "q"})


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", ["results.json", "notebook.ipynb", "private/record.json"])
def test_any_file_that_was_changed_is_found_by_its_name(run, name, change):
    assert altered_file(run) is None  # what this process has read before is not believed
    file = run / name
    if change == "a bit":
        unseen(file, flip_a_bit)
    else:
        CHANGES[change](file)
    assert altered_file(run) == name
    assert not up_to_date(run, {"plan_hash": "p"})


@pytest.mark.parametrize("name", ["figures/b.svg", "private/more.json", "page.html"])
def test_a_file_that_was_added_is_found(run, name):
    (run / name).write_text("x")
    assert altered_file(run) == name


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"files": {}}', '{"files": []}'])
def test_a_run_that_does_not_say_what_it_holds_is_not_believed(run, text):
    (run / "provenance.json").write_text(text)
    assert altered_file(run) == "provenance.json" and not up_to_date(run, {})


def test_a_record_that_is_replaced_is_known_to_its_provenance(run, tmp_path):
    newer = tmp_path / "wales.json"
    newer.write_text("cleared")
    replace_record(run, newer)
    assert (run / "results.json").read_text() == "cleared" and altered_file(run) is None
    assert provenance_of(run)["made_from"] == {"plan_hash": "p"} and not newer.exists()


def test_a_process_that_is_killed_while_it_replaces_a_record_is_found_out(
    run, tmp_path, monkeypatch
):
    newer = tmp_path / "wales.json"
    newer.write_text("cleared")
    moved, replace = [], os.replace

    def killed_after_one(source, target):
        if moved:
            raise KeyboardInterrupt
        moved.append(target)
        replace(source, target)

    monkeypatch.setattr(os, "replace", killed_after_one)
    with pytest.raises(KeyboardInterrupt):
        replace_record(run, newer)
    assert altered_file(run) == "results.json" and not up_to_date(run, {"plan_hash": "p"})


def test_a_run_that_was_edited_has_no_page_and_its_file_is_named(tmp_path):
    place = committed("psr_quality", "wales")
    write_run(tmp_path, committed("psr_quality", NATIONAL))
    folder = write_run(tmp_path, place)
    site = build_site(tmp_path, round_id=ROUND)
    assert list(site.rglob(f"{place.region}/index.html"))
    unseen(folder / "results.json", flip_a_bit)
    build_site(tmp_path, round_id=ROUND)
    name = f"{place.data_source}/{place.study}/{place.region}"
    assert altered_runs(tmp_path, ROUND) == {name: "results.json"}
    assert not list(site.rglob(f"{place.region}/*")) and list(site.rglob(f"{NATIONAL}/index.html"))


def test_whatever_makes_the_state_first_makes_it_its_owners_alone(tmp_path, monkeypatch):
    """`mkdir(parents=True, mode=0o700)` closes the last folder and leaves those above it open."""
    home = tmp_path / "above" / "state"
    monkeypatch.setenv("WORKBOOK_STATE", str(home))
    signing_key()
    Hashed.of(["WM-P-000001"], ()).write(home / "ids" / "a")
    for folder in (home.parent, home, home / "keys", home / "ids"):
        assert folder.stat().st_mode & 0o777 == 0o700, folder.name
