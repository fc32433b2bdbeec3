"""An evaluator's first quarter of an hour, in a real browser: `workbook lab` is opened, explore is
run, a place is picked, the code is copied and run, the kernel is started again. And a private
session that is cut off leaves nothing on the disk.
"""

import os
import re
import signal
from contextlib import suppress
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="`make test-lab` installs it")
pytestmark = pytest.mark.slow
SHOTS = os.environ.get("WORKBOOK_SHOTS")  # a folder for pictures of what the browser saw
CODE_CELLS = ".jp-Notebook .jp-CodeCell"
FAULTS = (
    "[data-mime-type='application/vnd.jupyter.stderr'], "
    "[data-mime-type='application/vnd.jupyter.error'], summary:has-text('Where it arose')"
)
IDLE = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook-ExecutionIndicator[data-status='idle']"


def shot(page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png")


def _late() -> type[Exception]:
    from playwright.sync_api import TimeoutError

    return TimeoutError


def menu(page, *words: str) -> None:
    """Click through the menus of JupyterLab."""
    page.locator(".lm-MenuBar-item", has_text=words[0]).first.click()
    for word in words[1:]:
        page.locator(".lm-Menu-item", has=page.get_by_text(word, exact=True)).first.click()


def ready(page) -> None:
    """The notebook is there and its kernel waits for a cell."""
    page.locator(CODE_CELLS).first.wait_for()
    page.locator(IDLE).first.wait_for()
    page.locator("#jp-bottom-panel", has_text="| Idle").wait_for()


def run_all(page) -> None:
    """Run every cell. JupyterLab drops what is asked of a kernel to which it is only connecting,
    so it is asked again where no cell has begun."""
    begun = page.locator(f"{CODE_CELLS} .jp-InputPrompt", has_text=re.compile(r"[*\d]"))
    for _ in range(3):
        menu(page, "Run", "Run All Cells")
        with suppress(_late()):
            begun.first.wait_for(timeout=20_000, state="attached")
            break
    all_have_run(page)


def all_have_run(page) -> None:
    """No cell waits or is at work, and the last one has a number."""
    try:
        page.wait_for_function(
            """(cells) => {
                const prompts = [...document.querySelectorAll(cells + ' .jp-InputPrompt')]
                    .map((prompt) => prompt.textContent);
                return prompts.length > 0 && !prompts.some((one) => one.includes('*'))
                    && /\\d/.test(prompts[prompts.length - 1]);
            }""",
            arg=CODE_CELLS,
            timeout=300_000,
        )
    finally:
        shot(page, "0-all-have-run")


def picker(page, words: str):
    named = page.locator(".widget-label", has_text=words)
    return page.locator(".widget-dropdown", has=named).locator("select").first


def view(page) -> tuple[str, str]:
    """The chart and the table that stand below the pickers."""
    shown = page.locator(CODE_CELLS).first
    picture = shown.locator("img").first.get_attribute("src")
    return picture, shown.locator("table").first.inner_text()


def test_a_first_quarter_of_an_hour(start_lab, open_page):
    lab = start_lab()
    seen = open_page(lab.address)
    page = seen.page
    ready(page)
    run_all(page)
    shot(page, "1-run-all")
    assert page.locator(FAULTS).count() == 0

    page.locator(CODE_CELLS).first.scroll_into_view_if_needed()
    page.locator(CODE_CELLS).first.locator("img").first.wait_for()
    chart, table = view(page)
    picker(page, "Place").select_option(label="Wales")
    page.wait_for_function(
        "() => document.querySelector('.workbook-code textarea').value.includes('\"wales\"')"
    )
    page.wait_for_function(
        "(before) => document.querySelector('.jp-CodeCell table')?.innerText !== before", arg=table
    )
    page.locator(CODE_CELLS).first.locator("img").first.wait_for()
    shot(page, "2-another-place")
    page.locator(".widget-dropdown").first.scroll_into_view_if_needed()
    shot(page, "2-pickers")
    wide = "() => [...document.querySelectorAll('.jp-OutputArea-output')].every("
    assert page.evaluate(wide + "(one) => one.scrollWidth <= one.clientWidth + 1)")
    assert view(page)[0] != chart and view(page)[1] != table

    code = page.locator(".workbook-code textarea")
    code.click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    before = page.locator(CODE_CELLS).count()
    page.locator(CODE_CELLS).first.locator(".cm-content").click()
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+v")
    copied = page.locator(CODE_CELLS).nth(1)
    assert "study.table(" in copied.locator(".cm-content").inner_text()
    page.keyboard.press("Control+Enter")
    copied.locator("table").first.wait_for()
    ready(page)
    assert page.locator(CODE_CELLS).count() == before + 1
    assert copied.locator("table").first.inner_text() == view(page)[1]
    shot(page, "3-copied")

    menu(page, "Kernel", "Restart Kernel…")
    page.locator(".jp-Dialog .jp-mod-accept").click()
    page.locator(".jp-Dialog").wait_for(state="detached")
    ready(page)
    copied.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("40 + 2")
    page.keyboard.press("Control+Enter")
    copied.locator(".jp-OutputArea-output", has_text="42").wait_for()
    assert page.locator(FAULTS).count() == 0
    assert seen.unexplained() == []


def test_help_is_there_and_notebooks_stand_in_order(start_lab, open_page):
    lab = start_lab(port=8962)
    page = open_page(lab.address).page
    ready(page)
    names = page.locator(".jp-DirListing-itemText").all_inner_texts()
    folders = ["monitors", "pilots", "validation"]
    shared = ["national", "place", "portfolio", "protocol"]
    assert names == [*folders, "explore.ipynb", *(f"{name}.ipynb" for name in shared)]

    cell = page.locator(CODE_CELLS).first
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    opened = 'study = open_study("ethnic_matching", "wales", "synthetic:x0.05")'
    page.keyboard.insert_text(f"from analysis.notebook import open_study\n{opened}")
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        "(cells) => /\\[\\d+\\]/.test("
        "document.querySelector(cells).querySelector('.jp-InputPrompt').textContent)",
        arg=CODE_CELLS,
    )
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("study?")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    said = cell.locator(".jp-OutputArea-output", has_text="compare")
    said.first.wait_for(timeout=60_000)
    shot(page, "4-help")


def test_the_call_of_the_manual_starts_with_its_outcome(start_lab, open_page):
    """And the picture of the first screen of README: docs/lab.png."""
    manual = (Path(__file__).parents[2] / "docs" / "exploring.md").read_text(encoding="utf-8")
    call = re.search(r"^explore\(.+\)$", manual, re.MULTILINE)[0]
    page = open_page(start_lab(port=8966).address).page
    page.set_viewport_size({"width": 1340, "height": 1310})
    ready(page)
    shown = page.locator(CODE_CELLS).first
    shown.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(f"from analysis.explore import explore\n\n{call}")
    page.keyboard.press("Control+Enter")
    shown.locator("img").first.wait_for()
    shown.locator("table").first.wait_for()
    code = page.locator(".workbook-code textarea").input_value()
    assert '"wales"' in code and 'share="recalled"' in code
    picked = page.locator(".widget-dropdown select").evaluate_all(
        "(all) => all.map((one) => (one.selectedOptions[0]?.textContent ?? '')"
        ".replaceAll(String.fromCharCode(160), ' '))"
    )
    assert {"Ethnic matching", "Wales", "recalled", "ethnic group"} <= set(picked)
    page.locator(".widget-dropdown").first.scroll_into_view_if_needed()
    ready(page)
    shot(page, "5-readme")
    assert page.locator(FAULTS).count() == 0


def test_a_card_of_the_launcher_opens_explore(start_lab, open_page):
    lab = start_lab("notebooks/pilots/ethnic_matching.ipynb", port=8964)
    seen = open_page(lab.address)
    page = seen.page
    ready(page)
    assert page.locator(".lm-TabBar-tabLabel", has_text="explore.ipynb").count() == 0
    menu(page, "File", "New Launcher")
    card = page.locator(".jp-LauncherCard", has_text="Explore a study")
    card.wait_for()
    shot(page, "6-launcher")
    card.click()
    page.locator(".lm-TabBar-tabLabel", has_text="explore.ipynb").wait_for()
    opened = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-MarkdownCell").first
    opened.locator("h1").wait_for()
    assert (lab.own / "explore.ipynb").is_file()
    assert seen.unexplained() == []


def test_the_tab_key_offers_outcomes_and_columns(start_lab, open_page):
    lab = start_lab(port=8965)
    page = open_page(lab.address).page
    ready(page)
    cell = page.locator(CODE_CELLS).first
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    opened = 'study = open_study("ethnic_matching", "wales", "synthetic:x0.05")'
    page.keyboard.insert_text(f"from analysis.notebook import open_study\n{opened}")
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        "(cells) => /\\[\\d+\\]/.test("
        "document.querySelector(cells).querySelector('.jp-InputPrompt').textContent)",
        arg=CODE_CELLS,
    )
    for number, (begun, whole, rest) in enumerate(OFFERED):
        cell.locator(".cm-content").click()
        page.keyboard.press("Control+a")
        page.keyboard.type(begun)
        page.keyboard.press("Tab")
        page.locator(".jp-Completer-item", has_text=whole).first.wait_for()
        shot(page, f"7-offered-{number}")
        names = page.locator(".jp-Completer-item .jp-Completer-match").all_inner_texts()
        assert {whole, *rest} <= {*names}
        page.locator(".jp-Completer-item", has_text=whole).first.click()
        page.locator(".jp-Completer").first.wait_for(state="hidden")
        assert f'"{whole}' in cell.locator(".cm-content").inner_text()


# What is typed, what is then picked, and what else must be offered with it.
OFFERED = (
    ('study.compare("', "recalled", ("completed", "reoffended")),
    ('study.table(by=["', "risk_tier", ("ethnic_group", "sex")),
    ('study.table(by=["sex"], where={"', "age_band", ("risk_tier",)),
)


SECRET = "7319-of-a-private-session"
PRIVATE = f"""from analysis.private import open_private
private = open_private("ethnic_matching", "wales", "synthetic:x0.02")
rows = private.tables["people_on_probation"].head(40)
print("{SECRET[:4]}" + "{SECRET[4:]}")
rows.to_dict("records")
"""


def on_disk(folder: Path, *texts: str) -> list[str]:
    """Files in which one of the texts stands, whatever kind of file it is."""
    return [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not path.is_symlink()
        and any(text.encode() in path.read_bytes() for text in texts)
    ]


def test_nothing_of_a_private_session_that_is_cut_off_is_on_the_disk(start_lab, open_page):
    lab = start_lab(port=8963)
    page = open_page(lab.address).page
    ready(page)
    cell = page.locator(CODE_CELLS).first
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(PRIVATE)
    page.keyboard.press("Control+Enter")
    asked = page.locator(".jp-Stdin-input")
    asked.wait_for()
    asked.fill("yes")
    asked.press("Enter")
    shown = cell.locator(".jp-OutputArea-output", has_text=SECRET)
    shown.first.wait_for()
    rows = cell.locator(".jp-OutputArea-output", has_text="person_id").last.inner_text()
    person = rows.split("'person_id': '")[1].split("'")[0]
    shot(page, "5-private")
    page.keyboard.press("Control+s")
    saved = lab.own / "explore.ipynb"
    for _ in range(100):
        if "open_private" in saved.read_text():
            break
        page.wait_for_timeout(200)
    assert "open_private" in saved.read_text()
    page.wait_for_timeout(3000)  # for what JupyterLab keeps of a session by itself
    os.kill(lab.process.pid, signal.SIGKILL)
    lab.process.wait(60)
    assert on_disk(lab.home, SECRET, person) == []
    checkpoints = list(lab.own.rglob("*checkpoint*.ipynb"))
    assert checkpoints and "open_private" in checkpoints[0].read_text()
