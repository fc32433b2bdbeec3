"""Figures, each drawn from a cleared table and from nothing else that holds a number of people."""

from analysis.display.figures.balance import BalanceColumns, balance_figure, balance_figure_alt
from analysis.display.figures.columns import IntervalColumns, Scale
from analysis.display.figures.forest import forest_figure, forest_figure_alt
from analysis.display.figures.heat_map import heat_figure, heat_figure_alt
from analysis.display.figures.intervals import (
    interval_figure,
    interval_figure_alt,
    outcome_figure,
    outcome_figure_alt,
)
from analysis.display.figures.placebos import placebo_figure, placebo_figure_alt

__all__ = [
    "BalanceColumns",
    "IntervalColumns",
    "Scale",
    "balance_figure",
    "balance_figure_alt",
    "forest_figure",
    "forest_figure_alt",
    "heat_figure",
    "heat_figure_alt",
    "interval_figure",
    "interval_figure_alt",
    "outcome_figure",
    "outcome_figure_alt",
    "placebo_figure",
    "placebo_figure_alt",
]
