"""Tables and the figure of a protocol: counts that were cleared, and numbers that follow from them
and from what is assumed."""

from collections.abc import Iterable, Sequence

import pandas as pd

from analysis.disclosure.rules import load_rules
from analysis.display.figures.columns import Scale
from analysis.display.figures.planned.detectable import (
    DetectableColumns,
    detectable_figure,
    detectable_figure_alt,
)
from analysis.display.section import Chart
from analysis.plans.plan import Outcome, Plan
from analysis.protocol.assumptions import HEADINGS, WORDS, Assumed
from analysis.protocol.findings import Finding, Planning
from analysis.protocol.formulas import LOTS, Sizes
from analysis.protocol.planned import planned_of
from analysis.protocol.sample import Sample, primaries
from analysis.protocol.wording import CAN, UNITS, amount, lower_name, place_name, sized
from analysis.results import Table
from analysis.said.numbers import plain, planned
from analysis.said.texts import capital, named, say
from analysis.vocabulary.levels import LEVELS
from analysis.vocabulary.regions import NATIONAL, place_set

CLEARED = "cleared_record"
OF_THE_PLAN = "plan"
WITHHELD, NONE, NOT_RELIABLE = "[c]", "[z]", "[u]"
COLUMNS = DetectableColumns()
IN_FIVES = say(
    "Units are counted in fives, so that what few of them can tell from chance is near and not"
    " exact."
)


def _table(title: str, rows: Sequence[dict], cleared: str, notes: Iterable[str] = ()) -> Table:
    return Table(title, pd.DataFrame(list(rows), dtype=object), cleared, tuple(notes))


# -- the theory of change --------------------------------------------------------------------------
def theory_table(plan: Plan) -> Table:
    """The six levels in their order: what is measured at each, or why nothing is."""
    asks = {level.key: level for level in LEVELS}
    rows = [
        {
            "Level": capital(outcome.level),
            "Asks": asks[outcome.level].asks,
            "Kirkpatrick": asks[outcome.level].kirkpatrick,
            "Kaufman": asks[outcome.level].kaufman,
            "Measured": _measured(outcome),
            "On whom": NONE if outcome.not_measured else outcome.measured_on or _everyone(plan),
            "When": NONE if outcome.not_measured else _when(outcome),
            "Role": NONE if outcome.not_measured else _role(outcome),
        }
        for outcome in plan.outcomes
    ]
    return _table(named(f"{plan.title}: level by level"), rows, OF_THE_PLAN)


def _everyone(plan: Plan) -> str:
    return plan.words.person


def _measured(outcome: Outcome) -> str:
    if outcome.not_measured:
        return f"not measured: {outcome.not_measured}"
    asked = " (asked of people)" if outcome.survey else ""
    return f"{outcome.plain}{asked}"


def _when(outcome: Outcome) -> str:
    before = "before and after" if outcome.before else "after"
    months = outcome.follow_up_months or outcome.horizon_months
    return f"{before}, {months} months on" if months else before


def _role(outcome: Outcome) -> str:
    return {
        "primary": "primary: confirmed",
        "secondary": "secondary: explored",
        "fact": "counted, not compared",
    }[outcome.role or "fact"]


# -- who is there ----------------------------------------------------------------------------------
def outcomes_table(sample: Sample) -> Table:
    """The people of all places behind each primary outcome."""
    rows = [
        {"Primary outcome": capital(outcome.noun)}
        | _cells(sample.plan, sample.nation.get(outcome.id))
        for outcome in primaries(sample.plan)
    ]
    return _table("People and clusters behind each primary outcome", rows, CLEARED, _rules())


def places_table(sample: Sample) -> Table | None:
    """The people of each place behind the leading outcome. Records count who is in the data of the
    study, who may be others (managers, where staff answer): it stands where nobody is compared."""
    plan = sample.plan
    if not sample.there:
        return None
    leading, places = plan.leading, place_set(plan.data.places)
    own = any(leading in of for of in sample.places.values())
    rows = [
        {capital(places.one): places.name(place)}
        | ({"In the data": _count(there)} if sample.lost or not own else {})
        | (_cells(plan, sample.of_place(place, leading)) if own else {})
        for place, there in sample.there.items()
    ]
    title = named(f"{capital(plan.outcome(leading).noun)}: who there is in each place")
    return _table(title, rows, CLEARED, _rules())


def groups_table(sample: Sample) -> Table | None:
    """The people of each ethnic group of all places, behind the leading outcome."""
    plan = sample.plan
    of = sample.groups.get(plan.leading, {})
    if not of:
        return None
    rows = [{plan.group_heading: group} | _cells(plan, sizes) for group, sizes in of.items()]
    title = named(
        f"{capital(plan.outcome(plan.leading).noun)}: who there is, by {plan.characteristic}"
    )
    return _table(title, rows, CLEARED, _rules())


def _cells(plan: Plan, sizes: Sizes | None, none: str = WITHHELD) -> dict[str, str]:
    """People and clusters of one row; of a series, points in time."""
    way = planned_of(plan)
    heads = ["Compared", "With the programme", "Without"]
    if way == "series":
        heads = ["Counted", "After the start", "Before"]
    people = (
        [sizes.people, sizes.people_with, sizes.people_without] if sizes is not None else [None] * 3
    )
    cells = {head: _count(count, none) for head, count in zip(heads, people, strict=True)}
    if way in ("people", "gap"):
        return cells
    many = "Points in time" if way == "series" else plan.comparison.assigned_units
    sides = ("after", "before") if way == "series" else ("with it", "without")
    units = [sizes.clusters_with, sizes.clusters_without] if sizes is not None else [None] * 2
    if way == "dyads":
        many = capital(plan.words.practitioners)
    for side, count in zip(sides, units, strict=True):
        cells[f"{many}, {side}"] = _count(count, none)
    return cells


def _count(number: float | None, none: str = WITHHELD) -> str:
    return none if number is None else plain(round(number))


def _rules() -> tuple[str, ...]:
    return load_rules().notes()


# -- what is assumed -------------------------------------------------------------------------------
def assumptions_table(planning: Planning, assumed: Assumed) -> Table:
    """Every number that goes in besides counts of people, with where it comes from."""
    outcome = planning.outcome
    fixed = [
        ("size that matters", planning.size_that_matters, _source_of_size(planning)),
        ("level of the test, two-sided", planning.alpha, "the plan (families)"),
        ("of every 100 studies, to find it", 100 * planning.power, "convention (Cohen 1988)"),
        ("primary outcomes confirmed together", planning.primaries, "the plan (Holm)"),
    ]
    rows = [
        {"Assumption": capital(what), "Value": plain(value), "Source": named(source)}
        for what, value, source in fixed
    ]
    rows += [
        {"Assumption": capital(one.words), "Value": plain(one.value), "Source": named(one.source)}
        for one in assumed.given
    ]
    rows += [
        {"Assumption": capital(WORDS[name]), "Value": "not written down", "Source": "none"}
        for name in assumed.missing
    ]
    title = named(f"{capital(outcome.noun)}: what is assumed ({UNITS[outcome.unit]})")
    return _table(title, rows, OF_THE_PLAN)


def _source_of_size(planning: Planning) -> str:
    if planning.matters is not None:
        return "the command line"
    return f"the plan: {planning.outcome.source}"


# -- what could be found ---------------------------------------------------------------------------
def power_table(planning: Planning, found: Sequence[Finding]) -> Table:
    """All places together and each by itself: the smallest difference beside the one that
    matters."""
    outcome = planning.outcome
    rows = [_power_cells(planning, one) for one in found]
    title = named(f"{capital(outcome.noun)}: smallest difference found, {UNITS[outcome.unit]}")
    notes = [
        say(
            "{n} of every 100 studies would find it. Among all comparisons: Holm"
            " over the primary outcomes (all together) or over the places or groups that have an"
            " answer.",
            n=planned(round(100 * planning.power)),
        )
    ]
    if planned_of(planning.plan) in LOTS and planning.plan.comparison.assigned != "region":
        notes.append(IN_FIVES)
    return _table(title, rows, CLEARED, [*notes, *_rules()[:1]])


def _power_cells(planning: Planning, one: Finding) -> dict[str, str]:
    outcome = planning.outcome
    none = WITHHELD if one.state == "withheld" else NONE
    return {
        COLUMNS.where: place_name(planning.plan, one.where),
        "People": _count(one.sizes.people if one.sizes else None, none),
        COLUMNS.alone: _found(one.alone, outcome, none),
        COLUMNS.together: _found(one.together, outcome, none),
        "Matters": plain(planning.size_that_matters),
        COLUMNS.said: CAN[one.state],
    }


def _found(difference: float | None, outcome: Outcome, none: str = NONE) -> str:
    return none if difference is None else amount(difference, outcome).text


def power_chart(planning: Planning, table: Table, name: str) -> Chart:
    """The figure of `power_table`."""
    outcome = planning.outcome
    words = f"Smallest difference found, {UNITS[outcome.unit]}"
    scale = Scale(outcome.unit, words, outcome.better, planning.size_that_matters)
    return Chart(detectable_figure(table, scale), detectable_figure_alt(table, scale), table, name)


def grid_table(plannings: Sequence[Planning], assumed: Assumed) -> Table:
    """The same where something is not assumed: one row a choice of what is missing. What has one
    value in every row stands in the notes."""
    first = plannings[0]
    outcome, plan = first.outcome, first.plan
    shown = {name: {one.values[name] for one in plannings} for name in assumed.missing}
    several = [name for name, values in shown.items() if len(values) > 1]
    rows = [_grid_cells(planning, several) for planning in plannings]
    unit, size = UNITS[outcome.unit], sized(planned(first.size_that_matters), outcome)
    title = named(
        f"{capital(outcome.noun)}: smallest difference found,"
        f" {lower_name(place_name(plan, NATIONAL))} together, {unit} (matters: {size})"
    )
    once = [name for name in assumed.missing if name not in several]
    notes = [
        say("No row is more to be expected than another: nobody has written down what is missing.")
    ]
    notes += [
        say("Shown as if {what}: {value}.", what=WORDS[name], value=planned(first.values[name]))
        for name in once
    ]
    return _table(title, rows, CLEARED, notes)


def _grid_cells(planning: Planning, several: Sequence[str]) -> dict[str, str]:
    nation, own = planning.nation(), tuple(planning.places())
    cells = {HEADINGS[name]: plain(planning.values[name]) for name in several}
    cells[COLUMNS.alone] = _found(nation.alone, planning.outcome)
    cells[COLUMNS.together] = _found(nation.together, planning.outcome)
    cells[COLUMNS.said] = CAN[nation.state]
    if any(one.state != "describes" for one in own):
        able = sum(one.state == "answers" for one in own)
        cells["Places able alone"] = f"{plain(able)} of {plain(len(own))}"
    return cells


def between_table(planning: Planning, found: Sequence[Finding]) -> Table:
    """Each ethnic group, and how far its effect must lie from that of the reference group."""
    plan, outcome = planning.plan, planning.outcome
    reference = plan.groups.reference
    beside = any(one.where == reference for one in found)
    rows = []
    for one in found:
        cells = _power_cells(planning, one)
        if beside:
            none = WITHHELD if one.sizes is None else NONE
            apart = None if one.where == reference else planning.between(one.where)
            cells[f"Difference from the effect among {reference}"] = _found(apart, outcome, none)
        rows.append(cells)
    title = named(
        f"{capital(outcome.noun)}: smallest difference found by {plan.characteristic},"
        f" {UNITS[outcome.unit]}"
    )
    note = say(
        "The last column: how far two effects must lie apart to be told apart, as the only"
        " comparison. Only that test may say that groups differ."
    )
    return _table(title, rows, CLEARED, [*([note] if beside else []), *_rules()[:1]])


def group_range_table(planning: Planning, ranges: Sequence[Sequence[Finding]]) -> Table:
    """Each ethnic group, from the most to the least that it would find over every value shown of
    what is missing."""
    plan, outcome = planning.plan, planning.outcome
    rows = []
    for of_group in zip(*ranges, strict=True):
        one = of_group[0]
        none = WITHHELD if one.state == "withheld" else NONE
        known = [found.together for found in of_group if found.together is not None]
        enough = sum(found.state == "answers" for found in of_group)
        rows.append(
            {
                plan.group_heading: one.where,
                "People": _count(one.sizes.people if one.sizes else None, none),
                "At best": _found(min(known, default=None), outcome, none),
                "At worst": _found(max(known), outcome) if len(known) == len(of_group) else none,
                "Matters": plain(planning.size_that_matters),
                "Enough in": f"{plain(enough)} of {plain(len(of_group))} choices",
            }
        )
    title = named(
        f"{capital(outcome.noun)}: smallest difference found by {plan.characteristic},"
        f" {UNITS[outcome.unit]}"
    )
    note = say("Allowing for the groups that are compared together (Holm).")
    return _table(title, rows, CLEARED, [note, *_rules()[:1]])
