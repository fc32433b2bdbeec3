"""What people write for a page holds no number, no identifier, nothing hidden, and is escaped."""

import pytest
from test_site import keep_ids

from analysis.errors import RunError
from analysis.paths import reports
from analysis.record import store
from analysis.rounds.log import entries
from analysis.runs.rounds.fact_checking import fact_check
from analysis.runs.rounds.own_words import LONGEST, check_words
from analysis.site.build import build_site
from rounds.signed_rounds import PILOT, ROUND, signed, write_round

FINE = (
    "The office in Swansea moved in July 2026 and allocations were made late.",
    "Matching was paused between 3 May 2026 and June; see 2026 Q2.",
    "Staff & partners say that “matching” was new to them; it's still a trial.",
    "Mae'r ffigurau'n gywir: nid oes gennym sylw arall.",
)
REFUSED = {
    "a prison number": "See A1234BC for what happened.",
    "a case reference": "See X123456 for what happened.",
    "an NHS number": "His number is 943 476 5919.",
    "an e-mail": "Write to ann.smith@example.org.",
    "a postcode": "The office at CF10 3NQ was shut.",
    "a day of birth": "Born on 5 May 1981 in Cardiff.",
    "a count": "Only 3 people were recalled.",
    "a count in words": "Only three people were recalled.",
    "a share": "It was 12% and not more.",
    "another script's figure": "Only ٣ people were recalled.",
    "a fraction": "About ½ of them.",
    "markup": "<script>alert(this)</script>",
    "hidden letters": "The of\u200bfice moved.",
    "an address": "See https://example.org/page for more.",
    "nothing": "   ",
    "a run of letters": "x" * 60,
    "too long": "word " * (LONGEST // 5 + 1),
}


@pytest.fixture
def signing():
    return signed(write_round(PILOT, ROUND), ("analyst", "assurer"))


@pytest.mark.parametrize("text", FINE)
def test_words_days_and_periods_are_taken(signing, text):
    assert check_words(signing, f"  {text}\n", "--comment") == text


@pytest.mark.parametrize("what", REFUSED)
def test_what_may_not_leave_is_refused_and_not_repeated(signing, what):
    with pytest.raises(RunError, match="E399") as refused:
        check_words(signing, REFUSED[what], "--comment")
    assert REFUSED[what].strip()[:12] not in str(refused.value) or not REFUSED[what].strip()


def test_an_id_of_the_data_is_found(signing):
    record = store.load(signing.folder / "wales" / "results.json")
    keep_ids(record, *(f"QX-{n:05d}" for n in range(50)))
    with pytest.raises(RunError, match="G31"):
        check_words(signing, "Look at QX-00007 again.", "--comment")


def test_a_comment_of_600_characters_is_taken_and_one_more_is_not(signing):
    words = ("word " * 200)[: LONGEST - 1] + "s"
    assert len(check_words(signing, words, "--comment")) == LONGEST
    with pytest.raises(RunError, match="E399"):
        check_words(signing, words + "s", "--comment")


def test_a_comment_stands_escaped_on_the_page_of_its_region_and_on_no_other(signing):
    fact_check(signing, "wales", "Una Threlkeld", 'Moved "over" & out.')
    fact_check(signing, "london", "Una Threlkeld")
    build_site(reports(), round_id=ROUND)
    pages = {p.parent.name: p.read_text() for p in reports().rglob("site/**/index.html")}
    assert "<blockquote><p>Moved &#34;over&#34; &amp; out.</p></blockquote>" in pages["wales"]
    assert "Comment of the region (regional fact check, " in pages["wales"]
    assert "These are the words of the region" in pages["wales"]
    assert "has checked this page and has no comment" in pages["london"]
    assert not [name for name, text in pages.items() if "Moved" in text and name != "wales"]
    assert not [name for name, text in pages.items() if "Threlkeld" in text]
    assert [one.by for one in entries()][-1] == "Una Threlkeld"
