"""Names that a verb takes, as a list that completes: `study.outcomes.recalled` is "recalled"."""

from collections.abc import Iterator, Mapping

import pandas as pd

from analysis.display.section import Section
from analysis.results import Table


class Names(Section):
    """Names of the plan or the kind of study, each with its words; nothing of the data.

    An attribute or a key gives the name itself, so that both complete in a notebook:

    >>> study.compare(study.outcomes.recalled)
    >>> study.compare(design=study.designs["crude"])
    """

    _words: dict[str, str]

    def __init__(self, title: str, words: Mapping[str, str]):
        lines = [{"Name": name, "What it is": said} for name, said in words.items()]
        frame = pd.DataFrame(lines, columns=["Name", "What it is"])
        super().__init__((Table(title, frame, "published"),))
        object.__setattr__(self, "_words", dict(words))

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)

    def __contains__(self, name: object) -> bool:
        return name in self._words

    def __getitem__(self, name: str | int) -> str:
        """The name, or that at a position. KeyError, IndexError where there is none."""
        if isinstance(name, int):
            return tuple(self._words)[name]
        if name not in self._words:
            raise KeyError(f"no such name; valid: {', '.join(self._words)}")
        return name

    def __getattr__(self, name: str) -> str:
        if name.startswith("_") or name not in self._words:
            raise AttributeError(f"no such name; valid: {', '.join(self.__dict__['_words'])}")
        return name

    def __dir__(self) -> list[str]:
        return sorted(self._words)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self._words)
