"""What the pages of a study say of its standing in a round: signed or draft, the fact check, the
comment of a region, corrections. Roles and days, never a name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from analysis.judgement.wording.periods import day_words
from analysis.plans.study_plan import StudyPlan
from analysis.rounds.log import (
    ASSURER,
    CORRECTION,
    DISCLOSURE,
    WITHDRAWAL,
    Entry,
)
from analysis.rounds.steps import Standing, standing
from analysis.said.texts import leaves, named, sentence
from analysis.vocabulary.regions import ALL, NATIONAL
from analysis.vocabulary.round_ids import base_round

DRAFT, RELEASED = "DRAFT, not signed off", "released"
SOME_DRAFTS = "some of these pages are drafts"
WITHDRAWN = "withdrawn"
KIND_WORDS = {
    "data": "data",
    "method": "method",
    "plan": "plan",
    "text": "wording",
    WITHDRAWAL: "withdrawal",
}


@dataclass(frozen=True)
class Notice:
    """That a page was corrected, or corrects another, in words. other: round of the page that it
    leads to, empty where there is none; link: the words of the link."""

    words: str
    other: str = ""
    link: str = ""

    def __post_init__(self):
        leaves(self, "a notice", "words", "link")


@dataclass(frozen=True)
class Comment:
    """What a region says of its page: its own words, not those of the workbook. An empty text: it
    has found the page to be right."""

    text: str
    by: str

    def __post_init__(self):
        leaves(self, "a comment", "text", "by")


@dataclass(frozen=True)
class Marks:
    """The marks of one study in one round. state: words for the strip, the first of them what it
    is; comments: by region; notices: at the top of each of its pages; deleted: that its data are
    gone, empty while they are there."""

    state: tuple[str, ...] = (DRAFT,)
    comments: Mapping[str, Comment] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
    deleted: str = ""

    def __post_init__(self):
        leaves(self, "a strip", "state")
        leaves(self, "the origin of a page", "deleted")

    def words(self, audience: str) -> tuple[str, ...]:
        """The words of the strip, of a record for this audience."""
        if audience != "release":
            return self.state
        return (*(text for text in self.state if text != DRAFT), RELEASED)

    @property
    def notice_words(self) -> str:
        """All notices in one text, for a column of a CSV; empty where there is none."""
        return " ".join(one.words for one in self.notices)


def regions_of(plan: StudyPlan, places: Iterable[str]) -> tuple[str, ...]:
    """The places of a round that are asked to check facts: each but the analysis of all at once."""
    return tuple(place for place in places if place not in (ALL, NATIONAL))


def marks_of(
    plan: StudyPlan,
    key: tuple[str, str, str],
    records: Mapping[str, str],
    log: Iterable[Entry],
    today: date,
    deleted: date | None = None,
) -> Marks:
    """The marks of a study (source, round, study), from the whole log and its records as they
    are. deleted: the day on which its data were deleted under their agreement."""
    every = [one for one in log if one.source == key[0] and one.study == key[2]]
    own = [one for one in every if one.round_id == key[1]]
    now = standing(own, records, regions_of(plan, records))
    return Marks(
        state=_state(now, today, own),
        comments={place: _comment(plan, place, one) for place, one in now.answers.items()},
        notices=tuple(_notices(every, key[1])),
        deleted=deleted_words(deleted) if deleted and now.signed else "",
    )


@sentence
def deleted_words(day: date) -> str:
    """What the page of a signed round says once its data are gone."""
    said = f"The data were deleted on {day_words(day)}, as agreed"
    return f"{said}: this round can no longer be re-run."


@sentence
def _state(now: Standing, today: date, own: Iterable[Entry]) -> tuple[str, ...]:
    gone = (WITHDRAWN,) if any(one.kind == WITHDRAWAL for one in own) else ()
    if now.signed:
        return (f"signed by the lead on {day_words(now.signed.day)}", *gone)
    until = now.fact_check_until
    open_ = until is not None and now.step(ASSURER) and not now.step(DISCLOSURE)
    if open_ and not now.changed and not now.fact_check_is_over(today):
        return (DRAFT, f"fact check until {day_words(until)}")  # type: ignore[arg-type]
    return (DRAFT,)


def _comment(plan: StudyPlan, place: str, entry: Entry) -> Comment:
    # its figures are days and years alone: what else it held was refused when it was made
    return Comment(named(entry.text), _by(entry))


@sentence
def _by(entry: Entry) -> str:
    return f"{entry.role}, {day_words(entry.day)}"


def _notices(every: Iterable[Entry], round_id: str) -> Iterable[Notice]:
    for one in every:
        if one.step != CORRECTION or base_round(one.round_id) != base_round(round_id):
            continue
        if one.round_id == round_id:
            link = "The corrected page" if one.replaced_by else ""
            yield Notice(_was_corrected(one), one.replaced_by, link)
        elif one.replaced_by == round_id:
            yield Notice(_replaces(one), one.round_id, "The page that was replaced")


@sentence
def _was_corrected(one: Entry) -> str:
    """What stands on top of the page that was corrected."""
    if one.kind == WITHDRAWAL:
        return f"This page was withdrawn on {day_words(one.day)}: {_reason(one)}"
    kind = KIND_WORDS[one.kind]
    return f"This page was corrected on {day_words(one.day)} ({kind}): {_reason(one)}"


@sentence
def _replaces(one: Entry) -> str:
    """What the page that replaces it says."""
    kind = KIND_WORDS[one.kind]
    start = f"This page replaces that of round {named(one.round_id)}"
    said = f"{start}, corrected on {day_words(one.day)} ({kind}): {_reason(one)}"
    return f"{said} {_changed(one)}"


def _reason(one: Entry) -> str:
    text = named(one.text.strip())
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _changed(one: Entry) -> str:
    """What the correction changed that matters."""
    if not one.changed:
        return "No class, verdict, decision or harm watch has changed."
    return f"Changed: {'; '.join(named(text) for text in one.changed)}."


@sentence
def front_notice(title: str, one: Entry) -> str:
    """A correction as the front page and a list of notices say it."""
    start = f"{title}, round {named(one.round_id)}"
    what = "withdrawn" if one.kind == WITHDRAWAL else f"corrected ({KIND_WORDS[one.kind]})"
    matters = "" if one.kind == WITHDRAWAL else f" {_changed(one)}"
    return f"{start}: {what} on {day_words(one.day)}. {_reason(one)}{matters}"


def common_state(found: Iterable[tuple[Marks, str]]) -> tuple[str, ...]:
    """What a page made from several studies says: the state that all share, else that some are
    drafts, or each of the states. found: marks and the audience of the record."""
    states = dict.fromkeys(marks.words(audience) for marks, audience in found)
    if len(states) == 1:
        return next(iter(states))
    if not states:
        return (DRAFT,)
    if any(DRAFT in state for state in states):
        return (SOME_DRAFTS,)
    return tuple(dict.fromkeys(words for state in states for words in state if words != RELEASED))
