"""The conclusions of the Justice Data Lab, and what each lets a reader say and not say.

Its published reports draw one of three from the interval of a difference: a decrease, an increase,
or neither. They are drawn here from the same interval; the class of a page (judgement/classes.py)
holds the interval against the size that matters too, and against the number of comparisons.
"""

from dataclasses import dataclass

from analysis.record.row import Row

SOURCE = "Justice Data Lab (Ministry of Justice)"


@dataclass(frozen=True)
class Conclusion:
    """One conclusion: what it is, what can be said, and what cannot."""

    id: str
    words: str
    can: str
    cannot: str


CONCLUSIONS = {
    one.id: one
    for one in (
        Conclusion(
            "decrease",
            "a decrease in reoffending",
            "those who started reoffended less than people like them, as far as what was recorded"
            " makes them alike",
            "the programme alone did it; it would do the same for those who did not start",
        ),
        Conclusion(
            "increase",
            "an increase in reoffending",
            "those who started reoffended more than people like them, as far as what was recorded"
            " makes them alike",
            "the programme alone did it; the people who ran it were at fault",
        ),
        Conclusion(
            "too_little",
            "not enough evidence to conclude",
            "more people would be needed to tell whether those who started reoffended more, less or"
            " as often as people like them",
            "the programme does nothing; the programme does not work; the programme works",
        ),
    )
}


def conclusion(row: Row) -> Conclusion | None:
    """The conclusion that the interval of a row leads to; None where the row has none."""
    if row.status != "estimated" or row.conf_low is None or row.conf_high is None:
        return None
    if row.conf_high < 0:
        return CONCLUSIONS["decrease"]
    return CONCLUSIONS["increase" if row.conf_low > 0 else "too_little"]


def said(row: Row) -> tuple[str, ...]:
    """The conclusion of a row in sentences; none where the row has none."""
    found = conclusion(row)
    if found is None:
        return ()
    return (
        f"Of the conclusions that the {SOURCE} draws, this interval leads to: {found.words}. You"
        f" can say: {found.can}. You cannot say: {found.cannot}.",
    )
