"""Rounds: who has signed what, what pages say of it, and how far figures moved since a round before."""
