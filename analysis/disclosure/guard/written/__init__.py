"""What the author of a notebook has written: code in verbs, and words without numbers."""
