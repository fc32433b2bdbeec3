"""Progression schemes in one place: from the risk sets of its members to every row and check of its
record. Exact and private; each quantity is worked out once, on first use."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.designs.cohorts.balance import Balance
from analysis.designs.cohorts.matched_incidence import (
    Counted,
    difference_between,
    hazard_within_sets,
    matched_incidence,
)
from analysis.designs.cohorts.matching import SMALLEST_MATCHED
from analysis.designs.cohorts.risk_sets import (
    MatchedSets,
    RiskSets,
    match_sets,
    partners,
    unmatched,
)
from analysis.designs.trials.competing_exits import cumulative_incidence, incidence_difference
from analysis.disclosure.parts import ARMS, GROUPS
from analysis.disclosure.people_said import cleared_share, decided
from analysis.disclosure.release import ANALYST
from analysis.inference.columns import Quantity
from analysis.inference.planned.power import minimum_detectable_effect
from analysis.plans.plan import Outcome
from analysis.record.row import Role, Row
from analysis.results import (
    EVERYONE,
    CheckResult,
    Estimate,
    Fact,
    NotEstimable,
    Result,
    Support,
)
from analysis.said.numbers import planned
from analysis.said.texts import named, say
from analysis.studies.progression.events import (
    EXITS,
    SETS,
    at_risk,
    by_month,
    days,
    set_rows,
    timed,
)
from analysis.studies.progression.kind import (
    BY_MONTH,
    FROM_ELIGIBILITY,
    KIND,
    MAIN,
    MEMBERS_MATCHED,
    MONTHS,
    NOT_MATCHED,
    OF_SCHEME,
    SCHEME_EFFECTS,
    UNTIL_JOINING,
    WITHIN_GROUP,
)
from analysis.study.frame_study import FrameStudy
from analysis.study.losses.response import ANSWERED

SECOND = "second_opinion"
# Of members, at least; below it those with a match no longer stand for all. Chosen: one in ten
# left out can move a share by a few in every 100 at most.
MATCHED_PERCENT = 90.0
TOGETHER = "minority ethnic groups"  # all groups but the reference, put together
MINORITIES = Role((TOGETHER,), part_of=GROUPS)
GAP, WITHIN = "gap_difference", "group_effect"
WITHIN_SETS = replace(
    SETS,
    covariates=tuple(name for name in SETS.covariates if name != "ethnic_group"),
    held=(*SETS.held, "ethnic_group"),
)


@dataclass(frozen=True, eq=False)
class Matching:
    """The rows of some risk sets, and how they were matched."""

    rows: pd.DataFrame
    matched: MatchedSets

    def among(self, kept: np.ndarray) -> "Matching":
        """Some of the rows with the weights that they have."""
        own = self.matched
        part = replace(
            own,
            weights=own.weights[kept],
            logit=own.logit[kept],
            treated=own.treated[kept],
        )
        return Matching(self.rows[kept].reset_index(drop=True), part)


@dataclass(frozen=True, eq=False)
class ProgressionStudy(FrameStudy):
    """One plan in one place. `everyone`: eligible staff, with each outcome as 0 or 1 of members
    from the day of joining on (missing: of others); `sets`: of members who joined in the period."""

    sets: RiskSets = field(kw_only=True, repr=False)

    # -- who is compared ---------------------------------------------------------------------------
    @cached_property
    def set_rows(self) -> pd.DataFrame:
        """Rows of every risk set; read only."""
        return set_rows(self.everyone, self.sets)

    @cached_property
    def members(self) -> pd.DataFrame:
        """Members who joined in the period while they could be promoted; read only."""
        return self.everyone.iloc[self.sets.row[self.sets.treated]]

    @cached_property
    def refusal(self) -> str | None:
        """Why nothing is compared in this place; None where it can be."""
        return "too_few_people" if self.n_used < self.plan.smallest.people else None

    def matching(self, outcome: Outcome, group: str = EVERYONE) -> Matching:
        """The sets of an outcome, of everyone or within one ethnic group, matched."""
        event = outcome.id if outcome.id in ("applied", "coached", "deputised") else ""
        if (event, group) not in self._matchings:
            self._matchings[event, group] = self._match(event, group)
        return self._matchings[event, group]

    @cached_property
    def _matchings(self) -> dict[tuple[str, str], Matching]:
        return {}

    def _match(self, event: str, group: str) -> Matching:
        rows = self.set_rows
        kept = at_risk(rows, event)
        columns = SETS
        if group != EVERYONE:
            groups = self.minorities if group == TOGETHER else (group,)
            own = rows["set_group"].isin(groups) & rows["ethnic_group"].isin(groups)
            kept = kept & own.to_numpy()
            columns = SETS if group == TOGETHER else WITHIN_SETS
        rows = rows[kept].reset_index(drop=True)
        if rows["member"].sum() < SMALLEST_MATCHED:
            return Matching(rows, unmatched(rows, replace(columns, covariates=())))
        return Matching(rows, match_sets(rows, columns))

    @cached_property
    def _leading(self) -> Outcome:
        return self.plan.outcome(self.plan.leading)

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """Each matched member and one partner, in turn, with the leading outcome as 0 or 1 from
        the member's day of joining on; read only."""
        found = self.matching(self._leading)
        rows = found.rows.iloc[partners(found.rows, found.matched, SETS)]
        horizon = days(self._leading.horizon_months or 0)
        return rows.assign(**{self.plan.leading: by_month(rows, self.plan.leading, horizon)})

    @property
    def minorities(self) -> tuple[str, ...]:
        """Every ethnic group but the reference."""
        return tuple(group for group in self.groups if group != self.plan.groups.reference)

    # -- is the comparison fair --------------------------------------------------------------------
    @cached_property
    def balance(self) -> Balance | None:
        """How alike members and people like them are; None where nothing is compared."""
        found = self.matching(self._leading).matched
        return None if self.refusal or not found.n_matched else found.balance

    @cached_property
    def checks(self) -> tuple[CheckResult, ...]:
        """How alike both sides are, how many members were matched, how many answered."""
        none = CheckResult("balance", None, "Nothing is compared here.", bears_on="claim")
        facts = [o for o in self.plan.outcomes if o.role == "fact" and o.survey]
        alike = none if self.balance is None else self.balance.checks[0]
        return (alike, self._members_matched(), *(self._response(o) for o in facts))

    def _members_matched(self) -> CheckResult:
        name, needed = MEMBERS_MATCHED.id, planned(MATCHED_PERCENT)
        found = self.matching(self._leading).matched
        counts = found.n_matched, found.n_treated
        if self.refusal or not found.n_treated:
            return CheckResult(name, None, "Nothing is compared here.", bears_on="claim")
        asked = self.asked("check: members matched", by="members")
        share = cleared_share(*counts, asked, count="matched")
        percent = 100 * counts[0] / counts[1]
        passed: bool | None = percent >= MATCHED_PERCENT
        if share.is_withheld:
            passed = decided(*counts, lambda p: p >= MATCHED_PERCENT)
            few = {True: "At least", False: "Fewer than", None: "It cannot be told whether"}[passed]
            text = say(
                "{few} {needed}% of members had somebody like them to compare with.",
                few=few,
                needed=needed,
            )
        else:
            text = say(
                "{share}% of members had somebody like them to compare with; {needed}% are needed.",
                share=share,
                needed=needed,
            )
        return CheckResult(
            name, passed, text, percent, MATCHED_PERCENT, bears_on="claim", shown=share
        )

    def _response(self, outcome: Outcome) -> CheckResult:
        """Of members, how many answered (percent)."""
        name, floor = f"response_{outcome.id}", self.plan.smallest.response_percent
        answered, n = int(self.members[outcome.id].notna().sum()), len(self.members)
        asked = self.asked(f"check: {name}", by="members")
        share = cleared_share(answered, n, asked, count=ANSWERED)
        if share.is_withheld or share.number is None:
            text = "Too few members were asked to say how many answered."
            return CheckResult(name, None, text, threshold=floor, bears_on="nothing")
        text = say(
            "{share}% of members answered whether they {event}; at least {least}% are needed.",
            share=share,
            event=named(outcome.event),
            least=planned(floor),
        )
        passed = share.number >= floor
        return CheckResult(name, passed, text, share.number, floor, bears_on="nothing", shown=share)

    # -- rows --------------------------------------------------------------------------------------
    def _rows_of(self, outcome: Outcome) -> Iterator[Row]:
        main = self.effect(outcome, self.matching(outcome), KIND.estimand)
        yield self._row(outcome, EVERYONE, main, family=f"places_{outcome.id}")
        yield from self._group_rows(outcome)
        if self.refusal:
            return
        if outcome.id == self.plan.leading:
            yield from self.rate_rows(outcome)
            yield from self._own_figures(outcome)
        yield from self._scheme_rows(outcome)
        for result in self._second_opinions(outcome):
            yield self._row(outcome, EVERYONE, result, note=SECOND)

    def _row(self, outcome: Outcome, group: str, result: Result | Fact, **more) -> Row:
        if isinstance(result, Estimate) and result.std_error is not None:
            more |= {"mde": minimum_detectable_effect(result.std_error, result.df)}
        return self.row(outcome, group, result, **more)

    def effect(
        self, outcome: Outcome, found: Matching, estimand: str, **changed: float | bool
    ) -> Estimate | NotEstimable:
        """Members less people like them, by the horizon of the outcome. changed: months, or
        until_joining (others are followed to their own joining)."""
        quantity = Quantity(estimand, outcome.unit)
        if self.refusal:
            return NotEstimable(estimand, MAIN, outcome.unit, self.refusal, Support())
        if found.matched.n_treated < SMALLEST_MATCHED:
            # no other reason, and no number: what is not there tells nothing of few people
            return NotEstimable(estimand, MAIN, outcome.unit, "too_few_matched", Support())
        columns = SETS if estimand != WITHIN else WITHIN_SETS
        rows = timed(found.rows, outcome.id, until_joining=bool(changed.get("until_joining")))
        months = float(changed.get("months", outcome.horizon_months or 0))
        counted = Counted(outcome.id, days(months))
        return matched_incidence(rows, found.matched, (columns, EXITS), counted, quantity)

    def _group_rows(self, outcome: Outcome) -> Iterator[Row]:
        """The effect within each ethnic group, and how far it differs from that within the
        reference group, who are other people."""
        reference = self.plan.groups.reference
        found = {
            group: replace(
                self.effect(outcome, self.matching(outcome, group), WITHIN), method=WITHIN_GROUP
            )
            for group in (reference, TOGETHER, *self.minorities)
        }
        for group, result in found.items():
            row = self._row(outcome, group, result, family="exploratory")
            if group in self.minorities:
                row = row.with_(role=Role(part_of=TOGETHER))
            yield row.with_(role=MINORITIES) if group == TOGETHER else row
        for group, result in found.items():
            if group == reference:
                continue
            gap = self._gap(result, found[reference], outcome)
            yield self._row(
                outcome, f"{group} less {reference}", gap, family=f"groups_{outcome.id}"
            )

    @staticmethod
    def _gap(one: Result, other: Result, outcome: Outcome) -> Result:
        quantity = Quantity(GAP, outcome.unit)
        if isinstance(one, Estimate) and isinstance(other, Estimate):
            return difference_between(one, other, quantity, method=WITHIN_GROUP)
        lacking = one if isinstance(one, NotEstimable) else other
        reason = lacking.reason if isinstance(lacking, NotEstimable) else "no_comparison"
        return NotEstimable(GAP, WITHIN_GROUP, outcome.unit, reason)

    def _scheme_rows(self, outcome: Outcome) -> Iterator[Row]:
        """Members of each scheme beside people like them, with the weights of all members."""
        found = self.matching(outcome)
        for scheme in self.plan.comparison.arms:
            own = found.among((found.rows["set_scheme"] == scheme).to_numpy())
            result = replace(self.effect(outcome, own, SCHEME_EFFECTS[scheme]), method=OF_SCHEME)
            row = self._row(outcome, EVERYONE, result, note=SECOND)
            yield row.with_(role=Role(part_of=ARMS, name=scheme))

    # -- second opinions ---------------------------------------------------------------------------
    def _second_opinions(self, outcome: Outcome) -> Iterator[Result]:
        found, estimand = self.matching(outcome), KIND.estimand
        alone = replace(SETS, covariates=())
        crude = Matching(found.rows, unmatched(found.rows, alone))
        rows = timed(crude.rows, outcome.id)
        counted = Counted(outcome.id, days(outcome.horizon_months or 0))
        quantity = Quantity(estimand, outcome.unit)
        plain = matched_incidence(rows, crude.matched, (alone, EXITS), counted, quantity)
        yield replace(plain, method=NOT_MATCHED)
        until = self.effect(outcome, found, estimand, until_joining=True)
        yield replace(until, method=UNTIL_JOINING)
        if outcome.id in ("promoted", "left"):
            # leaving before any promotion: the other exit of the time to promotion
            first_exits = timed(found.rows, "promoted", until_joining=True)
            yield hazard_within_sets(
                first_exits,
                found.matched,
                (SETS, EXITS),
                outcome.id,
                Quantity("hazard_ratio", "times"),
            )
        if outcome.id == self.plan.leading:
            yield self.from_eligibility(outcome)
            for months in MONTHS:
                early = self.effect(outcome, found, estimand, months=float(months))
                yield replace(early, method=BY_MONTH[months])

    def from_eligibility(self, outcome: Outcome) -> Result:
        """The trap: all who ever joined less all who never did, counted from eligibility on. The
        wait before joining counts as time in the scheme, in which nobody can have been promoted."""
        last = self.plan.data.to or self.everyone["eligible_from"].max()
        staff = self.everyone[self.everyone["eligible_from"] <= last]
        staff = staff.assign(
            day=staff["eligible_from"], member=staff["joined_on"].notna().astype(float)
        )
        found = incidence_difference(
            timed(staff, outcome.id),
            EXITS,
            cause=outcome.id,
            horizon=days(outcome.horizon_months or 0),
            estimand="naive_difference",
        )
        return replace(found, method=FROM_ELIGIBILITY)

    def _own_figures(self, outcome: Outcome) -> Iterator[Row]:
        """Of members of each ethnic group, how many had the event by the horizon: their own figure,
        compared with nothing. It stays in the private record: one side alone, without anybody
        censored, is a count of people in disguise (S6)."""
        members = self.members.assign(day=self.members["joined_on"], member=1.0)
        for group in (EVERYONE, *self.groups):
            own = members if group == EVERYONE else members[members["ethnic_group"] == group]
            found = self._own_figure(timed(own, outcome.id), outcome)
            yield self.row(outcome, group, found, note=ANALYST).with_(role=Role())

    @staticmethod
    def _own_figure(members: pd.DataFrame, outcome: Outcome) -> Result:
        horizon = days(outcome.horizon_months or 0)
        result = cumulative_incidence(
            members, time=EXITS.time, exit=EXITS.exit, cause=outcome.id, horizon=horizon
        )
        event = int(((members["exit"] == outcome.id) & (members["days"] <= horizon)).sum())
        n = len(members)
        support = Support(
            n=n,
            n_identifying=n,
            n_treated=n,
            persons=n,
            smallest_cell=min(event, n - event),
            residual_df=n,
        )
        return replace(result, estimand="members_incidence", support=support)

    # -- facts -------------------------------------------------------------------------------------
    def _fact_rows(self, outcome: Outcome) -> Iterator[Row]:
        """joined: of staff who stand in a set, who joined; found_useful: of members who
        answered."""
        compared = self.everyone[self.everyone["excluded"] == ""]
        values = (
            compared["joined_on"].notna().astype(float)
            if outcome.id == "joined"
            else self.members[outcome.id].dropna()
        )
        n, hits = len(values), int(values.sum())
        support = Support(n=n, persons=n, smallest_cell=min(hits, n - hits), residual_df=n)
        value = 100 * hits / n if n else None
        row = self._row(outcome, EVERYONE, Fact("share", "count", outcome.unit, value, support))
        yield row.with_(direction="undefined", n_treated=hits)
