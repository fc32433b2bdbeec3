"""What a drawing (SVG) may hold when it leaves: paths that are seen, and the words that stand for
the picture.

An allow-list of the elements and attributes that the project's figures have; no script, comment,
name of an element or word that is not the figure's own; no letters that are too small, outside the
canvas or of the colour of the ground.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

ELEMENTS = frozenset(
    {
        "svg",
        "metadata",
        "RDF",
        "Work",
        "type",
        "description",
        "format",
        "defs",
        "style",
        "g",
        "path",
        "use",
        "clipPath",
        "rect",
    }
)
ATTRIBUTES = frozenset(
    {
        "width",
        "height",
        "viewBox",
        "version",
        "resource",
        "id",
        "d",
        "style",
        "transform",
        "clip-path",
        "x",
        "y",
        "href",
        "type",
    }
)
STYLES = frozenset(
    {
        "fill",
        "stroke",
        "stroke-width",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-dasharray",
        "stroke-dashoffset",
        "stroke-miterlimit",
        "stroke-opacity",
        "fill-opacity",
        "fill-rule",
        "opacity",
    }
)
WORDS = frozenset({"description", "format", "style"})  # elements that hold text
FORMAT, SHEET = "image/svg+xml", "*{stroke-linejoin: round; stroke-linecap: butt}"
# Names that matplotlib gives: parts by number, glyphs by character, marks and clips by hash.
_PART = (
    "figure|axes|patch|line2d|text|xtick|ytick|matplotlib.axis|legend|LineCollection"
    "|PathCollection|PolyCollection|FillBetweenPolyCollection|QuadMesh|EllipseCollection"
)
NAME = re.compile(
    rf"(?:{_PART})_\d{{1,4}}|[A-Z][A-Za-z]+-(?:Bold-|Oblique-)?[0-9a-f]{{2,6}}"
    r"|[a-zC]{1,2}[0-9a-f_]{6,16}"
)
PLACED = re.compile(
    r"translate\((-?[\d.]+)[ ,](-?[\d.]+)\)(?: rotate\([-\d. ]+\))? scale\((-?[\d.]+)"
)
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
SMALLEST = 0.05  # scale of glyphs: letters of five points
WHITE = re.compile(r"fill:\s*(?:#fff(?:fff)?|white)\b", re.IGNORECASE)
EDGE = 2.0  # points that letters may begin beyond the canvas
FAINT = 0.2


def svg_faults(text: str, *, alt: str | None = None) -> tuple[str, ...]:
    """What a drawing holds that it may not, in words. `alt`: the words that stand for the picture,
    where they are known."""
    if "<!--" in text or "<!ENTITY" in text or "<![CDATA[" in text or text.count("<?") > 1:
        return ("a comment, an entity or an instruction in a drawing",)
    try:
        root = ET.fromstring(text)
    except ET.ParseError:
        return ("a drawing that cannot be read",)
    return tuple(dict.fromkeys((*_part_faults(root, alt), *_letter_faults(root))))


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _part_faults(root: ET.Element, alt: str | None) -> Iterator[str]:
    for element in root.iter():
        kind = _local(element.tag)
        if kind not in ELEMENTS:
            yield "an element that no figure has"
        for name, value in element.attrib.items():
            yield from _attribute_faults(_local(name), value)
        said, after = (element.text or "").strip(), (element.tail or "").strip()
        right = {"description": alt or said, "format": FORMAT, "style": SHEET}
        if after or (said and said != right.get(kind)):
            yield "words that are not those of the picture"


def _attribute_faults(name: str, value: str) -> Iterator[str]:
    if name not in ATTRIBUTES:
        yield "an attribute that no figure has"
    elif name == "id" and not NAME.fullmatch(value):
        yield "a name of a part that is words"
    elif name == "href" and not value.startswith("#"):
        yield "a way out of the drawing"
    elif name == "style":
        parts = [part.partition(":") for part in value.split(";") if part.strip()]
        if {part[0].strip() for part in parts} - STYLES or "url" in value:
            yield "a style that no figure has"
        faint = (part for part in parts if part[0].strip().endswith("opacity"))
        if any(float((NUMBER.findall(part[2]) or ["0"])[0]) < FAINT for part in faint):
            yield "what is too faint to be seen"


def _letter_faults(root: ET.Element) -> Iterator[str]:
    """Letters are groups of glyphs that are placed and scaled."""
    box = [float(number) for number in NUMBER.findall(root.get("viewBox", ""))]
    if len(box) != 4:
        yield "a drawing without a canvas"
        return
    grounds = [ground for element in root.iter() if (ground := _ground(element))]
    for element in root.iter():
        placed = PLACED.match(element.get("transform", "")) if _local(element.tag) == "g" else None
        if not placed:
            continue
        x, y, scale = (float(part) for part in placed.groups())
        if abs(scale) < SMALLEST:
            yield "letters that are too small to be read"
        if not (-EDGE <= x <= box[2] + EDGE and -EDGE <= y <= box[3] + EDGE):
            yield "letters outside the canvas"
        over = any(a <= x <= c and b <= y <= d for a, b, c, d in grounds)
        if WHITE.search(element.get("style", "")) and not over:
            yield "letters of the colour of the ground"


def _ground(element: ET.Element) -> tuple[float, float, float, float] | None:
    """The box of a filled path that is not white: what white letters may stand on."""
    style = element.get("style", "")
    if _local(element.tag) != "path" or "fill: #" not in style or WHITE.search(style):
        return None
    numbers = [float(number) for number in NUMBER.findall(element.get("d", ""))]
    xs, ys = numbers[::2], numbers[1::2]
    return (min(xs), min(ys), max(xs), max(ys)) if xs and ys else None
