"""What stands in the cells of a page: only tags and attributes of an allow-list, whatever was put
in; a slow second cleaner (bleach, which nbconvert brings) says the same of ordinary cells."""

from html import unescape
from html.parser import HTMLParser

import bleach
import pandas as pd
import pytest

from analysis.display.tables import render_table
from analysis.results import Table
from analysis.said.texts import named
from analysis.site.notebook_html import ATTRIBUTES, TAGS, clean

HOSTILE = [
    "<script>alert(1)</script>x",
    "<ScRiPt src=//evil.example></sCrIpT>x",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<style>body{background:url(//evil.example)}</style>x",
    '<p style="background:url(//evil.example)">x</p>',
    '<img src=x onerror="alert(1)">x',
    '<p onclick="alert(1)" class="wb-note">x</p>',
    '<td onmouseover=alert(1) class="a">x</td>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="JaVa&#115;cript:alert(1)">x</a>',
    '<a href="\tjavascript:alert(1)">x</a>',
    '<a href="java\nscript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="https://evil.example">x</a>',
    '<a href="vbscript:x">x</a>',
    '<a href="//evil.example">x</a>',
    '<a href="\\\\evil.example">x</a>',
    '<a href=" #word">x</a>',
    "<!-- a comment --><p>x</p>",
    "<!--[if IE]><script>alert(1)</script><![endif]-->x",
    "<![CDATA[<script>alert(1)</script>]]>x",
    "<?php echo 1 ?><p>x</p>",
    "<!DOCTYPE html><html><head><title>t</title></head><body>x</body></html>",
    '<iframe src="//evil.example"></iframe>x',
    '<svg><script>alert(1)</script><a xlink:href="javascript:alert(1)">x</a></svg>',
    '<math><mtext><table><mglyph><style><img src=x onerror="alert(1)"></style></table></mtext>',
    '<form action="//evil.example"><input name=a><button>x</button></form>',
    '<object data="//evil.example"></object><embed src="//evil.example">x',
    '<link rel=stylesheet href="//evil.example"><meta http-equiv=refresh content="0;//evil">x',
    '<base href="//evil.example"><a href="a.html">x</a>',
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">x</noscript>',
    "<template><script>alert(1)</script></template><textarea><img onerror=alert(1)></textarea>",
    "<div><div><div><script><div>alert(1)</div></script></div></div></div>",
    '<p class="a"" onload="alert(1)">x',
    "<<p>><<script>>alert(1)",
    "<p",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
]


class Seen(HTMLParser):
    """Everything that a cleaned text holds besides words."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.others, self.words = [], [], [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data):
        self.words += data

    def handle_comment(self, data):
        self.others.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


@pytest.mark.parametrize("html", HOSTILE)
def test_only_what_is_allowed_is_left(html):
    seen = Seen(clean(html))
    assert set(seen.tags) <= TAGS and not seen.others
    for tag, name, value in seen.attributes:
        assert name in ATTRIBUTES[tag]
        assert name != "href" or value.startswith("#")
    assert clean(clean(html)) == clean(html)


@pytest.mark.parametrize("html", HOSTILE)
def test_nothing_is_let_through_that_a_second_cleaner_takes_out(html):
    """All attributes that are left are also left by bleach."""
    assert set(Seen(clean(html)).attributes) <= set(Seen(second(html)).attributes)


def test_what_a_script_or_a_style_sheet_holds_goes_with_it():
    html = "<p>a</p><script>alert(1)</script><style>p{}</style><p>b</p>"
    assert clean(html) == "<p>a</p><p>b</p>"


def second(html):
    """The same allow-list by bleach."""
    allowed = {tag: sorted(names) for tag, names in ATTRIBUTES.items()}
    return bleach.clean(
        html, tags=TAGS, attributes=allowed, protocols=[], strip=True, strip_comments=True
    )


ORDINARY = [
    "<p>a <strong>b</strong> <em>c</em> <code>d &lt; e</code><br>f</p>",
    "<h3>Heading</h3>\n<ul><li>one</li><li>two &amp; three</li></ul>\n<hr>",
    '<p><a href="#word-cohort">word</a> and <a href="../national/index.html">page</a></p>',
    "<blockquote><p>said</p></blockquote><pre><code>x = 1</code></pre>",
    '<table><thead><tr><th scope="col" class="wb-number">n</th></tr></thead>'
    '<tbody><tr><td class="wb-number" colspan="2">1</td></tr></tbody></table>',
    "<p>it's 5 &gt; 4, “so”, – £3 and −2&nbsp;%</p>",
]


@pytest.mark.parametrize("html", ORDINARY)
def test_ordinary_cells_are_those_of_the_second_cleaner(html):
    assert unescape(clean(html)) == unescape(second(html))


def test_a_cleared_table_comes_through_whole():
    frame = {"Group": ["Black", 'it\'s "Other" & more'], "In every 100": [12.5, "[c]"]}
    table = Table(
        "Recalls, managers' view", pd.DataFrame(frame), "rounded", (named("A note < 5."),)
    )
    html = render_table(table)[0]["text/html"]
    assert unescape(clean(html)) == unescape(html)
