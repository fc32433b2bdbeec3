"""Sentences of pages and notebooks, each from a finding or a disparity."""
