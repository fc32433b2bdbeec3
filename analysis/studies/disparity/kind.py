"""A monitor: rates of ethnic groups beside each other, round by round."""

from analysis.plans.emitted import Estimand, Method, Tells
from analysis.plans.kinds import MONITORS, Kind
from analysis.vocabulary.regions import ALL

METHODS = {
    "log": Method("rates set beside each other, each over the time at risk"),
    "normal": Method("difference of two rates over the time at risk"),
    "exact_conditional": Method("rates set beside each other, exact where events are few"),
    "clustered_by_person": Method("rates set beside each other, several events of one person"),
    "mantel_haenszel": Method("within each unit, put together", "held_alike"),
    "adjusted_outside": Method("allowing for what the service does not decide", "outside"),
    "adjusted_both": Method("allowing for what the service decides too", "everything"),
}
TELLS = {
    "chance_alone": Tells("what chance alone would show"),
    "delivery": Tells("what was not delivered"),
    "provisional": Tells("what is provisional"),
    "lost_rows": Tells("people missing between two of their quarters"),
    "totals_of_the_table": Tells("the table's own totals"),
    "labels_not_mapped": Tells("labels that are none of the page's groups"),
    "recoded": Tells("people whose group was recoded", "time"),
    "persistent": Tells("seen in the last rounds", "measure"),
    "explanation": Tells("where the explanation stands", "measure"),
    "years": Tells("do the years agree", "measure"),
    "monthly_series": Tells("what the monthly series shows"),
    "given": Tells("what the table gives", "measure"),
}

KIND = Kind(
    notebooks=("disparity",),
    shows="analysis.studies.disparity.shown.view:SHOWS",
    estimand="relative_rate_index",
    method="page",
    estimands={
        "rate_difference": Estimand("Difference between two rates"),
        "opposite_relative_rate": Estimand("Relative rate of the opposite outcome"),
    },
    methods=METHODS,
    tells=TELLS,
    excluded="analysis.studies.disparity.figures:exclusion_reasons",
    folder=MONITORS,
    plan="analysis.plans.monitor:Monitor",
    agrees="analysis.study.offers:monitor_agrees",
    opens="analysis.studies.disparity.opening:open_counts",
    beside="analysis.studies.disparity.joint:set_monitor_beside",
    national="analysis.studies.disparity.national:MonitorNational",
    page="analysis.studies.disparity.page.page:PAGE",
    commits=("west_midlands", ALL),
    hangs_together="analysis.studies.disparity.protected.hangs_together:hangs_together",
    explores="analysis.studies.disparity.counted.explored:rows",
)
