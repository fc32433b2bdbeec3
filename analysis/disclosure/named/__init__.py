"""Every count that a pilot prints or withholds, by its name, and how these counts hang together."""
