"""What every notebook of one study in one place shows: sentences, rows of a level, figures, limits,
the record.

A notebook's own view holds a `Shown` and adds what only its design has.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from IPython.display import display

from analysis.disclosure.release import released_rows
from analysis.display import figures
from analysis.display.amounts import is_drawn
from analysis.display.drawn_lines import lines_table
from analysis.display.tables import Prose, show
from analysis.judgement.wording.statements import kind_not, size
from analysis.paths import private_folder
from analysis.plans.kinds import Kind, kind_of
from analysis.plans.plan import Outcome, Plan
from analysis.plans.registry import DRAFT, Source
from analysis.record import store
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.results import EVERYONE, Table
from analysis.sections import tables
from analysis.sections.checks_table import checks_table
from analysis.study.claim_checks import in_place
from analysis.study.place_record import emit, exact_record, released_record
from analysis.study.words import finding, in_plan_words, lead_of, slots
from analysis.vocabulary.levels import level as level_of
from analysis.vocabulary.regions import ALL, place_set

ALONE = "On its own; not yet set beside the other {many}."
NO_EFFECT_HERE = (
    "An effect cannot be worked out in {place} alone: these are its own figures, without a"
    " comparison."
)
NO_OUTCOME = "This pilot has no outcome at this level: {why}."


@dataclass(frozen=True, eq=False)
class Shown:
    """One study in one place. `study` is exact and private: n_in, n_used, excluded, checks, rows,
    outcome_rows(id), already_public. Everything that this class shows is cleared, and computed
    once, on first use."""

    plan: Plan
    place: str
    source: Source
    study: object = field(repr=False)
    dates: dict = field(repr=False)
    hashes: dict = field(repr=False)

    @property
    def public(self) -> bool:
        return self.study.already_public

    @property
    def kind(self) -> Kind:
        return kind_of(self.plan)

    @cached_property
    def place_name(self) -> str:
        return place_set(self.plan.data.places).name(self.place)

    @property
    def people(self) -> str:
        """Whom the study counts, in one word."""
        return self.plan.words.person.split()[0]

    def rows(self, outcome_id: str) -> tuple[Row, ...]:
        """Rows of one outcome as they may leave."""
        return self._released_of(self.study.outcome_rows(outcome_id))

    def _released_of(self, rows: Sequence[Row]) -> tuple[Row, ...]:
        return released_rows(
            tuple(rows),
            already_public=self.public,
            clusters_are_people=self.kind.clusters_are_people,
        )

    def lead(self, outcome: Outcome) -> Row:
        """The row that answers for an outcome."""
        return lead_of(self.plan, self.rows(outcome.id), self.place, outcome.id)

    # -- words -------------------------------------------------------------------------------------
    def say(self, *lines: str, kind: str = "line") -> Prose:
        """Sentences in the plan's own words."""
        return Prose(in_plan_words(self.plan, "\n".join(line for line in lines if line)), kind)

    def answer(self, *first: str) -> Prose:
        """`first` (what must be known before anything else), then the place's own estimate of the
        leading outcome."""
        many = place_set(self.plan.data.places).many
        lines = [self.plan.say_first] if self.plan.say_first else []
        lines += [ALONE.format(many=many)] if self.place != ALL else []
        return self.say(
            *lines,
            *first,
            self.sentence(self.plan.outcome(self.plan.leading)),
            *self.plan.cautions,
            kind="answer",
        )

    def sentence(self, outcome: Outcome) -> str:
        """SIZE of the row that answers, or why there is none; CLASS and CAUSE come after
        `clear`."""
        row = self.lead(outcome)
        if is_drawn(row):
            said = size(self._finding(row), slots(self.plan, outcome, self.place, row=row))
            return (
                f"Selected by the pilot ({outcome.selected_by_pilot}): {said}"
                if outcome.selected_by_pilot
                else said
            )
        if row.status == "withheld":
            return "Withheld to protect people."
        if row.status == "described":
            return NO_EFFECT_HERE.format(place=self.place_name)
        return row.result.summary()

    def _finding(self, row: Row):
        unjudged = row.with_(result_class="inconclusive") if is_drawn(row) else row
        return finding(self.plan, unjudged, None)

    def limits(self) -> Prose:
        """What this kind of comparison can say here, and what it cannot."""
        outcome = self.plan.outcome(self.plan.leading)
        cannot = kind_not(self._finding(self.lead(outcome)), slots(self.plan, outcome, self.place))
        return self.say(f"It can say: {self.sentence(outcome)}", f"It cannot say {cannot}.")

    # -- tables and figures ------------------------------------------------------------------------
    def checks(self, *more: str) -> None:
        """The checks that the claim rests on in a table, where anything is compared; what else was
        checked as sentences."""
        found = self.study.checks
        named = (
            in_place(self.plan, found)
            if any(is_drawn(self.lead(o)) for o in self.plan.compared)
            else {}
        )
        inside = {name for checks in named.values() for name in checks}
        if said := (*(check.text for check in found if check.id not in inside), *more):
            display(self.say(*said))
        if named:
            display(checks_table(self.plan, named, found))

    def level(self, key: str, *, with_rows: Sequence[str] = ()) -> None:
        """What was found at one outcome level: a table and a figure, or why there is nothing.

        `with_rows`: estimands that stand in the table below the rows that answer.
        """
        entries = [outcome for outcome in self.plan.outcomes if outcome.level == key]
        for outcome in entries:
            if outcome.not_measured:
                display(Prose(NO_OUTCOME.format(why=outcome.not_measured)))
        facts = [outcome for outcome in entries if outcome.role == "fact"]
        if facts:
            self.facts(facts)
        compared = [outcome for outcome in entries if outcome.compared]
        if compared:
            self.compared(key, compared, with_rows)

    def facts(self, outcomes: Sequence[Outcome]) -> None:
        """Facts of a level, without a comparison."""
        ids = {outcome.id for outcome in outcomes}
        rows = self._released_of([row for row in self.study.rows if row.outcome in ids])
        display(
            tables.estimates_table(
                "Facts, without a comparison", rows, self.plan, already_public=self.public
            )
        )

    def compared(
        self, key: str, outcomes: Sequence[Outcome], with_rows: Sequence[str] = ()
    ) -> None:
        """Sentences, table and figure of the outcomes of one level."""
        display(self.say(*(self.sentence(outcome) for outcome in outcomes)))
        kinds = {self.kind.estimand, *with_rows}
        main = [
            row
            for outcome in outcomes
            for row in self.rows(outcome.id)
            if row.estimand in kinds and row.note in (None, "not_reliable")
        ]
        table = tables.estimates_table(
            level_of(key).asks, main, self.plan, already_public=self.public
        )
        display(table)
        lead = [self.lead(outcome) for outcome in outcomes]
        for unit in dict.fromkeys(row.unit for row in lead):
            rows = [row for row in lead if row.unit == unit]
            labels = [tables.outcome_words(self.plan.outcome(row.outcome)) for row in rows]
            name = f"level_{key}" if unit == lead[0].unit else f"level_{key}_{unit}"
            self.figure(rows, labels, table=table, name=name, title=self.contrast)

    @property
    def contrast(self) -> str:
        """The title of a figure of differences."""
        if self.plan.exposure:
            return f"{self.place_name}: matched {self.people} less others"
        return f"{self.place_name}: with {self.plan.words.programme} less without"

    def figure(
        self, rows: Sequence[Row], labels: list[str], *, table: Table, name: str, title: str
    ) -> None:
        """Estimates of one unit in one figure; nothing where none of them can be drawn."""
        if not any(is_drawn(row) for row in rows):
            return
        unit, labels = rows[0].unit, [in_plan_words(self.plan, label) for label in labels]
        better = {row.direction for row in rows}
        shared = better.pop() if len(better) == 1 else None
        axis = "points on the scale" if unit == "points" else f"in every 100 {self.people}"
        scale = figures.Scale(unit, axis, shared)
        drawn = lines_table(rows, labels, beside=table)
        figure = figures.outcome_figure(drawn, scale, title=title)
        show(figure, alt=figures.outcome_figure_alt(drawn, scale), table=drawn, name=name)

    def fragility(self, title: str = "How fragile is it?") -> None:
        """Other ways to work out the leading outcome, beside the main one."""
        rows = self.rows(self.plan.leading)
        lead = self.lead(self.plan.outcome(self.plan.leading))
        effects = [
            r for r in rows if r.group == EVERYONE and (r.note == "second_opinion" or r == lead)
        ]
        table = tables.estimates_table(
            title, effects, self.plan, by_method=True, already_public=self.public
        )
        display(table)
        same = [row for row in effects if row.unit == lead.unit]
        labels = [tables.method_words(self.plan, row) for row in same]
        self.figure(
            same,
            labels,
            table=table,
            name="fragility",
            title=f"{self.place_name}: other ways to work it out",
        )

    # -- the record --------------------------------------------------------------------------------
    @cached_property
    def exact(self) -> Record:
        """The exact record: for the private folder, and for pooling."""
        return exact_record(
            self.study,
            plan=self.plan,
            place=self.place,
            data_source=self.source.folder,
            round_id=DRAFT,
            dates=self.dates,
            hashes=self.hashes,
        )

    @cached_property
    def released(self) -> Record:
        """The record as it may leave before the places are set beside each other."""
        released = released_record(
            self.exact,
            already_public=self.public,
            clusters_are_people=self.kind.clusters_are_people,
        )
        return store.validate(released)

    def record(self) -> None:
        """Emit the record as it may leave; write the exact one only where the runner named a
        private folder."""
        if (folder := private_folder()) is not None:
            store.write(store.validate(self.exact), folder / "record.json")
        emit(self.released)


@dataclass(frozen=True, eq=False)
class PlaceView:
    """What a notebook holds of one place. Its own cells are methods of the view of its design."""

    _shown: Shown = field(repr=False)

    @classmethod
    def of(cls, *parts) -> "PlaceView":
        """The view of one study in one place; `parts` are those of `Shown`."""
        return cls(Shown(*parts))

    @property
    def _study(self):
        return self._shown.study

    @property
    def _plan(self) -> Plan:
        return self._shown.plan

    @property
    def _exact(self) -> Record:
        return self._shown.exact

    @property
    def _released(self) -> Record:
        return self._shown.released

    # -- what every pilot shows; a view of its own says it otherwise where its design needs it -----
    def answer(self) -> Prose:
        """The estimate of the leading outcome in a sentence, or why there is none."""
        return self._shown.answer()

    def excluded(self) -> Table:
        """Who is not in the comparison, and why, in the words of the kind."""
        found, kind = self._released.excluded, self._shown.kind
        exact = self._study.excluded
        words = {reason: kind.excluded_words(self._plan, reason) for reason in exact}
        return tables.excluded_table(self._plan, found, words, already_public=self._shown.public)

    def fairness(self) -> None:
        """The checks, and what else came at the same time."""
        rivals = "; ".join(self._plan.comparison.rivals)
        self._shown.checks(*([f"At the same time: {rivals}."] if rivals else []))

    def level(self, key: str) -> None:
        """What was found at one level, with the rows of each ethnic group."""
        kind = self._shown.kind
        self._shown.level(key, with_rows=(kind.by_group[0],) if kind.by_group else ())

    def limits(self) -> Prose:
        """What this comparison can and cannot say."""
        return self._shown.limits()

    def record(self) -> None:
        """Emit the record as it may leave."""
        self._shown.record()
