"""The made-up prisons of programmes that start in steps."""
