"""What the verbs show of better pre-sentence reports in one place, or in all courts: plain
functions that return cleared sections."""

from analysis.display.figures import rollout as rollout_figures
from analysis.display.section import Chart, Section
from analysis.extracts.frames.sentencing import month_words
from analysis.judgement.wording.figures_in_words import capital
from analysis.plans.explain import weights_words
from analysis.plans.plan import Outcome
from analysis.said.texts import joined
from analysis.sections import rollouts, tables
from analysis.sections.intersections import intersections_table
from analysis.sections.ladder import ladder
from analysis.sections.showing import Shown
from analysis.sections.shows import ETHNIC_GROUP, Shows, Way
from analysis.studies.rollout import tables as psr_tables
from analysis.studies.rollout.audits import Audits
from analysis.study.rollouts.effects import BASE
from analysis.vocabulary.regions import ALL, place_set

CROSSING = "ethnic_group, sex, age_band"
ONLY_ALL = (
    "The analysis of all courts together shows this; in {place} alone there are too few courts"
    " for it."
)


def _all(shown: Shown) -> bool:
    return shown.place == ALL


def _only_all(shown: Shown) -> Section:
    return Section.of(shown.say(ONLY_ALL.format(place=shown.place_name)))


def answer(shown: Shown) -> Section:
    """That training and tool cannot be told apart; then the estimate, or why there is none."""
    own = next((check.text for check in shown.study.checks if check.id == "own_sites"), "")
    return Section.of(shown.answer(own))


# -- who and where ---------------------------------------------------------------------------------
def people(shown: Shown) -> Section:
    """Which courts took part and when they started; who was sentenced, and who is left out."""
    excluded = tables.excluded_table(
        shown.plan,
        shown.excluded,
        psr_tables.EXCLUSION_REASONS,
        clearance=shown.clearance,
    )
    return Section.of(courts(shown), psr_tables.people_table(shown.study), excluded)


def courts(shown: Shown) -> Section:
    """Which courts took part, and when they started."""
    study = shown.study
    table = psr_tables.courts_table(study)
    pilot = study.courts[study.courts["pilot"]].sort_values(["start", "region", "court_id"])
    if pilot.empty:
        return Section.of(table, shown.say("No pilot court lies here."))
    names, ends = place_set(shown.plan.data.places), study.months_seen
    numbered = pilot.groupby("region").cumcount() + 1
    labels = [
        f"{names.name(region)} {k}" for region, k in zip(pilot["region"], numbered, strict=True)
    ]
    starts = psr_tables.starts_table(labels, pilot["start"], ends)
    figure = rollout_figures.starts_figure(
        starts,
        words=[month_words(end) for end in ends],
        title=f"{shown.place_name}: when pilot courts started",
    )
    alt = rollout_figures.starts_figure_alt(starts)
    return Section.of(table, Chart(figure, alt, starts, "starts"))


# -- is it fair ------------------------------------------------------------------------------------
def fairness(shown: Shown) -> Section:
    """Did courts move alike before the start, what else happened at the same time, who is in each
    comparison, and for whom reports are written."""
    return Section.of(trends(shown), composition(shown))


def trends(shown: Shown) -> Section:
    """Did courts move alike before the start, what else happened at the same time, and who is in
    each comparison."""
    if not _all(shown):
        return _only_all(shown)
    rivals = joined("; ", shown.plan.comparison.rivals)
    return Section.of(
        shown.checks(
            f"Other events at the same time that could account for a change: {rivals}.",
            f"{capital(weights_words(shown.plan))}.",
        ),
        rollouts.flow_table(
            shown.plan,
            shown.released.rows,
            left_out="Courts left out",
            clearance=shown.study.clearance,
        ),
    )


def need(shown: Shown) -> Section:
    """What a choice by need asks: made-up starts, courts at the same level, a return from a bad
    spell, a longer time before the start."""
    ids = ("placebo_start", "same_starting_level", "regression_to_the_mean", "bases_agree")
    return shown.checked(*ids, why="it is asked of all courts at once, where need chose them")


def lost_rows(shown: Shown) -> Section:
    """Courts, and their months, without a sentenced case."""
    return shown.checked("lost_rows", why="it is asked of all courts at once")


def composition(shown: Shown) -> Section:
    """For whom reports are written: the pilot raises their number, so the mix of people with a
    report changes."""
    said = None
    if shown.study.courts["pilot"].any():
        said = shown.say(psr_tables.composition_words(shown.study))
    return Section.of(said, psr_tables.composition_table(shown.study))


def agreement(shown: Shown) -> Section:
    """How audited reports were rated, whether effects are alike at every cut, and whether auditors
    agree."""
    study, audits = shown.study, Audits(shown.study.audits, shown.plan.groups.reference)
    few = "Too few reports were rated twice to say how far auditors agree."
    return Section.of(
        psr_tables.ratings_table(study),
        psr_tables.models_table(study, audits) if _all(shown) and audits.enough else None,
        psr_tables.agreement_table(study, audits) if audits.enough_double else shown.say(few),
    )


# -- outcomes --------------------------------------------------------------------------------------
def event_study(shown: Shown, outcomes: list[Outcome]) -> Section:
    """The effect on each outcome by month since the start, with the months before it."""
    if not _all(shown):
        return _only_all(shown)
    return Section.of(*(_events(shown, outcome) for outcome in outcomes))


def _events(shown: Shown, outcome: Outcome) -> Section:
    effects = shown.study.event_study(outcome.id)
    timed = rollouts.Timed("Courts", "month", BASE)
    return rollouts.events(shown.plan, outcome, effects, timed, shown.study.clearance)


def rates(shown: Shown, outcomes: tuple[Outcome, ...], by: str) -> Section:
    """The event by ethnic group beside the reference group; or by ethnic group, sex and age
    together, where numbers allow."""
    plan, study, parts = shown.plan, shown.study, []
    for outcome in outcomes:
        if outcome.id not in study.cases:
            parts.append(shown.say(f"{capital(outcome.noun)}: counted among reports, not people."))
        elif by == ETHNIC_GROUP:
            parts.append(
                tables.rates_table(
                    plan,
                    outcome,
                    study.counts(outcome),
                    shown.rows(outcome.id),
                    study.groups,
                    clearance=shown.clearance,
                )
            )
        else:
            parts.append(
                intersections_table(
                    study.cases,
                    outcome=outcome.id,
                    words=outcome.event.removeprefix("were "),
                    is_share=True,
                    groups=study.groups,
                    place=shown.place,
                    clearance=shown.clearance,
                )
            )
    return Section.of(*parts)


def half_years(shown: Shown, outcomes: tuple[Outcome, ...]) -> Section:
    """The place's own counts by half-year: pilot courts and others apart, no comparison."""
    return Section.of(psr_tables.periods_table(shown.study))


def limits(shown: Shown) -> Section:
    """What this kind of comparison can say here, and what it cannot."""
    return Section.of(shown.limits())


def _effect(words: str, method: str) -> Way:
    return Way(words, {None: (("average_effect", method),)})


DESIGNS = {
    "within_region": Way(
        "courts that started beside courts of their own region that had not, or never did, by"
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
        "the same by month since the start, with the months before it",
        only={None: event_study},
        apart=True,
    ),
    "crude": Way(
        "after a start less all others, the raw difference",
        {None: (("naive_difference", "crude_means"),)},
    ),
    "group_time": _effect(
        "measured from the three months before the start, courts alike", "group_time_permutation"
    ),
    "base_one_month": _effect("measured from the one month before the start", "base_one_month"),
    "base_six_months": _effect("measured from the six months before the start", "base_six_months"),
    "group_time_clustered": _effect(
        "group-time effects, courts alike, errors clustered on court", "group_time_clustered"
    ),
    "imputation": _effect("by imputation, errors clustered on court", "imputation"),
    "sun_abraham": _effect("by Sun and Abraham", "sun_abraham"),
    "same_starting_level": _effect(
        "beside courts that had the same level before the start", "same_starting_level"
    ),
    "two_way_fixed_effects": _effect(
        "two-way fixed effects, as a contrast only", "two_way_fixed_effects"
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
        "trends": trends,
        "need": need,
        "composition": composition,
        "agreement": agreement,
        "lost_rows": lost_rows,
    },
    designs=DESIGNS,
    groupings=(ETHNIC_GROUP, CROSSING),
    over={"half_year": half_years},
    ladder=ladder,
)
