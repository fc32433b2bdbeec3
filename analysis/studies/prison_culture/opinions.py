"""Further second opinions of a programme in prisons: the gap by group-time effects, and the
efficient estimator where a lot drew the order of start."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from analysis.designs.rollouts.group_time import panel_of
from analysis.designs.rollouts.rollout import RolloutAsked, staggered_rollout
from analysis.designs.rollouts.staggered import triple_difference
from analysis.inference.columns import Quantity, RolloutColumns
from analysis.inference.randomisation import seed_for
from analysis.plans.plan import Outcome
from analysis.results import LEVELS, Estimate, Result
from analysis.study.rollouts.cells import UNIT, reasons_of
from analysis.study.rollouts.effects import EFFECT
from analysis.study.rollouts.fair import whole_panel
from analysis.study.rollouts.panels import QUARTER

if TYPE_CHECKING:
    from analysis.studies.prison_culture.study import PrisonStudy

GROUP = "group"


def gap_by_group_time(study: "PrisonStudy", outcome: Outcome) -> Result:
    """The effect on all minority ethnic groups together less that on the reference group, prisons
    alike, errors clustered on prison."""
    reference = (study.plan.groups.reference,)
    sides = {"own": study.minorities, "other": reference}
    people = {name: study.of_groups(outcome.id, groups) for name, groups in sides.items()}
    panels = {name: study.panel(outcome.id, own, months=QUARTER) for name, own in people.items()}
    columns = replace(whole_panel(outcome.id), scale=study.scale_of(outcome.id))
    both = [set(panel_of(panel, columns).units) for panel in panels.values()]
    frame = pd.concat([panel.assign(**{GROUP: name}) for name, panel in panels.items()])
    frame = frame[frame[UNIT].isin(both[0] & both[1])]
    found = triple_difference(
        frame,
        columns,
        Quantity("gap_difference", outcome.unit),
        groups=("own", "other"),
        group=GROUP,
    )
    whole = pd.concat(people.values())
    names = study.units[UNIT]
    used = names.isin(both[0] & both[1]).map({True: "", False: "incomplete_periods"})
    reason = reasons_of(pd.Series(used.to_numpy(), index=names), whole)
    found = study.with_people(found, whole, outcome.id, reason)
    return replace(found, **dict.fromkeys(LEVELS)) if isinstance(found, Estimate) else found


def by_lot(study: "PrisonStudy", outcome: Outcome) -> Result:
    """Where a lot drew the order of start: the efficient estimator, region x quarter taken out."""
    people, panel = study.people(outcome.id), study.within_region(outcome.id)
    whole = panel_of(panel, whole_panel(outcome.id)).units
    columns = RolloutColumns(assigned=UNIT, period="month", start="start", outcomes=(outcome.id,))
    seed = seed_for(study.plan.study, study.place, outcome.id, "by_lot")
    found = staggered_rollout(
        panel[panel[UNIT].isin(whole)],
        columns,
        unit=outcome.unit,
        asked=RolloutAsked(draws=None, seed=seed),
    )
    result = replace(found.effects[0].result, estimand=EFFECT)
    if isinstance(result, Estimate):  # levels of a panel without its regions are none of people
        result = replace(result, **dict.fromkeys(LEVELS))
    return study.with_people(result, people, outcome.id, study.left_out_of(outcome.id, people))
