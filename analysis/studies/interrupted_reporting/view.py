"""What the verbs show of reports of discrimination."""

from dataclasses import replace

from analysis.display.figures import series as series_figures
from analysis.display.prose import Prose
from analysis.display.section import Chart, Section
from analysis.plans.plan import Outcome
from analysis.said.texts import worded
from analysis.sections import frame_shows
from analysis.sections.showing import Shown
from analysis.sections.shows import ETHNIC_GROUP, Way
from analysis.studies.interrupted_reporting import tables
from analysis.studies.interrupted_reporting.kind import COPIES, FORM, KIND, MAIN
from analysis.vocabulary.regions import ALL

ONLY_ALL = (
    "The change came to the whole nation on one date: its series is shown for all regions together,"
    " and not for {place} alone."
)
KEY = "● incidents, each counted once   □ forms as they were filed"
AXIS = worded("a month, for every 1,000 held")
SAID = worded("By month, for every 1,000 people held: incidents, and forms as they were filed.")


def people(shown: Shown) -> Section:
    """The place's own reports, and which of them are not compared."""
    return Section.of(tables.periods_table(shown.study), frame_shows.people(shown))


def check(shown: Shown) -> Section:
    """The checks, what happened to the form, and what else happened, with its days."""
    rivals = shown.plan.comparison.rival_words
    return shown.checks(*(f"It could account for a change, too: {rival}." for rival in rivals))


def copies(shown: Shown) -> Section:
    """How many forms came in for each incident, and what follows."""
    return Section.of(tables.copies_table(shown.study), _said(shown, COPIES, FORM))


def _said(shown: Shown, *starts: str) -> Prose | None:
    """The checks whose ids begin so, as sentences."""
    texts = [check.text for check in shown.study.checks if check.id.startswith(starts)]
    return shown.say(*dict.fromkeys(texts)) if texts else None


def survey(shown: Shown) -> Section:
    """Who answered the survey, what they said, and the incidents reported beside it."""
    study = shown.study
    answered = _said(shown, "response")
    return Section.of(
        tables.response_table(study),
        answered,
        tables.experience_table(study),
        tables.ratio_table(study),
    )


def rates(shown: Shown, outcomes: tuple[Outcome, ...], by: str) -> Section:
    """What became of reports, by the ethnic group of who reported: of the shares asked for or,
    where none of those is a share, of all."""
    shares = tuple(o for o in outcomes if o.kind == "share")
    every = tuple(o for o in shown.plan.compared if o.kind == "share")
    return frame_shows.rates(shown, shares or every, by)


def series(shown: Shown, outcomes: list[Outcome]) -> Section:
    """Incidents and forms by month, with everything that happened drawn on them and in words."""
    table = tables.series_table(shown.study) if shown.place == ALL else None
    if table is None:
        return Section.of(shown.say(ONLY_ALL.format(place=shown.place_name)))
    events = sorted(shown.plan.comparison.events, key=lambda event: event.date)
    texts = tuple(event.words for event in events)
    figure = series_figures.series_figure(
        table,
        title="Incidents and forms, by month",
        marked=tuple(
            (event.date, event.until or event.date, text)
            for event, text in zip(events, texts, strict=True)
        ),
        words=(KEY, AXIS),
    )
    alt = series_figures.series_figure_alt(table, texts=texts, said=SAID)
    return Section.of(Chart(figure, alt, table, "series"))


STEP = KIND.estimand


def _series(method: str, words: str) -> Way:
    return Way(words, {None: ((STEP, method),)})


DESIGNS = {
    "interrupted_counts": Way(
        "the step of the series at its date, each incident counted once",
        {None: ((STEP, MAIN),), ETHNIC_GROUP: (("group_effect", MAIN),)},
    ),
    "series": Way(
        "incidents and forms by month, with what else happened",
        {None: ((STEP, MAIN),)},
        only={None: series},
        apart=True,
    ),
    "persons_reporting": _series("persons_reporting", "people who reported, each once a month"),
    "unchanged_sites": _series("unchanged_sites", "prisons that kept the old form alone"),
    "events_left_in": _series("events_left_in", "with the months of short events"),
    "local_level": _series("local_level", "by a level that wanders, and no straight line"),
    "forms_as_filed": _series("forms_as_filed", "forms counted, and not incidents"),
    "slope": Way(
        "by how many times the trend is steeper from then on, a year",
        {None: (("slope_change", MAIN),)},
        apart=True,
    ),
    "for_each_experience": Way(
        "incidents reported for each person who experienced discrimination, after beside before",
        {None: (("reports_for_experience", "delta_method"),)},
        apart=True,
    ),
    "before_and_after": Way(
        "forms after beside forms before, change over time not allowed for",
        {None: (("naive_difference", "crude_means"),)},
        apart=True,
    ),
}
SHOWS = replace(
    frame_shows.shows(DESIGNS),
    people=people,
    check=check,
    rates=rates,
    checks={"copies": copies, "survey": survey},
)
