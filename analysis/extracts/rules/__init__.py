"""Whether an extract keeps its contracts, between columns, rows and tables."""
