"""Headings of a file to the columns of a contract: what is missing, repeated, not allowed, or names
people."""

import re
from collections.abc import Sequence

from analysis.errors import Problem
from analysis.extracts.files.blanks import plain_name
from analysis.extracts.files.mapping import TableWords
from analysis.extracts.tables.codes import did_you_mean, problem
from analysis.extracts.tables.contract import Contract

# Headings of columns that name or locate people; matched as parts of a heading.
PERSONAL = re.compile(
    r"(^|_)(fore|sur|first|last|full|middle)?_?names?($|_)|dob|birth|address|post_?code|e_?mail"
    r"|phone|mobile|nhs|pnc|crn|noms|nomis|prison_n|prn|nino|nat_ins"
)


def column_names(found: Sequence[str], words: TableWords) -> list[str]:
    """Headings in plain form, those of the mapping by our names."""
    plain = [plain_name(heading) for heading in found]
    return [words.columns.get(heading, heading) for heading in plain]


def headings(
    found: Sequence[str], name: str, contract: Contract, words: TableWords, *, line: int = 1
) -> tuple[list[str | None], tuple[Problem, ...]]:
    """The contract's name for each heading (None: not of the contract), and the faults.

    Headings are never repeated in words: in a file without a header they are values.
    """
    plain = column_names(found, words)
    problems: list[Problem] = []
    for place, heading in enumerate(plain):
        where = f"number {place + 1}"
        if heading in plain[:place] and heading in contract.names:
            problems.append(problem("E104", name, row=line, column=heading))
        elif heading not in contract.names:
            code = "E171" if PERSONAL.search(re.sub(r"[^a-z]+", "_", heading)) else "E170"
            hint = did_you_mean(heading, contract.names)
            problems.append(problem(code, name, row=line, column=where, hint=hint))
    for missing in (column for column in contract.names if column not in plain):
        like = [
            place + 1
            for place, heading in enumerate(plain)
            if heading not in contract.names and did_you_mean(heading, [missing])
        ]
        hint = f"Did you mean column number {like[0]}?" if like else ""
        problems.append(problem("E103", name, row=line, column=missing, hint=hint))
    known = [
        heading if heading in contract.names and heading not in plain[:place] else None
        for place, heading in enumerate(plain)
    ]
    return known, tuple(problems)
