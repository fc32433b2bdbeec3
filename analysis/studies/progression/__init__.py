"""Progression schemes: members beside staff who could have joined on the same day."""
