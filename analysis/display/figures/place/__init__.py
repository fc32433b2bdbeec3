"""The one figure of a place: comparisons of several monitors on one scale."""

from analysis.display.figures.place.chart import place_figure, place_figure_alt

__all__ = ["place_figure", "place_figure_alt"]
