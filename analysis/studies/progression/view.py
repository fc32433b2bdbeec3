"""What the verbs show of progression schemes in one place: plain functions that return cleared
sections."""

from analysis.display import figures
from analysis.display.amounts import is_drawn
from analysis.display.prose import Prose
from analysis.display.section import Chart, Section
from analysis.plans.plan import Outcome
from analysis.record.row import Row
from analysis.said.texts import joined, worded
from analysis.sections import frame_shows
from analysis.sections.ladder import ladder
from analysis.sections.showing import Shown
from analysis.sections.shows import ETHNIC_GROUP, Shows, Way
from analysis.studies.progression import tables
from analysis.studies.progression.kind import (
    BY_MONTH,
    COX,
    FROM_ELIGIBILITY,
    KIND,
    MAIN,
    NOT_MATCHED,
    OF_SCHEME,
    SCHEME_EFFECTS,
    UNTIL_JOINING,
    WITHIN_GROUP,
)
from analysis.studies.progression.selection import FIRST, pace, selection
from analysis.study.words import unrecorded_cause

SCHEME = "scheme"
NOT_ALIKE = "How alike the two sides are cannot be shown: nothing is compared here."
NO_SELECTION = (
    "Only promotion is judged as a selection rate, and it cannot be judged here: nothing is"
    " compared in this place."
)
NOT_JUDGED = "{noun}: of members it has no rate that is judged; promotion has one."
MECHANISM = (
    "What is found on {noun} says nothing about why more or fewer members are promoted: it is"
    " explored, and not compared further."
)


def people(shown: Shown) -> Section:
    """Eligible staff and members, by ethnic group and by scheme, and who is not compared."""
    return Section.of(
        tables.people_table(shown.study),
        tables.schemes_table(shown.study),
        frame_shows.people(shown),
    )


def check(shown: Shown) -> Section:
    """The checks, what else could account for it, and how alike the two sides are."""
    rivals = joined("; ", shown.plan.comparison.rivals)
    return Section.of(shown.checks(f"What else could account for it: {rivals}."), balance(shown))


def balance(shown: Shown) -> Section:
    """How alike members and people like them are: a table and its figure."""
    found = shown.study.balance
    frame = None if found is None else found.to_frame()
    if frame is None or frame.empty:
        return Section.of(Prose(NOT_ALIKE))
    rows = frame[frame["difference_before"].notna() & frame["difference_after"].notna()]
    table = tables.balance_table(shown.study, rows.to_dict("records"))
    figure = figures.balance_figure(table, after="once matched", among="members")
    return Section.of(table, Chart(figure, figures.balance_figure_alt(table), table, "balance"))


def rates(shown: Shown, outcomes: tuple[Outcome, ...], by: str) -> Section:
    """Promotion by ethnic group among members, and as a selection rate on both sides."""
    parts: list = []
    for outcome in outcomes:
        if outcome.id != shown.plan.leading:
            parts.append(shown.say(NOT_JUDGED.format(noun=outcome.noun.capitalize())))
        elif shown.study.refusal or shown.study.pairs.empty:
            parts.append(Prose(NO_SELECTION))
        else:
            table, said = selection(shown.study, outcome)
            by_group = frame_shows.rates(shown, (outcome,), by)
            later = shown.say(*said, pace(shown.study, outcome))
            parts += [Prose(FIRST), by_group, table, later]
    return Section.of(*parts)


def schemes(shown: Shown, outcomes: list[Outcome]) -> Section:
    """Members of each scheme less people like them."""
    parts = [
        tables.scheme_effects_table(shown.study, outcome, rows)
        for outcome in outcomes
        if (rows := _of_schemes(shown, outcome))
    ]
    return Section.of(*parts) if parts else Section.of(Prose(NOT_ALIKE))


def _of_schemes(shown: Shown, outcome: Outcome) -> list[Row]:
    return [row for row in shown.rows(outcome.id) if row.method == OF_SCHEME]


def before(shown: Shown, outcome: Outcome) -> Section:
    """Of mechanisms, that they explain nothing."""
    said = MECHANISM.format(noun=outcome.noun) if outcome.id in ("coached", "deputised") else ""
    return Section.of(shown.say(said) if said else None)


def others(shown: Shown, outcome: Outcome) -> Section:
    """What an unrecorded characteristic, such as ambition, would have to be like."""
    main = shown.lead(outcome)
    said = unrecorded_cause(main, exposure="joining") if is_drawn(main) else ""
    return Section.of(shown.say(said) if said else None)


def limits(shown: Shown) -> Section:
    """What this comparison can and cannot say."""
    return Section.of(shown.limits())


def answer(shown: Shown) -> Section:
    """The estimate of the leading outcome in a sentence, or why there is none."""
    return Section.of(shown.answer())


def _effect(words: str, method: str) -> Way:
    return Way(words, {None: ((KIND.estimand, method),)})


DESIGNS = {
    "from_joining": Way(
        "members beside staff like them, both from the day of joining on",
        {
            None: ((KIND.estimand, MAIN),),
            ETHNIC_GROUP: (("group_effect", WITHIN_GROUP), ("gap_difference", WITHIN_GROUP)),
            SCHEME: tuple((estimand, OF_SCHEME) for estimand in SCHEME_EFFECTS.values()),
        },
        only={SCHEME: schemes},
    ),
    "not_matched": _effect(
        "the same region, grade and day, not matched on anything recorded", NOT_MATCHED
    ),
    "until_joining": _effect(
        "like with like, others followed to the day on which they join themselves", UNTIL_JOINING
    ),
    **{
        name: _effect(worded(f"like with like, by month {months}"), name)
        for months, name in zip((6, 12, 18), BY_MONTH.values(), strict=True)
    },
    "from_eligibility": Way(
        "counted from eligibility, whoever ever joined (naive: the wait before joining counts)",
        {None: (("naive_difference", FROM_ELIGIBILITY),)},
    ),
    "hazard": Way(
        "how many times as fast it came at any one time, other exits ending the follow-up (Cox)",
        {None: (("hazard_ratio", COX),)},
        apart=True,
    ),
}
SHOWS = Shows(
    opened=Shown,
    answer=answer,
    people=people,
    check=check,
    limits=limits,
    rates=rates,
    checks={"balance": balance},
    designs=DESIGNS,
    by=(ETHNIC_GROUP, SCHEME),
    ladder=ladder,
    before=before,
    others=others,
)
