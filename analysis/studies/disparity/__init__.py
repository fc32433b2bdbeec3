"""A monitor: relative rates of events by group, round by round, with verdicts."""
