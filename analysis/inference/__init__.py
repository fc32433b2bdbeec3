"""Errors, permutations, several comparisons and power: pure functions that know no plan."""
