"""What the verbs show of staff inclusion in one place: plain functions that return cleared
sections."""

from typing import cast

from analysis.display.section import Section
from analysis.plans.plan import Outcome
from analysis.said.texts import joined
from analysis.sections import frame_shows
from analysis.sections.ladder import ladder
from analysis.sections.showing import Shown
from analysis.sections.shows import ETHNIC_GROUP, Shows, Way
from analysis.studies.staff_inclusion import tables
from analysis.studies.staff_inclusion.kind import (
    ASKED_OR_NOT,
    BEFORE_AFTER,
    EFFECT,
    GAP,
    MAIN,
    WEIGHTED,
    WORST,
)
from analysis.studies.staff_inclusion.study import InclusionStudy
from analysis.vocabulary.regions import ALL


def _study(shown: Shown) -> InclusionStudy:
    return cast(InclusionStudy, shown.study)


def answer(shown: Shown) -> Section:
    """How many sites of its own the place has; then its estimate, or why there is none."""
    own = next((check.text for check in shown.study.checks if check.id == "own_sites"), "")
    return Section.of(shown.answer(own))


def people(shown: Shown) -> Section:
    """Who answered, by kind of site and ethnic group, before all else; which sites take part; who
    is not compared."""
    study = _study(shown)
    return Section.of(
        tables.response_table(study), tables.sites_table(study), frame_shows.people(shown)
    )


def scales(shown: Shown) -> Section:
    """Whether the questions of each scale hang together and work alike in each ethnic group: asked
    before any effect."""
    study = _study(shown)
    own = [outcome for outcome in shown.plan.compared if outcome.id in study.scale_checks]
    found = [check for o in own for check in study.scale_checks[o.id]]
    said = shown.say(*(check.text for check in found))
    return Section.of(said, *(tables.scale_table(study, outcome) for outcome in own))


def leaving(shown: Shown) -> Section:
    """Whether as many staff had left on either side of a start."""
    return Section.of(
        shown.checked("composition", why="too few sites take part"),
        tables.leaving_table(_study(shown)),
    )


def check(shown: Shown) -> Section:
    """The checks, and what else came at the same time."""
    rivals = joined("; ", shown.plan.comparison.rivals)
    return shown.checks(*([f"At the same time: {rivals}."] if rivals else []))


def response(shown: Shown) -> Section:
    """Who answered, and whether enough did and about as many on either side."""
    return Section.of(
        shown.checked("response", why="too few sites take part"),
        tables.response_table(_study(shown)),
    )


def by_wave(shown: Shown, outcomes: tuple[Outcome, ...]) -> Section:
    """Plain means of the answers, wave by wave: nothing is compared."""
    study = _study(shown)
    return Section.of(*(tables.waves_table(study, outcome) for outcome in outcomes))


def others(shown: Shown, outcome: Outcome) -> Section:
    """What weights for those who did not answer rest on."""
    study = _study(shown)
    weighed = shown.place == ALL and outcome.survey and outcome.role == "primary"
    if not weighed or study.refusal(outcome):
        return Section.of()
    return Section.of(tables.weights_table(study, (outcome,)))


def _effect(words: str, method: str) -> Way:
    return Way(words, {None: ((EFFECT, method),)})


DESIGNS = {
    "waiting_sites": Way(
        "sites that started beside sites of their region that asked as well and still wait",
        {
            None: ((EFFECT, MAIN),),
            ETHNIC_GROUP: (("group_effect", MAIN), ("gap_difference", GAP)),
        },
    ),
    "answered_like_asked": _effect("with weights for those who did not answer", WEIGHTED),
    "worst_case": _effect("whatever those who did not answer would say", WORST),
    "one_wave_before": _effect(
        "measured from the one wave before the start, each site alike", "group_time_permutation"
    ),
    "before_after": Way(
        "after the start less before it, site by site (naive: improving sites improve anyway)",
        {None: ((BEFORE_AFTER, "paired_sites"),)},
    ),
    "asked_or_not": Way(
        "sites that started less sites that never asked, in the last wave (naive: they differ)",
        {None: ((ASKED_OR_NOT, "two_kinds_of_sites"),)},
    ),
}
_FRAME = frame_shows.shows(DESIGNS)
SHOWS: Shows[Shown] = Shows(
    opened=Shown,
    answer=answer,
    people=people,
    check=check,
    limits=_FRAME.limits,
    rates=_FRAME.rates,
    checks={"response": response, "scales": scales, "leaving": leaving},
    designs=DESIGNS,
    over={"wave": by_wave},
    ladder=ladder,
    others=others,
)
