"""What the verbs show of a study whose people stand in one frame (study/frame_study); a kind adds
the words of its designs."""

from collections.abc import Mapping
from typing import cast

from analysis.display.section import Part, Section
from analysis.judgement.wording.figures_in_words import capital
from analysis.plans.plan import Outcome
from analysis.said.texts import joined
from analysis.sections import tables
from analysis.sections.showing import Shown
from analysis.sections.shows import Shows, Way
from analysis.study.frame_study import FrameStudy

NO_RATE = "{noun}: a score has no rate."


def answer(shown: Shown) -> Section:
    """The estimate of the leading outcome in a sentence, or why there is none."""
    return Section.of(shown.answer())


def people(shown: Shown) -> Section:
    """Who is not in the comparison, and why, in the words of the kind."""
    exact = shown.study.excluded
    words = {reason: shown.kind.excluded_words(shown.plan, reason) for reason in exact}
    return Section.of(
        tables.excluded_table(shown.plan, shown.excluded, words, clearance=shown.clearance)
    )


def check(shown: Shown) -> Section:
    """The checks, and what else came at the same time."""
    rivals = joined("; ", shown.plan.comparison.rivals)
    return shown.checks(*([f"At the same time: {rivals}."] if rivals else []))


def limits(shown: Shown) -> Section:
    """What this comparison can and cannot say."""
    return Section.of(shown.limits())


def rates(shown: Shown, outcomes: tuple[Outcome, ...], by: str) -> Section:
    """The event of each ethnic group beside the reference group."""
    parts: list[Part] = []
    study = cast(FrameStudy, shown.study)  # these verbs are of kinds with such a study
    for outcome in outcomes:
        if outcome.kind != "share":
            parts.append(shown.say(NO_RATE.format(noun=capital(outcome.noun))))
            continue
        rows = shown.rows(outcome.id)
        counts = study.counts(outcome)
        parts.append(
            tables.rates_table(
                shown.plan, outcome, counts, rows, study.groups, clearance=shown.clearance
            )
        )
    return Section.of(*parts)


def shows(designs: Mapping[str, Way]) -> Shows[Shown]:
    """The verbs of a kind, with its designs by name (the first leads)."""
    return Shows(
        opened=Shown,
        answer=answer,
        people=people,
        check=check,
        limits=limits,
        rates=rates,
        designs=designs,
    )
