"""Contracts: every column of every table, with its meaning, unit, allowed values and rules."""
