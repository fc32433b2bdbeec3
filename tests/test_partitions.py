"""No withheld group of a shown whole comes back by subtraction, whatever the kind of study.

The attack reads committed records as anybody can: it takes what is shown of the parts from what is
shown of the whole.
"""

import itertools
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.disclosure.attack.protection import NOTHING
from analysis.disclosure.partitions import Part, protected
from analysis.disclosure.parts import ARMS, GROUPS, Role, protected_names, role_of
from analysis.disclosure.release import released_rows
from analysis.disclosure.rules import Clearance, is_small, load_rules
from analysis.paths import EXAMPLE_RECORDS
from analysis.plans.plan import Plan
from analysis.plans.registry import list_plans
from analysis.record import store
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.results import EVERYONE, Estimate, Support

PRIVATE = Clearance(public=False, clusters_are_people=False, hidden=NOTHING)

PILOTS = [plan for plan in list_plans() if isinstance(plan, Plan)]
PATHS = [p for plan in PILOTS for p in sorted((EXAMPLE_RECORDS / plan.study).glob("*.json"))]
TOGETHER = "minority ethnic groups"


def people(low: int, high: int, shown: bool, withheld: bool):
    return st.tuples(st.integers(low, high), st.integers(low, high)).map(
        lambda cells: (cells, shown, withheld)
    )


@st.composite
def partitions(draw):
    """Two to six parts; one or more small ones are withheld, and some have no estimate."""
    kinds = st.one_of(
        people(0, 40, False, True), people(0, 9, False, False), people(10, 900, True, False)
    )
    return [Part(f"part {n}", *draw(kinds)) for n in range(draw(st.integers(2, 6)))]


@given(partitions())
def test_what_comes_out_by_subtraction_is_two_groups_and_enough_people(parts):
    found = protected(parts)
    withheld = [part for part in parts if part.withheld]
    if not withheld:
        assert found.parts == frozenset() and not found.whole
        return
    assert {part.name for part in withheld} <= found.parts
    left = [part for part in parts if part.shown and part.name not in found.parts]
    if left:
        hidden = [part for part in parts if part not in left]
        together = [sum(cell) for cell in zip(*(part.cells for part in hidden), strict=True)]
        assert len(found.parts) >= 2 and not any(is_small(n, load_rules()) for n in together)
    elif not found.whole:
        assert sum(part.people > 0 for part in parts) >= 2


@given(partitions())
def test_no_smaller_part_is_left_while_a_larger_one_goes(parts):
    found = protected(parts)
    left = [part.people for part in parts if part.shown and part.name not in found.parts]
    gone = [part.people for part in parts if part.shown and part.name in found.parts]
    assert not left or not gone or max(gone) <= min(left)


def test_a_lone_part_takes_the_whole_with_it():
    alone = [Part("White", (4, 60), False, True), Part("Asian", (0, 0), False, False)]
    assert protected(alone).whole
    beside = [*alone, Part("Black", (12, 30), True, False)]
    assert protected(beside).parts == {"White", "Black"} and not protected(beside).whole


# -- the attack on committed records ---------------------------------------------------------------
def shown(row: dict) -> bool:
    return row.status in ("estimated", "described") and row.n is not None


def counts(row: dict) -> tuple[int, int]:
    """People on either side, or with and without, as they are shown."""
    whole = row.n_identifying or row.n
    return row.n_treated or 0, whole - (row.n_treated or 0)


def partitions_in(record: dict, plan: Plan):
    """Wholes and parts of each outcome by what the rows are about: everyone, groups, and all
    minority groups."""
    for outcome in {row.outcome for row in record.rows}:
        about = next(o for o in plan.outcomes if o.id == outcome)
        rows = [r for r in record.rows_where(outcome=outcome) if role_of(r) != Role()]
        whole = next((r for r in rows if r.group == EVERYONE and shown(r)), None)
        estimands = {r.estimand for r in rows if r.group != EVERYONE}
        for estimand in estimands:
            parts = {r.group: r for r in rows if r.group != EVERYONE and r.estimand == estimand}
            inside = {
                g: r for g, r in parts.items() if not about.only_groups or g in about.only_groups
            }
            if TOGETHER in inside:
                broad = {g: r for g, r in inside.items() if g in (TOGETHER, plan.groups.reference)}
                fine = {g: r for g, r in inside.items() if g not in broad}
                yield outcome, whole, broad
                yield outcome, inside[TOGETHER] if shown(inside[TOGETHER]) else None, fine
            else:
                yield outcome, whole, inside


def given_back(record: Record, plan: Plan) -> list[str]:
    """Withheld groups that are the only one missing from a whole that is shown."""
    found = []
    for outcome, whole, parts in partitions_in(record, plan):
        hidden = [group for group, row in parts.items() if row.status == "withheld"]
        silent = [group for group, row in parts.items() if not shown(row) and group not in hidden]
        if whole is None or len(hidden) != 1 or silent:
            continue
        left = [counts(row) for row in parts.values() if shown(row)]
        rest = (
            [w - sum(c) for w, c in zip(counts(whole), zip(*left, strict=True), strict=True)]
            if left
            else []
        )
        found.append(f"{outcome}, {hidden[0]}: {rest}")
    return found


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_withheld_group_of_a_committed_record_comes_back(path):
    plan = next(plan for plan in PILOTS if plan.study == path.parent.name)
    assert given_back(store.load(path), plan) == []


def test_the_attack_has_teeth():
    """The record as it was: one group withheld beside four that are shown, and all of them
    together."""
    plan = next(plan for plan in PILOTS if plan.study == "gamified_training")
    record = store.load(EXAMPLE_RECORDS / "gamified_training" / "national.json")
    rows = []
    for row in record.rows:
        numbers = {"n": 2000, "n_identifying": 400, "n_treated": 200, "status": "estimated"}
        mixed = row.outcome == "leaving" and row.group == "Mixed"
        rows.append(row.with_(**numbers) if mixed else row)
    assert any(
        "leaving, Other" in text for text in given_back(record.with_(rows=tuple(rows)), plan)
    )


# -- what a study says of its rows -----------------------------------------------------------------
@cache
def row(group: str, n: int, smallest: int = 40, estimand: str = "group_effect"):
    support = Support(
        n=n,
        n_identifying=n,
        n_treated=n // 2,
        persons=n,
        smallest_cell=smallest,
        residual_df=500,
        clusters_treated=20,
        clusters_comparison=20,
    )
    result = Estimate(estimand, "any_method", "points", 1.0, 0.5, 1.5, 0.2, 0.01, support=support)
    return Row.of(result, level="society", outcome="x", group=group, direction="lower")


def released(rows: list[Row]) -> dict[str, str]:
    done = released_rows(rows, place="wales", clearance=PRIVATE)
    return {r.group: r.status for r in done}


@pytest.mark.parametrize("estimand", ["group_effect", "own_group_gap", "an_estimand_to_come"])
def test_protection_does_not_depend_on_the_name_of_what_is_estimated(estimand):
    rows = [row(EVERYONE, 900, estimand="some_effect")]
    rows += [row("White", 600, estimand=estimand), row("Asian", 200, estimand=estimand)]
    found = released([*rows, row("Black", 90, smallest=4, estimand=estimand)])
    assert found == {
        EVERYONE: "estimated",
        "White": "estimated",
        "Asian": "withheld",
        "Black": "withheld",
    }


def test_a_group_that_the_outcome_is_not_about_protects_nobody():
    rows = [row(EVERYONE, 300), row("Asian", 200), row("Black", 90, smallest=4)]
    found = released([*rows, row("White", 50).with_(role=Role())])
    assert found["White"] == "estimated" and found["Asian"] == "withheld"


def test_a_part_that_is_a_whole_itself_is_looked_at_both_ways():
    """White and all others make up everyone; all others are made up of their groups."""
    both = row(TOGETHER, 300).with_(role=Role((TOGETHER,), part_of=GROUPS))
    fine = [
        row(group, n, smallest).with_(role=Role(part_of=TOGETHER))
        for group, n, smallest in (("Asian", 200, 40), ("Black", 90, 40), ("Other", 20, 3))
    ]
    found = released([row(EVERYONE, 900), row("White", 600), both, *fine])
    assert {group for group, status in found.items() if status == "withheld"} == {"Black", "Other"}


def test_arms_of_a_trial_are_parts_of_those_who_were_offered_the_programme():
    arms = [
        row(EVERYONE, n, smallest, "arm_difference").with_(
            note="second_opinion", role=Role((), ARMS, name)
        )
        for name, n, smallest in (("cascade", 200, 40), ("virtual_reality", 90, 3))
    ]
    rows = [row(EVERYONE, 290), *arms]
    names = protected_names(rows, released_rows(rows, place="wales", clearance=PRIVATE))
    assert {name for _, name in names} >= {"cascade", "virtual_reality"}


def test_every_order_of_rows_gives_the_same_decision():
    rows = [row(EVERYONE, 900), row("White", 600), row("Asian", 200), row("Black", 90, smallest=4)]
    assert (
        len(
            {tuple(sorted(released(list(order)).items())) for order in itertools.permutations(rows)}
        )
        == 1
    )
