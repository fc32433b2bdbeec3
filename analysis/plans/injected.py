"""Names that papermill injected into a notebook and that nobody reads: refused, since papermill
only warns about them.

A misspelt name would otherwise end well with the result of the place that the notebook itself
names.
"""

import ast
from collections.abc import Iterator, Sequence

from analysis.errors import ParameterError
from analysis.vocabulary.regions import did_you_mean

# The first line of the cell that papermill injects (papermill 2.7, `Translator.codify`, comment
# "Parameters").
INJECTED = "# Parameters"


def refuse_unknown_names(cells: Sequence[str], known: tuple[str, ...]) -> None:
    """ParameterError E226 where an injected cell sets a name that no other cell sets and that is
    not in `known`.

    `cells`: the sources that ran so far, in their order. A notebook of one's own may have
    parameters of its own: they stand in its parameters cell, so that another cell than the injected
    one sets them.
    """
    injected = [source for source in cells if is_injected(source)]
    own = {name for source in cells if not is_injected(source) for name in names_set(source)}
    valid = tuple(dict.fromkeys((*known, *sorted(own))))
    for name in (name for source in injected for name in names_set(source)):
        if name not in valid:
            text = (
                f"`{name[:60]}` was handed to this notebook, which has no parameter of that name."
            )
            raise ParameterError("E226", text, remedy=did_you_mean(name, known))


def is_injected(source: str) -> bool:
    """Was this cell written by papermill?"""
    return source.lstrip().startswith(INJECTED)


def names_set(source: str) -> Iterator[str]:
    """Names that the statements of a cell set, in their order; none of a cell that is not Python (a
    magic)."""
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError):
        return
    for statement in statements:
        for target in getattr(statement, "targets", None) or [getattr(statement, "target", None)]:
            yield from (
                (node.id for node in ast.walk(target) if isinstance(node, ast.Name))
                if target
                else ()
            )
