"""The joint step: what all places and the nation may show together, so that no number gives back a
withheld one.

A pooled result beside its parts is one table: with all parts but one, and a pool of all, the
missing part follows by subtraction. So nothing that is shown, pool, total or adjusted p-value, is
worked out from a withheld place (S13).
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from analysis.disclosure.rules import Clearance, Rules, load_rules
from analysis.disclosure.suppression import clear_estimate
from analysis.results import Estimate, NotEstimable, Result, Withheld

FEWEST_POOLED = 2  # a pool of one place is that place


@dataclass(frozen=True)
class CellDecision:
    """One cell (outcome, group and so on) over the places: what may be shown, and what may be put
    together.

    results: the cleared result of each place. shown: places with an estimate that is shown.
    withheld: places whose number stays private. not_estimable: places without an estimate, which
    hide none.
    """

    cell: Hashable
    results: Mapping[str, Result] = field(repr=False)
    shown: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    not_estimable: tuple[str, ...] = ()

    @property
    def pooled(self) -> tuple[str, ...]:
        """Places in the pool, and in the family of comparisons: those shown, and no other."""
        return self.shown if len(self.shown) >= FEWEST_POOLED else ()


@dataclass(frozen=True)
class JointDecision:
    """The decision on every cell of a study, made once over all places before anything is
    published."""

    cells: Mapping[Hashable, CellDecision]

    def results(self, place: str) -> dict[Hashable, Result]:
        """The cleared results of one place, for its record."""
        return {
            cell: decision.results[place]
            for cell, decision in self.cells.items()
            if place in decision.results
        }


def joint_decision(
    rows_by_place: Mapping[str, Mapping[Hashable, Result]],
    *,
    clearance: Clearance,
    rules: Rules | None = None,
) -> JointDecision:
    """Primary suppression of each cell in each place, and from it the pool of each cell.

    The order of places is that of `rows_by_place`; a place without a row for a cell takes no part
    in it.
    """
    rules = rules or load_rules()
    cells = dict.fromkeys(cell for rows in rows_by_place.values() for cell in rows)
    decided = {}
    for cell in cells:
        with_row = {place: rows[cell] for place, rows in rows_by_place.items() if cell in rows}
        decided[cell] = _decide(
            cell,
            {
                place: clear_estimate(
                    result,
                    clearance=clearance,
                    rules=rules,
                )
                for place, result in with_row.items()
            },
        )
    return JointDecision(decided)


def _decide(cell: Hashable, cleared: Mapping[str, Result]) -> CellDecision:
    def places(kind):
        return tuple(place for place, result in cleared.items() if isinstance(result, kind))

    return CellDecision(
        cell, dict(cleared), places(Estimate), places(Withheld), places(NotEstimable)
    )


def pool_input(decision: CellDecision, exact: Mapping[str, Result]) -> dict[str, Result]:
    """Exact results that may enter the pool of a cell (pooling takes standard errors before
    rounding)."""
    return {place: exact[place] for place in decision.pooled}
