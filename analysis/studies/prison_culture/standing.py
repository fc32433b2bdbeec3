"""Where prisons that start stood before any start, beside the others of the study, given whom they
hold; and what so many prisons could show."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.disparity.standardised import (
    directly_standardised_rate,
    expected_events,
    standardised_ratio,
)
from analysis.inference.planned.power import (
    design_effect,
    minimum_detectable_effect,
    stepped_wedge_std_error,
)
from analysis.plans.plan import Outcome
from analysis.results import CheckResult, Result, Support
from analysis.said.numbers import cleared_estimate, planned
from analysis.said.texts import say
from analysis.study.rollouts.cells import UNIT
from analysis.study.rollouts.panels import QUARTER

if TYPE_CHECKING:
    from analysis.studies.prison_culture.study import PrisonStudy

ALIKE = ["ethnic_group", "sex"]  # of whom prisons hold; the page has no more of everyone


def standing(study: "PrisonStudy", outcome: Outcome) -> dict[str, Result]:
    """Before the first start of all: the event in prisons that start against what the rates of the
    others lead one to expect of people alike in ethnic group and sex (times), and as a rate at the
    make-up of the others (in every 100). Everything before is counted, need or not."""
    cases = study.cases.dropna(subset=[outcome.id])
    cases = cases[cases["month"] < study.units["start"].min()]
    cells = cases.groupby([*ALIKE, cases["start"].notna()], observed=True)[outcome.id]
    table = cells.agg(["size", "sum"]).unstack(fill_value=0)
    both = table[(table["size"] > 0).all(axis=1)] if len(table.columns) == 4 else table.head(0)
    bases = [both["size"][side].to_numpy(float) for side in (True, False) if len(both)]
    events = [both["sum"][side].to_numpy(float) for side in (True, False) if len(both)]
    if not bases or min(own.sum() for own in bases) == 0:
        return {}
    rest = sum(bases[0]) - sum(events[0])
    support = Support(
        n=int(sum(bases[0]) + sum(bases[1])),
        n_identifying=int(sum(bases[0]) + sum(bases[1])),
        n_treated=int(sum(bases[0])),
        persons=int(cases["person_id"].nunique()),
        smallest_cell=int(min(sum(events[0]), sum(events[1]), rest)),
        clusters_treated=int(cases.loc[cases["start"].notna(), "prison_id"].nunique()),
        clusters_comparison=int(cases.loc[cases["start"].isna(), "prison_id"].nunique()),
        residual_df=int(sum(bases[0])),
    )
    expected = expected_events(bases[0], events[1] / bases[1])
    return {
        "byar": standardised_ratio(int(sum(events[0])), expected, support=support),
        "gamma": directly_standardised_rate(events[0], bases[0], bases[1], support=support),
    }


def could_show(study: "PrisonStudy", outcome: Outcome) -> CheckResult:
    """What so many prisons and quarters could show, from how alike people of one prison are before
    any start; no outcome is compared."""
    name, panel = "could_show", study.panel(outcome.id, months=QUARTER)
    before = panel[panel["month"] < panel["start"].min()]
    people, share = float(panel["weight"].mean()), float(before[outcome.id].mean())
    alike = _alike(before, outcome.id, share)
    if alike is None:
        none = say("What so many prisons could show could not be worked out.")
        return CheckResult(name, None, none, bears_on="nothing")
    units = panel.groupby(UNIT)["start"].first()
    treated = (np.sort(panel["month"].unique()) >= units.to_numpy()[:, None]).astype(float)
    error = stepped_wedge_std_error(
        treated,
        people=people,
        intraclass_correlation=alike,
        total_sd=study.scale_of(outcome.id) * float(np.sqrt(share * (1 - share))),
    )
    found = minimum_detectable_effect(error)
    spread = float(panel["weight"].std() / people)
    text = say(
        "Before any outcome is compared: so many prisons and quarters could show a difference of"
        " {found} in every {hundred} in {power} of {hundred} such studies. People of one prison are"
        " alike: {deff} of them tell as much as one person drawn from all prisons.",
        found=cleared_estimate(found, decimals=1),
        hundred=planned(100.0),
        power=planned(80.0),
        deff=cleared_estimate(design_effect(people, alike, spread), decimals=1),
    )
    shown = cleared_estimate(found, decimals=1)
    return CheckResult(name, None, text, found, bears_on="nothing", shown=shown)


def _alike(cells: pd.DataFrame, outcome: str, share: float) -> float | None:
    """Intraclass correlation of people of one prison: what prisons differ by beyond chance."""
    by_prison = cells.groupby(UNIT).agg(mean=(outcome, "mean"), people=("weight", "sum"))
    if len(by_prison) < 3 or not 0 < share < 1:
        return None
    chance = float((share * (1 - share) / by_prison["people"]).mean())
    return max(float(by_prison["mean"].var()) - chance, 0.0) / (share * (1 - share))
