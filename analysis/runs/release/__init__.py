"""The release ledger: what has left, and what may follow it (S13)."""
