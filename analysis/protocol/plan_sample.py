"""`workbook plan-sample`: for each primary outcome how many people and clusters a side would find
the size that matters, what there is, and what can be done with it; each assumption with its
source."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd
from pydantic import ValidationError

from analysis.errors import ParameterError
from analysis.inference.planned.power import POWER
from analysis.plans.plan import Outcome, Plan
from analysis.plans.registry import EXAMPLE, check_protocol_parameters
from analysis.protocol import tables, wording
from analysis.protocol.assumptions import WORDS, Assumed, Assumption, assumed
from analysis.protocol.counted import sample_from
from analysis.protocol.findings import Planning
from analysis.protocol.formulas import EVERY, WAYS, Sizes
from analysis.protocol.needed import Needed, nation_needed, needed_of
from analysis.protocol.planned import (
    PlannedOutcome,
    check_has_protocol,
    planned_of,
)
from analysis.protocol.sample import Sample, given_sample, primaries
from analysis.results import Table
from analysis.said.numbers import plain
from analysis.said.texts import capital, joined, named
from analysis.vocabulary.regions import did_you_mean

SAID = "the command line"
NO_NUMBER = "no number would do"
NONE = "[z]"
# Columns of the table of sizes; with and without the programme.
THERE, THERE_WITHOUT = "There, with the programme", "There, without"
NEEDED, NEEDED_WITHOUT = "Needed, with the programme", "Needed, without"
WHERE, ALONE, TOGETHER = "Where", "Would find alone", "Among all comparisons"
MATTERS, ENOUGH = "Matters", "Enough?"
UNITS = ("Clusters there", "Clusters needed", "Points there", "Points needed")
COLUMNS = frozenset(
    {"Outcome", "Assumed", WHERE, THERE, THERE_WITHOUT, NEEDED, NEEDED_WITHOUT, ALONE, TOGETHER}
    | {MATTERS, ENOUGH, *UNITS}
)


@dataclass(frozen=True)
class Options:
    """What was asked for. power: of every 100 studies. matters: size that matters, in the unit of
    the outcome. values: assumptions by name. people, clusters: a side, in the place of those there
    are. outcome: one alone."""

    power: float = EVERY * POWER
    matters: float | None = None
    values: Mapping[str, float] | None = None
    people: int | None = None
    clusters: int | None = None
    outcome: str | None = None


@dataclass(frozen=True, eq=False)
class Planned:
    """What is told of one primary outcome: assumptions, sizes needed, and sentences."""

    assumptions: Table
    needed: Table
    lines: tuple[str, ...]


def assumed_values(assume: Sequence[str], **named_apart: float | None) -> dict[str, float]:
    """Assumptions by name from NAME=VALUE; `named_apart`: those with an option of their own.
    ParameterError E287 for a text of another form, and for a name that stands twice."""
    found = {name: value for name, value in named_apart.items() if value is not None}
    for text in assume:
        name, _, number = text.partition("=")
        try:
            value = float(number)
        except ValueError:
            raise _fault("--assume is NAME=VALUE", "Write for instance spread=6.") from None
        if name in found:
            raise _fault(f"`{name[:40]}` is assumed twice", "Give it once.")
        found[name] = value
    return found


def plan_sample(study: str, source: str | None, options: Options) -> tuple[Planned, ...]:
    """ParameterError E210, E213, E286; E287 for an option that does not go with the study."""
    plan, data = check_protocol_parameters(study, source or EXAMPLE)
    pilot = check_has_protocol(plan)
    sample = _sample(sample_from(pilot, data), options)
    if not 50 <= options.power < EVERY:
        raise _fault("--power is a share of studies", "Write 50 to 99, for instance 80.")
    return tuple(_planned(sample, outcome, options) for outcome in _outcomes(pilot, options))


def _sample(sample: Sample, options: Options) -> Sample:
    if options.people is None and options.clusters is None:
        return sample
    way = planned_of(sample.plan)
    in_clusters = bool(WAYS[way].needs) and way != "gap" if way else False
    if options.people is None or (in_clusters and options.clusters is None):
        raise _fault("--people and --clusters belong together", "Give both, of one side.")
    if options.clusters is not None and not in_clusters:
        text = "--clusters: people of this design are compared by themselves"
        raise _fault(text, "Leave it out.")
    if min(options.people, options.clusters or 1) < 1:
        raise _fault("--people and --clusters are at least 1", "Give those of one side.")
    return given_sample(sample, options.people, options.clusters)


def _outcomes(plan: Plan, options: Options) -> Sequence[Outcome]:
    found = primaries(plan)
    ids = [outcome.id for outcome in found]
    if options.outcome is not None:
        if options.outcome not in ids:
            text = "--outcome: there is no such primary outcome"
            raise _fault(text, did_you_mean(options.outcome, ids))
        return [outcome for outcome in found if outcome.id == options.outcome]
    if len(found) > 1 and options.matters is not None:
        text = "--matters is of one outcome, and this study has several"
        raise _fault(text, f"Name it: --outcome {ids[0]} (valid: {', '.join(ids)}).")
    return found


def _planned(sample: Sample, outcome: Outcome, options: Options) -> Planned:
    plan = sample.plan
    least = 1 if outcome.unit == "times" else 0
    if options.matters is not None and not least < options.matters < math.inf:
        raise _fault("--matters is a size above nothing", "Write it in the unit of the outcome.")
    found = assumed(plan, outcome, _said(plan, outcome, options)) if planned_of(plan) else None
    if found is None:
        none = Planning(sample, outcome, {})
        nothing = tables.assumptions_table(none, Assumed((), ()))
        empty = Table(named(outcome.noun), pd.DataFrame(), tables.CLEARED)
        return Planned(nothing, empty, (wording.no_formula_line(plan),))
    choices = [
        replace(
            Planning(sample, outcome, found.values | values, options.power / EVERY),
            matters=options.matters,
        )
        for values in found.over_the_grid(outcome)
    ]
    return Planned(
        tables.assumptions_table(choices[0], found),
        needed_table(choices, found),
        tuple(_lines(choices[0], found)),
    )


def _said(plan: Plan, outcome: Outcome, options: Options) -> tuple[Assumption, ...]:
    """Assumptions of the command line, each of which some outcome of the study can use. E287."""
    way = WAYS[planned_of(plan)]
    valid = {n for o in primaries(plan) for n in (*way.needed_of(o), *way.may_of(o))}
    valid |= {"between_places"} & {*assumed(plan, outcome).missing, *assumed(plan, outcome).values}
    said = []
    for name, value in (options.values or {}).items():
        if name not in valid:
            text = f"`{name[:40]}` is not assumed of this design"
            raise _fault(text, did_you_mean(name, sorted(valid)))
        whole = name in ("steps", "periods") and value == int(value)
        given = {name: {"value": int(value) if whole else value, "source": SAID}}
        try:
            PlannedOutcome.model_validate(given)
        except ValidationError as error:
            fault = error.errors(include_url=False, include_input=False)[0]["msg"]
            raise _fault(f"{name}: {fault[0].lower()}{fault[1:]}", "") from None
        said.append(Assumption(name, value, SAID))
    return tuple(said)


def _lines(planning: Planning, found: Assumed):
    """What can be done with what there is."""
    if not found.is_complete and planned_of(planning.plan) != "rank":
        yield wording.missing_line(planning.outcome, found.missing, True)
        return
    nation, places = planning.nation(), tuple(planning.places())
    yield wording.nation_line(planning, nation)
    yield wording.lot_line(planning)
    yield wording.places_line(planning, places)
    if planning.sample.groups.get(planning.outcome.id):
        yield wording.groups_line(planning, tuple(planning.groups()))
    yield wording.formula_line(planning)


# -- as a table ------------------------------------------------------------------------------------
def needed_table(choices: Sequence[Planning], found: Assumed) -> Table:
    """One row a place and group (and, where something is missing, a choice of it): people and
    clusters a side there are and are needed, and what those there are could find."""
    first = choices[0]
    rows = [
        {
            **{capital(WORDS[name]): plain(planning.values[name]) for name in found.missing},
            **_cells(planning, one),
            "Assumed": _assumed_words(planning, found),
        }
        for planning in choices
        for one in _rows(planning, found)
    ]
    unit = wording.UNITS[first.outcome.unit]
    title = named(f"{capital(first.outcome.noun)}: people and clusters needed ({unit})")
    return Table(title, pd.DataFrame(rows, dtype=object), tables.CLEARED)


def _rows(planning: Planning, found: Assumed) -> Sequence[Needed]:
    """All of them; where something is missing, those of all places together alone."""
    return tuple(needed_of(planning)) if found.is_complete else (nation_needed(planning),)


def _cells(planning: Planning, one: Needed) -> dict[str, str]:
    plan, there = planning.plan, one.finding.sizes
    way = planned_of(plan)
    needed = NONE if there is None else NO_NUMBER
    cells = {
        "Outcome": planning.outcome.id,
        WHERE: wording.place_name(plan, one.finding.where),
        THERE: _people(there, True),
        THERE_WITHOUT: _people(there, False),
        NEEDED: _people(one.needed, True, needed),
        NEEDED_WITHOUT: _people(one.needed, False, needed),
    }
    if way not in ("people", "gap"):
        cells |= {
            f"{_units(way)} there": _clusters(there),
            f"{_units(way)} needed": _clusters(one.needed, needed),
        }
    alone, together = one.finding.alone, one.finding.together
    cells |= {
        ALONE: _size(planning, alone),
        TOGETHER: _size(planning, together),
        MATTERS: plain(planning.size_that_matters),
        ENOUGH: wording.CAN[one.finding.state],
    }
    return cells


def _units(way: str) -> str:
    return "Points" if way == "series" else "Clusters"


def _people(sizes: Sizes | None, with_it: bool, none: str = "[c]") -> str:
    if sizes is None:
        return none
    return plain(math.ceil(sizes.people_with if with_it else sizes.people_without))


def _clusters(sizes: Sizes | None, none: str = "[c]") -> str:
    if sizes is None:
        return none
    sides = (math.ceil(sizes.clusters_with), math.ceil(sizes.clusters_without))
    return " and ".join(map(plain, sides))


def _size(planning: Planning, difference: float | None) -> str:
    return NONE if difference is None else wording.amount(difference, planning.outcome).text


def _assumed_words(planning: Planning, found: Assumed) -> str:
    """Every assumption of the row with its source, for a file that stands alone."""
    given = [f"{one.words} {plain(one.value)} ({one.source})" for one in found.given]
    shown = [f"{WORDS[n]} {plain(planning.values[n])} (not written down)" for n in found.missing]
    return joined("; ", map(named, (*given, *shown)))


def _fault(text: str, remedy: str) -> ParameterError:
    return ParameterError("E287", f"{text}.", remedy=remedy)
