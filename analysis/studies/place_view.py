"""One study in one place, as a notebook shows it: sentences, tables and figures, cleared, each computed once."""

from dataclasses import dataclass, field
from functools import cached_property

from IPython.display import display

from analysis import record as records
from analysis.display import figures
from analysis.display.amounts import is_drawn
from analysis.display.tables import Prose, show
from analysis.judgement.statements import kind_not, size
from analysis.paths import private_folder
from analysis.plans.plan import Outcome, Plan
from analysis.plans.registry import (
    DRAFT,
    Source,
)
from analysis.results import Table
from analysis.studies import matching_tables as tables
from analysis.studies.ethnic_matching import EVERYONE, MAIN, MatchingStudy
from analysis.studies.place_record import emit, exact_record, released_record
from analysis.studies.release import released_rows
from analysis.studies.words import (
    finding,
    in_plan_words,
    lead_row,
    slots,
    unrecorded_cause,
)
from analysis.vocabulary.levels import level as level_of
from analysis.vocabulary.regions import ALL, place_set

ALONE = "On its own; not yet set beside the other {many}."
MAIN_ESTIMANDS, MAIN_NOTES = ("matching_effect", "own_group_gap"), (None, "not_reliable")
NO_OUTCOME = "This pilot has no outcome at this level: {why}."


@dataclass(frozen=True, eq=False)
class Study:
    """One study in one place, for a notebook. Every quantity is computed once, on first use."""

    plan: Plan
    place: str
    source: Source
    _matching: MatchingStudy = field(repr=False)
    _dates: dict = field(repr=False)
    _hashes: dict = field(repr=False)

    @property
    def _public(self) -> bool:
        return self._matching.already_public

    @cached_property
    def _place_name(self) -> str:
        return place_set(self.plan.data.places).name(self.place)

    def _rows(self, outcome_id: str) -> list[dict]:
        """Rows of one outcome as they may leave."""
        return released_rows(self._matching.outcome_rows(outcome_id), already_public=self._public)

    def answer(self) -> Prose:
        """The place's own estimate of the leading outcome, as a sentence."""
        many = place_set(self.plan.data.places).many
        lines = [ALONE.format(many=many)] if self.place != ALL else []
        return self._say(
            *lines, self._sentence(self.plan.outcome(self.plan.leading)), *self.plan.cautions, kind="answer"
        )

    def _say(self, *lines: str, kind: str = "line") -> Prose:
        return Prose(in_plan_words(self.plan, "\n".join(lines)), kind)

    def _sentence(self, outcome: Outcome) -> str:
        """SIZE of the main row, or why there is none; CLASS and CAUSE come after `clear`."""
        row = next(r for r in self._rows(outcome.id) if r["estimand"] == "matching_effect" and r["method"] == MAIN)
        if not is_drawn(row):
            return {"withheld": "Withheld to protect people."}.get(row["status"]) or self._not_estimable(row)
        return size(
            finding(self.plan, row | {"result_class": "inconclusive"}, {"checks": [], "region": self.place}),
            self._slots(outcome),
        )

    def _not_estimable(self, row: dict) -> str:
        from analysis.studies.release import result_in

        return result_in(row | {"support": None}).summary()

    def _slots(self, outcome: Outcome):
        return slots(self.plan, outcome, self.place)

    # -- who is in the data, and is the comparison fair -----------------------------------------------------------
    def people(self) -> Table:
        """Who is in the data, by ethnic group."""
        return tables.people_table(self._matching)

    def excluded(self) -> Table:
        """Who is not in the comparison, and why."""
        return tables.excluded_table(self._matching, self._released["excluded"])

    def declared(self) -> Table:
        """What is known about ethnic group, of people and of practitioners."""
        return tables.declaration_table(self._matching)

    def response(self) -> Table | Prose:
        """Who answered the survey, by exposure and ethnic group; printed before anything that rests on the answers."""
        if not any(outcome.survey for outcome in self.plan.compared):
            return Prose("No outcome of this study comes from a survey.")
        return tables.response_table(self._matching)

    def fairness(self) -> None:
        """How alike matched people and others are: the checks in words, a table and its figure."""
        display(self._say(*(check.text for check in self._matching.checks)))
        balance = self._matching.balance
        if balance is None:
            display(Prose("How alike the two sides are cannot be shown: nothing is compared here."))
            return
        table = tables.balance_table(self._matching)
        display(table)
        rows = balance.to_frame().to_dict("records")
        figure = figures.balance_figure(rows, after=in_plan_words(self.plan, "within office and period"))
        show(figure, alt=figures.balance_figure_alt(rows), table=table, name="balance")

    # -- outcomes, level by level ---------------------------------------------------------------------------------
    def level(self, key: str) -> None:
        """What was found at one outcome level: a table and a figure, or why there is nothing."""
        entries = [outcome for outcome in self.plan.outcomes if outcome.level == key]
        for outcome in entries:
            if outcome.not_measured:
                display(Prose(NO_OUTCOME.format(why=outcome.not_measured)))
        facts = [outcome for outcome in entries if outcome.role == "fact"]
        if facts:
            self._show_facts(facts)
        compared = [outcome for outcome in entries if outcome.compared]
        if compared:
            self._show_compared(key, compared)

    def _show_facts(self, outcomes: list[Outcome]) -> None:
        ids = {outcome.id for outcome in outcomes}
        rows = released_rows([row for row in self._matching.rows if row["outcome"] in ids], already_public=self._public)
        display(tables.estimates_table("Facts, without a comparison", rows, self.plan, already_public=self._public))

    def _show_compared(self, key: str, outcomes: list[Outcome]) -> None:
        main = [
            row
            for outcome in outcomes
            for row in self._rows(outcome.id)
            if row["estimand"] in MAIN_ESTIMANDS and row["note"] in MAIN_NOTES
        ]
        display(self._say(*(self._sentence(outcome) for outcome in outcomes)))
        table = tables.estimates_table(level_of(key).asks, main, self.plan, already_public=self._public)
        display(table)
        lead = [row for row in main if row["estimand"] == "matching_effect"]
        labels = [tables.outcome_words(self.plan.outcome(row["outcome"])) for row in lead]
        self._figure(
            lead,
            labels,
            table=table,
            name=f"level_{key}",
            title=f"{self._place_name}: matched {self._people} less others",
        )

    @property
    def _people(self) -> str:
        return self.plan.words.person.split()[0]

    def _figure(self, rows: list[dict], labels: list[str], *, table: Table, name: str, title: str) -> None:
        """Estimates of one unit in one figure; nothing where none of them can be drawn."""
        if not any(is_drawn(row) for row in rows):
            return
        unit, labels = rows[0]["unit"], [in_plan_words(self.plan, label) for label in labels]
        better = {row["direction"] for row in rows}
        shared = better.pop() if len(better) == 1 else None
        axis = "points on the scale" if unit == "points" else f"in every 100 {self._people}"
        figure = figures.outcome_figure(rows, labels, unit=unit, axis=axis, better=shared, title=title)
        show(
            figure,
            alt=figures.outcome_figure_alt(rows, labels, unit=unit, axis=axis, better=shared),
            table=table,
            name=name,
        )

    # -- by group, how fragile, limits ----------------------------------------------------------------------------
    def by_group(self) -> None:
        """Does the leading outcome differ by ethnic group: gaps within offices, and rates beside the reference group."""
        rows, outcome = self._rows(self.plan.leading), self.plan.outcome(self.plan.leading)
        gaps = [
            row for row in rows if row["note"] in MAIN_NOTES and row["estimand"] in ("own_group_gap", "gap_difference")
        ]
        table = tables.estimates_table("By ethnic group", gaps, self.plan, already_public=self._public)
        display(
            Prose(
                "A group differs from another only where the difference between two gaps says so; the national page tests it."
            )
        )
        display(table)
        own = [row for row in gaps if row["estimand"] == "own_group_gap"]
        self._figure(
            own,
            [row["group"] for row in own],
            table=table,
            name="by_group",
            title=f"{self._place_name}: by ethnic group",
        )
        if outcome.kind == "share":
            for each in self.plan.compared:
                if each.kind == "share":
                    display(tables.rates_table(self._matching, each, self._rows(each.id)))

    def fragility(self) -> None:
        """Other ways to work out the leading outcome, beside the main one."""
        rows = self._rows(self.plan.leading)
        effects = [r for r in rows if r["group"] == EVERYONE and (r["note"] == "second_opinion" or r["method"] == MAIN)]
        others = [r for r in rows if r["group"] != EVERYONE and r["note"] in ("second_opinion", "bounds")]
        table = tables.estimates_table(
            "How fragile is it?", effects + others, self.plan, by_method=True, already_public=self._public
        )
        display(table)
        if self.plan.comparison.how_chosen != "by_lot":
            display(self._say(unrecorded_cause(next(r for r in effects if r["method"] == MAIN))))
        if any(row["method"] == "radius_matching" and is_drawn(row) for row in others):
            display(tables.matching_table(self._matching, self.plan.outcome(self.plan.leading)))
        labels = [tables.method_words(row["method"]) for row in effects]
        self._figure(
            effects, labels, table=table, name="fragility", title=f"{self._place_name}: other ways to work it out"
        )

    def published(self) -> Table:
        """What was published about the same question beside what we get (Project STAR only)."""
        rows = [
            row
            for outcome in self.plan.compared
            for row in self._rows(outcome.id)
            if row["estimand"] == "own_group_gap"
        ]
        return tables.published_table(rows, self.plan)

    def limits(self) -> Prose:
        """What this kind of comparison can say here, and what it cannot."""
        outcome = self.plan.outcome(self.plan.leading)
        row = lead_row(self.plan, {"region": self.place, "estimates": self._rows(outcome.id)})
        shown = row | {"result_class": "inconclusive"} if is_drawn(row) else row
        cannot = kind_not(finding(self.plan, shown, {"checks": [], "region": self.place}), self._slots(outcome))
        return self._say(f"It can say: {self._sentence(outcome)}", f"It cannot say {cannot}.")

    # -- the record -----------------------------------------------------------------------------------------------
    @cached_property
    def _exact(self) -> dict:
        return exact_record(
            self._matching,
            plan=self.plan,
            place=self.place,
            data_source=self.source.folder,
            round_id=DRAFT,
            dates=self._dates,
            hashes=self._hashes,
        )

    @cached_property
    def _released(self) -> dict:
        return records.validate(released_record(self._exact, already_public=self._public))

    def record(self) -> None:
        """Emit the record as it may leave; write the exact one only where the runner named a private folder."""
        if (folder := private_folder()) is not None:
            records.write(records.validate(self._exact), folder / "record.json")
        emit(self._released)
