"""Surveys: whether a scale of questions can carry a comparison."""
