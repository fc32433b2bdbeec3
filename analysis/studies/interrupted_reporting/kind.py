"""Reports of discrimination by month: what they do at a date, beside a survey of what was
experienced.

The change came to the whole nation on one date, so that there is one series and regions show their
own figures. More reports may be more trust, so that a plan leaves their direction undefined. A
report may come in on more than one form: what is counted are incidents, each once. The plan names
in `comparison: events` when the change came (`start`), when the form changed (`instrument`), and
what else happened (`rival`); the months of a short rival are left out of the series.
"""

from analysis.plans.designs import Check, Design, Ground
from analysis.plans.emitted import Estimand, Method, Tells
from analysis.plans.kinds import Kind

ONCE = "counted_once"
_OWN = (Check(ONCE, "each incident can be counted once, whatever the form"),)
# One series, and nothing beside it: whatever came at that date is in the step.
_DESCRIBED = Ground("described", (ONCE, "placebo_start"), _OWN)
MAIN = "interrupted_counts"
FORM, COPIES = "form_change", "copies"

KIND = Kind(
    notebooks=("interrupted_reporting",),
    shows="analysis.studies.interrupted_reporting.view:SHOWS",
    service="reporting",
    estimand="step",
    method=MAIN,
    by_group=("group_effect", MAIN),
    estimands={
        "step": Estimand("Step at the date"),
        "slope_change": Estimand("Change of the trend from then on, a year"),
        "reports_for_experience": Estimand(
            "Incidents reported for each person who experienced it, after beside before"
        ),
        "wave_difference": Estimand("Second wave less first wave"),
        "naive_difference": Estimand("Forms filed after, beside before"),
    },
    methods={
        MAIN: Method("main: distinct incidents, the series at its date", "held_alike"),
        "persons_reporting": Method("distinct people who reported, by month", "held_alike"),
        "unchanged_sites": Method("incidents in prisons that kept the old form", "held_alike"),
        "events_left_in": Method("main, with the months of short events", "held_alike"),
        "local_level": Method("the same series by a level that wanders", "held_alike"),
        "forms_as_filed": Method("forms as they were filed", "held_alike"),
        "delta_method": Method("incidents by month over the survey's share, by the delta method"),
        "two_waves": Method("two waves of the survey, errors clustered on prisons"),
        "first_wave": Method("the first wave"),
        "crude_means": Method("naive: forms counted, nothing held alike"),
    },
    tells={
        FORM: Tells("whether a change of the form can be told from a change in reporting"),
        COPIES: Tells("how many forms came in for each incident"),
    },
    excluded={
        "outside_the_period": "filed outside the period of the plan",
        "another_form": "another form about an incident that is counted already",
        "while_it_came": "filed while the change came",
        "short_event": "filed in the months of a short event",
    },
    designs={
        "interrupted_counts": Design(
            "one series of counts that a date interrupts, with nothing beside it",
            ("nation",),
            {"by_choice": _DESCRIBED, "by_need": _DESCRIBED},
            planned="series",
        )
    },
    hangs_together="analysis.study.all_places:all_is_the_sum",
    offers="analysis.studies.interrupted_reporting.offers:offers",
    study="analysis.studies.interrupted_reporting.opening:open_reporting",
    explores="analysis.studies.interrupted_reporting.explored:rows",
    page="analysis.studies.interrupted_reporting.page:PAGE",
)
