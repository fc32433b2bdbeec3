"""Scales and ratings: reliability, agreement of raters, answers that were not given."""
