"""All that is known of one place, in the verbs of a notebook: each returns a section of cleared
sentences, tables and charts, from the same view as the page of the site."""

from dataclasses import dataclass, field

import pandas as pd

from analysis.display.amounts import is_drawn
from analysis.display.prose import Prose
from analysis.display.section import Chart, Section
from analysis.judgement.wording.figures_in_words import capital
from analysis.judgement.wording.rates_in_words import interval_text, ratio_texts, times
from analysis.places.difference_chart import CLEARED, named_comparison, place_drawing
from analysis.places.known import SORTS
from analysis.places.place_view import MOST_WORSE, PlaceView
from analysis.record.row import Row
from analysis.results import Table
from analysis.said.texts import joined
from analysis.sections.page.at_place import Difference

EXAMPLE_RECORDS = "EXAMPLE RECORDS: committed with the project, not from this machine."
NONE, NOT_SHOWN = "none", "[c]"
CANNOT = (
    "You cannot say why groups differ, from rates set beside each other; nor that any person was"
    " treated wrongly.",
    "A comparison that could not be made is not a pass, and neither is one that is too wide to"
    " tell.",
    "Nothing here is ranked: differences stand in the order of a person's way, pilots in that of"
    " their plans.",
    "Monitors and pilots are never added up, and real people never with synthetic ones.",
)


@dataclass(frozen=True, eq=False)
class Place:
    """One place in one round.

    >>> place = open_place("west_midlands", "example")
    >>> place.differences()
    """

    view: PlaceView = field(repr=False)

    def summary(self) -> Section:
        """The three sentences that come first, and what the data are."""
        example = [EXAMPLE_RECORDS] if self.view.source == "example" else []
        sort = SORTS[self.view.sort]
        lines = [*example, f"{self.view.name}. {sort}.", *self.view.sentences]
        return Section.of(Prose(joined("\n", lines), "answer"))

    def to_do(self) -> Section:
        """Explanations that somebody owes: of which comparison, asked of whom, due when, and where
        each stands."""
        if not self.view.to_do:
            return Section.of(Prose(self.view.owed))
        rows = [
            {
                "Measure": capital(one.noun),
                "Group": one.people,
                "Asked of": one.explanation.asked_of,
                "Due": one.explanation.due or NONE,
                "State": one.explanation.state,
            }
            for _, one in self.view.to_do
            if one.explanation is not None
        ]
        title = f"{self.view.name}: explanations that are owed"
        return Section.of(Table(title, pd.DataFrame(rows), CLEARED))

    def differences(self) -> Section:
        """Comparisons in full, in the order of a person's way: a figure on one scale, and the
        table that it is drawn from in words."""
        if not self.view.in_full:
            return Section.of(Prose(self.view.counted))
        drawing = place_drawing(self.view)
        chart = (
            Chart(drawing.figure(), drawing.alt(), drawing.table, "differences")
            if drawing
            else None
        )
        rows = [
            {"Stage": monitor.stage, "Period": capital(monitor.period)} | difference_cells(one)
            for monitor, one in self.view.in_full
        ]
        table = Table(f"{self.view.name}: differences", pd.DataFrame(rows), CLEARED)
        said = joined(" ", filter(None, (self.view.chosen, self.view.left_over)))
        return Section.of(chart, table, Prose(said, "note"))

    def worse(self) -> Section:
        """Outcomes of pilots that are worse here: own figures before any allowance."""
        found = [f"{one.plan.title}: {what}." for one, what in self.view.worse]
        if not found:
            return Section.of(Prose(f"No outcome of a pilot is worse in {self.view.name}."))
        lines = found[:MOST_WORSE]
        lines += [self.view.worse_left_over] if self.view.worse_left_over else []
        lines += [self.view.worse_by_chance]
        return Section.of(Prose(joined("\n", lines)))

    def cannot_tell(self) -> Section:
        """Comparisons that tell nothing, one line a cause with what would lift it."""
        every = "Every comparison could be made, and tells something."
        lines = self.view.cannot_tell or (every if self.view.differences else self.view.counted,)
        return Section.of(Prose(joined("\n", lines)))

    def pilots(self) -> Section:
        """Every pilot: its question, the nation's answer, that of the place or why it has none."""
        if not self.view.pilots:
            return Section.of(Prose(self.view.sentences[-1]))
        rows = [
            {
                "Pilot": one.plan.title,
                "Question": one.plan.question,
                "All places": one.here.national,
                self.view.name: one.here.own,
                "Claim here": one.here.badge.capitalize(),
                "Meanwhile": joined(" ", one.here.meanwhile) or NONE,
                "Worse here": joined("; ", one.here.worse) or NONE,
            }
            for one in self.view.pilots
        ]
        return Section.of(Table(f"{self.view.name}: pilots", pd.DataFrame(rows), CLEARED))

    def ask(self) -> Section:
        """Questions to the team of the place, six at most."""
        return Section.of(Prose(joined("\n", self.view.ask) or "The plans ask nothing here."))

    def limits(self) -> Section:
        """What this page cannot say, and how its rows were chosen."""
        return Section.of(Prose(joined("\n", (self.view.chosen, *CANNOT))))


def difference_cells(one: Difference) -> dict[str, str]:
    """One comparison as a table prints it: own, national and interval in every row."""
    return {
        "Comparison": named_comparison(one),
        "In counts": one.said,
        "Here, times as often (95% interval)": ratio_words(one.own),
        "All places": times_words(one.national),
        "Here, drawn towards the others": ratio_words(one.shrunken),
        "Verdict": one.verdict,
        "Worse off": one.worse_off or "[z]",
    }


def ratio_words(row: Row | None) -> str:
    """ "1.75 (1.37 to 2.23)", or that it is not shown."""
    if row is None or not is_drawn(row):
        return NOT_SHOWN
    value, low, high = ratio_texts(*row.estimate)
    return f"{value} ({interval_text(low, high, row.estimate.high)})"


def times_words(row: Row | None) -> str:
    """ "1.64", or that it is not shown."""
    return times(row.estimate.value) if row is not None and is_drawn(row) else NOT_SHOWN
