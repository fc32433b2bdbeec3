"""The answer block above a notebook, with its one figure."""
