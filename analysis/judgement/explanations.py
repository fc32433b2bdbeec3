"""Where an explanation stands, in the words of "explain or reform": five states, and none without
an entry but the first."""

import math

from analysis.judgement.wording.periods import day_words
from analysis.plans.explanations import ACCEPTED, ASKED, NOT_ACCEPTED, RECEIVED, STATES, Explanation
from analysis.said.numbers import cleared_estimate, tally
from analysis.said.texts import joined, named, say

NOT_ASKED_WORDS = "not asked yet"  # each line of this state starts so
SEEN = f"{NOT_ASKED_WORDS}, seen in"  # and so where it has not been seen often enough


def waiting_line(rounds: int, of: int, *, asked_after: str) -> str:
    """Nobody is asked, since a disparity has not been seen often enough: when one will be ("2 of 3
    rounds")."""
    last = "the one round that is counted"
    if of > 1:
        seen, all_of_them = tally(rounds, "rounds"), tally(of, "rounds")
        last = say("{seen} of the last {of} rounds", seen=seen, of=all_of_them)
    return say(
        "{start} {last}. An explanation is to be asked for if it is seen in {asked_after}.",
        start=SEEN,
        last=last,
        asked_after=named(asked_after),
    )


def to_be_asked_line(asked_of: str, *, ended_on: str | None = None) -> str:
    """Seen often enough, and nobody has entered that somebody was asked; `ended_on`: an acceptance
    ended then."""
    if ended_on is not None:
        return say(
            "{not_asked}. The explanation was accepted until {day}; a new one is to be asked of the"
            " {role}.",
            not_asked=NOT_ASKED_WORDS,
            day=named(day_words(ended_on)),
            role=named(asked_of),
        )
    return say(
        "{not_asked}. An explanation is to be asked of the {role}; nobody has been asked yet.",
        not_asked=NOT_ASKED_WORDS,
        role=named(asked_of),
    )


def explanation_line(state: str, entry: Explanation, *, shown_on: str, reform: bool) -> str:
    """One line of an entry of the register: asked of which role, what came and what became of it.
    Never whether it is right.

    `reform`: it is due. ValueError for the state "not_asked", which has no entry, and for one that
    is no state.
    """
    role = say("({role})", role=named(entry.asked_of))
    if state == ASKED:
        late = "; reform is due" if reform else "; overdue" if entry.due < shown_on else ""
        return say(
            "asked on {asked}, due {due}, not yet received{late} {role}.",
            asked=_day(entry.asked_on),
            due=_day(entry.due),
            late=late,
            role=role,
        )
    if state == RECEIVED:
        return say("received on {day}, not decided {role}.", day=_day(entry.received_on), role=role)
    by = say("by {who}", who=named(str(entry.decided_by)))
    if state == ACCEPTED:
        until, on = _day(entry.accepted_until), _day(entry.decided_on)
        return say(
            "accepted until {until}, {by} on {on} {role}.", until=until, by=by, on=on, role=role
        )
    if state == NOT_ACCEPTED:
        reform_words, on = _reform_words(entry, reform), _day(entry.decided_on)
        return say(
            "not accepted {by} on {on}, {reform} {role}.",
            by=by,
            on=on,
            reform=reform_words,
            role=role,
        )
    raise ValueError(f"`{state}` has no line of an entry; valid: {', '.join(STATES[1:])}")


def _day(day: str | None) -> str:
    """A day that an entry in this state has (plans/explanations.py refuses one without)."""
    if day is None:
        raise ValueError("an entry of the register lacks the day of its state")
    return named(day_words(day))


def _reform_words(entry: Explanation, reform: bool) -> str:
    if entry.reform_by is not None:
        return say("reform by {day}", day=_day(entry.reform_by))
    return "reform is due" if reform else "no day is set for reform"


def chance_line(
    page: float, year: float, *, rounds_a_year: int, asked_at_most: float | None
) -> str:
    """How often chance alone shows a disparity, and has an explanation asked for (shares of pages
    and of years, 0 to 1).

    `asked_at_most`: upper limit of the share of years in which one is asked for; None where nobody
    is asked.
    """
    said = [
        say(
            "Where nothing differs, chance alone shows a disparity on {often} pages like this one.",
            often=_in_100(page),
        )
    ]
    if rounds_a_year > 1:
        rounds = tally(rounds_a_year, "rounds")
        often = _in_100(year)
        said.append(
            say("Over a year of {n} rounds it does so in {often} years.", n=rounds, often=often)
        )
    if asked_at_most is not None:
        most = cleared_estimate(math.floor(100 * asked_at_most) + 1, decimals=0)
        said.append(
            say("An explanation would be asked for in fewer than {most} in 100 years.", most=most)
        )
    return joined(" ", said)


def _in_100(share: float) -> str:
    """ "about 5 in 100"; fewer than half of one is "fewer than 1 in 100"."""
    if share < 0.005:
        return say("fewer than 1 in 100")
    return say("about {share} in 100", share=cleared_estimate(100 * share, decimals=0))
