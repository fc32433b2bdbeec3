"""The table at the end of a batch on a terminal, and as plain lines anywhere else."""

import sys
from typing import Literal, TextIO

from analysis.runs.final_table.lines import (
    HEADINGS,
    RIGHT,
    Cell,
    Line,
    duration,
    lines,
    rows,
)
from analysis.runs.runner import Outcome

GAP = "  "
WHOLE = 6  # so many columns are never folded


def say_table(
    outcomes: list[Outcome], seconds: float, *, alone: bool = False, stream: TextIO | None = None
) -> None:
    """The table, and in how many seconds all of it was done. Drawn on a terminal; plain lines of
    aligned columns, without colour, elsewhere. alone: as of `lines`."""
    stream = stream or sys.stdout
    listed = lines(outcomes, alone=alone)
    if not listed:
        return
    stream.write("\n")
    if stream.isatty():
        _draw(listed, stream)
    else:
        stream.write(plain(rows(listed)))
    stream.write(f"{_amount(listed)} in {duration(seconds)}.\n")


def _amount(listed: tuple[Line, ...]) -> str:
    places = sum(line.places for line in listed)
    one = "1 study" if len(listed) == 1 else f"{len(listed)} studies"
    return f"{one} in {places} {'place' if places == 1 else 'places'}"


def plain(shown: tuple[tuple[Cell, ...], ...]) -> str:
    """Columns under their headings, a row a line."""
    texts = [HEADINGS, *(tuple(cell.text for cell in row) for row in shown)]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    return "".join(f"{_plain_row(row, widths)}\n" for row in texts)


def _plain_row(row: tuple[str, ...], widths: list[int]) -> str:
    padded = (
        text.rjust(width) if place in RIGHT else text.ljust(width)
        for place, (text, width) in enumerate(zip(row, widths, strict=True))
    )
    return GAP.join(padded).rstrip()


def _draw(listed: tuple[Line, ...], stream: TextIO) -> None:
    """The same as a table of the width of the terminal."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for place, heading in enumerate(HEADINGS):
        side: Literal["left", "right"] = "right" if place in RIGHT else "left"
        table.add_column(heading, justify=side, overflow="fold", no_wrap=place < WHOLE)
    shown = rows(listed)
    for number, row in enumerate(shown, 1):
        last = number == len(listed) < len(shown)  # a rule above the sum
        table.add_row(*(Text(c.text, style=c.colour or "") for c in row), end_section=last)
    Console(file=stream, highlight=False).print(table)
