"""Every count of a pilot is noted where it is cleared, hangs together as it truly does, and none
that is protected comes out once the joint decision is kept."""

from collections.abc import Iterator
from itertools import permutations

import pandas as pd
import pytest
from chosen import spread

from analysis.disclosure.attack.cheapest import cheapest
from analysis.disclosure.attack.known import OPEN, Count, Known, key, total
from analysis.disclosure.attack.narrowest import attack
from analysis.disclosure.attack.noted import forget, noted
from analysis.disclosure.attack.protection import NOTHING, Decision, decision_file, keep
from analysis.disclosure.named.flow import released_flow
from analysis.disclosure.named.names import dimensions_of, linked
from analysis.disclosure.named.tables import TableNames, counted_table
from analysis.disclosure.rules import Clearance, load_rules
from analysis.notebook import open_study
from analysis.plans.kinds import kind_of, named
from analysis.plans.registry import load_plan, parse_source, plan_hash
from analysis.record.row import SUPPORT_KEYS
from analysis.study.data_version import data_hash
from analysis.study.place_record import released_record
from analysis.vocabulary.regions import ALL

PRIVATE = Clearance(public=False, clusters_are_people=False, hidden=NOTHING)
SOURCE = "synthetic:x0.1"
PILOTS = (
    ("ethnic_matching", ("wales", "london")),
    ("gamified_training", (ALL, "wales")),
    ("manager_training", (ALL, "london")),
    ("psr_quality", ("wales",)),
    ("outreach_recruitment", (ALL, "wales")),
    ("london_inclusive_leadership", (ALL, "wales")),
    ("commissioning_grants", (ALL, "wales")),
    ("performance_management_adopters", (ALL, "wales")),
    ("assessment_quality", (ALL, "wales")),
    ("discrimination_reporting", (ALL, "wales")),
    ("assessment_centre_webinars", (ALL, "wales")),
    ("lived_experience_recruitment", (ALL, "wales")),
    ("accredited_programmes", (ALL, "wales")),
    ("progression_schemes", ("london",)),
    ("race_allyship", (ALL, "wales")),
    ("hate_crime_resource_pack", (ALL, "wales")),
    ("culture_events", (ALL,)),
    ("prison_culture", ("wales",)),
    ("use_of_force_governance", ("london",)),
    ("senior_operational_support", ("wales",)),
    ("culturally_informed_services", ("london",)),
    ("investigator_training", (ALL, "wales")),
    ("everyday_inclusion", (ALL, "wales")),
    ("safe_spaces", (ALL, "london")),
    ("reverse_mentoring", (ALL, "wales")),
    ("mentoring", (ALL, "wales")),
    ("reflective_supervision", (ALL, "wales")),
)


@pytest.fixture(autouse=True)
def _apart(tmp_path, monkeypatch) -> Iterator[None]:
    monkeypatch.setenv("WORKBOOK_STATE", str(tmp_path))
    forget()
    yield
    forget()


def hiding(*names: str) -> Clearance:
    return Clearance(public=False, clusters_are_people=False, hidden=frozenset(names))


# -- tables ----------------------------------------------------------------------------------------
NAMES = TableNames("wales", "planted", {"Group": "group"}, {"People": "people", "Total": "total"})
FRAME = pd.DataFrame({"Group": ["White", "Black", "Asian"], "People": [118, 43, 4]})


def test_a_total_that_is_printed_beside_its_withheld_part_is_found():
    """The planted leak: two of three parts and their total, as they round, leave 0 to 6."""
    counts = {"People": "people"}
    names = TableNames("wales", "planted", {"Group": "group"}, counts)
    counted_table("Planted", FRAME, names=names, clearance=PRIVATE)
    assert not attack(linked(noted())).recovered  # nobody prints the total yet
    everyone = TableNames("wales", "total", {"Who": "group"}, {"People": "everyone"})
    total = pd.DataFrame({"Who": ["all"], "People": [int(FRAME["People"].sum())]})
    counted_table("Total", total, names=everyone, clearance=PRIVATE)
    told = attack(linked(noted())).recovered
    assert [cell.key for cell in told] == [names.name({"Group": "Asian"}, "People")]


def test_a_hidden_cell_is_withheld_with_the_rates_that_are_made_of_it():
    names = TableNames("wales", "t", {"Group": "group"}, {"People": "people", "Event": "with"})
    frame = FRAME.assign(People=[120, 45, 60], Event=[60, 20, 30])
    rates = {"Rate": ("Event", "People")}
    hidden = names.name({"Group": "Black"}, "Event")
    table = counted_table("T", frame, names=names, rates=rates, clearance=hiding(hidden)).to_frame()
    assert list(table.loc[1, ["People", "Event", "Rate"]]) == [45, "[c]", "[c]"]
    assert list(table.loc[0, ["People", "Event", "Rate"]]) == [120, 60, 50.0]
    assert noted().counts[hidden].is_withheld


def test_either_part_of_two_is_withheld_with_the_other():
    columns = {"All": "compared", "Matched": "with", "Not": "without"}
    names = TableNames("wales", "t", {"Group": "group"}, columns)
    frame = pd.DataFrame({"Group": ["a", "b"], "All": [178, 90], "Matched": [6, 40]})
    frame["Not"] = frame["All"] - frame["Matched"]
    parts = [("All", "Matched", "Not")]
    shown = counted_table("T", frame, names=names, together=parts, clearance=PRIVATE).to_frame()
    assert list(shown.loc[0, ["All", "Matched", "Not"]]) == [180, "[c]", "[c]"]
    assert list(shown.loc[1, ["All", "Matched", "Not"]]) == [90, 40, 50]
    assert not attack(linked(noted())).recovered


def test_the_flow_withholds_what_the_decision_names_and_notes_that_it_adds_up():
    flow = {"n_in": 1123, "n_used": 1003, "excluded": {"a": 113, "b": 7}}
    clearance = hiding(key(place="wales", count="n_used"))
    shown = released_flow(**flow, place="wales", clearance=clearance)
    assert shown["n_used"] is None
    counts = noted().counts
    assert {dimensions_of(name)["count"] for name in counts} >= {"n_in", "n_used", "excluded:b"}
    assert counts[key(place="wales", count="excluded:b")].protected
    agree(noted())


def test_that_nobody_is_left_out_is_noted():
    released_flow(n_in=130, n_used=130, excluded={}, place="wales", clearance=PRIVATE)
    found = noted().counts[key(place="wales", count="excluded")]
    assert (found.exact, found.low, found.high, found.protected) == (0, 0, 0, False)


def test_a_reason_that_is_listed_and_withheld_is_known_to_be_no_small_number():
    released_flow(n_in=134, n_used=130, excluded={"a": 4}, place="wales", clearance=PRIVATE)
    hidden = hiding(key(place="leeds", count="excluded:b"))
    released_flow(n_in=150, n_used=130, excluded={"b": 20}, place="leeds", clearance=hidden)
    known = noted().counts
    assert known[key(place="leeds", count="excluded:b")].low == 10
    assert known[key(place="wales", count="excluded:a")].low == 0


def agree(known: Known) -> None:
    """What is said of the counts is true of the exact ones."""
    for count in known.counts.values():
        assert count.low <= count.exact <= count.high, count.key
    for said in known.relations:
        found = sum(times * known.counts[name].exact for name, times in said.terms)
        assert said.low <= found <= said.high, said


def test_a_third_number_makes_no_whole_and_part_one():
    """People with the event, all people, and people of another outcome are equally many: taken for
    one, all without the event would be told."""
    people = [
        Count(key(place="wales", outcome=o, group="all", by=b, count=c), 40, 0, OPEN)
        for o, b, c in (
            ("relevance", "rows", "people"),
            ("knowledge", "rows", "people"),
            ("relevance", "rows", "with"),
        )
    ]
    for order in permutations(people):
        found = linked(Known.of(order)).relations
        same = {name for said in found for name, _ in said.terms}
        assert len(found) == 1 and not {people[0].key, people[2].key} <= same


# -- pilots ----------------------------------------------------------------------------------------
def shown_in(study_id: str, place: str) -> tuple[Known, object]:
    """All that the place's notebook shows of counts, as one kernel of it notes them."""
    study = open_study(study_id, place, SOURCE)
    study.people()
    study.check()
    if study.designs:  # outputs are compared with nothing
        study.compare(design="all")
    study.rates("all")
    opened = study._opened
    released = opened.released  # first: its rows are noted while they are cleared
    return opened.known, released


def of_pilot(study_id: str, places: tuple[str, ...]) -> Known:
    """Everything that is public of a study, which is true of the exact counts."""
    found = {place: shown_in(study_id, place)[0] for place in places}
    for known in found.values():
        agree(known)
    known = Known.of(
        (count for one in found.values() for count in one.counts.values()),
        (said for one in found.values() for said in one.relations),
    )
    if hangs_together := kind_of(load_plan(study_id)).hangs_together:
        known += Known.of((), named(hangs_together)(load_plan(study_id), found))
    return known


@pytest.mark.parametrize(
    ("study_id", "places"), spread(PILOTS, 9), ids=[study for study, _ in PILOTS]
)
def test_no_protected_count_of_a_pilot_is_told_under_the_joint_decision(study_id, places):
    source = parse_source(SOURCE)
    file = decision_file(study_id, source.folder, data_hash(source), plan_hash(study_id))
    decision = Decision()
    for _ in range(4):
        known = of_pilot(study_id, places)
        if not attack(known).recovered:
            break
        further = cheapest(known, prove=False).hidden
        decision = decision.with_({place: further for place in places})
        keep(decision, file)
    assert not attack(known).recovered
    assert not [c.key for c in known.counts.values() if c.protected and not c.is_withheld]
    for name in decision.hidden & known.counts.keys():
        assert known.counts[name].is_withheld, name


@pytest.mark.parametrize("study_id", ["ethnic_matching", "gamified_training"])
def test_every_count_of_a_released_row_is_noted_as_it_is_printed(study_id):
    place = "london" if study_id == "ethnic_matching" else ALL
    known, released = shown_in(study_id, place)
    printed = {
        (row.outcome, getattr(row, name))
        for row in released.rows
        for name in ("n", "n_treated")
        if getattr(row, name)
        and " to " not in row.group
        and row.note != "bounds"
        and row.method != "crude_means"
    }
    step = load_rules().rounding_base.value // 2
    noted_as = {
        (dimensions_of(c.key).get("outcome"), c.low + step)
        for c in known.counts.values()
        if not c.is_withheld
    }
    missing = printed - noted_as
    assert printed and not missing


def test_a_row_with_a_hidden_count_is_withheld_as_a_whole_and_never_pooled():
    study = open_study("ethnic_matching", "london", SOURCE)
    exact = study._opened.exact
    study._opened.released  # noqa: B018  notes what stands in the rows
    row = next(r for r in study._opened.released.rows if r.status == "estimated" and r.n)
    names = [
        c.key
        for c in noted().counts.values()
        if dimensions_of(c.key).get("outcome") == row.outcome
        and c.where.startswith("row")
        and c.low <= row.n <= c.high
        and dimensions_of(c.key).get("group") == row.group
    ]
    clearance = Clearance(public=False, clusters_are_people=True, hidden=frozenset(names))
    again = released_record(exact, clearance=clearance)
    withheld = again.find(
        outcome=row.outcome, group=row.group, estimand=row.estimand, method=row.method
    )
    assert withheld.status == "withheld" and withheld.value is None
    assert all(getattr(withheld, name) is None for name in SUPPORT_KEYS)


def test_two_sides_that_are_equally_many_are_not_taken_for_one():
    """They are other people: that one side is as large as the other stands nowhere."""
    sides = [key(place="wales", group="Asian", count=side) for side in ("treated", "comparison")]
    whole = key(place="wales", group="Asian", count="n_identifying")
    again = key(place="wales", group="Asian", by="elsewhere", count="treated")
    counts = [Count(whole, 90, 88, 92)]
    counts += [Count(name, 45, 43, 47) for name in (*sides, again)]
    said = linked(Known.of(counts, [total(whole, sides, "both sides are all")])).relations
    joined = [{name for name, _ in each.terms} for each in said if len(each.terms) == 2]
    assert joined and set(sides) not in joined
