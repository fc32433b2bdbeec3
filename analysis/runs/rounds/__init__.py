"""Commands of a round: sign off, fact check, correct, announce, publish."""
