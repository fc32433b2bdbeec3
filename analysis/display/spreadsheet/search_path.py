"""Imports a library that changes where Python looks for modules, and takes the change back."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unchanged_search_path() -> Iterator[None]:
    """Leave sys.path as it is found, whatever is imported inside."""
    before = list(sys.path)
    try:
        yield
    finally:
        sys.path[:] = before
