"""A monitor: rates of ethnic groups beside each other, round by round."""

from analysis.plans.kinds import MONITORS, Kind

KIND = Kind(
    notebooks=("disparity",),
    shows="analysis.studies.disparity.shown.view:SHOWS",
    estimand="relative_rate_index",
    method="page",
    folder=MONITORS,
    plan="analysis.plans.monitor:Monitor",
    agrees="analysis.study.offers:monitor_agrees",
    opens="analysis.studies.disparity.opening:open_counts",
    beside="analysis.studies.disparity.joint:set_monitor_beside",
    national="analysis.studies.disparity.national:MonitorNational",
    drawing="analysis.site.answers.monitor_drawing:monitor_drawing",
    block="analysis.site.answers.monitor_answer:monitor_block",
    sections="analysis.site.answers.monitor_answer:monitor_sections",
)
