"""What can be wrong between columns, rows and tables: the two doors to all rules beyond single
cells."""

from analysis.errors import Problem
from analysis.extracts.files.files import Note, TextTable
from analysis.extracts.rules.column_rules import check_columns
from analysis.extracts.rules.follow_up import check_follow_up
from analysis.extracts.rules.link_rules import Tables, check_links
from analysis.extracts.rules.lost_rows import check_lost_rows
from analysis.extracts.rules.person_rules import check_persons
from analysis.extracts.rules.row_rules import check_rows
from analysis.extracts.rules.spellings import check_spellings


def check_table(table: TextTable) -> tuple[Problem, ...]:
    """Rules within one cleaned table: between its columns and its rows."""
    return (*check_rows(table), *check_columns(table))


def check_between(tables: Tables) -> tuple[tuple[Problem, ...], tuple[Note, ...]]:
    """Rules between cleaned tables, and within a person; tables or columns that are missing are
    left out."""
    problems: list[Problem] = []
    notes: list[Note] = []
    for rule in (check_links, check_follow_up, check_lost_rows, check_persons, check_spellings):
        found, said = rule(tables)
        problems += found
        notes += said
    return tuple(problems), tuple(notes)
