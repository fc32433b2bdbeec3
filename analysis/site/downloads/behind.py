"""The tables behind a page: of its answer, of its sentences by group, and of the analysis, in the
order in which the page shows them."""

import base64
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from analysis.display.recipes import titled_table
from analysis.display.spreadsheet.book import Behind
from analysis.display.spreadsheet.printed import CLEARED, figure_by_hand, printed_tables
from analysis.judgement.wording.figures_in_words import capital
from analysis.record.store import MIME
from analysis.results import Table
from analysis.rounds.runs_found import FoundRun
from analysis.said.texts import joined
from analysis.sections.page.block import RateSection

ANSWER, SENTENCES, FIGURE = "Figure of the answer: ", "In sentences: ", "Figure: "


def answer_table(table: Table, caption: str) -> Behind:
    """The table that the one figure of a page is drawn from. caption: what stands under it."""
    return Behind(table, joined("", (ANSWER, caption)), "figures/answer.csv")


def shown_table(table: Table, csv: str = "") -> Behind:
    """A table that the page shows as it is."""
    return Behind(table, table.title, csv)


def sentence_tables(sections: Iterable[RateSection], characteristic: str) -> Iterator[Behind]:
    """What can be said of each group, and what cannot, as the page says it."""
    names = (capital(characteristic), "What can be said", "What cannot be said")
    for section in sections:
        rows = [(line.group, line.say, line.cannot_say) for line in section.lines]
        frame = pd.DataFrame(rows, columns=names, dtype=object)
        table = Table(section.title, frame, CLEARED)
        yield Behind(table, joined("", (SENTENCES, table.title)))


def analysis_tables(run: FoundRun, *, beside: str = "") -> Iterator[Behind]:
    """The tables and the figures of a run's notebook, in their order. beside: the way from the page
    to the folder of the run, where that is another."""
    path = run.folder / "notebook.ipynb"
    if not path.exists():
        return
    notebook = json.loads(path.read_text(encoding="utf-8"))
    pictures = {file.read_bytes(): file for file in run.figures if file.suffix == ".png"}
    for data in _shown(notebook):
        for table in printed_tables(_text(data.get("text/html", ""))):
            yield shown_table(table)
        picture = pictures.get(base64.b64decode(_text(data.get("image/png", ""))))
        if picture is not None and picture.with_suffix(".csv").exists():
            table, title = _of_figure(picture, _text(data.get("text/plain", "")))
            way = f"{beside}figures/{picture.stem}.csv"
            yield Behind(table, joined("", (FIGURE, title)), way)


def _shown(notebook: dict) -> Iterator[dict]:
    """What the outputs of a notebook show, but for its record."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()) if cell["cell_type"] == "code" else ():
            data = output.get("data", {})
            if MIME not in data:
                yield data


def _text(lines: str | list[str]) -> str:
    return "".join(lines)


def _of_figure(picture: Path, alt: str) -> tuple[Table, str]:
    """The table of a figure and the title over it, from its recipe; of one that was drawn by hand,
    from its CSV, under the first sentence of its words."""
    recipe = picture.with_suffix(".json")
    if recipe.exists():
        return titled_table(recipe.read_text(encoding="utf-8"))
    table = figure_by_hand(picture.with_suffix(".csv").read_text(encoding="utf-8"), alt)
    return table, table.title
