"""Counts of a monitor under the name by which they are protected, and how they hang together."""
