"""What the tab key offers in a call of a verb: outcomes, designs, checks, columns and their values.

Names come from the plan, the kind of study and the data dictionary, by the very lists against which
a verb checks its arguments: what is offered is accepted. Nothing is read from rows of people.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from inspect import signature
from typing import Any

from IPython.core.completer import (
    CompletionContext,
    SimpleCompletion,
    SimpleMatcherResult,
    context_matcher,
)
from IPython.core.guarded_eval import EvaluationContext, guarded_eval

from analysis.errors import ParameterError
from analysis.exploring.asked import MOST_BY, MOST_DIMENSIONS, labels
from analysis.exploring.drawing import KINDS
from analysis.exploring.rows import USES, Rows
from analysis.plans.registry import load_plan, places_to_run, plan_files
from analysis.sections.shows import ETHNIC_GROUP, EVERY
from analysis.vocabulary.regions import ALL
from analysis.workbench.asked import groups_of, measured_events, outcome_names
from analysis.workbench.study import Study
from analysis.workbench.typed_call import TypedCall, typed_call

Offer = Callable[[Study, TypedCall], Iterable[str]]
NAME = "name"  # the type of what is offered, which JupyterLab marks with its first letter
IDENTIFIER = "workbook"  # of the matcher, in the settings of IPython
# Functions that open a study, by module and name: they stand in rooms that import this one.
OPENERS = (
    ("analysis.notebook", "open_study"),
    ("analysis.notebook", "open_national"),
    ("analysis.explore", "explore"),
)
FIRST = 1_000.0  # before the matchers of IPython, which would offer names of files in a text


# -- the arguments of the verbs --------------------------------------------------------------------
def _designs(study: Study, call: TypedCall) -> tuple[str, ...]:
    """All designs, or those that are worked out by what is asked for."""
    ways, by = study._shows.designs, _single(call, "by")
    able = tuple(name for name, way in ways.items() if by is None or by in way.answers)
    return able if by or not ways else (*able, EVERY)


def _compared_by(study: Study, call: TypedCall) -> tuple[str, ...]:
    shows, design = study._shows, _single(call, "design")
    if not shows.designs:
        return ()
    way = shows.designs.get(design or next(iter(shows.designs)))
    return tuple(by for by in shows.by if way is not None and by in way.answers)


def _outcomes(study: Study, call: TypedCall) -> tuple[str, ...]:
    return outcome_names(study._opened) if study._shows.designs else ()


def _adjust(study: Study, call: TypedCall) -> tuple[str, ...]:
    shows = study._shows
    return () if shows.departs is None else _others(shows.adjustable(study._opened), call)


def _references(study: Study, call: TypedCall) -> tuple[str, ...]:
    grouped = _single(call, "by") in (None, ETHNIC_GROUP)
    return groups_of(study._opened) if study._shows.departs is not None and grouped else ()


def _filters(study: Study, call: TypedCall) -> tuple[str, ...]:
    shows = study._shows
    filters = {} if shows.departs is None else shows.filters(study._opened)
    return _others(filters if call.key is None else filters.get(call.key, ()), call)


def _events(study: Study, call: TypedCall) -> tuple[str, ...]:
    """What is measured and has a rate."""
    opened = study._opened
    return tuple(name for name in outcome_names(opened) if measured_events(opened, name))


def _groupings(study: Study, call: TypedCall) -> tuple[str, ...]:
    """The next column of those that cross."""
    n = len(call.beside)
    crossed = [tuple(one.split(", ")) for one in study._shows.groupings]
    return tuple(dict.fromkeys(one[n] for one in crossed if one[:n] == call.beside and one[n:]))


def _columns(use: str) -> Offer:
    """Columns that can be used so, of the tables that have all others that the call names."""

    def offered(study: Study, call: TypedCall) -> tuple[str, ...]:
        full = len(_named(call, "by")) >= MOST_BY or len(_dimensions(call)) >= MOST_DIMENSIONS
        if use == "by" and full:
            return ()
        found = [f.name for rows in _tables(study, call) for f in rows.fields if use in f.uses]
        named = _dimensions(call) | _measured(call)
        return tuple(name for name in dict.fromkeys(found) if name not in named)

    return offered


def _kept(study: Study, call: TypedCall) -> tuple[str, ...]:
    """Columns that choose people, or the values of one, as the data dictionary has them."""
    tables = _tables(study, call)
    if call.key is not None:
        held = (rows.field(call.key) for rows in tables)
        found = next((f for f in held if f is not None and "by" in f.uses), None)
        return _others(labels(found), call) if found else ()
    left_out = {*_named(call, "where"), *_measured(call)}
    if len(_dimensions(call)) >= MOST_DIMENSIONS:  # one of `by` makes no further group
        left_out |= {f.name for rows in tables for f in rows.fields} - {*_named(call, "by")}
    fields = (f for rows in tables for f in rows.fields)
    names = (f.name for f in fields if "by" in f.uses and f.levels)
    return tuple(name for name in dict.fromkeys(names) if name not in left_out)


def _id_columns(study: Study, call: TypedCall) -> tuple[str, ...]:
    fields = (f for rows in _tables(study, call) for f in rows.fields)
    return tuple(f.name for f in fields if not f.uses and "identifier" in f.kind)


# By verb and argument. An argument that is not here is offered nothing.
OFFERS: Mapping[str, Mapping[str, Offer]] = {
    "check": {"name": lambda study, _: study._shows.checks},
    "compare": {
        "outcome": _outcomes,
        "by": _compared_by,
        "design": _designs,
        "adjust": _adjust,
        "where": _filters,
        "reference": _references,
    },
    "rates": {
        "measure": _events,
        "by": _groupings,
        "over": lambda study, _: study._shows.over,
    },
    "table": {use: _columns(use) for use in USES} | {"where": _kept, "count": _id_columns},
    "plot": {"kind": lambda study, _: KINDS},
}


# -- what a call names besides ---------------------------------------------------------------------
def _named(call: TypedCall, argument: str) -> tuple[str, ...]:
    return tuple(call.named.get(argument, ()))


def _single(call: TypedCall, argument: str) -> str | None:
    return next(iter(_named(call, argument)), None)


def _others(names: Iterable[str], call: TypedCall) -> tuple[str, ...]:
    return tuple(name for name in names if name not in call.beside)


def _dimensions(call: TypedCall) -> set[str]:
    return {*_named(call, "by"), *_named(call, "where")}


def _measured(call: TypedCall) -> set[str]:
    return {*_named(call, "share"), *_named(call, "mean")}


def _tables(study: Study, call: TypedCall) -> tuple[Rows, ...]:
    """The tables that have all columns of the call; none where the study has no rows of people."""
    try:
        tables = study._explored.tables
    except ParameterError:
        return ()
    wanted = _dimensions(call) | _measured(call)
    return tuple(rows for rows in tables if all(rows.field(name) for name in wanted))


# -- which study to open ---------------------------------------------------------------------------
def _to_open(call: TypedCall) -> tuple[str, ...]:
    """Studies; places and sources of the study that the call names."""
    if call.argument == "study_id":
        return tuple(plan_files())
    study = _single(call, "study_id")
    if study not in plan_files():
        return ()
    plan = load_plan(study)
    match call.argument:
        case "region_id":
            return tuple(dict.fromkeys((*places_to_run(plan), ALL)))
        case "data_source":
            return tuple(plan.data.sources)
    return ()


# -- in a kernel -----------------------------------------------------------------------------------
def offered(target: object, call: TypedCall) -> tuple[str, ...]:
    """What can stand where the call is being typed, all that begins otherwise left out. `target`:
    what is called."""
    name, study = getattr(target, "__name__", ""), getattr(target, "__self__", None)
    names: Iterable[str] = ()
    if isinstance(study, Study):
        call = _by_name(call, target)
        offer = OFFERS.get(name, {}).get(str(call.argument))
        names = offer(study, call) if offer else ()
    elif (getattr(target, "__module__", ""), name) in OPENERS:
        names = _to_open(_by_name(call, target))
    return tuple(name for name in names if name.startswith(call.begun))


def _by_name(call: TypedCall, target: Any) -> TypedCall:
    """The call with its arguments by name instead of by position."""
    parameters = tuple(signature(target).parameters)
    words: dict[str | int, str | int] = {place: word for place, word in enumerate(parameters)}
    named = {words.get(one, one): texts for one, texts in call.named.items()}
    return replace(call, argument=words.get(call.argument, call.argument), named=named)


def install_completion(ip) -> None:
    """Let the tab key offer what the verbs take; `ip` is the InteractiveShell. Harmless when done
    twice."""

    @context_matcher(priority=FIRST, identifier=IDENTIFIER)
    def workbook_matcher(context: CompletionContext) -> SimpleMatcherResult:
        lines = context.full_text.split("\n")[: context.cursor_line]
        call = typed_call("\n".join((*lines, context.text_until_cursor)))
        if call is None:
            return SimpleMatcherResult(completions=[])
        found = offered(_called(ip, call.called), call)
        return SimpleMatcherResult(
            completions=[SimpleCompletion(name, type=NAME) for name in found],
            matched_fragment=call.begun,
            ordered=True,
            suppress=True,
        )

    held = ip.Completer.custom_matchers
    if IDENTIFIER not in [getattr(one, "matcher_identifier", None) for one in held]:
        held.append(workbook_matcher)


def _called(ip, source: str) -> object:
    """What a name in the kernel stands for, or None. It is looked up by the rules of IPython for
    completion, which run nothing that could change anything."""
    owner, _, verb = (part.strip() for part in source.rpartition("."))
    names = EvaluationContext(
        globals=ip.user_global_ns, locals=ip.user_ns, evaluation=ip.Completer.evaluation
    )
    try:
        found = guarded_eval(owner or verb, names)
    except Exception:
        return None
    if isinstance(found, Study):
        return getattr(found, verb) if verb in OFFERS else None
    return found
