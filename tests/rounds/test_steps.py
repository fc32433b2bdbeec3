"""Steps are taken in their order, by two people, over records that have not changed since."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import RunError
from analysis.rounds.log import FACT_CHECK, ORDER, Entry
from analysis.rounds.steps import check_step, same_person, standing

RECORDS = {"national": "a", "wales": "b", "london": "c"}
REGIONS = ("wales", "london")
DAY = date(2026, 10, 5)  # a Monday


def entry(step: str, by: str = "x", records=RECORDS, day: date = DAY, **more) -> Entry:
    time = f"{day}T09:30:00+00:00"
    return Entry("2026Q3", "synthetic", "any", step, by, step, dict(records), time, **more)


def answer(region: str, records=RECORDS) -> Entry:
    return entry(FACT_CHECK, records={region: records[region]}, region=region)


TAKEN = (entry("analyst", "A"), entry("assurer", "B"))
ANSWERED = (*TAKEN, answer("wales"), answer("london"))


def refused(log, step: str, by: str = "x", records=RECORDS, today: date = DAY) -> str:
    """The code with which a step is refused; empty where it may be taken."""
    try:
        check_step(standing(log, records, REGIONS), step, by, today)
    except RunError as error:
        return error.code
    return ""


def test_each_step_waits_for_the_one_before():
    for taken in range(len(ORDER)):
        log = [entry(step, by=step) for step in ORDER[:taken]]
        log += [answer("wales"), answer("london")]
        for step in ORDER:
            assert (refused(log, step) == "") == (step == ORDER[taken]), (taken, step)


@pytest.mark.parametrize("name", ["A", "a", " A ", "a."])
def test_the_assurer_is_not_the_analyst_however_the_name_is_written(name):
    assert refused(TAKEN[:1], "assurer", name) == "E397" and same_person(name, "A")


def test_nobody_signs_twice_what_is_signed():
    log = (*ANSWERED, entry("disclosure"), entry("lead"))
    assert {refused(log, step) for step in ORDER} == {"E379"}
    assert refused(TAKEN[:1], "analyst") == "E395"


@pytest.mark.parametrize("place", RECORDS)
def test_a_record_that_changes_asks_for_all_steps_again(place):
    changed = RECORDS | {place: "other"}
    for taken in (1, 2):
        log = TAKEN[:taken]
        assert refused(log, ORDER[taken], records=changed) == "E396"
        assert refused(log, "analyst", records=changed) == ""
    again = (*TAKEN, entry("analyst", "A", changed))
    assert refused(again, "disclosure", records=changed) == "E395"
    assert refused(again, "assurer", "B", records=changed) == ""


def test_a_place_that_is_gone_or_new_counts_as_a_change():
    for records in ({"national": "a", "wales": "b"}, RECORDS | {"kent": "d"}):
        assert refused(TAKEN, "disclosure", records=records) == "E396"


# -- fact check ------------------------------------------------------------------------------------
def test_the_fact_check_ends_after_five_working_days_or_with_the_last_answer():
    last = DAY + timedelta(days=7)
    assert standing(TAKEN, RECORDS, REGIONS).fact_check_until == last
    assert refused(TAKEN, "disclosure", today=last) == "E398"
    assert refused(TAKEN, "disclosure", today=last + timedelta(days=1)) == ""
    assert refused(ANSWERED[:3], "disclosure") == "E398" and refused(ANSWERED, "disclosure") == ""


def test_an_answer_is_of_the_record_that_the_region_saw():
    changed = RECORDS | {"wales": "other"}
    log = (*ANSWERED, entry("analyst", "A", changed), entry("assurer", "B", changed))
    now = standing(log, changed, REGIONS)
    assert set(now.answers) == {"london"}
    assert refused(log, "disclosure", records=changed) == "E398"


def test_the_last_answer_of_a_region_counts():
    log = (*ANSWERED, replace(answer("wales"), text="Moved."))
    assert standing(log, RECORDS, REGIONS).answers["wales"].text == "Moved."


# -- whatever is tried -----------------------------------------------------------------------------
TRIES = st.lists(
    st.tuples(
        st.sampled_from((*ORDER, FACT_CHECK, "change")),
        st.sampled_from(("Ann", "Bo")),
        st.sampled_from(REGIONS),
    ),
    max_size=40,
)


@given(TRIES)
def test_whatever_is_tried_a_signed_study_went_through_every_step_over_its_records(tries):
    log: list[Entry] = []
    records, changes = dict(RECORDS), 0
    for step, by, region in tries:
        if standing(log, records, REGIONS).signed:
            break
        if step == "change":
            changes += 1
            records = records | {region: f"v{changes}"}
        elif step == FACT_CHECK:
            log.append(answer(region, records))
        elif not refused(log, step, by, records):
            log.append(entry(step, by, records))
    now = standing(log, records, REGIONS)
    if now.signed:
        assert tuple(one.step for one in now.taken) == ORDER
        assert all(dict(one.records) == records for one in now.taken)
        assert now.taken[0].by != now.taken[1].by and set(now.answers) == set(REGIONS)
