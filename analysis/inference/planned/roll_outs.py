"""A staggered roll-out whose units do not keep one level for ever: how far off its effect would
be."""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Levels:
    """How alike people are. intraclass_correlation: two people of one unit and period (share of the
    variance). unit_correlation: of a unit's level in one period with that in any other (1: one
    lasting level, as Hussey and Hughes 2007 have it). total_sd: of people."""

    intraclass_correlation: float
    unit_correlation: float = 1.0
    total_sd: float = 1.0


def roll_out_std_error(treated: np.ndarray, people: float, levels: Levels) -> float:
    """Standard error of the effect of a staggered roll-out, by generalised least squares on means
    of units and periods, in the unit of `total_sd`.

    `treated` is units x periods of 0 and 1; `people` those of a unit and period, new ones each
    time. With a unit correlation of 1 it is `power.stepped_wedge_std_error`. ValueError where the
    periods alone account for who is treated. Source: Hooper, Teerenstra, de Hoop and Eldridge 2016;
    Girling and Hemming 2016.
    """
    units, periods = treated.shape
    between = levels.intraclass_correlation * levels.total_sd**2
    within = (1 - levels.intraclass_correlation) * levels.total_sd**2 / people
    lasting = levels.unit_correlation * between
    alone = between - lasting + within
    weight = np.linalg.inv(lasting * np.ones((periods, periods)) + alone * np.eye(periods))
    # period effects taken out: what is left of the information on the effect
    own = float(((treated @ weight) * treated).sum())
    shared = treated.sum(axis=0) @ weight
    left = own - float(shared @ np.linalg.solve(units * weight, shared))
    if left <= 1e-9 * max(own, 1e-300):
        raise ValueError("who is treated is the same as which period it is")
    return 1 / math.sqrt(left)
