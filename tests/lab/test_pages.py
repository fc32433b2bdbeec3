"""Pages of the site in a real browser: axe, the keyboard alone, 400 % and paper."""

import re
from pathlib import Path

import pytest
from test_places import make_overviews
from test_site_pages import make_site

pytestmark = pytest.mark.slow
PAGES = {
    "front": "index.html",
    "portfolio": "portfolio/index.html",
    "place": "synthetic/draft/places/west_midlands/index.html",
    "study": "synthetic/draft/ethnic_matching/greater_manchester/index.html",
    "nation": "synthetic/draft/ethnic_matching/national/index.html",
    "monitor": "synthetic/draft/supervision/west_midlands/index.html",
}
# WCAG 2.2 at level AA, which public bodies must meet, and axe's own best practice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NARROW = 320  # CSS pixels: 1280 at 400 % (WCAG 2.2, success criterion 1.4.10)
A4_SHEETS = 2


@pytest.fixture(scope="session")
def site(made_once) -> Path:
    return made_once("shown-pages", make_site) / "site"


@pytest.fixture
def shown(browser, site):
    """Opens a page of the site. Axe is put into it past its policy, which allows no script."""

    def show(name: str, width: int = 1280):
        size = {"width": width, "height": 900}
        page = browser.new_context(viewport=size, bypass_csp=True).new_page()
        page.goto((site / PAGES[name]).as_uri())
        return page

    return show


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(shown, name):
    from axe_playwright_python.sync_playwright import Axe

    page = shown(name)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    said = [
        f"{one['id']}: {node['html'][:120]}"
        for one in found.response["violations"]
        for node in one["nodes"][:3]
    ]
    assert found.response["passes"], "axe looked at nothing"
    assert said == []


def test_axe_would_find_something(shown):
    from axe_playwright_python.sync_playwright import Axe

    page = shown("place")
    page.evaluate("document.querySelector('img, svg')?.removeAttribute('alt')")
    page.evaluate("document.documentElement.removeAttribute('lang')")
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    assert "html-has-lang" in {one["id"] for one in found.response["violations"]}


@pytest.mark.parametrize("name", PAGES)
def test_at_400_percent_nothing_is_cut_off_and_only_tables_are_pushed_sideways(shown, name):
    page = shown(name, NARROW)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= NARROW, f"{wide} pixels wide"


@pytest.mark.parametrize("name", PAGES)
def test_the_keyboard_reaches_every_link_in_order_and_shows_where_it_is(shown, name):
    """The first step skips to the answer; no link traps the focus, and each is seen."""
    page = shown(name)
    visible = page.evaluate(
        "[...document.querySelectorAll('a[href], summary, input, [tabindex=\"0\"]')]"
        ".filter(one => one.checkVisibility()).length"
    )
    reached, first = [], ""
    for step in range(min(visible, 60)):
        page.keyboard.press("Tab")
        at = page.evaluate(
            "(() => { const one = document.activeElement, look = getComputedStyle(one);"
            " return [one.tagName, one.textContent.slice(0, 60), look.outlineStyle,"
            " [...document.querySelectorAll('*')].indexOf(one)]; })()"
        )
        first = first or at[1]
        assert at[0] != "BODY", step
        assert at[2] != "none", at
        reached.append(at[3])
    assert reached == sorted(reached) and len(set(reached)) == len(reached)
    assert re.match(r"\s*Skip to", first)


@pytest.fixture(scope="session")
def overviews(made_once) -> Path:
    """Pages of places from every committed record."""
    return made_once("overviews", make_overviews)


@pytest.mark.parametrize("place", ["west_midlands", "greater_manchester", "wales"])
def test_the_page_of_a_place_fits_two_sheets_of_a4(browser, overviews, place):
    page = browser.new_page()
    page.goto((overviews / f"synthetic/draft/places/{place}/index.html").as_uri())
    sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))
    assert 1 <= sheets <= A4_SHEETS
