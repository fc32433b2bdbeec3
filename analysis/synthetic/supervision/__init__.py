"""Made-up people on probation and their practitioners."""
