"""One reading of an extract, synthetic nation, snapshot or database, as lazy tables."""
