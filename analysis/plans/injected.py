"""Names that a plain tool injected into a notebook and that nobody reads: refused, since such tools
only warn about them.

A misspelt name would otherwise end well with the result of the place that the notebook itself
names. What a kernel knows of its notebook is what ran in it: an injected cell has papermill's first
line, or it is a further cell that does nothing but set parameters, as other tools write it.
"""

import ast
from collections.abc import Iterator, Sequence

from analysis.errors import ParameterError
from analysis.vocabulary.regions import did_you_mean, is_like

# The first line of the cell that papermill injects (papermill 2.7, `Translator.codify`, comment
# "Parameters").
INJECTED = "# Parameters"
OPENS = ("open_study", "open_national")


def refuse_unknown_names(cells: Sequence[str], known: tuple[str, ...]) -> None:
    """ParameterError E226 where an injected cell sets a name that is not in `known` and that no
    parameters cell of the notebook sets, or does more than set names; and where a parameters cell
    misspells one of `known`.

    `cells`: the sources that ran so far, in their order; of these count those since a study was
    last opened, so that a mistake which was mended does not stay. A notebook of one's own may have
    parameters of its own: they stand in its parameters cell.
    """
    cells = _of_this_opening(cells)
    injected = [*_injected(cells, known)]
    own = [source for source, put_in in zip(cells, injected, strict=True) if not put_in]
    valid = {*known, *(name for source in own for name in _literals(source))}
    for source in (source for source, put_in in zip(cells, injected, strict=True) if put_in):
        if not _only_sets_names(source):
            text = "what was handed to this notebook does more than set names to values."
            raise ParameterError("E226", text, remedy=_named(known))
        for name in (name for name in names_set(source) if name not in valid):
            text = (
                f"`{name[:60]}` was handed to this notebook, which has no parameter of that name."
            )
            raise ParameterError("E226", text, remedy=_named(known, name))
    for name in (name for source in own for name in _misspelt(source, known)):
        text = f"the parameters cell sets `{name[:60]}`, which is no parameter."
        raise ParameterError("E226", text, remedy=_named(known, name))


def is_injected(source: str) -> bool:
    """Was this cell written by papermill?"""
    return source.lstrip().startswith(INJECTED)


def names_set(source: str) -> Iterator[str]:
    """Names that the statements of a cell set, in their order; none of a cell that is not Python (a
    magic)."""
    for statement in _statements(source):
        for target in getattr(statement, "targets", None) or [getattr(statement, "target", None)]:
            yield from (
                (node.id for node in ast.walk(target) if isinstance(node, ast.Name))
                if target
                else ()
            )


def _named(known: tuple[str, ...], name: str = "") -> str:
    """What a notebook can be told, the name that was meant first where there is one."""
    return did_you_mean(name, known) if known else "This notebook takes no parameters."


def _of_this_opening(cells: Sequence[str]) -> list[str]:
    """The cells since a study was last opened; the last cell may be the one that opens it now."""
    opened = [number for number, source in enumerate(cells[:-1]) if _opens(source)]
    return [*cells[opened[-1] + 1 if opened else 0 :]]


def _injected(cells: Sequence[str], known: tuple[str, ...]) -> Iterator[bool]:
    """For each cell whether a tool put it in: those of papermill, and each further one that sets
    nothing but values, among them a parameter or a name like one."""
    has_own = False
    for source in cells:
        names = _literals(source)
        about = any(name in known or is_like(name, known) for name in names)
        yield is_injected(source) or (about and has_own)
        has_own |= any(name in known for name in names) and not is_injected(source)


def _misspelt(source: str, known: tuple[str, ...]) -> Iterator[str]:
    """Names beside the parameters in a parameters cell that are almost those of one."""
    names = _literals(source)
    if any(name in known for name in names):
        yield from (name for name in names if name not in known and is_like(name, known))


def _literals(source: str) -> tuple[str, ...]:
    """The names that a cell sets to values written out; none where it does anything else."""
    statements = _statements(source)
    if all(_sets_a_name(each) and _is_literal(each) for each in statements):
        return tuple(names_set(source))
    return ()


def _only_sets_names(source: str) -> bool:
    """Whether a cell sets plain names and does nothing else: code can hide in the name of a
    parameter."""
    statements = _statements(source)
    return bool(statements) and all(map(_sets_a_name, statements))


def _sets_a_name(statement: ast.stmt) -> bool:
    match statement:
        case ast.Assign(targets=[ast.Name()]) | ast.AnnAssign(target=ast.Name()):
            return True
    return False


def _is_literal(statement: ast.stmt) -> bool:
    try:
        ast.literal_eval(getattr(statement, "value", None) or "")
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _opens(source: str) -> bool:
    """Does this cell open a study?"""
    called = (
        node.func
        for statement in _statements(source)
        for node in ast.walk(statement)
        if isinstance(node, ast.Call)
    )
    return any(isinstance(func, ast.Name) and func.id in OPENS for func in called)


def _statements(source: str) -> list[ast.stmt]:
    """The statements of a cell; none of one that is not Python."""
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError):
        return []
