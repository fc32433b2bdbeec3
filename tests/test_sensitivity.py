"""E-values against METHODS section 3 (VanderWeele and Ding 2017: 3.9 with limit 1.8 gives 7.26 and
3.00)."""

import pytest

from analysis.inference.sensitivity import e_value

ROUNDED = 5e-4  # METHODS prints three decimals


def test_e_value_of_the_published_example():
    value = e_value(3.9, 1.8, 8.7)
    assert (value.point, value.limit) == pytest.approx((7.263, 3.000), abs=ROUNDED)


def test_a_ratio_and_its_inverse_have_one_e_value():
    over, under = e_value(2.0, 1.25, 3.2), e_value(0.5, 1 / 3.2, 0.8)
    assert (under.point, under.limit) == pytest.approx((over.point, over.limit))


def test_an_interval_that_holds_1_needs_nothing_to_explain_it():
    assert e_value(1.5, 0.9, 2.5).limit == 1.0
    assert e_value(1.0, 0.5, 2.0).point == 1.0


@pytest.mark.parametrize("interval", [(0.0, 0.0, 1.0), (2.0, 2.1, 3.0)])
def test_refuses_a_ratio_of_nought_or_outside_its_interval(interval):
    with pytest.raises(ValueError, match="ratio"):
        e_value(*interval)
