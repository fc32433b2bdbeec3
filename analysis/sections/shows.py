"""What a kind of study shows in each verb of the workbench: one `Shows` a kind, of plain functions
that return sections."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Generic, TypeVar

from analysis.display.section import Section
from analysis.sections.comparison import Comparison
from analysis.sections.opened import Opened

if TYPE_CHECKING:
    from analysis.plans.plan import Outcome

Rows = tuple[tuple[str, str], ...]  # (estimand, method) of rows of a record; "" as method: any
ETHNIC_GROUP = "ethnic_group"
EVERY = "all"  # every outcome, or every design side by side
OpenedT = TypeVar("OpenedT", bound=Opened)  # the class that holds a study of one kind


@dataclass(frozen=True, eq=False)
class Way:
    """One design of a comparison by its name.

    words: what it does, for the line under a cell and the docstring. rows: by the value of `by`
    (None: everyone compared) the rows of the record that it answers with. apart: another quantity,
    which never stands in one table with the main one. extra: what is shown below. only: shown in
    place of the table of rows, by the value of `by` (event studies, costs, arms).
    """

    words: str
    rows: Mapping[str | None, Rows] = field(default_factory=dict)
    apart: bool = False
    extra: "Callable[[Opened, Outcome], Section] | None" = None
    only: "Mapping[str | None, Callable[[Opened, list[Outcome]], Section]]" = field(
        default_factory=dict
    )

    @property
    def answers(self) -> tuple[str | None, ...]:
        """Values of `by` that this design can answer."""
        return tuple(dict.fromkeys((*self.rows, *self.only)))


@dataclass(frozen=True)
class Asked:
    """What a call of `compare` asks, each argument checked (workbench/asked.py).

    outcomes: of the plan, in its order (a monitor: its measures). level: that was named instead of
    an outcome. design: key of the kind's designs. adjust, where, reference: None where the plan is
    followed.
    """

    outcomes: tuple
    level: str | None
    by: str | None
    design: str
    adjust: tuple[str, ...] | None = None
    where: Mapping[str, tuple[str, ...]] | None = None
    reference: str | None = None

    @property
    def departs(self) -> bool:
        return any(x is not None for x in (self.adjust, self.where, self.reference))


def nothing(opened: Opened) -> tuple:
    return ()


def no_columns(opened: Opened) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Shows(Generic[OpenedT]):
    """What the verbs of one kind of study show.

    opened: the class that holds a study of this kind. designs: the first leads; empty: nothing is
    compared. compare: how a kind answers that compares otherwise than a pilot. groupings: what
    `rates(by=)` takes. over: what `rates(over=)` takes. before: what stands before what was found
    on an outcome (who answered). others: what stands below all designs side by side. departs: the
    study worked out anew for an argument that departs from the plan (plan, adjust, where); None:
    this kind cannot. adjustable: columns that `adjust` takes; filters: columns that `where` takes,
    with their values.
    """

    opened: type[OpenedT]
    answer: Callable[[OpenedT], Section]
    people: Callable[[OpenedT], Section]
    check: Callable[[OpenedT], Section]
    limits: Callable[[OpenedT], Section]
    rates: Callable[[OpenedT, tuple, str], Section]
    checks: Mapping[str, Callable[[OpenedT], Section]] = field(default_factory=dict)
    designs: Mapping[str, Way] = field(default_factory=dict)
    by: tuple[str, ...] = (ETHNIC_GROUP,)
    groupings: tuple[str, ...] = (ETHNIC_GROUP,)
    over: Mapping[str, Callable[[OpenedT, tuple], Section]] = field(default_factory=dict)
    compare: Callable[[OpenedT, Asked], Comparison] | None = None
    ladder: Callable[[OpenedT], Section] | None = None
    before: "Callable[[OpenedT, Outcome], Section] | None" = None
    others: "Callable[[OpenedT, Outcome], Section] | None" = None
    departs: Callable | None = None
    adjustable: Callable[[OpenedT], tuple[str, ...]] = nothing
    filters: Callable[[OpenedT], Mapping[str, tuple[str, ...]]] = no_columns
