"""HiGHS as one programme that is asked many times: each answer begins where the last one ended.

scipy hands a programme over anew for each question, and begins at nothing. The same HiGHS, held on
to, needs a hundredth of the time when only the goal differs (docs/decisions, 111).
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize._highspy import _core as highs
from scipy.sparse import csr_matrix

SECONDS = 20.0  # for one table of whole numbers
PRESOLVES = "choose", "off"  # the second where the first ends in an error of HiGHS itself


class Undecided(Exception):
    """No table of whole numbers was found in time."""


@dataclass(frozen=True, eq=False)
class Answer:
    """A table in which the goal is least, that least, and by how much it falls for each person by
    which the low bound of a count is raised (negative: for the high bound)."""

    point: np.ndarray
    least: float
    price: np.ndarray


class Programme:
    """least <= matrix @ x <= most, in fractions; goal and bounds of x come with each question."""

    def __init__(self, matrix: csr_matrix, least: np.ndarray, most: np.ndarray) -> None:
        self._size = matrix.shape[1]
        nothing, everything = np.zeros(self._size), np.full(self._size, np.inf)
        self._highs = _new()
        self._highs.passModel(_model(nothing, matrix, (least, most), (nothing, everything)))
        self._columns = np.arange(self._size, dtype=np.int32)
        self._bounds = nothing, everything

    def smallest(
        self, goal: np.ndarray, low: np.ndarray, high: np.ndarray, *, afresh: bool = False
    ) -> Answer | None:
        """The table with the smallest `goal`; None: no table lies within low and high.

        afresh: as if nothing had been asked before, so that of several equally good answers it is
        always the same one. ArithmeticError where HiGHS cannot tell.
        """
        if not (np.array_equal(low, self._bounds[0]) and np.array_equal(high, self._bounds[1])):
            self._highs.changeColsBounds(self._size, self._columns, low, high)
            self._bounds = low.copy(), high.copy()
        self._highs.changeColsCost(self._size, self._columns, goal)
        ended = self._ended(afresh=afresh)
        if not afresh and ended not in ENDS:  # once more, from nothing
            ended = self._ended(afresh=True)
        if ended not in ENDS:
            raise ArithmeticError(self._highs.modelStatusToString(ended))
        if ended != highs.HighsModelStatus.kOptimal:
            return None
        found = self._highs.getSolution()
        least = float(self._highs.getInfo().objective_function_value)
        return Answer(np.array(found.col_value), least, np.array(found.col_dual))

    def _ended(self, *, afresh: bool) -> "highs.HighsModelStatus":
        if afresh:
            self._highs.clearSolver()
        self._highs.run()
        return self._highs.getModelStatus()


ENDS = (highs.HighsModelStatus.kOptimal, highs.HighsModelStatus.kInfeasible)


def whole_table(
    goal: np.ndarray,
    matrix: csr_matrix,
    limits: tuple[np.ndarray, np.ndarray],
    bounds: tuple[np.ndarray, np.ndarray],
    whole: np.ndarray,
) -> np.ndarray | None:
    """The table with the smallest `goal` in which the counts `whole` are whole numbers; None: there
    is none. Undecided where that takes too long."""
    model = _model(goal, matrix, limits, bounds)
    model.integrality_ = [WHOLE if one else FRACTION for one in whole]
    for presolve in PRESOLVES:
        solver = _new()
        solver.setOptionValue("time_limit", SECONDS)
        solver.setOptionValue("mip_rel_gap", 0.0)
        solver.setOptionValue("presolve", presolve)
        solver.passModel(model)
        solver.run()
        ended = solver.getModelStatus()
        if ended == highs.HighsModelStatus.kOptimal:
            return np.array(solver.getSolution().col_value)
        if ended == highs.HighsModelStatus.kInfeasible:
            return None
        if ended == highs.HighsModelStatus.kTimeLimit:
            break
    raise Undecided


FRACTION, WHOLE = highs.HighsVarType.kContinuous, highs.HighsVarType.kInteger


def _new() -> "highs._Highs":
    solver = highs._Highs()
    solver.setOptionValue("output_flag", False)
    return solver


def _model(
    goal: np.ndarray,
    matrix: csr_matrix,
    limits: tuple[np.ndarray, np.ndarray],
    bounds: tuple[np.ndarray, np.ndarray],
) -> "highs.HighsLp":
    """In HiGHS's own words."""
    columns = matrix.tocsc()
    model = highs.HighsLp()
    model.num_row_, model.num_col_ = columns.shape
    model.col_cost_ = goal
    model.col_lower_, model.col_upper_ = bounds
    model.row_lower_, model.row_upper_ = limits
    entries = model.a_matrix_
    entries.num_row_, entries.num_col_ = columns.shape
    entries.format_ = highs.MatrixFormat.kColwise
    entries.start_, entries.index_ = columns.indptr, columns.indices
    entries.value_ = columns.data
    return model
