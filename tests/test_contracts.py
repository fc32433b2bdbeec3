"""Promises of the contracts: one statement a column, from which everything else comes."""

import pandera.errors
import pytest

from analysis.extracts.tables.contract import KIND_WORDS
from analysis.extracts.tables.contracts import CONTRACTS, data_dictionary
from analysis.extracts.tables.pilots.supervision_tables import RELATIONSHIP_ITEMS
from analysis.paths import DATA
from analysis.synthetic.nation import TABLE_NUMBERS, make_region


def test_the_readme_holds_the_dictionary_of_the_contracts():
    text = (DATA / "README.md").read_text(encoding="utf-8")
    held = text.split("<!-- dictionary -->\n")[1].split("<!-- end of dictionary -->")[0]
    assert held == data_dictionary()


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda contract: contract.table)
def test_every_column_says_what_it_means(contract):
    for column in contract.columns:
        assert column.meaning and column.kind in KIND_WORDS
        assert f"| `{column.name}` |" in data_dictionary()
    assert set(contract.key) <= set(contract.names)


@pytest.mark.parametrize(
    "table", [name for name, contract in CONTRACTS.items() if not contract.optional]
)
def test_the_schema_accepts_a_table_of_the_synthetic_nation(table):
    CONTRACTS[table].schema().validate(
        make_region("wales", people=3000, service=CONTRACTS[table].service)[table], lazy=True
    )


@pytest.mark.parametrize(
    "change", [{"sex": "unknown"}, {"notes": "free text"}, {"person_id": "same"}]
)
def test_the_schema_refuses_values_columns_and_keys_of_its_own_making(change):
    people = make_region("wales", people=50)["people_on_probation"].assign(**change)
    with pytest.raises(pandera.errors.SchemaErrors):
        CONTRACTS["people_on_probation"].schema().validate(people, lazy=True)


def test_the_schema_refuses_half_ratings():
    survey = make_region("wales", people=200)["relationship_survey"].assign(trusted=3.5)
    with pytest.raises(pandera.errors.SchemaErrors):
        CONTRACTS["relationship_survey"].schema().validate(survey, lazy=True)


def test_a_schema_of_some_columns_asks_for_these_only():
    people = make_region("wales", people=50)["people_on_probation"][["person_id", "sex"]]
    CONTRACTS["people_on_probation"].schema(("person_id", "sex")).validate(people, lazy=True)


def test_the_relationship_scale_has_five_items():
    assert len(RELATIONSHIP_ITEMS) == 5


def test_no_two_tables_are_drawn_from_one_stream():
    """The number of a table seeds its draws in each region."""
    numbers = list(TABLE_NUMBERS.values())
    assert len(numbers) == len(set(numbers))
