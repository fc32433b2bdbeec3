"""Units chosen by need: which checks a roll-out asks for, and the comparison at the same level."""

import math
from dataclasses import replace
from functools import cached_property

from analysis.designs.rollouts import chosen_by_need as need
from analysis.designs.rollouts.imputation import WeightedPanel, weighted_panel
from analysis.designs.rollouts.starting_level import StartRows, start_rows
from analysis.inference.columns import WeightedColumns
from analysis.results import CheckResult, Result

METHOD = "same_starting_level"
SHORT, LONG = 1, 6  # months: the bases that are set beside the main answer
YEAR = 12  # months


class NeedOf:
    """The checks of one outcome. panel: the study's, one row a unit and period of `months`
    months."""

    def __init__(
        self,
        panel,
        columns: WeightedColumns,
        outcome,
        *,
        months: int,
        seen: int,
        words: need.Worded = need.COURTS,
    ):
        self.outcome, self.months, self.words = outcome, months, words
        self.need = periods(seen, months)
        self._given = (panel, columns)

    @cached_property
    def panel(self) -> WeightedPanel:
        """All months, those in which need was seen among them."""
        return weighted_panel(*self._given)

    @cached_property
    def rows(self) -> StartRows:
        return start_rows(self.panel.only_used())

    def same_level(self, what: tuple[str, str, str]) -> Result:
        return need.same_starting_level(self.rows, need=self.need, what=what)

    def checks(self, main: Result, same: Result, shown: dict[str, Result]) -> list[CheckResult]:
        """The checks that a choice by need adds; `shown`: answers from other bases that the page
        prints."""
        placebo = need.placebo_start(self.rows, year=periods(YEAR, self.months))
        back = need.expected_return(self.rows, need=self.need, main=main)
        found = [
            need.placebo_check(placebo, matters=self.outcome.matters, words=self.words),
            need.same_level_check(main, same, self.words),
            need.return_check(main, back, self.words),
        ]
        return [
            *(replace(check, id=f"{check.id}_{self.outcome.id}") for check in found),
            self.bases(main, shown),
        ]

    def spell(self, main: Result) -> CheckResult:
        """How bad the spell was in which units were chosen."""
        found = need.expected_return(self.rows, need=self.need, main=main)
        check = need.spell_check(found, self.words)
        return replace(check, id=f"{check.id}_{self.outcome.id}")

    def bases(self, main: Result, shown: dict[str, Result]) -> CheckResult:
        """Whether a shorter and a longer base agree, which is asked of every choice that is not by
        lot."""
        bases = tuple(sorted({periods(base, self.months) for base in (SHORT, LONG)}))
        found = need.bases_check(main, self.rows, bases, shown)
        return replace(found, id=f"{found.id}_{self.outcome.id}")


def periods(months: int, length: int) -> int:
    """So many months in periods of `length` months, a part of one counted whole."""
    return math.ceil(months / length)
