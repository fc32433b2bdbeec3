"""Plans before outcomes: what of a plan is locked, by whom and when, and what changed since."""
