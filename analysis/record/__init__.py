"""What a study found: rows, records, and the only place where they are dicts."""
