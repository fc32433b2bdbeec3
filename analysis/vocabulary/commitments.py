"""The documents that the project comes from, and every recommendation and action in them: what a
plan can say that it answers.

Names of documents stand in params/documents.yml, their items in data/reference/action_plan.csv.
"""

import csv
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from analysis.paths import PARAMS, REFERENCE
from analysis.vocabulary.yaml_file import load_yaml

DOCUMENTS = PARAMS / "documents.yml"
TABLE = REFERENCE / "action_plan.csv"
NO_DOCUMENT = "none"  # of a study that no document asks for
BETWEEN = "; "  # studies in one cell of the table


@cache
def documents() -> Mapping[str, str]:
    """Each document by its id, as a page names it, in the order of pages; empty where params/ of
    one's own name none."""
    found = load_yaml(DOCUMENTS).content if DOCUMENTS.exists() else {}
    return MappingProxyType(dict(found))


@cache
def items() -> Mapping[str, Mapping[str, str]]:
    """By document the id of each row of the table, by its item as a plan writes it:
    "recommendation 4"."""
    found: dict[str, dict[str, str]] = {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        for entry in csv.DictReader(file):
            found.setdefault(entry["document"], {})[short_item(entry["item"])] = entry["id"]
    return MappingProxyType(found)


def short_item(item: str) -> str:
    """An item without what is said of it: "commitment 4 (our numbering)" is "commitment 4"."""
    return item.split(" (")[0]


def commitment(document: str, item: str) -> str:
    """The id of a row of the table. ValueError names what is valid."""
    if document not in documents():
        valid = ", ".join((*documents(), NO_DOCUMENT))
        raise ValueError(
            f"answers: there is no document `{document}`; valid: {valid}; for any other report"
            " write `report` in its place"
        )
    if item not in (own := items().get(document, {})):
        raise ValueError(
            f"answers: `{item}` is no item of {document}; valid: {', '.join(own)}; what more is to"
            " be said of it stands in `part`"
        )
    return own[item]
