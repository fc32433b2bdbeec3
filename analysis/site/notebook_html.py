"""The executed notebook as HTML: folded at its headings, without code or with it, every figure a
file with its text.

nbconvert does the cells with our template (templates/notebook): its own would leave out alternative
texts and load scripts from the network. What comes out is cleaned once more: only tags and
attributes of an allow-list stay.
"""

import base64
import copy
import re
from functools import cache
from html import escape
from pathlib import Path

import nbformat
import nh3

from analysis.record.store import MIME
from analysis.sections.showing import ALONE
from analysis.studies.disparity.national import LITTLE

TEMPLATES = Path(__file__).with_name("templates")
TAGS = frozenset(
    {
        "a",
        "b",
        "blockquote",
        "br",
        "caption",
        "code",
        "div",
        "em",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "li",
        "ol",
        "p",
        "pre",
        "span",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    }
)
ATTRIBUTES = {
    "th": {"scope", "class", "colspan", "rowspan"},
    "td": {"class", "colspan", "rowspan"},
    "p": {"class"},
    "div": {"class", "role", "tabindex", "aria-label"},
    "span": {"class"},
    "a": {"href"},
}
SHOWN = frozenset({"text/html", "image/png", "text/plain"})  # streams and errors have none of these
# A block of code as our template writes it; what is inside is escaped, so that no tag can end it
# early.
CODE = re.compile(r'<div class="code" [^>]*>.*?</div>\s*', re.DOTALL)
# A fold as our template writes it. Nothing that is cleaned holds `details`, so that folds do not
# nest.
FOLD = re.compile(
    r"<details><summary><h3>.*?</h3></summary><div class=\"fold\">(.*?)</div></details>\s*",
    re.DOTALL,
)
SAYS_SOMETHING = re.compile(r"<img |<t[hd]\b|<code>|<(?!h\d)[a-z]+[^>]*>\s*[^<\s]")
FIRST_FOLD = "The question"
# Lines that a bare notebook shows and a page does not: every page is made after the places were set
# beside each other, and a fold in which places are compared is not there where there is but one.
_STALE = (
    re.escape(ALONE).replace(re.escape("{many}"), "[^<.]*"),
    re.escape(escape(LITTLE, quote=False)),
)
STALE = re.compile(rf'<p class="wb-[a-z]+">(?:{"|".join(_STALE)})</p>\s*')


def clean(html: str) -> str:
    """Only tags and attributes that a page may have; links lead nowhere but into the page. What a
    script or a style sheet holds goes with it."""
    return nh3.clean(
        html,
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        attribute_filter=_within_page,
        url_schemes=set(),
        link_rel=None,
    )


def _within_page(tag: str, name: str, value: str) -> str | None:
    """The attribute as it is, or None for a link to anywhere but an anchor of the page."""
    return value if name != "href" or value.startswith("#") else None


@cache
def _exporter():
    from nbconvert.exporters import HTMLExporter
    from nbconvert.exporters.templateexporter import TemplateExporter

    class PageExporter(HTMLExporter):
        """nbconvert's HTML exporter without its last step, which parses the page once more to
        describe pictures that have no description: ours always have one."""

        def from_notebook_node(self, nb, resources=None, **kw):
            return TemplateExporter.from_notebook_node(self, nb, resources, **kw)

    exporter = PageExporter(
        template_name="notebook",
        extra_template_basedirs=[str(TEMPLATES)],
        filters={"clean": clean},
        exclude_anchor_links=True,
        embed_images=False,
    )
    # the richest first; a trait, which the types of nbconvert do not tell
    exporter.display_data_priority = [  # type: ignore[attr-defined]
        "text/html",
        "image/png",
        "text/plain",
    ]
    return exporter


def render(notebook: nbformat.NotebookNode, *, alone: bool = False) -> tuple[str, str]:
    """The cells of a prepared notebook as HTML, one fold a section: without code, and with it. A
    fold in which nothing is left is not there. `alone`: the place is not set beside the others, and
    what says so stays."""
    with_code = _exporter().from_notebook_node(notebook)[0]
    with_code = with_code if alone else STALE.sub("", with_code)
    return without_empty_folds(CODE.sub("", with_code)), without_empty_folds(with_code)


def without_empty_folds(html: str) -> str:
    """The cells without folds that hold no words, no table and no picture: a heading alone says
    nothing."""
    return FOLD.sub(lambda fold: fold[0] if SAYS_SOMETHING.search(fold[1]) else "", html)


def prepare(
    notebook: nbformat.NotebookNode, page: Path, *, beside: str = "", of: str = ""
) -> nbformat.NotebookNode:
    """A copy in which each section knows its heading, each picture its file under `page`/figures,
    each code its name.

    `beside`: the way from the page that shows the cells to `page`, where these differ. `of`: what
    the notebook is, for the names of its code where a page shows two.
    """
    prepared, code_cells = copy.deepcopy(notebook), 0
    known = {path.read_bytes(): path.name for path in sorted((page / "figures").glob("*.png"))}
    fold: str | None = FIRST_FOLD
    for i, cell in enumerate(prepared.cells):
        cell.metadata.pop("fold", None)
        if cell.cell_type == "markdown":
            heading, cell.source = _without_heading(cell.source)
            fold = heading or fold
        if fold:
            cell.metadata["fold"], fold = fold, None
        if cell.cell_type == "code":
            code_cells += 1
            cell.metadata["name"] = f"Code of cell {code_cells}" + (f", {of}" if of else "")
            cell.outputs = [output for output in cell.outputs if _is_shown(output.get("data", {}))]
        for j, output in enumerate(cell.get("outputs", [])):
            _place_picture(output, page, known, f"cell_{i}_{j}", beside)
    return prepared


def _is_shown(data: dict) -> bool:
    """Something to read; the line that stands for the record says nothing that its link does
    not."""
    return bool(SHOWN.intersection(data)) and MIME not in data


def _without_heading(source: str) -> tuple[str | None, str]:
    """The words of a second-level heading that opens the cell, and the rest; a first-level one is
    the page's own."""
    found = re.match(r"\s*(#{1,2})\s+(.+?)\s*#*\s*(?:\n|$)", source)
    if not found:
        return None, source
    words = re.sub(r"[*_`]", "", found[2])
    return (words if found[1] == "##" else None), source[found.end() :]


def _place_picture(output, page: Path, known: dict[bytes, str], name: str, beside: str) -> None:
    """Write a picture that no figure file holds yet, and note in the output its file, its text and
    what else there is."""
    picture = output.get("data", {}).get("image/png")
    if picture is None:
        return
    content = base64.b64decode("".join(picture))
    if content not in known:
        known[content] = f"{name}.png"
        (page / "figures").mkdir(exist_ok=True)
        (page / "figures" / known[content]).write_bytes(content)
    file = Path(known[content])
    more = [s for s in (".csv", ".svg") if (page / "figures" / file.with_suffix(s)).exists()]
    alt = output.metadata.get("image/png", {}).get("alt") or output.metadata.get(
        "workbook", {}
    ).get("alt")
    plain = "".join(output.data.get("text/plain", ""))
    width, height = _size(content)
    output.metadata["picture"] = {
        "file": f"{beside}figures/{file.name}",
        "alt": alt or plain or "A figure without a description.",
        "width": width,
        "height": height,
        "more": [{"file": f"{beside}figures/{file.stem}{s}", "kind": s[1:].upper()} for s in more],
    }


def _size(png: bytes) -> tuple[int, int]:
    """Width and height in pixels, from the header of a PNG."""
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
