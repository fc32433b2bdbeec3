"""What a call of a verb may ask: each argument is checked against the plan and the kind of study,
and an error names what is valid. No error repeats a value of the data."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Protocol, cast

from analysis.errors import ParameterError
from analysis.plans.kinds import kind_of
from analysis.plans.monitor import Measure, Monitor
from analysis.plans.plan import Outcome, Plan
from analysis.said.texts import settled
from analysis.sections.opened import Opened
from analysis.sections.showing import Shown
from analysis.sections.shows import ETHNIC_GROUP, EVERY, Asked, Shows
from analysis.vocabulary.levels import LEVEL_KEYS

LONGEST_ECHO = 60


class _Leads(Protocol):
    """What an opened monitor adds: the measure and the group of the comparison that leads."""

    @property
    def lead(self) -> tuple[Measure, str]: ...


def chosen(argument: str, word: object, valid: Iterable[str]) -> str:
    """`word` where it is one of `valid`. ParameterError E245 names the nearest and all of them."""
    names = tuple(dict.fromkeys(valid))
    if isinstance(word, str) and word in names:
        return word
    text = f"{argument} {_echo(word)} is none of those that can be asked for here."
    raise ParameterError("E245", text, remedy=_remedy(word, names))


def _echo(word: object) -> str:
    """What was given, where it reads like a name; never anything else."""
    plain = isinstance(word, str) and word.replace("_", "").isalnum() and len(word) < LONGEST_ECHO
    return f"`{word}`" if plain else "that was given"


def _remedy(word: object, names: tuple[str, ...]) -> str:
    if not names:
        return "There are none."
    near = get_close_matches(word[:LONGEST_ECHO], names, 1, 0.7) if isinstance(word, str) else []
    nearest = f"Did you mean `{near[0]}`? " if near else ""
    return f"{nearest}Valid: {', '.join(names)}."


# -- what there is to name -------------------------------------------------------------------------
def outcome_words(opened: Opened) -> dict[str, str]:
    """Ids of what the plan measures, with its words."""
    plan = opened.plan
    if kind_of(plan).compares:
        outcomes = cast(Plan, plan).outcomes  # only a plan of a pilot compares
        return {o.id: settled(f"{o.plain} ({o.level})") for o in outcomes if o.id}
    return {m.id: m.noun for m in getattr(plan, "measures", ())}


def outcome_names(opened: Opened) -> tuple[str, ...]:
    """Whatever `measured` takes: outcomes of a pilot and their levels, or measures; and all."""
    plan = opened.plan
    if kind_of(plan).compares:
        ids = tuple(o.id for o in cast(Plan, plan).outcomes if o.id)
        return (*ids, *LEVEL_KEYS, EVERY)
    return (*(m.id for m in getattr(plan, "measures", ())), EVERY)


def measured(opened: Opened, name: str | None) -> tuple[tuple, str | None]:
    """The outcomes that a name stands for, in the order of the plan, and the level where one was
    named. None: the one that leads; `all`: all of them."""
    plan = opened.plan
    if kind_of(plan).compares:
        return _outcomes(opened, name)
    measures = tuple(getattr(plan, "measures", ()))
    if name == EVERY:
        return measures, None
    if name is None:
        return (cast(_Leads, opened).lead[0],) if measures else (), None
    found = chosen("outcome", name, outcome_names(opened))
    return tuple(m for m in measures if m.id == found), None


def _outcomes(opened: Opened, name: str | None) -> tuple[tuple[Outcome, ...], str | None]:
    plan = cast(Plan, opened.plan)  # only a plan of a pilot compares
    if name is None:
        return (plan.outcome(plan.leading),), None
    if name == EVERY:
        return plan.compared, None
    found = chosen("outcome", name, outcome_names(opened))
    if found in {o.id for o in plan.outcomes}:
        return (plan.outcome(found),), None
    return tuple(o for o in plan.outcomes if o.level == found), found


def measured_events(opened: Opened, name: str | None) -> tuple:
    """What `rates` counts: all that a monitor measures, or the outcome of a pilot that leads."""
    if name is None and not kind_of(opened.plan).compares:
        return tuple(getattr(opened.plan, "measures", ()))
    found, _ = measured(opened, name)
    return tuple(o for o in found if not isinstance(o, Outcome) or o.compared)


# -- the arguments of compare ----------------------------------------------------------------------
def asked(
    opened: Opened,
    shows: Shows,
    outcome: str | None,
    by: str | None,
    design: str | None,
    *,
    adjust: Iterable[str] | None,
    where: Mapping | None,
    reference: str | None = None,
) -> Asked:
    """The call of `compare`, each argument checked. ParameterError E245 to E248."""
    if not shows.designs:
        text = "this study compares nobody."
        raise ParameterError("E248", text, remedy="Ask for rates(), check() or people().")
    design = next(iter(shows.designs)) if design is None else design
    design = chosen("design", design, (*shows.designs, EVERY))
    outcomes, level = measured(opened, outcome)
    if by is not None:
        by = chosen("by", by, shows.by)
        _refuse_combination(shows, design, by)
    return Asked(
        outcomes,
        level,
        by,
        design,
        _adjust(opened, shows, adjust),
        _where(opened, shows, where),
        _reference(opened, shows, reference, by),
    )


def _refuse_combination(shows: Shows, design: str, by: str) -> None:
    able = [name for name, way in shows.designs.items() if by in way.answers]
    if design not in able:
        text = f"the design `{design}` is not worked out by {by}."
        raise ParameterError("E248", text, remedy=f"By {by}: design {', '.join(able)}.")


def _adjust(opened: Opened, shows: Shows, adjust) -> tuple[str, ...] | None:
    """Columns to allow for in place of those of the plan; None where they are the same."""
    if adjust is None:
        return None
    _refuse_departure(opened, shows, "adjust")
    if isinstance(adjust, str) or not isinstance(adjust, Iterable):
        text = "adjust is a list of columns."
        raise ParameterError("E246", text, remedy=_remedy(None, shows.adjustable(opened)))
    names = tuple(chosen("adjust", name, shows.adjustable(opened)) for name in adjust)
    allowed = cast(Plan | Monitor, opened.plan).adjust_for  # an action plan allows for nothing
    own = (*allowed.outside, *allowed.service_decided)
    return None if set(names) == set(own) else tuple(dict.fromkeys(names))


def _where(opened: Opened, shows: Shows, where) -> Mapping[str, tuple[str, ...]] | None:
    """People by the values of columns; None: all of them."""
    if where is None:
        return None
    _refuse_departure(opened, shows, "where")
    filters = shows.filters(opened)
    if not isinstance(where, Mapping) or not where:
        text = "where names a column and its values, as in {'sex': 'female'}."
        raise ParameterError("E247", text, remedy=_remedy(None, tuple(filters)))
    found = {}
    for column, values in where.items():
        name = chosen("where", column, filters)
        valid = filters[name]
        listed = values if isinstance(values, list | tuple | set) else (values,)
        if not listed or any(value not in valid for value in listed):
            text = f"where › {name}: a value that the contract does not list, or none."
            raise ParameterError("E247", text, remedy=f"Valid: {', '.join(valid)}.")
        found[name] = tuple(value for value in valid if value in set(listed))
    narrowed = {name: values for name, values in found.items() if values != filters[name]}
    return narrowed or None


def _reference(opened: Opened, shows: Shows, reference, by: str | None) -> str | None:
    """The group that the others stand beside; None where it is that of the plan."""
    if reference is None:
        return None
    _refuse_departure(opened, shows, "reference")
    found = chosen("reference", reference, groups_of(opened))
    if by != ETHNIC_GROUP:
        text = "reference: only groups stand beside one of them."
        raise ParameterError("E248", text, remedy=f'Ask for it with by="{ETHNIC_GROUP}".')
    return None if found == cast(Plan, opened.plan).groups.reference else found


def groups_of(opened: Opened) -> tuple[str, ...]:
    """The groups that a pilot compares."""
    return tuple(cast(Shown, opened).study.groups)  # only a pilot departs from its plan


def _refuse_departure(opened: Opened, shows: Shows, argument: str) -> None:
    if shows.departs is None:
        text = f"{argument}: this kind of study works out what its plan says, and no more."
        ways = ", ".join((*shows.designs, EVERY))
        raise ParameterError("E248", text, remedy=f"Ask for another design: {ways}.")
