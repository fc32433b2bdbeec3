"""How a pilot is compared: rows of the record, or rows worked out anew where an argument departs
from the plan, as sentence, table and figure."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from analysis.display.prose import Prose
from analysis.display.section import Chart, Part, Section
from analysis.judgement.finding import characteristics
from analysis.judgement.wording.figures_in_words import capital, listed
from analysis.plans.kinds import designs
from analysis.plans.plan import Outcome
from analysis.record.row import Row
from analysis.results import EVERYONE, Table
from analysis.sections import tables
from analysis.sections.comparison import Comparison, tidy
from analysis.sections.showing import Shown
from analysis.sections.shows import ETHNIC_GROUP, EVERY, Asked, Shows, Way
from analysis.study.allowed_for import allowed_for
from analysis.study.departing import plan_departed
from analysis.vocabulary.levels import level as level_of

EXPLORATORY = (
    "Exploratory: {how}. It departs from the plan, so that it stands in no record and sets no"
    " class and no claim."
)
NO_OUTCOME = "This pilot has no outcome at this level: {why}."
NOT_HERE = "{noun}: this design is not worked out in {place}."
GROUPS_DIFFER = (
    "A group differs from another only where the difference between the two says so, after allowing"
    " for the number of comparisons."
)
NO_GROUPS = "Groups are not compared in this place; the analysis of all places together does it."
BESIDE = (
    "{noun}: the outcome is about some groups only; {reference} people stand in the table to be"
    " compared with."
)
SHOWN_NOTES = (None, "not_reliable", "second_opinion", "bounds")


def compare(shown: Shown, shows: Shows, asked: Asked) -> Comparison:
    """Section of one call of `compare`; exploratory where it departs from the plan."""
    departs = asked.departs or _not_in_record(shown, shows, asked)
    if departs and shows.departs is not None:
        plan = plan_departed(shown.plan, asked.outcomes, asked.adjust, asked.reference)
        used, mark = shows.departs(shown, plan, asked.where), _mark(shown, asked)
    else:
        used, mark = shown, None
    if asked.design == EVERY:
        parts, rows = _side_by_side(used, shows, asked)
    else:
        parts, rows = _one_design(used, shows, asked)
    if mark is not None:
        parts = Section.of(Prose(mark, "note"), *(_marked(part, asked) for part in parts.parts))
    return Comparison(
        parts.parts,
        estimates=tidy(rows, clearance=shown.clearance),
        exploratory=mark is not None,
    )


# -- departures from the plan ----------------------------------------------------------------------
def _not_in_record(shown: Shown, shows: Shows, asked: Asked) -> bool:
    """The record has no row of this design for one of the outcomes, although others have."""
    if asked.design in (EVERY, next(iter(shows.designs))):
        return False
    way = shows.designs[asked.design]
    compared = [o for o in asked.outcomes if o.compared]
    has = [bool(_rows_of(shown, way, asked.by, outcome)) for outcome in compared]
    worked_out = any(_rows_of(shown, way, asked.by, outcome) for outcome in shown.plan.compared)
    return worked_out and not all(has)


def _mark(shown: Shown, asked: Asked) -> str:
    parts = []
    if asked.where is not None:
        chosen = [
            f"{name.replace('_', ' ')} {' or '.join(v.replace('_', ' ') for v in values)}"
            for name, values in asked.where.items()
        ]
        parts.append(f"only people with {listed(tuple(chosen))}")
    if asked.adjust is not None:
        words = listed(characteristics(asked.adjust)) if asked.adjust else "no characteristic"
        parts.append(f"allowing for {words}")
    if asked.reference is not None:
        parts.append(f"every other group beside {asked.reference}")
    if not parts:
        parts.append(f"the design `{asked.design}`, which the plan does not ask of this outcome")
    return EXPLORATORY.format(how="; ".join(parts))


def _marked(part, asked: Asked):
    """A table says in its title that it is exploratory; a chart has files of its own."""
    if isinstance(part, Table):
        title = f"{part.title} (exploratory)"
        return Table(title, part.to_frame(), part.cleared_by, part.notes)
    if isinstance(part, Chart):
        told = repr((asked.adjust, asked.where, asked.design, asked.reference))
        own = hashlib.sha256(told.encode()).hexdigest()[:8]
        table = _marked(part.table, asked)
        return replace(part, name=f"{part.name}_{own}", table=table, alt=f"Exploratory. {part.alt}")
    return part


# -- one design ------------------------------------------------------------------------------------
def _one_design(shown: Shown, shows: Shows, asked: Asked) -> tuple[Section, list[Row]]:
    way = shows.designs[asked.design]
    parts: list[Part | Section | None] = []
    rows: list[Row] = []
    parts += [
        Prose(NO_OUTCOME.format(why=o.not_measured)) for o in asked.outcomes if o.not_measured
    ]
    measured = [o for o in asked.outcomes if o.id]
    if asked.by is None and shows.before is not None and not way.apart:
        parts += [shows.before(shown, outcome) for outcome in measured]
    facts = [o for o in measured if o.role == "fact"]
    if facts:
        counted = shown.fact_rows(facts)
        parts.append(_facts(shown, counted))
        rows += counted
    compared = [o for o in measured if o.compared]
    if compared:
        section, found = _compared(shown, shows, asked, compared)
        parts.append(section)
        rows += found
    return Section.of(*parts), rows


def _facts(shown: Shown, rows: Sequence[Row]) -> Section:
    title = "Facts, without a comparison"
    table = tables.estimates_table(title, rows, shown.plan, clearance=shown.clearance)
    return Section.of(table)


def _compared(
    shown: Shown, shows: Shows, asked: Asked, outcomes: Sequence[Outcome]
) -> tuple[Section, list[Row]]:
    way = shows.designs[asked.design]
    found = {o.id: _rows_of(shown, way, asked.by, o) for o in outcomes}
    rows = [row for of_one in found.values() for row in of_one]
    line = _line(shown, shows, asked, rows)
    if asked.by in way.only:
        return Section.of(line, way.only[asked.by](shown, list(outcomes))), rows
    if not rows:
        said = [NOT_HERE.format(noun=capital(o.noun), place=shown.place_name) for o in outcomes]
        said = [NO_GROUPS] if asked.by == ETHNIC_GROUP else said
        return Section.of(line, shown.say(*said)), rows
    table = _table(shown, shows, asked, outcomes, rows)
    charts = _charts(shown, asked, outcomes, rows, table)
    extra = [] if way.extra is None else [way.extra(shown, outcome) for outcome in outcomes]
    return Section.of(line, _said(shown, shows, asked, outcomes), table, *charts, *extra), rows


def _rows_of(shown: Shown, way: Way, by: str | None, outcome: Outcome) -> list[Row]:
    """Rows of the record, as they may leave, that a design answers with."""
    wanted = way.rows.get(by, ())
    return [
        row
        for estimand, method in wanted
        for row in shown.rows(outcome.id)
        if row.estimand == estimand and method in ("", row.method) and row.note in SHOWN_NOTES
    ]


def _said(shown: Shown, shows: Shows, asked: Asked, outcomes: Sequence[Outcome]) -> Prose | None:
    """The sentence of each outcome; by group, when groups differ."""
    leads = asked.design == next(iter(shows.designs))
    if asked.by is None:
        said = dict.fromkeys(shown.sentence(outcome) for outcome in outcomes)
        return shown.say(*said) if leads else None
    if asked.by != ETHNIC_GROUP:
        return None
    reference = shown.plan.groups.reference
    some = [
        BESIDE.format(noun=capital(o.noun), reference=reference)
        for o in outcomes
        if o.only_groups and reference not in o.only_groups
    ]
    return shown.say(GROUPS_DIFFER, *some)


def _table(
    shown: Shown, shows: Shows, asked: Asked, outcomes: Sequence[Outcome], rows: Sequence[Row]
) -> Table:
    leads = asked.design == next(iter(shows.designs))
    if asked.by == ETHNIC_GROUP:
        title = f"By {shown.plan.characteristic}"
    elif asked.level is not None:
        title = level_of(asked.level).asks
    else:
        title = capital(listed(tuple(outcome.noun for outcome in outcomes)))
    return tables.estimates_table(
        title,
        rows,
        shown.plan,
        by_method=not leads,
        clearance=shown.clearance,
    )


def _charts(
    shown: Shown, asked: Asked, outcomes: Sequence[Outcome], rows: Sequence[Row], table: Table
) -> list[Chart]:
    """One figure a unit; of groups, the gap within each; of a design by group, each group."""
    grouped = asked.by == ETHNIC_GROUP
    drawn = [r for r in rows if r.estimand != "gap_difference"] if grouped else rows
    name = f"by_group_{_named(asked, outcomes)}" if grouped else _named(asked, outcomes)
    title = f"{shown.place_name}: by {shown.plan.characteristic}" if grouped else shown.contrast
    several = len({row.outcome for row in drawn}) > 1
    charts, units = [], list(dict.fromkeys(row.unit for row in drawn))
    for unit in units:
        own = [row for row in drawn if row.unit == unit]
        labels = [_label(shown, row, several=several) for row in own]
        chart = shown.chart(
            own,
            labels,
            table=table,
            name=name if unit == units[0] else f"{name}_{unit}",
            title=title,
        )
        charts += [] if chart is None else [chart]
    return charts


def _named(asked: Asked, outcomes: Sequence[Outcome]) -> str:
    what = f"level_{asked.level}" if asked.level else "_".join(o.id for o in outcomes)[:30]
    return f"{what}_{asked.design}"[:50].rstrip("_")


def _label(shown: Shown, row: Row, *, several: bool) -> str:
    outcome = tables.outcome_words(shown.plan.outcome(row.outcome))
    group = row.group
    if group == EVERYONE:
        return outcome
    return f"{group}: {outcome}" if several else group


# -- who is compared with whom ---------------------------------------------------------------------
def _line(shown: Shown, shows: Shows, asked: Asked, rows: Sequence[Row]) -> Prose:
    """Who is compared with whom, alike in what and allowing for what: one line, or one for each
    outcome that differs in it; then by which design."""
    rows = [row for row in rows if row.status != "described" or row.note == "bounds"]
    way = shows.designs[asked.design]
    lines: dict[str, list[str]] = {}
    for row in rows:
        outcome = shown.plan.outcome(row.outcome)
        lines.setdefault(_contrast(shown, asked, outcome, row), []).append(outcome.noun)
    several = len(lines) > 1
    said = [
        f"{capital(listed(tuple(dict.fromkeys(nouns))))}: {line}" if several else capital(line)
        for line, nouns in lines.items()
    ]
    if not said:
        outcome = (
            shown.plan.outcome(shown.plan.leading) if not asked.outcomes else asked.outcomes[0]
        )
        group, comparison = _sides(shown, outcome)
        said = [f"{capital(group)} compared with {comparison}: not in this place alone."]
    by = "" if asked.by is None else f" By {asked.by.replace('_', ' ')}."
    title = designs()[shown.plan.comparison.design].title
    said.append(f"Design: {title}; {way.words}.{by}")
    return shown.say(*said, kind="note")


def _sides(shown: Shown, outcome: Outcome) -> tuple[str, str]:
    """Who is compared, and with whom, in the words of the outcome or of the plan."""
    words = shown.plan.words
    return outcome.group or words.group, outcome.comparison or words.comparison


def _contrast(shown: Shown, asked: Asked, outcome: Outcome, row: Row) -> str:
    plan = shown.plan
    words = allowed_for(plan, row)
    alike = [word for word in words if word in plan.words.held_alike]
    further = [word for word in words if word not in alike]
    further += [w for w in characteristics(asked.adjust or ()) if w not in words]
    group, comparison = _sides(shown, outcome)
    within = f" Held alike: {listed(tuple(alike))}." if alike else ""
    allowing = f" Allowed for: {listed(tuple(further))}." if further else ""
    nothing = "" if alike or further else " Nothing is held alike."
    return f"{group} compared with {comparison}.{within}{allowing}{nothing}"


# -- all designs side by side ----------------------------------------------------------------------
def _side_by_side(shown: Shown, shows: Shows, asked: Asked) -> tuple[Section, list[Row]]:
    parts, rows = [], []
    for outcome in (o for o in asked.outcomes if o.compared):
        section, found = _designs_of(shown, shows, outcome)
        parts.append(section)
        rows += found
    return Section.of(*parts), rows


def _designs_of(shown: Shown, shows: Shows, outcome: Outcome) -> tuple[Section, list[Row]]:
    """Every design of one outcome: those of the same quantity in one table and figure, then the
    others."""
    same = [way for way in shows.designs.values() if not way.apart and not way.only.get(None)]
    rows = [row for way in same for row in _rows_of(shown, way, None, outcome)]
    if len(rows) < 2:
        said = NOT_HERE.format(noun=capital(outcome.noun), place=shown.place_name)
        return Section.of(shown.say(said.replace("this design is", "other designs are"))), rows
    title = f"The same question by other designs: {tables.outcome_words(outcome)}"
    table = _by_method(shown, shows, title, rows)
    drawn = [r for r in rows if r.group == EVERYONE and r.unit == rows[0].unit]
    drawn = [row for row in drawn if row.note != "bounds"]
    labels = [tables.method_words(shown.plan, row) for row in drawn]
    name = f"designs_{outcome.id}"
    chart = shown.chart(
        drawn,
        labels,
        table=table,
        name=name,
        title=f"{shown.place_name}: {outcome.noun}, by design",
    )
    parts: list[Part | Section | None] = [_designs_line(shown, outcome), table, chart]
    for way in (w for w in shows.designs.values() if w.apart and not w.only.get(None)):
        own = _rows_of(shown, way, None, outcome)
        rows += own
        if own:
            title = f"{capital(way.words)}: {tables.outcome_words(outcome)}"
            parts.append(_by_method(shown, shows, title, own))
    if shows.others is not None:
        parts.append(shows.others(shown, outcome))
    return Section.of(*parts), rows


def _designs_line(shown: Shown, outcome: Outcome) -> Prose:
    group, comparison = _sides(shown, outcome)
    line = f"{capital(group)} compared with {comparison}, each line by a design of its own."
    return shown.say(line, kind="note")


def _by_method(shown: Shown, shows: Shows, title: str, rows: Sequence[Row]) -> Table:
    return tables.estimates_table(
        title,
        rows,
        shown.plan,
        by_method=True,
        clearance=shown.clearance,
    )
