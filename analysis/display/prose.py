"""A cleared sentence, as a notebook may show it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Prose:
    """A cleared sentence. answer: the finding; line: text beside it; note: small print; badge: the
    claim in words."""

    text: str
    kind: Literal["answer", "line", "note", "badge"] = "line"

    def __post_init__(self):
        if self.kind not in ("answer", "line", "note", "badge"):
            raise ValueError(f"unknown kind of prose {self.kind!r}")

    def __str__(self) -> str:
        return self.text
