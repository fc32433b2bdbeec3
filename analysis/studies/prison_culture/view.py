"""What the verbs show of a programme in prisons, in one place or in all prisons at once."""

from analysis.display.section import Section
from analysis.plans.explain import weights_words
from analysis.plans.plan import Outcome
from analysis.said.texts import capital, joined
from analysis.sections import frame_shows, rollouts, tables
from analysis.sections.ladder import ladder
from analysis.sections.showing import Shown
from analysis.sections.shows import ETHNIC_GROUP, Shows, Way
from analysis.studies.prison_culture import tables as own_tables
from analysis.studies.prison_culture.kind import (
    BEFORE_AFTER,
    BY_LOT,
    DATES,
    DOSE,
    GAP_BY_TIME,
    INCIDENTS,
    RATIO,
)
from analysis.studies.prison_culture.register import register
from analysis.studies.prison_culture.trends import trends
from analysis.vocabulary.regions import ALL

NEED = (
    "placebo_start",
    "same_starting_level",
    "regression_to_the_mean",
    "bases_agree",
)
TIMED = rollouts.Timed("Prisons", "quarter", 1)
ONLY_ALL = (
    "The analysis of all prisons together shows this; in {place} alone there are too few prisons"
    " for it."
)
NOBODY_STARTS = "No prison of {place} takes part, so that nothing lies around a start."


def answer(shown: Shown) -> Section:
    """How many prisons take part here; then the estimate, or why there is none."""
    said = [check.text for check in shown.study.checks if check.id == "own_sites"]
    return Section.of(shown.answer(*said))


def people(shown: Shown) -> Section:
    """Which prisons start and when; who was held, and who is left out."""
    study = shown.study
    words = {reason: shown.kind.excluded_words(shown.plan, reason) for reason in study.excluded}
    return Section.of(
        own_tables.prisons_table(study),
        own_tables.people_table(study),
        tables.excluded_table(shown.plan, shown.excluded, words, clearance=shown.clearance),
    )


def check(shown: Shown) -> Section:
    """Did prisons move alike before the start, what else happened, and who is in each
    comparison."""
    rivals = joined("; ", shown.plan.comparison.rivals)
    bounds = trends(shown) if shown.place == ALL else None
    return Section.of(
        shown.checks(
            f"Other events at the same time that could account for a change: {rivals}.",
            f"{capital(weights_words(shown.plan))}.",
        ),
        rollouts.flow_table(
            shown.plan, shown.released.rows, left_out="Prisons left out", clearance=shown.clearance
        ),
        bounds,
    )


def placebo(shown: Shown) -> Section:
    """The time before the start: what prisons that start show by themselves, in counts; then what a
    return from a bad spell could give, where need chose them."""
    if not shown.study.units["pilot"].any():
        return Section.of(shown.say(NOBODY_STARTS.format(place=shown.place_name)))
    why = "too few prisons started here, and the answer of all prisons rests on it"
    return Section.of(own_tables.around_starts(shown.study), shown.checked(*NEED, why=why))


def event_study(shown: Shown, outcomes: list[Outcome]) -> Section:
    """The effect on each outcome by quarter since the start, with the quarters before it."""
    if shown.place != ALL:
        return Section.of(shown.say(ONLY_ALL.format(place=shown.place_name)))
    study = shown.study
    return Section.of(
        *(
            rollouts.events(shown.plan, o, study.event_study(o.id), TIMED, study.clearance)
            for o in outcomes
        )
    )


def limits(shown: Shown) -> Section:
    """What this comparison can and cannot say."""
    return Section.of(shown.limits())


def _effect(words: str, method: str) -> Way:
    return Way(words, {None: (("average_effect", method),)})


DESIGNS = {
    "within_region": Way(
        "prisons that started beside prisons of their own region that had not, or never did, by"
        " imputation, start dates permuted",
        {
            None: (("average_effect", "imputation_permutation"),),
            ETHNIC_GROUP: (
                ("group_effect", "imputation_quarters"),
                ("gap_difference", "triple_difference"),
            ),
        },
    ),
    "event_study": Way(
        "the same by quarter since the start, with the quarters before it",
        only={None: event_study},
        apart=True,
    ),
    "before_and_after": Way(
        "the prisons that started, since the start less before (naive: prisons chosen in a bad"
        " spell get better by themselves)",
        {None: (("naive_difference", BEFORE_AFTER),)},
    ),
    "incidents": Way(
        "every incident counted, for every hundred people and quarter held",
        {None: (("incidents", INCIDENTS),)},
        apart=True,
    ),
    "incident_ratio": Way(
        "incidents, times those that the prison's own past and its region lead one to expect",
        {None: (("incident_ratio", RATIO),)},
        apart=True,
    ),
    "dose": Way(
        "among prisons that started, for one more member of staff trained (nobody drew how many)",
        {None: (("dose_trend", DOSE),)},
        apart=True,
    ),
    "standing_before": Way(
        "before any start: prisons that start beside the others, given whom they hold",
        {None: (("standardised_ratio", "byar"), ("directly_standardised_rate", "gamma"))},
        apart=True,
    ),
    "gap_by_group_time": Way(
        "the gap of all minority ethnic groups together, by group-time effects",
        {ETHNIC_GROUP: (("gap_difference", GAP_BY_TIME),)},
    ),
    "efficient_for_a_lot": _effect("efficient, where a lot drew the order of start", BY_LOT),
    "start_dates": _effect("group-time effects, start dates dealt out again", DATES),
    "base_one_quarter": _effect(
        "measured from the one quarter before the start", "group_time_permutation"
    ),
    "base_two_quarters": _effect(
        "measured from the two quarters before the start", "base_two_quarters"
    ),
    "same_starting_level": _effect(
        "beside prisons that had the same level before the start", "same_starting_level"
    ),
    "group_time_clustered": _effect(
        "group-time effects, prisons alike, errors clustered on prison", "group_time_clustered"
    ),
    "imputation": _effect("by imputation, errors clustered on prison", "imputation"),
    "sun_abraham": _effect("by Sun and Abraham", "sun_abraham"),
    "two_way_fixed_effects": _effect(
        "two-way fixed effects, as a contrast only", "two_way_fixed_effects"
    ),
}
SHOWS = Shows(
    opened=Shown,
    answer=answer,
    people=people,
    check=check,
    limits=limits,
    rates=frame_shows.rates,
    checks={"placebo": placebo, "explain_or_reform": register},
    designs=DESIGNS,
    ladder=ladder,
)
