"""The search box of the front page: an index that stands in the page as a list of links, and one
small script that narrows it.

Without the script the list is there all the same. The script is a constant: it holds no words of
the data, asks no network, and is the only one of the site (decision 157).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from analysis.judgement.wording.figures_in_words import capital, listed
from analysis.places.place_view import PlaceView
from analysis.sections.page.at_place import Difference
from analysis.site.notebook_html import TEMPLATES
from analysis.site.place_pages import PLACES


@dataclass(frozen=True)
class Entry:
    """One line of the index: what it is found by, and where it leads."""

    words: str
    href: str


@cache
def script() -> str:
    """The one script of the site."""
    return (TEMPLATES / "search.js").read_text(encoding="utf-8")


def entries(views: Iterable[PlaceView]) -> tuple[Entry, ...]:
    """Each place, then each of its measures with the groups that it compares, and its pilots."""
    return tuple(entry for view in views for entry in _of_place(view))


def _of_place(view: PlaceView) -> list[Entry]:
    base = f"{view.source}/{view.round_id}"
    found = [Entry(f"{view.name}: everything we know", f"{base}/{PLACES}/{view.place}/index.html")]
    for at in view.monitors:
        way = f"{view.source}/{at.record.round}/{at.plan.study}/{view.place}/index.html"
        groups: dict[str, list[Difference]] = {}
        for one in at.differences:
            groups.setdefault(one.noun, []).append(one)
        for noun, own in groups.items():
            named = listed(tuple(one.group for one in own))
            found.append(Entry(f"{view.name}: {capital(noun)} ({named}), {at.plan.title}", way))
    for pilot in view.pilots:
        way = f"{view.source}/{pilot.record.round}/{pilot.plan.study}/{view.place}/index.html"
        found.append(Entry(f"{view.name}: {pilot.plan.title}", way))
    return found
