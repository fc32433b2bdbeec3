"""Staff surveys in anonymous waves, at sites that start one after the other."""
