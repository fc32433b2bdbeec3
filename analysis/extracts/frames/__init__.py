"""One row a person, dyad, court case or member of staff, made of several tables."""
