"""Tables of the courts and of pre-sentence reports."""

from analysis.extracts.contract import Contract

TABLES: tuple[Contract, ...] = ()
