"""The front page: real data, worked examples and synthetic data apart, pilots and monitors apart,
each counting only its own."""

from dataclasses import dataclass

from analysis.plans.kinds import kind_of
from analysis.sections.page.block import Page, page_of
from analysis.site.harm_found import HarmList, harm_lists
from analysis.site.index import IndexStudy, index_study, is_synthetic
from analysis.site.runs_found import FoundStudy

# Sorts of data, in the order of the page, with their headings.
PARTS = {
    "real": "Real data",
    "examples": "Worked examples: published tables of other bodies",
    "synthetic": "Synthetic data: not real people",
}


@dataclass(frozen=True)
class FrontKind:
    """Studies of one kind: what they found in one sentence, and each of them."""

    title: str
    sentence: str
    studies: tuple[IndexStudy, ...]


@dataclass(frozen=True)
class FrontPart:
    """All that rests on data of one sort. `harm`: what is worse; empty where no pilot rests on such
    data."""

    id: str
    title: str
    kinds: tuple[FrontKind, ...]
    harm: tuple[HarmList, ...]


def front_parts(studies: tuple[FoundStudy, ...]) -> tuple[FrontPart, ...]:
    """Real data first, then worked examples, then synthetic data; a part without a study is left
    out."""
    found: dict[str, list[FoundStudy]] = {}
    for study in studies:
        found.setdefault(_sort_of_data(study), []).append(study)
    return tuple(
        _part(key, title, tuple(found[key])) for key, title in PARTS.items() if key in found
    )


def _sort_of_data(study: FoundStudy) -> str:
    """The part of the page in which a study stands: an example never counts among what is known of
    the service."""
    if is_synthetic(study):
        return "synthetic"
    return "examples" if study.plan.worked_example else "real"


def _part(key: str, title: str, studies: tuple[FoundStudy, ...]) -> FrontPart:
    pages = {page.order: page for page in (page_of(study.plan) for study in studies)}
    kinds = [_kind(pages[order], studies) for order in sorted(pages)]
    compares = any(kind_of(study.plan).compares for study in studies)
    return FrontPart(key, title, tuple(kinds), harm_lists(studies) if compares else ())


def _kind(page: Page, studies: tuple[FoundStudy, ...]) -> FrontKind:
    """The studies whose pages are of one sort."""
    own = [study for study in studies if page_of(study.plan) is page]
    nations = [(study.plan, study.national.record if study.national else None) for study in own]
    return FrontKind(page.heading, page.found(nations), tuple(index_study(study) for study in own))
