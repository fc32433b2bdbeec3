"""Made-up managers, tests, staff surveys and grievances of training trials."""
