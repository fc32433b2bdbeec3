"""An error of each class, made where a process that is not forked can import it."""

from analysis.errors import DataError, WorkbookError
from analysis.extracts.tables.codes import problem


def example(kind: type[WorkbookError]) -> WorkbookError:
    if issubclass(kind, DataError):
        return kind(
            (problem("E100", "a.csv"), problem("E192", "b.csv", row=7, column="sex", count=3))
        )
    return kind("E999", "what is wrong", remedy="What to do.")


def raise_example(kind: type[WorkbookError]) -> None:
    raise example(kind)
