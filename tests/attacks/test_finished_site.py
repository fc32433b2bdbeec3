"""Promises of the finished site: what is planted in its pages, or beside them, is found before
anybody sees it; nothing is published then, and what was altered afterwards is made again."""

import shutil
import stat
from pathlib import Path

import pytest
from spreadsheets import edited
from test_site import SOURCE, example_records, write_runs

from analysis import cli
from analysis.disclosure.guard.ids import Hashed, kept_ids
from analysis.errors import RunError
from analysis.plans.registry import load_plan
from analysis.rounds.known_rounds import known_from
from analysis.rounds.runs_found import find_studies
from analysis.runs import telling
from analysis.runs.batch import code_of
from analysis.site import build
from analysis.site.build import build_site
from analysis.site.finished import WITHHELD, Finished
from analysis.site.state import altered_pages
from analysis.study.opening import service_of
from analysis.vocabulary.regions import ALL, NATIONAL
from attacks.finished_leaks import LEAKS, PAGE, PERSON, page, spreadsheet
from attacks.planted import EXACT, ROW

pytestmark = pytest.mark.attack
ROUND, STUDY = "draft", "ethnic_matching"
PLACES = (NATIONAL, "west_midlands", "london")


def _runs(reports: Path) -> None:
    found = example_records()
    write_runs(reports, {place: found[place] for place in PLACES})
    service, data = service_of(load_plan(STUDY)), found[NATIONAL].data_hash
    Hashed.of([PERSON], [float(EXACT)]).write(kept_ids(service, ALL, data))


def _made(reports: Path) -> None:
    _runs(reports)
    build_site(reports, round_id=ROUND)


@pytest.fixture(scope="module", autouse=True)
def state_of_its_own(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBOOK_STATE", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    reports = tmp_path_factory.mktemp("reports")
    _made(reports)
    return reports


@pytest.fixture
def site(made, tmp_path) -> Path:
    """A copy of the finished site."""
    return shutil.copytree(made / "site", tmp_path / "site")


def found_in(site: Path, reports: Path) -> list[str]:
    studies = find_studies(reports, ROUND)
    known = known_from(studies, ROUND, {})
    finished = Finished(site, studies, frozenset(), build._readers(), known)
    return [str(one) for one in finished.findings()]


def test_a_clean_site_has_nothing_that_is_found(made, site):
    front_and_portfolio, of_places = 2, len(PLACES) - 1
    pages = front_and_portfolio + 2 * len(PLACES) + of_places
    assert len(list(site.rglob("*.html"))) == pages
    assert len(list(site.rglob("tables.ods"))) == 1 + len(PLACES) + of_places
    assert found_in(site, made) == []


@pytest.mark.parametrize("leak", LEAKS)
def test_what_is_planted_in_a_finished_site_is_found_and_not_repeated(made, site, leak):
    rule, plant = LEAKS[leak]
    plant(site)
    found = found_in(site, made)
    assert any(f": {rule}: " in one for one in found), f"{leak}: {found}"
    assert not any(mark in one for one in found for mark in (ROW, EXACT, PERSON, "A1234BC"))
    assert not any("people" in one.split(": ")[0] for one in found), "a file is told by its name"


def test_ids_that_are_not_kept_stop_the_site(made, site, monkeypatch, tmp_path):
    monkeypatch.setattr("analysis.disclosure.guard.ids.state_home", lambda: tmp_path / "none")
    assert {one.split(": ")[1] for one in found_in(site, made)} == {"G31"}


@pytest.fixture
def planted(tmp_path, monkeypatch):
    """Reports with a site, of which another one is made with a leak in it."""
    reports = tmp_path / "reports"
    _made(reports)
    was, write = (reports / "site" / "index.html").read_bytes(), build._write_page

    def write_with_leak(made_for, study, run, marked):
        write(made_for, study, run, marked)
        if run.place == "west_midlands":
            page(f"<p>{PERSON}</p>")(made_for.site)

    monkeypatch.setattr(build, "_write_page", write_with_leak)
    (reports / ".site.json").unlink()
    return reports, was


def test_where_something_is_found_nothing_is_published(planted):
    reports, was = planted
    with pytest.raises(RunError, match="E345") as stopped:
        build_site(reports, round_id=ROUND)
    (line,) = str(stopped.value).splitlines()[1:]
    assert f"{SOURCE}/{STUDY}/west_midlands, index.html: G31" in line and PERSON not in line
    assert code_of(stopped.value) == 3
    assert (reports / "site" / "index.html").read_bytes() == was
    assert PERSON not in (reports / "site" / PAGE / "index.html").read_text()
    aside = reports / WITHHELD
    assert stat.S_IMODE(aside.stat().st_mode) == 0o700
    assert PERSON in (aside / PAGE / "index.html").read_text()
    assert not list(reports.glob(".site.[0-9a-f]*"))


def test_the_command_ends_with_3_and_a_line_a_finding(planted, monkeypatch, capsys):
    reports, _ = planted
    monkeypatch.setenv("WORKBOOK_REPORTS", str(reports))
    monkeypatch.setattr("sys.argv", ["workbook", "site"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 3
    said = capsys.readouterr().err
    assert said.count("G31") == 1 and PERSON not in said


@pytest.mark.parametrize(
    "alter",
    [
        lambda site: (site / PAGE / "index.html").write_text("18.2 more in every 100"),
        lambda site: (site / PAGE / "results.json").unlink(),
        spreadsheet(lambda data: edited(data, "content.xml", "Back to the contents", "18.2")),
        lambda site: (site / PAGE / "figures" / "people.csv").write_text(ROW),
        lambda site: (site / "people.csv").write_text(ROW),
        lambda site: (site / "more.csv").symlink_to("/etc/hostname"),
    ],
    ids=[
        "number on a page",
        "record gone",
        "number in a spreadsheet",
        "file of a figure",
        "file",
        "link",
    ],
)
def test_what_is_altered_by_hand_afterwards_is_made_again(tmp_path, monkeypatch, capsys, alter):
    reports = tmp_path / "reports"
    _made(reports)
    before = {p: p.read_bytes() for p in (reports / "site").rglob("*") if p.is_file()}
    assert altered_pages(reports) == ()
    alter(reports / "site")
    assert len(altered_pages(reports)) == 1
    monkeypatch.setenv("WORKBOOK_REPORTS", str(reports))
    telling.make_pages(ROUND)
    assert "made again" in capsys.readouterr().err
    assert altered_pages(reports) == ()
    assert {p: p.read_bytes() for p in (reports / "site").rglob("*") if p.is_file()} == before


def test_a_list_of_files_that_is_not_signed_is_not_believed(tmp_path):
    reports = tmp_path / "reports"
    _made(reports)
    kept = reports / ".site.json"
    kept.write_text(kept.read_text().replace('"signature": "', '"signature": "0'))
    assert altered_pages(reports)
