"""One view of a study: which rows, what is measured of them, by which groups, in which figure. It
is shown by the verbs, and is itself a cell of verbs that anybody can run again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from analysis.display.layout import MARKS
from analysis.display.prose import Prose
from analysis.display.section import Section
from analysis.errors import ParameterError
from analysis.exploring.drawing import KINDS
from analysis.exploring.rows import Rows
from analysis.results import Table
from analysis.workbench.study import Study

COUNTED = "number of people"  # the measure of a view that asks for none


@dataclass(frozen=True)
class View:
    """What was picked.

    by: columns of groups, none to three. measure: a column of yes and no, a number or a rating;
    None: people are counted. where: by column, the value that is kept. kind: of the figure, or None
    for the one that fits.
    """

    study_id: str
    region_id: str
    data_source: str
    by: tuple[str, ...] = ()
    measure: str | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    kind: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in (None, *KINDS):
            text = "there is no such kind of figure."
            raise ParameterError("E278", text, remedy=f"Valid: {', '.join(KINDS)}.")


@dataclass(frozen=True)
class Offers:
    """What can be picked in one table of a study: columns with their words."""

    table: str
    unit: str
    groups: dict[str, str]
    measures: dict[str, str]
    values: dict[str, tuple[str, ...]]


def offers(study: Study) -> tuple[Offers, ...]:
    """What can be picked, a table of the study after the other; none where it has no rows."""
    try:
        return tuple(_offers(rows) for rows in study._explored.tables)
    except ParameterError as error:
        if error.code == "E270":
            return ()
        raise


def _offers(rows: Rows) -> Offers:
    usable = rows.usable
    groups = {name: f.words for name, f in usable.items() if "by" in f.uses}
    measured = {n: f.words for n, f in usable.items() if {"share", "mean"} & {*f.uses}}
    values = {name: tuple(str(words) for _, words in usable[name].levels) for name in groups}
    return Offers(rows.table, rows.unit, groups, measured, values)


def arguments(study: Study, view: View) -> dict[str, Any]:
    """The arguments of `study.table` for a view: nothing that stands at its default."""
    by: dict[str, Any] = {"by": list(view.by)} if view.by else {}
    if view.measure is None:
        return by | ({} if view.by else {"count": True}) | _where(view)
    use = "share" if _is_yes_no(study, view.measure) else "mean"
    return by | {use: view.measure} | _where(view)


def _where(view: View) -> dict[str, Any]:
    return {"where": dict(view.where)} if view.where else {}


def _is_yes_no(study: Study, name: str) -> bool:
    fields = (rows.field(name) for rows in study._explored.tables)
    return any(found.is_yes_no for found in fields if found is not None)


def shown(study: Study, view: View) -> Section:
    """The figure, its table, and what the table withholds and why; without groups the table
    alone. Of a study without rows of people: its answer."""
    if not offers(study):
        return study.answer()
    made = study.table(**arguments(study, view))
    drawn = study.plot(made, kind=view.kind) if view.by else made  # type: ignore[arg-type]
    return drawn + Prose(withheld(made.table))


def withheld(table: Table) -> str:
    """Which marks stand in the place of numbers, and what they mean."""
    cells = table.to_frame().to_numpy().ravel().tolist()
    marks = {cell for cell in cells if isinstance(cell, str) and cell in MARKS}
    if not marks:
        return "Nothing is withheld in this view."
    said = " ".join(words for mark, words in MARKS.items() if mark in marks)
    return f"Where a number is missing: {said} The notes under the table say by which rules."


def as_code(study: Study, view: View) -> str:
    """One cell of verbs that shows the same."""
    opened = ", ".join(map(_literal, (view.study_id, view.region_id, view.data_source)))
    lines = ("from analysis.notebook import open_study", "", f"study = open_study({opened})")
    return "\n".join((*lines, *_verbs(study, view)))


def _verbs(study: Study, view: View) -> tuple[str, ...]:
    if not offers(study):
        return ("study.answer()",)
    asked = ", ".join(f"{name}={_literal(value)}" for name, value in arguments(study, view).items())
    kind = f", kind={_literal(view.kind)}" if view.kind else ""
    last = f"study.plot(table{kind})" if view.by else "table"
    return (f"table = study.table({asked})", last)


def _literal(value: object) -> str:
    """A value as a formatter writes it: in double quotes."""
    match value:
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case Mapping():
            return "{" + ", ".join(f"{_literal(k)}: {_literal(v)}" for k, v in value.items()) + "}"
        case Iterable():
            return "[" + ", ".join(map(_literal, value)) + "]"
    return repr(value)
