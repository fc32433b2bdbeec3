"""What is mended on reading: not a fault, but told with file, column, rule and count."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """Something that was mended or left out on reading, and how often. Written to the log and the
    receipt."""

    file: str
    text: str  # the rule
    column: str | None = None
    count: int = 1

    def __str__(self) -> str:
        where = self.file + (f", column {self.column}" if self.column else "")
        return f"{where}: {self.text}" + (f" ({self.count:,} rows)" if self.count > 1 else "")
