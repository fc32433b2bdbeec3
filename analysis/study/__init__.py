"""What all kinds share in one place: opening, checks, lost rows, the exact record."""
