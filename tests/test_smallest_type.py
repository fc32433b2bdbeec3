"""The smallest type of the figure of every page: 11 px on a screen of 1280 px and on a telephone of
390 px."""

import re
from collections import defaultdict

import pytest
from chosen import quick_where
from laid_out import laid_out
from matplotlib.text import Text

from analysis.paths import ROOT
from analysis.plans.plan import Plan
from analysis.plans.registry import load_plan
from analysis.record import store
from analysis.sections.page.block import page_of
from analysis.site.notebook_html import TEMPLATES

SMALLEST = 11  # px
REM = 16
# templates/page.html.j2: a figure that is higher in relation to its width stands in a narrower box
TALL = 0.6
CSS = (TEMPLATES / "style.css").read_text(encoding="utf-8")
RECORDS = defaultdict(dict)
for file in sorted((ROOT / "tests" / "guards" / "records").glob("*/*.json")):
    RECORDS[file.parent.name][file.stem] = store.load(file)
PAGES = [(study, place) for study, places in RECORDS.items() for place in places]
QUICK = ("national", "west_midlands", "inner")  # a page of each shape
CASES = quick_where(
    (pytest.param(page, id="-".join(page)) for page in PAGES),
    lambda case: case.values[0][1] in QUICK,
)


def rem(pattern):
    """A length of the style sheet in px."""
    return float(re.search(pattern, CSS)[1]) * REM


def shown_width(page, *, tall):
    """How wide the style sheet shows the figure on a page of so many px."""
    padding = rem(
        r"header, main, footer \{ max-width: [\d.]+rem; margin: 0 auto; padding: 0 ([\d.]+)rem"
    )
    if page < 52 * REM:
        return page - 2 * rem(r"header, main, footer \{ padding-left: ([\d.]+)rem")
    whole = min(page, rem(r"header, main, footer \{ max-width: ([\d.]+)rem")) - 2 * padding
    column = (whole - rem(r"\.columns \{ display: grid;[^}]*gap: ([\d.]+)rem")) / 2
    most = rem(
        r"figure\.tall img \{ max-width: ([\d.]+)rem"
        if tall
        else r"figure img \{[^}]*max-width: ([\d.]+)rem"
    )
    return min(column, most)


def drawing_of(study, place):
    places = RECORDS[study]
    plan = load_plan(study)
    others = {key: record for key, record in places.items() if key != "national"}
    return page_of(plan).drawing(plan, places[place], places["national"], others)


def visible(figure):
    return [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]


def smallest(figure, page):
    width, height = figure.get_size_inches()
    pixels = shown_width(page, tall=height > TALL * width) / width  # an inch
    return min(text.get_fontsize() for text in visible(figure)) / 72 * pixels


@pytest.fixture(scope="module", params=CASES)
def figures(request):
    """The figure of a page and that for a telephone; none where a page has no figure."""
    drawing = drawing_of(*request.param)
    made = (drawing.figure(), drawing.narrow()) if drawing else ()
    return [laid_out(figure) for figure in made]


def test_the_smallest_type_can_be_read(figures):
    for figure, page in zip(figures, (1280, 390), strict=False):
        assert smallest(figure, page) >= SMALLEST, page


def test_nothing_runs_off_a_figure(figures):
    for figure in figures:
        keys = [text for legend in figure.legends for text in legend.get_texts()]
        for text in (text for text in visible(figure) if text not in keys):
            at, box = text.get_window_extent(), figure.bbox
            inside = at.x0 >= -1 and at.x1 <= box.x1 + 1 and at.y0 >= -1 and at.y1 <= box.y1 + 1
            assert inside, text.get_text()


WHOLE = ("region", "nation")  # assigned at once: a region alone has nobody to compare with
APART = ("few_sites", "change_of_a_gap", "counts_of_vacancies")


def only_describes(study, place):
    """One region of a study that compares whole regions, or quarters of all of them, or the nation
    with itself before a date; or vacancies that are compared with nothing: there is nothing within
    it to compare."""
    plan, record = load_plan(study), RECORDS[study][place]
    if not isinstance(plan, Plan):
        return False
    design = plan.comparison.design
    if design == "one_region" or (plan.comparison.assigned not in WHOLE and design not in APART):
        return False  # the page of each region shows how far all of them moved
    row = record.find(outcome=record.leads.outcome, group=record.leads.group)
    return row.status == "described"


def test_most_pages_have_a_figure():
    """Places of the trials and of the roll-out that have no estimate of their own draw none. Nor
    does any region of a study that compares whole regions, or the nation before and since a date:
    these are not counted here."""
    apart = [page for page in PAGES if only_describes(*page)]
    assert all(drawing_of(*page) is None for page in apart)
    counted = [page for page in PAGES if page not in apart]
    assert sum(drawing_of(*page) is not None for page in counted) > 0.75 * len(counted)
