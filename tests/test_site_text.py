"""What the guard reads of a finished page: words as they are seen, beside each other or apart."""

import pytest

from analysis.disclosure.guard.ids import Hashed
from analysis.disclosure.guard.pages import text_faults

NOTHING = Hashed.of([], [])
ROW = '<tr><th scope="row">B</th><td>25</td><td>17</td><td>11.1</td><td>1.53</td></tr>'


@pytest.mark.parametrize(
    "text",
    [ROW, "<ul><li>A12</li><li>34BC</li></ul>", "<p>A1</p><p>234BC</p>", "A12<br>34BC"],
)
def test_what_stands_apart_is_no_one_word(text):
    assert list(text_faults(text, NOTHING)) == []


@pytest.mark.parametrize(
    "text", ["<p>A12<b>34BC</b></p>", "A12<em></em>34BC", "<td>A1234BC</td>", "<td>A12<i>34</i>BC"]
)
def test_what_reads_as_one_word_is_one(text):
    assert list(text_faults(text, NOTHING)) == ["G16: what looks like a prison number"]
