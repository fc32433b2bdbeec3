"""Recodes in a series: people whose recorded ethnic group changes from one round to the next, told
on the page.

Such a change is no event: where many people move at once, a ratio moves with the record and not
with what happened. The rounds before and after are set beside each other, and the page says where
the series breaks and by how many people.
"""

from analysis.disclosure.people_said import Asked, cleared_count
from analysis.extracts.reading.sources import engine_errors
from analysis.extracts.rules.recodes import PERSON, QUARTER, recoded
from analysis.extracts.tables.contracts import CONTRACTS
from analysis.judgement.wording.periods import round_words
from analysis.record.record import Record
from analysis.results import CheckResult
from analysis.said.numbers import tally
from analysis.said.texts import named, say
from analysis.studies.disparity.figures import MonitorFigures
from analysis.study.losses.lost_rows import CHECK as LOST_ROWS

CHECK = "recoded"


def recode_checks(study: MonitorFigures) -> tuple[CheckResult, ...]:
    """One check for each two rounds between which people were recoded; none where nobody was, as in
    a good series."""
    counts = study.counts
    name = study.plan.table
    table = counts.tables.get(name) if name in CONTRACTS else None
    if table is None or not {PERSON, QUARTER} <= {*table.columns} or len(counts.rounds) < 2:
        return ()
    with engine_errors(name):
        found = recoded(table, counts.windows)
    moved = found[found["moved"] > 0]
    asked = Asked(study.place, "check: recodes", study.clearance)
    return tuple(
        CheckResult(f"{CHECK}_{k}", None, _text(study.plan.person, row, asked), bears_on="nothing")
        for k, row in enumerate(moved.itertuples(), 1)
    )


def _text(person: str, row, asked: Asked) -> str:
    """What is said of people whose group was recoded between two rounds.

    "200 people stand in July to September 2026 with another ethnic group than in April to June
    2026. ..."
    """
    about = asked.of(period=row.after, by=f"since {row.before}")
    many = cleared_count(int(row.moved), about, count="recoded")
    return say(
        "{many} {person} stand in {after} with another ethnic group than in {before}. The series"
        " has a break there: a ratio that moves between these rounds may have moved with the"
        " record.",
        many="A few" if many.is_withheld else many,
        person=named(person),
        after=named(round_words(row.after)),
        before=named(round_words(row.before)),
    )


def recode_lines(record: Record) -> tuple[str, ...]:
    """What a page says about its rows: recodes, oldest first, and quarters that are missing; empty
    where there are none."""
    told = (f"{CHECK}_", LOST_ROWS)
    return tuple(c.text for c in record.checks if c.id.startswith(told))


def recodes_in_short(record: Record) -> tuple[str, ...]:
    """The same above the fold: recodes of several rounds in one sentence."""
    lines = recode_lines(record)
    rounds = sum(check.id.startswith(f"{CHECK}_") for check in record.checks)
    if rounds < 2:
        return lines
    short = say(
        "In {rounds} rounds some people stand with another ethnic group than in the round before,"
        " each named in the analysis below. The series has a break at each: a ratio that moves"
        " there may have moved with the record.",
        rounds=tally(rounds, "rounds"),
    )
    others = (c.text for c in record.checks if c.id.startswith(LOST_ROWS))
    return (short, *others)
