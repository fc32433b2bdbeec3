"""Tables read back from what a notebook shows: the reverse of `layout.table_text`.

They were cleared before they were shown, and the guard has read the notebook since: what is read
here is what the page prints, letter by letter.
"""

import csv
import io
import re
from collections.abc import Iterator
from html import unescape

import pandas as pd

from analysis.results import Table
from analysis.said.texts import released

CLEARED = "cleared_record"
_TABLE = re.compile(
    r"<table><caption>(?P<title>.*?)</caption>\s*<thead>(?P<head>.*?)</thead>\s*"
    r"<tbody>(?P<body>.*?)</tbody></table>(?P<notes>.*?)</div>",
    re.DOTALL,
)
_ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
_CELL = re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>", re.DOTALL)
_NOTE = re.compile(r'<p class="wb-note">(.*?)</p>', re.DOTALL)


def printed_tables(html: str) -> Iterator[Table]:
    """The tables of an output, as they are printed: each cell a text."""
    for found in _TABLE.finditer(html):
        (headings,) = _rows(found["head"])
        frame = pd.DataFrame(_rows(found["body"]), columns=headings, dtype=object)
        notes = tuple(released(unescape(note)) for note in _NOTE.findall(found["notes"]))
        yield Table(released(unescape(found["title"])), frame, CLEARED, notes)


def figure_by_hand(numbers: str, alt: str) -> Table:
    """The table of a figure that has no recipe, from its CSV, under the first sentence of the words
    that stand for it."""
    headings, *rows = csv.reader(io.StringIO(numbers))
    frame = pd.DataFrame(rows, columns=headings, dtype=object)
    return Table(released(alt.split(". ")[0]), frame, CLEARED)


def _rows(html: str) -> list[list[str]]:
    return [[unescape(cell) for cell in _CELL.findall(row)] for row in _ROW.findall(html)]
