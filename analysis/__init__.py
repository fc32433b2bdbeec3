"""Evaluates pilots that set out to make prisons and probation fairer by ethnicity. Read
ARCHITECTURE.md for the map."""
