"""What every page of measurements shares: a table in Markdown, and what machine this is."""

import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; the first column is text, the others are numbers."""
    lines = [header, tuple("---" if n == 0 else "---:" for n in range(len(header))), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cpu() -> str:
    """The name of the processor."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )


def memory_gb() -> float:
    """Memory of this machine in gigabytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
