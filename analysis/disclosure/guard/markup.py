"""What HTML and markdown may hold when it leaves: visible words and tables; nothing hidden, nothing
loaded."""

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser

ALLOWED_TAGS = frozenset(
    [
        "div",
        "span",
        "p",
        "table",
        "caption",
        "colgroup",
        "col",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "th",
        "td",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "strong",
        "em",
        "b",
        "i",
        "small",
        "sub",
        "sup",
        "abbr",
        "code",
        "br",
        "hr",
        "section",
        "figure",
        "figcaption",
        "details",
        "summary",
        "style",
    ]
)
ALLOWED_ATTRIBUTES = frozenset(
    [
        "class",
        "id",
        "scope",
        "colspan",
        "rowspan",
        "span",
        "headers",
        "style",
        "lang",
        "dir",
        "role",
        "tabindex",
        "title",
        "open",
        "aria-label",
        "aria-describedby",
        "aria-hidden",
    ]
)
URL = re.compile(
    r"(?:https?:|ftp:|file:|data:|javascript:|blob:)[^\s]|(?<![:\w/])//[\w.-]+\.\w{2,}/",
    re.IGNORECASE,
)
PATH = re.compile(r"(?<![\w/.])(?:/(?:home|Users|tmp|work|root|mnt|var|opt|srv)/|[A-Za-z]:\\)")
HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0*)?(?![.\d])"
    r"|font-size\s*:\s*0(?![.\d])|(?:width|height)\s*:\s*0(?![.\d])|text-indent\s*:\s*-"
    r"|(?:left|top|right|bottom|margin[\w-]*)\s*:\s*-"
    r"|color\s*:\s*transparent|clip(?:-path)?\s*:|url\s*\(|@import|expression\s*\(|content\s*:",
    re.IGNORECASE,
)
EMBEDDED = re.compile(
    r"!\[[^\]]*\]|<!--"
    r"|<\s*(?:script|img|iframe|object|embed|link|svg|video|audio|form|base|meta)\b",
    re.IGNORECASE,
)


class _Reader(HTMLParser):
    """Collects the rules that a piece of HTML breaks."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in ALLOWED_TAGS:
            self.faults.append("G09: an HTML element that is not allowed")
        for name, value in attrs:
            if name == "hidden" or (name == "style" and HIDING.search(_plain_css(value or ""))):
                self.faults.append("G09: hidden content")
            elif name not in ALLOWED_ATTRIBUTES:
                self.faults.append("G09: an HTML attribute that is not allowed")

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)

    def handle_comment(self, data):
        self.faults.append("G08: an HTML comment")

    def handle_decl(self, decl):
        self.faults.append("G08: a declaration inside HTML")

    def handle_pi(self, data):
        self.faults.append("G08: an instruction inside HTML")

    def unknown_decl(self, data):
        self.faults.append("G08: a declaration inside HTML")

    def handle_data(self, data):
        if self.cdata_elem == "style" and ("/*" in data or HIDING.search(_plain_css(data))):
            self.faults.append("G09: hidden content")


def _plain_css(css: str) -> str:
    """CSS without comments and escapes, which could split a word that is looked for."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return re.sub(
        r"\\([0-9a-fA-F]{1,6})\s?", lambda match: chr(min(int(match.group(1), 16), 0x10FFFF)), css
    )


def markup_faults(text: str, *, html: bool) -> tuple[str, ...]:
    """Rules that the text of an output breaks; `html` also reads its elements."""
    faults = list(_text_faults(unescape(text)))
    if html:
        reader = _Reader()
        reader.feed(text)
        reader.close()
        faults += reader.faults
        if "<!--" in text:
            faults.append("G08: an HTML comment")
        if EMBEDDED.search(text):
            faults.append("G09: embedded content")
    return tuple(dict.fromkeys(faults))


def _text_faults(text: str) -> Iterator[str]:
    if URL.search(text):
        yield "G07: an address (data:, file: or the network)"
    if PATH.search(text):
        yield "G17: a path of a file"


def source_faults(text: str) -> tuple[str, ...]:
    """Rules that the words of a markdown cell break: links may stand, embedded and hidden content
    may not."""
    faults = []
    if EMBEDDED.search(text):
        faults.append("G09: embedded or hidden content in the text of a cell")
    if re.search(r"(?:data|javascript|file|blob):[^\s]", text, re.IGNORECASE):
        faults.append("G07: an address that is not of the network in the text of a cell")
    return tuple(faults)
