"""Progression schemes: those who join one, beside staff of the same region and grade who could have
joined on that day and had not; how many are promoted, with leaving as a competing exit.

Time counts from the day of joining for both sides. Who joins has chosen to, or was chosen, so that
the claim is never more than `likely`. The plan names the period of joining in `data: from, to`.
"""

from analysis.plans.designs import Check, Design, Ground
from analysis.plans.emitted import Estimand, Method
from analysis.plans.kinds import Kind

SCHEMES = ("buddy", "talent", "positive_action")  # as the contract has them (tests hold it)
# Other ways in which the time of an outcome can end. Who was promoted can still leave.
OTHER_WAYS = {
    "applied": ("promoted", "left"),
    "coached": ("promoted", "left"),
    "deputised": ("promoted", "left"),
    "promoted": ("left",),
    "left": (),
}
# Recorded before the day of a set, and so no result of joining; the last two as they are on it.
COVARIATES = ("sex", "age_band", "performance", "ethnic_group", "months_eligible", "service_years")
MAIN = "matched_incidence"
WITHIN_GROUP = "matched_within_group"
FROM_ELIGIBILITY = "counted_from_eligibility"
NOT_MATCHED = "same_grade_and_day"
UNTIL_JOINING = "others_followed_to_joining"
COX = "cox_within_sets"
OF_SCHEME = "matched_members_of_scheme"
SCHEME_WORDS = {scheme: scheme.replace("_", " ") for scheme in SCHEMES}
SCHEME_EFFECTS = {scheme: f"{scheme}_effect" for scheme in SCHEMES}
MONTHS = (6, 12, 18)  # by which promotions are counted beside the horizon of the plan
BY_MONTH = {months: f"matched_by_month_{months}" for months in MONTHS}
# Who stands beside a member may join a scheme later and have its benefits too. On twelve other
# made-up nations the answers were a tenth to a fifth too small (tests/test_many_seeds.py).
LATER_JOINERS = (
    "some of the staff beside members join later themselves, so that differences found here are"
    " smaller than they are"
)
MEMBERS_MATCHED = Check(
    "members_matched", "nearly every member had somebody like them to compare with"
)
_CHOSEN = Ground("likely", ("balance", MEMBERS_MATCHED.id), own=(MEMBERS_MATCHED,))

KIND = Kind(
    notebooks=("progression",),
    shows="analysis.studies.progression.view:SHOWS",
    service="progression",
    estimand="joining_effect",
    method=MAIN,
    by_group=("group_effect", WITHIN_GROUP),
    pooled=(
        ("joining_effect", MAIN),
        ("group_effect", WITHIN_GROUP),
        ("gap_difference", WITHIN_GROUP),
        *((estimand, OF_SCHEME) for estimand in SCHEME_EFFECTS.values()),
    ),
    clusters_are_people=True,
    gaps=True,
    ladder=True,
    designs={
        "matched_eligible_staff": Design(
            "people who joined beside people like them who could have joined on the same day",
            ("employee",),
            {"by_choice": _CHOSEN, "by_need": _CHOSEN},
            planned="people",
        )
    },
    estimands={
        "joining_effect": Estimand("Members less people like them"),
        **{
            estimand: Estimand(f"Members of one scheme ({SCHEME_WORDS[scheme]}) less others")
            for scheme, estimand in SCHEME_EFFECTS.items()
        },
        "hazard_ratio": Estimand("Times as fast at any one time"),
        "members_incidence": Estimand("Members' own figure, compared with nothing"),
    },
    methods={
        MAIN: Method("main: like with like from the day of joining", "recorded", LATER_JOINERS),
        OF_SCHEME: Method("like with like, members of one scheme", "recorded", LATER_JOINERS),
        WITHIN_GROUP: Method("like with like within the ethnic group", "recorded", LATER_JOINERS),
        NOT_MATCHED: Method(
            "same region, grade and day, not matched on anything", "held_alike", LATER_JOINERS
        ),
        UNTIL_JOINING: Method("main, others followed to the day on which they join", "recorded"),
        FROM_ELIGIBILITY: Method("naive: counted from eligibility, whoever ever joined"),
        COX: Method(
            "Cox within the sets of one day; other exits, and joining later, end the follow-up",
            "recorded",
        ),
        "aalen_johansen": Method("with other exits competing"),
        **{
            name: Method(f"main, by month {months}", "recorded", LATER_JOINERS)
            for months, name in BY_MONTH.items()
        },
    },
    excluded={
        "joined_outside": "joined a scheme outside the period, and stood beside no other member",
        "never_beside": "could be promoted on no day on which somebody of their grade joined",
    },
    offers="analysis.studies.progression.offers:offers",
    study="analysis.studies.progression.opening:open_progression",
    page="analysis.studies.progression.page:PAGE",
    explores="analysis.studies.progression.explored:rows",
    sampled="analysis.studies.progression.sampled:people",
)
