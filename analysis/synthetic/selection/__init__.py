"""Synthetic selection: candidates of assessment centres, and vacancies."""
