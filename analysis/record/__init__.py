"""What a run found in one place: typed rows, the record that holds them, and how it is stored."""
