"""What a kind of study says of itself, and how kinds are found.

Each folder of analysis/studies/ holds `kind.py` with one `KIND`: which notebooks it runs, the type
of its plans, whose tables it reads, which designs it works out and which words its results carry.
Kinds are found by looking into that folder; nothing is registered anywhere else. What needs a
heavy package is named ("analysis.studies.trial.study:open_trial") and imported on use, so that
planning stays light and a kernel imports the module of its own kind alone.
"""

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from analysis.plans import emitted
from analysis.plans.emitted import Estimand, Method, Tells
from analysis.vocabulary.regions import did_you_mean

if TYPE_CHECKING:
    from analysis.plans.designs import Design
    from analysis.plans.study_plan import StudyPlan

STUDIES = "analysis.studies"
PILOTS, MONITORS = "pilots", "monitors"  # folders of plans, and of their notebooks


class Emitted(Protocol):
    """What is asked of a row of a record."""

    @property
    def outcome(self) -> str: ...
    @property
    def estimand(self) -> str: ...
    @property
    def method(self) -> str: ...


@dataclass(frozen=True, eq=False)
class Kind:
    """One kind of study. What names a function or class is "module:name", imported on use.

    id: the name of its folder, filled in when it is found. notebooks: that run it, its own first.
    plan: the type of its plans. folder: of params/ and notebooks/, in which its plans stand.
    service: whose tables it reads; empty: that of the plan's own table.
    estimand, method: of the row (group `all`) that answers for an outcome. by_group: (estimand,
    method) of the rows that answer for one ethnic group; None: there are none. pooled: (estimand,
    method) of the rows that are put together over places; empty: they are not, and one analysis of
    all places leads (sites or courts were assigned, not people). placebos: the estimand of rows
    that say of each place, by its id as method, how far it moved, with the programme or without;
    empty: there are none. clusters_are_people: the assigned units are practitioners, or the people
    themselves, who are protected as people are (rules S1, S12).
    estimands, methods, tells: words and policy of what its records can hold, beside what all kinds
    share (plans/emitted.py). excluded: the words of each reason to leave people out, or what
    names them, or a function of the plan that gives them.
    designs: that its studies work out, by their key in a plan. gaps: it estimates differences in
    effect between ethnic groups. ladder: its page shows the ladder of outcomes.
    agrees(plan): a plan names only what its data have. offers(source): what the tables offer it.
    opens(plan, place, source): the exact study, its dates, the hash of its data. study(plan, place,
    tables, hidden=): the exact study and the day to which everyone was followed, for kinds that are
    opened from tables. explores(plan, place, study): the rows that `study.table` can count; empty:
    there are none. sampled(plan, outcome, tables): who is there before outcomes are seen, one row
    each, from tables without outcomes (extracts/frames/sampled.py); empty: counted in records
    alone. shows: what the verbs of the workbench show of one place. beside(plan, exact,
    round_id=): all places together. hangs_together(plan, {place: Known}): what ties the counts of
    places to each other (analysis/disclosure/attack/known.py), beyond what the notebooks noted;
    empty: nothing. national: what the national notebook holds. page: the parts of
    its pages (sections/page/block.py). commits: places whose records are committed; empty: all.
    """

    notebooks: tuple[str, ...]
    shows: str
    estimand: str
    method: str
    service: str = ""
    by_group: tuple[str, str] | None = None
    pooled: tuple[tuple[str, str], ...] = ()
    placebos: str = ""
    clusters_are_people: bool = False
    estimands: Mapping[str, Estimand] = field(default_factory=dict)
    methods: Mapping[str, Method] = field(default_factory=dict)
    tells: Mapping[str, Tells] = field(default_factory=dict)
    excluded: Mapping[str, str] | str = field(default_factory=dict)
    designs: Mapping[str, "Design"] = field(default_factory=dict)
    gaps: bool = False
    ladder: bool = False
    folder: str = PILOTS
    plan: str = "analysis.plans.plan:Plan"
    agrees: str = "analysis.study.offers:pilot_agrees"
    offers: str = ""
    opens: str = "analysis.study.opening:from_tables"
    study: str = ""
    explores: str = ""
    sampled: str = ""
    beside: str = "analysis.clearing.joint:set_beside"
    hangs_together: str = ""
    national: str = "analysis.sections.national_view:National"
    page: str = "analysis.sections.page.pilot:PAGE"
    commits: tuple[str, ...] = ()
    id: str = ""

    @property
    def notebook(self) -> str:
        """The notebook of the kind itself."""
        return self.notebooks[0]

    @property
    def compares(self) -> bool:
        """Its studies work out differences by a design, and so make claims."""
        return bool(self.designs)

    def estimand_named(self, name: str) -> Estimand:
        """The estimand with this id. ValueError names the valid ones."""
        return _known("estimand", name, {**emitted.ESTIMANDS, **self.estimands}, self.id)

    def method_named(self, name: str, estimand: str = "") -> Method:
        """The method with this id; where methods of the estimand carry the names of arms, what they
        all are. ValueError names the valid ones."""
        if estimand and (arms := self.estimand_named(estimand).of_arms) is not None:
            return arms
        return _known("method", name, {**emitted.METHODS, **self.methods}, self.id)

    def attenuated(self, row: Emitted) -> str:
        """Why the number of this row is closer to nothing than the true one; "" where it is not.
        Places put together are what their own rows are."""
        methods = [self.method_named(row.method, row.estimand)]
        if methods[0].allows_for == "as_in_places":
            own = (name for pooled, name in self.pooled if pooled == row.estimand)
            methods = [self.method_named(name, row.estimand) for name in own]
        here = (way.attenuated for way in methods if row.outcome not in way.attenuated_but)
        return next((clause for clause in here if clause), "")

    def excluded_words(self, plan: "StudyPlan", reason: str) -> str:
        """Why people are left out, in words. ValueError names the valid reasons."""
        words = named(self.excluded) if isinstance(self.excluded, str) else self.excluded
        words = words(plan) if callable(words) else words
        return _known("reason to leave people out", reason, words, self.id)


def _known(what: str, name: str, valid: Mapping, kind: str) -> Any:
    if name not in valid:
        raise ValueError(f"{kind}: there is no {what} `{name}`; valid: {', '.join(sorted(valid))}")
    return valid[name]


def named(what: str) -> Any:
    """The function or class that "module:name" (or "module:Class.name") names; ImportError or
    AttributeError where there is none."""
    return pkgutil.resolve_name(what)


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind by its id, in the order of their folders. ValueError where two run one
    notebook."""
    found: dict[str, Kind] = {}
    owners: dict[str, str] = {}
    for entry in pkgutil.iter_modules(import_module(STUDIES).__path__):
        if not entry.ispkg:
            continue
        declared = import_module(f"{STUDIES}.{entry.name}.kind").KIND
        kind = replace(declared, id=entry.name)
        found[entry.name] = kind
        for notebook in kind.notebooks:
            if owners.setdefault(notebook, entry.name) != entry.name:
                raise ValueError(
                    f"the notebook `{notebook}` is run by {owners[notebook]} and by {entry.name}"
                )
    return MappingProxyType(found)


def kind_named(kind_id: str) -> Kind:
    """The kind with this id. ValueError names the valid ones."""
    if kind_id not in kinds():
        raise ValueError(f"there is no kind of study `{kind_id}`; {did_you_mean(kind_id, kinds())}")
    return kinds()[kind_id]


def kind_run(notebook: str, kind_id: str | None = None) -> Kind:
    """The kind that a notebook runs: that which names it, else (a notebook of one's own) that
    which the plan names. ValueError names the valid notebooks and kinds."""
    own = next((kind for kind in kinds().values() if notebook in kind.notebooks), None)
    asked = own if kind_id is None else kind_named(kind_id)
    if asked is None:
        valid = [name for kind in kinds().values() for name in kind.notebooks]
        raise ValueError(
            f"notebook: no kind of study runs `{notebook}`; valid: {', '.join(valid)}; for a"
            f" notebook of one's own add `kind:`, one of {', '.join(kinds())}"
        )
    if own is not None and own != asked:
        raise ValueError(f"kind: the notebook `{notebook}` runs `{own.id}`, and not `{kind_id}`")
    return asked


def kind_of(plan: "StudyPlan") -> Kind:
    """The kind of a plan."""
    return kind_run(plan.notebook, plan.kind)


def lead_method(plan: "StudyPlan") -> str:
    """The method of the rows that answer: that of the plan's design, else of its kind."""
    kind, comparison = kind_of(plan), getattr(plan, "comparison", None)
    design = kind.designs.get(comparison.design) if comparison else None
    return (design.leads if design else "") or kind.method


def group_rows(plan: "StudyPlan") -> tuple[str, str] | None:
    """(estimand, method) of the rows that answer for one ethnic group; None where there are
    none."""
    kind = kind_of(plan)
    if kind.by_group is None:
        return None
    estimand, method = kind.by_group
    return estimand, lead_method(plan) if method == kind.method else method


@cache
def designs() -> Mapping[str, "Design"]:
    """Every design that a plan can name: those of all kinds."""
    found = {key: design for kind in kinds().values() for key, design in kind.designs.items()}
    return MappingProxyType(found)
