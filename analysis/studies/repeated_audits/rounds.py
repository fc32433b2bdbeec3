"""Fortnightly rounds of audits as numbers, and where the events of a plan fall among them."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from analysis.plans.plan import Plan


@dataclass(frozen=True)
class Rounds:
    """Rounds counted from `first`, the first day of the plan's period, which is number 0.

    start: the first round that lies wholly after the change came. instrument: the first round that
    began on the day of the new instrument or later; None where the plan names none.
    """

    first: pd.Timestamp
    start: int
    instrument: int | None

    LENGTH: ClassVar[pd.Timedelta] = pd.Timedelta(days=14)

    @classmethod
    def of(cls, plan: Plan) -> "Rounds":
        """Of a plan with an event of kind `start`, which its design asks for."""
        first = pd.Timestamp(plan.data.from_)
        begun, changed = plan.comparison.event("start"), plan.comparison.event("instrument")
        assert begun is not None  # `design: interrupted_series` holds it to this
        after = pd.Timestamp(begun.until or begun.date)
        start = int((after - first) // cls.LENGTH) + 1 if begun.until else _from(after, first)
        instrument = None if changed is None else _from(pd.Timestamp(changed.date), first)
        return cls(first, start, instrument)

    def number(self, days: pd.Series) -> pd.Series:
        """The number of the round that holds each day."""
        return ((days - self.first) // self.LENGTH).astype("int64")

    def day(self, number: int) -> pd.Timestamp:
        """First day of a round."""
        return self.first + number * self.LENGTH


def _from(day: pd.Timestamp, first: pd.Timestamp) -> int:
    """The first round that begins on this day or later."""
    return int(np.ceil((day - first) / Rounds.LENGTH))
