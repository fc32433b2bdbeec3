"""Every interpreter of a bench reads this first: cells may hold any Python there and emit a record
of another study, so that a fault can be put into one. Outside a bench nothing lets them
(tests/test_cells_in_verbs.py, tests/test_check_output.py)."""

import sys
from pathlib import Path
from types import ModuleType

from analysis.disclosure.guard import ids
from analysis.disclosure.guard.written import grammar, words

grammar.cell_faults = lambda *_: iter(())
words.word_faults = lambda *_: iter(())
# What is not worked out outside of a kernel keeps no ids either, for the pages to be searched.
ids.kept_ids = lambda *_: Path(__file__).with_name("no_ids")
outside = ModuleType("analysis.runs.checking.outside")
outside.outside_findings = lambda *_, **__: iter(())
sys.modules[outside.__name__] = outside
