"""Errors that a person can mend. They carry a stable code and are shown without a traceback."""

from dataclasses import dataclass

# Codes of faults that end a command after it has started: a record that is none, a disk that takes
# no more, an engine that stops answering.
WHILE_RUNNING = ("E310", "E311", "E324", "E363")
# Of what the guard has found, and what is therefore not published.
FOUND_BY_THE_GUARD = ("E345",)


class WorkbookError(Exception):
    """Base of all errors that the command line prints as they are: what is wrong, where, and what
    to do.

    `code` is stable (E1xx data, E2xx plans and parameters, E3xx and E4xx runs) and is what a manual
    or a log may refer to. The text never holds a value from the data.
    """

    def __init__(self, code: str, text: str, *, remedy: str = ""):
        super().__init__(f"{code}: {text}" + (f" {remedy}" if remedy else ""))
        self.code, self.text, self.remedy = code, text, remedy

    def __reduce__(self) -> tuple:
        """What pickle keeps: a check that ran in another process raises the same error here."""
        return _as_it_was, (type(self), self.args, self.__dict__)


def _as_it_was(kind: type[WorkbookError], args: tuple, state: dict) -> WorkbookError:
    """An error of this class without its `__init__`, whose parameters differ from class to
    class."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class PlanError(WorkbookError):
    """A file in params/ cannot be read as what it should be."""


class ParameterError(WorkbookError):
    """A study, place, source or round that does not exist was asked for."""


class RunError(WorkbookError):
    """A run could not be started, finished or published."""


@dataclass(frozen=True)
class Problem:
    """One fault in the input: where it stands, the rule it breaks and the remedy. Never the value
    itself."""

    code: str
    file: str
    rule: str
    remedy: str
    row: int | None = (
        None  # line in the file, the header being 1; None where the whole file or column is meant
    )
    column: str | None = None
    count: int = 1  # how many rows break this rule; `row` is the first

    def __str__(self) -> str:
        where = (
            self.file
            + (f", row {self.row}" if self.row else "")
            + (f", column {self.column}" if self.column else "")
        )
        many = f" ({self.count} rows)" if self.count > 1 else ""
        return f"{self.code} {where}: {self.rule}{many}. {self.remedy}"


class DataError(WorkbookError):
    """The tables break their contract; `problems` is the list to send back to the supplier."""

    def __init__(self, problems: "tuple[Problem, ...]"):
        self.problems = tuple(problems)
        first = self.problems[0]
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(first.code, f"{len(self.problems)} problem(s) in the data\n{lines}")
