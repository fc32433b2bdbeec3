"""One series over time that a date interrupts: its step, its change of slope, and bridges."""
