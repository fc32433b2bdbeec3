"""Every outcome of a pilot in one place on one axis, as a multiple of the size that matters."""

import pandas as pd

from analysis.display.figures.ladder import ladder_figure, ladder_figure_alt
from analysis.display.prose import Prose
from analysis.display.rungs import ladder_table, ladder_table_rows
from analysis.display.section import Chart, Section
from analysis.sections.rungs import rungs_from
from analysis.sections.showing import Shown
from analysis.sections.tables import worded_table

TITLE = "The ladder of outcomes"
SIZE_ONLY = (
    "How large each difference is. Whether it counts as better or worse is said once all places"
    " stand beside each other."
)
NO_SIZE = (
    "Nothing is compared in this place: the rungs hold its own figures, or say why there is"
    " nothing."
)


def ladder(shown: Shown) -> Section:
    """The rungs from input to society: figure and table, sizes only."""
    rungs = rungs_from(shown.plan, shown.released)
    frame = pd.DataFrame(ladder_table_rows(rungs))
    table = worded_table(shown.plan, TITLE, frame, clearance=shown.clearance)
    drawn = ladder_table(rungs, beside=table)
    title = f"{shown.place_name}: the ladder of outcomes"
    figure = ladder_figure(drawn, title=title)
    chart = Chart(figure, ladder_figure_alt(drawn), drawn, "ladder")
    said = SIZE_ONLY if any(rung.is_drawn for rung in rungs) else NO_SIZE
    return Section.of(Prose(said), chart, table)
