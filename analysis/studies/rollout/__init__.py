"""Courts that start one after the other: pre-sentence reports."""
