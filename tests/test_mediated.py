"""What goes along with a mediator: against a library, nothing, what is planted, and the
correlation at which it vanishes; a confounded mediator fools the plain estimate, and the
correlation says so."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.stats.mediation import Mediation

from analysis.designs.rollouts.mediated import MediationColumns, mediated

COLUMNS = MediationColumns(
    unit="unit",
    block="block",
    period="period",
    ever="ever",
    exposure="exposed",
    mediator="fair",
    outcome="force",
)


def panel(rng, *, a=0.5, b=-2.0, direct=-1.0, confounded=0.0, blocks=8, units=9, periods=10):
    """Units of each block start at half time; the mediator moves the outcome by b, and something
    unrecorded moves both by `confounded`."""
    rows = []
    for block in range(blocks):
        shock = rng.normal(0, 1, (2, periods))
        for unit in range(units):
            starts = unit < 4
            hidden = rng.normal(0, 1, periods)
            exposed = (starts & (np.arange(periods) >= periods // 2)).astype(float)
            fair = a * exposed + shock[0] + rng.normal(0, 1, periods) + confounded * hidden
            force = b * fair + direct * exposed + shock[1] + rng.normal(0, 1, periods)
            force = force + confounded * hidden
            rows += [
                {
                    "block": block,
                    "unit": f"{block}-{unit}",
                    "period": t,
                    "ever": starts,
                    "exposed": exposed[t],
                    "fair": fair[t],
                    "force": force[t],
                }
                for t in range(periods)
            ]
    return pd.DataFrame(rows)


def test_the_parts_are_those_of_a_library_that_knows_no_clusters():
    """statsmodels' Mediation (Imai, Keele and Tingley 2010) on the same linear models with dummies
    of unit and of block x period."""
    data = panel(np.random.default_rng(1), blocks=2, units=8, periods=8)
    found = mediated(data, COLUMNS, seed=1, draws=20)
    dummies = pd.get_dummies(
        data.assign(when=data["block"].astype(str) + "/" + data["period"].astype(str))[
            ["unit", "when"]
        ],
        drop_first=True,
    ).astype(float)
    own = pd.concat([data[["exposed", "fair", "force"]], dummies], axis=1).assign(one=1.0)
    exog = [name for name in own if name not in ("fair", "force")]
    outcome = sm.OLS(own["force"], own[["fair", *exog]])
    mediator = sm.OLS(own["fair"], own[exog])
    library = Mediation(outcome, mediator, (exog.index("exposed") + 1, exog.index("exposed")), 0)
    table = library.fit(n_rep=400, rng=np.random.default_rng(2)).summary()
    through, direct = table.loc["ACME (average)"], table.loc["ADE (average)"]
    near = (through["Upper CI bound"] - through["Lower CI bound"]) / 8
    assert found.through == pytest.approx(through["Estimate"], abs=near)
    assert found.direct == pytest.approx(direct["Estimate"], abs=0.15)


def test_what_is_planted_lies_in_the_interval():
    found = mediated(panel(np.random.default_rng(3)), COLUMNS, seed=1, draws=200)
    assert found.low <= 0.5 * -2.0 <= found.high < 0
    assert found.direct == pytest.approx(-1.0, abs=0.4)


def test_at_the_correlation_named_the_part_is_nil_and_before_it_the_interval_holds_nil():
    found = mediated(panel(np.random.default_rng(4)), COLUMNS, seed=1, draws=200)
    assert -1 < found.rho_nil < found.rho_interval < 0
    nothing = mediated(panel(np.random.default_rng(5), b=0.0), COLUMNS, seed=1, draws=200)
    assert nothing.rho_interval == 0.0 and abs(nothing.rho_nil) < 0.15


def test_a_hidden_cause_fools_the_part_by_no_more_than_its_correlation():
    """Nothing goes through the mediator, and something unrecorded moves both: the plain part is
    told from nil, and vanishes at the correlation that was planted."""
    data = panel(np.random.default_rng(6), b=0.0, confounded=1.0, blocks=14)
    found = mediated(data, COLUMNS, seed=1, draws=200)
    assert found.low > 0  # what a reader would call mediation
    assert found.rho_nil == pytest.approx(0.5, abs=0.06)  # planted: 1 / (1 + 1)


@pytest.mark.simulation
def test_where_nothing_goes_through_it_the_interval_holds_nil():
    away = 0
    for seed in range(60):
        data = panel(np.random.default_rng([7, seed]), b=0.0, blocks=6)
        found = mediated(data, COLUMNS, seed=seed, draws=150)
        away += not found.low <= 0 <= found.high
    assert away <= 7


def test_too_few_units_that_start_are_refused():
    data = panel(np.random.default_rng(8), blocks=1)
    assert mediated(data[~data["ever"]], COLUMNS, seed=1) is None
