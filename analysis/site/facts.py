"""What stands around an answer: banners, where the page belongs, who the people are, and where the
page comes from."""

from collections.abc import Sequence

from analysis.judgement.wording.figures_in_words import capital
from analysis.places.known import plan_has_places
from analysis.plans.registry import AnyPlan
from analysis.record.record import Record
from analysis.rounds.marks import Marks
from analysis.rounds.runs_found import FoundRun, FoundStudy
from analysis.sections.page.block import page_of
from analysis.sections.page.nation import place_name
from analysis.sections.page.period import day
from analysis.site.locks import blind_words, lock_words
from analysis.study.public_counts import record_is_public
from analysis.vocabulary.regions import NATIONAL
from analysis.vocabulary.round_ids import base_round

SYNTHETIC = "SYNTHETIC DATA: not real people"
EXAMPLE = "EXAMPLE RECORDS"
NOT_SIGNED = Marks()
INTERNAL = "internal: not to be passed on"
RELEASE = {
    "management_information": "management information: do not share outside the service",
    "official_statistics": "official statistics: not before publication",
    "research": "research",
}
NOT_BESIDE = "not yet set beside the others"
PUBLIC = "made from published figures"  # whose release is behind them


def strip(plan: AnyPlan, record: Record, marks: Marks = NOT_SIGNED) -> tuple[tuple[str, bool], ...]:
    """The banners of a page and its period, each with whether it is a warning that must not be
    overlooked."""
    banners = [(said, True) for said in blind_words(record)]
    banners += [(SYNTHETIC, True)] if record.synthetic else []
    banners += [(EXAMPLE, True)] if record.data_source == "example" else []
    release = PUBLIC if record_is_public(plan, record) else RELEASE[plan.release]
    banners.append((capital(page_of(plan).period(plan, record)), False))
    state = ((words, False) for words in marks.words(record.audience))
    locked = ((said, at > 0) for at, said in enumerate(lock_words(plan.study)))
    return (*banners, *state, *locked, (release, False))


def alone_lines(many: str) -> tuple[str, ...]:
    """What the page of a place on its own is not; `many`: what the places are, in words."""
    return (
        f"It is not set beside the other {many}: nobody has looked whether its counts can be shown"
        " together with theirs. Counts are rounded and small ones withheld, and that is all.",
        "It has no class and makes no claim: whether this is a change, and whether it came from the"
        " programme, is said only after all are set beside each other.",
        "It is private: it stands in no site, and is for those who may see the records of persons.",
    )


def common_strip(found: Sequence[Record], state: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """The banners of the front page, with the day of the newest data: synthetic only where
    everything on it is."""
    banners = [(SYNTHETIC, True)] if found and all(record.synthetic for record in found) else []
    banners += [(EXAMPLE, True)] if any(record.data_source == "example" for record in found) else []
    newest = max((record.extract_date for record in found if record.extract_date), default=None)
    banners += [(f"Newest data: extract of {day(newest)}", False)] if newest else []
    return (*banners, *((words, False) for words in state))


def round_words(round_id: str) -> str:
    return "Draft round" if round_id == "draft" else f"Round {round_id}"


def title(plan: AnyPlan, run: FoundRun) -> str:
    """The title in the browser: the narrowest thing first."""
    return f"{place_name(plan, run.place)} · {plan.title}"


def crumbs(study: FoundStudy, run: FoundRun) -> tuple[tuple[str, str], ...]:
    """Where the page stands, each step with its link; the last has none."""
    steps = [("All studies", "../../../../index.html")]
    steps.append((study.plan.title, "" if run.place == NATIONAL else "../national/index.html"))
    if run.place != NATIONAL:
        steps.append((place_name(study.plan, run.place), ""))
    return (*steps, (round_words(run.round_id), ""))


def elsewhere(study: FoundStudy, run: FoundRun) -> tuple[tuple[str, str], ...]:
    """At the top of a page: all that is known of its place, the nation's page, and where the links
    to the other places are."""
    pages = {one.place for one in study.pages}
    nation = (place_name(study.plan, NATIONAL), "../national/index.html")
    steps = [nation] if run.place != NATIONAL else []
    if run.place != NATIONAL and plan_has_places(study.plan):
        base = base_round(run.round_id)
        up = "../.." if run.round_id == base else f"../../../{base}"
        way = f"{up}/places/{run.place}/index.html"
        steps = [(f"{place_name(study.plan, run.place)}, everything", way), *steps]
    steps += [("The same in other places", "#others")] if pages - {run.place, NATIONAL} else []
    return tuple(steps)


def other_places(study: FoundStudy, run: FoundRun) -> tuple[tuple[str, str], ...]:
    """The other pages of the study."""
    pages = [one.place for one in study.pages if one.place != run.place]
    return tuple((place_name(study.plan, place), f"../{place}/index.html") for place in pages)


def cohort_line(plan: AnyPlan, record: Record) -> str:
    """Who the people are and when the data were taken; the period stands in the strip."""
    parts = (
        []
        if page_of(plan).period(plan, record) == plan.data.cohort
        else [capital(plan.data.cohort)]
    )
    if record.extract_date:
        parts.append(f"extract of {day(record.extract_date)}")
    return ", ".join(parts)


def provenance(run: FoundRun) -> tuple[tuple[str, str], ...]:
    """Where the page comes from: hashes, seed, round and dates; what is not known is left out."""
    record, made = run.record, run.provenance
    seeds = sorted({str(row.seed) for row in record.rows if row.seed is not None})
    pairs = (
        ("Audience", audience(run)),
        ("Round", run.round_id),
        ("Data", run.source),
        ("Data hash", record.data_hash[:12]),
        ("Plan hash", record.plan_hash[:12]),
        ("Code hash", record.code_version[:12]),
        ("Commit", str(made.get("commit") or "")[:12]),
        ("Seed", ", ".join(seeds)),
        ("Extract", day(record.extract_date)),
        ("Run", str(made.get("run_id") or run.folder.name)),
        ("Finished", str(made.get("finished") or "")),
        *(("Exception", text) for text in exceptions(run)),
    )
    return tuple((term, text) for term, text in pairs if text)


def audience(run: FoundRun) -> str:
    """For whom a page is: internal, or the release that it belongs to and what that corrects."""
    made = run.provenance.get("release")
    if run.record.audience != "release" or not isinstance(made, dict):
        return INTERNAL
    corrects = f", which replaces release {made['replaces']}" if made.get("replaces") else ""
    return f"release {made['number']} of {day(str(made['time'])[:10])}{corrects}"


def exceptions(run: FoundRun) -> tuple[str, ...]:
    """What was published against a default, who approved it and why."""
    return tuple(
        f"{one['rule']}: {one['what']}. Approved by: {one['approved_by']}. Reason: {one['reason']}"
        for one in run.provenance.get("exceptions", ())
    )


def packages(run: FoundRun) -> tuple[str, ...]:
    """Package versions, as "pandas 3.1.0"."""
    found = run.provenance.get("packages")
    return (
        tuple(f"{name} {version}" for name, version in sorted(found.items()))
        if isinstance(found, dict)
        else ()
    )
