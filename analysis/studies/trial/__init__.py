"""Sites that a lot drew to start, beside sites that wait: training."""
