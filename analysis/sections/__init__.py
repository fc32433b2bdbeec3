"""Results as sections of a notebook: the answer, checks, levels, national tables."""
