"""Which rows of a study are parts of a shown whole, by their role, and which of them are withheld
with one that is.

A row on one ethnic group is a part of the row on everyone of the same outcome, whatever the kind of
study. Where that is not so, the study says it where the row is made (`Row.role`): a group that the
outcome is not about is no part, and a group of several groups is a whole itself.
"""

from collections.abc import Iterator, Sequence

from analysis.disclosure.partitions import Part, protected
from analysis.record.row import Role, Row
from analysis.results import EVERYONE, Support

LESS, BESIDE = " less ", " to "  # rows on two groups: the difference, and the relative rate
GROUPS, ARMS = "groups", "arms"  # what everyone compared is made up of
AGAIN = ("second_opinion", "bounds")  # notes of rows that say again what another row says
SHOWN = ("estimated", "ranked", "described")
WHOLE = Role((GROUPS, ARMS))


def role_of(row: Row) -> Role:
    """The role that was said, or that of the row's group: a part of everyone, unless it is on two
    groups or repeats."""
    if row.role is not None:
        return row.role
    if row.note in AGAIN or LESS in row.group or BESIDE in row.group:
        return Role()
    return WHOLE if row.group == EVERYONE else Role(part_of=GROUPS)


def names_in(row: Row) -> set[tuple[str, str]]:
    """(outcome, name) of each whole or part whose numbers stand in the row."""
    if BESIDE in row.group:  # worked out from counts that were cleared by themselves
        return set()
    named = role_of(row).name or row.group
    return {(row.outcome, name) for name in named.split(LESS)}


def protected_names(exact: Sequence[Row], released: Sequence[Row]) -> set[tuple[str, str]]:
    """(outcome, name) of all that must not be shown: parts that are withheld, and what would give
    them back.

    `released`: the same rows after primary suppression.
    """
    pairs = list(zip(exact, released, strict=True))
    found: set[tuple[str, str]] = set()
    for outcome in dict.fromkeys(row.outcome for row in exact):
        own = [pair for pair in pairs if pair[0].outcome == outcome]
        found |= {(outcome, name) for name in _protected_in(own)}
    return found


def _protected_in(pairs: Sequence[tuple[Row, Row]]) -> set[str]:
    """Names of one outcome, until nothing more has to go: a part may be a whole itself."""
    gone: set[str] = set()
    partitions = dict.fromkeys(name for row, _ in pairs for name in role_of(row).whole_of)
    while True:
        more = {name for partition in partitions for name in _of_partition(partition, pairs, gone)}
        if more <= gone:
            return gone
        gone |= more


def _of_partition(name: str, pairs: Sequence[tuple[Row, Row]], gone: set[str]) -> Iterator[str]:
    found = protected([_part(*pair, gone) for pair in pairs if role_of(pair[0]).part_of == name])
    yield from found.parts
    if found.whole:
        yield from (_name(row) for row, _ in pairs if name in role_of(row).whole_of)


def _part(exact: Row, released: Row, gone: set[str]) -> Part:
    withheld = released.status == "withheld" or _name(exact) in gone
    shown = not withheld and released.status in SHOWN and released.n is not None
    return Part(_name(exact), _cells(exact), shown, withheld)


def _name(row: Row) -> str:
    return (role_of(row).name or row.group).split(LESS)[0]


def _cells(exact: Row) -> tuple[int, int]:
    """People on either side of a comparison; with and without what a fact counts."""
    support = exact.support or Support()
    if exact.status == "described":
        treated = exact.n_treated or 0
        return treated, support.n - treated
    return support.n_treated, support.n_identifying - support.n_treated
