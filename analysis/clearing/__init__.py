"""All places together: pools, families, classes, claims and the national record."""
