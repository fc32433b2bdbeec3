"""Pages of the reference that come from the code, made when the site is built.

A line `<!-- from the code: NAME -->` of a page is replaced by what `MADE[NAME]` returns: the
reference says what this state of the code does, and no copy of it is kept.
"""

import re
from collections.abc import Callable, Mapping

from pygments.lexers.special import TextLexer

from analysis.extracts.tables.contracts import data_dictionary
from from_code.commands import command_line
from from_code.designs import what_designs_carry
from from_code.errors import error_codes
from from_code.keys import plan_keys
from from_code.study import verbs

MADE: Mapping[str, Callable[[], str]] = {
    "plan keys of pilots": lambda: plan_keys("Plan"),
    "plan keys of monitors": lambda: plan_keys("Monitor"),
    "plan keys of outputs": lambda: plan_keys("OutputsPlan"),
    "tables": data_dictionary,
    "verbs": verbs,
    "error codes": error_codes,
    "command line": command_line,
    "designs": what_designs_carry,
    "every decision": lambda: "```{toctree}\n:hidden:\n:glob:\n\n[0-9]*\n```",
}
MARK = re.compile(r"^<!-- from the code: (.+) -->$", re.MULTILINE)


def with_what_is_made(text: str) -> str:
    """A page with each mark replaced. KeyError where a mark names nothing that is made."""
    return MARK.sub(lambda mark: MADE[mark[1]](), text)


def setup(app) -> dict[str, bool]:
    """For Sphinx: pages are read with what is made; a drawing of rooms stays text."""

    def read(_app, _name: str, source: list[str]) -> None:
        source[0] = with_what_is_made(source[0])

    app.connect("source-read", read)
    app.add_lexer("mermaid", TextLexer)
    return {"parallel_read_safe": True}
