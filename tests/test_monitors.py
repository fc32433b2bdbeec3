"""Monitors: published counts give the published ratios, too few is never a pass, and nothing exact
leaves."""
