"""Where an explanation stands, in the words of "explain or reform": five states, and none without
an entry but the first."""

import math

from analysis.judgement.wording.periods import day_words
from analysis.plans.explanations import ACCEPTED, ASKED, NOT_ACCEPTED, RECEIVED, STATES, Explanation

NOT_ASKED_WORDS = "not asked yet"  # each line of this state starts so
SEEN = f"{NOT_ASKED_WORDS}, seen in"  # and so where it has not been seen often enough


def waiting_line(rounds: int, of: int, *, asked_after: str) -> str:
    """Nobody is asked, since a disparity has not been seen often enough: when one will be ("2 of 3
    rounds")."""
    last = f"{rounds} of the last {of} rounds" if of > 1 else "the one round that is counted"
    return f"{SEEN} {last}. An explanation is to be asked for if it is seen in {asked_after}."


def to_be_asked_line(asked_of: str, *, ended_on: str | None = None) -> str:
    """Seen often enough, and nobody has entered that somebody was asked; `ended_on`: an acceptance
    ended then."""
    if ended_on is not None:
        ended = f"The explanation was accepted until {day_words(ended_on)}; a new one"
        return f"{NOT_ASKED_WORDS}. {ended} is to be asked of the {asked_of}."
    return (
        f"{NOT_ASKED_WORDS}. An explanation is to be asked of the {asked_of}; nobody has been asked"
        " yet."
    )


def explanation_line(state: str, entry: Explanation, *, shown_on: str, reform: bool) -> str:
    """One line of an entry of the register: asked of which role, what came and what became of it.
    Never whether it is right.

    `reform`: it is due. ValueError for the state "not_asked", which has no entry, and for one that
    is no state.
    """
    role = f"({entry.asked_of})"
    if state == ASKED:
        late = "; reform is due" if reform else "; overdue" if entry.due < shown_on else ""
        asked = f"asked on {day_words(entry.asked_on)}, due {day_words(entry.due)}"
        return f"{asked}, not yet received{late} {role}."
    if state == RECEIVED:
        return f"received on {_day(entry.received_on)}, not decided {role}."
    if state == ACCEPTED:
        by = f"by {entry.decided_by} on {_day(entry.decided_on)}"
        return f"accepted until {_day(entry.accepted_until)}, {by} {role}."
    if state == NOT_ACCEPTED:
        by = f"by {entry.decided_by} on {_day(entry.decided_on)}"
        return f"not accepted {by}, {_reform_words(entry, reform)} {role}."
    raise ValueError(f"`{state}` has no line of an entry; valid: {', '.join(STATES[1:])}")


def _day(day: str | None) -> str:
    """A day that an entry in this state has (plans/explanations.py refuses one without)."""
    if day is None:
        raise ValueError("an entry of the register lacks the day of its state")
    return day_words(day)


def _reform_words(entry: Explanation, reform: bool) -> str:
    if entry.reform_by is not None:
        return f"reform by {day_words(entry.reform_by)}"
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
        f"Where nothing differs, chance alone shows a disparity on {_in_100(page)} pages like this"
        " one."
    ]
    if rounds_a_year > 1:
        said.append(f"Over a year of {rounds_a_year} rounds it does so in {_in_100(year)} years.")
    if asked_at_most is not None:
        most = math.floor(100 * asked_at_most) + 1
        said.append(f"An explanation would be asked for in fewer than {most} in 100 years.")
    return " ".join(said)


def _in_100(share: float) -> str:
    """ "about 5 in 100"; fewer than half of one is "fewer than 1 in 100"."""
    return "fewer than 1 in 100" if share < 0.005 else f"about {round(100 * share)} in 100"
