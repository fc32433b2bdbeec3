"""Cells of a notebook that is published hold verbs, and words without numbers: everything else is
found outside the kernel."""

import json

import pytest

from analysis.disclosure.guard.written.grammar import VERBS, cell_faults
from analysis.disclosure.guard.written.sources import source_findings
from analysis.paths import EXPLORE, NOTEBOOKS
from analysis.places.place import Place
from analysis.places.portfolio import Portfolio
from analysis.plans.kinds import kinds, named
from analysis.protocol.protocol import Protocol
from analysis.workbench.study import Study

PARAMETERS = 'study_id = "psr_quality"\nregion_id = "wales"\ndata_source = "synthetic"'
OPEN = (
    "from analysis.notebook import open_study\n\n"
    "study = open_study(study_id, region_id, data_source)\nstudy.answer()"
)
ALL = sorted(NOTEBOOKS.rglob("*.ipynb"))


def cell(source, kind="code", **metadata):
    return {"cell_type": kind, "metadata": metadata, "source": source}


def found(*cells):
    """Rules that cells after an opened study break."""
    whole = [cell(PARAMETERS, tags=["parameters"]), cell(OPEN), *cells]
    return [finding.rule[:3] for finding in source_findings({"cells": whole})]


@pytest.mark.parametrize("notebook", ALL, ids=lambda path: path.stem)
def test_every_committed_notebook_is_in_verbs_but_the_one_that_is_never_published(notebook):
    found = list(source_findings(json.loads(notebook.read_text())))
    assert bool(found) == (notebook == EXPLORE)


def test_the_verbs_are_those_of_a_study_and_of_the_nation():
    nations = [named(kind.national) for kind in kinds().values() if kind.national]
    public = {
        name
        for each in (Study, Place, Portfolio, Protocol, *nations)
        for name in dir(each)
        if name[0] != "_"
    }
    assert public >= VERBS
    assert public - VERBS <= {"designs", "place", "plan", "source", "joint"}


PLAIN = [
    'study.compare("recalled")',
    'study.compare("recalled", by="ethnic_group") + study.rates()',
    'study.compare("recalled", where={"sex": "female"}, adjust=["age_band", "sex"])',
    'made = study.table(by=["ethnic_group", "sex"], share="recalled", count=True)\nmade',
    'made = study.table(by="sex")\nstudy.plot(made, kind="dumbbell")',
    'study.plot(study.table(by=["sex"]).table, kind="points")',
    "study.compare().table",
    "study.compare().charts[0]",
    "study.compare(study.outcomes.recalled)",
    'study.compare(study.outcomes["recalled"])',
    "study.check(study.checks.balance)",
    "study.outcomes",
    "study.compare().estimates",
    "# what the plan fixes\nstudy.plan()",
]


@pytest.mark.parametrize("source", PLAIN)
def test_what_the_documentation_says_may_be_written_passes(source):
    assert found(cell(source)) == []


NOT_VERBS = [
    "def f():\n    pass",
    "class A:\n    pass",
    "import os",
    "from analysis.results import Table",
    "from analysis.notebook import open_study as o",
    "import analysis.display.tables as t",
    "from analysis.display.prose import Prose",
    "Table('Recalls', frame, 'rounded')",
    "from IPython.display import HTML\nHTML('12')",
    "study._study",
    "study.__class__",
    "study.place = 'london'",
    "study.answer = lambda: None",
    "getattr(study, '_exact')",
    "exec('1')",
    "eval('1')",
    "open('x', 'w').write('12')",
    "__import__('os').system('true')",
    "globals()['study']",
    "print('12 people')",
    "%matplotlib inline",
    "!ls",
    "%%bash\nls",
    "study.people?",
    "study.table(by=['sex']).table.frame",
    "study.table(by=['sex']).table.to_frame().to_csv('figures/x.csv')",
    "study.table(by=['sex']).charts[0].figure.savefig('figures/x.svg')",
    "study.table(by=['sex']).table.with_(title='12 of 13')",
    "study.compare().text.format(study)",
    "[p for p in study.people()]",
    "for part in study.people():\n    part",
    "while True:\n    pass",
    "with study:\n    pass",
    "lambda: 1",
    "(x := study.people())",
    "study.people() if True else study.answer()",
    "f'{study._exact}'",
    "'12 people'",
    "12",
    "a, b = study.people(), study.answer()",
    "study.people() - study.answer()",
    "del study",
    "global study",
    "assert study",
    "raise KeyError",
    "try:\n    pass\nexcept E:\n    pass",
    "other = open_study('supervision', 'wales', 'synthetic')",
    "again = open_study(study_id, region_id, data_source)",
    "study_id = 'supervision'",
    "open_study = study",
    "study.compare(study)",
    "study.compare(**{'by': 'sex'})",
    "study.compare(*['a'])",
    "study.compare(lambda: 1)",
    "study.compare(unknown)",
    "study.table(where={'sex': open('x')})",
    "study.outcomes.__init__",
    "study.outcomes._words",
    "study.compare()[0]",
    "study['x']",
    "study",
    "n = 12",
    "recalled_three_of_17_black = study.people()",
    "x: int = study.people()",
    "x = y = study.people()",
    "study.people().parts[:2]",
    "await study.people()",
    "await_ = study.people",
    "@study.people\ndef f(): pass",
    "from analysis.private import open_private",
    "from analysis.disclosure.guard.registration import register",
    "import matplotlib.pyplot as plt",
    "match study:\n    case _:\n        pass",
    "type A = int",
    "x" * 10 + "(" * 500,
]


@pytest.mark.parametrize("source", NOT_VERBS)
def test_everything_else_is_found(source):
    assert "G20" in found(cell(source))


def test_a_parameters_cell_sets_parameters_to_texts_and_stands_before_the_study():
    for source in (
        "top_n = 5",
        "note = 'three'",
        "study_id = f()",
        "import os",
        "study_id = 'a' + 'b'",
        "study_id: int = 'psr_quality'",
        "study_id: print('seen') = 'psr_quality'",
        "study_id: str = 3",
    ):
        faults = list(cell_faults(source, ("parameters",), {}))
        assert faults, source
    assert not list(cell_faults("study_id: str = 'psr_quality'  # which", ("parameters",), {}))
    late = cell('region_id = "london"', tags=["injected-parameters"])
    assert found(late) == ["G20"]


@pytest.mark.parametrize("tag", ["skip-execution", "raises-exception", "hide-input", "3-of-17"])
def test_a_tag_that_no_cell_needs_is_found(tag):
    assert found(cell("study.people()", tags=[tag])) == ["G20"]
    assert found(cell("Words.", "markdown", tags=[tag])) == ["G20"]


WORDS = [
    "3 of the Black managers were recalled.",
    "Seventeen people took part.",
    "## Four were harmed",
    "Half: ½",
    "Number Ⅻ or ٣",
    "a dozen people",
    "QmxhY2sgcGVvcGxlIHJlY2FsbGVkOiB0aHJlZSBvZiBzZXZlbnRlZW4=",
    "Zero\u200bwidth",
    "Turned \u202eround",
    "12\u200b3",
    "1. In a list",
]


@pytest.mark.parametrize("text", WORDS)
def test_numbers_and_unseen_characters_in_words_are_found(text):
    assert "G21" in found(cell(text, "markdown"))
    if "\n" not in text:
        assert "G21" in found(cell(f"study.people()  # {text}"))


def test_words_without_numbers_pass_and_known_words_are_known_as_a_whole():
    assert (
        found(cell("## What it cost\n\nSee [the source](https://www.gov.uk/prisons).", "markdown"))
        == []
    )
    known = json.loads((NOTEBOOKS / "validation" / "star.ipynb").read_text())["cells"][6]
    text = "".join(known["source"])
    assert found(cell(text, "markdown")) == []
    assert found(cell(text + " And 3 were not.", "markdown")) == ["G21"]


def test_a_sentence_in_the_code_is_read_as_words():
    assert "G21" in found(cell('study.compare("of all the people 3 were recalled")'))
