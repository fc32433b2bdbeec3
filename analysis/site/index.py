"""The front page: how many studies found what, counted honestly, and one table a study with a row a place."""

from dataclasses import dataclass

from analysis.judgement import classes
from analysis.judgement.figures_in_words import capital, listed
from analysis.plans.action_plan import ActionPlan
from analysis.plans.monitor import Monitor
from analysis.plans.plan import Plan
from analysis.site.answer import BADGES
from analysis.site.runs_found import FoundRun, FoundStudy
from analysis.studies.monitor_words import counted_line, page_rows, place_words
from analysis.studies.words import lead_row, on_watch
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
    if isinstance(plan, ActionPlan):
        said = run.record["statement"]["headline"]
        return IndexRow(name, said, "Facts of the documents", "shown", page_path(run))
    if isinstance(plan, Monitor):
        return _monitor_row(plan, run, name)
    row = lead_row(plan, run.record)
    badge = BADGES[row["claim"] or (row["status"] if row["status"] in BADGES else "described")]
    status = {"withheld": "withheld to protect people", "not_estimable": "no difference worked out"}.get(
        row["status"], "shown"
    )
    worse = len(on_watch(plan, {run.place: run.record}, classes.HARM_GRADES[0]))
    status += f"; harm watch: {worse} {'outcome' if worse == 1 else 'outcomes'} worse" if worse else ""
    headline = run.record["statement"]["headline"] or plan.title
    return IndexRow(name, capital(headline.removeprefix(f"{name}: ")), badge, status, page_path(run))


def _monitor_row(plan: Monitor, run: FoundRun, name: str) -> IndexRow:
    """One place of a monitor: its heading, and how many comparisons show what."""
    heading = run.record["statement"]["headline"].removeprefix(place_words(plan, run.place)).lstrip(":, ")
    counted = counted_line(plan, run.record).partition(": ")[2]
    return IndexRow(name, capital(heading), "Rates side by side", capital(counted), page_path(run))


def found(study: FoundStudy) -> str:
    """What the study found over all places, in the words of the first sentence."""
    if study.national is None:
        return NOT_CLEARED
    row = lead_row(study.plan, study.national.record)
    return next((words for words, keys in FOUND.items() if row["result_class"] in keys), NO_COMPARISON)


def first_sentence(studies: tuple[FoundStudy, ...]) -> str:
    """ "2 studies: 1 better, 1 cannot tell yet. 1 monitor: 3 of 20 comparisons ... . 1 of them rests on synthetic data: ..." """
    if not studies:
        return "No study has been run in this round."
    pilots = [study for study in studies if isinstance(study.plan, Plan)]
    monitors = [study for study in studies if isinstance(study.plan, Monitor)]
    lists = len(studies) - len(pilots) - len(monitors)
    said = [*_pilots_sentence(pilots), *_monitors_sentence(monitors)]
    said += [f"{lists} {'list' if lists == 1 else 'lists'} of commitments."] if lists else []
    synthetic = sum(any(run.record["synthetic"] for run in study.runs) for study in studies)
    invented = f" {_of_them(synthetic, len(studies))} synthetic data: not real people." if synthetic else ""
    return " ".join(said) + invented


def _pilots_sentence(pilots: list[FoundStudy]) -> list[str]:
    if not pilots:
        return []
    each = [found(study) for study in pilots]
    counts = [f"{each.count(words)} {words}" for words in (*FOUND, NO_COMPARISON, NOT_CLEARED) if words in each]
    return [f"{len(each)} {'study' if len(each) == 1 else 'studies'}: {listed(tuple(counts))}."]


def _monitors_sentence(monitors: list[FoundStudy]) -> list[str]:
    """How many comparisons over all places show a disparity; monitors not yet cleared are counted apart."""
    if not monitors:
        return []
    cleared = [(study.plan, study.national.record) for study in monitors if study.national is not None]
    rows = [row for plan, national in cleared for _, _, row in page_rows(plan, national)]
    shown = sum(row["result_class"] == "disparity" for row in rows)
    open_ = len(monitors) - len(cleared)
    parts = [f"{shown} of {len(rows)} comparisons over all places show a disparity"] if rows else []
    parts += [f"{open_} {NOT_CLEARED}"] if open_ else []
    return [f"{len(monitors)} {'monitor' if len(monitors) == 1 else 'monitors'}: {listed(tuple(parts))}."]


def _of_them(some: int, total: int) -> str:
    if total == 1:
        return "It rests on"
    return f"{some} of them {'rests' if some == 1 else 'rest'} on"
