"""A process monitor: what an action put out and whom it reached, counted alone."""
