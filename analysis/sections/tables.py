"""Tables that every study has: estimates, reasons, words for methods and amounts. Each is
cleared."""

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.disclosure.release import FACTS
from analysis.disclosure.rules import Clearance, load_rules
from analysis.disclosure.suppression import OTHER_REASONS, clear_table
from analysis.display.amounts import (
    estimate,
    interval,
    is_drawn,
    is_ranked,
    number,
    rank_words,
    row_amount,
    why_not,
)
from analysis.plans.kinds import kind_of
from analysis.plans.plan import Outcome, Plan
from analysis.record.row import Row
from analysis.results import EVERYONE, Table, significant
from analysis.study.words import in_plan_words

INTERVAL = "95% confidence interval"


def worded_table(
    plan: Plan,
    title: str,
    frame: pd.DataFrame,
    *,
    notes: tuple[str, ...] = (),
    clearance: Clearance,
) -> Table:
    """A table of cleared numbers: every cell becomes text, in the plan's own words."""
    text = frame.map(
        lambda cell: (
            in_plan_words(plan, cell)
            if isinstance(cell, str)
            else f"{cell:,}"
            if isinstance(cell, int)
            else "[z]"
            if cell != cell
            else f"{cell:g}"
        )
    )
    return table_in_plan_words(plan, clear_table(title, text, clearance=clearance), notes)


def table_in_plan_words(plan: Plan, table: Table, notes: tuple[str, ...] = ()) -> Table:
    """The table with its title, headings and notes in the plan's own words."""
    frame = table.to_frame().rename(
        columns=lambda name: (
            in_plan_words(plan, name.lower()).capitalize()
            if "ractitioner" in name
            else in_plan_words(plan, name)
        )
    )
    return Table(
        in_plan_words(plan, table.title),
        frame,
        table.cleared_by,
        tuple(in_plan_words(plan, note) for note in (*notes, *table.notes)),
    )


def method_words(plan: Plan, row: Row) -> str:
    """How a row was worked out, in words."""
    return kind_of(plan).method_named(row.method, row.estimand).words


def estimand_words(plan: Plan, row: Row) -> str:
    """What a row is about, in words."""
    return kind_of(plan).estimand_named(row.estimand).words


def excluded_table(
    plan: Plan,
    excluded: dict[str, int | None],
    reasons: Mapping[str, str],
    *,
    who: str = "People",
    clearance: Clearance,
    notes: tuple[str, ...] = (),
) -> Table:
    """Why people are not in the comparison; `excluded` as it may be shown, `reasons` the words of
    each reason.

    `notes`: who of the others is not in single outcomes, and why, in cleared numbers.
    """
    words = {**reasons, OTHER_REASONS: OTHER_REASONS}
    rows = [(words[r], "[c]" if n is None else f"{n:,}") for r, n in excluded.items()]
    frame = pd.DataFrame(rows or [("nobody is left out", "0")], columns=["Reason", who])
    title = "Who is not in the comparison, and why"
    table = counted(worded_table(plan, title, frame, clearance=clearance), clearance)
    said = tuple(in_plan_words(plan, note) for note in notes)
    return Table(table.title, table.to_frame(), table.cleared_by, (*said, *table.notes))


def estimates_table(
    title: str, rows: Sequence[Row], plan, *, by_method: bool = False, clearance: Clearance
) -> Table:
    """Released rows as a table: what is estimated, the best estimate with its interval, and what it
    rests on."""
    heading = heading_of_intervals(rows)
    cells = [
        {
            "Outcome": outcome_words(plan.outcome(row.outcome)),
            "Group": "everyone compared" if row.group == EVERYONE else row.group,
            ("How worked out" if by_method else "What"): (
                method_words(plan, row) if by_method else estimand_words(plan, row)
            ),
            "Best estimate": value_words(row),
            heading: interval_words(row),
            "People": people_words(row),
        }
        for row in rows
    ]
    compared = any(row.estimand not in FACTS for row in rows)
    notes = (
        ("People: those in offices and periods with practitioners of both kinds.",)
        if compared and plan.exposure
        else ()
    )
    return worded_table(plan, title, pd.DataFrame(cells), notes=notes, clearance=clearance)


def heading_of_intervals(rows: Sequence[Row]) -> str:
    """The heading of a column of intervals; of ranks, where rows have no more."""
    ranked, some = any(map(is_ranked, rows)), any(row.conf_low is not None for row in rows)
    if not ranked:
        return INTERVAL
    return f"{INTERVAL}, or rank" if some else "Rank"


def people_words(row: Row) -> str:
    """People that a row rests on: all of them for a fact, those in cells with both kinds of
    practitioner for a comparison."""
    people = row.n if row.estimand in FACTS else row.n_identifying
    return "[z]" if not people or row.note == "bounds" else f"{people:,}"


def value_words(row: Row) -> str:
    """The estimate with its unit, with as many decimals as its sentence has."""
    if row.status == "withheld":
        return "[c]"
    if row.status == "described":
        return "[z]" if row.value is None else _fact_words(row)
    known = is_drawn(row) or is_ranked(row)
    return f"{row_amount(row)}{_per(row.unit)}" if known else why_not(row)


def _fact_words(row: Row) -> str:
    """A fact with its unit."""
    assert row.value is not None  # a fact that is known
    if row.unit == "in_every_100":
        return f"{number(row.value, row.unit)} in every 100"
    value = f"{significant(row.value):,g}"
    return (
        f"£{value}" if row.unit == "money" else f"{value} points" if row.unit == "points" else value
    )


def interval_words(row: Row) -> str:
    if is_ranked(row):
        return rank_words(row)
    if row.conf_low is None:
        return "[c]" if row.status == "withheld" else "[z]"
    assert row.conf_high is not None  # an interval has both ends
    if row.estimand in FACTS and row.note != "bounds":  # of a share, which is no difference
        return f"{number(row.conf_low, row.unit)} to {number(row.conf_high, row.unit)}"
    beside = () if row.value is None else (row.value,)
    return interval(row.conf_low, row.conf_high, row.unit, matters=row.sesoi, beside=beside)


def _per(unit: str) -> str:
    return " in every 100" if unit == "in_every_100" else ""


def outcome_words(outcome: Outcome) -> str:
    """An outcome in a label: what it is, and whether the pilot changes who is behind it."""
    words = (outcome.plain or outcome.level).removeprefix("the ")
    return f"{words} (selected by the pilot)" if outcome.selected_by_pilot else words


def counted(table: Table, clearance: Clearance) -> Table:
    """A table of words made from counts in fives: the rules for counts stand under it."""
    if clearance.public:
        return table
    return Table(table.title, table.to_frame(), "rounded", load_rules().notes())


def rates_table(
    plan: Plan,
    outcome: Outcome,
    counts: pd.DataFrame,
    rows: Sequence[Row],
    groups: Sequence[str],
    *,
    clearance: Clearance,
) -> Table:
    """The event by ethnic group, beside the reference: counts in fives, ratio and interval worked
    out from them."""
    reference, cells = plan.groups.reference, []
    ratios = {
        row.group.split(" to ")[0]: row
        for row in rows
        if row.estimand == "relative_rate_index" and row.outcome == outcome.id
    }
    for group in groups:
        known, row = group in counts.index, ratios.get(group)
        drawn = estimate(row) if row is not None and is_drawn(row) else None
        cells.append(
            {
                plan.group_heading: group,
                "People": int(counts.loc[group, "people"]) if known else "[c]",
                "In every 100": (
                    f"{100 * counts.loc[group, 'events'] / counts.loc[group, 'people']:.1f}"
                    if known
                    else "[c]"
                ),
                f"Times as often as {reference}": (
                    f"{drawn[0]:.2f}" if drawn else ("[z]" if group == reference else "[c]")
                ),
                "95% confidence interval": (
                    interval(drawn[1], drawn[2], "times")
                    if drawn
                    else ("[z]" if group == reference else "[c]")
                ),
            }
        )
    title = f"By {plan.characteristic}: {plan.words.person} who {outcome.event}"
    return counted(
        worded_table(plan, title, pd.DataFrame(cells), clearance=clearance),
        clearance,
    )
