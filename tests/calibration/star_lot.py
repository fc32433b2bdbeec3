"""Project STAR with its lot drawn anew: how often each kind of error rejects a true "no effect"
(make calibrate-lot).

Teachers were placed by lot within school and grade. Each redraw shuffles the race of the teachers
there; the scores stay as they are, so that no teacher's race made any difference to them and every
rejection is false. Arguments: number of redraws (300), first seed. Prints the table of
docs/inference.md.
"""

import sys

import numpy as np
import pandas as pd

from analysis.designs.cohorts.assignment import Errors, matching_effect, own_group_gap
from analysis.extracts.frames.star import star_pupil_years
from analysis.inference.columns import DyadOutcome
from analysis.results import Estimate

COLUMNS = DyadOutcome(
    person="person_id",
    practitioner="practitioner_id",
    outcome="maths",
    unit="percentile_points",
)
CELLS = ["office_id", "period", "entry_grade"]
GROUPS = ("White", "Black")
ALPHA = 0.05


def redrawn(frame: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """The same pupils in the same classes, the race of the teachers shuffled within school and
    grade."""
    teachers = frame.drop_duplicates("practitioner_id").sort_values("practitioner_id")
    drawn = teachers.groupby(["office_id", "period"])["practitioner_group"].transform(
        lambda group: random.permutation(group.to_numpy())
    )
    race = dict(zip(teachers["practitioner_id"], drawn, strict=True))
    return frame.assign(practitioner_group=frame["practitioner_id"].map(race))


def estimates(frame: pd.DataFrame, inference: str):
    errors = Errors(cluster_on="practitioner", inference=inference)
    yield "matching effect", matching_effect(frame, COLUMNS, cells=CELLS, errors=errors)
    for group in GROUPS:
        gap = own_group_gap(frame, COLUMNS, group=group, cells=CELLS, errors=errors)
        yield f"gap, {group} pupils", gap


def measured(redraws: int, seed: int) -> pd.DataFrame:
    frame = star_pupil_years()
    frame = frame[frame["person_group"].isin(GROUPS) & frame["practitioner_group"].isin(GROUPS)]
    rows = []
    for each in np.random.SeedSequence(seed).spawn(redraws):
        drawn = redrawn(frame, np.random.default_rng(each))
        for inference in ("sandwich", "cr2"):
            for what, found in estimates(drawn, inference):
                assert isinstance(found, Estimate)
                rows.append(
                    (
                        what,
                        inference,
                        found.p_value <= ALPHA,
                        found.value,
                        found.std_error,
                        found.df,
                    )
                )
    return pd.DataFrame(rows, columns=["what", "errors", "rejected", "value", "std_error", "df"])


def main(redraws: int = 300, seed: int = 20261128) -> None:
    print(
        "| quantity | errors | rejects, in 100 | Monte Carlo error | mean standard error | spread"
        " of estimates | df |"
    )
    print("|---|---|---|---|---|---|---|")
    for (what, errors), runs in measured(redraws, seed).groupby(["what", "errors"], sort=False):
        share = runs["rejected"].mean()
        carlo = np.sqrt(share * (1 - share) / redraws)
        print(
            f"| {what} | {errors} | {100 * share:.1f} | {100 * carlo:.1f} |"
            f" {runs['std_error'].mean():.3f} | {runs['value'].std():.3f} |"
            f" {runs['df'].median():.0f} |"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
