"""A regional initiative: one region with it, or few regions or sites, beside all others."""
