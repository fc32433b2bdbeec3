"""What is signed stands still: on the disk, in the log, and for whatever is run later."""

import json
import multiprocessing
import os
import shutil
from datetime import UTC, datetime

import pytest
from test_site import seal

from analysis.errors import ParameterError, RunError
from analysis.judgement.wording.periods import day_words
from analysis.paths import reports, state_home
from analysis.record import store
from analysis.record.sealed import altered_file
from analysis.rounds.frozen import (
    frozen_folders,
    hashes_now,
    record_hash,
    round_to_run,
    signed_rounds,
)
from analysis.rounds.log import LOG, entries
from analysis.rounds.marks import DRAFT, RELEASED, SOME_DRAFTS, Marks, common_state, marks_of
from analysis.rounds.run_links import altered_runs
from analysis.rounds.runs_found import find_studies
from analysis.runs.ledger import Ledger
from analysis.runs.planning import Request, plan_batch
from analysis.runs.publishing import publish, remove_unlinked_runs, replace_record
from analysis.runs.rounds.fact_checking import fact_check
from analysis.runs.rounds.freezing import freeze_signed, is_frozen, thawed
from analysis.runs.rounds.listing import NOT_AS_SIGNED, round_lines
from analysis.runs.rounds.signing import sign, signing_of, whose_turn
from analysis.said.carried import read_out
from analysis.vocabulary.regions import NATIONAL
from rounds.signed_rounds import (
    CHECKER,
    MONITOR,
    NEXT,
    PEOPLE,
    PILOT,
    PLACES,
    RERUN,
    ROUND,
    answered,
    forced,
    signed,
    signed_round,
    write_round,
)


def code_of(ask, *given) -> str:
    try:
        ask(*given)
    except (RunError, ParameterError) as error:
        return error.code
    return ""


# -- who, and in which order -----------------------------------------------------------------------
def test_a_round_is_signed_step_by_step_and_pages_never_learn_a_name():
    signing = signed_round(PILOT, ROUND)
    taken = signing.standing().taken
    assert [(one.step, one.by) for one in taken] == list(PEOPLE.items())
    assert [one.role for one in taken][1] == str(signing.plan.people.assurer)
    assert set(taken[-1].records) == set(PLACES[PILOT]) == set(taken[-1].folders)
    assert "frozen" in next(round_lines())


def test_draft_and_blind_are_never_signed():
    assert code_of(signing_of, PILOT, None, "draft") == "E394"
    with pytest.raises(RunError, match="E394"):
        signing_of("ethnic_matching", "blind:synthetic", "2026Q3")


def test_a_step_out_of_its_order_leaves_no_line():
    signing = write_round(PILOT, ROUND)
    assert code_of(sign, signing, "lead", PEOPLE["lead"]) == "E395"
    assert code_of(sign, signing, "analyst", "  ") == "E349" and entries() == ()
    sign(signing, "analyst", PEOPLE["analyst"])
    assert code_of(sign, signing, "assurer", PEOPLE["analyst"].upper()) == "E397"
    assert [one.step for one in entries()] == ["analyst"]


def test_what_is_not_cleared_or_was_altered_is_not_signed():
    signing = write_round(PILOT, ROUND)
    place = signing.folder / "wales"
    (place / "results.json").write_text((place / "results.json").read_text() + " ")
    assert code_of(sign, signing, "analyst", "A") == "E326"
    record = store.load(place / "results.json").with_(cleared=False)
    store.write(record, place / "results.json")
    seal(place.resolve())
    assert code_of(sign, signing, "analyst", "A") == "E333"
    shutil.rmtree(signing.folder)
    assert code_of(sign, signing, "analyst", "A") == "E333"


def test_a_study_that_a_batch_is_at_is_not_signed():
    signing = write_round(PILOT, ROUND)
    ledger = Ledger()
    batch = ledger.begin({})
    ledger.claim(batch, [(*signing.key, "wales")], [{}])
    assert code_of(sign, signing, "analyst", "A") == "E323"
    ledger.close()
    assert code_of(sign, signing, "analyst", "A") == ""


def test_without_a_study_every_one_whose_turn_it_is_is_signed():
    for study in (PILOT, MONITOR):
        write_round(study, ROUND)
    sign(signing_of(PILOT, None, ROUND), "analyst", "A")
    assert [one.plan.study for one in whose_turn("analyst", None, ROUND)] == [MONITOR]
    assert [one.plan.study for one in whose_turn("assurer", None, ROUND)] == [PILOT]
    assert code_of(whose_turn, "lead", None, ROUND) == "E395"


def _lead(name: str) -> str:
    return code_of(sign, signing_of(PILOT, None, ROUND), "lead", name)


def test_of_two_leads_at_one_time_one_signs():
    signed(write_round(PILOT, ROUND), ("analyst", "assurer", "disclosure"))
    with multiprocessing.get_context("fork").Pool(2) as pool:
        codes = pool.map(_lead, ["One", "Two"])
    assert sorted(codes) == ["", "E379"]
    assert sum(one.step == "lead" for one in entries()) == 1


# -- the fact check --------------------------------------------------------------------------------
def test_a_region_is_asked_after_the_assurer_and_until_the_disclosure_checker():
    signing = write_round(PILOT, ROUND)
    assert code_of(fact_check, signing, "wales", CHECKER) == "E395"
    signed(signing, ("analyst", "assurer"))
    assert code_of(fact_check, signing, NATIONAL, CHECKER) == "E212"
    assert code_of(fact_check, signing, "kent", CHECKER) == "E212"
    answered(signing)
    sign(signing, "disclosure", PEOPLE["disclosure"])
    assert code_of(fact_check, signing, "wales", CHECKER) == "E399"
    sign(signing, "lead", PEOPLE["lead"])
    assert code_of(fact_check, signing, "wales", CHECKER) == "E379"


# -- frozen ----------------------------------------------------------------------------------------
def test_the_runs_of_a_signed_study_are_read_only():
    signing = signed_round(PILOT, ROUND)
    for place in PLACES[PILOT]:
        folder = (signing.folder / place).resolve()
        assert is_frozen(folder) and folder in frozen_folders()
        paths = [folder, *folder.rglob("*")]
        assert not any(path.stat().st_mode & 0o222 for path in paths)
        assert altered_file(folder) is None


def test_nothing_is_put_in_the_place_of_a_signed_run():
    signing = signed_round(PILOT, ROUND)
    other = write_round(PILOT, NEXT)
    was = (signing.folder / "wales").resolve()
    new = (other.folder / "wales").resolve()
    assert code_of(publish, new, signing.folder / "wales") == "E379"
    newer = store.write(store.load(was / "results.json"), signing.folder.parent / "newer.json")
    assert code_of(replace_record, was, newer) == "E379"
    assert (signing.folder / "wales").resolve() == was


def test_a_release_marks_a_signed_record_and_leaves_it_signed_and_read_only():
    signing = signed_round(PILOT, ROUND)
    folder = (signing.folder / "wales").resolve()
    before = record_hash(folder / "results.json")
    with thawed(folder):
        record = store.load(folder / "results.json").with_(audience="release")
        newer = store.write(record, folder / "private" / "r.json")
        replace_record(folder, newer, release={"number": 1})
    assert is_frozen(folder) and record_hash(folder / "results.json") == before
    assert altered_runs(reports(), ROUND) == {} and not signing.standing().changed


def test_a_signed_run_is_never_cleared_away_even_without_its_link():
    signing = signed_round(PILOT, ROUND)
    draft = write_round(MONITOR, ROUND)
    kept, gone = ((one.folder / NATIONAL).resolve() for one in (signing, draft))
    for one in (signing, draft):
        (one.folder / NATIONAL).unlink()
    for folder in (kept, gone):
        os.utime(folder, (0, 0))
    remove_unlinked_runs(frozen_folders())
    assert kept.is_dir() and not gone.exists()


def test_what_a_killed_lead_has_left_open_is_frozen_by_the_next_batch():
    signing = signed_round(PILOT, ROUND)
    folder = (signing.folder / "wales").resolve()
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode | 0o200)
    assert not is_frozen(folder)
    freeze_signed(frozen_folders())
    assert is_frozen(folder) and altered_file(folder) is None


# -- what pages say of it ---------------------------------------------------------------------
def words_of(signing) -> tuple[str, ...]:
    """The words of the strip."""
    records = hashes_now(signing.folder)
    today = datetime.now(UTC).date()
    marks = marks_of(signing.plan, signing.key, records, entries(), today)
    return marks.words("internal")


def test_the_strip_says_draft_fact_check_and_signed():
    signing = write_round(PILOT, ROUND)
    assert words_of(signing) == (DRAFT,)
    signed(signing, ("analyst", "assurer"))
    draft, check = words_of(signing)
    until = signing.standing().fact_check_until
    assert draft == DRAFT and check == read_out(f"fact check until {day_words(until)}")
    answered(signing)
    assert words_of(signing) == (DRAFT,)
    for step in ("disclosure", "lead"):
        sign(signing, step, PEOPLE[step])
    assert words_of(signing) == (read_out(f"signed by the lead on {day_words(entries()[-1].day)}"),)


def test_a_page_of_several_studies_says_one_state_or_that_some_are_drafts():
    draft, one = Marks(), Marks(("signed by the lead on a day",))
    assert common_state([(draft, "internal")] * 2) == (DRAFT,)
    assert common_state([(one, "internal")] * 2) == one.state
    assert common_state([(one, "internal"), (draft, "internal")]) == (SOME_DRAFTS,)
    assert common_state([(one, "release")] * 2) == (*one.state, RELEASED)
    assert common_state([(draft, "release")]) == (RELEASED,)
    # not all were released: nothing says so of all
    assert common_state([(one, "release"), (one, "internal")]) == one.state


# -- tampering -------------------------------------------------------------------------------------
def resealed(folder, **changed) -> None:
    """Another record in a frozen folder, with whose hashes nothing is wrong."""
    with thawed(folder):
        record = store.load(folder / "results.json").with_(**changed)
        store.write(record, folder / "results.json")
        seal(folder)


TAMPERED = {
    "another record that is signed as a run": lambda link: resealed(link.resolve(), n_in=5),
    "its record is gone": lambda link: forced(link / "results.json").unlink(),
    "its link is gone": lambda link: link.unlink(),
    "a letter more": lambda link: forced(link / "results.json").write_text("{} "),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_signed_record_that_was_changed_is_found_and_has_no_page(how):
    signing = signed_round(PILOT, ROUND)
    TAMPERED[how](signing.folder / "wales")
    assert altered_runs(reports(), ROUND) == {f"synthetic/{PILOT}/wales": "results.json"}
    assert f"{NOT_AS_SIGNED}: wales" in next(round_lines())
    (study,) = find_studies(reports(), ROUND)
    assert "wales" not in {run.place for run in study.runs}


def test_a_link_to_another_run_of_the_same_place_is_found():
    signing = signed_round(PILOT, ROUND)
    other = write_round(PILOT, NEXT, lambda record: record.with_(n_in=5))
    link = signing.folder / "wales"
    link.unlink()
    link.symlink_to((other.folder / "wales").resolve())
    assert set(altered_runs(reports(), ROUND)) == {f"synthetic/{PILOT}/wales"}


def test_a_line_of_the_log_that_was_changed_stops_everything():
    signing = signed_round(PILOT, ROUND)
    log = state_home() / "rounds" / LOG
    lines = log.read_text().splitlines()
    content = json.loads(lines[0]) | {"by": "Somebody Else"}
    log.write_text("\n".join([json.dumps(content, sort_keys=True), *lines[1:]]) + "\n")
    assert code_of(entries) == "E329" and code_of(sign, signing, "lead", "x") == "E329"
    assert code_of(plan_batch, Request((PILOT,), (), None, ROUND)) == "E329"


# -- run again -------------------------------------------------------------------------------------
def test_a_signed_study_is_run_again_under_a_name_of_its_own():
    for expected in (ROUND, RERUN, "2026Q3r3"):
        assert round_to_run("synthetic", PILOT, ROUND) == expected
        signed_round(PILOT, expected)
    assert round_to_run("synthetic", MONITOR, ROUND) == ROUND
    assert set(signed_rounds()) == {("synthetic", r, PILOT) for r in (ROUND, RERUN, "2026Q3r3")}


def test_nobody_names_a_rerun_of_what_is_not_signed():
    assert code_of(round_to_run, "synthetic", PILOT, RERUN) == "E216"
    signed_round(PILOT, ROUND)
    assert round_to_run("synthetic", PILOT, RERUN) == RERUN
    assert code_of(round_to_run, "synthetic", PILOT, "2026Q3r3") == "E216"


@pytest.mark.parametrize("force", [False, True])
def test_a_batch_plans_the_rerun_of_a_signed_study_and_the_round_of_others(force):
    signed_round(PILOT, ROUND)
    write_round(MONITOR, ROUND)
    planned = plan_batch(Request((PILOT, MONITOR), ("wales",), None, ROUND), force=force)
    assert {(task.run.study, task.run.round_id) for task in planned.to_run} == {
        (PILOT, RERUN),
        (MONITOR, ROUND),
    }
