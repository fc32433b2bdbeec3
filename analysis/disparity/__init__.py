"""Relative rates with intervals and verdicts, over time, units, stages and benchmarks."""
