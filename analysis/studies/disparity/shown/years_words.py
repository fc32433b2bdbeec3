"""Rounds that are added up, in words: whether they agree, each of them, and of which one a row
is."""

from analysis.judgement.wording.figures_in_words import capital
from analysis.judgement.wording.rates_in_words import interval_text, ratio_texts
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.said.texts import joined, named, sentence
from analysis.studies.disparity.years import ADDED_UP, ONE_SIDE, SUM, round_of

START = "round_"  # of the note of a row of one round


def is_of_rounds_that_differ(row: Row) -> bool:
    """The row answers where the rounds that would be added up disagree."""
    return row.note == SUM or round_of(row.note) is not None


@sentence
def of_which_round(row: Row) -> str:
    """For a label: the one year that the row is of, where the years disagree; else empty."""
    year = round_of(row.note)
    return f" ({year} alone)" if year else ""


@sentence
def years_line(record: Record, outcome: str, group: str) -> str:
    """Whether the years that were added up agree; empty where none were."""
    check = next((c for c in record.checks if c.id == f"years_{outcome}_{group}"), None)
    return "" if check is None else capital(check.text)


@sentence
def how_they_differ(record: Record, row: Row) -> str:
    """That the years disagree, each of them, and which of them is said next. `row`: the one that
    answers."""
    line = years_line(record, row.outcome, row.group.split(" to ")[0])
    one_by_one = f"{line} One by one: {single_years(record, row)}."
    if row.note == SUM:
        return (
            f"{one_by_one} No single year has enough numbers for a verdict. {years_of(record, row)}"
            " added up:"
        )
    year, together = round_of(row.note) or "", ""
    if row.note.startswith(ONE_SIDE):
        together = (
            " Every year with enough numbers lies outside the band, on the same side: the years"
            " differ in size."
        )
        if chance_set_aside_by_the_sum(record, row):
            together += " All years added up set chance aside"
            together += f"; {year} alone does not." if row.conf_low <= 1 <= row.conf_high else "."
    return f"{one_by_one}{together} The newest year with enough numbers, {year}:"


def chance_set_aside_by_the_sum(record: Record, row: Row) -> str | None:
    """The year of a row that is a disparity by the p-value of all years added up, and not by its
    own; else None."""
    if row.result_class != "disparity" or not str(row.note).startswith(ONE_SIDE):
        return None
    own = record.rows_where(outcome=row.outcome, group=row.group)
    whole = next(one for one in own if one.note == ADDED_UP)
    return round_of(row.note) if row.p_adjusted == whole.p_adjusted else None


@sentence
def years_of(record: Record, row: Row) -> str:
    """ "The years 2023 to 2025", of the rounds that are added up."""
    years = sorted(one.note.removeprefix(START) for one in _years(record, row))
    return named(f"The years {years[0]} to {years[-1]}") if years else "All years"


@sentence
def single_years(record: Record, row: Row) -> str:
    """ "2023 0.91 ..., 2024 2.57 ..." with their intervals."""
    return joined(
        ", ", (_one_year(one) for one in _years(record, row) if one.status == "estimated")
    )


@sentence
def _one_year(row: Row) -> str:
    r, low, high = ratio_texts(row.value, row.conf_low, row.conf_high)
    year = named(row.note.removeprefix(START))
    return f"{year} {r} times ({interval_text(low, high, row.conf_high)})"


def _years(record: Record, row: Row) -> list[Row]:
    """Rows of the single rounds of the same comparison."""
    own = record.rows_where(outcome=row.outcome, group=row.group)
    return [one for one in own if str(one.note).startswith(START)]
