"""How far the answer rests on trends that are alike: leads together, and what changes in trend
after the start could make of it."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.designs.rollouts.parallel_trends import pre_trend_check, relative_magnitudes
from analysis.display.section import Section
from analysis.results import NotEstimable
from analysis.said.numbers import cleared_estimate, planned
from analysis.said.texts import worded
from analysis.sections.showing import Shown
from analysis.sections.tables import worded_table

if TYPE_CHECKING:
    from analysis.studies.prison_culture.study import PrisonStudy

TIMES = (0.0, 0.5, 1.0, 2.0)  # times the largest change in trend before the start
CHANGE = "Change in trend after the start, times the largest before"


def trends(shown: Shown) -> Section:
    """Of all prisons: whether the nearest quarters before the start move apart, and where the
    answer could lie if trends changed after the start so many times as much as before it."""
    study: PrisonStudy = shown.study  # type: ignore[assignment]
    effects = study.group_time
    if isinstance(effects, NotEstimable):
        return Section.of()
    leading = shown.plan.outcome(shown.plan.leading)
    widest = 100.0 if leading.unit == "in_every_100" else np.inf  # no share can move further
    found = [(m, relative_magnitudes(effects, m)) for m in TIMES]
    rows = [
        {
            CHANGE: planned(m).text,
            "Lowest": _end(bounds.conf_low, widest),
            "Highest": _end(bounds.conf_high, widest),
        }
        for m, bounds in found
        if bounds is not None
    ]
    if not rows:
        return Section.of(shown.say(pre_trend_check(effects).text))
    table = worded_table(
        shown.plan,
        "Where the answer could lie if trends changed after the start",
        pd.DataFrame(rows),
        notes=(
            worded(
                "Of the leading outcome: a 95% confidence interval, measured from the one quarter"
                " before the start."
            ),
        ),
        clearance=shown.clearance,
    )
    return Section.of(shown.say(pre_trend_check(effects).text), table)


def _end(value: float, widest: float) -> str:
    return cleared_estimate(float(np.clip(value, -widest, widest)), decimals=1, signed=True).text
