"""What a study found: its rows, their record, and the file that keeps it."""
