"""A cleared sentence, as a notebook may show it."""

from dataclasses import dataclass
from typing import Literal

from analysis.said.texts import leaves


@dataclass(frozen=True)
class Prose:
    """A cleared sentence. answer: the finding; line: text beside it; note: small print; badge: the
    claim in words. RunError E353 for a figure in it that was not cleared."""

    text: str
    kind: Literal["answer", "line", "note", "badge"] = "line"

    def __post_init__(self):
        if self.kind not in ("answer", "line", "note", "badge"):
            raise ValueError(f"unknown kind of prose {self.kind!r}")
        leaves(self, "a sentence of a notebook", "text")

    def __str__(self) -> str:
        return self.text
