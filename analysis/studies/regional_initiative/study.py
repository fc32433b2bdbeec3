"""A regional initiative in one place, exact: which changes are set beside each other, of whom.

In one region nothing is compared: its own figures, and whether it has the initiative. All regions
at once are the one analysis; it holds how far each of them moved, with the initiative or without.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import pandas as pd

from analysis.clearing.judged_rows import PLACEBO as TOOK_NO_PART
from analysis.designs.regions.changes import Change, change_beside_others
from analysis.designs.regions.conformal import conformal_interval
from analysis.designs.regions.placebos import (
    Placebos,
    earlier_start,
    leave_one_out,
    one_by_one,
    placebos,
    ranked,
)
from analysis.designs.regions.synthetic import METHODS
from analysis.designs.regions.unit_panel import UnitPanel, unit_panel
from analysis.extracts.tables.contract import ETHNICITY_CODING
from analysis.inference.columns import ChangeColumns, Quantity
from analysis.inference.planned.power import minimum_detectable_effect
from analysis.plans.kinds import lead_method
from analysis.plans.plan import Outcome, Plan
from analysis.record.row import Row
from analysis.results import (
    EVERYONE,
    CheckResult,
    Estimate,
    Fact,
    NotEstimable,
    Ranked,
    Result,
    Support,
)
from analysis.said.numbers import planned, tally
from analysis.said.texts import named, say, worded
from analysis.studies.regional_initiative.kind import KIND, PLACEBO, SYNTHETIC
from analysis.studies.regional_initiative.measures import Table, table_of
from analysis.study.frame_study import FrameStudy
from analysis.study.offers import BROAD
from analysis.vocabulary.ethnicity import coding, crosswalk
from analysis.vocabulary.regions import ALL

SECOND = "second_opinion"
DAY, UNIT = "day", "unit"


class RegionalStudy(FrameStudy):
    """One plan in one place; `everyone` holds a row a person or case with `day` and `unit`."""

    @property
    def table(self) -> Table:
        return table_of(self.plan)

    @property
    def start(self) -> pd.Timestamp:
        """The first day of the initiative."""
        return pd.Timestamp(self.plan.data.from_)

    @property
    def is_ranked(self) -> bool:
        """One region has the initiative: a rank answers, and no test."""
        return self.plan.comparison.design == "one_region"

    @cached_property
    def treated(self) -> tuple[str, ...]:
        """The units with the initiative, in order: those that the plan names, or the table."""
        if not self.table.treated:
            return tuple(self.plan.comparison.arms)
        rows = self.everyone[self.everyone["excluded"] == ""]
        return tuple(sorted(set(rows.loc[rows[self.table.treated], UNIT].astype(str))))

    # -- the one analysis of all places ------------------------------------------------------------
    def _columns(self, outcome: Outcome) -> ChangeColumns:
        scale = 100.0 if outcome.unit == "in_every_100" else 1.0
        return ChangeColumns(unit=UNIT, period=DAY, outcome=outcome.id, scale=scale)

    def panel(self, outcome: Outcome, group: str = EVERYONE) -> UnitPanel | str:
        """Units by periods; else why there is no such panel."""
        key = (outcome.id, group)
        if key not in self._panels:
            people, columns = self.people(outcome, group), self._columns(outcome)
            self._panels[key] = unit_panel(people, columns, treated=self.treated, start=self.start)
        return self._panels[key]

    @cached_property
    def _panels(self) -> dict[tuple[str, str], UnitPanel | str]:
        return {}

    def change(self, outcome: Outcome, group: str = EVERYONE) -> Change:
        """The change of the units with it beside that of the others."""
        key = (outcome.id, group)
        if key not in self._changes:
            self._changes[key] = change_beside_others(
                self.people(outcome, group),
                self._columns(outcome),
                self._quantity(outcome, group),
                treated=self.treated,
                start=self.start,
            )
        return self._changes[key]

    @cached_property
    def _changes(self) -> dict[tuple[str, str], Change]:
        return {}

    def _quantity(self, outcome: Outcome, group: str = EVERYONE) -> Quantity:
        return Quantity(KIND.estimand if group == EVERYONE else "group_effect", outcome.unit)

    def beside(self, outcome: Outcome, method: str, group: str = EVERYONE) -> Result:
        """The result of one method."""
        if method not in METHODS:
            return self.change(outcome, group).result
        panel, what = self.panel(outcome, group), self._quantity(outcome, group)
        if isinstance(panel, str):
            return NotEstimable(what.estimand, method, what.unit, panel, Support())
        return ranked(panel, method, what)

    # -- checks ------------------------------------------------------------------------------------
    @cached_property
    def checks(self) -> tuple[CheckResult, ...]:
        """What so few places can show, said before any outcome is read; then whether the others
        moved alike before the start. In a region alone: whether it has the initiative."""
        if self.place != ALL:
            return (self._here,)
        found = (check for o in self.plan.compared for check in self._of_outcome(o))
        return (self._choices, *found)

    @property
    def takes_part(self) -> int:
        """How many units with the initiative lie in this place."""
        if self.table.treated:
            return len(self.treated)
        return int(self.place in self.treated)

    @property
    def _here(self) -> CheckResult:
        many = self.takes_part
        if self.table.treated:
            text = say("Early sites in this region: {many}.", many=tally(many, "places"))
        else:
            text = worded(
                "The initiative is in this region."
                if many
                else "The initiative is not in this region."
            )
        shown = planned(float(many))  # the plan, or a decision that is public, names them
        return CheckResult("own_sites", None, text, float(many), bears_on="nothing", shown=shown)

    @property
    def _choices(self) -> CheckResult:
        rows = self.everyone[self.everyone["excluded"] == ""]
        units = rows[UNIT].nunique()
        if self.is_ranked:
            text = say(
                "Before any outcome is read: {own} of {units} places has the initiative, so the"
                " answer is a rank. Without any effect, too, it would take the first place 1 time"
                " in {units}; so no p-value is given.",
                own=tally(len(self.treated), "places"),
                units=tally(units, "places"),
            )
        else:
            text = say(
                "Before any outcome is read: {own} of {units} places have the initiative. They"
                " were not drawn by lot, so the test takes places as exchangeable.",
                own=tally(len(self.treated), "places"),
                units=tally(units, "places"),
            )
        return CheckResult("choices", None, text, bears_on="nothing")

    def _of_outcome(self, outcome: Outcome) -> Iterator[CheckResult]:
        panel, noun = self.panel(outcome), named(outcome.noun)
        if self.is_ranked:
            yield self._fit(outcome)
        early = None if isinstance(panel, str) else earlier_start(panel, SYNTHETIC)
        passed = None if early is None else early.rank > 1
        yield CheckResult(
            f"pre_trend_{outcome.id}",
            passed,
            _early_words(early, noun),
            bears_on="claim",
        )

    def _fit(self, outcome: Outcome) -> CheckResult:
        panel, noun = self.panel(outcome), named(outcome.noun)
        found = None if isinstance(panel, str) else placebos(panel, SYNTHETIC)
        followed, none = (
            say("{noun}: the others, weighted, followed the place before the start.", noun=noun),
            say("{noun}: no mix of the others followed the place before the start.", noun=noun),
        )
        unknown = say("{noun}: whether the others followed could not be worked out.", noun=noun)
        text = unknown if found is None else followed if found.fits else none
        passed = None if found is None else found.fits
        return CheckResult(f"fit_before_{outcome.id}", passed, text, bears_on="claim")

    # -- rows --------------------------------------------------------------------------------------
    def _rows_of(self, outcome: Outcome) -> Iterator[Row]:
        if self.place != ALL:
            yield self._own_row(outcome)
        else:
            yield from self._whole(outcome)
        yield from self.rate_rows(outcome) if outcome.only_groups else ()

    def _own_row(self, outcome: Outcome) -> Row:
        own = Fact(KIND.estimand, lead_method(self.plan), outcome.unit)
        apart = self.is_ranked or not self.table.treated
        note = TOOK_NO_PART if apart and not self.takes_part else None
        return self.row(outcome, EVERYONE, own, family=f"places_{outcome.id}", note=note)

    def _whole(self, outcome: Outcome) -> Iterator[Row]:
        lead = lead_method(self.plan)
        result = self.beside(outcome, lead)
        yield self._row(outcome, result, family=f"places_{outcome.id}")
        for method, name in self._others:
            second = replace(self.beside(outcome, method), method=name)
            yield self._row(outcome, second, note=SECOND)
        panel = self.panel(outcome)
        if isinstance(panel, UnitPanel):
            yield from self._fragile(outcome, panel)
        for group in outcome.only_groups:
            within = self.beside(outcome, lead, group)
            yield self.row(outcome, group, within, family="groups")

    @property
    def _others(self) -> tuple[tuple[str, str], ...]:
        """Second opinions, each with the name that it has in the record; none of sites, which are
        too many to weight and too small for a series each."""
        if self.table.treated:
            return ()
        same = [(method, method) for method in METHODS if method != SYNTHETIC]
        return tuple(same if self.is_ranked else [(SYNTHETIC, "synthetic_did_of_few"), same[0]])

    def _fragile(self, outcome: Outcome, panel: UnitPanel) -> Iterator[Row]:
        """One of the others left out; months shifted, where the plan argues for it; every place as
        if it alone had the initiative."""
        if not self.is_ranked:
            if not self.table.treated:
                yield from self._each(outcome, panel)
            return
        if isinstance(self.beside(outcome, SYNTHETIC), Ranked):
            ends = leave_one_out(panel, SYNTHETIC)
            if ends is not None:
                fact = Fact(KIND.estimand, "leave_one_out", outcome.unit)
                yield self.row(outcome, EVERYONE, fact).bounded(*ends)
            if self.plan.comparison.residuals_alike_because:
                yield self._row(outcome, self._conformal(outcome), note=SECOND)
        yield from self._each(outcome, panel)

    def _conformal(self, outcome: Outcome) -> Result:
        """By shifting months, of which there are enough."""
        people, what = self.people(outcome), self._quantity(outcome)
        monthly = unit_panel(
            people, self._columns(outcome), treated=self.treated, start=self.start, lengths=(1,)
        )
        if isinstance(monthly, str):
            return NotEstimable(what.estimand, "conformal", what.unit, monthly, Support())
        return conformal_interval(monthly, what)

    def _each(self, outcome: Outcome, panel: UnitPanel) -> Iterator[Row]:
        for one in one_by_one(panel, SYNTHETIC, Quantity(PLACEBO, outcome.unit)):
            yield self._row(outcome, one, note=SECOND)

    def _row(self, outcome: Outcome, result: Result, **more) -> Row:
        if isinstance(result, Estimate) and result.std_error is not None:
            more |= {"mde": minimum_detectable_effect(result.std_error, result.df)}
        return self.row(outcome, EVERYONE, result, **more)

    # -- facts -------------------------------------------------------------------------------------
    def _fact_rows(self, outcome: Outcome) -> Iterator[Row]:
        """A share of those who took part since the start; nothing is compared."""
        rows = self.everyone[self.everyone["excluded"] == ""]
        values = rows.loc[rows[DAY] >= self.start, outcome.id].dropna()
        hits, n = int(values.sum()), len(values)
        support = Support(n=n, persons=n, smallest_cell=min(hits, n - hits), residual_df=n)
        value = 100 * hits / n if n else None
        fact = Fact("share", "count", outcome.unit, value, support)
        row = self.row(outcome, EVERYONE, fact)
        yield row.with_(direction="undefined", n_treated=hits)


def _early_words(early: Placebos | None, noun):
    if early is None:
        return say(
            "{noun}: the time before the start is too short for an earlier one to be tried.",
            noun=noun,
        )
    return say(
        "{noun}, as if it had begun half way through the time before: rank {rank} of {n} by size.",
        noun=noun,
        rank=tally(early.rank, "places"),
        n=tally(len(early.effects), "places"),
    )


def open_regional(
    plan: Plan, place: str, opened: dict, *, hidden: frozenset[str]
) -> tuple[RegionalStudy, None]:
    """The exact study. Nobody is followed, so that no day ends a follow-up."""
    table, groups = table_of(plan), coding(BROAD).groups
    rows = opened[table.name]
    group = crosswalk(rows["ethnicity"], source=ETHNICITY_CODING, target=BROAD)
    minority = (group != plan.groups.reference).astype(float).where(group.isin(groups))
    rows = rows.assign(ethnic_group=group, minority=minority)
    start, end = pd.Timestamp(plan.data.from_), pd.Timestamp(plan.data.to)
    first = start - pd.DateOffset(months=plan.comparison.months_before)
    inside = rows[table.day].between(first, end + pd.Timedelta(days=1), inclusive="left")
    made = {key: one.made(rows) for key, one in {**table.outcomes, **table.facts}.items()}
    everyone = rows.assign(
        **made,
        **{DAY: rows[table.day], UNIT: rows[table.unit].astype("str")},
        excluded=inside.map({True: "", False: "outside_the_period"}),
    )
    return RegionalStudy(plan, place, everyone, hidden=hidden), None
