"""Selection: how a gap changes from one date on, beside people without the offer; exact shares."""
