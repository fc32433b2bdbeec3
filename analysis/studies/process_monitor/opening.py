"""Opens a process monitor in one place from the tables of outputs."""

import pandas as pd

from analysis.extracts.tables.contract import ETHNICITY_CODING
from analysis.plans.outputs_plan import OutputsPlan
from analysis.studies.process_monitor.kind import LEFT
from analysis.studies.process_monitor.offers import NOT_RECORDED, REACHED, REGISTERED, USED
from analysis.studies.process_monitor.study import OutputsStudy
from analysis.study.offers import BROAD
from analysis.vocabulary.ethnicity import coding, crosswalk


def open_outputs(
    plan: OutputsPlan, place: str, opened: dict, *, hidden: frozenset[str]
) -> tuple[OutputsStudy, None]:
    """The exact study. Nobody is followed, so that no day ends a follow-up."""
    staff, events = opened["output_staff"], opened["output_events"]
    staff = staff[staff["action"] == plan.action].reset_index(drop=True)
    group = crosswalk(staff["ethnicity"], source=ETHNICITY_CODING, target=BROAD)
    group = group.where(group.isin(coding(BROAD).groups), NOT_RECORDED)
    excluded = pd.Series("", index=staff.index).mask(staff["in_post"] == 0, LEFT)
    everyone = staff.assign(
        ethnic_group=group,
        excluded=excluded,
        **{REGISTERED: (staff["entries"] > 0).astype(int)},
        **{REACHED: (staff["uses"] > 0).astype(int), USED: staff["used"].astype(int)},
    )
    start, end = pd.Timestamp(plan.data.from_), pd.Timestamp(plan.data.to)
    own = (events["action"] == plan.action) & events["month"].between(start, end)
    study = OutputsStudy(plan, place, everyone, events[own].reset_index(drop=True), hidden=hidden)
    return study, None
