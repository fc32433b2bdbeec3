"""docs/trust.md names what fails when a rule is taken away, and these names exist."""

import re
from functools import cache

import pytest
from attacks.mutations import MUTATIONS, NUMBERS
from attacks.mutations_of_runs import OF_RUNS
from syntax import parsed

from analysis.paths import ROOT

TRUST = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")
WITHOUT = "without it fails"
NOT_BUILT = {"S8", "S11", "S17"}  # S17: an answer of few people is not given (judgement)
MUTATED = {mutation.where for mutation in (*MUTATIONS, *OF_RUNS)}


def rows() -> list[tuple[str, str]]:
    """(rules of the first column, names of the last) of each table that names what fails."""
    found, within = [], False
    for line in TRUST.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            within = False
        elif cells[-1] == WITHOUT:
            within = True
        elif within and not set(line) <= set("|-"):
            found.append((cells[0], cells[-1]))
    return found


ROWS = rows()


@cache
def names_in(path: str) -> frozenset[str]:
    tree = parsed(ROOT / path)
    return frozenset(getattr(node, "name", "") for node in tree.body)


@pytest.mark.parametrize(("rule", "names"), ROWS, ids=[rule for rule, _ in ROWS])
def test_what_fails_without_a_rule_exists(rule, names):
    named = re.findall(r"`([^`]+)`", names)
    assert named, f"{rule} names nothing that fails without it"
    for name in named:
        file, _, test = name.partition("::")
        if file.endswith(".py"):
            assert test in names_in(file), name
        else:
            assert name in MUTATED, f"{rule}: no mutation changes {name}"


def test_every_rule_of_disclosure_is_in_the_list():
    listed = {rule for rule, _ in ROWS}
    assert listed >= {f"S{n}" for n in range(21)} - NOT_BUILT


def listed_codes() -> set[str]:
    return {code for rule, _ in ROWS for code in rule.split(", ") if code.startswith("G")}


def test_every_code_of_the_guard_is_in_the_list_and_no_other():
    rooms = ("disclosure/guard", "runs", "site")
    folders = (ROOT / "analysis" / room for room in rooms)
    texts = (path.read_text(encoding="utf-8") for one in folders for path in one.rglob("*.py"))
    codes = {code for text in texts for code in re.findall(r"\b(G\d\d): ", text)}
    assert codes == listed_codes()


def test_as_many_lines_are_taken_away_as_is_said():
    said = re.search(r"(\d+) lines of rules, attack.*?, (\d+) numbers: all missed", TRUST)
    assert said is not None
    assert [int(n) for n in said.groups()] == [len(MUTATIONS) + len(OF_RUNS), len(NUMBERS)]
