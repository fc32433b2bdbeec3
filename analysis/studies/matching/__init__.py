"""People whose practitioner was of their own ethnic group, beside others."""
