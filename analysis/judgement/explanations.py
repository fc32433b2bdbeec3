"""Where an explanation stands, in words: not asked yet, asked, received, accepted until a day, not accepted."""

import math
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.plans.explanations import Explanation

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def day_words(iso: str) -> str:
    """ "18 September 2026"."""
    day = date.fromisoformat(iso)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def not_asked_line(rounds: int, of: int, *, asked: bool, asked_after: str, asked_of: str) -> str:
    """Nobody has been asked: in how many rounds it was seen, and whether or when an explanation is to be asked for.

    `asked`: it has been seen often enough. `asked_after`: the plan's rule in words ("2 of 3 rounds").
    """
    last = f"{rounds} of the last {of} rounds" if of > 1 else "the one round that is counted"
    if asked:
        return f"not asked yet. Seen in {last}: an explanation is to be asked for ({asked_of})."
    return f"not asked yet. Seen in {last}; to be asked for if it is seen in {asked_after}."


def explanation_line(state: str, entry: "Explanation | None", *, shown_on: str, reform_due: bool) -> str:
    """One line: what was asked of which role, or what came and what became of it. Never whether it is right.

    ValueError without an entry of the register: then nobody was asked (`not_asked_line`).
    """
    if entry is None or state == "not_asked":
        raise ValueError("only an entry of the register says that an explanation was asked for")
    asked = f"asked on {day_words(entry.asked_on)} of the {entry.asked_of}, due {day_words(entry.due)}"
    late = f", not received by {day_words(shown_on)}" if entry.due < shown_on else ""
    said = {
        "asked": lambda: f"{asked}{late}.",
        "received": lambda: f"{asked}. Received {day_words(entry.received_on)}, not decided.",
        "accepted": lambda: f"accepted by the {entry.decided_by} until {day_words(entry.accepted_until)}.",
        "not_accepted": lambda: (
            f"not accepted by the {entry.decided_by} ({day_words(entry.decided_on)}). Reform by {day_words(entry.reform_by)}."
        ),
    }[state]()
    return f"{said} Reform is due: the disparity still stands." if reform_due else said


def chance_line(page: float, year: float, *, rounds_a_year: int, asked_at_most: float | None) -> str:
    """How often chance alone shows a disparity, and has an explanation asked for (shares of pages and of years, 0 to 1).

    `asked_at_most`: upper limit of the share of years in which one is asked for; None where nobody is asked.
    """
    shown = (
        f"If nothing differed, chance alone would show at least one disparity on {_in_100(page)} pages like this one"
    )
    if rounds_a_year > 1:
        shown += f", and in {_in_100(year)} years of {rounds_a_year} rounds"
    if asked_at_most is None:
        return f"{shown}."
    return (
        f"{shown}. An explanation would be asked for in fewer than {math.floor(100 * asked_at_most) + 1} in 100 years."
    )


def _in_100(share: float) -> str:
    """ "about 5 in 100"; fewer than half of one is "fewer than 1 in 100"."""
    return "fewer than 1 in 100" if share < 0.005 else f"about {round(100 * share)} in 100"
