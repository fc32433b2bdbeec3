"""Months as numbers, and where the events of a plan fall among them."""

from dataclasses import dataclass

import pandas as pd

from analysis.plans.plan import Event, Plan

SHORT = 3  # months: an event that touches no more is left out of the series; a longer one stays


@dataclass(frozen=True)
class Months:
    """Months counted from the year 0. first, last: of the plan's period. start: the first month
    that lies wholly after the change came; coming: the months in which it came. events: those that
    a short rival touches. form: the first month that holds the new form; None where the plan names
    none."""

    first: int
    last: int
    start: int
    coming: frozenset[int]
    events: frozenset[int]
    form: int | None

    @classmethod
    def of(cls, plan: Plan) -> "Months":
        """Of a plan with an event of kind `start` and a period, which its design asks for."""
        data, begun = plan.data, plan.comparison.event("start")
        assert begun is not None and data.from_ and data.to
        came = touched(begun)
        on_the_first = begun.until is None and begun.date.endswith("-01")
        coming = frozenset() if on_the_first else came
        rivals = [touched(one) for one in plan.comparison.events if one.kind == "rival"]
        short = [months for months in rivals if len(months) <= SHORT]
        form = plan.comparison.event("instrument")
        return cls(
            number_of(data.from_),
            number_of(data.to),
            min(came) if on_the_first else max(came) + 1,
            coming,
            frozenset().union(*short),
            None if form is None else number_of(form.date),
        )


def number_of(day: str) -> int:
    """The number of the month of a day, "2023-10-01"."""
    year, month = day.split("-")[:2]
    return 12 * int(year) + int(month) - 1


def numbers(days: pd.Series) -> pd.Series:
    """The number of the month of each day."""
    return (12 * days.dt.year + days.dt.month - 1).astype("int64")


def touched(event: Event) -> frozenset[int]:
    """The months that an event touches."""
    return frozenset(range(number_of(event.date), number_of(event.until or event.date) + 1))
