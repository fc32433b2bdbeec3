"""The reference is whole: each key, code, verb and option of the code is said in words."""

import sys

import click
import pytest

from analysis.extracts.tables.contracts import CONTRACTS
from analysis.paths import ROOT
from analysis.plans.designs import HOW_CHOSEN
from analysis.plans.kinds import designs
from analysis.workbench.study import Study

sys.path.append(str(ROOT / "docs"))
from from_code import MADE, MARK, with_what_is_made
from from_code.commands import commands
from from_code.errors import all_codes, codes_in_the_code, raised
from from_code.keys import MODELS, meanings_of, sections_of, unsaid, written

REFERENCE = ROOT / "docs" / "reference"
ELSEWHERE = REFERENCE.parent / "explanation" / "designs.md"
PAGES = [*sorted(REFERENCE.glob("*.md")), ELSEWHERE, ROOT / "docs" / "decisions" / "README.md"]


def test_every_part_that_is_made_stands_on_one_page():
    marks = [name for page in PAGES for name in MARK.findall(page.read_text(encoding="utf-8"))]
    assert sorted(marks) == sorted(MADE)


def test_a_mark_of_what_is_not_made_is_an_error():
    with pytest.raises(KeyError):
        with_what_is_made("<!-- from the code: nothing -->")


# -- plan keys -------------------------------------------------------------------------------------
def test_every_key_of_a_plan_has_a_meaning():
    assert unsaid() == [], "say it beside the key, or in docs/from_code/meanings.yml"


def test_meanings_are_of_keys_that_there_are():
    found = {}
    for top in MODELS.values():
        for model in (top, *sections_of(top).values()):
            for one in model.__mro__[:-1]:
                keys = {f.alias or key for key, f in getattr(one, "model_fields", {}).items()}
                found.setdefault(one.__name__, set()).update(keys)
    for model, meanings in written().items():
        assert set(meanings) <= found[model], model


PAGE_OF = {
    "Plan": "plan keys of pilots",
    "Monitor": "plan keys of monitors",
    "OutputsPlan": "plan keys of outputs",
}


@pytest.mark.parametrize("name", MODELS)
def test_the_page_of_plan_keys_has_every_key_and_says_which_are_needed(name):
    page = MADE[PAGE_OF[name]]()
    for model in (MODELS[name], *sections_of(MODELS[name]).values()):
        assert f"### {model.__name__}\n" in page
        for key, field in model.model_fields.items():
            needed = "yes" if field.is_required() else "no"
            assert f"| `{field.alias or key}` | {meanings_of(model)[field.alias or key]}" in page
            (row,) = {
                line
                for line in page.split(f"### {model.__name__}\n")[1].split("### ")[0].splitlines()
                if line.startswith(f"| `{field.alias or key}` |")
            }
            assert row.split("| ")[-1].startswith(needed), row


# -- errors ----------------------------------------------------------------------------------------
def test_every_code_of_the_code_says_something():
    codes, page = all_codes(), MADE["error codes"]()
    assert codes_in_the_code() <= set(codes), "say it in docs/from_code/said_elsewhere.yml"
    for code, said in codes.items():
        assert all(len(text) > 10 for text, _ in said), code
        assert f"| {code} |" in page


def test_a_code_is_read_where_it_is_raised():
    assert raised()["E230"] == [
        (
            "--jobs must be at least 1.",
            "Write a whole number from 1 on; this machine has … cores.",
        )
    ]


# -- verbs, options, designs, tables ---------------------------------------------------------------
def test_every_verb_has_its_call_and_its_words():
    page = MADE["verbs"]()
    for name in (name for name in vars(Study) if not name.startswith("_")):
        assert name == "place" or f"### study.{name}\n\n`study.{name}" in page


@pytest.mark.parametrize(("name", "command"), list(commands()), ids=str)
def test_every_command_and_option_says_what_it_does(name, command):
    assert command.help
    for option in command.params:
        assert not isinstance(option, click.Option) or option.help, f"{name} {option.opts}"
    assert f"### {name}\n" in MADE["command line"]()


def test_every_design_says_what_each_way_of_choosing_carries():
    page = MADE["designs"]()
    assert all(f"### {name}\n" in page for name in designs())
    assert {how for design in designs().values() for how in design.by} <= set(HOW_CHOSEN)


def test_every_table_of_the_contracts_is_there():
    assert all(f"### {table}" in MADE["tables"]() for table in CONTRACTS)
