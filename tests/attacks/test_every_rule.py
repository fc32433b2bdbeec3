"""Promises of the rules: each one, and each check of the guard, is missed when it is taken away."""

import pytest

from attacks.mutations import MUTATIONS, NUMBERS, mutated, with_number
from attacks.mutations_of_runs import OF_RUNS

pytestmark = pytest.mark.attack


def missed(check) -> bool:
    """Whether the check fails, in whatever way."""
    try:
        return not check()
    except Exception:  # a rule that is half gone breaks what stands on it
        return True


@pytest.mark.parametrize("mutation", (*MUTATIONS, *OF_RUNS), ids=lambda mutation: mutation.name)
def test_a_rule_that_is_taken_away_is_missed(mutation):
    assert mutation.check()
    with mutated(mutation):
        assert missed(mutation.check)
    assert mutation.check()


@pytest.mark.parametrize(("key", "value", "check"), NUMBERS)
def test_a_number_that_is_another_is_missed(key, value, check):
    assert check()
    with with_number(key, value):
        assert missed(check)
    assert check()
