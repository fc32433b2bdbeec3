"""Rounds: what was run and signed, which looks were taken, how far figures moved since the round
before."""
