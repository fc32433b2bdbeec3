"""One study of the front page: what it found in one line, and a row a place."""

from dataclasses import dataclass

from analysis.judgement.wording.figures_in_words import capital
from analysis.plans.registry import AnyPlan
from analysis.sections.page.block import page_of
from analysis.sections.page.nation import place_name
from analysis.site.runs_found import FoundRun, FoundStudy, page_path
from analysis.vocabulary.regions import ALL, place_set

NOT_YET = "not yet set beside the other"


@dataclass(frozen=True)
class IndexRow:
    """One place of one study: `href` is empty where there is no page."""

    place: str
    finding: str
    badge: str
    status: str
    href: str


@dataclass(frozen=True)
class IndexStudy:
    """One study on one source. `finding`: the heading of the nation's page; empty where the study
    is not cleared."""

    id: str
    title: str
    question: str
    finding: str
    period: str
    source: str
    synthetic: bool
    rows: tuple[IndexRow, ...]


def index_study(study: FoundStudy) -> IndexStudy:
    plan, pages = study.plan, {run.place for run in study.pages}
    rows = tuple(_row(plan, run, run.place in pages) for run in study.runs if run.place != ALL)
    nation = study.national and _row(plan, study.national, True)
    return IndexStudy(
        f"{study.source}-{plan.study}",
        plan.title,
        plan.question,
        nation.finding if nation else "",
        capital(page_of(plan).period(plan, (study.national or study.runs[0]).record)),
        study.source,
        is_synthetic(study),
        rows,
    )


def is_synthetic(study: FoundStudy) -> bool:
    return any(run.record.synthetic for run in study.runs)


def _row(plan: AnyPlan, run: FoundRun, has_page: bool) -> IndexRow:
    kind = place_set(plan.data.places)
    name = place_name(plan, run.place)
    if not has_page:
        return IndexRow(name, "", "", f"{NOT_YET} {kind.many}", "")
    one = page_of(plan).place(plan, run.record)
    said = _without_name(one.finding, name, kind.name(run.place))
    return IndexRow(name, said, one.badge, one.status, page_path(run))


def _without_name(heading: str, *names: str) -> str:
    """A heading without the name of the place, which stands at the head of its row."""
    for name in names:
        heading = heading.removeprefix(name).lstrip(":, ")
    return capital(heading)
