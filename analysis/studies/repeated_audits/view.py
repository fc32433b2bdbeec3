"""What the verbs show of repeated audits."""

from dataclasses import replace

from analysis.display.figures import series as series_figures
from analysis.display.section import Chart, Section
from analysis.plans.plan import Outcome
from analysis.sections import frame_shows
from analysis.sections.showing import Shown
from analysis.sections.shows import ETHNIC_GROUP, Way
from analysis.studies.repeated_audits import tables
from analysis.studies.repeated_audits.kind import KIND, MAIN
from analysis.studies.repeated_audits.ratings import Twice
from analysis.vocabulary.regions import ALL

ONLY_ALL = (
    "The change came to the whole nation on one date: its series is shown for all regions together,"
    " and not for {place} alone."
)


def people(shown: Shown) -> Section:
    """The place's own audits, and which of them are not compared."""
    return Section.of(tables.periods_table(shown.study), frame_shows.people(shown))


def check(shown: Shown) -> Section:
    """The checks, what happened to the instrument, and what else happened, with its days."""
    rivals = shown.plan.comparison.rival_words
    return shown.checks(*(f"It could account for a change, too: {rival}." for rival in rivals))


def agreement(shown: Shown) -> Section:
    """How far two auditors of one assessment agree, and how each item was rated."""
    if not Twice(shown.study).enough:
        few = "Too few audits were rated twice to say how far auditors agree."
        return Section.of(shown.say(few))
    return Section.of(tables.agreement_table(shown.study))


def ratings(shown: Shown) -> Section:
    """Ratings of one to four by item."""
    return Section.of(tables.ratings_table(shown.study)) if _all(shown) else _only_all(shown)


def instrument(shown: Shown) -> Section:
    """Whether a change can be told where the audit instrument changed."""
    return shown.checked("instrument_change", why="the plan names no change of instrument")


def series(shown: Shown, outcomes: list[Outcome]) -> Section:
    """Both series by month, with everything that happened drawn on them and in words."""
    table = tables.series_table(shown.study) if _all(shown) else None
    if table is None:
        return _only_all(shown)
    events = sorted(shown.plan.comparison.events, key=lambda event: event.date)
    texts = tuple(event.words for event in events)
    figure = series_figures.series_figure(
        table,
        title="Good enough on every item, by month",
        marked=tuple(
            (event.date, event.until or event.date, text)
            for event, text in zip(events, texts, strict=True)
        ),
    )
    alt = series_figures.series_figure_alt(table, texts=texts)
    return Section.of(Chart(figure, alt, table, "series"))


def _all(shown: Shown) -> bool:
    return shown.place == ALL


def _only_all(shown: Shown) -> Section:
    return Section.of(shown.say(ONLY_ALL.format(place=shown.place_name)))


STEP = KIND.estimand
DESIGNS = {
    "beside_untouched": Way(
        "the step of the touched items less that of the items that were left alone",
        {
            None: ((STEP, MAIN),),
            ETHNIC_GROUP: (("group_effect", MAIN), ("gap_difference", MAIN)),
        },
    ),
    "series": Way(
        "both series by month, with what else happened",
        {None: ((STEP, MAIN),)},
        only={None: series},
        apart=True,
    ),
    "touched_alone": Way(
        "the touched items as one series, whatever else came at that date",
        {None: ((STEP, "single_series"),)},
    ),
    "local_level": Way(
        "the same difference by a level that wanders, and no straight line",
        {None: ((STEP, "local_level"),)},
    ),
    "ordinal_ratings": Way(
        "ratings of one to four by proportional odds, item by item",
        {None: ((STEP, "ordinal_ratings"),)},
    ),
    "untouched": Way(
        "the items that were left alone, at the same date",
        {None: (("untouched_step", "untouched_series"),)},
        apart=True,
    ),
    "slope": Way(
        "by how much faster it moved from then on, a fortnight",
        {None: (("slope_change", MAIN),)},
        apart=True,
    ),
    "instrument": Way(
        "the touched items where the audit instrument changed",
        {None: (("instrument_change", "mean_equating"),)},
        apart=True,
    ),
    "before_and_after": Way(
        "mean after less mean before, change over time not allowed for",
        {None: (("naive_difference", "crude_means"),)},
        apart=True,
    ),
}
SHOWS = replace(
    frame_shows.shows(DESIGNS),
    people=people,
    check=check,
    checks={"agreement": agreement, "ratings": ratings, "instrument": instrument},
)
