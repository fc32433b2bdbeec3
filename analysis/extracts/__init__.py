"""Tables in: contracts, one checked and typed reading of an extract, frames of people, counts."""
