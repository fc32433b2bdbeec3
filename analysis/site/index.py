"""One study of the front page: what it found in one line, and a row a place."""

from dataclasses import dataclass

from analysis.judgement import classes
from analysis.judgement.wording.figures_in_words import capital
from analysis.plans.action_plan import ActionPlan
from analysis.plans.monitor import Monitor
from analysis.plans.plan import Plan
from analysis.site.answers.answer import BADGES
from analysis.site.answers.nation import place_name
from analysis.site.answers.period import period
from analysis.site.runs_found import FoundRun, FoundStudy, page_path
from analysis.studies.disparity.shown.words import counted_line
from analysis.study.words import lead_row, on_watch
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
        capital(period(plan, (study.national or study.runs[0]).record)),
        study.source,
        is_synthetic(study),
        rows,
    )


def is_synthetic(study: FoundStudy) -> bool:
    return any(run.record.synthetic for run in study.runs)


def _row(plan: Plan, run: FoundRun, has_page: bool) -> IndexRow:
    kind = place_set(plan.data.places)
    name = place_name(plan, run.place)
    if not has_page:
        return IndexRow(name, "", "", f"{NOT_YET} {kind.many}", "")
    if isinstance(plan, ActionPlan):
        said = run.record.statement.headline
        return IndexRow(name, said, "Facts of the documents", "shown", page_path(run))
    if isinstance(plan, Monitor):
        return _monitor_row(plan, run, name)
    row = lead_row(plan, run.record)
    badge = BADGES[row.claim or (row.status if row.status in BADGES else "described")]
    status = {
        "withheld": "withheld to protect people",
        "not_estimable": "no difference worked out",
    }.get(row.status, "shown")
    worse = len(on_watch(plan, {run.place: run.record}, classes.HARM_GRADES[0]))
    status += (
        f"; harm watch: {worse} {'outcome' if worse == 1 else 'outcomes'} worse" if worse else ""
    )
    said = _without_name(run.record.statement.headline or plan.title, name, kind.name(run.place))
    return IndexRow(name, said, badge, status, page_path(run))


def _monitor_row(plan: Monitor, run: FoundRun, name: str) -> IndexRow:
    """One place of a monitor: its heading, and how many comparisons show what."""
    heading = _without_name(run.record.statement.headline, name)
    counted = counted_line(plan, run.record).partition(": ")[2]
    return IndexRow(name, heading, "Rates side by side", capital(counted), page_path(run))


def _without_name(heading: str, *names: str) -> str:
    """A heading without the name of the place, which stands at the head of its row."""
    for name in names:
        heading = heading.removeprefix(name).lstrip(":, ")
    return capital(heading)
