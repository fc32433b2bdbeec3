"""What every pilot shows of one place: sentences, rows of an outcome, figures, limits, the record.

Everything returns its part of a section; nothing prints. A kind of pilot adds what only its design
has (view.py of its folder).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol

from analysis.disclosure.attack.known import Known
from analysis.disclosure.attack.noted import noted
from analysis.disclosure.named.flow import released_flow
from analysis.disclosure.named.names import linked
from analysis.disclosure.release import released_rows
from analysis.display import figures
from analysis.display.amounts import is_drawn
from analysis.display.drawn_lines import lines_table
from analysis.display.prose import Prose
from analysis.display.section import Chart, Section
from analysis.judgement.wording.lines import rank_line
from analysis.judgement.wording.statements import kind_not, size
from analysis.plans.kinds import Kind, kind_of
from analysis.plans.plan import Outcome, Plan
from analysis.record import store
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.results import CheckResult, Table
from analysis.said.texts import joined
from analysis.sections.checks_table import checks_table, found_table
from analysis.sections.opened import Exact, Opened
from analysis.study.claim_checks import in_place
from analysis.study.place_record import released_record
from analysis.study.words import finding, in_plan_words, lead_of, slots, there
from analysis.vocabulary.regions import ALL, place_set

ALONE = "On its own; not yet set beside the other {many}."
NO_EFFECT_HERE = (
    "An effect cannot be worked out in {place} alone: these are its own figures, without a"
    " comparison."
)
NOT_CHECKED = "This was not checked in {place}: {why}."


class ExactPilot(Exact, Protocol):
    """An exact study of a pilot: what each of its kinds has."""

    @property
    def groups(self) -> Sequence[str]: ...

    @property
    def n_in(self) -> int: ...

    @property
    def n_used(self) -> int: ...

    @property
    def excluded(self) -> Mapping[str, int]: ...

    @property
    def checks(self) -> Sequence[CheckResult]: ...

    @property
    def rows(self) -> Sequence[Row]: ...

    def outcome_rows(self, outcome_id: str) -> Sequence[Row]: ...


@dataclass(frozen=True, eq=False)
class Shown(Opened):
    """One pilot in one place. `study` is exact and private: n_in, n_used, excluded, checks, rows,
    outcome_rows(id), clearance. Everything that this class shows is cleared, and computed
    once, on first use."""

    plan: Plan
    study: ExactPilot = field(repr=False)

    @property
    def kind(self) -> Kind:
        return kind_of(self.plan)

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
            place=self.place,
            clearance=self.clearance,
        )

    def lead(self, outcome: Outcome) -> Row:
        """The row that answers for an outcome."""
        return there(lead_of(self.plan, self.rows(outcome.id), self.place, outcome.id))

    # -- words -------------------------------------------------------------------------------------
    def say(self, *lines: str, kind: Literal["answer", "line", "note", "badge"] = "line") -> Prose:
        """Sentences in the plan's own words."""
        return Prose(in_plan_words(self.plan, joined("\n", (line for line in lines if line))), kind)

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
        if row.status == "ranked":
            return rank_line(self._finding(row), slots(self.plan, outcome, self.place, row=row))
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
    def checks(self, *more: str) -> Section:
        """The checks that the claim rests on in a table, where anything is compared; what else was
        checked as sentences."""
        found = self.study.checks
        named = (
            in_place(self.plan, found)
            if any(is_drawn(self.lead(o)) for o in self.plan.compared)
            else {}
        )
        inside = {name for checks in named.values() for name in checks}
        told = (check.text for check in found if check.id not in inside)
        said = tuple(dict.fromkeys((*told, *more)))  # what two checks say alike stands once
        return Section.of(
            self.say(*said) if said else None,
            checks_table(self.plan, named, found) if named else None,
        )

    def checked(self, *ids: str, why: str) -> Section:
        """The checks with these ids, or made of them and an outcome; `why` there may be none."""
        found = [
            check
            for check in self.study.checks
            if any(check.id == one or check.id.startswith(f"{one}_") for one in ids)
        ]
        if not found:
            return Section.of(self.say(NOT_CHECKED.format(place=self.place_name, why=why)))
        return Section.of(found_table(self.plan, found))

    @cached_property
    def excluded(self) -> dict[str, int | None]:
        """Those who are not compared, by reason, as they may leave."""
        study = self.study
        if self.public:
            return dict(study.excluded)
        flow = released_flow(
            study.n_in, study.n_used, study.excluded, place=self.place, clearance=self.clearance
        )
        return flow["excluded"]

    def fact_rows(self, outcomes: Iterable[Outcome]) -> tuple[Row, ...]:
        """Rows of facts, as they may leave."""
        ids = {outcome.id for outcome in outcomes}
        return self._released_of([row for row in self.study.rows if row.outcome in ids])

    @property
    def contrast(self) -> str:
        """The title of a figure of differences."""
        if self.plan.exposure:
            return f"{self.place_name}: matched {self.people} less others"
        return f"{self.place_name}: with {self.plan.words.programme} less without"

    def chart(
        self, rows: Sequence[Row], labels: Sequence[str], *, table: Table, name: str, title: str
    ) -> Chart | None:
        """Estimates of one unit in one figure; None where none of them can be drawn."""
        if not any(is_drawn(row) for row in rows):
            return None
        unit, labels = rows[0].unit, [in_plan_words(self.plan, label) for label in labels]
        better = {row.direction for row in rows}
        shared = better.pop() if len(better) == 1 else None
        words = {"points": "points on the scale", "times": "times as often"}
        axis = words.get(unit, f"in every 100 {self.people}")
        scale = figures.Scale(unit, axis, shared)
        drawn = lines_table(rows, labels, beside=table)
        figure = figures.outcome_figure(drawn, scale, title=title)
        return Chart(figure, figures.outcome_figure_alt(drawn, scale), drawn, name)

    # -- the record --------------------------------------------------------------------------------
    @property
    def known(self) -> Known:
        """Every count that was cleared so far; equal numbers of one group are one."""
        return linked(noted())

    @cached_property
    def released(self) -> Record:
        """The record as it may leave before the places are set beside each other."""
        released = released_record(
            self.exact,
            clearance=self.clearance,
        )
        return store.validate(released)
