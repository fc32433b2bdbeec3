"""What the verbs show of a regional initiative."""

from analysis.sections.frame_shows import shows
from analysis.sections.shows import ETHNIC_GROUP, Way
from analysis.studies.regional_initiative.kind import KIND

PLACEBO_RANK = Way(
    "the change of the region beside that of the others, by rank",
    {None: ((KIND.estimand, KIND.method),), ETHNIC_GROUP: (("group_effect", KIND.method),)},
)
SHOWS = shows({"placebo_rank": PLACEBO_RANK})
