"""The workforce: shares rest on those who declared, what they leave open is said, and a rise is
split into its parts."""

import pandas as pd
import pytest

from analysis.disclosure.attack.protection import NOTHING
from analysis.plans.registry import load_plan
from analysis.studies.disparity.counted.counts import counted_rows
from analysis.studies.disparity.study import open_monitor
from analysis.studies.workforce.study import (
    EVERY_GRADE,
    Workforce,
    open_workforce,
    ratio_from_shares,
)
from analysis.synthetic.nation import ensure_region

DATES = dict.fromkeys(("period_from", "period_to", "extract_date", "follow_up_complete_to"))
HASHES = dict.fromkeys(("plan_hash", "data_hash", "code_version"), "0" * 64)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    plan = load_plan("workforce")
    folder = ensure_region(
        "west_midlands", service="workforce", folder=tmp_path_factory.mktemp("staff")
    )
    return open_monitor(
        plan,
        "west_midlands",
        counted_rows(plan, "west_midlands", "synthetic", folder),
        shown_on="2026-10-03",
        hidden=NOTHING,
    )


@pytest.fixture(scope="module")
def work(study):
    return open_workforce(study)


def made(study, rows):
    """A workforce of given counts: (grade, group, persons) in one quarter."""
    frame = pd.DataFrame(rows, columns=["grade", "group", "persons"]).assign(
        quarter=pd.Timestamp("2026-07-01")
    )
    return Workforce(study, frame)


def test_every_number_that_is_shown_is_in_fives_and_none_is_small(work):
    for grade in work.grades:
        line = work.line(grade)
        for n in (line.staff, line.declared, line.members):
            assert n is None or (n % 5 == 0 and n >= 10)


@pytest.mark.parametrize(
    ("members", "undeclared", "shown"),
    [(10, 40, True), (9, 40, False), (30, 9, False), (30, 10, True)],
)
def test_few_members_and_few_undeclared_withhold_the_share(study, members, undeclared, shown):
    work = made(
        study,
        [
            ("operational", "White", 200),
            ("operational", "Black", members),
            ("operational", "not known", undeclared),
        ],
    )
    assert (work.line("operational").members is not None) == shown


def test_no_share_is_given_under_the_floor(study):
    below = made(
        study,
        [
            ("operational", "White", 100),
            ("operational", "Black", 40),
            ("operational", "not known", 120),
        ],
    )
    above = made(
        study,
        [
            ("operational", "White", 150),
            ("operational", "Black", 60),
            ("operational", "not known", 120),
        ],
    )
    benchmark = study.plan.representation.benchmarks[0]
    assert below.index("operational", benchmark) is None
    assert above.index("operational", benchmark) is not None


def test_bounds_for_those_who_did_not_declare_are_the_published_ones(study):
    work = made(
        study,
        [
            ("operational", "White", 6280),
            ("operational", "Black", 1020),
            ("operational", "not known", 2700),
        ],
    )
    bounds = work.bounds(
        "operational"
    )  # 73 % declared, 14 % of these (METHODS section 0 rule 7): 10.2 to 37.2
    assert (100 * bounds.low, 100 * bounds.high) == pytest.approx((10.2, 37.2), abs=0.05)


def test_the_share_falls_with_the_grade_as_planted(work):
    benchmark = work.study.plan.representation.benchmarks[0]
    values = {grade: work.index(grade, benchmark).value for grade in work.grades}
    assert values["senior_manager"] < values["first_line_manager"] < values["operational"]


def test_a_departure_from_missing_at_random_moves_the_imputed_share(work):
    found = {delta: result.value for delta, result in work.imputed.items()}
    assert found[-0.5] < found[0.0] < found[0.5]
    bounds = work.bounds(EVERY_GRADE)
    assert 100 * bounds.low <= found[-0.5] and found[0.5] <= 100 * bounds.high


def test_the_parts_of_a_rise_add_up_and_declaration_has_its_own(work):
    _, change = work.change()
    assert change.declaration + change.composition == pytest.approx(change.change)
    assert change.declaration > 0  # planted: declaration rises


@pytest.mark.parametrize(
    ("applicants", "hires", "ratio"), [(20, 20, 1.0), (25, 10, 0.333), (10, 20, 2.25)]
)
def test_shares_alone_give_a_ratio_and_no_interval(applicants, hires, ratio):
    assert ratio_from_shares(applicants, hires) == pytest.approx(ratio, abs=5e-4)


def test_years_are_closed_rounds_of_four_quarters(study):
    assert study.counts.rounds == ("year to 2025 Q3", "year to 2026 Q3")


def test_a_year_counts_a_person_once(study):
    promotion = study.counts.newest(study.plan.measure("promotion"))
    assert (promotion["base"] == promotion["persons"]).all()
    assert (promotion["events"] <= promotion["persons"]).all()
