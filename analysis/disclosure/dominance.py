"""Rule S7: a mean or sum that one or two people make tells of these people.

Dominated: the two largest have 90 % of the sum or more, or those who are left have less than 10 %
of what the largest has (the p % rule; whatever breaks it breaks the first as well). Each cell by
itself, on absolute values. Source: Hundepool and others 2010, Handbook on Statistical Disclosure
Control (ESSNet SDC, version 1.2), section 4.2: dominance (n, k) with n = 2 and k = 90, p % with
p = 10.
"""

import numpy as np

from analysis.disclosure.rules import load_rules

LARGEST_TWO, P_PERCENT = 0.90, 0.10


def two_may_make_the_sum(persons: int, total: float, squares: float) -> bool:
    """Whether the two largest of some whole numbers may make 90 % of their sum, from what is summed
    over people alone.

    persons: with a number above 0. total, squares: the sums of their numbers, and of the squares.
    False only where no numbers with these sums are dominated: with the two at 90 %, squares are
    least where the two are alike and so are all others, each of whom has 1 at least.
    """
    if persons <= 2:
        return persons > 0
    left = (1 - LARGEST_TWO) * total
    least = (LARGEST_TWO * total) ** 2 / 2 + left**2 / (persons - 2)
    return left >= persons - 2 and squares >= least


def is_dominated(values: np.ndarray) -> bool:
    """One or two people make the sum: the largest two are nine tenths of it or more, or all but
    these two are less than a tenth of the largest, so that the second could tell the first's number
    within a tenth. Any unit; a sum of nothing is dominated."""
    sizes = np.sort(np.abs(np.asarray(values, dtype=float)))[::-1]
    total, two = float(sizes.sum()), float(sizes[:2].sum())
    if total == 0:
        return True
    return two >= LARGEST_TWO * total or total - two < P_PERCENT * float(sizes[0])


def tells_of_a_person(values: np.ndarray) -> bool:
    """S7, and S3 for numbers: a mean that is one number for all, or made by few people."""
    values = np.asarray(values, dtype=float)
    above_nothing = int(np.count_nonzero(values))
    if not len(values) or above_nothing < load_rules().threshold:
        return True
    return bool((values == values[0]).all()) or is_dominated(values)


def people_behind(values: np.ndarray) -> int:
    """The people whom a mean or sum rests on: 0 where it tells of one or two of them (S7), or is of
    fewer people than the threshold (S1)."""
    values = np.asarray(values, dtype=float)
    few = len(values) < load_rules().threshold
    return 0 if few or is_dominated(values) else len(values)


def smaller_side(values: np.ndarray, side: np.ndarray) -> int:
    """The people behind the mean of the smaller side of a comparison; 0 where either mean tells of
    one or two people. side: True where a person is on the one, False on the other."""
    values, side = np.asarray(values, dtype=float), np.asarray(side, dtype=bool)
    return min(people_behind(values[side]), people_behind(values[~side]))
