"""Synthetic reports of discrimination incidents, and a survey of what people experienced."""
