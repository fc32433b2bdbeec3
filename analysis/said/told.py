"""Numbers of released rows and cleared tables, as a sentence prints them.

The number was rounded, or withheld, when its row or cell was cleared; here it gets its letters. Who
may call this is listed by a test: modules that are handed released rows and cleared tables, numbers
of the plan or published ones, and nothing exact.
"""

from numbers import Integral

from analysis.said.carried import carried
from analysis.said.texts import settled


def told(number: float, decimals: int | None = None, *, thousands: bool = True) -> str:
    """A whole number, with commas; a number with so many decimals; any other as short as it is."""
    mark = "," if thousands else ""
    if decimals is not None:
        return settled(carried(f"{number:{mark}.{decimals}f}"))
    whole = isinstance(number, Integral)
    return settled(carried(f"{number:{mark}}" if whole else f"{number:g}"))
