"""The face of `notebooks/explore.ipynb`: pickers over every study, in JupyterLab.

>>> from analysis.explore import explore
>>> explore()
>>> explore("ethnic_matching", "wales", by=["ethnic_group"], measure="recalled")

Without widgets the same views are cells of verbs: `open_study(...)`, `study.table(...)`,
`study.plot(...)`.
"""

from collections.abc import Iterable
from functools import lru_cache

from analysis.notebook import open_study, refuse_parameters
from analysis.workbench.pickers import Widget, explorer
from analysis.workbench.study import Study
from analysis.workbench.views import View

FIRST = ("ethnic_matching", "west_midlands", "synthetic")
HELD = 4  # studies that stay open, so that going back to one is instant


@lru_cache(maxsize=HELD)
def _open(study_id: str, region_id: str, data_source: str) -> Study:
    return open_study(study_id, region_id, data_source)


def explore(
    study_id: str = FIRST[0],
    region_id: str = FIRST[1],
    data_source: str = FIRST[2],
    by: Iterable[str] = ("ethnic_group", "sex"),
    measure: str | None = None,
) -> Widget:
    """Pickers for study, place, data, rows, outcome, groups and chart; below them the view, what it
    withholds and why, and the cell of verbs that shows the same.

    The arguments are what is shown first. ParameterError E210 to E215 for a study, a place or data
    that there are not, E245 for a column; E226 where a tool has injected parameters, of which this
    notebook has none.
    """
    refuse_parameters()
    view = View(study_id, region_id, data_source, tuple(by), measure)
    _open(study_id, region_id, data_source)
    return explorer(_open, view)
