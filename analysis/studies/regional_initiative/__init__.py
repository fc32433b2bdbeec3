"""A regional initiative: one region with it, or few, beside all others."""
