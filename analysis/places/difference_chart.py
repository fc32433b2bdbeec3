"""The comparisons that stand in full on the page of a place, as one cleared table, and the figure
drawn from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd
from matplotlib.figure import Figure

from analysis.display.amounts import is_drawn, is_withheld
from analysis.display.figures.place import place_figure, place_figure_alt
from analysis.display.figures.place.chart import PlaceColumns
from analysis.judgement.wording.figures_in_words import capital
from analysis.places.place_view import PlaceView
from analysis.record.row import Row
from analysis.results import Table
from analysis.sections.page.at_place import Difference

CLEARED = "cleared_record"
WITHHELD, NONE = "[c]", "[z]"
RATIO = 2  # decimals that are printed


@dataclass(frozen=True)
class PlaceDrawing:
    """The one figure of the page of a place."""

    view: PlaceView

    @cached_property
    def table(self) -> Table:
        """Its numbers, one row a comparison, in the fixed order of the way."""
        columns = PlaceColumns()
        rows = [_cells(one, columns) for _, one in self.view.in_full]
        title = f"{self.view.name}: each group beside the reference group, on one scale"
        frame = pd.DataFrame(rows, columns=list(vars(columns).values()), dtype=object)
        return Table(title, frame, CLEARED)

    def figure(self) -> Figure:
        return place_figure(self.table)

    def narrow(self) -> Figure:
        """For a telephone."""
        return place_figure(self.table, narrow=True)

    def alt(self) -> str:
        return place_figure_alt(self.table)


def place_drawing(view: PlaceView) -> PlaceDrawing | None:
    """The figure; None where the place has no comparison with a number."""
    drawn = any(is_drawn(one.own) for _, one in view.in_full)
    return PlaceDrawing(view) if drawn else None


def named_comparison(one: Difference) -> str:
    """ "Recall: Black people on licence"."""
    return capital(f"{one.noun}: {one.people}")


def _cells(one: Difference, columns: PlaceColumns) -> dict[str, object]:
    shrunken, whole = one.shrunken, one.national
    return {
        columns.comparison: named_comparison(one),
        columns.said: one.said,
        columns.verdict: one.verdict,
        columns.worse_off: one.worse_off or NONE,
        **dict(zip((columns.value, columns.low, columns.high), numbers_of(one.own), strict=True)),
        columns.whole: numbers_of(whole)[0],
        columns.shrunken: numbers_of(shrunken)[0],
        columns.band_low: one.band[0],
        columns.band_high: one.band[1],
    }


def numbers_of(row: Row | None) -> Sequence[object]:
    """Ratio and both ends of its interval as they are printed, or the mark that stands for them."""
    if row is None or not is_drawn(row):
        return (WITHHELD if row is not None and is_withheld(row) else NONE,) * 3
    return tuple(round(float(number), RATIO) + 0.0 for number in row.estimate)
