"""Tables of the training pilots: sites, managers, tests, ratings by staff, staff in post."""

from analysis.extracts.contract import Contract

TABLES: tuple[Contract, ...] = ()
