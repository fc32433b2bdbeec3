"""Figures of what a study could find, before outcomes are seen."""
