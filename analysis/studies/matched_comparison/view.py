"""What the verbs show of a matched comparison."""

from analysis.sections.frame_shows import shows
from analysis.sections.shows import ETHNIC_GROUP, Way
from analysis.studies.matched_comparison.kind import ESTIMAND, MAIN

SHOWS = shows(
    {
        "radius_matching": Way(
            "like with like by radius matching",
            {
                None: ((ESTIMAND, MAIN),),
                ETHNIC_GROUP: (("group_effect", MAIN), ("gap_difference", "groups_matched_apart")),
            },
        )
    }
)
