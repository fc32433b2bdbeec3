"""How much of a file is taken in: looked at before a byte of its content is read. Imports no
pandas.

A file of the size of a postage stamp can unfold to all the memory of a machine. So what a file says
about itself (its size, the footer of Parquet) is compared with these limits first, and what comes
out of it is held to what it said.
"""

import os
from dataclasses import dataclass

from analysis.errors import ParameterError, Problem
from analysis.extracts.tables.codes import problem

ROWS_VARIABLE, BYTES_VARIABLE = "WORKBOOK_INPUT_ROWS", "WORKBOOK_INPUT_BYTES"
# The largest table of the services has some 250,000 people by quarters; ten years of all of them
# stay below a tenth of this. As text, 20 million rows of ten columns take some 10 GB.
MOST_ROWS = 20_000_000
MOST_BYTES = 2_000_000_000  # of a file, and of what it unfolds to: as text in memory about twice
MOST_COLUMNS = 500  # the contracts have up to 40; each heading beside them is compared with theirs
MOST_GROUPS = 100_000  # row groups of a Parquet file: writers make one for 10,000 rows or more
LONGEST_LINE = (
    100_000  # characters: far above any row of the contracts, far below what a parser chokes on
)
MOST_BYTES_OF_CSV = 2**31 - 2  # one block of the parser of CSV, whatever the environment says


@dataclass(frozen=True)
class InputLimits:
    """Most rows and most bytes of one file, packed and unpacked."""

    rows: int = MOST_ROWS
    bytes: int = MOST_BYTES

    @classmethod
    def from_environment(cls) -> "InputLimits":
        """The limits, raised (or lowered) by the two variables; ParameterError E229 for one that is
        no number."""
        rows, size = (_named(name) for name in (ROWS_VARIABLE, BYTES_VARIABLE))
        return cls(rows or MOST_ROWS, size or MOST_BYTES)

    def faults(
        self, file: str, *, rows: int = 0, columns: int = 0, size: int = 0, groups: int = 0
    ) -> tuple[Problem, ...]:
        """E386 for each measure of a file that is above its limit."""
        asked = (
            (rows, self.rows, f"rows ({ROWS_VARIABLE} raises the limit)"),
            (size, self.bytes, f"bytes ({BYTES_VARIABLE} raises the limit)"),
            (columns, MOST_COLUMNS, "columns"),
            (groups, MOST_GROUPS, "row groups"),
        )
        return tuple(
            problem("E386", file, hint=f"At most {most:,} {what} are taken in.")
            for found, most, what in asked
            if not 0 <= found <= most
        )


def _named(variable: str) -> int:
    """The number in a variable; 0 where it is not set."""
    text = os.environ.get(variable, "")
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 16 and int(text)):
        raise ParameterError(
            "E229", f"{variable} is not a number.", remedy="Write a whole number above 0."
        )
    return int(text)
