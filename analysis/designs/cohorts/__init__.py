"""People with one practitioner or another: assignment, balance, matching."""
