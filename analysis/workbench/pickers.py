"""Pickers for JupyterLab: a view of a study, picked and not typed.

The widgets hold what was picked and nothing else; a view is shown by the verbs, through the gate of
the kernel, and the cell of verbs that shows the same stands below it.
"""

from collections.abc import Callable
from functools import partial

import ipywidgets as widgets
from IPython.display import display
from ipywidgets import Widget

from analysis.errors import WorkbookError
from analysis.exploring.drawing import KINDS
from analysis.plans.registry import list_plans, load_plan, parse_source
from analysis.vocabulary.regions import ALL, place_set
from analysis.workbench.asked import chosen
from analysis.workbench.study import Study
from analysis.workbench.views import COUNTED, Offers, View, as_code, offers, shown

Opens = Callable[[str, str, str], Study]
NONE = "–"
FITS = "what fits"
# Two beside each other, one below the other where the notebook is narrow: nothing is cut off.
WIDE = {
    "layout": {"width": "26rem", "max_width": "100%"},
    "style": {"description_width": "6rem"},
}
WRAPS = {"flex_flow": "row wrap"}
WHOLE = {"width": "auto", "max_width": "53rem"}
READS_A_RECORD = "example"  # a source that only notebooks over cleared records read


def explorer(opens: Opens, view: View) -> Widget:
    """The pickers, and below them the view and its code; `opens` opens a study, `view` is shown
    first."""
    picked = _Picked(opens, view)
    return picked.whole


def _dropdown(words: str, options, value=None) -> widgets.Dropdown:
    made = widgets.Dropdown(description=words, options=options, **WIDE)
    if value is not None:
        made.value = value
    return made


class _Picked:
    """The pickers of one explorer. Each names what is picked after it: a study its places and
    sources, a table its columns, a column its values."""

    def __init__(self, opens: Opens, view: View):
        self.opens = opens
        self.study: Study | None = None
        self.tables: tuple[Offers, ...] = ()
        self.error: WorkbookError | None = None
        plans = [(plan.title, plan.study) for plan in list_plans()]
        self.which = _dropdown("Study", plans, view.study_id)
        self.place = _dropdown("Place", [])
        self.source = widgets.Combobox(description="Data", continuous_update=False, **WIDE)
        self.table = _dropdown("Rows", [])
        self.measure = _dropdown("Outcome", [])
        self.group, self.other = _dropdown("Group", []), _dropdown("And by", [])
        self.only, self.value = _dropdown("Only where", []), _dropdown("is", [])
        self.kind = _dropdown("Chart", [(FITS, None), *((kind, kind) for kind in KINDS)], view.kind)
        self.output = widgets.Output()
        self.code = widgets.Textarea(
            description="As code", rows=6, layout=WHOLE, style=WIDE["style"]
        )
        self.code.add_class("workbook-code")
        self.whole = widgets.VBox([*self._rows(), self.output, self.code])
        self.source.value = view.data_source
        self._places()
        self.place.value = view.region_id
        self._open()
        self._start(view)
        self._watch()
        self._show()

    def _rows(self) -> list[widgets.HBox]:
        pairs = (
            (self.which, self.place),
            (self.source, self.table),
            (self.measure, self.kind),
            (self.group, self.other),
            (self.only, self.value),
        )
        return [widgets.HBox(pair, layout=WRAPS) for pair in pairs]

    def _watch(self) -> None:
        """What each picker changes when it is turned: what comes after it, and the view."""
        after = {
            self.which: (self._places, self._open),
            self.place: (self._open,),
            self.source: (self._open,),
            self.table: (self._columns,),
            self.only: (self._values,),
        }
        self.filling = False
        for picker in (*after, self.measure, self.group, self.other, self.value, self.kind):
            picker.observe(partial(self._turned, after.get(picker, ())), names="value")

    def _turned(self, steps, _) -> None:
        if self.filling:
            return  # a picker that is filled is not turned
        self.filling = True
        try:
            for step in steps:
                step()
        finally:
            self.filling = False
        self._show()

    # -- what can be picked ------------------------------------------------------------------------
    def _places(self) -> None:
        plan = load_plan(self.which.value)
        places = place_set(plan.data.places)
        ids = [(place.name, place.id) for place in places.places]
        _refill(self.place, [*ids, (places.name(ALL), ALL)])
        sources = [source for source in plan.data.sources if source != READS_A_RECORD]
        self.source.options = sources
        if parse_source(self.source.value or sources[0]).name not in sources:
            self.source.value = sources[0]

    def _open(self) -> None:
        """The study of what was picked; an error in our words where it cannot be opened."""
        self.study, self.tables, self.error = None, (), None
        try:
            self.study = self.opens(self.which.value, self.place.value, self.source.value)
            self.tables = offers(self.study)
        except WorkbookError as error:
            self.error = error
        named = [(t.table.replace("_", " "), n) for n, t in enumerate(self.tables)]
        _refill(self.table, named)
        self._columns()

    @property
    def offered(self) -> Offers | None:
        return self.tables[self.table.value] if self.tables else None

    def _columns(self) -> None:
        """Columns of the table; what was picked stays where the table has it too."""
        held = self.offered
        groups = [(NONE, None), *((w, n) for n, w in held.groups.items())] if held else []
        measures = [(COUNTED, None), *((w, n) for n, w in held.measures.items())] if held else []
        for picker, options in (
            (self.measure, measures),
            (self.group, groups),
            (self.other, groups),
            (self.only, groups),
        ):
            _refill(picker, options)
        self._values()

    def _values(self) -> None:
        held = self.offered
        values = held.values[self.only.value] if held and self.only.value else ()
        _refill(self.value, list(values))

    def _start(self, view: View) -> None:
        first, second = (*view.by, None, None)[:2]
        wanted = ((self.measure, view.measure), (self.group, first), (self.other, second))
        for picker, value in wanted:
            if value is not None and self.tables:
                names = [option for _, option in picker.options]
                picker.value = chosen(picker.description, value, [n for n in names if n])

    # -- what is shown -----------------------------------------------------------------------------
    def view(self) -> View:
        by = tuple(dict.fromkeys(n for n in (self.group.value, self.other.value) if n))
        where = {self.only.value: self.value.value} if self.only.value else {}
        return View(
            self.which.value,
            self.place.value,
            self.source.value,
            by,
            self.measure.value,
            where,
            self.kind.value,
        )

    def _show(self) -> None:
        self.output.clear_output(wait=True)
        with self.output:
            self.code.value = ""
            if self.study is None:
                print(self.error)
                return
            try:
                display(shown(self.study, self.view()))
                self.code.value = as_code(self.study, self.view())
            except WorkbookError as error:
                print(error)


def _refill(picker: widgets.Dropdown, options: list) -> None:
    """New options; what was picked stays where it is still one of them. By place: the value None
    would show no words, though an option has it."""
    held = picker.value
    picker.options = options
    values = [option[1] if isinstance(option, tuple) else option for option in options]
    if values:
        picker.index = values.index(held) if held in values else 0
