"""Better pre-sentence reports in one place, or in all courts at once: every row and check of its
record, exact and private.

Courts were chosen by need and start in steps, so the analysis of all courts answers, and a region
describes. Estimands in this order: among ALL sentenced people first; then among reports written,
which the pilot itself selects.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.designs.rollouts import block_rollout, staggered
from analysis.designs.rollouts.group_time import GroupTime, panel_of
from analysis.designs.rollouts.imputation import imputation_effect
from analysis.designs.rollouts.parallel_trends import breakdown
from analysis.disclosure.dominance import people_behind
from analysis.disclosure.named.tables import TableNames
from analysis.disclosure.parts import GROUPS
from analysis.disclosure.suppression import rate_of
from analysis.disparity.relative_rate import rate_difference
from analysis.errors import PlanError
from analysis.extracts.frames.sentencing import Sentencing, month_of, sentencing
from analysis.inference.columns import BlockColumns, PanelColumns, Quantity, WeightedColumns
from analysis.inference.randomisation import seed_for
from analysis.inference.sequential import Asked, Draws, benjamini_hochberg_lines, holm_lines
from analysis.judgement.wording.figures_in_words import capital
from analysis.plans.plan import Outcome, Plan
from analysis.record.row import Role, Row
from analysis.results import (
    EVERYONE,
    LEVELS,
    CheckResult,
    Estimate,
    Fact,
    NotEstimable,
    Result,
    Support,
)
from analysis.said.numbers import planned
from analysis.said.texts import named, say, small
from analysis.studies.rollout.cells import (
    KEPT,
    cell_sums,
    in_cells,
    reasons_in,
    reasons_of,
    with_categories,
)
from analysis.studies.rollout.gap import decomposition_rows
from analysis.studies.rollout.kind import KIND
from analysis.studies.rollout.need import METHOD as SAME_LEVEL
from analysis.studies.rollout.need import NeedOf, periods
from analysis.study.group_rates import COUNTS, event_counts, relative_rates, shown_counts
from analysis.study.losses.lost_rows import REFUSAL, Link, lost_rows_check, sides_of, too_many_lost
from analysis.study.place_study import PlaceStudy
from analysis.vocabulary.regions import ALL, did_you_mean, place_set

PANEL = {"unit": "court_id", "period": "month", "first_treated": "start", "block": "region"}
# months: groups are compared by quarter, since a court sentences few people of a small group in a
# month
QUARTER = 3
# Second opinions whose function knows courts and months only.
WITHOUT_PEOPLE = ("group_time_clustered", *staggered.SECOND_OPINIONS, "two_way_fixed_effects")
# months before the start that are its base: one month of one court is noisy, half a year leans on
# the trends
BASE = 3
BASES = {"group_time_permutation": BASE, "base_one_month": 1, "base_six_months": 2 * BASE}
LEADS = (-9, -4)  # months before the base that the pre-trend check looks at
AUDITED = "good_rating"
TOGETHER = (  # all groups but the reference: a part of everyone, and a whole of them
    "minority ethnic groups"
)
MINORITIES = Role((TOGETHER,), part_of=GROUPS)
BEFORE, UNDER = "before or without the pilot", "under the pilot"
FACTS = ("report_written", "relevance", "score_gain")
NO_OTHER_GROUP = (  # the court and quarter has people of one of two groups only
    "no_other_group_there"
)


def _whole_panel(outcome: str) -> PanelColumns:
    """The columns of PANEL for designs that know no blocks."""
    return PanelColumns(unit="court_id", period="month", first_treated="start", outcome=outcome)


@dataclass(frozen=True, eq=False)
class PsrStudy(PlaceStudy):
    """One plan in one place. Each quantity is computed once, on first use."""

    plan: Plan
    place: str
    data: Sentencing
    already_public: bool = False
    hidden: frozenset[str] = field(kw_only=True, repr=False)

    # -- who is in it ------------------------------------------------------------------------------
    @cached_property
    def everyone(self) -> pd.DataFrame:
        """All sentenced cases; read only."""
        return self.data.cases

    @cached_property
    def cases(self) -> pd.DataFrame:
        """Sentenced cases with a court and within the plan's dates; read only."""
        return self.everyone[self._reason == ""]

    @cached_property
    def _reason(self) -> pd.Series:
        """Why a case is left out; "" where it is not."""
        frame, data = self.everyone, self.plan.data
        day = frame["sentenced_on"].dt.strftime("%Y-%m-%d")
        reason = pd.Series("", index=frame.index)
        reason[~frame["court_id"].isin(self.data.courts["court_id"])] = "court_not_linked"
        outside = (day < (data.from_ or "")) | (day > (data.to or "9999"))
        return reason.mask(outside & (reason == ""), "outside_the_period")

    @property
    def n_in(self) -> int:
        return len(self.everyone)

    @property
    def n_used(self) -> int:
        return len(self.cases)

    @cached_property
    def excluded(self) -> dict[str, int]:
        counts = self._reason[self._reason != ""].value_counts()
        return {str(reason): int(n) for reason, n in counts.items()}

    @property
    def minorities(self) -> tuple[str, ...]:
        return tuple(group for group in self.groups if group != self.plan.groups.reference)

    @property
    def courts(self) -> pd.DataFrame:
        return self.data.courts

    @cached_property
    def audits(self) -> pd.DataFrame:
        """Ratings of the audited reports of the cases in the study; read only."""
        audits = self.data.audits
        return audits[pd.Index(self.cases["case_id"]).get_indexer(audits["case_id"]) >= 0]

    # -- panels ------------------------------------------------------------------------------------
    def people(self, outcome: str) -> pd.DataFrame:
        """People behind an outcome, with its value 0 to 1 in the column of that name and a
        weight; text as categories."""
        if outcome == AUDITED:
            return self._audited
        return self._cases[[*KEPT, outcome]].dropna(subset=[outcome]).assign(weight=1.0)

    @cached_property
    def _cases(self) -> pd.DataFrame:
        outcomes = (o.id for o in self.plan.compared if o.id != AUDITED)
        return with_categories(self.cases, tuple(outcomes))

    @cached_property
    def _audited(self) -> pd.DataFrame:
        """People whose report was audited."""
        reports = self.audits.groupby("case_id").agg(
            good_rating=("good", "mean"), weight=("sampling_weight", "first")
        )
        at = reports.index.get_indexer(self.cases["case_id"])
        return self._cases.loc[at >= 0, list(KEPT)].assign(
            **{name: column.to_numpy()[at[at >= 0]] for name, column in reports.items()}
        )

    def panel(
        self, outcome: str, people: pd.DataFrame | None = None, *, months: int = 1
    ) -> pd.DataFrame:
        """Mean of the outcome in each court and period of `months` months; `start` counts in the
        same periods. `weight`: what the cell counts by, people (by their sampling weight) or one,
        as the plan says. Read only."""
        if people is not None:
            return self._panel(outcome, people, months)
        if (outcome, months) not in self._panels:
            self._panels[outcome, months] = self._panel(outcome, self.people(outcome), months)
        return self._panels[outcome, months]

    @cached_property
    def _panels(self) -> dict[tuple[str, int], pd.DataFrame]:
        """The panels of everyone behind an outcome."""
        return {}

    def _panel(self, outcome: str, people: pd.DataFrame, months: int) -> pd.DataFrame:
        sums = cell_sums(people, outcome, self._period(people, months))
        start = sums["court_id"].map(self.courts.set_index("court_id")["start"])
        started = ((start - self._first_month) // months).astype("float64")
        mean = sums["value"] / sums["weight"]
        weight = sums["weight"] if self.plan.comparison.weights == "people" else 1.0
        names = ["court_id", "region", "month", "start", "weight", outcome]
        return _from_the_first_period(
            sums.assign(start=started, weight=weight, **{outcome: mean})[names]
        )

    @cached_property
    def _first_month(self) -> float:
        """Where periods are counted from: the plan's first month, else that of a calendar year;
        never that of the data."""
        return month_of(self.plan.data.from_) if self.plan.data.from_ else 0.0

    @cached_property
    def months_seen(self) -> tuple[float, float]:
        """First and last month of the study: the plan's, or those of the cases in it."""
        data, own = self.plan.data, self.cases["month"]
        first = month_of(data.from_) if data.from_ else float(own.min())
        return first, month_of(data.to) if data.to else float(own.max())

    def _period(self, people: pd.DataFrame, months: int) -> pd.Series:
        return (people["month"] - self._first_month) // months

    def months_of(self, outcome: str) -> int:
        """Audited reports are few: quarters."""
        return QUARTER if outcome == AUDITED else 1

    # -- rows --------------------------------------------------------------------------------------
    def _rows_of(self, outcome: Outcome):
        yield self._row(outcome, EVERYONE, self.effect(outcome.id), family=f"places_{outcome.id}")
        if self.place == ALL and not self.refusal:
            if outcome.role == "primary":
                yield from self._by_group(outcome)
            yield from self._second_opinions(outcome)
        if outcome.id != AUDITED:
            yield from self._rates(outcome)
        if self.place == ALL and outcome.id == self.plan.leading and not self.refusal:
            yield from decomposition_rows(self, outcome)

    def _row(self, outcome: Outcome, group: str, result: Result | Fact, **more) -> Row:
        if (
            isinstance(result, NotEstimable)
            and result.reason == "no_comparison"
            and self.place != ALL
        ):  # all courts at once are compared, and a region shows its own figures
            result = Fact(result.estimand, result.method, result.unit, support=result.support)
        return self.row(outcome, group, result, **more)

    def effect(self, outcome_id: str) -> Result:
        """The effect among everyone behind an outcome, within regions; in a region nothing is
        worked out."""
        if self.place != ALL:
            return NotEstimable(
                KIND.estimand, KIND.method, "in_every_100", "no_comparison", Support()
            )
        if self.refusal:
            return NotEstimable(KIND.estimand, KIND.method, "in_every_100", self.refusal, Support())
        return self._tested(outcome_id)

    def _tested(self, outcome_id: str) -> Result:
        if outcome_id not in self._tests:
            self._tests[outcome_id] = self._imputed(
                outcome_id,
                self.people(outcome_id),
                KIND.estimand,
                KIND.method,
                panel=self.panel(outcome_id, months=self.months_of(outcome_id)),
            )
        return self._tests[outcome_id]

    @cached_property
    def _tests(self) -> dict[str | tuple[str, str], Result]:
        return {}

    def _imputed(
        self,
        outcome: str,
        people: pd.DataFrame,
        estimand: str,
        method: str,
        months: int | None = None,
        panel=None,
    ) -> Result:
        """The effect by imputation with the plan's weights, tested by permuting start dates within
        regions."""
        months = months or self.months_of(outcome)
        panel = self.panel(outcome, people, months=months) if panel is None else panel
        test = imputation_effect(
            panel,
            WeightedColumns(**PANEL, outcome=outcome, weight="weight", scale=100.0),
            (estimand, method, "in_every_100"),
            Draws(
                seed=seed_for(self.plan.study, self.place, outcome, estimand),
                asked=self._asked(self.plan.outcome(outcome)),
            ),
            need=periods(self._need_seen, months),
        )
        reason = reasons_in(test.panel, people, self._period(people, months), absent=NO_OTHER_GROUP)
        self._used[outcome, estimand, method] = people.index[reason == ""]
        return self._with_people(test.result, people, outcome, reason)

    def used(self, outcome_id: str) -> pd.DataFrame:
        """The people that the leading row of an outcome rests on, of all who stand behind it."""
        self._tested(outcome_id)
        return self.people(outcome_id).loc[self._used[outcome_id, KIND.estimand, KIND.method]]

    @cached_property
    def _used(self) -> dict[tuple[str, str, str], pd.Index]:
        return {}

    @property
    def _need_seen(self) -> int:
        """Months just before a start in which the need was seen that courts were chosen by; no
        month otherwise."""
        comparison = self.plan.comparison
        return comparison.need_seen_months if comparison.how_chosen == "by_need" else 0

    def _need_of(self, outcome: Outcome) -> NeedOf:
        if outcome.id not in self._needs:
            self._needs[outcome.id] = self._new_need_of(outcome)
        return self._needs[outcome.id]

    @cached_property
    def _needs(self) -> dict[str, NeedOf]:
        return {}

    def _new_need_of(self, outcome: Outcome) -> NeedOf:
        months = self.months_of(outcome.id)
        return NeedOf(
            self.panel(outcome.id, months=months),
            WeightedColumns(**PANEL, outcome=outcome.id, weight="weight", scale=100.0),
            outcome,
            months=months,
            seen=self._need_seen,
        )

    def _same_level(self, outcome: Outcome) -> Result:
        """Beside courts of the same level before the start, with the people that it rests on;
        worked out once."""
        if (outcome.id, SAME_LEVEL) not in self._tests:
            self._tests[outcome.id, SAME_LEVEL] = self._new_same_level(outcome)
        return self._tests[outcome.id, SAME_LEVEL]

    def _new_same_level(self, outcome: Outcome) -> Result:
        own, people, months = (
            self._need_of(outcome),
            self.people(outcome.id),
            self.months_of(outcome.id),
        )
        found = own.same_level((KIND.estimand, SAME_LEVEL, "in_every_100"))
        reason = reasons_in(own.panel, people, self._period(people, months), absent=NO_OTHER_GROUP)
        return self._with_people(found, people, outcome.id, reason)

    def _based(self, outcome: str, base: int, method: str) -> Result:
        """The answer from so many months before the start, courts alike; worked out once."""
        if (outcome, method) not in self._tests:
            people = self.people(outcome)
            self._tests[outcome, method] = self._test(
                outcome,
                people,
                KIND.estimand,
                method,
                base=base,
                panel=self.panel(outcome, months=self.months_of(outcome)),
            ).result
        return self._tests[outcome, method]

    def _test(
        self,
        outcome: str,
        people: pd.DataFrame,
        estimand: str,
        method: str,
        months: int | None = None,
        panel=None,
        base: int | None = None,
    ):
        months = months or self.months_of(outcome)
        panel = self.panel(outcome, people, months=months) if panel is None else panel
        by_lot = self.plan.comparison.how_chosen == "by_lot"
        test = block_rollout.block_effect(
            panel,
            BlockColumns(**PANEL, outcome=outcome, scale=100.0),
            Quantity(estimand, "in_every_100"),
            block_rollout.StartLot(
                seed=seed_for(self.plan.study, self.place, outcome, estimand),
                asked=self._asked(self.plan.outcome(outcome)),
                randomised=by_lot,
            ),
            since=block_rollout.Since(base=base or (BASE if months == 1 else 1)),
            method=method,
        )
        reason = reasons_of(test.reasons, people)
        return replace(test, result=self._with_people(test.result, people, outcome, reason))

    def _asked(self, outcome: Outcome) -> Asked:
        """What the classes are set by: p against the levels of its family (at most so many
        comparisons), and whether the ends of the interval lie within the size that matters. One set
        for all rows of an outcome.
        """
        families = [f for f in self.plan.families if outcome.id in f.outcomes]
        alpha = families[0].alpha if families else self.plan.families[0].alpha
        lines = {line for f in families for line in holm_lines(alpha, len(f.outcomes))}
        rows = len(self.plan.compared) + sum(o.role == "primary" for o in self.plan.compared) * (
            len(self.groups) + 1
        )
        lines |= set(benjamini_hochberg_lines(alpha, rows)) | set(
            holm_lines(alpha, len(self.groups))
        )
        return Asked(tuple(sorted(lines)), (-outcome.matters, outcome.matters))

    def _with_people(
        self, result: Result, people: pd.DataFrame, outcome: str, reason: pd.Categorical
    ) -> Result:
        """The result with the people that it rests on, those left out by `reason` (one a person;
        "": used), the levels observed on both sides, and the one that the result gives without the
        pilot."""
        whole, people = people, people[reason == ""]
        counts = reason.value_counts().sort_values(ascending=False, kind="stable")
        left_out = {str(name): int(n) for name, n in counts.items() if name and n}
        assert len(whole) == len(people) + sum(left_out.values()), (
            "everyone behind a row is used or left out by reason"
        )
        value, weight = people[outcome].to_numpy(), people["weight"].to_numpy()
        started = people["started"].to_numpy(dtype=bool)
        seen = [
            int(np.count_nonzero(part & side))
            for part in (started, ~started)
            for side in (value > 0, value < 1)
        ]
        support = replace(
            result.support,
            n=len(people),
            n_identifying=len(people),
            n_treated=int(started.sum()),
            persons=len(people),
            smallest_cell=min(seen),
            cells_identifying=int(people["region"].nunique()),
            residual_df=max(len(people) - 100, 0),
            left_out=tuple(left_out.items()),
            clusters_left_out=whole["court_id"].nunique() - people["court_id"].nunique(),
        )
        if not isinstance(result, Estimate):
            return replace(result, support=support)
        rates = [100 * float(np.average(value[p], weights=weight[p])) for p in (started, ~started)]
        without = min(
            max(rates[0] - result.value, 0.0), 100.0
        )  # model output: nobody was counted without the pilot
        levels = {
            "group_value": rates[0],
            "comparison_value": rates[1],
            "comparison_estimated": without,
        }
        return replace(result, support=support, **levels)

    # -- by group ----------------------------------------------------------------------------------
    def _by_group(self, outcome: Outcome):
        """The effect within each group, and the gap to the reference group (triple difference: one
        panel of differences, so that the covariance of the two is in it)."""
        reference = self.plan.groups.reference
        parts = {TOGETHER: self.minorities, **{g: (g,) for g in self.groups if g != reference}}
        white = self._of(outcome.id, (reference,))
        how = ("group_effect", "imputation_quarters", QUARTER)
        yield self._row(
            outcome, reference, self._imputed(outcome.id, white, *how), family="exploratory"
        )
        for name, groups in parts.items():
            own = self._of(outcome.id, groups)
            row = self._row(
                outcome, name, self._imputed(outcome.id, own, *how), family="exploratory"
            )
            yield row.with_(role=MINORITIES if name == TOGETHER else Role(part_of=TOGETHER))
            gap = self._gap(outcome.id, own, white)
            yield self._row(outcome, f"{name} less {reference}", gap, family="groups")

    def _of(self, outcome: str, groups: tuple[str, ...]) -> pd.DataFrame:
        people = self.people(outcome)
        return people[people["ethnic_group"].isin(groups)]

    def _gap(self, outcome: str, own: pd.DataFrame, white: pd.DataFrame) -> Result:
        """Effect on the gap, from the difference between the two groups in each court and quarter
        that has both. Weighted by people such a cell counts by n1 n2 / (n1 + n2): what a difference
        of two means rests on, near the smaller n.
        """
        one, other = (self.panel(outcome, people, months=QUARTER) for people in (own, white))
        both = one.merge(
            other.drop(columns="start"), on=["court_id", "region", "month"], suffixes=("", "_other")
        )
        weight = both["weight"] * both["weight_other"] / (both["weight"] + both["weight_other"])
        weight = weight if self.plan.comparison.weights == "people" else 1.0
        both = both.assign(weight=weight, **{outcome: both[outcome] - both[f"{outcome}_other"]})[
            one.columns
        ]
        people, both = pd.concat([own, white]), _from_the_first_period(both)
        found = self._imputed(
            outcome, people, "gap_difference", "triple_difference", QUARTER, panel=both
        )
        smaller = self._smallest_cell(own, outcome, both)
        found = replace(found, support=replace(found.support, smallest_cell=smaller))
        return replace(found, **dict.fromkeys(LEVELS)) if isinstance(found, Estimate) else found

    def _smallest_cell(self, people: pd.DataFrame, outcome: str, cells: pd.DataFrame) -> int:
        """Fewest people with or without the event on a side, among those in the cells of a
        panel."""
        people = people[in_cells(people, self._period(people, QUARTER), cells)]
        started, value = people["started"].astype(bool), people[outcome]
        return min(
            int(s.sum()) for part in (started, ~started) for s in (value[part] > 0, value[part] < 1)
        )

    def _rates(self, outcome: Outcome):
        """The event of each group against the reference, over the whole period, with or without the
        pilot."""
        present = [group for group in self.groups if (self.cases["ethnic_group"] == group).any()]
        for group, result, numbers in relative_rates(
            self.counts(outcome), present, self.plan.groups.reference
        ):
            row = self._row(
                outcome, f"{group} to {self.plan.groups.reference}", result, family="page"
            )
            yield row.with_(from_counts=tuple(numbers))

    def counts(self, outcome: Outcome) -> pd.DataFrame:
        """People and those with the event by ethnic group, as they may be shown."""
        return event_counts(
            self.cases,
            outcome,
            group="ethnic_group",
            groups=self.groups,
            place=self.place,
            clearance=self.clearance,
        )

    # -- how fragile -------------------------------------------------------------------------------
    def within_region(self, outcome_id: str) -> pd.DataFrame:
        """The panel less the mean of the region's courts that never start, month by month: region x
        month effects gone."""
        panel = self.panel(outcome_id, months=self.months_of(outcome_id))
        never = panel[panel["start"].isna()].groupby(["region", "month"])[outcome_id].mean()
        level = never.reindex(pd.MultiIndex.from_frame(panel[["region", "month"]])).to_numpy()
        apart = panel.assign(**{outcome_id: 100 * (panel[outcome_id] - level)}).dropna(
            subset=[outcome_id]
        )
        return _from_the_first_period(apart)

    def _second_opinions(self, outcome: Outcome):
        """Other estimators that let effects differ; two-way fixed effects and the raw difference
        only as a contrast."""
        asked = (_whole_panel(outcome.id), Quantity(KIND.estimand, "in_every_100"))
        people = self.people(outcome.id)
        panel = self.within_region(outcome.id)
        found = {}
        if outcome.role == "primary":
            for method, base in BASES.items():
                found[method] = self._based(outcome.id, base, method)
            found["group_time_clustered"] = staggered.average_effect(panel, *asked)
            found |= {
                m: staggered.second_opinion(panel, *asked, method=m)
                for m in staggered.SECOND_OPINIONS
            }
        if self._need_seen:
            found[SAME_LEVEL] = self._same_level(outcome)
        found["two_way_fixed_effects"] = staggered.two_way_fixed_effects(panel, *asked)
        found["crude_means"] = self._crude(people, outcome.id)
        reason = reasons_of(self._courts_left_out(outcome.id, panel), people)
        for method, result in found.items():
            result = (
                self._with_people(result, people, outcome.id, reason)
                if method in WITHOUT_PEOPLE
                else result
            )
            yield self._row(
                outcome, EVERYONE, replace(result, method=method), note="second_opinion"
            )

    def _courts_left_out(self, outcome: str, panel: pd.DataFrame) -> pd.Series:
        """Why each court is not in a panel that must be complete; "" where it is."""
        used = panel_of(panel, _whole_panel(outcome)).units
        courts = self.courts["court_id"].to_numpy()
        reason = np.where(
            np.isin(courts, panel["court_id"]), "incomplete_periods", "no_comparison_then"
        )
        return pd.Series(np.where(np.isin(courts, used), "", reason), index=courts)

    def _crude(self, people: pd.DataFrame, outcome: str) -> Result:
        """Cases after a start less all others, nothing held alike: shares from counts in fives
        (rule S6)."""
        started, value = people["started"].astype(bool), people[outcome]
        if outcome == AUDITED or min(started.sum(), (~started).sum()) < 30:
            return NotEstimable(
                "naive_difference", "crude_means", "in_every_100", "too_few_people", Support()
            )
        seen = pd.DataFrame(
            {"people": [int(part.sum()) for part in (started, ~started)]}
            | {"events": [int(value[part].sum()) for part in (started, ~started)]},
            index=pd.Index([UNDER, BEFORE], name="started"),
        )
        names = TableNames(self.place, "crude difference", {"started": "arm"}, COUNTS, outcome)
        counted = shown_counts(seen, names=names, clearance=self.clearance)
        if len(counted) < len(seen):
            return NotEstimable("naive_difference", "crude_means", "in_every_100", "zero_events")
        numbers = [
            int(counted.loc[side, name])
            for side in (UNDER, BEFORE)
            for name in ("events", "people")
        ]
        result = rate_difference(*numbers)
        return replace(
            result, estimand="naive_difference", method="crude_means", unit="in_every_100"
        )

    @cached_property
    def group_time(self) -> GroupTime | NotEstimable:
        """Group-time effects of the leading outcome on the panel without region x month effects,
        for the breakdown."""
        leading = self.plan.leading
        return staggered.group_time_effects(
            self.within_region(leading), _whole_panel(leading), base="universal"
        )

    def event_study(self, outcome_id: str) -> pd.DataFrame:
        """Effect at each month since the start, leads included (in every 100)."""
        months = self.months_of(outcome_id)
        times = range(-12 // months, 13 // months)
        return block_rollout.event_times(
            self.panel(outcome_id, months=months),
            BlockColumns(**PANEL, outcome=outcome_id, scale=100.0),
            times=times,
            base=BASE if months == 1 else 1,
        )

    # -- facts and checks --------------------------------------------------------------------------
    def _fact_rows(self, outcome: Outcome):
        """Facts without a comparison: shares, and the gain on the test of those who were
        trained."""
        if outcome.id == "report_written":
            for name, part in (
                (BEFORE, ~self.cases["started"]),
                (UNDER, self.cases["started"]),
            ):
                people = self.cases[part.astype(bool)]
                yield self._share(outcome, name, int(people["report_written"].sum()), len(people))
        elif outcome.id == "relevance":
            answered = self.data.training["relevance"].dropna()
            yield self._share(outcome, EVERYONE, int((answered >= 4).sum()), len(answered))
        elif outcome.id == "score_gain":
            gain = (self.data.training["score_after"] - self.data.training["score_before"]).dropna()
            smallest = people_behind(gain.to_numpy())
            support = Support(n=len(gain), persons=len(gain), smallest_cell=smallest)
            value = float(gain.mean()) if len(gain) else None
            fact = Fact("mean", "count", "points", value, support)
            yield Row.of(fact, level=outcome.level, outcome=outcome.id, group=EVERYONE)
        else:
            text = f"outcomes › {outcome.id}: no such fact can be worked out of courts."
            raise PlanError("E239", text, remedy=did_you_mean(str(outcome.id), FACTS))

    def _share(self, outcome: Outcome, group: str, events: int, n: int) -> Row:
        support = Support(n=n, persons=n, smallest_cell=min(events, n - events), residual_df=n)
        value = rate_of(events, n) if n else None
        fact = Fact("share", "count", "in_every_100", value, support)
        return Row.of(fact, level=outcome.level, outcome=outcome.id, group=group, n_treated=events)

    @cached_property
    def checks(self) -> tuple[CheckResult, ...]:
        """Did courts move alike before the start; how far could trends differ. In a region: why
        nothing is worked out."""
        if self.place != ALL:
            return (self._own_sites(),)
        leads = [
            self._named(
                o,
                block_rollout.lead_check(
                    self.panel(o.id, months=self.months_of(o.id)),
                    BlockColumns(**PANEL, outcome=o.id),
                    Draws(seed=seed_for(self.plan.study, self.place, o.id, "leads")),
                    check_id=f"pre_trend_{o.id}",
                    leads=LEADS if self.months_of(o.id) == 1 else (-2, -2),
                    base=BASE if self.months_of(o.id) == 1 else 1,
                ),
            )
            for o in self.plan.compared
        ]
        found = [self._lost_rows(), *leads, *self._need_checks()]
        if isinstance(self.group_time, NotEstimable):
            return tuple(found)
        return (*found, self._drift_check())

    def _drift_check(self) -> CheckResult:
        """How far trends could differ. A lot over the order of start makes them alike, so that no
        claim rests on it."""
        found = breakdown(self.group_time, unit="in every 100", widest=100.0)
        named = self.plan.checks_of(self.plan.outcome(self.plan.leading))
        return found if found.id in named else replace(found, bears_on="nothing")

    @cached_property
    def refusal(self) -> str | None:
        """Why nothing is worked out of all courts at once; None where it is."""
        return REFUSAL if too_many_lost(self.links, self.plan.smallest.lost_rows_percent) else None

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Courts, and their months, without a sentenced case: pilot courts and others, after a
        start and before it.

        A small court may sentence nobody in a month, so that of months only a difference speaks of
        loss.
        """
        courts, months = self.courts[["court_id", "pilot", "start"]], self.cases["month"]
        held = courts["court_id"].isin(self.cases["court_id"].unique())
        names = {True: "pilot courts", False: "other courts"}
        of_courts = sides_of(names, courts["pilot"].astype(bool), held)
        every = pd.DataFrame(
            {"month": np.arange(months.min(), months.max() + 1) if len(months) else []}
        )
        grid = courts[held].merge(every, how="cross")
        seen = pd.MultiIndex.from_frame(self.cases[["court_id", "month"]].drop_duplicates())
        found = pd.Series(
            pd.MultiIndex.from_frame(grid[["court_id", "month"]]).isin(seen), index=grid.index
        )
        names = {True: "those under the pilot", False: "those before it or without it"}
        of_months = sides_of(names, grid["month"] >= grid["start"], found)
        child = "the table of sentenced cases"
        return Link("the courts", child, of_courts), Link(
            "the months of courts", child, of_months, whole=False
        )

    def _lost_rows(self) -> CheckResult:
        most = self.plan.smallest.lost_rows_percent
        return lost_rows_check(self.links, most=most, asked=self.asked("check: lost rows"))

    def _need_checks(self) -> list[CheckResult]:
        """What a choice that is not by lot asks of each outcome: whether bases agree and, of a
        choice by need, the rest, since courts that start in a bad spell get better by
        themselves."""
        if self.plan.comparison.how_chosen in ("by_lot", "everyone"):
            return []
        found = []
        for outcome in self.plan.compared:
            bases = BASES if outcome.role == "primary" else {}
            shown = {
                method: self._based(outcome.id, base, method) for method, base in bases.items()
            }
            own, main = self._need_of(outcome), self.effect(outcome.id)
            by_need = self._need_seen > 0
            checks = (
                own.checks(main, self._same_level(outcome), shown)
                if by_need
                else [own.bases(main, shown)]
            )
            found += [self._named(outcome, check) for check in checks]
        return found

    @staticmethod
    def _named(outcome: Outcome, check: CheckResult) -> CheckResult:
        """A check of one outcome says whose it is."""
        noun = named(capital(outcome.noun))
        return replace(check, text=say("{noun}: {text}", noun=noun, text=small(check.text)))

    def _own_sites(self) -> CheckResult:
        name, n = place_set(self.plan.data.places).name(self.place), int(self.courts["pilot"].sum())
        shown = planned(n)  # which courts take part, and from when, was announced
        many = {0: "None of the pilot courts lies", 1: "One of the pilot courts lies"}.get(
            n, say("{n} of the pilot courts lie", n=shown)
        )
        tail = (
            "its figures show how much a region moves without the pilot"
            if not n
            else "these are its own figures, without a comparison"
        )
        text = say(
            "{many} in {place}: an effect cannot be worked out here. The answer of all courts"
            " together stands below; {tail}.",
            many=many,
            place=named(name),
            tail=tail,
        )
        return CheckResult("own_sites", None, text, float(n), bears_on="nothing", shown=shown)


def _from_the_first_period(panel: pd.DataFrame) -> pd.DataFrame:
    """Courts that started before the first period of a panel are treated in it, and so from its
    start."""
    return panel.assign(
        start=(
            panel["start"].clip(lower=float(panel["month"].min())) if len(panel) else panel["start"]
        )
    )


def open_psr(
    plan: Plan, place: str, opened: dict[str, pd.DataFrame], *, hidden: frozenset[str]
) -> tuple[PsrStudy, str | None]:
    """The study of one place. A sentence has no follow-up, so there is no last day of one."""
    data = sentencing(opened)
    return PsrStudy(plan, place, data, hidden=hidden), None
