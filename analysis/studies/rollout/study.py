"""Better pre-sentence reports in one place, or in all courts at once: every row and check of its
record, exact and private.

Courts were chosen by need and start in steps, so the analysis of all courts answers, and a region
describes. Estimands in this order: among ALL sentenced people first; then among reports written,
which the pilot itself selects.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

import pandas as pd

from analysis.disclosure.dominance import people_behind
from analysis.errors import PlanError
from analysis.extracts.frames.sentencing import Sentencing, sentencing
from analysis.plans.plan import Outcome, Plan
from analysis.record.row import Row
from analysis.results import EVERYONE, CheckResult, Fact, NotEstimable, Result, Support
from analysis.said.numbers import planned
from analysis.said.texts import named, say
from analysis.studies.rollout.gap import decomposition_rows
from analysis.studies.rollout.kind import KIND
from analysis.study.rollouts.cells import KEPT, UNIT
from analysis.study.rollouts.counted import LostWords, RolloutStudy
from analysis.study.rollouts.effects import BASE
from analysis.study.rollouts.panels import QUARTER
from analysis.vocabulary.regions import ALL, did_you_mean, place_set

AUDITED = "good_rating"
BEFORE, UNDER = RolloutStudy.before, RolloutStudy.under
FACTS = ("report_written", "relevance", "score_gain")


@dataclass(frozen=True, eq=False)
class PsrStudy(RolloutStudy):
    """One plan in one place. Each quantity is computed once, on first use."""

    plan: Plan
    place: str
    data: Sentencing
    already_public: bool = False
    hidden: frozenset[str] = field(kw_only=True, repr=False)

    unit_column: ClassVar[str] = "court_id"
    bases: ClassVar = {
        "group_time_permutation": BASE,
        "base_one_month": 1,
        "base_six_months": 2 * BASE,
    }
    lost: ClassVar[LostWords] = LostWords(
        "the courts",
        ("pilot courts", "other courts"),
        "the months of courts",
        ("those under the pilot", "those before it or without it"),
        "the table of sentenced cases",
    )

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
    def courts(self) -> pd.DataFrame:
        return self.data.courts

    @property
    def units(self) -> pd.DataFrame:
        """The courts, as every roll-out names its units."""
        return self.courts.rename(columns={"court_id": UNIT})

    @cached_property
    def audits(self) -> pd.DataFrame:
        """Ratings of the audited reports of the cases in the study; read only."""
        audits = self.data.audits
        return audits[pd.Index(self.cases["case_id"]).get_indexer(audits["case_id"]) >= 0]

    # -- panels ------------------------------------------------------------------------------------
    def people(self, outcome: str) -> pd.DataFrame:
        """People behind an outcome, with its value 0 to 1 in the column of that name and a
        weight; text as categories."""
        return self._audited if outcome == AUDITED else super().people(outcome)

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

    def months_of(self, outcome: str) -> int:
        """Audited reports are few: quarters."""
        return QUARTER if outcome == AUDITED else 1

    # -- rows --------------------------------------------------------------------------------------
    def _rows_of(self, outcome: Outcome):
        yield self.leading_row_of(outcome)
        whole = self.place == ALL and not self.refusal
        if whole and outcome.role == "primary":
            yield from self.by_group(outcome)
        if whole:
            yield from self.opinion_rows(outcome, {"crude_means": self._crude(outcome.id)})
        if outcome.id != AUDITED:
            yield from self.rate_rows(outcome)
        if whole and outcome.id == self.plan.leading:
            yield from decomposition_rows(self, outcome)

    def effect(self, outcome_id: str) -> Result:
        """The effect among everyone behind an outcome, within regions; in a region nothing is
        worked out."""
        if self.place != ALL:
            return NotEstimable(
                KIND.estimand, KIND.method, "in_every_100", "no_comparison", Support()
            )
        return super().effect(outcome_id)

    def _crude(self, outcome: str) -> Result:
        """Cases after a start less all others; of audited reports, which are a sample, nothing."""
        if outcome == AUDITED:
            return NotEstimable(
                "naive_difference", "crude_means", "in_every_100", "too_few_people", Support()
            )
        return self.crude(outcome, self.people(outcome))

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
                yield self.share(outcome, name, int(people["report_written"].sum()), len(people))
        elif outcome.id == "relevance":
            answered = self.data.training["relevance"].dropna()
            yield self.share(outcome, EVERYONE, int((answered >= 4).sum()), len(answered))
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

    @cached_property
    def checks(self) -> tuple[CheckResult, ...]:
        """Did courts move alike before the start; how far could trends differ. In a region: why
        nothing is worked out."""
        if self.place != ALL:
            return (self._own_sites(),)
        leads = self.lead_checks()
        return (self.lost_check(), *leads, *self.need_checks(), *self.drift_checks())

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


def open_psr(
    plan: Plan, place: str, opened: dict[str, pd.DataFrame], *, hidden: frozenset[str]
) -> tuple[PsrStudy, str | None]:
    """The study of one place. A sentence has no follow-up, so there is no last day of one."""
    data = sentencing(opened)
    return PsrStudy(plan, place, data, hidden=hidden), None
