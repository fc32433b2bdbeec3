"""What the one figure of a page shows: which rows, under which names, in which form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from matplotlib.figure import Figure

from analysis.clearing.headed import headed
from analysis.display import figures
from analysis.display.amounts import axis_words
from analysis.display.drawn_lines import forest_table, lines_table, placebos_table
from analysis.display.figures.ladder import NARROW, WIDE, ladder_figure, ladder_figure_alt
from analysis.display.rungs import ladder_table
from analysis.plans.kinds import kind_of
from analysis.plans.plan import Plan
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.results import EVERYONE, Table
from analysis.sections.rungs import rungs_from
from analysis.sections.tables import outcome_words
from analysis.study.words import in_plan_words, lead_row, pooled_row, there
from analysis.vocabulary.regions import ALL, NATIONAL, place_set


@dataclass(frozen=True)
class Drawing:
    """Rows and words from which the figure, its alternative text and its CSV are made, so that they
    cannot disagree."""

    plan: Plan
    kind: str  # lines, forest, placebos
    rows: tuple[Row, ...]
    labels: tuple[str, ...]
    pooled: Row | None
    scale: figures.Scale

    @property
    def outcome(self) -> str:
        """The outcome of its first line."""
        return next((row.outcome for row in self.rows), self.plan.leading)

    def narrow(self) -> Figure:
        """For a telephone."""
        return self.figure(narrow=True)

    @cached_property
    def table(self) -> Table:
        """The numbers of the figure, one row a line of it, in the words of the plan; withheld
        places are not named in a forest."""
        say = partial(in_plan_words, self.plan)
        if self.kind == "forest":
            kind = place_set(self.plan.data.places)
            return forest_table(
                self.rows, self.labels, there(self.pooled), one=kind.one, many=kind.many, say=say
            )
        if self.kind == "placebos":
            own = [row.method in self.plan.comparison.arms for row in self.rows]
            return placebos_table(self.rows, self.labels, own)
        return lines_table(self.rows, self.labels, say=say)

    def figure(self, *, narrow: bool = False) -> Figure:
        if self.kind == "placebos":
            return figures.placebo_figure(self.table, self.scale, narrow=narrow)
        draw = figures.forest_figure if self.kind == "forest" else figures.interval_figure
        return draw(self.table, self.scale, narrow=narrow)

    def alt(self) -> str:
        if self.kind == "forest":
            one = place_set(self.plan.data.places).one
            said = figures.forest_figure_alt(self.table, self.scale, one=one)
        elif self.kind == "placebos":
            said = figures.placebo_figure_alt(self.table, self.scale)
        else:
            said = figures.interval_figure_alt(self.table, self.scale)
        return in_plan_words(self.plan, said)


@dataclass(frozen=True)
class LadderDrawing:
    """The ladder of a record: every outcome as a multiple of the size that matters, in a wide and a
    narrow layout."""

    plan: Plan
    record: Record

    @cached_property
    def table(self) -> Table:
        """The numbers of the figure, one row a line of it."""
        return ladder_table(rungs_from(self.plan, self.record))

    def figure(self, *, width: float = WIDE) -> Figure:
        return ladder_figure(self.table, width=width)

    def narrow(self) -> Figure:
        """For a telephone."""
        return self.figure(width=NARROW)

    def alt(self) -> str:
        return ladder_figure_alt(self.table)


def answer_drawing(
    plan: Plan, record: Record, national: Record, places: Mapping[str, Record] | None = None
) -> Drawing | LadderDrawing | None:
    """What the page's one figure shows; None where nothing has an interval."""
    own_page = record.region not in (NATIONAL, ALL)
    if there(lead_row(plan, national)).status == "ranked":
        return _placebos(plan, national)
    if own_page and not _has_own_figures(plan, record):
        return None
    if kind_of(plan).ladder:
        return LadderDrawing(plan, record if own_page else national)
    asked, kind, place = _drawn_outcome(plan, record), place_set(plan.data.places), record.region
    outcome = plan.outcome(asked)
    axis = axis_words(outcome.unit, outcome.event, outcome.noun)
    scale = figures.Scale(outcome.unit, axis, outcome.better, outcome.matters)
    pooled, own = pooled_row(plan, national, asked), lead_row(plan, record, asked)
    many = (
        f"{pooled.k} {kind.many} together" if pooled and pooled.k else f"The {kind.many} together"
    )
    if not kind_of(plan).pooled:
        drawing = _one_analysis(plan, record, national, scale)
    elif place == NATIONAL and not plan.data.also_all:
        found = [
            (kind.name(key), row)
            for key, one in (places or {}).items()
            if (row := lead_row(plan, one))
        ]
        drawing = Drawing(
            plan,
            "forest",
            tuple(row for _, row in found),
            tuple(name for name, _ in found),
            pooled,
            scale,
        )
    elif place in (NATIONAL, ALL):
        parts = {key: one for key, one in (places or {}).items() if key != ALL}
        pairs = [
            ("All at once", own),
            (many, pooled),
            *((kind.name(key), lead_row(plan, one)) for key, one in parts.items()),
        ]
        drawing = _lines(plan, pairs, scale)
    else:
        shrunken = record.find(
            outcome=asked,
            estimand=kind_of(plan).estimand,
            group=EVERYONE,
            method="empirical_bayes",
        )
        name = kind.name(place)
        drawing = _lines(
            plan,
            [(many, pooled), (f"{name} alone", own), ("The same, beside the others", shrunken)],
            scale,
        )
    rows = [*drawing.rows, *([drawing.pooled] if drawing.pooled else [])]
    return drawing if any(row.status == "estimated" for row in rows) else None


def _placebos(plan: Plan, national: Record) -> Drawing | None:
    """Every place by how far it moved, with the programme or without; None where none is shown."""
    kind, outcome = place_set(plan.data.places), plan.outcome(plan.leading)
    wanted = {"outcome": plan.leading, "estimand": kind_of(plan).placebos, "group": EVERYONE}
    rows = [row for row in national.rows_where(**wanted) if row.status == "ranked"]
    axis = axis_words(outcome.unit, outcome.event, outcome.noun)
    scale = figures.Scale(outcome.unit, axis, outcome.better, outcome.matters)
    names = tuple(kind.name(row.method) for row in rows)
    return Drawing(plan, "placebos", tuple(rows), names, None, scale) if rows else None


def _has_own_figures(plan: Plan, record: Record) -> bool:
    """An outcome is estimated in the place itself: only then its page has a figure, and never the
    nation's in its place."""
    rows = [lead_row(plan, record, outcome.id) for outcome in plan.compared]
    return any(row is not None and row.status == "estimated" for row in rows)


def _drawn_outcome(plan: Plan, record: Record) -> str:
    """The outcome of the one figure: the leading one or, where a place has no figure of it, what
    heads its page."""
    if there(lead_row(plan, record)).status == "estimated" or record.region in (NATIONAL, ALL):
        return plan.leading
    found = (
        o.id
        for o in plan.compared
        if (row := lead_row(plan, record, o.id)) and row.status == "estimated"
    )
    head = headed(plan, record)
    return (
        head.outcome.id
        if head.why in ("shown", "harm") and head.row.group == EVERYONE
        else next(found, plan.leading)
    )


def _one_analysis(plan: Plan, record: Record, national: Record, scale: figures.Scale) -> Drawing:
    """Every outcome of the leading one's unit in one analysis of all places; on a place's page its
    own estimate too."""
    kind, unit = place_set(plan.data.places), plan.outcome(plan.leading).unit
    whole = lead_row(plan, national)
    if record.region in (NATIONAL, ALL):
        others = [o for o in plan.compared if o.unit == unit and o.id != plan.leading]
        pairs = [(outcome_words(plan.outcome(plan.leading)), whole)]
        pairs += [(outcome_words(o), lead_row(plan, national, o.id)) for o in others]
        directions = {plan.outcome(plan.leading).better, *(o.better for o in others)}
        better = (
            directions.pop() if len(directions) == 1 else None
        )  # fewer is not better for every one of them
        axis = "in every 100 of those named" if unit == "in_every_100" else scale.words
        return _lines(plan, pairs, figures.Scale(unit, axis, better))
    pairs = [(f"All {kind.many} in one analysis", whole)]
    own = there(lead_row(plan, record))
    pairs += [(f"{kind.name(record.region)} alone", own)] if own.status == "estimated" else []
    return _lines(plan, pairs, scale)


def _lines(plan: Plan, pairs: Sequence[tuple[str, Row | None]], scale: figures.Scale) -> Drawing:
    kept = [(label, row) for label, row in pairs if row is not None]
    return Drawing(
        plan, "lines", tuple(row for _, row in kept), tuple(label for label, _ in kept), None, scale
    )
