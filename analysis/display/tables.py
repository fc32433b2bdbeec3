"""What a notebook may show, and the gate in the kernel that lets nothing else be seen.

Cleared tables, cleared sentences and figures drawn from cleared tables become bundles (MIME type to
content) that carry the fingerprint by which the output guard knows them. Everything else is
withheld, by default: a list of forbidden types would have to know every type that can hold a value
(a boolean series, a numpy scalar, a dict of frames, a class that somebody writes tomorrow), so the
kernel's formatter is replaced by one that knows the few allowed ones. It holds in papermill, nbval
and JupyterLab alike, because all of them ask it.
"""

import base64
import re
from html import escape
from pathlib import Path

from IPython.core.formatters import DisplayFormatter
from IPython.display import display

from analysis.disclosure.guard.registration import register
from analysis.display.in_lab import install_short_errors, is_plain
from analysis.display.layout import csv_text, table_text
from analysis.display.prose import Prose
from analysis.display.section import Chart, Section
from analysis.errors import RunError
from analysis.paths import figures_folder
from analysis.results import REVEALING_REASONS, NotEstimable, Table, Withheld

Bundle = tuple[dict, dict]  # (data, metadata) of one output

WITHHELD = (
    'withheld: not a cleared table. Use study.table(by=["ethnic_group"]) or study.compare();'
    " study.columns() lists what a table can ask for. Rows of persons: docs/private.md."
)
_FILE_NAME = re.compile(r"^[a-z][a-z0-9_]{0,60}$")
# pickers of explore.ipynb; a finished file that holds widgets is refused by the output guard
_WIDGETS = "ipywidgets."


def registered(data: dict, **metadata: dict) -> Bundle:
    """`data` put on the list of this kernel, with metadata that carries its fingerprint."""
    return data, metadata | {"workbook": {"registration": register(data)}}


def render_prose(prose: Prose) -> Bundle:
    """The sentence as plain text and as paragraphs, one a line of it."""
    weight = ("<strong>", "</strong>") if prose.kind == "badge" else ("", "")
    lines = [line for line in prose.text.split("\n") if line.strip()]
    html = "\n".join(
        f'<p class="wb-{prose.kind}">{weight[0]}{escape(line)}{weight[1]}</p>' for line in lines
    )
    return registered({"text/plain": prose.text, "text/html": html})


def render_table(table: Table) -> Bundle:
    """The table with its caption, headers and notes, as plain text (nbval compares it) and as
    HTML."""
    plain, html = table_text(table)
    return registered({"text/plain": plain, "text/html": html})


def cleared_bundle(shown: object) -> Bundle | None:
    """The bundle of an object that may be seen, or None."""
    match shown:
        case Table():
            return render_table(shown)
        case Prose():
            return render_prose(shown)
        case Withheld():
            return render_prose(Prose(shown.summary()))
        case NotEstimable():
            hidden = Withheld(
                shown.estimand, shown.method, shown.unit
            )  # a reason that would tell of a small cell
            return (
                cleared_bundle(hidden)
                if shown.reason in REVEALING_REASONS
                else render_prose(Prose(shown.summary()))
            )
    return None


class Gate(DisplayFormatter):
    """Formats what is cleared, and says of everything else that it is withheld; outside JupyterLab
    of plain numbers and text too."""

    def format(self, obj, include=None, exclude=None):
        if type(obj).__module__.startswith(_WIDGETS):
            return super().format(obj, include=include, exclude=exclude)
        if is_plain(obj):
            return {"text/plain": repr(obj)}, {}
        if isinstance(obj, Section):
            for part in obj.parts:
                display(part)
            return {}, {}
        if isinstance(obj, Chart):
            show(obj.figure, alt=obj.alt, table=obj.table, name=obj.name)
            return {}, {}
        return cleared_bundle(obj) or ({"text/plain": WITHHELD}, {})


def install_formatters(ip) -> None:
    """Put the gate in place of the kernel's formatter; `ip` is the InteractiveShell. Harmless when
    done twice."""
    if not isinstance(ip.display_formatter, Gate):
        ip.display_formatter = Gate(parent=ip)
        install_short_errors(ip)


def show(figure, *, alt: str, table: Table, name: str) -> None:
    """Show a figure drawn from a cleared table, with its alternative text, and save it for the
    page. Closes the figure.

    Writes `name`.png, .csv (the table) and .json (the recipe of an SVG, or .svg itself where the
    figure has no recipe) where the runner named a folder for figures.
    RunError E350 where the table is not a cleared one, E351 where the text is missing or the name
    is not a plain file name.
    """
    from analysis.display import style

    if not isinstance(table, Table):
        raise RunError(
            "E350",
            "a figure is shown only beside the cleared table that it is drawn from.",
            remedy='Make one: study.table(by=["ethnic_group"]), and study.plot(table).',
        )
    if not alt.strip() or not _FILE_NAME.match(name):
        raise RunError(
            "E351",
            "a figure needs an alternative text and a name of small letters, digits and"
            " underscores.",
        )
    picture = style.png(figure)
    if (folder := figures_folder()) is not None:
        save(folder, name, png=picture, table=table)
        save_drawing(folder, name, figure, alt=alt)
    style.close(figure)
    data, metadata = registered(
        {"image/png": base64.b64encode(picture).decode("ascii"), "text/plain": alt}
    )
    metadata["workbook"]["alt"] = alt
    display(data, metadata=metadata | {"image/png": {"alt": alt}}, raw=True)


def save(folder: Path, name: str, *, png: bytes, table: Table) -> None:
    """The picture of a figure and its numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.png").write_bytes(png)
    (folder / f"{name}.csv").write_text(csv_text(table), encoding="utf-8", newline="")


def save_drawing(folder: Path, name: str, figure, *, alt: str) -> None:
    """The recipe from which the figure can be drawn as SVG; where there is none, the SVG."""
    from analysis.display import style
    from analysis.display.recipes import recipe_of, recipe_text

    recipe = recipe_of(figure)
    if recipe is None:
        (folder / f"{name}.svg").write_bytes(style.svg(figure, alt=alt))
    else:
        (folder / f"{name}.json").write_text(recipe_text(recipe, alt=alt), encoding="utf-8")
