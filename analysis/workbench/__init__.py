"""The verbs of an evaluation: one class for every study, and how a call of a verb is checked."""
