"""People of a study before outcomes are seen: one row each, from tables without outcomes."""

import pandas as pd

from analysis.extracts.tables.contract import ETHNICITY_CODING
from analysis.vocabulary.ethnicity import coding, crosswalk

# region: the place. with_it: with the programme. cluster: what was assigned, or holds people
# together ("": nothing does). ethnic_group: in the broad coding.
SAMPLED = ("region", "with_it", "cluster", "ethnic_group")


def broad_groups(codes: pd.Series) -> pd.Series:
    """Codes of ethnicity as groups of the broad coding."""
    return crosswalk(codes, source=ETHNICITY_CODING, target=coding(ETHNICITY_CODING).broad)


def sampled(
    people: pd.DataFrame, with_it: pd.Series, *, cluster: str | None = None
) -> pd.DataFrame:
    """One row a person (or case), with the columns of `SAMPLED`. `people` has `region` and
    `ethnicity`; `cluster` names its column of clusters."""
    return pd.DataFrame(
        {
            "region": people["region"].astype("str"),
            "with_it": with_it.fillna(False).astype(bool),
            "cluster": "" if cluster is None else people[cluster].astype("str"),
            "ethnic_group": broad_groups(people["ethnicity"]),
        }
    ).reset_index(drop=True)
