"""What the verbs show of a selection funnel: candidates and webinars, or vacancies."""

from analysis.display.section import Section
from analysis.judgement.wording.statements import class_can_say, class_cannot_say
from analysis.plans.plan import Outcome
from analysis.said.texts import capital, joined, small
from analysis.sections import frame_shows
from analysis.sections.showing import ALONE, Shown
from analysis.sections.shows import ETHNIC_GROUP, Shows, Way
from analysis.sections.tables import excluded_table
from analysis.studies.selection_funnel import tables
from analysis.studies.selection_funnel.kind import KIND
from analysis.studies.selection_funnel.published import gap_findings
from analysis.studies.selection_funnel.webinars import WebinarStudy
from analysis.study.words import slots
from analysis.vocabulary.regions import ALL, place_set

COUNTED_ONLY = "Vacancies are counted here, and compared with nothing."
NO_GROUPS = "A vacancy has no ethnic group: there is no rate of one."
NO_CHANGE = "Nothing is compared before and after."


class FunnelShown(Shown):
    """One study of selection in one place; of vacancies no sentence speaks of an effect."""

    def sentence(self, outcome: Outcome) -> str:
        """The estimate of the leading outcome, or that vacancies are counted."""
        return super().sentence(outcome) if self.plan.comparison.compares else COUNTED_ONLY


def answer(shown: Shown) -> Section:
    """The estimate of the leading outcome in a sentence, or why there is none."""
    if isinstance(shown.study, WebinarStudy):
        return Section.of(shown.answer())
    many = place_set(shown.plan.data.places).many
    alone = () if shown.place == ALL else (ALONE.format(many=many),)
    taking_part = tuple(check.text for check in shown.study.checks)
    lines = (*alone, *taking_part, COUNTED_ONLY, *shown.plan.cautions)
    return Section.of(shown.say(*lines, kind="answer"))


def people(shown: Shown) -> Section:
    """Who, or which vacancies, are not in it, and why."""
    exact = shown.study.excluded
    words = {reason: shown.kind.excluded_words(shown.plan, reason) for reason in exact}
    table = excluded_table(
        shown.plan,
        shown.excluded,
        words,
        who=capital(shown.plan.words.person),
        clearance=shown.clearance,
    )
    return Section.of(table)


def check(shown: Shown) -> Section:
    """The checks, what else came at the same time, and the gap before and after in counts."""
    found = frame_shows.check(shown)
    if not isinstance(shown.study, WebinarStudy):
        return found if found.parts else Section.of(shown.say(COUNTED_ONLY))
    return Section.of(found, before_and_after(shown))


def before_and_after(shown: Shown) -> Section:
    """The leading stage before and since the start, internal and external, with the gap in
    points."""
    if not isinstance(shown.study, WebinarStudy):
        return Section.of(shown.say(NO_CHANGE))
    outcome = shown.plan.outcome(shown.plan.leading)
    counts = tables.gap_counts(shown.study, outcome)
    return Section.of(counts, tables.gap_table(shown.study, outcome, counts))


def published(shown: Shown) -> Section:
    """What was published of the same question: shares without a base, or one count of vacancies."""
    study = shown.study
    if not isinstance(study, WebinarStudy):
        return Section.of(shown.say(tables.filled_words()))
    words = slots(shown.plan, shown.plan.outcome(shown.plan.leading), shown.place)
    said = [
        joined(": ", (f"{group} beside White", class_can_say(found, words)))
        for group, found in gap_findings()
    ]
    (_, one), *_ = gap_findings()
    cannot = joined("", ("You cannot say: ", small(class_cannot_say(one, words)), "."))
    return Section.of(tables.pass_rates_table(study), shown.say(*said, cannot))


def limits(shown: Shown) -> Section:
    """What can be said here and what cannot, beside what was published."""
    return Section.of(shown.limits(), published(shown))


def rates(shown: Shown, outcomes: tuple[Outcome, ...], by: str) -> Section:
    """Internal candidates since the start: each stage by ethnic group, then all stages together."""
    study = shown.study
    if not isinstance(study, WebinarStudy):
        return Section.of(shown.say(NO_GROUPS))
    pairs = list(tables.stage_pairs(study))
    return Section.of(
        frame_shows.rates(shown, outcomes, by),
        tables.funnel_table(study, pairs),
        shown.say(tables.chain_words(pairs)),
    )


def _other(words: str, method: str) -> Way:
    return Way(words, {None: ((KIND.estimand, method),)})


DESIGNS = {
    "quarter_by_quarter": Way(
        "as counted in each quarter",
        {
            None: ((KIND.estimand, KIND.method), ("share", "exact")),
            ETHNIC_GROUP: (("group_effect", KIND.method),),
        },
    ),
    "quarters_alike": _other("every quarter counting the same", "periods_alike"),
    "clustered": _other("errors clustered on candidates", "clustered"),
    "recorded": _other("allowing for what is recorded of candidates", "clustered_recorded"),
    "unrecorded_as_white": _other(
        "those without an ethnic group counted as White", "unrecorded_as_white"
    ),
    "unrecorded_as_minority": _other(
        "those without an ethnic group counted as minority ethnic", "unrecorded_as_minority"
    ),
    "attended": Way(
        "those who attended less those who stayed away (naive: the abler attend)",
        {None: (("naive_difference", "attended_less_did_not"),)},
        apart=True,
    ),
    "before_and_after": Way(
        "minority ethnic internal candidates since the start less before (naive)",
        {None: (("naive_difference", "before_and_after"),)},
        apart=True,
    ),
    "open_counted": Way(
        "vacancies still open counted as not filled (naive)",
        {None: (("share", "exact_open_counted"),)},
        apart=True,
    ),
}
SHOWS = Shows(
    opened=FunnelShown,
    answer=answer,
    people=people,
    check=check,
    limits=limits,
    rates=rates,
    checks={"before_and_after": before_and_after, "published": published},
    designs=DESIGNS,
)
