"""What the verbs show of a training trial in one place: plain functions that return cleared
sections."""

from analysis.designs.cohorts.balance import balance as balance_of
from analysis.display import figures
from analysis.display.prose import Prose
from analysis.display.section import Chart, Section
from analysis.extracts.frames.trial_people import EXCLUSION_REASONS
from analysis.plans.plan import Outcome
from analysis.record.row import Row
from analysis.said.texts import worded
from analysis.sections import tables
from analysis.sections.intersections import intersections_table
from analysis.sections.ladder import ladder
from analysis.sections.showing import Shown
from analysis.sections.shows import ETHNIC_GROUP, Shows, Way
from analysis.studies.trial import tables as trial_tables
from analysis.studies.trial.checks import COVARIATES
from analysis.studies.trial.departing import adjustable, departed, filters
from analysis.studies.trial.levels import CR2_BESIDE, ESTIMAND, METHOD
from analysis.studies.trial.measures import BLOCK, SIDE

CROSSING = "ethnic_group, sex, age_band"
ARM = "arm"
ALL_AT_ONCE = (
    "Here every site started at once, or too few were drawn by lot: no one was left to compare"
    " with. What follows is who was reached, how they found it and their own figures; none of it"
    " says what the programme did."
)
TOGETHER = (
    "The ways of training are put together here, against the sites that wait; arm by arm they stand"
    " further down."
)
CONFOUNDED = (
    "Each way of training has providers of its own here, so that a way and its provider cannot be"
    " told apart."
)
OWN_LOT = (
    "With so few sites, an interval holds every difference that stays credible when the lot of this"
    " place is drawn anew, within its blocks, in every way it could have fallen."
)
NO_COST = (
    "What one unit of outcome cost is worked out in the analysis of all places, where there is"
    " something to compare with."
)
NOT_ALIKE = "How alike the two sides are cannot be shown: nothing is compared here."
NO_ARMS = (
    "Arms are not set against each other here: fewer than three stand in one clustered analysis."
)


def _describes(shown: Shown) -> bool:
    return shown.study.mode == "describe"


def _rows(shown: Shown, outcome: Outcome, *estimands: str) -> list[Row]:
    return [row for row in shown.rows(outcome.id) if row.estimand in estimands]


def answer(shown: Shown) -> Section:
    """The place's own estimate of the leading outcome, as a sentence, or why there is none."""
    if _describes(shown):
        return Section.of(shown.answer(ALL_AT_ONCE))
    several = shown.study.sites["arm"].nunique() > 2
    return Section.of(shown.answer(*((TOGETHER,) if several else ())))


# -- who is in the data, and is the comparison fair ------------------------------------------------
def people(shown: Shown) -> Section:
    """Sites and managers by arm, who is in the data, and who is not compared."""
    excluded = tables.excluded_table(
        shown.plan,
        shown.excluded,
        EXCLUSION_REASONS,
        who="Managers",
        clearance=shown.clearance,
    )
    return Section.of(
        trial_tables.sites_table(shown.study), trial_tables.people_table(shown.study), excluded
    )


def fairness(shown: Shown) -> Section:
    """The checks in words, and how alike managers at the two kinds of site are."""
    own_lot = (OWN_LOT,) if shown.study.mode == "permute" else ()
    return Section.of(shown.checks(*own_lot), balance(shown))


def balance(shown: Shown) -> Section:
    """How alike managers at sites with the programme and at waiting ones are."""
    managers = shown.study.compared_managers
    if _describes(shown) or managers[SIDE].nunique() < 2:
        return Section.of(Prose(NOT_ALIKE))
    sides = managers.assign(**{SIDE: managers[SIDE] == 1})
    found = balance_of(sides, covariates=list(COVARIATES), treated=SIDE, cells=[BLOCK]).to_frame()
    rows = found[found["difference_before"].notna() & found["difference_after"].notna()].to_dict(
        "records"
    )
    if not rows:
        return Section.of(Prose("Nothing is recorded of both sides by which they could be told."))
    table = trial_tables.balance_table(shown.study, rows)
    figure = figures.balance_figure(table, after="within blocks of the lot", among="those with it")
    return Section.of(table, Chart(figure, figures.balance_figure_alt(table), table, "balance"))


NOT_BY_LOT = "the lot decided for nobody here, or too few sites were drawn"


def lot(shown: Shown) -> Section:
    """Whether the lot was kept."""
    return shown.checked("randomisation", why=NOT_BY_LOT)


def uptake(shown: Shown) -> Section:
    """Whether the offer led people to take part, and whether those who waited did wait."""
    return shown.checked("uptake", "contamination", why=NOT_BY_LOT)


def lost_rows(shown: Shown) -> Section:
    """Sites and managers without a row in the tables of their people, by side."""
    return shown.checked("lost_rows", why="it is asked of every place")


def response(shown: Shown) -> Section:
    """Who answered, by ethnic group and kind of site, and who was lost on either side."""
    said = shown.checked("response", "attrition", why="nobody was asked")
    return Section.of(said, *(before(shown, outcome) for outcome in shown.plan.outcomes))


# -- outcomes --------------------------------------------------------------------------------------
def before(shown: Shown, outcome: Outcome) -> Section:
    """Who answered or was measured, before what was found; own figures where nothing is
    compared."""
    study, parts = shown.study, []
    if outcome.compared and not _describes(shown) and study.measured(outcome).horizon is None:
        words = trial_tables.response_table if outcome.survey else trial_tables.losses_table
        parts.append(words(study, outcome))
    if outcome.survey and not outcome.compared and outcome.id:
        parts.append(trial_tables.reaction_table(study, outcome))
    if outcome.level == "learning" and outcome.compared and _describes(shown):
        parts.append(trial_tables.before_after_table(study))
    return Section.of(*parts)


def rates(shown: Shown, outcomes: tuple[Outcome, ...], by: str) -> Section:
    """Each outcome by ethnic group, or by ethnic group, sex and age together, where numbers
    allow."""
    names = tuple(by.split(", "))
    return Section.of(*(_crossings(shown, outcome, names) for outcome in outcomes))


def _crossings(shown: Shown, outcome: Outcome, by: tuple[str, ...]) -> Section:
    measured = shown.study.measured(outcome)
    if measured.people.empty:
        return Section.of(shown.say(f"Nobody is compared on {outcome.noun} here."))
    share = outcome.unit == "in_every_100"
    words = outcome.event if share else tables.outcome_words(outcome)
    return Section.of(
        intersections_table(
            measured.people,
            outcome=measured.column,
            words=words,
            is_share=share,
            groups=outcome.only_groups or shown.study.groups,
            by=by,
            place=shown.place,
            clearance=shown.clearance,
        )
    )


def arms(shown: Shown, outcomes: list[Outcome]) -> Section:
    """Arm by arm: differences, equivalence, and the tiers of a cascade."""
    told = [outcome for outcome in outcomes if shown.study.pairs(outcome)]
    if not told:
        return Section.of(Prose(NO_ARMS))
    parts = [Prose(CONFOUNDED)] if shown.study.providers_apart else []
    for outcome in told:
        rows = _rows(shown, outcome, "arm_difference")
        parts.append(trial_tables.arms_table(shown.study, outcome, rows))
        trend = _rows(shown, outcome, "dose_trend")
        if trend:
            title = f"Further down the cascade: {tables.outcome_words(outcome)}"
            parts.append(trial_tables.other_ways_table(shown.study, trend, title=title))
    return Section.of(*parts)


def cost(shown: Shown, outcomes: list[Outcome]) -> Section:
    """What one unit of each outcome cost."""
    found = [row for outcome in outcomes for row in _rows(shown, outcome, "cost_per_unit")]
    if not found:
        return Section.of(Prose(NO_COST))
    return Section.of(trial_tables.cost_table(shown.study, found))


def limits(shown: Shown) -> Section:
    """What this kind of comparison can say here, and what it cannot."""
    return Section.of(shown.limits())


DESIGNS = {
    "as_drawn": Way(
        "sites as the lot drew them, within its blocks",
        {
            None: ((ESTIMAND, METHOD),),
            ETHNIC_GROUP: (("group_effect", "arm_by_group"), ("gap_difference", "arm_by_group")),
            ARM: (("arm_difference", ""), ("dose_trend", "linear_trend")),
        },
        only={ARM: arms},
    ),
    "clustered_cr2": Way(
        worded("as the lot drew the sites, errors clustered on site (CR2)"),
        {None: ((ESTIMAND, CR2_BESIDE),)},
    ),
    "permutation_of_sites": Way(
        "means of sites, the lot drawn anew", {None: ((ESTIMAND, "permutation_of_sites"),)}
    ),
    "without_the_measure_before": Way(
        "as the lot drew the sites, without the measure before",
        {None: ((ESTIMAND, "clustered_without_the_measure_before"),)},
    ),
    "as_treated": Way(
        "those who took part less those who did not, whatever the lot said (naive)",
        {None: (("naive_difference", "took_part_less_did_not"),)},
    ),
    "bounds": Way("what missing outcomes could hide (Lee)", {None: ((ESTIMAND, "lee_bounds"),)}),
    "who_took_part": Way(
        "the effect on those whom the offer brought to take part (instrumental variable)",
        {None: (("complier_effect", ""),)},
        apart=True,
    ),
    "cost": Way(
        "the whole cost set against the difference (Fieller)",
        {None: (("cost_per_unit", ""),)},
        apart=True,
        only={None: cost},
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
        "lot": lot,
        "balance": balance,
        "uptake": uptake,
        "response": response,
        "lost_rows": lost_rows,
    },
    designs=DESIGNS,
    by=(ETHNIC_GROUP, ARM),
    groupings=(ETHNIC_GROUP, CROSSING),
    ladder=ladder,
    before=before,
    departs=departed,
    adjustable=adjustable,
    filters=filters,
)
