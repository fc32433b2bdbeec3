"""One folder a kind of study, found by its `kind.py`."""
