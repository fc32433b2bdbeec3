"""Whether a plan names only what its data, its groups and its table of counts have."""
