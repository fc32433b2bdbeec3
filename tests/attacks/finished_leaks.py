"""Leaks planted in a finished site: in a page, in a file beside it, in what lies about."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

from spreadsheets import Change, edited, with_part

from attacks.planted import EXACT, ROW, with_chunk

Plant = Callable[[Path], object]
PERSON = "WMS-P-000471"  # an id of the data of which hashes are kept
PAGE = "synthetic/draft/ethnic_matching/west_midlands"
CODED = base64.b64encode(PERSON.encode()).decode()
WHITE = "color:#fff"


def _edited(name: str, before: str, after: str) -> Plant:
    def plant(site: Path) -> None:
        path = site / name
        text = path.read_text(encoding="utf-8")
        assert before in text, f"{name} has no {before!r}"
        path.unlink()  # a file of its own: it may be a second name of one of the run
        path.write_text(text.replace(before, after, 1), encoding="utf-8")

    return plant


def page(words: str, name: str = f"{PAGE}/index.html") -> Plant:
    """Markup put into a page, before its end."""
    return _edited(name, "</main>", f"{words}</main>")


def head(words: str) -> Plant:
    return _edited(f"{PAGE}/index.html", "</head>", f"{words}</head>")


def answer(suffix: str, before: str, after: str) -> Plant:
    return _edited(f"{PAGE}/figures/answer.{suffix}", before, after)


def lying(name: str, content: str | bytes = ROW) -> Plant:
    def plant(site: Path) -> None:
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    return plant


def _chunk(site: Path) -> None:
    path = site / PAGE / "figures" / "answer.png"
    path.write_bytes(with_chunk(path.read_bytes(), b"tEXt", ROW.encode()))


def _record(site: Path) -> None:
    path = site / PAGE / "results.json"
    record = json.loads(path.read_text())
    record["n_used"] += 5
    path.unlink()
    path.write_text(json.dumps(record))


def _replaced(name: str) -> Plant:
    """Another content under the name of a file that the run has left."""

    def plant(site: Path) -> None:
        path = site / PAGE / "figures" / name
        path.unlink()
        path.write_bytes(f"group,n\n{PERSON},1\n".encode())

    return plant


def spreadsheet(change: Change, folder: str = PAGE) -> Plant:
    """The spreadsheet of a page, changed."""

    def plant(site: Path) -> None:
        path = site / folder / "tables.ods"
        data = path.read_bytes()
        path.unlink()
        path.write_bytes(change(data))

    return plant


def sheet(before: str, after: str) -> Plant:
    return spreadsheet(lambda data: edited(data, "content.xml", before, after))


# What is found by one rule, and by which.
LEAKS: dict[str, tuple[str, Plant]] = {
    "id in a sentence": ("G31", page(f"<p>It is {PERSON}.</p>")),
    "id on the page with code": ("G31", page(f"<p>{PERSON}</p>", f"{PAGE}/code.html")),
    "id on the front page": ("G31", page(f"<p>{PERSON}</p>", "index.html")),
    "id of another place on the nation's page": (
        "G31",
        page(f"<p>{PERSON}</p>", "synthetic/draft/ethnic_matching/national/index.html"),
    ),
    "id split by markup": ("G31", page("<p>WMS-P<b>-0004</b>71</p>")),
    "id split over lines": ("G31", page("<p>WMS-P-\n0004\n71</p>")),
    "id in entities": ("G31", page("<p>&#87;MS-P-&#48;&#48;0471</p>")),
    "id in base64": ("G31", page(f"<p>{CODED}</p>")),
    "id in an anchor": ("G31", page('<p id="wms-p-000471">Who?</p>')),
    "id in the words of a picture": ("G31", page(f'<img src="figures/dot.png" alt="{PERSON}">')),
    "id in the name of a class": ("G31", page('<p class="wms_p_000471">Who?</p>')),
    "id in the title": ("G31", _edited(f"{PAGE}/index.html", "<title>", f"<title>{PERSON} ")),
    "exact value of one person": ("G31", page(f"<p>A mean of {EXACT}.</p>")),
    "number of a prison": ("G16", page("<p>A1234BC</p>")),
    "number of a prison split by markup": ("G16", page("<p>A12<b>34BC</b></p>")),
    "postcode in small letters": ("G16", page("<p>sw1a 2aa</p>")),
    "date of birth": ("G16", page("<p>born on 14/03/1987</p>")),
    "number of a prison in base64": (
        "G16",
        page(f"<p>{base64.b64encode(b'prison number A1234BC').decode()}</p>"),
    ),
    "comment": ("G08", page(f"<!-- {ROW} -->")),
    "instruction": ("G08", page("<?php row ?>")),
    "white text": ("G09", page(f'<p style="{WHITE}">told</p>')),
    "letters of one pixel": ("G09", page('<p style="font-size:1px">told</p>')),
    "hidden": ("G09", page("<p hidden>told</p>")),
    "off the screen by the class of the first link": ("G09", page('<p class="skip">told</p>')),
    "characters that are not seen": ("G09", page("<p>told\u200b\u200c</p>")),
    "attribute for data": ("G09", page('<p data-n="75438219">told</p>')),
    "script": ("G09", page("<script>row</script>")),
    "form": ("G09", page('<input value="row">')),
    "element that is not closed": ("G09", page("<p told")),
    "rule of style": ("G09", _edited(f"{PAGE}/index.html", "</style>", "p{opacity:0}</style>")),
    "second style": ("G09", head("<style>p{opacity:0}</style>")),
    "other policy": ("G09", _edited(f"{PAGE}/index.html", "default-src", "img-src *; x-src")),
    "way to another page at once": ("G09", head('<meta http-equiv="refresh" content="0">')),
    "picture in an address": ("G07", page(f'<img src="data:image/png;base64,{CODED}" alt="x">')),
    "link to elsewhere": ("G07", page('<a href="https://example.org/?n=75">there</a>')),
    "address in words": ("G07", page("<p>https://example.org/?n=75</p>")),
    "link out of the site": (
        "G07",
        page('<a href="../../../../../.runs/private/record.json">there</a>'),
    ),
    "path of this machine": ("G17", page("<p>/home/somebody/people.csv</p>")),
    "text in a picture's file": ("G10", _chunk),
    "words in a drawing": ("G29", answer("svg", "</svg>", f"<text>{ROW}</text></svg>")),
    "id in the numbers of the answer": ("G31", lying(f"{PAGE}/figures/answer.csv", PERSON)),
    "number of a prison in the numbers": ("G16", lying(f"{PAGE}/figures/answer.csv", "A1234BC")),
    "other numbers under the name of a run's": ("G31", _replaced("dot.csv")),
    "other picture under the name of a run's": ("G10", _replaced("dot.png")),
    "id in a spreadsheet": ("G31", sheet("Back to the contents", PERSON)),
    "number of a prison in a spreadsheet": ("G16", sheet("Back to the contents", "A1234BC")),
    "formula in a spreadsheet": ("G35", sheet("<text:p>", '<text:p table:formula="of:=1">')),
    "hidden sheet": ("G35", sheet('display="true"', 'display="false"')),
    "author of a spreadsheet": (
        "G35",
        spreadsheet(
            lambda data: edited(
                data, "meta.xml", "<dc:title>", f"<dc:creator>{ROW}</dc:creator><dc:title>"
            )
        ),
    ),
    "macro in a spreadsheet": (
        "G34",
        spreadsheet(lambda data: with_part(data, "Basic/Standard/Module1.xml", ROW.encode())),
    ),
    "another file in the place of a spreadsheet": ("G34", lying(f"{PAGE}/tables.ods")),
    "number of a record": ("G33", _record),
    "file of rows": ("G32", lying(f"{PAGE}/people.csv")),
    "file of rows among the figures": ("G32", lying(f"{PAGE}/figures/people.csv")),
    "page that no run has": ("G32", lying("synthetic/draft/ethnic_matching/people/index.html")),
    "hidden file": ("G32", lying(".people.csv")),
    "link": ("G26", lambda site: (site / "more.csv").symlink_to("/etc/hostname")),
    "program": ("G26", lambda site: (site / "index.html").chmod(0o755)),
}
