"""Where an explanation stands, in the words of "explain or reform": due, received, accepted, not accepted, reform due."""

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


def explanation_line(state: str, entry: "Explanation | None", *, due: str, asked_of: str, shown_on: str) -> str:
    """One line: what is due of which role, or what came and what became of it. Never whether it is right."""
    if state == "accepted":
        return f"explanation received and accepted by {entry.decided_by}, {day_words(entry.decided_on)}."
    if state == "received":
        return f"explanation received {day_words(entry.received_on)}; not yet decided ({asked_of})."
    if state == "not_accepted":
        return f"explanation received and not accepted by {entry.decided_by}, {day_words(entry.decided_on)}."
    if state == "due":
        late = ", not received" if entry is not None and due < shown_on else ""
        return f"explanation due {day_words(due)}{late} ({asked_of})."
    came = "no accepted explanation" if entry is None or entry.decision is None else "the explanation was not accepted"
    by = f", by {day_words(entry.reform_by)}" if entry is not None and entry.reform_by else ""
    return f"reform due{by}: {came} ({asked_of})."
