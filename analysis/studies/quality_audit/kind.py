"""Audits of quality by coded cases: do investigators who were trained recognise what is there more
often, and do they see what is not there?

The investigator is what was assigned. A panel says of a sample of the cases whether they hold
subtle racism (the gold code), coders say whether the report recognises it, and coders drift: what
they find is compared between trained and waiting investigators at one time, and never before and
after alone. All investigators belong to one national office, so that there is one analysis of all;
regions show their own cases. The plan names in `comparison: events` when the first were trained.
"""

from analysis.plans.designs import Check, Design, Ground
from analysis.plans.emitted import Estimand, Method, Tells
from analysis.plans.kinds import Kind

DETECTED, SEEN_WITHOUT, TEST = "detected", "seen_without", "test_after"
MAIN, CR2, SECOND_CODES = "lot_of_investigators", "investigators_cr2", "second_codes"
ALONE, BRIDGED = "before_and_after", "mean_equating"
TRAINED_ALONE, WAITING_ALONE, DRIFT = "trained_change", "waiting_change", "same_cases_later"
TEAMS = "teams_alike"
BLINDED, AGREEMENT, MOVED, TAKEN = "blinded", "agreement", "moved_alike", "test_taken"
_OWN = (
    Check(BLINDED, "whoever coded the cases knew neither their date nor who had been trained"),
    Check(AGREEMENT, "coders agree on what a report recognises"),
    Check(
        MOVED,
        "before the training both sides moved alike",
        "outcome",
        not_of=("scale",),
    ),
    Check(
        TAKEN,
        "enough investigators took the second test, and about as many on either side",
        "outcome",
        not_of=("share",),
    ),
)
# About three quarters of a true difference is seen (tests/test_quality_audit.py); no test is coded.
MISREAD = "coders misread some cases, so that differences found here are smaller than they are"
_NAMES = tuple(check.id for check in _OWN)
_LIKELY = Ground("likely", _NAMES, _OWN)

KIND = Kind(
    notebooks=("quality_audit",),
    shows="analysis.studies.quality_audit.view:SHOWS",
    service="investigations",
    estimand="training_effect",
    method=MAIN,
    by_group=("group_effect", MAIN),
    clusters_are_people=True,
    gaps=True,
    estimands={
        "training_effect": Estimand("Trained less not yet trained"),
        TRAINED_ALONE: Estimand("Trained, since less before"),
        WAITING_ALONE: Estimand("Not yet trained, since less before"),
    },
    methods={
        MAIN: Method(
            "main: changes of investigators, the lot drawn anew", "held_alike", MISREAD, (TEST,)
        ),
        CR2: Method(
            "changes of investigators, errors by CR2 in place of the lot",
            "held_alike",
            MISREAD,
            (TEST,),
        ),
        SECOND_CODES: Method(
            "by the second coders, at the end and in mixed order", "held_alike", MISREAD, (TEST,)
        ),
        ALONE: Method("by the first coders, whose drift is in it"),
        BRIDGED: Method("less the drift on anchor cases; what else changed is in it"),
        "crude_means": Method("naive: drift of coders not allowed for, nor the sample"),
    },
    tells={
        DRIFT: Tells("whether coders drift", "outcome"),
        TEAMS: Tells("whether what training adds differs between teams", "outcome"),
    },
    excluded={
        "outside_the_period": "reported outside the period of the plan",
        "month_of_training": "reported in the month of the training",
        "trained_between": "of investigators trained at another time",
        "no_investigator": "of an investigator who is in no list",
        "not_put_to_panel": "not put to the panel",
    },
    designs={
        "trained_investigators": Design(
            "investigators trained first beside investigators who wait, by coded cases",
            ("employee",),
            {
                "by_lot": Ground("caused", _NAMES, _OWN),
                "by_choice": _LIKELY,
                "by_need": _LIKELY,
            },
            planned="clusters",
        )
    },
    hangs_together="analysis.study.all_places:all_is_the_sum",
    offers="analysis.studies.quality_audit.offers:offers",
    study="analysis.studies.quality_audit.opening:open_audit",
    explores="analysis.studies.quality_audit.explored:rows",
)
