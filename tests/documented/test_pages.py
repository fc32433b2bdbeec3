"""The pages of `make docs`: built without a warning, whole, and nothing in them is loaded from
another server."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import metadata
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from analysis.paths import ROOT

LOCK = (ROOT / "requirements-docs.lock").read_text(encoding="utf-8")
LOADED = re.compile(
    r"<(?:script|link|img|iframe|source|object|embed)\b[^>]*?"
    r"(?:src|href|data)\s*=\s*[\"']?(?:https?:)?//[^\"'\s>]*",
    re.IGNORECASE,
)
LOADED_BY_STYLE = re.compile(r"(?:@import\s+|url\(\s*)[\"']?(?:https?:)?//[^)\"']*", re.IGNORECASE)
FIRST_SCREEN = 30  # lines of README


def locked(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==([^\s\\;]+)", text, re.MULTILINE))


ADDED = sorted(set(locked("requirements-docs.lock")) - set(locked("requirements.lock")))


# -- the lock --------------------------------------------------------------------------------------
def test_the_lock_of_the_documentation_holds_hashes_and_no_address():
    assert "://" not in LOCK and "index-url" not in LOCK
    assert LOCK.count("--hash=sha256:") >= LOCK.count("==")


def test_the_lock_holds_the_extra_and_agrees_with_the_others():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    versions, base = locked("requirements-docs.lock"), locked("requirements.lock")
    for text in (*project["dependencies"], *project["optional-dependencies"]["docs"]):
        wanted = Requirement(text)
        assert wanted.specifier.contains(versions[wanted.name]), text
    assert {name for name in versions if base.get(name, versions[name]) != versions[name]} == set()


@pytest.mark.parametrize("name", ADDED)
def test_what_the_documentation_adds_is_free_of_the_gpl(name):
    """docutils: public domain and BSD; an editor mode that is not in its wheel is under the GPL."""
    if find_spec("sphinx") is None:
        pytest.skip("`make docs` installs it")
    found = metadata(name)
    classified = [one for one in found.get_all("Classifier") or () if "License" in one]
    said = [found.get("License-Expression"), found.get("License"), *classified]
    licences = [one for one in said if one]
    assert licences
    assert name == "docutils" or not [one for one in licences if "GPL" in one]


# -- README ----------------------------------------------------------------------------------------
def test_the_first_screen_of_readme_has_two_commands_and_two_pictures():
    screen = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:FIRST_SCREEN]
    text = "\n".join(screen)
    block = text.split("```")[1]
    assert [line.split()[:2] for line in block.strip().splitlines()] == [
        ["make", "evaluate"],
        ["make", "lab"],
    ]
    pictures = re.findall(r"!\[[^\]]{20,}\]\(([^)]+\.png)\)", text)
    assert pictures == ["docs/page.png", "docs/lab.png"]
    for name in pictures:
        assert 10_000 < (ROOT / name).stat().st_size < 300_000


def links() -> list[tuple[Path, str]]:
    """Links between the papers of the repository, each with the page that it stands on."""
    papers = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "data" / "README.md"]
    return [
        (paper, link)
        for paper in papers
        for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)\s#]+)", paper.read_text("utf-8"))
    ]


def test_links_between_papers_lead_somewhere():
    broken = [
        f"{paper.relative_to(ROOT)}: {link}"
        for paper, link in links()
        if not (paper.parent / link).exists()
    ]
    assert broken == []


# -- the built pages -------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    pytest.importorskip("sphinx", reason="`make docs` installs it")
    folder = tmp_path_factory.mktemp("pages")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    own = ["-c", str(ROOT / "docs"), str(ROOT), str(folder)]
    done = subprocess.run([*command, *own], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.mark.slow
def test_pages_load_nothing_from_another_server(built):
    for path in built.rglob("*.html"):
        assert LOADED.findall(path.read_text(encoding="utf-8")) == [], path.name
        assert "mathjax" not in path.read_text(encoding="utf-8").lower(), path.name
    for path in built.rglob("*.css"):
        assert LOADED_BY_STYLE.findall(path.read_text(encoding="utf-8")) == [], path.name


@pytest.mark.slow
def test_every_paper_has_a_page_and_what_comes_from_the_code_is_in_it(built):
    for paper in (ROOT / "docs").rglob("*.md"):
        assert (built / paper.relative_to(ROOT)).with_suffix(".html").is_file()
    reference = built / "docs" / "reference"
    for name, words in {
        "plan-keys-of-pilots": "smallest difference that would change the decision",
        "plan-keys-of-monitors": "closed ones that do not overlap",
        "tables": "people_on_probation",
        "verbs": "study.compare",
        "error-codes": "E230",
        "command-line": "workbook demo-data",
    }.items():
        assert words in (reference / f"{name}.html").read_text(encoding="utf-8"), name


def test_what_is_loaded_from_elsewhere_would_be_found():
    for text in (
        '<script src="https://example.org/x.js">',
        "<link rel='stylesheet' href=//example.org/x.css>",
        '<img alt="a" src="http://example.org/x.png">',
    ):
        assert LOADED.search(text)
    assert not LOADED.search('<a href="https://example.org">')
    assert LOADED_BY_STYLE.search("src: url(//example.org/x.woff2)")
