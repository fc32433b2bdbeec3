"""What is worse (harm watch, grade *worse*) over all studies of the front page, each with the link
to its page."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from analysis.clearing.harm_watch import watched_p
from analysis.judgement.classes import HARM_GRADES
from analysis.places.sentences import watched_line
from analysis.plans.kinds import kind_of
from analysis.plans.plan import Plan
from analysis.record.record import Record
from analysis.rounds.runs_found import FoundStudy, page_path
from analysis.sections.page.nation import place_name
from analysis.study.words import on_watch
from analysis.vocabulary.regions import ALL, NATIONAL

WORSE = HARM_GRADES[0]
MOST_NAMED = 8


@dataclass(frozen=True)
class Harm:
    """One outcome that is worse: study, place, outcome and groups in words, and the page that says
    more."""

    words: str
    href: str


@dataclass(frozen=True)
class HarmList:
    """Entries of one kind (all places at once, or single places): those that are named, how many
    more there are, and how many chance alone would give."""

    title: str
    named: tuple[Harm, ...]
    more: int
    chance: str


def harm_lists(studies: Iterable[FoundStudy]) -> tuple[HarmList, ...]:
    """What is worse over all places at once, and apart from it what is worse in single ones: the
    first is no part of the second, and the two are never added up. Named in the fixed order of
    studies and places, never by size.
    """
    whole: list[Harm] = []
    single: list[Harm] = []
    watched = Counter[bool]()
    for study in studies:
        if not kind_of(study.plan).compares:
            continue
        for place, record in study.places.items():
            (whole if place == ALL else single).extend(_of_place(study, place, record))
            watched[place == ALL] += sum(1 for _ in watched_p(cast(Plan, study.plan), record))
    return (
        _listed("Over all places at once", whole, watched[True]),
        _listed("In single places", single, watched[False]),
    )


def _of_place(study: FoundStudy, place: str, record: Record) -> tuple[Harm, ...]:
    """The outcomes of one record; those of all places at once stand on the nation's page."""
    page = next(run for run in study.pages if run.place == (NATIONAL if place == ALL else place))
    start = f"{study.plan.title}, {place_name(study.plan, place)}"
    found = on_watch(cast(Plan, study.plan), {place: record}, WORSE)
    return tuple(Harm(f"{start}: {entry.partition(': ')[2]}", page_path(page)) for entry in found)


def _listed(title: str, entries: list[Harm], watched: int) -> HarmList:
    more, chance = max(len(entries) - MOST_NAMED, 0), watched_line(watched)
    return HarmList(title, tuple(entries[:MOST_NAMED]), more, chance)
