"""Two coders of one case: whose codes stand beside each other, and how far they agree."""

from functools import partial

import pandas as pd

from analysis.measurement.agreement import cohen_kappa, gwet_ac
from analysis.measurement.clustered import over_clusters
from analysis.results import Estimate, NotEstimable

CODES = [0.0, 1.0]


def twice_coded(cases: pd.DataFrame, start: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """Codes of cases that two coders read, one a row, of reports before the training and since."""
    within = ~cases["excluded"].isin(["outside_the_period", "month_of_training"])
    rows = cases[within & cases["second_code"].notna()]
    kept = ["case_id", "investigator_id"]
    codes = [
        rows[kept].assign(coder=name, code=rows[f"{name}_code"]) for name in ("first", "second")
    ]
    both, since = pd.concat(codes), rows["reported_on"] >= start
    ids = {"before": rows.loc[~since, "case_id"], "since": rows.loc[since, "case_id"]}
    return {name: both[both["case_id"].isin(own)] for name, own in ids.items()}


def coefficients(codes: pd.DataFrame) -> dict[str, Estimate | NotEstimable]:
    """How far two coders agree beyond chance: 1 in full, 0 for what chance would give; intervals
    leave out one investigator at a time."""
    call = {"item": "case_id", "rater": "coder", "rating": "code", "scale": CODES}
    return {
        name: over_clusters(partial(found, **call), codes, cluster="investigator_id")
        for name, found in (("Cohen kappa", cohen_kappa), ("Gwet AC1", gwet_ac))
    }
