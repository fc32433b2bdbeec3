"""The way of README for one region and one's own data ends with an answer and a private page, which
claims nothing and is in no site."""

import json
import re
import shlex
import stat
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from command_line import workbook, workspace_of

from analysis.errors import RunError
from analysis.paths import ROOT
from analysis.plans.locks.standing import day_in_words
from analysis.record import store
from analysis.said.carried import CARRIED
from analysis.site import alone, facts

README = (ROOT / "README.md").read_text(encoding="utf-8")
WAY = re.search(
    r"workbook (demo-data --to my_extract .*?) *#.*\n.*workbook (check-data my_extract).*\n"
    r"(?:.*workbook plan-sample .*\n)?"
    r".*workbook (lock ethnic_matching .*?) *#.*\n"
    r".*workbook (run ethnic_matching .*--data extracts:my_extract)\n",
    README,
)


def state_of(folder: Path) -> dict[str, str]:
    """A state of the test's own: what is locked here is locked nowhere else."""
    return {"WORKBOOK_STATE": str(folder / "state")}


@pytest.fixture(scope="module")
def way(made_once) -> tuple[Path, list[CompletedProcess]]:
    """README's four commands, and what they said."""

    def walk(folder: Path) -> None:
        said = []
        for command in WAY.groups():
            words = shlex.split(command.replace("my_extract", str(folder / "my_extract")))
            done = workbook(*words, reports=folder / "reports", **state_of(folder))
            said.append([done.returncode, done.stdout, done.stderr])
        (folder / "said.json").write_text(json.dumps(said))

    folder = made_once("way-of-one-region", walk)
    said = json.loads((folder / "said.json").read_text())
    return folder, [CompletedProcess("workbook", *each) for each in said]


def pages(folder: Path) -> list[Path]:
    return sorted(workspace_of(folder / "reports").rglob("*.html"))


def test_it_ends_with_a_result_and_says_where_page_and_notebook_are(way):
    folder, said = way
    assert [done.returncode for done in said] == [0, 0, 0, 0], said[-1].stderr
    last = " ".join(said[-1].stdout.split())
    assert "Our best estimate for people" in last and "No pages yet" not in last
    page, notebook = (
        Path(re.search(rf"{words}: (\S+)", last)[1])
        for words in ("Private page, not yet set beside the others", "Notebook")
    )
    assert page in pages(folder) and notebook.is_file() and notebook.suffix == ".ipynb"


def test_the_page_is_marked_claims_nothing_and_shows_what_the_notebook_shows(way):
    folder, _ = way
    index = next(path for path in pages(folder) if path.name == "index.html")
    text = index.read_text(encoding="utf-8")
    assert facts.NOT_BESIDE.upper() in text and "private" in text
    assert "Our best estimate for people" in text and "<table" in text and "<img" in text
    assert not CARRIED.search(text), "figures that were not read out"
    assert "You can say" not in text and 'class="badge"' not in text
    assert {p.name for p in index.parent.iterdir()} >= {"code.html", "figures", "results.json"}
    record = store.load(index.parent / "results.json")
    assert not record.cleared and record.statement is None
    assert record.lock.changed == record.lock.amended == ()
    assert f"plan locked {day_in_words(record.lock.day)}" in text and "not locked" not in text
    assert {(row.result_class, row.claim, row.p_adjusted) for row in record.rows} == {(None,) * 3}
    assert not any(row.is_exact for row in record.rows)
    for link in re.findall(r'(?:href|src)="([^"#]+)"', text):
        assert (index.parent / link).is_file(), link


def test_only_its_owner_can_open_it(way):
    folder, _ = way
    home = workspace_of(folder / "reports") / alone.PAGES
    for path in (home, *home.rglob("*")):
        if path.is_dir() and path.name != "figures":
            assert stat.S_IMODE(path.stat().st_mode) == 0o700, path


def test_no_site_takes_it_up(way):
    folder, _ = way
    done = workbook("site", reports=folder / "reports", **state_of(folder))
    assert done.returncode == 0 and "No pages yet" in done.stdout
    assert not (folder / "reports" / "site").exists()


def test_a_page_that_is_the_site_s_or_that_was_altered_is_not_made(way, tmp_path, monkeypatch):
    import shutil

    reports = tmp_path / "reports"
    shutil.copytree(way[0] / "reports", reports, symlinks=True)
    monkeypatch.setenv("WORKBOOK_REPORTS", str(reports))
    monkeypatch.setenv("WORKBOOK_WORKSPACE", str(tmp_path / "workspace"))
    for name, path in state_of(way[0]).items():
        monkeypatch.setenv(name, path)
    (link,) = reports.glob("extracts-*/draft/ethnic_matching/west_midlands")
    with (link / "notebook.ipynb").open("a") as file:
        file.write(" ")
    with pytest.raises(RunError, match=r"E338.*not as the run left"):
        alone.write_alone(link)
    assert not (tmp_path / "workspace").exists()


@pytest.mark.slow
def test_a_cleared_place_has_its_page_in_the_site_alone(star_run, monkeypatch):
    monkeypatch.setenv("WORKBOOK_REPORTS", str(star_run[0]))
    for place in ("rural", "national"):
        with pytest.raises(RunError, match=r"E338.*in the site"):
            alone.write_alone(star_run[0] / "star" / "draft" / "star_teacher_matching" / place)
    assert "Private page" not in star_run[1].stdout
    assert not workspace_of(star_run[0]).exists()
