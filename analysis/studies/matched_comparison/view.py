"""What the verbs show of a matched comparison: plain functions that return cleared sections."""

from analysis.display import figures
from analysis.display.amounts import is_drawn
from analysis.display.prose import Prose
from analysis.display.section import Chart, Section
from analysis.plans.plan import Outcome
from analysis.record.row import Row
from analysis.results import EVERYONE
from analysis.sections import frame_shows
from analysis.sections.ladder import ladder
from analysis.sections.showing import Shown
from analysis.sections.shows import ETHNIC_GROUP, Shows, Way
from analysis.studies.matched_comparison import tables as own_tables
from analysis.studies.matched_comparison.conclusions import said
from analysis.studies.matched_comparison.departing import adjustable, departed, filters
from analysis.studies.matched_comparison.fragile import fragile
from analysis.studies.matched_comparison.groups import APART, GAP
from analysis.studies.matched_comparison.kind import (
    COMPLETED,
    DOUBLY_ROBUST,
    ESTIMAND,
    HAZARD,
    MAIN,
    NARROW,
    ONE,
    OUTSIDE,
    OVER,
    PACE,
    TOGETHER,
)

NOT_MATCHED = "Nobody could be matched here, so that there is nothing to look at."
FEW_LOST = (
    "Who started and had nobody like them is not told here, since they are few; the analysis of all"
    " regions together tells it."
)
ONLY_ALL = "Programmes are set beside each other in the analysis of all regions together."


def _leading(shown: Shown) -> Outcome:
    return shown.plan.outcome(shown.plan.leading)


def _by_group(shown: Shown, outcome: Outcome) -> list[Row]:
    """The main row, and those within each ethnic group."""
    wanted = (ESTIMAND, "group_effect")
    return [r for r in shown.rows(outcome.id) if r.estimand in wanted and r.method == MAIN]


def people(shown: Shown) -> Section:
    """Who started, by ethnic group and programme, and who is not compared, and why."""
    return Section.of(
        own_tables.people_table(shown.study),
        own_tables.programmes_table(shown.study),
        frame_shows.people(shown),
    )


# -- is the comparison fair ------------------------------------------------------------------------
def fairness(shown: Shown) -> Section:
    """The checks, then balance, overlap and who was lost, then what could be seen at all: all
    before any effect."""
    return Section.of(
        frame_shows.check(shown), balance(shown), overlap(shown), lost(shown), detectable(shown)
    )


def balance(shown: Shown) -> Section:
    """How alike those who started and people like them are, before and after matching."""
    if not shown.study.matched(_leading(shown)).n_matched:
        return Section.of(Prose(NOT_MATCHED))
    table = own_tables.balance_table(shown.study, _leading(shown))
    figure = figures.balance_figure(table, after="after matching", among="starters")
    return Section.of(table, Chart(figure, figures.balance_figure_alt(table), table, "balance"))


def overlap(shown: Shown) -> Section:
    """Whether both sides overlap in their chance of starting."""
    if not shown.study.matched(_leading(shown)).n_matched:
        return Section.of(Prose(NOT_MATCHED))
    return Section.of(own_tables.overlap_table(shown.study, _leading(shown)))


def lost(shown: Shown) -> Section:
    """Who started and had nobody like them."""
    if not shown.study.matched(_leading(shown)).n_matched:
        return Section.of(Prose(NOT_MATCHED))
    table = own_tables.lost_table(shown.study, _leading(shown))
    told = any(not isinstance(cell, str) for cell in table.to_frame()["Lost"])
    return Section.of(table if told else Prose(FEW_LOST))


def detectable(shown: Shown) -> Section:
    """The smallest effect that could be seen, for everyone and in each ethnic group."""
    outcome = _leading(shown)
    rows = _by_group(shown, outcome)
    return Section.of(own_tables.detectable_table(shown.study, outcome, rows))


# -- outcomes --------------------------------------------------------------------------------------
def others(shown: Shown, outcome: Outcome) -> Section:
    """How strong an unrecorded difference would have to be: in plain words, and for analysts."""
    main = next(r for r in shown.rows(outcome.id) if r.method == MAIN and r.group == EVERYONE)
    if not is_drawn(main):
        return Section(())
    found = fragile(shown.study, outcome, main)
    if outcome.kind != "share":
        return Section(())
    return Section.of(
        shown.say(own_tables.fragile_words(found)), own_tables.fragile_table(shown.study, found)
    )


def programmes(shown: Shown, outcomes: list[Outcome]) -> Section:
    """Each programme, and all of them put together."""
    found = [r for o in outcomes for r in shown.rows(o.id) if r.estimand in (ONE, OVER)]
    if not found:
        return Section.of(Prose(ONLY_ALL))
    return Section.of(own_tables.pooled_table(shown.study, found))


def rates(shown: Shown, outcomes: tuple[Outcome, ...], by: str) -> Section:
    """The event by ethnic group, of outcomes that are one."""
    events = tuple(outcome for outcome in outcomes if outcome.kind == "share" and outcome.compared)
    if not events:
        return Section.of(Prose("No event of one person is counted here."))
    return frame_shows.rates(shown, events, by)


def limits(shown: Shown) -> Section:
    """The conclusion of the Justice Data Lab, and what this comparison can and cannot say."""
    lines = said(shown.lead(_leading(shown)))
    return Section.of(shown.say(*lines) if lines else None, frame_shows.limits(shown))


def _second(words: str, method: str, estimand: str = ESTIMAND, *, apart: bool = False) -> Way:
    return Way(words, {None: ((estimand, method),)}, apart=apart)


DESIGNS = {
    "radius_matching": Way(
        "each person who started beside all who are like them, by radius matching",
        {
            None: ((ESTIMAND, MAIN),),
            ETHNIC_GROUP: (("group_effect", MAIN), (GAP, APART)),
        },
    ),
    "crude": _second("the raw difference, nothing held alike", "crude_means", "naive_difference"),
    "outside_only": _second("radius matching without what the service itself decides", OUTSIDE),
    "half_the_caliper": _second("radius matching with half the distance allowed", NARROW),
    "doubly_robust": _second(
        "weighting and a model of the outcome, right where either is right", DOUBLY_ROBUST
    ),
    "completers": _second(
        "those who completed alone, who chose themselves once more",
        COMPLETED,
        "completers",
        apart=True,
    ),
    "pace": _second("how fast first reoffences come (Cox regression)", HAZARD, PACE, apart=True),
    "by_programme": Way(
        "each programme matched within itself, and all put together by random effects",
        {None: ((ONE, ""), (OVER, TOGETHER))},
        apart=True,
        only={None: programmes},
    ),
}
SHOWS = Shows(
    opened=Shown,
    answer=frame_shows.answer,
    people=people,
    check=fairness,
    limits=limits,
    rates=rates,
    checks={"balance": balance, "overlap": overlap, "lost": lost, "detectable": detectable},
    designs=DESIGNS,
    ladder=ladder,
    others=others,
    departs=departed,
    adjustable=adjustable,
    filters=filters,
)
