"""What the author of a notebook has written: code in verbs (G20), and words without numbers (G21).

Read before a kernel is started, and again in the finished file.
"""

from collections.abc import Iterator, Mapping

from analysis.disclosure.guard.finding import Finding
from analysis.disclosure.guard.written.grammar import INJECTED, TAGS, cell_faults
from analysis.disclosure.guard.written.words import comments_of, sentences_in, word_faults

IN_VERBS = (
    'Write it in verbs (study.compare("recalled"), study.table(by=["ethnic_group"]):'
    " docs/exploring.md), or keep the notebook in the lab"
)
IN_WORDS = (
    "Show numbers by a verb and write the words without them; words that name a published number"
    " are let through by their hash (analysis/disclosure/guard/written/known_words.json)"
)


def source_findings(nb: Mapping) -> Iterator[Finding]:
    """G20 and G21 of each cell of a notebook, executed or not."""
    known: dict[str, str] = {}
    for number, cell in enumerate(nb.get("cells", ()), start=1):
        source, tags = text_of(cell.get("source", "")), _tags(cell)
        if cell.get("cell_type") == "code":
            for fault in dict.fromkeys(cell_faults(source, tags, known)):
                yield Finding(number, f"G20: {fault}", IN_VERBS)
        elif set(tags) - TAGS:
            yield Finding(number, "G20: a tag that no cell needs", "Take the tag away")
        yield from _word_findings(number, cell.get("cell_type"), source, tags)


def _word_findings(
    number: int, kind: str | None, source: str, tags: tuple[str, ...]
) -> Iterator[Finding]:
    if kind != "code":
        for fault in word_faults(source):
            yield Finding(
                number, f"G21: {fault} in words that no one of the project has read", IN_WORDS
            )
        return
    if INJECTED in tags:  # papermill's own comment, and the parameters, which are checked by name
        source = source.removeprefix("# Parameters\n")
    for where, texts in (("a comment", comments_of(source)), ("a text", sentences_in(source))):
        faults = dict.fromkeys(fault for text in texts for fault in word_faults(text))
        for fault in faults:
            yield Finding(number, f"G21: {fault} in {where} of the code", IN_WORDS)


def _tags(cell: Mapping) -> tuple[str, ...]:
    found = cell.get("metadata", {}).get("tags", ())
    return tuple(str(tag) for tag in found) if isinstance(found, list | tuple) else (str(found),)


def text_of(content: object) -> str:
    """A source or a text of an output, which nbformat may keep as a list of lines."""
    return "".join(map(str, content)) if isinstance(content, list) else str(content)
