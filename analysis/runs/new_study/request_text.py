"""What to ask the supplier of a study for: its tables in the words of the data dictionary, and a
place for what no contract holds yet."""

from collections.abc import Sequence

from analysis.extracts.tables.contracts import CONTRACTS, table_dictionary
from analysis.plans.registry import AnyPlan


def request_text(plan: AnyPlan, tables: Sequence[str]) -> str:
    """The request as Markdown."""
    dictionary = "\n\n".join(table_dictionary(CONTRACTS[table]) for table in tables)
    mapping = "\n".join(_mapped(table) for table in tables)
    return f"""# Data for {plan.study}

One CSV or Parquet file a table, named as the table, in one folder. `workbook check-data FOLDER`
says what is wrong with it: file, row, column, rule and remedy, never a value. Then
`workbook run {plan.study} --data extracts:FOLDER` reads it.

## Tables

{dictionary}

Codes of ethnicity and everything else: data/README.md.

## Where the supplier has other names

`mapping.yml` in the folder says what their files and headings mean: write their heading before
the colon, and leave out what is alike.

```yaml
tables:
{mapping}
```

## What no table holds yet

A column of its own is one statement in the contract of its table (`analysis/extracts/tables/`):
the dictionary, the checks and the demo data come from it. CONTRIBUTING.md shows what else a new
outcome takes.

```python
Column(
    "name_of_the_column",
    "flag",  # or id, category, date, whole, number, rating, truth
    "to fill in: what it means, for whoever fills it",
    low=0,
    high=1,
    empty="to fill in: what an empty cell means",
)
```
"""


def _mapped(table: str) -> str:
    first = next(c.name for c in CONTRACTS[table].columns if c.kind == "id")
    return f"  {table}:\n    file: {table}.csv\n    columns: {{{first}: {first}}}"
