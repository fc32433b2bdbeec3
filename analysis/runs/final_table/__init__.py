"""The table at the end of a batch: one line a study, and all of them together."""
