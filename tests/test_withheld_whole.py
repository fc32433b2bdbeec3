"""A place that the disclosure checker withholds whole: nothing that was found in it is in its own
record, and its people are in no number of the others."""

import json
from contextlib import contextmanager

import pytest

from analysis.clearing.together import set_together
from analysis.disclosure.attack.protection import (
    Decision,
    keep,
    whole_place,
    whole_places,
    withheld_places,
)
from analysis.notebook import open_study
from analysis.paths import EXAMPLE_RECORDS
from analysis.plans.emitted import NOT_IN
from analysis.plans.kinds import kind_of
from analysis.plans.registry import list_plans, load_plan, parse_source
from analysis.record import store
from analysis.record.row import FIELDS
from analysis.runs.checking.worked_out import released_again
from analysis.study.opening import open_exact, service_of
from analysis.study.place_record import withheld_record
from analysis.vocabulary.regions import ALL, NATIONAL, place_set
from analysis.workbench.study import Study
from analysis.workbench.withheld import SAID, WithheldStudy

SMALL = parse_source("synthetic:x0.1")
PLACE, OTHER, NAME = "london", "wales", "London"
SAID_OF_A_ROW = {"level", "outcome", "group", "direction", "estimand", "method", "unit"}
SAID_OF_A_ROW |= {"status", "reason", "family", "note", "sesoi", "result_class"}


@pytest.fixture
def withholding(tmp_path, monkeypatch):
    """A run that is made with a place withheld whole."""

    @contextmanager
    def inside(place: str = PLACE):
        file = tmp_path / "decision.json"
        keep(Decision(frozenset({whole_place(place)})), file)
        with monkeypatch.context() as patched:
            patched.setenv("WORKBOOK_DECISION", str(file))
            yield

    return inside


def test_a_place_stands_whole_among_names_of_counts():
    names = {"place=wales;outcome=recalled;count=people", whole_place(PLACE), "group=Black"}
    assert whole_places(names) == (PLACE,) and withheld_places() == ()


# -- the others -----------------------------------------------------------------------------------
def _by_kind() -> list:
    """A study of each kind and service that analyses all places at once."""
    found = {}
    for plan in list_plans():
        regions = "synthetic" in plan.data.sources and place_set(plan.data.places).ids
        if regions and plan.data.also_all and not kind_of(plan).placebos:
            found.setdefault((kind_of(plan).id, service_of(plan)), plan)
    return list(found.values())


QUICK = ("hate_crime_resource_pack", "race_allyship")


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(p, id=p.study, marks=() if p.study in QUICK else pytest.mark.slow)
        for p in _by_kind()
    ],
)
def test_the_people_of_the_place_are_in_no_number_of_all_together(plan, withholding):
    every, own = (open_exact(plan, place, SMALL)[0] for place in (ALL, PLACE))
    other = open_exact(plan, OTHER, SMALL)[0]
    with withholding():
        without, same = (open_exact(plan, place, SMALL)[0] for place in (ALL, OTHER))
    assert own.n_in > 0 and without.n_in == every.n_in - own.n_in
    assert without.n_used <= every.n_used
    assert (same.n_in, same.rows) == (other.n_in, other.rows)


# -- its own record and notebook ------------------------------------------------------------------
VERBS = {
    "answer": (),
    "people": (),
    "check": ("balance",),
    "compare": ("recalled",),
    "rates": (),
    "table": (),
    "plot": (None,),
    "columns": (),
    "ladder": (),
    "limits": (),
}


@pytest.fixture(scope="module")
def shown():
    return open_study("race_allyship", PLACE, str(SMALL))


def test_every_verb_of_a_study_is_one_of_a_withheld_one(shown):
    verbs = {
        name for name in vars(Study) if not name.startswith("_") and callable(vars(Study)[name])
    }
    assert verbs - {"plan", "record"} == set(VERBS)
    assert verbs - {"plan"} <= set(vars(WithheldStudy))


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_shows_what_was_found(shown, verb):
    withheld = WithheldStudy(shown._opened, shown._shows)
    section = getattr(withheld, verb)(*VERBS[verb])
    assert section.text == SAID and not section.tables and not section.charts
    with pytest.raises(LookupError):
        withheld._explored  # noqa: B018


def test_the_kernel_of_the_place_opens_a_study_that_says_nothing(withholding):
    with withholding():
        assert isinstance(open_study("race_allyship", PLACE, str(SMALL)), WithheldStudy)
        assert type(open_study("race_allyship", OTHER, str(SMALL))) is Study


def numbers_of(record) -> list:
    """Whatever a record says besides what was asked."""
    cells = [getattr(row, name) for row in record.rows for name in set(FIELDS) - SAID_OF_A_ROW]
    found = (record.n_in, record.n_used, *record.excluded, *record.checks)
    return [cell for cell in (*cells, *found) if cell is not None]


def test_its_records_private_and_released_hold_nothing_that_was_found(
    shown, withholding, tmp_path, monkeypatch
):
    exact, emitted = shown._exact, []
    assert numbers_of(exact)
    monkeypatch.setenv("WORKBOOK_PRIVATE", str(tmp_path))
    monkeypatch.setattr("analysis.study.place_record.display", lambda *a, **_: emitted.append(a))
    WithheldStudy(shown._opened, shown._shows).record()
    private = store.load(tmp_path / "record.json")
    assert numbers_of(private) == [] and {row.status for row in private.rows} == {"withheld"}
    assert json.loads((tmp_path / "counts.json").read_text()) == {"counts": [], "relations": []}
    assert emitted[0][0][store.MIME] == store.as_dict(private)
    with withholding():  # the runner comes to the same without the kernel, whatever it was given
        for given in (private, exact):
            assert released_again(shown._opened.plan, given, SMALL) == private


# -- beside the others ----------------------------------------------------------------------------
@pytest.mark.parametrize("study", QUICK[1:])
def test_beside_the_others_the_nation_says_who_is_not_in_it(study, withholding):
    plan = load_plan(study)
    with withholding():
        exact = {p: open_study(study, p, str(SMALL))._exact for p in (ALL, OTHER, PLACE)}
        joint = set_together(plan, exact, round_id="2026Q3")
        (said,) = (c.text for c in joint.national.checks if c.id == NOT_IN)
    assert said == f"{NAME} is in no number of all places together: withheld to protect people."
    assert numbers_of(joint.places[PLACE]) == [] and joint.places[PLACE].cleared
    assert joint.national.region == NATIONAL
    before = {p: open_study(study, p, str(SMALL))._exact for p in (ALL, OTHER, PLACE)}
    whole = set_together(plan, before, round_id="2026Q3")
    assert not [c for c in whole.national.checks if c.id == NOT_IN]
    assert whole.places[OTHER] == joint.places[OTHER]


def test_a_withheld_place_is_in_no_pool_and_no_total(withholding):
    from analysis.clearing.joint import set_beside

    plan = load_plan("ethnic_matching")
    made = open_study("ethnic_matching", "west_midlands", str(SMALL))._exact
    exact = {
        place: made.with_(region=place) for place in ("wales", PLACE, "north_west", "north_east")
    }
    parts = {place: one for place, one in exact.items() if place != PLACE}
    with withholding():
        joint = set_beside(plan, exact, round_id="2026Q3")
    others = set_beside(plan, parts, round_id="2026Q3")
    assert numbers_of(withheld_record(made)) == []
    assert joint.national.n_in == others.national.n_in and joint.national.n_in
    assert joint.national.checks == others.national.checks
    for row, beside in zip(joint.national.rows, others.national.rows, strict=True):
        assert row.with_(places_missing=None) == beside.with_(places_missing=None)
        assert PLACE in (row.places_missing or (PLACE,))
    for place in parts:
        assert joint.places[place].rows == others.places[place].rows
    assert numbers_of(joint.places[PLACE]) == []


def test_a_monitor_withholds_a_place_whole_by_the_same_rule(withholding):
    plan, place = load_plan("supervision"), "west_midlands"
    found = {p: store.load(EXAMPLE_RECORDS / plan.study / f"{p}.json") for p in (ALL, place)}
    with withholding(place):
        again = released_again(plan, found[place], parse_source("synthetic"))
        joint = set_together(plan, found, round_id="2026Q3")
    assert numbers_of(again) == [] and again == withheld_record(found[place])
    assert numbers_of(joint.places[place]) == []
    assert {row.result_class for row in joint.places[place].rows} <= {None, "withheld"}
    assert "withheld to protect people" in joint.places[place].sentences.headline
