"""A list of commitments: what was promised, by when, and what is known of it."""
