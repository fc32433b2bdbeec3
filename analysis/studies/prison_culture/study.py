"""A programme in prisons in one place, or in all prisons at once: every row and check of its
record, exact and private.

All prisons together are the one analysis, within regions. A region answers by itself where two of
its prisons or more started, two never did, and its start dates can be dealt out in enough ways;
elsewhere it shows its own figures.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar

import pandas as pd

from analysis.designs.rollouts.counted_events import RateRatio
from analysis.disclosure.dominance import people_behind
from analysis.disclosure.people_said import cleared_share
from analysis.plans.plan import Outcome, Plan
from analysis.record.row import Row
from analysis.results import EVERYONE, CheckResult, Fact, NotEstimable, Result, Support
from analysis.said.numbers import cleared_estimate, tally
from analysis.said.texts import named, say
from analysis.studies.prison_culture.counted import (
    before_and_after,
    by_dose,
    incident_ratio,
    incidents_by_time,
    start_dates_permuted,
)
from analysis.studies.prison_culture.kind import (
    BEFORE_AFTER,
    BY_LOT,
    DATES,
    DOSE,
    FAIR,
    GAP_BY_TIME,
    INCIDENTS,
    RATIO,
)
from analysis.studies.prison_culture.opinions import by_lot, gap_by_group_time
from analysis.studies.prison_culture.standing import could_show, standing
from analysis.studies.prison_culture.through import mediation_rows
from analysis.study.losses.response import response_check
from analysis.study.rollouts.cells import UNIT
from analysis.study.rollouts.counted import LostWords, RolloutStudy
from analysis.study.rollouts.effects import EFFECT, MAIN, TOGETHER
from analysis.study.rollouts.panels import QUARTER
from analysis.vocabulary.regions import ALL, place_set

FORCE = "force_used"
EACH_SIDE = 2  # prisons that started, and that never did, for a region to answer (method rule 9)
TOO_FEW = (
    "no_comparison",
    "one_treated_site",
    "too_few_sites",
    "too_few_assignments",
    "treated_from_start",
)


@dataclass(frozen=True, eq=False)
class PrisonStudy(RolloutStudy):
    """One plan in one place. `everyone`: one row a person and quarter, with `excluded` (the reason
    why it is not compared, or ""); staff: one row a member of staff who was trained."""

    plan: Plan
    place: str
    everyone: pd.DataFrame = field(repr=False)
    staff: pd.DataFrame = field(repr=False)
    already_public: bool = False
    hidden: frozenset[str] = field(kw_only=True, repr=False)

    before: ClassVar[str] = "before or without the programme"
    under: ClassVar[str] = "since the start"
    unit_column: ClassVar[str] = "prison_id"
    row_months: ClassVar[int] = QUARTER
    bases: ClassVar = {"group_time_permutation": QUARTER, "base_two_quarters": 2 * QUARTER}
    described: ClassVar[tuple[str, ...]] = TOO_FEW
    lost: ClassVar[LostWords] = LostWords(
        "the prisons",
        ("prisons that start", "other prisons"),
        "the quarters of prisons",
        ("those since the start", "those before it or without it"),
        "the table of people in prison",
    )

    # -- who is in it ------------------------------------------------------------------------------
    @cached_property
    def cases(self) -> pd.DataFrame:
        """People held for a whole quarter within the plan's dates; read only."""
        return self.everyone[self.everyone["excluded"] == ""]

    @property
    def n_in(self) -> int:
        return len(self.everyone)

    @property
    def n_used(self) -> int:
        return len(self.cases)

    @cached_property
    def excluded(self) -> dict[str, int]:
        """Who is not compared, by reason (exact)."""
        counts = self.everyone["excluded"].value_counts()
        return {str(reason): int(n) for reason, n in sorted(counts.items()) if reason}

    @cached_property
    def units(self) -> pd.DataFrame:
        """The prisons, in order."""
        first = self.everyone.drop_duplicates("prison_id").sort_values("prison_id")
        rows = first[["prison_id", "region", "start"]].reset_index(drop=True)
        return rows.assign(pilot=rows["start"].notna()).rename(columns={"prison_id": UNIT})

    def persons(self, people: pd.DataFrame) -> int:
        """Distinct people: one who stays has a row in each quarter."""
        return int(self.everyone["person_id"].loc[people.index].nunique())

    def months_of(self, outcome: str) -> int:
        """Everything is counted by quarter."""
        return QUARTER

    def leads_of(self, outcome: Outcome) -> tuple[tuple[int, int], int]:
        """The third to fifth quarter before the start, measured from the last two."""
        return (-5, -3), 2

    # -- rows --------------------------------------------------------------------------------------
    @cached_property
    def answers(self) -> bool:
        """Enough prisons started, and enough never did, for an answer of this place."""
        started = int(self.units["pilot"].sum())
        return min(started, len(self.units) - started) >= EACH_SIDE

    def effect(self, outcome_id: str) -> Result:
        """The effect within regions; of a region with too few prisons, nothing."""
        if not self.answers:
            unit = self.plan.outcome(outcome_id).unit
            return NotEstimable(EFFECT, MAIN, unit, "too_few_sites", Support())
        return super().effect(outcome_id)

    def _rows_of(self, outcome: Outcome) -> Iterator[Row]:
        yield self.leading_row_of(outcome)
        if self.place == ALL and not self.refusal:
            if outcome.role == "primary":
                yield from self.by_group(outcome)
                yield self._gap_by_time(outcome)
            yield from self.opinion_rows(outcome, self._further(outcome))
            if outcome.id == FORCE and FAIR in {o.id for o in self.plan.compared}:
                yield from mediation_rows(self, outcome)
        if outcome.kind == "share":
            yield from self.rate_rows(outcome)

    def _gap_by_time(self, outcome: Outcome) -> Row:
        """A second opinion on the gap of all minority ethnic groups together."""
        found = replace(gap_by_group_time(self, outcome), method=GAP_BY_TIME)
        group = f"{TOGETHER} less {self.plan.groups.reference}"
        return self.rollout_row(outcome, group, found, note="second_opinion")

    def _further(self, outcome: Outcome) -> dict[str, Result]:
        """What this kind adds to the second opinions: of all prisons at once."""
        found: dict[str, Result] = {DATES: start_dates_permuted(self, outcome)}
        if outcome.id == FORCE:
            found |= {INCIDENTS: incidents_by_time(self), RATIO: self.ratio.result}
        if outcome.id == self.plan.leading:
            found[DOSE] = by_dose(self, outcome)
        if outcome.id == self.plan.leading and outcome.kind == "share":
            found |= {BEFORE_AFTER: before_and_after(self, outcome)} | standing(self, outcome)
        if self.plan.comparison.how_chosen == "by_lot":
            found[BY_LOT] = by_lot(self, outcome)
        return found

    @cached_property
    def ratio(self) -> RateRatio:
        """Incidents against those expected, and how far they vary."""
        return incident_ratio(self)

    def _fact_rows(self, outcome: Outcome) -> Iterator[Row]:
        """How many were reached, what staff found, and what they gained on the test."""
        if outcome.id == "reached":
            started = self.cases["started"]
            yield self.share(outcome, EVERYONE, int(started.sum()), len(started))
        elif outcome.id == "found_useful":
            answered = self.staff["found_useful"].dropna()
            yield self.share(outcome, EVERYONE, int(answered.sum()), len(answered))
        else:
            gain = (self.staff["score_after"] - self.staff["score_before"]).dropna()
            smallest = people_behind(gain.to_numpy())
            support = Support(n=len(gain), persons=len(gain), smallest_cell=smallest)
            value = float(gain.mean()) if len(gain) else None
            fact = Fact("mean", "count", "points", value, support)
            yield Row.of(fact, level=outcome.level, outcome=outcome.id, group=EVERYONE)

    # -- checks ------------------------------------------------------------------------------------
    @cached_property
    def checks(self) -> tuple[CheckResult, ...]:
        """What the claims rest on, where an answer is worked out; how many prisons lie here; how
        many people met with force again."""
        leading = self.plan.outcome(self.plan.leading)
        share = self.place == ALL and leading.kind == "share"
        said = (could_show(self, leading),) if share else ()
        said = said if self.place == ALL else (self._own_sites(),)
        again = (self._repeats(),) if FORCE in {o.id for o in self.plan.compared} else ()
        if not self.answers:
            return (*said, *again)
        answered = [self._response(o) for o in self.plan.compared if o.survey]
        trends = (*self.lead_checks(), *self.need_checks(), *self.drift_checks())
        return (*said, self.lost_check(), *answered, *trends, *self._spell(), *again)

    def _spell(self) -> tuple[CheckResult, ...]:
        """How prisons stood when need chose them: of the leading outcome."""
        if not self.need_seen:
            return ()
        leading = self.plan.outcome(self.plan.leading)
        found = self.need_of(leading).spell(self.effect(leading.id))
        return (self.about(leading, found),)

    def _response(self, outcome: Outcome) -> CheckResult:
        """How many answered the survey, since a start and before it."""
        asked = self.cases[self.cases["asked"]]
        known, started = asked[outcome.id].notna(), asked["started"]
        name, sides = f"response_{outcome.id}", ("since the start", "before or without it")
        counts = [(int(known[side].sum()), int(side.sum())) for side in (started, ~started)]
        return response_check(
            name,
            counts,
            self.asked(f"check: {name}", by="asked"),
            floor=self.plan.smallest.response_percent,
            of=sides,
        )

    def _own_sites(self) -> CheckResult:
        started = int(self.units["pilot"].sum())
        here = named(place_set(self.plan.data.places).name(self.place))
        many, whole = tally(started, "places"), tally(len(self.units), "places")
        if not started:
            said = say(
                "No prison in {here} takes part: these figures show how a region moves without the"
                " programme.",
                here=here,
            )
        elif self.answers:
            said = say(
                "The programme started at {many} of {whole} prisons in {here}.",
                many=many,
                whole=whole,
                here=here,
            )
        else:
            said = say(
                "The programme started at {many} of {whole} prisons in {here}: an effect cannot be"
                " worked out here, and the answer of all prisons stands below.",
                many=many,
                whole=whole,
                here=here,
            )
        return CheckResult("own_sites", None, said, float(started), bears_on="nothing", shown=many)

    def _repeats(self) -> CheckResult:
        """People who met with force more than once, and how far incidents vary beside ones that
        come alone."""
        inside = self.everyone[self.everyone["excluded"] != "outside_the_period"]
        times = inside.groupby("person_id")["force_incidents"].sum()
        ever, again = int((times > 0).sum()), int((times > 1).sum())
        asked = self.asked("check: repeats", by="force")
        share = cleared_share(again, ever, asked, count="again")
        if share.is_withheld:
            few = say("Too few people met with force to say how many did so more than once.")
            return CheckResult("repeats", None, few, bears_on="nothing")
        text = say(
            "Of people on whom force was used, {share}% met with it more than once: people with"
            " force are counted first, and incidents beside them.",
            share=share,
        )
        if self.place == ALL and (found := self.ratio.dispersion) is not None:
            text = say(
                "{text} Incidents of a prison and quarter vary {times} times as much as incidents"
                " that come alone.",
                text=text,
                times=cleared_estimate(found, decimals=1),
            )
        return CheckResult("repeats", None, text, share.number, bears_on="nothing", shown=share)
