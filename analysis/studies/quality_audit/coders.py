"""Two coders of one case, and how far they agree."""

import pandas as pd

from analysis.measurement.clustered import agreement_of_two
from analysis.results import Estimate, NotEstimable

RATERS = ("first_code", "second_code")
CODES = [0.0, 1.0]


def coders_agree(
    cases: pd.DataFrame, start: pd.Timestamp
) -> dict[str, dict[str, Estimate | NotEstimable]]:
    """Agreement on reports from before the training and since, of every case that two coders read,
    put to the panel or not."""
    rows = cases[cases["excluded"].isin(["", "not_put_to_panel"])]
    since = rows["reported_on"] >= start
    return {
        when: agreement_of_two(own, raters=RATERS, scale=CODES, cluster="investigator_id")
        for when, own in (("before", rows[~since]), ("since", rows[since]))
    }
