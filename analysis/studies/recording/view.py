"""What the verbs show of the monitor of recording: who declared and where sources disagree, who is
recorded as Gypsy, Irish Traveller or Roma, and what the unrecorded could do to other pages."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from analysis.disparity.missing_groups import Tipping
from analysis.display.prose import Prose
from analysis.display.section import Section
from analysis.inference.missing import Bounds
from analysis.judgement.wording.figures_in_words import capital
from analysis.judgement.wording.rates_in_words import RATE, times
from analysis.results import Estimate, Table, significant
from analysis.said.texts import joined, sentence
from analysis.said.told import told
from analysis.studies.disparity.counted.counts import label
from analysis.studies.disparity.shown import view as monitor
from analysis.studies.disparity.shown.tables import (
    WITHHELD,
    count_words,
    of_counts,
    ratio_words,
)
from analysis.studies.disparity.shown.view import Counted
from analysis.studies.disparity.shown.words import VERDICT_WORDS
from analysis.studies.recording.others import Other, others_of
from analysis.studies.recording.study import ANSWERS, Line, RecordingStudy
from analysis.vocabulary.ethnicity import of_group

IN_100 = ", in every 100"
ANSWER_WORDS = {
    "declared": "Declared",
    "refused": "Refused",
    "not_stated": "Not stated",
    "not_recorded": "Nothing recorded",
}
NATION_ALONE = (
    "Gypsies, Irish Travellers and Roma are counted over all places together alone: in one place"
    " they are few."
)
OTHERS_ALONE = (
    "What the unrecorded could do to other pages is worked out over all places together: in one"
    " place they are few."
)
NO_SOURCE_IS_RIGHT = "Where two sources disagree, nothing here says which of them is right."
SAME_PEOPLE = (
    "A recorded share can rise because more people say so, without anybody having come or left."
)
CENSUS = (
    "A benchmark is of residents, by their own answer in the census; people under supervision need"
    " not resemble them by age or place."
)
ASSUMED = (
    (
        "Imputation takes the unrecorded for like the recorded of the same characteristics and"
        " outcome."
    ),
    (
        "Where people go unrecorded because of their group and the event, it is wrong, like the"
        " ratio as recorded."
    ),
    "Nothing in the data can show whether that is so. The bounds hold whoever they are.",
)
BY_ITSELF = (
    "Each verdict is that of a comparison by itself, without allowing for the others of its page."
)
WITHOUT_IT = (
    "The unrecorded without the event are taken for like the recorded. The bounds above take nobody"
    " for like anybody, and are wider."
)
NO_TIPPING = "no share changes it"


@dataclass(frozen=True, eq=False)
class Recorded(Counted):
    """The monitor of recording in one place."""

    study: RecordingStudy

    @cached_property
    def others(self) -> tuple[Other, ...]:
        """Every other monitor, over all places; none in a single place."""
        return tuple(others_of(self.study)) if self.study.counts.by_places else ()


# -- declaration -----------------------------------------------------------------------------------
def declaration(opened: Recorded) -> Section:
    """What people said at reception, round by round and by setting, and where sources disagree."""
    study, targets = opened.study, opened.plan.representation
    rounds = [{"Round": label(line.quarter)} | _answers(line) for line in study.rounds]
    settings = [
        {"Where": capital(line.setting)} | _answers(line) | _sources(line)
        for line in study.settings
    ]
    sources = [{"Round": label(line.quarter)} | _sources(line) for line in study.rounds]
    note = (
        f"Floor of {told(targets.floor_percent)} and stretch of {told(targets.stretch_percent)} in"
        f" every {told(100)} declared. Source: {targets.source}."
    )
    return Section.of(
        of_counts(study, "What was said at reception, everybody counted", rounds, note),
        of_counts(study, "Two sources", sources, NO_SOURCE_IS_RIGHT),
        of_counts(study, "The newest round in custody and on probation", settings)
        if settings
        else None,
    )


def _answers(line: Line) -> dict[str, str]:
    said = {f"{ANSWER_WORDS[name]}{IN_100}": _share(line.in_every_100(name)) for name in ANSWERS}
    return {"People": count_words(line.people)} | said


def _sources(line: Line) -> dict[str, str]:
    return {
        f"Known from either source{IN_100}": _share(line.in_every_100("known")),
        "In both sources": count_words(line.counts["in_both"]),
        f"In different groups{IN_100}": _share(line.in_every_100("differs", "in_both")),
    }


def _share(value: float | None) -> str:
    return WITHHELD if value is None else told(significant(value), RATE)


# -- Gypsies, Irish Travellers and Roma ------------------------------------------------------------
def identification(opened: Recorded) -> Section:
    """How many are recorded as Gypsy, Irish Traveller or Roma, over time, against the census."""
    study = opened.study
    if not study.counts.by_places:
        return Section.of(Prose(NATION_ALONE))
    rows = [
        {
            "Round": label(line.quarter),
            "Declared so": count_words(line.counts["traveller_declared"]),
            f"Of those who declared{IN_100}": _share(
                line.in_every_100("traveller_declared", "declared")
            ),
            "So in either source": count_words(line.counts["traveller_held"]),
            f"Of those known{IN_100}": _share(line.in_every_100("traveller_held", "known")),
        }
        for line in study.rounds
    ]
    marks = [
        f"{capital(b.plain)}, {b.vintage}: {told(b.percent)}%. Source: {b.source}."
        for b in opened.plan.representation.benchmarks
    ]
    title = f"Recorded as {opened.plan.groups.national_only_words}"
    return Section.of(of_counts(study, title, rows, SAME_PEOPLE, CENSUS, *marks))


# -- what the unrecorded could do ------------------------------------------------------------------
def missingness(opened: Recorded) -> Section:
    """For the leading measure of every monitor, what its unrecorded could do to each ratio."""
    if not opened.others:
        return Section.of(Prose(OTHERS_ALONE))
    return Section.of(
        Prose(joined("\n", (leading_line(other) for other in opened.others))),
        _unrecorded_table(opened),
        _could_table(opened),
        _tipping_table(opened),
    )


def _name(other: Other) -> str:
    return f"{other.plan.title}: {other.measure.noun}"


def _unrecorded_table(opened: Recorded) -> Table:
    rows = []
    for other in opened.others:
        cells = other.study.cells(other.measure).values()
        known = [cell.people for cell in cells if cell.people is not None]
        hidden = other.unrecorded.people
        share = None if hidden is None else 100 * hidden / (hidden + sum(known))
        rows.append(
            {
                "Page": _name(other),
                "Counted": other.measure.at_risk,
                "Group not recorded": count_words(hidden),
                f"Not recorded{IN_100}": _share(share),
            }
        )
    return of_counts(opened.study, "Whose group is not recorded, by page", rows)


def _could_table(opened: Recorded) -> Table:
    rows = [
        {
            "Page": _name(other),
            "Ethnic group": group,
            "As recorded, times as often": ratio_words(other.recorded(group)),
            "Whoever they are": bounds_words(other.bounds(group)),
            "Imputed": _imputed_words(other, group),
        }
        for other, group in _pairs(opened)
    ]
    title = "How far the unrecorded could move each ratio"
    return of_counts(opened.study, title, rows, *ASSUMED)


def _tipping_table(opened: Recorded) -> Table:
    rows = []
    for other, group in _pairs(opened):
        found = other.tipping(group)
        rows.append(
            {
                "Page": _name(other),
                "Ethnic group": group,
                "Verdict": WITHHELD if found is None else VERDICT_WORDS[found.verdict],
                f"Among the recorded with the event{IN_100}": (
                    WITHHELD if found is None else told(round(100 * found.like_recorded))
                ),
                f"The verdict changes at{IN_100} of the unrecorded": _tips_at(found),
                "To": _tips_to(found),
            }
        )
    title = "How different the unrecorded would have to be for a verdict to change"
    return of_counts(opened.study, title, rows, BY_ITSELF, WITHOUT_IT)


def _pairs(opened: Recorded) -> Iterator[tuple[Other, str]]:
    for other in opened.others:
        for group in other.plan.compared_groups:
            yield other, group


def bounds_words(bounds: Bounds | None) -> str:
    """ "0.92 to 1.88"."""
    if bounds is None:
        return WITHHELD
    low, high = (times(significant(x)) for x in (bounds.low, bounds.high))
    return f"{low} to {high}"


def _imputed_words(other: Other, group: str) -> str:
    found = other.imputed(group)
    return WITHHELD if found is None else ratio_words(found)


def _tips_at(found: Tipping | None) -> str:
    if found is None:
        return WITHHELD
    return NO_TIPPING if found.at is None else told(round(100 * found.at))


def _tips_to(found: Tipping | None) -> str:
    if found is None or found.becomes is None:
        return "[z]" if found is not None else WITHHELD
    return VERDICT_WORDS[found.becomes]


@sentence
def leading_line(other: Other) -> str:
    """The comparison that leads a page, in sentences."""
    group, recorded = other.plan.leads.group, other.recorded(other.plan.leads.group)
    who = of_group(group, other.measure.people)
    name = f"{other.plan.title}, {other.measure.noun}, {who}"
    bounds, tipping = other.bounds(group), other.tipping(group)
    if not isinstance(recorded, Estimate) or bounds is None:
        return f"{name}: withheld, or not worked out."
    said = (
        f"{name}: as recorded {times(significant(recorded.value))} times as often; whoever the"
        f" unrecorded are, {bounds_words(bounds)} times."
    )
    return f"{said} {_tipping_line(tipping, other, group)}".rstrip()


@sentence
def _tipping_line(found: Tipping | None, other: Other, group: str) -> str:
    """What would change the verdict, where those without the event are like the recorded."""
    if found is None:
        return ""
    measure, verdict = other.measure, f"the verdict ({VERDICT_WORDS[found.verdict]})"
    whom = f"the unrecorded who {measure.plain}"
    were = f"were {group}"
    if measure.kind == "rate":
        whom, were = f"{measure.events} of the unrecorded", f"were of {of_group(group)}"
    if found.at is None:
        end = f"{verdict} stands, if the others are like the recorded."
        return f"However many of {whom} {were}, {end}"
    side = "at least" if found.at > found.like_recorded else "at most"
    return (
        f"{capital(verdict)} would become “{VERDICT_WORDS[found.becomes or '']}” if {side}"
        f" {told(round(100 * found.at))} in every {told(100)} of {whom} {were}. Among the recorded"
        f" it is {told(round(100 * found.like_recorded))}."
    )


def check(opened: Recorded) -> Section:
    """What is recorded, and what explanations are asked for."""
    return Section.of(declaration(opened), identification(opened), monitor.check(opened))


SHOWS = replace(
    monitor.SHOWS,
    opened=Recorded,
    check=check,
    checks=monitor.SHOWS.checks
    | {
        "declaration": declaration,
        "identification": identification,
        "missingness": missingness,
    },
)
