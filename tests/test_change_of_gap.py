"""How a gap changes from one date on: a published triple difference, second implementations, a true
nil, a planted effect, and the answers that are wrong."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from diff_diff import TripleDifference

from analysis.designs.selection.change_of_gap import (
    FEWEST_CLUSTERS,
    change_by_persons,
    change_of_contrast,
    changes_at_made_up_starts,
    contrasts,
    drift_before,
)
from analysis.designs.selection.exact_share import exact_share
from analysis.inference.columns import ContrastColumns, Quantity
from analysis.results import NotEstimable

WHAT, START, QUARTERS = Quantity("x", "in_every_100"), 8, 14
BOTH = ContrastColumns(period="quarter", sides=("minority", "internal"), outcome="y", person="id")
# Gruber, The incidence of mandated maternity benefits, American Economic Review 84 (1994), table 3:
# mean log wages (treated people, state with the law, after); published -.062, -.008 and -.054.
WAGES = {
    (1, 1, 0): 1.547,
    (1, 1, 1): 1.513,
    (1, 0, 0): 1.369,
    (1, 0, 1): 1.397,
    (0, 1, 0): 1.759,
    (0, 1, 1): 1.748,
    (0, 0, 0): 1.630,
    (0, 0, 1): 1.627,
}


def of_means(jitter: float = 0.001) -> pd.DataFrame:
    """Two periods before and two after with the published means; a jitter, so that they scatter."""
    rows = [
        {"minority": side, "internal": law, "quarter": 2 * after + half, "y": mean + shift, "id": 0}
        for (side, law, after), mean in WAGES.items()
        for half, shift in ((0, jitter * side * law), (1, -jitter * side * law))
    ]
    return pd.DataFrame(rows).assign(id=range(len(rows)))


def candidates(
    rng: np.random.Generator,
    *,
    effect: float = 0.0,
    shock: float = 0.0,
    cell: int = 45,
    drift: float = 0.0,
) -> pd.DataFrame:
    """Candidates by quarter: pass rates of everyone, of internal and of minority ethnic candidates
    change at the start; `shock`: standard deviation of what a quarter brings to internal minority
    ethnic candidates alone; `drift`: of their pass rate a quarter."""
    rows = pd.MultiIndex.from_product(
        [range(QUARTERS), (0, 1), (0, 1), range(cell)],
        names=["quarter", "minority", "internal", "row"],
    ).to_frame(index=False)
    rows["id"] = np.arange(len(rows))
    after, both = rows["quarter"] >= START, rows["minority"] * rows["internal"]
    share = 0.4 - 0.12 * rows["minority"] + 0.1 * rows["internal"]
    share += after * (0.03 + 0.04 * rows["internal"] + 0.02 * rows["minority"])
    quarter = rng.normal(0, shock, QUARTERS)[rows["quarter"]] + drift * rows["quarter"]
    share += both * (effect * after + quarter)
    rows["y"] = (rng.random(len(rows)) < share).astype(float)
    return rows


def test_the_published_triple_difference():
    frame = of_means()
    found = change_of_contrast(frame, BOTH, WHAT, start=2)
    assert found.value == pytest.approx(-0.054, abs=0.0005)
    one = ContrastColumns(period="quarter", sides=("internal",), outcome="y", person="id")
    for side, published in ((1, -0.062), (0, -0.008)):
        own = contrasts(frame[frame["minority"] == side], one)["contrast"]
        assert own[2:].mean() - own[:2].mean() == pytest.approx(published, abs=0.0005)


def test_it_is_the_linear_probability_model_with_all_effects():
    rng = np.random.default_rng(1)
    frame = candidates(rng, effect=0.1).sample(frac=0.6, random_state=1)  # cells of unequal size
    frame["on"] = frame["minority"] * frame["internal"] * (frame["quarter"] >= START)
    model = "y ~ on + C(quarter) * minority + C(quarter) * internal + minority:internal"
    people = frame["id"] // 2  # everybody twice
    fit = smf.ols(model, frame).fit(cov_type="cluster", cov_kwds={"groups": people}, use_t=True)
    found = change_of_contrast(frame, BOTH, WHAT, start=START)
    assert found.value == pytest.approx(fit.params["on"])
    twice = change_by_persons(frame.assign(id=people), BOTH, WHAT, start=START)
    assert twice.value == pytest.approx(fit.params["on"])
    assert twice.std_error == pytest.approx(fit.bse["on"], rel=1e-6)


def test_in_cells_of_one_size_it_is_the_triple_difference_of_another_package():
    frame = candidates(np.random.default_rng(2), effect=0.1).assign(
        after=lambda rows: (rows["quarter"] >= START).astype(int)
    )
    other = TripleDifference(estimation_method="reg").fit(
        frame, outcome="y", group="internal", partition="minority", post="after"
    )
    found = change_of_contrast(frame, BOTH, WHAT, start=START)
    assert found.value == pytest.approx(other.att)
    alike = change_of_contrast(frame, BOTH, WHAT, start=START, alike=True)
    assert (alike.value, alike.std_error) == pytest.approx((found.value, found.std_error))


def test_a_true_nil_is_ruled_out_five_times_in_a_hundred_also_where_quarters_bring_shocks():
    rng = np.random.default_rng(7)
    frames = (candidates(rng, shock=0.10, cell=30) for _ in range(250))
    p = [change_of_contrast(frame, BOTH, WHAT, start=START).p_value for frame in frames]
    assert np.mean(np.array(p) <= 0.05) == pytest.approx(0.05, abs=0.035)


def test_errors_of_persons_take_a_shock_of_quarters_for_an_effect():
    """The second opinion answers for these quarters alone, and says so."""
    rng, many = np.random.default_rng(9), 80
    frames = (candidates(rng, shock=0.25, cell=30) for _ in range(many))
    p = [change_by_persons(frame, BOTH, WHAT, start=START).p_value for frame in frames]
    assert np.mean(np.array(p) <= 0.05) > 0.12


def test_the_interval_holds_the_planted_effect_as_often_as_it_says():
    rng = np.random.default_rng(11)
    frames = (candidates(rng, effect=0.12) for _ in range(250))
    found = [change_of_contrast(frame, BOTH, WHAT, start=START) for frame in frames]
    held = np.mean([one.conf_low <= 0.12 <= one.conf_high for one in found])
    assert held == pytest.approx(0.95, abs=0.035)
    assert np.mean([one.value for one in found]) == pytest.approx(0.12, abs=0.01)


def test_before_and_after_takes_the_changes_of_all_for_an_effect():
    rng, naive, own = np.random.default_rng(13), [], []
    for _ in range(60):
        frame = candidates(rng)
        them = frame[(frame["minority"] == 1) & (frame["internal"] == 1)]
        after = them["quarter"] >= START
        naive.append(them.loc[after, "y"].mean() - them.loc[~after, "y"].mean())
        own.append(change_of_contrast(frame, BOTH, WHAT, start=START).value)
    assert np.mean(naive) == pytest.approx(0.09, abs=0.02), "3 + 4 + 2 points change for all"
    assert np.mean(own) == pytest.approx(0, abs=0.03)


def test_a_drift_before_the_start_and_a_change_at_a_made_up_one_are_seen():
    drifting = candidates(np.random.default_rng(3), drift=0.03, cell=300)
    found = drift_before(drifting, BOTH, WHAT, start=START)
    assert found.conf_low <= 0.03 <= found.conf_high and found.p_value < 0.01
    made_up = changes_at_made_up_starts(drifting, BOTH, WHAT, start=START)
    assert len(made_up) == START - 3, "two quarters or more on either side"
    assert min(one.p_value for one in made_up) < 0.01
    calm = drift_before(candidates(np.random.default_rng(4), cell=300), BOTH, WHAT, start=START)
    assert calm.conf_low <= 0 <= calm.conf_high


def test_a_quarter_with_an_empty_cell_is_left_out():
    frame = candidates(np.random.default_rng(5))
    gone = (frame["quarter"] == 3) & (frame["minority"] == 1) & (frame["internal"] == 1)
    found = change_of_contrast(frame[~gone], BOTH, WHAT, start=START)
    whole = change_of_contrast(frame, BOTH, WHAT, start=START)
    assert (found.df, whole.df) == (QUARTERS - 3, QUARTERS - 2)
    assert found.support.n == len(frame) * (QUARTERS - 1) // QUARTERS


@pytest.mark.parametrize(
    ("keep", "reason"),
    [
        (lambda rows: rows["quarter"] >= START - 1, "treated_from_start"),
        (lambda rows: rows["quarter"] <= START, "incomplete_periods"),
        (lambda rows: rows["internal"] == 1, "incomplete_periods"),
    ],
)
def test_what_cannot_be_worked_out_says_why(keep, reason):
    frame = candidates(np.random.default_rng(6))
    for method in (change_of_contrast, change_by_persons):
        found = method(frame[keep(frame)], BOTH, WHAT, start=START)
        assert isinstance(found, NotEstimable) and found.reason == reason


def test_too_few_persons_have_no_second_opinion():
    frame = candidates(np.random.default_rng(8)).assign(id=lambda rows: rows["row"] % 5)
    assert FEWEST_CLUSTERS > 5
    found = change_by_persons(frame, BOTH, WHAT, start=START)
    assert isinstance(found, NotEstimable) and found.reason == "too_few_people"


# -- a share with its exact interval ---------------------------------------------------------------
def test_one_of_fifty_one():
    found = exact_share(1, 51)
    ends = found.conf_low / 100, found.conf_high / 100
    assert ends == pytest.approx((0.0005, 0.1045), abs=5e-5)


def test_none_and_all_have_ends_in_closed_form():
    none, every = exact_share(0, 20), exact_share(20, 20)
    assert (none.conf_low, none.conf_high) == pytest.approx((0, 100 * (1 - 0.025 ** (1 / 20))))
    assert (every.conf_low, every.conf_high) == pytest.approx((100 * 0.025 ** (1 / 20), 100))


@pytest.mark.parametrize("share", [0.005, 0.02, 0.1])
def test_the_exact_interval_holds_the_share_and_that_of_the_normal_does_not(share):
    from scipy import stats

    n, naive, exact = 51, 0.0, 0.0
    for events in range(n + 1):
        weight, found = stats.binom.pmf(events, n, share), exact_share(events, n)
        exact += weight * (found.conf_low <= 100 * share <= found.conf_high)
        wide = 1.96 * np.sqrt(events / n * (1 - events / n) / n)
        naive += weight * (abs(events / n - share) <= wide)
    assert exact >= 0.95 > naive


def test_a_share_of_nobody_is_none():
    assert exact_share(0, 0).reason == "nobody_at_risk"
    with pytest.raises(ValueError, match="part of all"):
        exact_share(3, 2)
