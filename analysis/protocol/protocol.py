"""The protocol of one pilot, in the verbs of a notebook: each returns a section of sentences,
cleared tables and a figure. What steering groups sign before outcomes are seen."""

from dataclasses import dataclass, field

from analysis.disclosure.rules import load_rules
from analysis.display.prose import Prose
from analysis.display.section import Section
from analysis.judgement.pointed import Looks
from analysis.places.place import EXAMPLE_RECORDS
from analysis.plans.explain import sentences
from analysis.plans.plan import Outcome, Plan
from analysis.protocol import tables, wording
from analysis.protocol.assumptions import Assumed, Assumption, assumed
from analysis.protocol.findings import Planning
from analysis.protocol.formulas import std_error
from analysis.protocol.limits import Cell, cells
from analysis.protocol.limits_view import limits_lines, limits_table
from analysis.protocol.planned import planned_of
from analysis.protocol.rules import fixed_section, looks_section
from analysis.protocol.sample import Sample, primaries
from analysis.said.texts import joined

DATA = 1  # of the ten sentences of a plan


@dataclass(frozen=True, eq=False)
class Protocol:
    """The protocol of one pilot, before outcomes are seen.

    >>> protocol = open_protocol("gamified_training", "example")
    >>> protocol.power()
    """

    plan: Plan
    source: str
    sample_: Sample = field(repr=False)
    looks_: Looks = field(default_factory=Looks, repr=False)

    def question(self) -> Section:
        """What is asked, of whom compared with whom, how they were chosen, and the strongest claim
        that this can carry."""
        plan = self.plan
        example = [EXAMPLE_RECORDS] if self.source == "example" else []
        first = joined("\n", [*example, plan.question])
        lines = [
            wording.compared_line(plan),
            wording.chosen_line(plan),
            wording.claim_line(plan),
            wording.checks_line(plan),
            wording.rivals_line(plan),
            sentences(plan)[DATA],
        ]
        return Section.of(Prose(first, "answer"), Prose(joined("\n", filter(None, lines))))

    def theory(self) -> Section:
        """The theory of change, level by level: what is measured at each, on whom and when, or why
        it is not; and what must hold for one level to lead to the next."""
        chain = Prose(joined("\n", wording.chain_lines(self.plan)))
        return Section.of(tables.theory_table(self.plan), chain)

    def sample(self) -> Section:
        """People and clusters there are: by primary outcome, place, side and ethnic group; in
        fives, small ones withheld."""
        sample = self.sample_
        return Section.of(
            tables.outcomes_table(sample), tables.places_table(sample), tables.groups_table(sample)
        )

    def power(self) -> Section:
        """For each primary outcome the smallest difference that 80 in 100 such studies would find,
        beside the size that matters: all places together, and each by itself."""
        if not planned_of(self.plan):
            return Section.of(Prose(wording.no_formula_line(self.plan)))
        return Section.of(*(self._power(outcome) for outcome in primaries(self.plan)))

    def groups(self) -> Section:
        """The same for each ethnic group, and for the difference between groups: which will be able
        to say something, said before."""
        if not planned_of(self.plan):
            return Section.of(Prose(wording.no_formula_line(self.plan)))
        return Section.of(*(self._groups(outcome) for outcome in primaries(self.plan)))

    def disclosure(self) -> Section:
        """Limits that will bite: which cells of a place, group and side will be withheld or not
        reliable, and what has to be put together."""
        found: list[Section] = []
        for outcome in primaries(self.plan):
            own = self._cells(outcome)
            known = "base" in self._assumed(outcome).values or outcome.kind in ("scale", "rate")
            said = Prose(joined("\n", limits_lines(self.plan, outcome, own, known)))
            found.append(Section.of(said, limits_table(self.plan, outcome, own)))
        return Section.of(*found)

    def looks(self) -> Section:
        """When results are looked at, how far they must then stand out, and what each points to;
        or that no rule is written."""
        outcome = self.plan.outcome(self.plan.leading)
        return looks_section(self.plan, self._error(outcome), self.looks_)

    def fixed(self) -> Section:
        """What is fixed before outcomes are seen, and what is left open."""
        return fixed_section(self.plan)

    # -- parts -------------------------------------------------------------------------------------
    def _assumed(self, outcome: Outcome, said: tuple[Assumption, ...] = ()) -> Assumed:
        return assumed(self.plan, outcome, said)

    def _error(self, outcome: Outcome) -> float | None:
        """Standard error that all places together would give, in the unit of a rule for decisions
        (of a rate: of its logarithm); None where something is missing."""
        found = self._assumed(outcome) if planned_of(self.plan) else None
        sizes = self.sample_.nation.get(outcome.id)
        if found is None or not found.is_complete or sizes is None:
            return None
        return std_error(Planning(self.sample_, outcome, found.values).situation(sizes))

    def _power(self, outcome: Outcome) -> Section:
        found = self._assumed(outcome)
        planning = Planning(self.sample_, outcome, found.values)
        table = tables.assumptions_table(planning, found)
        if not self._has_number(planning):
            return Section.of(Prose(wording.nation_line(planning, planning.nation())), table)
        if not found.is_complete:
            missing = Prose(wording.missing_line(outcome, found.missing, True))
            return Section.of(missing, table, tables.grid_table(self._over(outcome, found), found))
        return self._power_known(planning, table)

    def _has_number(self, planning: Planning) -> bool:
        """Some value of what is missing could give a number."""
        way = planned_of(self.plan)
        return way != "rank" and planning.outcome.id in self.sample_.nation

    def _power_known(self, planning: Planning, assumptions) -> Section:
        nation, places = planning.nation(), tuple(planning.places())
        own = any(one.sizes is not None for one in places)
        shown = (nation, *places) if own else (nation,)
        table = tables.power_table(planning, shown)
        lines = [
            wording.nation_line(planning, nation),
            wording.lot_line(planning),
            wording.uptake_line(planning, nation),
            wording.places_line(planning, places),
        ]
        leads = planning.outcome.id == self.plan.leading
        chart = tables.power_chart(planning, table, "power") if own and leads else None
        note = Prose(wording.formula_line(planning), "note")
        said = Prose(joined("\n", filter(None, lines)))
        return Section.of(said, chart, table, assumptions, note)

    def _over(self, outcome: Outcome, found: Assumed) -> list[Planning]:
        return [
            Planning(self.sample_, outcome, found.values | values)
            for values in found.over_the_grid(outcome)
        ]

    def _groups(self, outcome: Outcome) -> Section:
        found = self._assumed(outcome)
        planning = Planning(self.sample_, outcome, found.values)
        if not self.sample_.groups.get(outcome.id) or not self._has_number(planning):
            return Section.of(Prose(wording.groups_line(planning, ())))
        if not found.is_complete:
            ranges = [tuple(one.groups()) for one in self._over(outcome, found)]
            missing = Prose(wording.missing_line(outcome, found.missing, True))
            return Section.of(missing, tables.group_range_table(planning, ranges))
        groups = tuple(planning.groups())
        table = tables.between_table(planning, groups)
        return Section.of(Prose(wording.groups_line(planning, groups)), table)

    def _cells(self, outcome: Outcome) -> tuple[Cell, ...]:
        base = self._assumed(outcome).values.get("base")
        return tuple(cells(self.sample_, outcome, base, load_rules()))
