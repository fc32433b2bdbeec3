"""What the columns of figures mean: their headings are short, and a reader of a file has no figure
beside them."""

UNIT = "unit"
# Columns whose numbers are in the unit that another column of the table names.
IN_THE_UNIT = frozenset({"estimate", "low", "high", "size that matters"})
_LOWER = "The lower end of an interval."
_UPPER = "The upper end of an interval."
MEANINGS = {
    "estimate": "The best estimate of a difference; below nothing is fewer or lower.",
    "low": _LOWER,
    "high": _UPPER,
    "opposite low": f"{_LOWER} Of the opposite event.",
    "opposite high": f"{_UPPER} Of the opposite event.",
    "drawn low": f"{_LOWER} Of the value drawn towards the other places.",
    "drawn high": f"{_UPPER} Of the value drawn towards the other places.",
    "size that matters": "A smaller difference would not matter: said in the plan beforehand.",
    "mark": "How the figure draws the row.",
    "marks": "How the figure draws the row.",
    "status": "Whether there is an estimate, it is withheld, or it could not be worked out.",
    "rate": "The share of the group, in every hundred people or in the unit of the measure.",
    "reference rate": "The same of the reference group.",
    "times as often": "The rate of the group over that of the reference group; one is equal.",
    "opposite ratio": "The ratio of those to whom the event did not happen.",
    "decided by": "Which of the two ratios, of the event or of its opposite, decides the verdict.",
}
