"""Synthetic audits of assessments."""
