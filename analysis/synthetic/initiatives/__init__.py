"""Tables of regional initiatives, month by month."""
