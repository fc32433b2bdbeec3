"""Every study of a round, in the verbs of a notebook, from the same view as the page of the
site."""

from dataclasses import dataclass, field

import pandas as pd

from analysis.display.prose import Prose
from analysis.display.section import Section
from analysis.places.difference_chart import CLEARED
from analysis.places.place import EXAMPLE_RECORDS
from analysis.places.portfolio_view import (
    PortfolioKind,
    PortfolioRow,
    PortfolioView,
)
from analysis.results import Table
from analysis.said.texts import joined

CANNOT = (
    "A row says what its study found, and not how well anybody works.",
    "Studies are grouped by what is known. They are not ranked, scored or added up.",
    "Synthetic studies say nothing of any person or place.",
)


@dataclass(frozen=True, eq=False)
class Portfolio:
    """Every study of one round.

    >>> open_portfolio("example").studies()
    """

    source: str
    view: PortfolioView = field(repr=False)

    def summary(self) -> Section:
        """What the studies found, counted by kind and sort of data."""
        lines = [EXAMPLE_RECORDS] if self.source == "example" else []
        lines += [
            f"{part.title}. {kind.sentence}" for part in self.view.parts for kind in part.kinds
        ]
        return Section.of(Prose(joined("\n", lines), "answer"))

    def promises(self) -> Section:
        """What was promised, in which state it is, and what is known of its effects."""
        found = [part.promises for part in self.view.parts if part.promises is not None]
        none = Prose("The round holds no list of commitments.")
        return Section.of(*found) if found else Section.of(none)

    def studies(self) -> Section:
        """One row a study, grouped by what is known."""
        tables = [
            Table(
                f"{kind.title} ({part.title.split(':')[0].lower()})",
                pd.DataFrame(rows_of_kind(kind)),
                CLEARED,
            )
            for part in self.view.parts
            for kind in part.kinds
        ]
        return Section.of(*tables)

    def limits(self) -> Section:
        """What the portfolio cannot say."""
        return Section.of(Prose(joined("\n", CANNOT)))


def rows_of_kind(kind: PortfolioKind) -> list[dict[str, str]]:
    """One row a study, group by group of what is known."""
    return [
        {"What is known": known} | row_cells(row)
        for known, rows in kind.groups.items()
        for row in rows
    ]


def row_cells(row: PortfolioRow) -> dict[str, str]:
    """One study as a table prints it."""
    plan, listed = row.study.plan, row.listed
    return {
        "Study": plan.title,
        "Period": row.period,
        "Question": plan.question,
        "Highest level with a comparison": listed.level,
        "Finding": listed.finding,
        "Claim": listed.claim,
        "Shown": row.shown,
        "Harm watch": listed.harm,
        "What the rule points to": row.ruled[0],
        "Decision": row.ruled[1],
        "Answers": joined(". ", row.answers) or "none",
    }
