"""One study behind a door of the front page: the way to the page of the nation, and what of it is
not yet to be seen."""

from dataclasses import dataclass

from analysis.judgement.wording.figures_in_words import listed
from analysis.places.known import SYNTHETIC, sort_of
from analysis.rounds.runs_found import FoundStudy, page_path
from analysis.sections.page.nation import place_name
from analysis.vocabulary.regions import ALL, NATIONAL, place_set

NOT_YET = "not yet set beside"


@dataclass(frozen=True)
class IndexStudy:
    """One study on one source. `href`: empty where there is no page; `waiting`: what is not yet set
    beside the others."""

    id: str
    title: str
    href: str
    waiting: str
    synthetic: bool


def index_study(study: FoundStudy) -> IndexStudy:
    nation = study.national
    return IndexStudy(
        f"{study.source}-{study.plan.study}",
        study.plan.title,
        page_path(nation) if nation else "",
        _waiting(study),
        sort_of_study(study) == SYNTHETIC,
    )


def sort_of_study(study: FoundStudy) -> str:
    """The part of the page in which a study stands: an example never counts among what is known of
    the service."""
    return sort_of(study.plan, tuple(run.record for run in study.runs))


def _waiting(study: FoundStudy) -> str:
    """Places that were run and have no page."""
    plan, pages = study.plan, {run.place for run in study.pages}
    left = [run.place for run in study.runs if run.place not in (*pages, ALL, NATIONAL)]
    if not pages:
        return f"{NOT_YET} each other"
    names = tuple(place_name(plan, place) for place in left)
    return (
        f"{NOT_YET} the other {place_set(plan.data.places).many}: {listed(names)}" if left else ""
    )
