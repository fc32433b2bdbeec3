"""What a table of counts holds once it is read, whatever file and layout it came in."""

from dataclasses import dataclass

import pandas as pd

from analysis.extracts.counts.count_periods import Period

LIMITS = ("events_low", "events_high", "base_low", "base_high")
TOTAL = "(total)"  # stands for a label that adds others up


@dataclass(frozen=True, eq=False)
class CountTable:
    """What a file holds, before anything is compared.

    rows: columns measure, place, period, group, the strata, LIMITS (whole numbers; `high` infinite
    where nothing bounds it), percent (None where counts are given), label (of the group, as it
    stands in the file) and line. totals: the same of rows that add others up, where a dimension is
    TOTAL. periods: oldest first.
    """

    file: str
    rows: pd.DataFrame
    totals: pd.DataFrame
    periods: tuple[Period, ...]
    notes: tuple[str, ...] = ()
