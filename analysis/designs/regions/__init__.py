"""One region with an initiative, or few, beside all others, before and after it began."""
