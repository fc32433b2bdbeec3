"""The pages of a monitor: its one figure, its answer block, and what the front page says of it."""
