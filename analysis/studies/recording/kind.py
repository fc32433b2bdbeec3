"""The monitor of how ethnicity is recorded: a monitor like others, with sections of its own."""

from dataclasses import replace

from analysis.studies.disparity import kind as monitor

KIND = replace(
    monitor.KIND,
    notebooks=("ethnicity_recording",),
    shows="analysis.studies.recording.view:SHOWS",
    opens="analysis.studies.recording.study:open_recording",
)
