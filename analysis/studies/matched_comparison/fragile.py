"""How strong an unrecorded difference would have to be to account for what was found: exact and
private; what may be told of it, tables.py says."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.designs.cohorts.matching import CALIPER, MatchedSample
from analysis.inference.sensitivity import EValue, e_value
from analysis.inference.unrecorded.oster import Oster, oster
from analysis.inference.unrecorded.rosenbaum import PairBounds, nearest_pairs, pair_bounds
from analysis.plans.plan import Outcome
from analysis.record.row import Row
from analysis.results import Interval

if TYPE_CHECKING:
    from analysis.studies.matched_comparison.study import MatchedStudy

FEWEST_PAIRS = 30  # as matching (Justice Data Lab): fewer are refused


@dataclass(frozen=True)
class Fragile:
    """What each way to ask says of one result; None where it cannot be asked."""

    e_value: EValue | None
    pairs: PairBounds | None
    oster: Oster | None


def fragile(study: "MatchedStudy", outcome: Outcome, row: Row) -> Fragile:
    """Of the result of an outcome on everyone compared. `row`: as it may leave."""
    sample = study.matched(outcome).sample
    if sample is None:
        return Fragile(_e_value(row), None, None)
    return Fragile(_e_value(row), bounds_of_pairs(sample), _oster(sample))


def ratios(row: Row) -> Interval | None:
    """The difference in shares as a ratio of shares, with its interval, from the numbers that are
    shown; None where an end would lie at 0 or below."""
    base = row.comparison_estimated
    if row.status != "estimated" or row.unit != "in_every_100" or not base or base <= 0:
        return None
    found = Interval(*((base + end) / base for end in row.estimate))
    return found if found.low > 0 else None


def _e_value(row: Row) -> EValue | None:
    found = ratios(row)
    return None if found is None else e_value(*found)


def bounds_of_pairs(sample: MatchedSample) -> PairBounds | None:
    """Rosenbaum bounds of an event among pairs, each treated person with the nearest comparison
    person left; None where too few pairs can be made."""
    spread = float(np.nanstd(sample.logit, ddof=1))
    pairs = nearest_pairs(sample.logit, sample.side, sample.strata, CALIPER * spread)
    if len(pairs) < FEWEST_PAIRS:
        return None
    own, others = sample.y[pairs[:, 0]] > 0, sample.y[pairs[:, 1]] > 0
    return pair_bounds(int((own & ~others).sum()), int((~own & others).sum()))


def _oster(sample: MatchedSample) -> Oster | None:
    """Oster's bounds of the linear regression on the same characteristics and strata."""
    there = np.isfinite(sample.logit)
    if not there.any():
        return None
    strata = pd.get_dummies(sample.strata[there], drop_first=True, dtype=float).to_numpy()
    controls = np.column_stack([sample.values[there], strata])
    return oster(sample.y[there], sample.side[there], controls)
