"""Second opinions of a programme in prisons: incidents over the time that people were held, start
dates permuted, by the number of staff trained, and the naive change of the prisons that started."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from analysis.designs.rollouts.block_rollout import StartLot
from analysis.designs.rollouts.counted_events import RateRatio, rate_ratio
from analysis.designs.rollouts.dose import dose_slope
from analysis.designs.rollouts.imputation import imputation_effect
from analysis.designs.rollouts.start_dates import permute_start_dates
from analysis.disclosure.dominance import smaller_side
from analysis.disclosure.rules import load_rules, unit_effect_is_protected
from analysis.inference.columns import BlockColumns, PanelColumns, Quantity, WeightedColumns
from analysis.inference.randomisation import seed_for
from analysis.inference.sequential import Draws
from analysis.plans.plan import Outcome
from analysis.results import LEVELS, Estimate, Result, Support, allowing_for
from analysis.studies.prison_culture.kind import BEFORE_AFTER, DATES, DOSE, INCIDENTS, RATIO
from analysis.study.rollouts.cells import UNIT
from analysis.study.rollouts.effects import EFFECT
from analysis.study.rollouts.panels import PANEL, QUARTER, from_the_first_period

if TYPE_CHECKING:
    from analysis.studies.prison_culture.study import PrisonStudy

QUARTER_DAYS = 365.25 / 4
HELD, EVENTS = "quarters_held", "incidents"


def person_time(study: "PrisonStudy") -> pd.DataFrame:
    """One row a prison and quarter: incidents, and for how many quarters of a person they could
    happen. Everyone inside the period, those held for a part of a quarter among them."""
    rows = study.everyone[study.everyone["excluded"] != "outside_the_period"]
    period = study.period_of(rows, QUARTER)
    held = rows["custody_days"] / QUARTER_DAYS
    sums = (
        rows.assign(**{HELD: held, EVENTS: rows["force_incidents"].astype(float), "month": period})
        .groupby(["prison_id", "region", "month"], observed=True)[[EVENTS, HELD]]
        .sum()
        .reset_index()
        .rename(columns={"prison_id": UNIT})
    )
    first = study.months_seen[0]
    start = sums[UNIT].map(study.units.set_index(UNIT)["start"])
    return from_the_first_period(sums.assign(start=((start - first) // QUARTER).astype("float64")))


def _supported(study: "PrisonStudy", result: Result) -> Result:
    """The result with the people whom incidents were counted of."""
    rows = study.everyone[study.everyone["excluded"] != "outside_the_period"]
    started = rows["started"].to_numpy(dtype=bool)
    own = result.support
    support = Support(
        n=len(rows),
        n_identifying=len(rows),
        n_treated=int(started.sum()),
        clusters_treated=own.clusters_treated,
        clusters_comparison=own.clusters_comparison,
        persons=int(rows["person_id"].nunique()),
        smallest_cell=smaller_side(rows["force_incidents"].to_numpy(), started),
        cells_identifying=int(rows["region"].nunique()),
        residual_df=max(len(rows) - 100, 0),
    )
    return replace(result, support=support)


def incidents_by_time(study: "PrisonStudy") -> Result:
    """Incidents for every 100 people and quarter, by imputation as the main answer is."""
    cells = person_time(study)
    cells = cells.assign(incidents=cells[EVENTS] / cells[HELD])
    found = imputation_effect(
        cells,
        WeightedColumns(**PANEL, outcome=EVENTS, weight=HELD, scale=100.0),
        ("incidents", INCIDENTS, "in_every_100"),
        Draws(seed=seed_for(study.plan.study, study.place, "incidents")),
        need=-(-study.need_seen // QUARTER),
    )
    return _supported(study, found.result)


def incident_ratio(study: "PrisonStudy") -> RateRatio:
    """Incidents against those that each prison's own past and its region lead one to expect."""
    columns = BlockColumns(**PANEL, outcome=EVENTS)
    what, need = ("incident_ratio", RATIO, "times"), -(-study.need_seen // QUARTER)
    found = rate_ratio(person_time(study), columns, HELD, what, need=need)
    held = allowing_for(found.result, UNIT, "month", "region")
    return RateRatio(_supported(study, held), found.dispersion, found.expected)


def start_dates_permuted(study: "PrisonStudy", outcome: Outcome) -> Result:
    """Group-time effects, region x quarter taken out, start dates dealt out again within
    regions."""
    people, unit = study.people(outcome.id), outcome.unit
    columns = PanelColumns(
        unit=UNIT, period="month", first_treated="start", outcome=outcome.id, block="region"
    )
    lot = StartLot(
        seed=seed_for(study.plan.study, study.place, outcome.id, DATES), randomised=False
    )
    found = permute_start_dates(
        study.within_region(outcome.id), columns, Quantity(EFFECT, unit), lot
    )
    return study.with_people(
        found.result, people, outcome.id, study.left_out_of(outcome.id, people)
    )


def by_dose(study: "PrisonStudy", outcome: Outcome) -> Result:
    """Among prisons that started: the change for one more member of staff trained."""
    people, need = study.people(outcome.id), study.need_of(outcome)
    held = people.groupby(UNIT, observed=True).size()
    few = [name for name, n in held.items() if unit_effect_is_protected(int(n), load_rules())]
    trained = study.staff.groupby("prison_id").size().drop(few, errors="ignore")  # S10
    what = ("dose_trend", DOSE, outcome.unit)
    found = dose_slope(need.rows, trained, need=need.need, what=what)
    own = people[people["start"].notna()]
    found = study.with_people(found, own, outcome.id, pd.Categorical([""] * len(own)))
    return _without_levels(found)


def _without_levels(found: Result) -> Result:
    """A slope stands beside no level of people."""
    return replace(found, **dict.fromkeys(LEVELS)) if isinstance(found, Estimate) else found


def before_and_after(study: "PrisonStudy", outcome: Outcome) -> Result:
    """The prisons that started, since the start less before: what a naive reader would see."""
    people = study.people(outcome.id)
    return study.crude(outcome.id, people[people["start"].notna()], name=BEFORE_AFTER)
