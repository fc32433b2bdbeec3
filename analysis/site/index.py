"""The front page: how many studies found what, counted honestly, and one table a study with a row a place."""

from dataclasses import dataclass

from analysis.judgement import classes
from analysis.judgement.figures_in_words import capital, listed
from analysis.plans.plan import Plan
from analysis.site.answer import BADGES
from analysis.site.runs_found import FoundRun, FoundStudy
from analysis.studies.words import lead_row
from analysis.vocabulary.regions import place_set

NOT_YET = "not yet set beside the other"
# What the first sentence counts, in this order; a study stands in exactly one.
FOUND = {
    "better": classes.BENEFIT,
    "worse": classes.HARM,
    "no meaningful difference": frozenset({"no_meaningful_difference", "detectable_but_small"}),
    "neither better nor worse by the plan": frozenset({"direction_undefined"}),
    "cannot tell yet": classes.INCONCLUSIVE | {"only_before_adjustment", "unreliable"},
}
NO_COMPARISON, NOT_CLEARED = "no comparison possible", "not yet cleared"


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
    """One study on one source."""

    id: str
    title: str
    question: str
    source: str
    synthetic: bool
    rows: tuple[IndexRow, ...]


def page_path(run: FoundRun) -> str:
    """Where the page of a run stands in the site."""
    return f"{run.source}/{run.round_id}/{run.study}/{run.place}/index.html"


def index_study(study: FoundStudy) -> IndexStudy:
    plan = study.plan
    pages = {run.place for run in study.pages}
    rows = tuple(_row(plan, run, run.place in pages) for run in study.runs)
    synthetic = any(run.record["synthetic"] for run in study.runs)
    return IndexStudy(f"{study.source}-{plan.study}", plan.title, plan.question, study.source, synthetic, rows)


def _row(plan: Plan, run: FoundRun, has_page: bool) -> IndexRow:
    kind = place_set(plan.data.places)
    name = kind.name(run.place)
    if not has_page:
        return IndexRow(name, "", "", f"{NOT_YET} {kind.many}", "")
    row = lead_row(plan, run.record)
    badge = BADGES[row["claim"] or (row["status"] if row["status"] in BADGES else "described")]
    status = {"withheld": "withheld to protect people", "not_estimable": "no difference worked out"}.get(
        row["status"], "shown"
    )
    headline = run.record["statement"]["headline"] or plan.title
    return IndexRow(name, capital(headline.removeprefix(f"{name}: ")), badge, status, page_path(run))


def found(study: FoundStudy) -> str:
    """What the study found over all places, in the words of the first sentence."""
    if study.national is None:
        return NOT_CLEARED
    row = lead_row(study.plan, study.national.record)
    return next((words for words, keys in FOUND.items() if row["result_class"] in keys), NO_COMPARISON)


def first_sentence(studies: tuple[FoundStudy, ...]) -> str:
    """ "2 studies: 1 better, 1 cannot tell yet. 1 of them rests on synthetic data: not real people." """
    if not studies:
        return "No study has been run in this round."
    each = [found(study) for study in studies]
    counts = [f"{each.count(words)} {words}" for words in (*FOUND, NO_COMPARISON, NOT_CLEARED) if words in each]
    many = f"{len(each)} {'study' if len(each) == 1 else 'studies'}"
    synthetic = sum(any(run.record["synthetic"] for run in study.runs) for study in studies)
    invented = f" {_of_them(synthetic, len(each))} synthetic data: not real people." if synthetic else ""
    return f"{many}: {listed(tuple(counts))}.{invented}"


def _of_them(some: int, total: int) -> str:
    if total == 1:
        return "It rests on"
    return f"{some} of them {'rests' if some == 1 else 'rest'} on"
