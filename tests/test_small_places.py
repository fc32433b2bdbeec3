"""A place with hardly anybody is refused in words; nothing divides by a count that rounds to
nobody."""

import pytest
from changed_records import some_record

from analysis.disclosure.attack.protection import NOTHING
from analysis.disclosure.rules import Clearance
from analysis.extracts.frames.dyads import Dyads, people_and_practitioners
from analysis.plans.registry import load_plan, parse_source
from analysis.studies.matching.study import MatchingStudy
from analysis.studies.matching.tables import balance_table
from analysis.study.opening import open_exact
from analysis.study.place_record import released_record
from analysis.synthetic.nation import make_region

PRACTITIONERS = Clearance(public=False, clusters_are_people=True, hidden=NOTHING)

PLAN = load_plan("ethnic_matching")


def study_of(kept) -> MatchingStudy:
    dyads = people_and_practitioners(make_region("south_west", people=800))
    frame = dyads.frame
    return MatchingStudy(
        PLAN,
        "south_west",
        Dyads(frame[kept(frame)], dyads.outcomes, dyads.covariates, dyads.coding),
        False,
        hidden=NOTHING,
    )


def other_than_own(frame, most: int):
    """Everyone with a practitioner of the own group, and at most so many with another one."""
    own = frame["person_group"] == frame["practitioner_group"]
    return own | (~own & ((~own).cumsum() <= most))


@pytest.mark.parametrize("most", [0, 1, 2, 3, 12])
def test_few_people_on_one_side_end_in_words_and_not_in_a_division_by_nothing(most):
    study = study_of(lambda frame: other_than_own(frame, most))
    check = next(check for check in study.checks if check.id == "response_relationship")
    assert check.text.endswith(".")
    statuses = {
        row.status for row in study.rows if row.estimand == "matching_effect" and row.note is None
    }
    assert statuses <= {"not_estimable", "estimated"}


@pytest.mark.parametrize("people", [1, 2, 4, 30])
def test_a_handful_of_people_is_too_few_and_no_count_leaves(people):
    study = study_of(lambda frame: frame.index < people)
    assert study.refusal in ("too_few_people", "low_declaration")
    exact = some_record(
        n_in=study.n_in, n_used=study.n_used, excluded=study.excluded, rows=tuple(study.rows)
    )
    released = released_record(exact, clearance=PRACTITIONERS)
    assert {row.status for row in released.rows} <= {"not_estimable", "withheld"}
    assert released.n_in is None or released.n_in % 5 == 0


def test_a_place_where_nobody_can_be_matched_still_has_its_table_of_balance():
    """Then no difference after matching is known for any characteristic."""
    study = study_of(lambda frame: other_than_own(frame, 1))
    assert study.balance.to_frame()["difference_after"].isna().all()
    assert balance_table(study).to_frame()["Light"].notna().all()


def test_everyone_compared_is_in_a_row_of_matching_or_left_out_by_reason():
    """People who were not at risk, not followed or did not answer are counted in the row itself."""
    study = open_exact(PLAN, "west_midlands", parse_source("synthetic:x0.1"))[0]
    counted = 0
    for row in study.rows:
        if row.left_out is not None and row.estimand == "matching_effect" and row.n:
            people = study.compared_people
            left = sum(row.left_out.values())
            assert row.n + left in (
                len(people),
                int((~people["match_requested"].astype(bool)).sum()),
            )
            assert set(row.left_out) <= {"no_outcome", "followed_short"}
            counted += left > 0
    assert counted, "people on community orders are not at risk of recall"
