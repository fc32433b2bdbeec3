"""Who is missing from the data of a study: lost rows, and people who did not answer."""
