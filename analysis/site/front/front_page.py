"""The front page: three doors (a place, a pilot, standing differences) for real data, worked
examples and synthetic data apart, each counting only its own."""

from collections.abc import Iterable
from dataclasses import dataclass

from analysis.places.known import SORTS, Known
from analysis.plans.kinds import kind_of
from analysis.rounds.runs_found import FoundStudy
from analysis.sections.page.block import Page, page_of
from analysis.site.front.harm_found import HarmList, harm_lists
from analysis.site.front.index import IndexStudy, index_study, sort_of_study
from analysis.site.place_pages import place_path


@dataclass(frozen=True)
class FrontKind:
    """A door to studies of one kind: what they found in one sentence, and each of them."""

    title: str
    sentence: str
    studies: tuple[IndexStudy, ...]


@dataclass(frozen=True)
class FrontPart:
    """All that rests on data of one sort. `places`: name and way of each place with a page of its
    own; `harm`: what is worse; empty where no pilot rests on such data."""

    id: str
    title: str
    places: tuple[tuple[str, str], ...]
    kinds: tuple[FrontKind, ...]
    harm: tuple[HarmList, ...]


def front_parts(
    studies: tuple[FoundStudy, ...], known: Iterable[Known] = ()
) -> tuple[FrontPart, ...]:
    """Real data first, then worked examples, then synthetic data; a part without a study is left
    out. `known`: what is known of places, source by source."""
    found: dict[str, list[FoundStudy]] = {}
    for study in studies:
        found.setdefault(sort_of_study(study), []).append(study)
    ways = _places(known)
    return tuple(
        _part(key, title, tuple(found[key]), ways.get(key, ()))
        for key, title in SORTS.items()
        if key in found
    )


def _places(known: Iterable[Known]) -> dict[str, tuple[tuple[str, str], ...]]:
    """Doors to places by the sort of their data; with several sources each says which it is."""
    found: dict[str, list[tuple[str, str]]] = {}
    every = list(known)
    for one in every:
        for place, name in one.places().items():
            sort = one.of_place(place)[0].sort
            again = sum(place in other.places() for other in every) > 1
            words = f"{name} ({one.source})" if again else name
            found.setdefault(sort, []).append((words, place_path(one, place)))
    return {sort: tuple(ways) for sort, ways in found.items()}


def _part(
    key: str,
    title: str,
    studies: tuple[FoundStudy, ...],
    places: tuple[tuple[str, str], ...],
) -> FrontPart:
    pages = {page.order: page for page in (page_of(study.plan) for study in studies)}
    kinds = [_kind(pages[order], studies) for order in sorted(pages)]
    compares = any(kind_of(study.plan).compares for study in studies)
    return FrontPart(key, title, places, tuple(kinds), harm_lists(studies) if compares else ())


def _kind(page: Page, studies: tuple[FoundStudy, ...]) -> FrontKind:
    """The studies whose pages are of one sort."""
    own = [study for study in studies if page_of(study.plan).heading == page.heading]
    nations = [(study.plan, study.national.record if study.national else None) for study in own]
    return FrontKind(page.heading, page.found(nations), tuple(index_study(study) for study in own))
