"""Rounds: who signed what, what pages say of it, how far figures moved since the round before."""
