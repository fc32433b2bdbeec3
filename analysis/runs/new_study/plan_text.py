"""The text of a new plan: that of the worked example, with what only its authors know left to
them."""

import re

from analysis.plans.agreement.unfilled import UNFILLED

KEY = re.compile(r"^([a-z_]+):")
SOURCE = re.compile(r"^(\s+)source: illustrative.*$", re.MULTILINE)


def _asks(what: str) -> str:
    """A text that says what is to be written there."""
    return f'"{UNFILLED}: {what}"'


# What a new study says in the place of its example, key by key.
OWN = {
    "title": f"title: {_asks('what the study is called, in a few words')}",
    "question": f"question: {_asks('what is asked, in one sentence that a page can answer?')}",
    "answers": "answers:\n"
    f"  - report: {_asks('the report that recommends it, with its date')}\n"
    f"    item: {_asks('the recommendation in it, by its number')}",
    "state": "state: planned",
    "people": "people:\n"
    f"  lead: {_asks('the role that answers for the study, and no name')}\n"
    f"  assurer: {_asks('the role that checks it')}\n"
    f"  decides: {_asks('who decides by it')}\n"
    f"  contact: {_asks('where readers can ask')}",
    "meanwhile": f"meanwhile: {_asks('what is to be done until there is an answer')}",
    "ask_the_region": "ask_the_region:\n"
    f"  - {_asks('a question that numbers cannot answer, put to the place?')}",
}
DROPPED = ("worked_example",)
SAID_OF_THE_EXAMPLE = ("say_first", "cautions", "words", "comparison", "measures")
OF_THE_EXAMPLE = "# Of the example: keep what holds here."


def new_text(example: str, study: str, begun_from: str) -> str:
    """The plan of a new study. `example`: the text of the plan that it begins from, whose study is
    `begun_from`."""
    head = (
        f"# {study}: begun from {begun_from}. It runs on synthetic data as it stands;\n"
        f"# each line that says `{UNFILLED}` is to be written before it runs on other data.\n"
    )
    blocks = [_own(key, block, study) for key, block in _blocks(example) if key not in DROPPED]
    text = SOURCE.sub(rf"\1source: {_asks('who set this size, and where')}", "".join(blocks))
    return head + text


def _own(key: str, block: str, study: str) -> str:
    """One part of the plan in the new study's words."""
    if key == "study":
        return f"study: {study}\n"
    if key in OWN:
        return f"{OWN[key]}\n"
    return f"{OF_THE_EXAMPLE}\n{block}" if key in SAID_OF_THE_EXAMPLE else block


def _blocks(text: str) -> list[tuple[str, str]]:
    """The parts of a plan by their key, in order; what stands above the first is left out."""
    found: list[tuple[str, str]] = []
    for line in text.splitlines(keepends=True):
        if key := KEY.match(line):
            found.append((key[1], line))
        elif found:
            found[-1] = (found[-1][0], found[-1][1] + line)
    return found
