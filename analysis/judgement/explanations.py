"""Where an explanation stands, in the words of "explain or reform": due, received, accepted, not accepted, reform due."""

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


def not_yet_line(rounds: int, of: int, *, asked_after: str) -> str:
    """A disparity that has not been seen often enough: when an explanation will be asked for ("2 of 3 rounds")."""
    last = f"{rounds} of the last {of} rounds" if of > 1 else "the one round that is counted"
    return f"seen in {last}; an explanation is asked for if it is seen in {asked_after}."


def explanation_line(state: str, entry: "Explanation | None", *, due: str, asked_of: str, shown_on: str) -> str:
    """One line: what is due of which role, or what came and what became of it. Never whether it is right.

    ValueError where nothing stands in the register and the state says more than that an explanation is due.
    """
    if entry is None and state != "due":
        raise ValueError(f"`{state}` needs an entry of the register")
    if state == "accepted":
        return f"explanation received and accepted by {entry.decided_by}, {day_words(entry.decided_on)}."
    if state == "received":
        return f"explanation received {day_words(entry.received_on)}; not yet decided ({asked_of})."
    if state == "not_accepted":
        return f"explanation received and not accepted by {entry.decided_by}, {day_words(entry.decided_on)}."
    if state == "due":
        late = ", not received" if entry is not None and due < shown_on else ""
        return f"explanation due {day_words(due)}{late} ({asked_of})."
    came = "no accepted explanation" if entry.decision is None else "the explanation was not accepted"
    by = f", by {day_words(entry.reform_by)}" if entry.reform_by else ""
    return f"reform due{by}: {came} ({asked_of})."


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
