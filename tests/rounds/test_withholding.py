"""The disclosure checker may withhold more than the machine, never less: in the log, in its order,
and carried out before anybody signs."""

import json

import pytest
from test_site import seal

from analysis.disclosure.attack.protection import whole_place, whole_places
from analysis.errors import ParameterError, RunError
from analysis.paths import state_home
from analysis.plans.registry import Source, load_plan, places_to_run
from analysis.rounds.log import LOG, entries
from analysis.rounds.marks import marks_of
from analysis.rounds.withheld import withheld_by, withheld_now
from analysis.runs.planning import Run, decision_of, file_of_decision, task_of
from analysis.runs.release import releases
from analysis.runs.rounds import withholding
from analysis.runs.rounds.listing import round_lines
from analysis.runs.rounds.signing import Signing, sign, signing_of
from analysis.runs.rounds.withholding import check_can_withhold, withhold
from analysis.vocabulary.regions import NATIONAL
from rounds.signed_rounds import (
    MONITOR,
    NEXT,
    PEOPLE,
    PILOT,
    PLACES,
    RERUN,
    ROUND,
    answered,
    signed,
    write_round,
)

REASON = "A case before a court could be told from them."
PLACE, OTHER, THIRD = "wales", "london", "north_west"
CHECKER = PEOPLE["disclosure"]


@pytest.fixture(autouse=True)
def several_places(monkeypatch):
    monkeypatch.setitem(PLACES, PILOT, (NATIONAL, PLACE, OTHER, THIRD, "north_east"))


@pytest.fixture
def assured() -> Signing:
    return signed(write_round(PILOT, ROUND), ("analyst", "assurer"))


def code_of(ask, *given, **more) -> str:
    try:
        ask(*given, **more)
    except (RunError, ParameterError) as error:
        return error.code
    return ""


def carry_out(signing: Signing) -> None:
    """What the next run leaves, as far as it says what it was made from; its records change."""
    places = ",".join(withheld_now(signing.key))
    for link in signing.folder.iterdir():
        file = link.resolve() / "provenance.json"
        made = json.loads(file.read_text())
        made["made_from"] = {"withheld": places} if places else {}
        file.write_text(json.dumps(made))
        seal(link.resolve())


def signed_on(signing: Signing, step: str) -> str:
    return code_of(sign, signing, step, PEOPLE[step])


# -- when, and of what -----------------------------------------------------------------------------
def test_it_is_the_checkers_after_the_assurer_and_before_the_lead():
    signing = write_round(PILOT, ROUND)
    assert code_of(withhold, signing, PLACE, CHECKER, REASON) == "E395"
    sign(signing, "analyst", PEOPLE["analyst"])
    assert code_of(withhold, signing, PLACE, CHECKER, REASON) == "E395"
    sign(signing, "assurer", PEOPLE["assurer"])
    answered(signing)
    for step in ("disclosure", "lead"):
        sign(signing, step, PEOPLE[step])
    assert code_of(withhold, signing, PLACE, CHECKER, REASON) == "E403"
    assert code_of(withhold, signing, PLACE, CHECKER, REASON, undo=True) == "E403"
    assert withheld_now(signing.key) == ()


def test_it_may_be_taken_after_the_checker_has_signed(assured):
    answered(assured)
    sign(assured, "disclosure", CHECKER)
    withhold(assured, PLACE, CHECKER, REASON)
    assert signed_on(assured, "lead") == "E400"


def test_another_place_or_study_is_refused_and_valid_ones_are_named(assured):
    for place in ("kent", NATIONAL, "all"):
        with pytest.raises(ParameterError, match=rf"E212.*{OTHER}.*{PLACE}"):
            withhold(assured, place, CHECKER, REASON)
    with pytest.raises(ParameterError, match=r"E210.*ethnic_matching"):
        signing_of("etnic_matching", None, ROUND)
    assert not any(one.step == "withheld" for one in entries())


def test_the_reason_holds_no_figure_and_there_is_one(assured):
    for text in ("There were 3 people.", "", "See A1234BC."):
        assert code_of(withhold, assured, PLACE, CHECKER, text) == "E399"
    assert code_of(withhold, assured, PLACE, " ", REASON) == "E349"


def test_a_place_is_withheld_once_and_given_back_once(assured):
    assert code_of(withhold, assured, PLACE, CHECKER, REASON, undo=True) == "E401"
    withhold(assured, PLACE, CHECKER, REASON)
    assert code_of(withhold, assured, PLACE, CHECKER, REASON) == "E401"
    withhold(assured, PLACE, CHECKER, "It was another place.", undo=True)
    assert withheld_now(assured.key) == ()
    assert [one.text for one in entries()][-2:] == [REASON, "It was another place."]


def test_two_places_at_least_are_left(assured):
    withhold(assured, PLACE, CHECKER, REASON)
    withhold(assured, OTHER, CHECKER, REASON)
    assert code_of(withhold, assured, THIRD, CHECKER, REASON) == "E404"


def _signing(study: str, source: str = "synthetic") -> Signing:
    return Signing(load_plan(study), source, ROUND)


def test_where_a_place_cannot_be_protected_whole_it_is_refused():
    refused = {
        "commissioning_grants": "synthetic",  # regions are compared with each other
        "star_teacher_matching": "star",
        "berkeley_admissions": "counts",
        "youth_cascade": "published",
        "toronto_arrests": "counts-abc",
    }
    for study, source in refused.items():
        assert code_of(check_can_withhold, _signing(study, source)) == "E402", study
    for study in (PILOT, MONITOR, "psr_quality", "use_of_force", "race_allyship"):
        assert code_of(check_can_withhold, _signing(study)) == "", study


def test_what_was_released_of_the_same_data_cannot_be_withheld(assured, monkeypatch):
    data = {"study": PILOT, "data_hash": next(_hashes(assured))}
    monkeypatch.setattr(withholding, "releases", lambda: (type("Release", (), data)(),))
    assert code_of(withhold, assured, PLACE, CHECKER, REASON) == "E402"
    assert releases.releases() == ()


def _hashes(signing):
    for link in signing.folder.iterdir():
        yield json.loads((link / "results.json").read_text())["data_hash"]


# -- carried out -----------------------------------------------------------------------------------
def test_nobody_signs_before_it_is_carried_out(assured):
    answered(assured)
    withhold(assured, PLACE, CHECKER, REASON)
    with pytest.raises(RunError, match=f"E400.*workbook run {PILOT} --round {ROUND}"):
        sign(assured, "disclosure", CHECKER)
    carry_out(assured)
    assert signed_on(assured, "disclosure") == "" and signed_on(assured, "lead") == ""


def test_what_is_given_back_is_run_again_too(assured):
    answered(assured)
    withhold(assured, PLACE, CHECKER, REASON)
    carry_out(assured)
    withhold(assured, PLACE, CHECKER, "It was another place.", undo=True)
    assert signed_on(assured, "disclosure") == "E400"
    carry_out(assured)
    assert signed_on(assured, "disclosure") == ""


def test_one_place_that_was_not_run_again_is_enough_to_refuse(assured):
    answered(assured)
    carry_out(assured)
    before = (assured.folder / THIRD / "provenance.json").read_bytes()
    withhold(assured, PLACE, CHECKER, REASON)
    carry_out(assured)
    (assured.folder / THIRD / "provenance.json").write_bytes(before)
    seal((assured.folder / THIRD).resolve())
    assert signed_on(assured, "disclosure") == "E400"


def _run(place: str, round_id: str = ROUND) -> Run:
    from analysis.plans.registry import notebook_path

    notebook = notebook_path(load_plan(PILOT))
    return Run(PILOT, place, Source("synthetic"), round_id, notebook)


def test_every_place_is_run_again_under_the_decision(assured):
    before = {place: task_of(_run(place), "d") for place in places_to_run(load_plan(PILOT))}
    withhold(assured, PLACE, CHECKER, REASON)
    for place, was in before.items():
        task = task_of(_run(place), "d")
        assert whole_place(PLACE) in task.hidden and whole_places(task.hidden) == (PLACE,)
        assert task.made_from_dict["withheld"] == PLACE
        assert task.made_from_dict["protection"] != was.made_from_dict.get("protection")
    # of another round, and of another study, nothing changes
    assert decision_of(_run(PLACE, NEXT), "d").hidden == frozenset()
    assert withheld_now(("synthetic", ROUND, MONITOR)) == ()
    other = _run(PLACE, NEXT)
    assert file_of_decision(other, "d") != file_of_decision(_run(PLACE), "d")


def test_a_rerun_withholds_what_the_round_has_withheld(assured):
    withhold(assured, PLACE, CHECKER, REASON)
    source, _, study = assured.key
    assert withheld_now((source, RERUN, study)) == (PLACE,)
    assert withheld_now((source, NEXT, study)) == ()
    # and what the rerun gives back, the round keeps
    again = [*entries()]
    given = again[-1].__class__(**{**vars(again[-1]), "round_id": RERUN, "step": "given_back"})
    assert set(withheld_by([*again, given], assured.key)) == {PLACE}
    assert withheld_by([*again, given], (source, RERUN, study)) == {}


# -- what is told ----------------------------------------------------------------------------------
def test_it_is_listed_and_the_reason_stays_in_the_log(assured):
    withhold(assured, PLACE, CHECKER, REASON)
    (line,) = round_lines()
    assert f"withheld by the checker: {PLACE} {entries()[-1].day}" in line
    assert f"run it again: workbook run {PILOT} --round {ROUND}" in line
    assert REASON not in line and CHECKER not in line
    records = assured.standing().taken[-1].records
    marks = marks_of(assured.plan, assured.key, records, entries(), entries()[-1].day)
    assert REASON not in str(marks) and "checker" not in str(marks)
    assert entries()[-1].role == "disclosure checker"
    carry_out(assured)
    assert "run it again" not in next(round_lines())


def test_an_entry_that_was_changed_is_found(assured):
    withhold(assured, PLACE, CHECKER, REASON)
    log = state_home() / "rounds" / LOG
    text = log.read_text()
    log.write_text(text.replace(f'"region":"{PLACE}"', f'"region":"{OTHER}"'))
    if log.read_text() == text:
        log.write_text(text.replace(f'"region": "{PLACE}"', f'"region": "{OTHER}"'))
    assert log.read_text() != text
    assert code_of(withheld_now, assured.key) == "E329"
    assert code_of(task_of, _run(PLACE), "d") == "E329"
