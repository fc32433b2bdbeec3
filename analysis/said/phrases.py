"""Words that hold a figure and stand in many sentences."""

from analysis.said.texts import worded

EVERY_100 = worded("in every 100")
IN_100 = worded("in 100")
CI_95 = worded("95% confidence interval")
INTERVAL_95 = worded("95% interval")
