"""When pages of a round may leave, and who sees them before: what was announced of a study, as pure
functions of the log.

Official statistics are released at 9.30 a.m. on a working day, and announced before (Code of
Practice for Statistics, orderly release). Before that only those see them who were granted it, at
most 24 hours (Pre-release Access to Official Statistics Order 2008, SI 2008/2998, Schedule).
Management information is for its circulation list, and is never announced.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from analysis.errors import RunError
from analysis.judgement.wording.periods import day_words
from analysis.plans.study_plan import StudyPlan
from analysis.rounds.english_time import moment_of, on_clocks, time_words
from analysis.rounds.log import ANNOUNCEMENT, Entry
from analysis.rounds.working_days import is_working
from analysis.vocabulary.round_ids import base_round

OFFICIAL, MANAGEMENT = "official_statistics", "management_information"  # `release` of a plan
AT = time(9, 30)
LONGEST = timedelta(hours=24)


@dataclass(frozen=True)
class Announced:
    """What was announced of a study. release_at: moment (UTC); shown_to: roles that see its pages
    before, from shown_from (UTC) on; None where nobody does."""

    release_at: datetime
    shown_to: tuple[str, ...] = ()
    shown_from: datetime | None = None


def announced(log: Iterable[Entry], key: tuple[str, str, str]) -> Announced | None:
    """What was announced last of a study (source, round, study), for its round or a rerun of it."""
    source, round_id, study = key
    found = [
        one
        for one in log
        if one.step == ANNOUNCEMENT
        and (one.source, one.study) == (source, study)
        and base_round(one.round_id) == base_round(round_id)
    ]
    return _of(found[-1]) if found else None


def _of(entry: Entry) -> Announced:
    since = datetime.fromisoformat(entry.shown_from) if entry.shown_from else None
    return Announced(datetime.fromisoformat(entry.release_at), entry.shown_to, since)


def to_announce(
    day: date, shown_to: tuple[str, ...], shown_from: datetime | None, now: datetime
) -> Announced:
    """What is to be announced. shown_from: as clocks in England show it. RunError E408 for a day
    that is past or no working day, and for access without a time or of more than 24 hours."""
    made = moment_of(datetime.combine(day, AT))
    since = moment_of(shown_from) if shown_from else None
    if not is_working(day):
        raise _refused("--at is no working day in England", "Name one; not the day before it.")
    if made <= now:
        raise _refused("--at is past, or past 9.30 a.m. today", "Name a later working day.")
    if bool(shown_to) != (since is not None):
        raise _refused("--to and --from belong together", "Say who sees the pages, and from when.")
    if since and not timedelta() < made - since <= LONGEST:
        text = "--from is not within the 24 hours before the release"
        first = on_clocks(made - LONGEST).strftime("%Y-%m-%dT%H:%M")
        raise _refused(text, f"Write {first} or later, before the release.")
    return Announced(made, shown_to, since)


def _refused(what: str, remedy: str) -> RunError:
    return RunError("E408", f"{what}.", remedy=remedy)


def check_is_announced_at_all(plan: StudyPlan) -> None:
    """RunError E407 for management information."""
    if plan.release == MANAGEMENT:
        text = f"{plan.study} is management information: it goes to its circulation list only."
        raise RunError("E407", text, remedy="workbook publish --audience internal.")


def check_may_leave(plan: StudyPlan, made: Announced | None, now: datetime) -> None:
    """RunError E409 for official statistics of which nothing was announced, and for a study that
    was announced for a later moment."""
    if made is None and plan.release == OFFICIAL:
        text = f"{plan.study} is official statistics, and no day of release was announced."
        raise RunError("E409", text, remedy="First: workbook pre-release ROUND STUDY --at DAY.")
    if made is not None and now < made.release_at:
        text = f"{plan.study} is released on {said(made.release_at)}, and not before."
        raise RunError("E409", text, remedy="Wait, or leave it out: name the other studies.")


def said(moment: datetime) -> str:
    """ "10 December 2026, 9.30 a.m."."""
    return f"{day_words(on_clocks(moment).date())}, {time_words(moment)}"
