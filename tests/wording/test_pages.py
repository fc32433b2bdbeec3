"""Every sentence of every page keeps the rules: of pages made from the committed records, and of a
full run.

`make test` reads the pages of the committed records and the notebooks that stand in the repository.
`make test-records` brings the draft round up to date first and reads all of its pages as well.
"""

from datetime import date
from pathlib import Path

import nbformat
import pytest

from analysis.paths import EXAMPLE_RECORDS, ROOT
from analysis.record import store
from analysis.record.record import Record
from analysis.site.build import build_site
from wording.reading import Page, read_site, sentences_of
from wording.rules import MEDIAN_WORDS, MOST_WORDS, RULES, faults, median_words, stale_dates

ROUND = "draft"
READ_ON = date(2026, 10, 3)  # the day of the synthetic extract, which the committed pages are of
ON_A_NOTEBOOK = ("negated events", "long sentences", "badly rounded", "unfounded")


def leave_run(reports: Path, record: Record) -> None:
    """What a run leaves of one place: its folder, and the link that points to it."""
    source, study, place = record.data_source, record.study, record.region
    folder = reports / ".runs" / f"{source}-{study}-{place}"
    folder.mkdir(parents=True)
    store.write(record, folder / "results.json")
    link = reports / source / ROUND / study / place
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(folder)


def make_pages(reports: Path) -> None:
    for path in sorted(EXAMPLE_RECORDS.glob("*/*.json")):
        leave_run(reports, store.load(path).with_(round=ROUND))
    build_site(reports, round_id=ROUND)


@pytest.fixture(scope="module")
def committed(made_once) -> list[Page]:
    """Pages of the records that stand in the repository."""
    return read_site(made_once("committed-pages", make_pages) / "site")


@pytest.fixture(scope="module")
def full_run() -> list[Page]:
    """Pages of the draft round, which `make test-records` has just brought up to date."""
    site = ROOT / "reports" / "site"
    if not (site / "index.html").exists():
        pytest.skip("no full run: `make evaluate` makes one")
    return read_site(site)


def notebook_pages() -> list[Page]:
    """The texts of the notebooks' outputs and of their own cells."""
    found = []
    for path in sorted((ROOT / "notebooks").rglob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
        outputs = [output for cell in cells for output in cell.get("outputs", ())]
        texts += [text for output in outputs if (text := _plain(output))]
        alts = [output.metadata.get("image/png", {}).get("alt", "") for output in outputs]
        found.append(Page(path.stem, "", "", tuple(("p", text) for text in texts), tuple(alts), ()))
    return found


def _plain(output) -> str:
    """The text of an output that is prose; a table has rules of its own."""
    data = output.get("data", {})
    return (
        "".join(data.get("text/plain", ""))
        if "<table" not in "".join(data.get("text/html", ""))
        else ""
    )


@pytest.mark.parametrize("rule", RULES)
def test_pages_of_the_committed_records_keep_the_rule(committed, rule):
    assert faults(committed, [rule]) == {rule: []}


@pytest.mark.parametrize("rule", ON_A_NOTEBOOK)
def test_notebooks_keep_the_rule(rule):
    assert faults(notebook_pages(), [rule]) == {rule: []}


def test_no_dated_instruction_is_stale(committed):
    assert [text for page in committed for text in stale_dates(page, READ_ON)] == []


def test_half_of_the_sentences_are_short(committed):
    assert median_words(committed) < MEDIAN_WORDS


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES)
def test_pages_of_a_full_run_keep_the_rule(full_run, rule):
    assert faults(full_run, [rule]) == {rule: []}


@pytest.mark.slow
def test_half_of_the_sentences_of_a_full_run_are_short(full_run):
    assert median_words(full_run) < MEDIAN_WORDS


# -- the rules themselves find what they are for ---------------------------------------------------
BROKEN = {
    "negated events": "Black people were not shortlisted 1.28 times as often as White people.",
    "long sentences": " ".join(["word"] * (MOST_WORDS + 1)) + ".",
    "badly rounded": "Black people were recalled 1.2 times as often as White people.",
    "unfounded": "No sign that groups differ (tested over all places together).",
    "contradictions": "The regions differ. Wales does not stand apart from them.",
}


@pytest.mark.parametrize(("rule", "text"), BROKEN.items())
def test_a_broken_rule_is_found(rule, text):
    page = Page("supervision/wales", "", "", (("p", text),), (), ())
    assert faults([page], [rule])[rule]


@pytest.mark.parametrize(
    "heading", ["Wales: too few to tell", "Wales: not worked out", "Wales: inconclusive"]
)
def test_a_heading_without_content_is_found(heading):
    page = Page("supervision/wales", heading, "", (), (), ())
    assert faults([page], ["headings without content"])["headings without content"]


def test_sentences_end_at_full_stops_and_not_at_decimals():
    text = "That is 1.24 times as often (0.98 to 1.50). It may be chance.\nA second line"
    assert sentences_of(text) == [
        "That is 1.24 times as often (0.98 to 1.50).",
        "It may be chance.",
        "A second line",
    ]
