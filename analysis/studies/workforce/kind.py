"""The monitor of the workforce: who is in post first, then rates as in every monitor."""

from dataclasses import replace

from analysis.studies.disparity import kind as monitor

KIND = replace(
    monitor.KIND,
    notebooks=("workforce",),
    shows="analysis.studies.workforce.view:SHOWS",
)
