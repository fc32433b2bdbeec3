"""A new study, begun from the worked example of its design or table."""
