"""Counts by group, from records or from a table of counts that others made."""
