"""What the verbs show of a quality audit."""

from dataclasses import replace

from analysis.display.section import Section
from analysis.sections import frame_shows
from analysis.sections.showing import Shown
from analysis.sections.shows import ETHNIC_GROUP, Way
from analysis.studies.quality_audit import tables
from analysis.studies.quality_audit.kind import (
    ALONE,
    BRIDGED,
    CR2,
    DRIFT,
    KIND,
    MAIN,
    SECOND_CODES,
    TEAMS,
    TRAINED_ALONE,
    WAITING_ALONE,
)
from analysis.vocabulary.regions import ALL

ONLY_ALL = (
    "Investigators belong to one national office, and too few of them work on the cases of one"
    " region: trained and waiting investigators are compared for all regions together, and not"
    " for {place} alone."
)
NO_RATES = (
    "Rates by ethnic group are not set beside each other here: the panel read more of the cases"
    " whose complaint names race, and how many do so differs between groups."
)


def answer(shown: Shown) -> Section:
    """The estimate of the leading outcome in a sentence, or that regions describe."""
    return Section.of(shown.answer(*(() if _all(shown) else (_only_all(shown),))))


def people(shown: Shown) -> Section:
    """The place's own cases, and which of them are not compared."""
    return Section.of(tables.cases_table(shown.study), frame_shows.people(shown))


def detection(shown: Shown) -> Section:
    """Sensitivity and specificity of reports beside the panel's code."""
    return Section.of(tables.detection_table(shown.study))


def agreement(shown: Shown) -> Section:
    """How far two coders of one case agree."""
    if not _all(shown):
        return Section.of(shown.say(_only_all(shown)))
    return Section.of(tables.agreement_table(shown.study))


def drift(shown: Shown) -> Section:
    """Whether coders say yes more readily to the same cases later."""
    return shown.checked(DRIFT, why="it is worked out for all regions together")


def teams(shown: Shown) -> Section:
    """Whether what training adds differs between teams."""
    return shown.checked(TEAMS, why="it is worked out for all regions together")


def rates(shown: Shown, outcomes: tuple, by: str) -> Section:
    """None, and why."""
    return Section.of(shown.say(NO_RATES))


def _all(shown: Shown) -> bool:
    return shown.place == ALL


def _only_all(shown: Shown) -> str:
    return ONLY_ALL.format(place=shown.place_name)


def _way(words: str, estimand: str, method: str, *, apart: bool = False) -> Way:
    return Way(words, {None: ((estimand, method),)}, apart=apart)


EFFECT = KIND.estimand
DESIGNS = {
    "beside_waiting": Way(
        "how far trained investigators moved less how far those who wait did",
        {None: ((EFFECT, MAIN),), ETHNIC_GROUP: (("group_effect", MAIN), ("gap_difference", MAIN))},
    ),
    "cr2": _way("the same with errors of investigators in place of the lot", EFFECT, CR2),
    "second_codes": _way(
        "the same by the second coders, who read at the end and in mixed order",
        EFFECT,
        SECOND_CODES,
    ),
    "bridged": _way(
        "trained investigators alone, since less before, less the drift of coders; what else"
        " changed is in it",
        TRAINED_ALONE,
        BRIDGED,
        apart=True,
    ),
    "trained": _way(
        "trained investigators alone, since less before", TRAINED_ALONE, ALONE, apart=True
    ),
    "waiting": _way(
        "investigators who wait, since less before: nothing was done to them",
        WAITING_ALONE,
        ALONE,
        apart=True,
    ),
    "before_and_after": _way(
        "trained investigators alone, neither drift nor the sample allowed for",
        "naive_difference",
        "crude_means",
        apart=True,
    ),
}
SHOWS = replace(
    frame_shows.shows(DESIGNS),
    answer=answer,
    people=people,
    rates=rates,
    checks={"detection": detection, "agreement": agreement, "drift": drift, "teams": teams},
)
