"""The name of a rerun is told from that of a round."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.plans.registry import check_round
from analysis.vocabulary.round_ids import base_round, rerun_name, rerun_number, round_before

NAMES = st.from_regex(r"[A-Za-z0-9_-]{1,30}", fullmatch=True).filter(
    lambda name: name.strip("-_") != "" and base_round(name) == name
)


@given(NAMES, st.integers(2, 99))
def test_a_rerun_has_a_name_of_its_own_that_leads_back(base, number):
    name = rerun_name(base, number)
    assert name != base and check_round(name) == name
    assert (base_round(name), rerun_number(name)) == (base, number)
    assert rerun_name(name, number + 1) == rerun_name(base, number + 1)
    assert round_before(name) == (rerun_name(base, number - 1) if number > 2 else base)


@pytest.mark.parametrize("name", ["draft", "2026Q3", "winter", "tour2", "r2", "2026Q3r1", "2026r0"])
def test_what_only_looks_like_a_rerun_is_a_round(name):
    assert base_round(name) == name and rerun_number(name) == 1
