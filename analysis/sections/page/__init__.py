"""What the pages of a study are made of, and the pages of a pilot."""
