"""Outputs of one action in one place: distinct people in post whom it reached. Exact, private."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

import pandas as pd

from analysis.disclosure.people_said import (
    EVENT,
    Asked,
    cleared_count,
    cleared_share,
)
from analysis.disclosure.rules import Clearance, load_rules
from analysis.disclosure.suppression import rate_of
from analysis.exploring.rows import words_of
from analysis.plans.outputs_plan import Output, OutputsPlan
from analysis.record.row import Level, Row
from analysis.results import EVERYONE, CheckResult, Fact, Support
from analysis.said.numbers import ClearedNumber, cleared_estimate, tally, withheld
from analysis.said.texts import ClearedText, capital, joined, named, say
from analysis.studies.process_monitor.kind import COUNTED_TWICE, DECLARED, HELD, KIND
from analysis.studies.process_monitor.offers import NOT_RECORDED, REACHED, REGISTERED
from analysis.study.public_counts import clearance_of
from analysis.vocabulary.ethnicity import coding

TIMES = {REGISTERED: "entries", REACHED: "uses"}  # the column that counts each time
EVENTS = "announced events"
IN_POST = "in post"


@dataclass(frozen=True)
class Twice:
    """The same people counted as they are, and each time anew: as they may be told.

    people: in post, each once; times: entries or uses of everyone, leavers among them; base: staff
    in post. A number may be withheld.
    """

    output: Output
    base: ClearedNumber
    people: ClearedNumber
    times: ClearedNumber
    naive: ClearedNumber  # times over the base, in every 100


@dataclass(frozen=True, eq=False)
class OutputsStudy:
    """One plan in one place.

    everyone: one row a member of staff of the period, with `ethnic_group` (or `not recorded`),
    `excluded` (why they are not counted, or "") and a column 0 or 1 for each output; events: one
    row a kind of event, site and month; read only.
    """

    plan: OutputsPlan
    place: str
    everyone: pd.DataFrame = field(repr=False)
    events: pd.DataFrame = field(repr=False)
    already_public: bool = False
    hidden: frozenset[str] = field(kw_only=True, repr=False)

    @property
    def clearance(self) -> Clearance:
        """What the release of its numbers hangs on."""
        return clearance_of(self.plan, public=self.already_public, hidden=self.hidden)

    @property
    def groups(self) -> tuple[str, ...]:
        """The broad ethnic groups of the page's coding."""
        return coding(self.plan.groups.coding).groups

    @cached_property
    def staff(self) -> pd.DataFrame:
        """Staff in post on the last day of the period; read only."""
        return self.everyone[self.everyone["excluded"] == ""]

    @property
    def n_in(self) -> int:
        return len(self.everyone)

    @property
    def n_used(self) -> int:
        return len(self.staff)

    @property
    def excluded(self) -> dict[str, int]:
        """Who is not counted, by reason (exact)."""
        counts = self.everyone["excluded"].value_counts()
        return {str(reason): int(n) for reason, n in sorted(counts.items()) if reason}

    # -- rows --------------------------------------------------------------------------------------
    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Reach of each output: of all staff in post, then of each ethnic group and of those
        without one, who together are all."""
        return tuple(row for output in self.plan.outputs for row in self._rows_of(output))

    def _rows_of(self, output: Output) -> Iterator[Row]:
        yield self._reach(output, EVERYONE, self.staff)
        for group in (*self.groups, NOT_RECORDED):
            yield self._reach(output, group, self.staff[self.staff["ethnic_group"] == group])

    def _reach(self, output: Output, group: str, staff: pd.DataFrame) -> Row:
        """Distinct people over people in post (in every 100), as a fact."""
        reached, base = int(staff[output.id].sum()), len(staff)
        smallest = min(reached, base - reached)
        support = Support(n=base, persons=base, smallest_cell=smallest, residual_df=base)
        value = 100 * reached / base if base else None
        fact = Fact(KIND.estimand, KIND.method, "in_every_100", value, support)
        level = cast(Level, output.level)
        return Row.of(fact, level=level, outcome=output.id, group=group, n_treated=reached)

    # -- what counting without looking would give --------------------------------------------------
    def twice(self, output: Output) -> Twice | None:
        """People and times of an output; None where nothing is counted more than once."""
        column = TIMES.get(output.id)
        if column is None or output.times is None:
            return None
        times, people = int(self.everyone[column].sum()), int(self.staff[output.id].sum())
        asked = self.asked(f"check: {COUNTED_TWICE}", outcome=output.id, by=column)
        told = cleared_share(people, times, asked) if people <= times else withheld()
        own = self.asked("staff in post", by=IN_POST)
        base = cleared_count(self.n_used, own)
        if told.is_withheld or base.is_withheld:
            return Twice(output, base, withheld(), withheld(), withheld())
        counted = cleared_count(times, asked), cleared_count(people, asked, count=EVENT)
        naive = cleared_estimate(rate_of(times, self.n_used, load_rules()), decimals=1)
        return Twice(output, base, counted[1], counted[0], naive)

    def asked(self, where: str, **dimensions: str) -> Asked:
        """People of this place of whom a sentence tells something (`where` it stands)."""
        return Asked(self.place, where, self.clearance, **dimensions)

    # -- checks ------------------------------------------------------------------------------------
    @cached_property
    def checks(self) -> tuple[CheckResult, ...]:
        """What the counts rest on; none of them bears on a claim, since there is none."""
        twice = [self._counted_twice(output) for output in self.plan.outputs]
        return (self._held(), *(check for check in twice if check), self._declared())

    def _counted_twice(self, output: Output) -> CheckResult | None:
        found = self.twice(output)
        if found is None:
            return None
        name = f"{COUNTED_TWICE}_{output.id}_{KIND.method}"
        return CheckResult(name, None, _twice_words(self.plan, found), bears_on="nothing")

    def _held(self) -> CheckResult:
        planned, held = (int(self.events[column].sum()) for column in ("planned", "held"))
        kinds = [
            say(
                "{kind} {held} of {planned}",
                kind=words_of(occasion),
                planned=tally(int(own["planned"].sum()), EVENTS),
                held=tally(int(own["held"].sum()), EVENTS),
            )
            for occasion, own in self.events.groupby("occasion", sort=True)
        ]
        text = say(
            "Of {planned} events planned, {held} were held{each}.",
            planned=tally(planned, EVENTS),
            held=tally(held, EVENTS),
            each=joined("", (" (", joined("; ", kinds), ")")) if len(kinds) > 1 else "",
        )
        return CheckResult(HELD, None, text, bears_on="nothing")

    def _declared(self) -> CheckResult:
        known = int(self.staff["ethnic_group"].isin(self.groups).sum())
        share = cleared_share(known, self.n_used, self.asked("check: declared", by=DECLARED))
        text = say(
            "An ethnic group is recorded of {share}% of {who}.",
            share=share,
            who=named(self.plan.who),
        )
        return CheckResult(DECLARED, None, text, bears_on="nothing")


def _twice_words(plan: OutputsPlan, found: Twice) -> ClearedText:
    """People are not the times they are counted, in a sentence with both."""
    times = named(found.output.times or "")
    if found.times.is_withheld:
        return say(
            "{times} are withheld here to protect people [c]; they are not people.",
            times=capital(times),
        )
    return say(
        "{number} {times} are not {number} people: {people} {who} {event}, each counted once."
        " Over {who}, {times} would read as {naive} in every 100, which is no reach.",
        number=found.times,
        times=times,
        people=found.people,
        who=named(plan.who),
        event=named(found.output.event),
        naive=found.naive,
    )
