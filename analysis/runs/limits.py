"""What one notebook may take, fixed by whoever plans a batch and carried by each task to its
worker."""

import os
import resource
from dataclasses import dataclass
from pathlib import Path

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
        one that is no number."""
        named = {"cell_seconds": SECONDS_VARIABLE, "memory_bytes": MEMORY_VARIABLE}
        found = {limit: os.environ[name] for limit, name in named.items() if os.environ.get(name)}
        for limit, value in found.items():
            if not (value.isascii() and value.isdigit() and int(value)):
                raise ParameterError(
                    "E225",
                    f"{named[limit]} is not a number.",
                    remedy="Write a whole number above 0.",
                )
        return cls(**{limit: int(value) for limit, value in found.items()})


def limit_memory(pid: int, environment: dict[str, str]) -> None:
    """Hold what a kernel adds to the data that it starts with below the bytes that the environment
    names, if any.

    A forked kernel starts with the server's reservations, which differ between machines and are
    hardly used.
    """
    named = environment.get(MEMORY_VARIABLE)
    if named:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        started_with = next(
            (int(line.split()[1]) * 1024 for line in lines if line.startswith("VmData:")), 0
        )
        most = started_with + int(named)
        resource.prlimit(pid, resource.RLIMIT_DATA, (most, most))
