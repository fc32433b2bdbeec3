"""Repeated audits: a change on one date, in items that it touches beside items that it does not."""
