"""Regression within absorbed effects: taking them out of columns, least squares, sandwiches."""
