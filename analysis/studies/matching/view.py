"""What the verbs show of ethnic matching in one place: plain functions that return cleared
sections."""

from analysis.display import figures
from analysis.display.amounts import is_drawn
from analysis.display.prose import Prose
from analysis.display.section import Chart, Section
from analysis.extracts.frames.quality import EXCLUSION_REASONS
from analysis.plans.plan import Outcome
from analysis.results import EVERYONE
from analysis.sections import tables
from analysis.sections.ladder import ladder
from analysis.sections.showing import Shown
from analysis.sections.shows import ETHNIC_GROUP, Shows, Way
from analysis.studies.matching import tables as matching_tables
from analysis.studies.matching.departing import adjustable, departed, filters
from analysis.studies.matching.study import MAIN
from analysis.study.words import in_plan_words, unrecorded_cause

EFFECT, GAP, DIFFERENCE = "matching_effect", "own_group_gap", "gap_difference"
NOT_ALIKE = "How alike the two sides are cannot be shown: nothing is compared here."
NO_SURVEY = "No outcome of this study comes from a survey."


def answer(shown: Shown) -> Section:
    """The place's own estimate of the leading outcome, as a sentence."""
    return Section.of(shown.answer())


# -- who is in the data, and is the comparison fair ------------------------------------------------
def people(shown: Shown) -> Section:
    """Who is in the data, what is known of their ethnic group, and who is not compared, and why."""
    return Section.of(
        matching_tables.people_table(shown.study),
        matching_tables.declaration_table(shown.study),
        excluded(shown),
    )


def excluded(shown: Shown) -> Section:
    """Who is not in the comparison, and why."""
    table = tables.excluded_table(
        shown.plan,
        shown.excluded,
        EXCLUSION_REASONS,
        clearance=shown.clearance,
        notes=matching_tables.followed_notes(shown.study),
    )
    return Section.of(table)


def fairness(shown: Shown) -> Section:
    """The checks in words, and how alike matched people and others are."""
    return Section.of(shown.checks(), balance(shown))


def balance(shown: Shown) -> Section:
    """How alike matched people and others are: a table and its figure."""
    if shown.study.balance is None:
        return Section.of(Prose(NOT_ALIKE))
    table = matching_tables.balance_table(shown.study)
    after = in_plan_words(shown.plan, "within office and period")
    figure = figures.balance_figure(table, after=after)
    return Section.of(table, Chart(figure, figures.balance_figure_alt(table), table, "balance"))


def declaration(shown: Shown) -> Section:
    """Whether enough practitioners have declared, and what is known of whom."""
    return Section.of(
        shown.checked("declaration", why="it is asked of every place"),
        matching_tables.declaration_table(shown.study),
    )


def lot(shown: Shown) -> Section:
    """Whether the lot was kept, where one decided."""
    return shown.checked(
        "randomisation", why="no lot decided who was matched, or nothing is compared"
    )


def lost_rows(shown: Shown) -> Section:
    """People without a row in the table of outcomes, by side."""
    return shown.checked("lost_rows", why="it is asked of every place")


def response(shown: Shown) -> Section:
    """Who answered the survey, by exposure and ethnic group."""
    if not any(outcome.survey for outcome in shown.plan.compared):
        return Section.of(Prose(NO_SURVEY))
    return Section.of(
        shown.checked("response", why="nobody was asked"),
        matching_tables.response_table(shown.study),
    )


def agreement(shown: Shown) -> Section:
    """Whether the questions of a scale go together, and are alike for every group."""
    return shown.checked(
        "reliability", "questions_alike", why="no outcome of this study is a scale of questions"
    )


# -- outcomes --------------------------------------------------------------------------------------
def before(shown: Shown, outcome: Outcome) -> Section:
    """Who answered, before anything that rests on the answers."""
    if not outcome.survey:
        return Section(())
    return Section.of(matching_tables.response_table(shown.study))


def rates(shown: Shown, outcomes: tuple[Outcome, ...], by: str) -> Section:
    """The event by ethnic group, beside the reference group."""
    return Section.of(
        *(
            tables.rates_table(
                shown.plan,
                outcome,
                shown.study.event_counts(outcome.id),
                shown.rows(outcome.id),
                shown.study.groups,
                clearance=shown.clearance,
            )
            if outcome.kind == "share"
            else Prose(f"{tables.outcome_words(outcome).capitalize()} is no event: it has no rate.")
            for outcome in outcomes
        )
    )


def matched_people(shown: Shown, outcome: Outcome) -> Section:
    """How many were matched, and how alike the two sides are then."""
    rows = shown.rows(outcome.id)
    if not any(row.method == "radius_matching" and is_drawn(row) for row in rows):
        return Section(())
    return Section.of(matching_tables.matching_table(shown.study, outcome))


def others(shown: Shown, outcome: Outcome) -> Section:
    """What an unrecorded characteristic would have to be like; radius matching of each group."""
    cause = None
    main = [r for r in shown.rows(outcome.id) if r.method == MAIN and r.group == EVERYONE]
    if shown.plan.comparison.how_chosen != "by_lot":
        cause = shown.say(unrecorded_cause(main[0]))
    return Section.of(cause, matched_people(shown, outcome))


def published(shown: Shown) -> Section:
    """What was published about the same question beside what we get (Project STAR only)."""
    if "star" not in shown.plan.data.sources:
        return Section.of(Prose("Nothing was published that could stand beside this study."))
    rows = [
        row
        for outcome in shown.plan.compared
        for row in shown.rows(outcome.id)
        if row.estimand == GAP
    ]
    return Section.of(matching_tables.published_table(rows, shown.plan))


def limits(shown: Shown) -> Section:
    """What this kind of comparison can say here, and what it cannot."""
    return Section.of(shown.limits())


def _effect(words: str, method: str) -> Way:
    return Way(words, {None: ((EFFECT, method),)})


DESIGNS = {
    "office_and_period": Way(
        "people of one office, period and ethnic group beside each other",
        {
            None: ((EFFECT, MAIN),),
            ETHNIC_GROUP: ((GAP, "within_cells"), (DIFFERENCE, "joint_within_cells")),
        },
    ),
    "crude": Way("the raw difference", {None: (("naive_difference", "crude_means"),)}),
    "nothing_allowed_for": _effect(
        "within office and period, no characteristic of the person allowed for",
        f"{MAIN}_nothing_allowed_for",
    ),
    "outside_only": _effect(
        "within office and period, without what the service itself decides",
        f"{MAIN}_outside_only",
    ),
    "practitioner_effects": _effect(
        "each practitioner compared with themselves", "practitioner_effects"
    ),
    "clustered_sandwich": _effect(
        "within office and period, plain clustered errors", f"{MAIN}_clustered_sandwich"
    ),
    "lot_drawn_anew": _effect(
        "within office and period, tested by drawing the lot anew", f"{MAIN}_lot_drawn_anew"
    ),
    "two_way_clusters": _effect(
        "within office and period, errors clustered on both people", f"{MAIN}_two_way_clusters"
    ),
    "requests_left_out": _effect(
        "within office and period, without people who asked for a match",
        f"{MAIN}_requests_left_out",
    ),
    "radius_matching": Way(
        "like with like on everything recorded, by radius matching group by group",
        {
            None: ((GAP, "radius_matching"),),
            ETHNIC_GROUP: ((GAP, "radius_matching"),),
        },
        extra=matched_people,
    ),
    "bounds": Way(
        "what the practitioners of unknown group could change, whichever group is theirs",
        {
            None: ((GAP, "bounds_unknown_practitioners"),),
            ETHNIC_GROUP: ((GAP, "bounds_unknown_practitioners"),),
        },
    ),
}
SHOWS = Shows(
    opened=Shown,
    answer=answer,
    people=people,
    check=fairness,
    limits=limits,
    rates=rates,
    checks={
        "balance": balance,
        "declaration": declaration,
        "lost_rows": lost_rows,
        "lot": lot,
        "response": response,
        "agreement": agreement,
        "published": published,
    },
    designs=DESIGNS,
    ladder=ladder,
    before=before,
    others=others,
    departs=departed,
    adjustable=adjustable,
    filters=filters,
)
