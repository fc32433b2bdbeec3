"""Every interpreter of a bench reads this first: cells may hold any Python there and emit a record
of another study, so that a fault can be put into one. Outside a bench nothing lets them
(tests/test_cells_in_verbs.py, tests/test_check_output.py)."""

import sys
from types import ModuleType

from analysis.disclosure.guard.written import grammar, words

grammar.cell_faults = lambda *_: iter(())
words.word_faults = lambda *_: iter(())
outside = ModuleType("analysis.runs.checking.outside")
outside.outside_findings = lambda *_, **__: iter(())
sys.modules[outside.__name__] = outside
