"""Disclosure limits that will bite, as a table and sentences."""

from collections.abc import Sequence

import pandas as pd

from analysis.disclosure.rules import load_rules
from analysis.plans.plan import Outcome, Plan
from analysis.protocol.limits import Cell
from analysis.protocol.tables import CLEARED
from analysis.protocol.wording import listed
from analysis.results import Table
from analysis.said.numbers import plain, tally
from analysis.said.texts import capital, named, say, sentence
from analysis.vocabulary.ethnicity import CODINGS
from analysis.vocabulary.regions import NATIONAL, place_set

WORDS = {"shown": "shown", "not_reliable": "[u] not reliable", "withheld": "[c] withheld"}


def limits_table(plan: Plan, outcome: Outcome, found: Sequence[Cell]) -> Table | None:
    """Each ethnic group: shown for all places together or not, and in how many places."""
    groups = list(dict.fromkeys(cell.group for cell in found))
    if not groups:
        return None
    many = place_set(plan.data.places).many
    rows = []
    for group in groups:
        own = [cell for cell in found if cell.group == group and cell.place != NATIONAL]
        nation = next(c for c in found if c.group == group and c.place == NATIONAL)
        cells = {plan.group_heading: group, "All together": WORDS[nation.shown]}
        for shown in WORDS:
            head = f"{capital(many)}: {WORDS[shown]}"
            cells[head] = plain(sum(cell.shown == shown for cell in own))
        rows.append(cells)
    title = named(f"{capital(outcome.noun)}: what can be shown, by {plan.characteristic}")
    expected = any(cell.expected for cell in found)
    notes = [*load_rules().notes()]
    if expected:
        notes.insert(0, _EXPECTED)
    return Table(title, pd.DataFrame(rows, dtype=object), CLEARED, tuple(notes))


_EXPECTED = say(
    "Of places not counted, but expected: the group's people of all places, shared out as everybody"
    " is."
)


@sentence
def limits_lines(
    plan: Plan, outcome: Outcome, found: Sequence[Cell], known: bool
) -> tuple[str, ...]:
    """Which cells will be withheld or not reliable, and what has to be put together."""
    noun = capital(outcome.noun)
    if not found:
        return (
            f"{noun}: no result of one {plan.characteristic} is planned, so that none can fall"
            " below the rules.",
        )
    own = [cell for cell in found if cell.place != NATIONAL]
    lines = [_counted_line(plan, noun, own)] if own else []
    nation = {cell.group: cell.shown for cell in found if cell.place == NATIONAL}
    hidden = [group for group, shown in nation.items() if shown == "withheld"]
    unsure = [group for group, shown in nation.items() if shown == "not_reliable"]
    if hidden:
        lines.append(
            f"Even for all together {listed(hidden)} will be withheld: they must be put together"
            " with others, or counted over a longer time."
        )
    if unsure:
        lines.append(f"For all together {listed(unsure)} will be counted, without a comparison.")
    only = [
        group
        for group, shown in nation.items()
        if shown == "shown" and own and not any(_is_shown(c) for c in own if c.group == group)
    ]
    if only:
        lines.append(
            f"{listed(only)}: for all together alone. By place they must be put together"
            f" ({plan.groups.reference} and all others), or left out."
        )
    if not known:
        lines.append(
            "How often the event happens is not assumed, so that people alone are counted: where it"
            " is rare, more will be withheld."
        )
    if plan.groups.national_only:
        fine = listed(
            [
                named(CODINGS[c].title) if c in CODINGS else named(c.replace("_", " "))
                for c in plan.groups.national_only
            ]
        )
        lines.append(f"Finer groups stand for all together alone: {fine}.")
    return tuple(lines)


def _is_shown(cell: Cell) -> bool:
    return cell.shown == "shown"


@sentence
def _counted_line(plan: Plan, noun: str, own: Sequence[Cell]) -> str:
    counts = {shown: sum(cell.shown == shown for cell in own) for shown in WORDS}
    expect = "are expected to" if own[0].expected else "will"
    return (
        f"{noun}: of {tally(len(own), 'groups')} cells of a place and {_article(plan)} about"
        f" {tally(counts['withheld'], 'groups')} {expect} be withheld,"
        f" {tally(counts['not_reliable'], 'groups')} are not reliable, and"
        f" {tally(counts['shown'], 'groups')} can be shown."
    )


def _article(plan: Plan) -> str:
    what = plan.characteristic
    return f"an {what}" if what[:1] in "aeiou" else f"a {what}"
