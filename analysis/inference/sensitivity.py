"""How strong an unmeasured cause would have to be to explain a result away."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class EValue:
    """Ratios from 1 upwards (times). `point` explains the estimate away, `limit` moves the interval
    to hold 1.

    An unmeasured cause would have to be linked both to the exposure and to the outcome by a risk
    ratio of at least this much, beyond what was measured. 1 means that nothing is needed.
    """

    point: float
    limit: float

    def summary(self) -> str:
        return (
            "An unmeasured cause would have to be linked with both sides by a ratio of"
            f" {self.point:.2f} to explain the result away, and of {self.limit:.2f} for its"
            " interval to hold 1."
        )


def e_value(ratio: float, conf_low: float, conf_high: float) -> EValue:
    """E-value of a risk ratio and of the limit nearest to 1: RR + sqrt(RR (RR - 1)), ratios under 1
    turned over.

    Source: VanderWeele and Ding 2017.
    """
    if not (0 < ratio < math.inf and 0 <= conf_low <= ratio <= conf_high):
        raise ValueError("a ratio lies above 0 and inside its interval")
    nearest = conf_low if ratio > 1 else conf_high
    crosses = conf_low <= 1 <= conf_high
    return EValue(_e_value(ratio), 1.0 if crosses else _e_value(nearest))


def _e_value(ratio: float) -> float:
    above = ratio if ratio >= 1 else 1 / ratio
    return above + math.sqrt(above * (above - 1))
