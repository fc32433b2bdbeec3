"""Words that a person writes for a page: the comment of a region, the reason of a correction.

They hold no identifier, no id of the data, nothing hidden, and no number that nobody cleared: days,
years, quarters and rounds alone.
"""

import re
import unicodedata

from markupsafe import escape

from analysis.disclosure.guard.ids import Hashed, kept_ids
from analysis.disclosure.guard.pages import text_faults
from analysis.disclosure.guard.written.words import word_faults
from analysis.errors import RunError
from analysis.record import store
from analysis.rounds.frozen import RESULTS
from analysis.runs.rounds.signing import Signing
from analysis.study.opening import service_of
from analysis.vocabulary.months import MONTHS
from analysis.vocabulary.regions import ALL, NATIONAL

LONGEST = 600  # characters
_YEAR = r"20\d\d(?:-\d\d)?(?: ?Q[1-4](?:r\d{1,2})?)?"
# The days and periods that may stand there: nobody is counted by them.
TIMES = re.compile(rf"(?<!\w)(?:(?:\d{{1,2}} )?(?:{'|'.join(MONTHS)})(?: {_YEAR})?|{_YEAR})(?!\w)")
MARKUP = re.compile(r"[<>]")


def check_words(signing: Signing, text: str, option: str) -> str:
    """The text as it is printed: one paragraph, nothing around it. RunError E399 says what it may
    not hold, never the text."""
    said = " ".join(unicodedata.normalize("NFC", text).split())
    found = next(iter(_faults(signing, said)), None)
    if found:
        remedy = "Figures stand on the page: write what they do not say, in words."
        raise RunError("E399", f"{option} {found}.", remedy=remedy)
    return said


def _faults(signing: Signing, said: str):
    if not said:
        yield "is empty"
    if len(said) > LONGEST:
        yield f"has {len(said)} characters; {LONGEST} is the most"
    if MARKUP.search(said):
        yield "holds < or >"
    for fault in text_faults(str(escape(said)), _ids(signing)):
        yield f"holds what may not leave ({fault})"
    for fault in word_faults(TIMES.sub("", said)):
        yield f"holds {fault}"


def _ids(signing: Signing) -> Hashed:
    """The ids of all places of the study's data. RunError E399 where they are not kept here."""
    nation = signing.folder / NATIONAL / RESULTS
    places = [path for path in signing.folder.glob(f"[!.]*/{RESULTS}") if path != nation]
    data = store.load(sorted(places)[0]).data_hash
    file = kept_ids(service_of(signing.plan), ALL, data)
    if not file.is_file():
        text = "the ids of the data are not kept here, and words cannot be held against them."
        raise RunError("E399", text, remedy="Write it where the study was run (WORKBOOK_STATE).")
    return Hashed.read(file)
