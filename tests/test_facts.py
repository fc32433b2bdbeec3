"""A fact is worked out from its own column: what another column holds never changes it."""

import pandas as pd
import pytest

from analysis.errors import PlanError
from analysis.plans.plan import Outcome
from analysis.studies.trial.measures import FACTS, fact
from analysis.studies.trial.offers import offers

COLUMNS = sorted({own.column for own in FACTS.values()})


def managers() -> pd.DataFrame:
    """40 managers where the programme was offered and 40 where it was not."""
    return pd.DataFrame(
        {
            "offered": [1.0] * 40 + [0.0] * 40,
            "attended": [1.0] * 30 + [0.0] * 50,
            "completed": [1.0] * 12 + [0.0] * 68,
            "cost_pounds": [200.0] * 40 + [0.0] * 40,
            "relevance": [4.0] * 18 + [2.0] * 6 + [None] * 56,
        }
    )


def outcome(name: str) -> Outcome:
    kind = offers("synthetic").facts[name].kind
    level = {"level": "input", "id": name, "plain": "a fact of it", "role": "fact"}
    return Outcome.model_validate(level | {"kind": kind, "event": "did so"})


VALUES = {"cost": 200.0, "took_part": 75.0, "completed": 30.0, "relevance": 75.0}


@pytest.mark.parametrize("name", FACTS)
def test_each_fact_has_its_own_value(name):
    value, _, support = fact(managers(), outcome(name))
    assert value == pytest.approx(VALUES[name])
    assert support.n == (24 if name == "relevance" else 40)


@pytest.mark.parametrize("name", FACTS)
@pytest.mark.parametrize("column", COLUMNS)
def test_no_other_column_changes_a_fact(name, column):
    own = FACTS[name]
    people = managers()
    before = fact(people, outcome(name))[0]
    if column == "attended" and own.took_part:
        return  # asked of those who took part
    people[column] = people[column].where(people.index % 2 == 0, 0.0)
    changed = fact(people, outcome(name))[0] != before
    assert changed == (column == own.column)


def test_a_fact_that_nobody_works_out_is_refused():
    own = Outcome.model_validate(
        {
            "level": "input",
            "id": "certified",
            "plain": "passed it",
            "kind": "share",
            "role": "fact",
            "event": "passed",
        }
    )
    with pytest.raises(PlanError, match="E239"):
        fact(managers(), own)
