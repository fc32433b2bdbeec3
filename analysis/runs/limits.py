"""What one notebook may take, fixed by whoever plans a batch and carried by each task to its
worker."""

import os
from dataclasses import dataclass

import psutil

from analysis.errors import ParameterError

SECONDS_VARIABLE = "WORKBOOK_CELL_SECONDS"
MEMORY_VARIABLE = (  # a kernel that wants to add more gets a MemoryError of its own
    "WORKBOOK_KERNEL_BYTES"
)


@dataclass(frozen=True)
class Limits:
    """Seconds a cell, seconds to start, bytes of output, and bytes that a kernel may add to its
    data (0: no limit)."""

    cell_seconds: int = 600  # the slowest cell on a full region takes a few
    start_seconds: int = 120
    output_bytes: int = 50_000_000  # a study's notebook has about one million
    memory_bytes: int = 0

    @classmethod
    def from_environment(cls) -> "Limits":
        """The limits that the two variables name, the others as they are; ParameterError E225 for
        one that is no number, E249 for a limit of memory where the system knows none."""
        named = {"cell_seconds": SECONDS_VARIABLE, "memory_bytes": MEMORY_VARIABLE}
        found = {limit: os.environ[name] for limit, name in named.items() if os.environ.get(name)}
        for limit, value in found.items():
            if not (value.isascii() and value.isdigit() and int(value)):
                raise ParameterError(
                    "E225",
                    f"{named[limit]} is not a number.",
                    remedy="Write a whole number above 0.",
                )
        if "memory_bytes" in found:
            _check_memory_can_be_limited()
        return cls(**{limit: int(value) for limit, value in found.items()})


def limit_memory(pid: int, environment: dict[str, str]) -> None:
    """Hold what a kernel adds to the data that it starts with below the bytes that the environment
    names, if any.

    A forked kernel starts with the server's reservations, which differ between machines and are
    hardly used. ParameterError E249 where the system knows no such limit.
    """
    named = environment.get(MEMORY_VARIABLE)
    if named:
        _check_memory_can_be_limited()
        process = psutil.Process(pid)
        most = process.memory_info().data + int(named)
        process.rlimit(psutil.RLIMIT_DATA, (most, most))


def _check_memory_can_be_limited() -> None:
    if not hasattr(psutil, "RLIMIT_DATA"):
        text = f"this system cannot limit the memory of a kernel ({MEMORY_VARIABLE})."
        raise ParameterError("E249", text, remedy="Take the variable out, or run on Linux.")
