"""What is published is whole, real files, for its audience, and holds nothing of anything else."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from markupsafe import escape

from analysis.errors import ParameterError, RunError
from analysis.paths import reports
from analysis.plans.registry import load_plan
from analysis.record import store
from analysis.record.record import Record
from analysis.rounds.runs_found import FoundStudy
from analysis.runs.rounds.leaving import Asked, publish_round
from analysis.runs.rounds.readme import NOT_YET, OGL, licence_of
from rounds.signed_rounds import (
    CHECKER,
    MONITOR,
    PEOPLE,
    PILOT,
    ROUND,
    every_byte,
    forced,
    signed,
    signed_round,
    write_round,
)

INTERNAL, RELEASE = Asked(ROUND, "internal"), Asked(ROUND, "release")


def released(record: Record) -> Record:
    return record.with_(audience="release")


def published(asked: Asked, folder: Path) -> Path:
    publish_round(folder, asked)
    return folder


@pytest.fixture
def both():
    """A released pilot and a monitor that is signed, and not released."""
    signed_round(PILOT, ROUND, released)
    signed_round(MONITOR, ROUND)


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def test_a_published_folder_is_whole_and_of_real_files(both, tmp_path):
    folder = published(INTERNAL, tmp_path / "a" / "out")
    found = files(folder)
    paths = list(folder.rglob("*"))
    assert not any(path.is_symlink() for path in paths)
    assert all(path.stat().st_nlink == 1 for path in paths if path.is_file())
    assert not any("private" in name or name.endswith((".ipynb", ".parquet")) for name in found)
    sums = dict(line.split("  ")[::-1] for line in found["SHA256SUMS"].decode().splitlines())
    (name,) = (name for name in found if name.endswith(".zip"))
    outside = {"SHA256SUMS", name, f"{name}.sha256"}
    assert sums == {n: hashlib.sha256(x).hexdigest() for n, x in found.items() if n not in outside}
    assert (
        found[f"{name}.sha256"].decode() == f"{hashlib.sha256(found[name]).hexdigest()}  {name}\n"
    )
    with zipfile.ZipFile(folder / name) as packed:
        inside = {one: packed.read(one) for one in packed.namelist()}
    assert inside == {n: x for n, x in found.items() if n not in outside - {"SHA256SUMS"}}
    assert not [path for path in folder.parent.iterdir() if path != folder]


def test_every_link_of_a_published_page_leads_to_a_file(both, tmp_path):
    folder = published(INTERNAL, tmp_path / "out") / "pages"
    for page in folder.rglob("*.html"):
        for way in re.findall(r'(?:href|src|srcset)="([^"#]+)', page.read_text()):
            assert (page.parent / way).resolve().is_file(), (page, way)


def test_published_twice_it_is_the_same_byte_by_byte(both, tmp_path):
    assert files(published(INTERNAL, tmp_path / "one")) == files(
        published(INTERNAL, tmp_path / "two")
    )


def test_the_readme_says_what_it_is_and_under_which_licence(both, tmp_path):
    text = (published(INTERNAL, tmp_path / "in") / "README.txt").read_text()
    assert "Round: 2026Q3" in text and "not to be passed on" in text
    assert load_plan(PILOT).title in text and "provisional until" in text
    text = (published(RELEASE, tmp_path / "out") / "README.txt").read_text()
    assert "Open Government Licence v3.0" in text and "Synthetic data" in text
    # ethnic matching is management information, and says so beside the statement
    assert NOT_YET in text and load_plan(PILOT).release == "management_information"


def test_the_licence_is_claimed_where_no_plan_is_for_the_service_alone():
    research, own = (
        FoundStudy(load_plan(study), "star", ()) for study in ("star_teacher_matching", PILOT)
    )
    assert licence_of("release", (research,)) == OGL
    assert licence_of("release", (research, own)) == f"{NOT_YET} {OGL}"
    assert "circulation list" in licence_of("internal", (research,))


# -- for whom --------------------------------------------------------------------------------------
def own_texts(study: str) -> set[str]:
    """Texts by which anything of a study would be seen: its id, title and measures, hashes, what
    its records and checks say, numbers of many digits."""
    found = {study, load_plan(study).title}
    for file in reports().glob(f"synthetic/{ROUND}/{study}/*/results.json"):
        record = store.load(file)
        found |= {record.data_hash[:12], record.plan_hash[:12]}
        found |= {check.text for check in record.checks}
        found |= {record.sentences.headline or study, record.sentences.say}
        for row in record.rows:
            numbers = (row.value, row.conf_low, row.conf_high, row.group_value)
            found |= {repr(x) for x in numbers if x is not None and len(repr(x)) > 6}
            found.add(f'"outcome": "{row.outcome}"')
    return {one for text in found for one in (text, str(escape(text))) if text}


def test_for_release_nothing_of_a_study_that_is_not_released_is_seen(both, tmp_path):
    texts, other = own_texts(MONITOR), own_texts(PILOT)
    whole = every_byte(published(INTERNAL, tmp_path / "in"))
    seen = [one for one in texts - other if one.encode() in whole]
    assert len(seen) > 20, "the search finds what is there"
    out = published(RELEASE, tmp_path / "out")
    (archive,) = out.glob("*.zip")
    shutil.unpack_archive(archive, tmp_path / "unpacked")
    text = every_byte(out) + every_byte(tmp_path / "unpacked")
    assert not [one for one in seen if one.encode() in text]


def test_for_release_there_is_no_code_and_no_name(both, tmp_path):
    found = files(published(RELEASE, tmp_path / "out"))
    assert not [name for name in found if name.endswith("code.html")]
    assert not [name for name, x in found.items() if b"code.html" in x and name.endswith(".html")]
    assert [n for n in files(published(INTERNAL, tmp_path / "in")) if n.endswith("code.html")]


@pytest.mark.parametrize("asked", [INTERNAL, RELEASE], ids=lambda asked: asked.audience)
def test_no_name_of_the_log_is_published(both, tmp_path, asked):
    text = every_byte(published(asked, tmp_path / "out"))
    for name in (*PEOPLE.values(), CHECKER):
        assert not [part for part in name.split() if part.encode() in text], name


# -- refused ---------------------------------------------------------------------------------------
def refused(folder: Path, asked: Asked) -> str:
    before = sorted(folder.parent.iterdir()) if folder.parent.exists() else []
    with pytest.raises((RunError, ParameterError)) as error:
        publish_round(folder, asked)
    after = sorted(folder.parent.iterdir()) if folder.parent.exists() else []
    assert after == before, "nothing is left behind"
    return error.value.code


def test_nothing_is_published_without_a_state_that_is_kept(both, tmp_path, monkeypatch):
    monkeypatch.delenv("WORKBOOK_STATE")
    assert refused(tmp_path / "out", INTERNAL) == "E388"


def test_nothing_is_overwritten(both, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    assert refused(tmp_path / "full", INTERNAL) == "E218"
    (tmp_path / "link").symlink_to(tmp_path / "full")
    assert refused(tmp_path / "link", INTERNAL) == "E218"
    (tmp_path / "empty").mkdir()
    assert (published(RELEASE, tmp_path / "empty") / "README.txt").is_file()


def test_what_is_not_signed_or_not_released_is_not_published(tmp_path):
    signed(write_round(PILOT, ROUND), ("analyst", "assurer", "disclosure"))
    assert refused(tmp_path / "out", INTERNAL) == "E388"
    signed_round(MONITOR, ROUND)
    assert refused(tmp_path / "out", Asked(ROUND, "internal", (PILOT,))) == "E388"
    assert refused(tmp_path / "out", RELEASE) == "E388"
    assert refused(tmp_path / "out", Asked(ROUND, "release", (MONITOR,))) == "E388"
    folder = published(INTERNAL, tmp_path / "out")
    assert load_plan(PILOT).title.encode() not in every_byte(folder)


@pytest.mark.parametrize("file", ["results.json", "figures/dot.csv", "notebook.ipynb"])
def test_what_was_changed_after_it_was_signed_is_not_published(both, tmp_path, file):
    path = forced(reports() / "synthetic" / ROUND / PILOT / "wales" / file)
    path.write_text(path.read_text() + "\n")
    path.write_text(path.read_text().replace("a", "b", 1))
    assert refused(tmp_path / "out", INTERNAL) == "E326"


def test_what_the_guard_finds_is_not_published(both, tmp_path, monkeypatch):
    from analysis.runs.rounds import readme

    monkeypatch.setitem(readme.LICENCE, "internal", "write to ann.smith@example.org")
    assert refused(tmp_path / "out", INTERNAL) == "E345"


def test_killed_half_way_nothing_stands_there(both, tmp_path):
    """Killed at many moments: either all of it is there, or no folder of that name."""
    code = (
        "from pathlib import Path; from analysis.runs.rounds.leaving import Asked, publish_round;"
        f"publish_round(Path({str(tmp_path / 'out')!r}), Asked({ROUND!r}, 'release'))"
    )
    for step in ("begun", "pages/index.html", "SHA256SUMS"):
        process = subprocess.Popen([sys.executable, "-c", code], env=os.environ)
        until = time.monotonic() + 60
        while time.monotonic() < until and process.poll() is None:
            begun = list(tmp_path.glob(".out.*"))
            if begun and (step == "begun" or list(begun[0].glob(step))):
                break
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if (tmp_path / "out").exists():  # it was quicker
            assert any((tmp_path / "out").glob("*.zip.sha256"))
            shutil.rmtree(tmp_path / "out")
        for left in tmp_path.glob(".out.*"):
            assert left.stat().st_mode & 0o077 == 0
            shutil.rmtree(left)
    assert published(RELEASE, tmp_path / "out").is_dir()
