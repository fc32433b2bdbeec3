"""A place that is withheld whole, in the verbs of an evaluation: each says so, and nothing that was
found in it leaves one."""

from functools import cached_property
from typing import Any

import pandas as pd

from analysis.display.prose import Prose
from analysis.display.section import Section
from analysis.results import Table
from analysis.said.texts import worded
from analysis.sections.comparison import NUMBERS, WHAT, Comparison
from analysis.workbench.study import Study

SAID = worded("Withheld to protect people.")


class WithheldStudy(Study):
    """One study in a place that is withheld whole. What the plan says is shown; any other verb
    answers with one sentence, whatever it is asked: an argument that is none tells nothing
    either."""

    def answer(self) -> Section:
        return _said()

    def people(self) -> Section:
        return _said()

    def check(self, *asked: Any, **more: Any) -> Section:
        return _said()

    def compare(self, *asked: Any, **more: Any) -> Comparison:
        columns = [*WHAT, *NUMBERS, "people", "status"]
        empty = Table("Estimates", pd.DataFrame(columns=columns), "rounded")
        return Comparison(_said().parts, estimates=empty)

    def rates(self, *asked: Any, **more: Any) -> Section:
        return _said()

    def table(self, *asked: Any, **more: Any) -> Section:
        return _said()

    def plot(self, *asked: Any, **more: Any) -> Section:
        return _said()

    def columns(self) -> Section:
        return _said()

    def ladder(self) -> Section:
        return _said()

    def limits(self) -> Section:
        return _said()

    def record(self) -> None:
        """Emit the record without anything that was found; the private one is no other."""
        self._opened.record_withheld()

    @cached_property
    def _explored(self):
        raise LookupError(SAID)


def _said() -> Section:
    return Section.of(Prose(SAID))
