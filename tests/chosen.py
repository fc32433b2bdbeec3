"""What `make test` takes of a property that holds over many cases; `make test-deep` takes them all.

One path through the code is walked by many plans, places, seeds and examples. The quick tests take
some of them, the deep ones every one: nothing is left out of both.
"""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import settings

DEEP = "deep"  # name of the profile of hypothesis, which `make test-deep` asks for
FEWER = 6  # so many times as few examples in the quick tests
FEWEST = 15


def spread(cases: Iterable[Any], n: int) -> list[Any]:
    """The cases, of which `n` at even distances, the first among them, are quick and all others
    slow."""
    every = list(cases)
    quick = {round(place * len(every) / n) for place in range(n)}
    return [case if place in quick else _slow(case) for place, case in enumerate(every)]


def quick_where(cases: Iterable[Any], is_quick: Callable[[Any], bool]) -> list[Any]:
    """The cases, of which those that `is_quick` names are quick and all others slow."""
    return [case if is_quick(case) else _slow(case) for case in cases]


def _slow(case: Any):
    if hasattr(case, "marks"):  # made by pytest.param
        return pytest.param(*case.values, id=case.id, marks=(*case.marks, pytest.mark.slow))
    values = case if isinstance(case, tuple) else (case,)
    return pytest.param(*values, marks=pytest.mark.slow)


def examples(deep: int) -> int:
    """Examples of a property: `deep` of them under the profile of that name, else a sixth."""
    if settings.get_current_profile_name() == DEEP:
        return deep
    return max(FEWEST, deep // FEWER)
