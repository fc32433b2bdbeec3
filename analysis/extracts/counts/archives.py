"""Archives of spreadsheets before they are opened: what they unfold to, entry by entry, and how
many cells their merged areas have."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from analysis.errors import DataError
from analysis.extracts.tables.codes import problem

# Bytes once unpacked: some 200,000 rows of ten cells. openpyxl holds fifty times as much in memory.
LARGEST_CONTENT = 100_000_000
# How many times larger than its packed form an entry may be. Sheets of counts unfold to 10 or 20
# times; a megabyte of one letter to 1,000.
LARGEST_RATIO, RATIO_FROM = 200, 1_000_000
MOST_ENTRIES = 1_000  # parts of an archive
MOST_MERGED = 100_000  # cells of merged areas: openpyxl makes each of them


@contextmanager
def as_unreadable(name: str) -> Iterator[None]:
    """Whatever a reader makes of hostile bytes is DataError E250: its own words can hold values."""
    try:
        yield
    except DataError:
        raise
    except Exception:  # of many kinds, and any of them may be new with the next version
        raise DataError((problem("E250", name),)) from None


def refuse_bombs(data: bytes, name: str) -> None:
    """DataError E250 where the file is no archive, or unpacks to far more than a table: told from
    its directory, before an entry is read; none is read beyond what the directory says."""
    with as_unreadable(name), zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
    unfolds = any(
        entry.file_size > max(RATIO_FROM, LARGEST_RATIO * entry.compress_size) for entry in entries
    )
    size = sum(entry.file_size for entry in entries)
    if unfolds or size > LARGEST_CONTENT or len(entries) > MOST_ENTRIES:
        raise DataError((problem("E250", name),))


def refuse_merged_bombs(data: bytes, name: str) -> None:
    """DataError E250 where merged areas of an XLSX file have more cells than any table."""
    from openpyxl.utils.cell import range_boundaries

    cells = 0
    with as_unreadable(name), zipfile.ZipFile(io.BytesIO(data)) as archive:
        for area in (area for entry in archive.namelist() for area in _merged(archive, entry)):
            left, top, right, bottom = range_boundaries(area)
            cells += (abs(right - left) + 1) * (abs(bottom - top) + 1)
    if cells > MOST_MERGED:
        raise DataError((problem("E250", name),))


def _merged(archive: zipfile.ZipFile, entry: str) -> Iterator[str]:
    """The merged areas that an entry names; none in one that is no XML."""
    from defusedxml.ElementTree import ParseError, iterparse

    if not entry.lower().endswith((".xml", ".rels")):
        return
    try:
        with archive.open(entry) as file:
            for _, element in iterparse(file):
                if element.tag.rpartition("}")[2] == "mergeCell":
                    yield element.get("ref", "A1")
                element.clear()
    except ParseError:
        return


__all__ = ["MOST_MERGED", "as_unreadable", "refuse_bombs", "refuse_merged_bombs"]
