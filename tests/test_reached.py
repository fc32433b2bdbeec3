"""Code that nothing but tests reaches names the study that it waits for, or is not there."""

import ast
import re

from reached import definitions, reached, reached_by_tests_only, sources
from test_answers import NAMED

from analysis.paths import PARAMS
from analysis.plans.kinds import kinds

WAITS = re.compile(r"Waits for ((?:`\w+`(?: and |, )?)+)\.")
# What is planted is stated in this room for tests to hold.
TRUTHS = "analysis.synthetic."
FOR_HANDS = {
    ("analysis.workbench.names", "Names._ipython_key_completions_"),  # asked for by IPython
    ("analysis.runs.kernel_client", "ForkedProcess.terminate"),  # every process can be ended so
    ("analysis.display.section", "Section.charts"),  # for whoever takes a section in hand
    ("analysis.display.amounts", "row_words"),  # what a figure's line says, as one text
    ("analysis.runs.new_study.examples", "truth_of"),  # the test of a new study asks it
    ("analysis.extracts.reading.sources", "lazy_table"),  # for engines without views of DuckDB
}


def waits_for(code) -> tuple[str, ...]:
    """Studies that the docstring of a definition, of its class or of its module names."""
    owner = definitions()[code.key[0], code.owner] if code.owner else None
    heads = [code.nodes[0], sources()[code.key[0]]]
    texts = [ast.get_docstring(node) for node in heads if hasattr(node, "body")]
    texts += [_class_text(one) for one in (code, owner) if one is not None]
    return tuple(
        re.findall(
            r"`(\w+)`",
            " ".join(m[1] for t in texts if t for m in WAITS.finditer(" ".join(t.split()))),
        )
    )


def _class_text(code) -> str | None:
    """The docstring of a class, which stands first in its body."""
    for node in code.nodes:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return str(node.value.value)
    return None


def waiting() -> set:
    """What waits for a study, and all that it alone uses."""
    known = definitions()
    found = {code.key for code in reached_by_tests_only() if waits_for(code)}
    new = found
    while new:
        uses = {use for key in new for use in known[key].uses if use in known}
        owned = {key for key, code in known.items() if (key[0], code.owner) in found and code.owner}
        new = (uses | owned) - found
        found |= new
    return found


def without_a_study() -> list:
    """What only tests reach, and neither waits for a study nor is there on purpose."""
    held = waiting()
    return [
        code
        for code in reached_by_tests_only()
        if code.key not in held | FOR_HANDS and not code.key[0].startswith(TRUTHS)
    ]


def test_code_that_tests_alone_reach_names_the_study_that_it_waits_for():
    """Write "Waits for `a_study_to_come`." in the docstring, or take it out with its tests."""
    assert not [".".join(code.key) for code in without_a_study()]


def test_what_waits_waits_for_a_study_to_come():
    there = {path.stem for path in PARAMS.glob("*/*.yml")} | set(kinds())
    to_come = {study for _, study in NAMED}
    for key, code in definitions().items():
        for study in waits_for(code) if code.is_code else ():
            assert study in to_come, f"{key}: there is to be no study {study}"
            assert study not in there, f"{key}: the study {study} is there, and does not use it"


def test_what_a_notebook_uses_is_reached():
    assert ("analysis.judgement.pools.pooling", "pool") in reached()
    assert ("analysis.studies.matching.kind", "KIND") in reached()
