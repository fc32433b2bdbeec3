"""Webinars before an assessment centre, in one place or in all: which changes are set beside each
other, of whom. Exact and private."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import pandas as pd

from analysis.designs.selection.change_of_gap import (
    change_by_persons,
    change_of_contrast,
    changes_at_made_up_starts,
    drift_before,
)
from analysis.disclosure.people_said import cleared_share
from analysis.disparity.relative_rate import rate_difference
from analysis.inference.columns import ContrastColumns, Quantity
from analysis.inference.multiplicity import holm
from analysis.plans.plan import Outcome
from analysis.record.row import Row
from analysis.results import EVERYONE, CheckResult, Estimate, Fact, NotEstimable, Result, Support
from analysis.said.numbers import ClearedNumber, cleared_estimate, tally
from analysis.said.texts import joined, named, say
from analysis.studies.selection_funnel.kind import EARLIER, KIND
from analysis.studies.selection_funnel.offers import RECORDED
from analysis.study.frame_study import FrameStudy
from analysis.study.group_rates import event_counts
from analysis.vocabulary.regions import ALL

QUARTERS_BEFORE = 8  # chosen: two years before the start, so that each season stands there twice
BOTH = ("minority", "internal")  # whose gap, and beside whom
EARLIER_STAGES = ("sifted_in", "invited")  # the offer comes with the invitation
ALPHA = 0.05
SIDES = {1: "minority ethnic groups", 0: "White"}


class WebinarStudy(FrameStudy):
    """One plan in one place; `everyone` holds candidates, a row a campaign.

    Columns `minority`, `internal` and `since` (0 or 1), and one for each stage, missing where the
    stage was not reached.
    """

    @property
    def start(self) -> pd.Timestamp:
        """The first day of the offer."""
        return pd.Timestamp(self.plan.data.from_)

    @cached_property
    def compared_people(self) -> pd.DataFrame:
        """Candidates of the periods compared with an ethnic group; read only."""
        return self.everyone[self.everyone["excluded"] == ""]

    @property
    def offered(self) -> pd.DataFrame:
        """Those whom a funnel follows: internal candidates since the start; read only."""
        people = self.compared_people
        return people[(people["internal"] == 1) & (people["since"] == 1)]

    @property
    def refusal(self) -> str | None:
        """Why nothing is worked out; None where it is."""
        return "too_few_people" if self.n_used < self.plan.smallest.people else None

    # -- changes -----------------------------------------------------------------------------------
    def _asked(
        self, outcome: Outcome, estimand: str = KIND.estimand, sides: tuple[str, ...] = BOTH
    ) -> tuple[ContrastColumns, Quantity]:
        columns = ContrastColumns(
            period="quarter", sides=sides, outcome=outcome.id, person="person_id", scale=100.0
        )
        return columns, Quantity(estimand, outcome.unit)

    def change(self, outcome: Outcome) -> Result:
        """The change of the gap among internal candidates beside that among external ones."""
        if outcome.id not in self._changes:
            people = self.people(outcome)
            found = change_of_contrast(people, *self._asked(outcome), start=self.start)
            self._changes[outcome.id] = found
        return self._changes[outcome.id]

    @cached_property
    def _changes(self) -> dict[str, Estimate | NotEstimable]:
        return {}

    def within(self, outcome: Outcome, group: str) -> Result:
        """The change of internal candidates of one ethnic group beside that of external ones."""
        asked = self._asked(outcome, "group_effect", ("internal",))
        return change_of_contrast(self.people(outcome, group), *asked, start=self.start)

    def second_opinions(self, outcome: Outcome) -> Iterator[Result]:
        """The same otherwise weighted; with errors of candidates, without and with what is recorded
        of them; and with people of no recorded group on either side."""
        people, asked = self.people(outcome), self._asked(outcome)
        alike = change_of_contrast(people, *asked, start=self.start, alike=True)
        yield replace(alike, method="periods_alike")
        yield replace(change_by_persons(people, *asked, start=self.start), method="clustered")
        recorded = change_by_persons(people, *asked, start=self.start, covariates=RECORDED)
        yield replace(recorded, method="clustered_recorded")
        for minority, method in ((0, "unrecorded_as_white"), (1, "unrecorded_as_minority")):
            counted = change_of_contrast(
                self._counting(outcome, minority), *asked, start=self.start
            )
            yield replace(counted, method=method)

    def _counting(self, outcome: Outcome, minority: int) -> pd.DataFrame:
        """The same people, and those without an ethnic group all on one side."""
        inside = self.everyone[self.everyone["excluded"].isin(("", "no_ethnic_group"))]
        unknown = inside["excluded"] == "no_ethnic_group"
        sides = inside["minority"].mask(unknown, minority)
        return inside.assign(minority=sides).dropna(subset=[outcome.id])

    # -- naive, and named so -----------------------------------------------------------------------
    def attended_less_did_not(self, outcome: Outcome) -> Result:
        """Those who attended less those who were offered a webinar and stayed away: naive, since
        the abler attend."""
        people = self.offered
        people = people[people["webinar_offered"] == 1].dropna(subset=[outcome.id])
        attended = people["webinar_attended"] == 1
        return _naive(people, attended, outcome, "attended_less_did_not")

    def before_and_after(self, outcome: Outcome) -> Result:
        """Minority ethnic internal candidates since the start less before: naive, since pass rates
        of all may have changed."""
        people = self.people(outcome)
        people = people[(people["internal"] == 1) & (people["minority"] == 1)]
        return _naive(people, people["since"] == 1, outcome, "before_and_after")

    # -- checks ------------------------------------------------------------------------------------
    @cached_property
    def checks(self) -> tuple[CheckResult, ...]:
        """What the claim of the analysis of all regions rests on; a region compares nothing."""
        if self.place != ALL:
            return ()
        each = [one for o in self.plan.compared for one in (self._drift(o), self._made_up(o))]
        return (*each, self._earlier(), self._declared())

    def _drift(self, outcome: Outcome) -> CheckResult:
        found = drift_before(self.people(outcome), *self._asked(outcome), start=self.start)
        name = f"pre_trend_{outcome.id}"
        if not isinstance(found, Estimate):
            text = "There are too few quarters before the start to see a drift."
            return CheckResult(name, None, text, bears_on="claim")
        text = say(
            "The gap drifted by {value} in every 100 a quarter before the start (95% interval {low}"
            " to {high}).",
            **_ends(found),
        )
        return CheckResult(name, _holds_nil(found), text, bears_on="claim")

    def _made_up(self, outcome: Outcome) -> CheckResult:
        asked = self._asked(outcome)
        found = changes_at_made_up_starts(self.people(outcome), *asked, start=self.start)
        name = f"placebo_start_{outcome.id}"
        if not found:
            text = "No earlier start could be made up."
            return CheckResult(name, None, text, bears_on="claim")
        smallest = min(p for p in holm([one.p_value for one in found]) if p is not None)
        seen = "one of them stands out" if smallest <= ALPHA else "none of them stands out"
        text = say(
            "Changes at {n} earlier, made-up starts lie between {low} and {high} in every 100;"
            " {seen}.",
            n=tally(len(found), "leads"),
            low=cleared_estimate(min(one.value for one in found), decimals=1, signed=True),
            high=cleared_estimate(max(one.value for one in found), decimals=1, signed=True),
            seen=seen,
        )
        return CheckResult(name, smallest > ALPHA, text, bears_on="claim")

    def _earlier(self) -> CheckResult:
        """Stages that come before the offer cannot change with it."""
        stages = [o for o in self.plan.compared if o.id in EARLIER_STAGES]
        found = [self.change(outcome) for outcome in stages]
        known = [one for one in found if isinstance(one, Estimate)]
        if len(known) < len(EARLIER_STAGES):
            return CheckResult(
                EARLIER.id, None, "Stages before the offer could not be compared.", bears_on="claim"
            )
        passed = all(_holds_nil(one) for one in known)
        each = (
            say(
                "{noun} by {value} ({low} to {high})",
                noun=named(outcome.short or outcome.noun),
                **_ends(one),
            )
            for outcome, one in zip(stages, known, strict=True)
        )
        text = joined("; ", each)
        text = say(
            "Stages before the offer changed, in every 100 (95% interval): {text}.", text=text
        )
        return CheckResult(EARLIER.id, passed, text, bears_on="claim")

    def _declared(self) -> CheckResult:
        """Of whom an ethnic group is recorded: a change of that would look like a change of the
        gap."""
        inside = self.everyone[self.everyone["excluded"] != "outside_the_period"]
        sides = [(internal, since) for internal in (1, 0) for since in (0, 1)]
        shares = [self._recorded(inside, *side) for side in sides]
        text = say(
            "An ethnic group is recorded of {a}% of internal candidates before the start and of"
            " {b}% since; of external ones of {c}% and {d}%.",
            **dict(zip("abcd", shares, strict=True)),
        )
        return CheckResult("declared", None, text, bears_on="nothing")

    def _recorded(self, people: pd.DataFrame, internal: int, since: int) -> ClearedNumber:
        own = people[(people["internal"] == internal) & (people["since"] == since)]
        asked = self.asked("check: declared", by=f"internal {internal}, since {since}")
        return cleared_share(int((own["excluded"] == "").sum()), len(own), asked)

    # -- rows --------------------------------------------------------------------------------------
    def _rows_of(self, outcome: Outcome) -> Iterator[Row]:
        own = Fact(KIND.estimand, KIND.method, outcome.unit)
        family = f"places_{outcome.id}"
        if self.place != ALL:
            yield self.row(outcome, EVERYONE, own, family=family)
        elif self.refusal:
            none = NotEstimable(KIND.estimand, KIND.method, outcome.unit, self.refusal)
            yield self.row(outcome, EVERYONE, none, family=family)
        else:
            yield self.row(outcome, EVERYONE, self.change(outcome), family=family)
            yield from self._beside(outcome) if outcome.id == self.plan.leading else ()
        yield from self.rate_rows(outcome)

    def _beside(self, outcome: Outcome) -> Iterator[Row]:
        """Each ethnic group, then other ways to the same answer, then the naive ones."""
        for group in self.groups:
            yield self.row(outcome, group, self.within(outcome, group), family="groups")
        naive = (self.attended_less_did_not(outcome), self.before_and_after(outcome))
        for result in (*self.second_opinions(outcome), *naive):
            yield self.row(outcome, EVERYONE, result, note="second_opinion")

    def counts(self, outcome: Outcome) -> pd.DataFrame:
        """Internal candidates since the start who reached a stage, and who came through it, by
        ethnic group, as they may be shown."""
        return event_counts(
            self.offered,
            outcome,
            group="ethnic_group",
            groups=self.groups,
            place=self.place,
            clearance=self.clearance,
        )

    def _fact_rows(self, outcome: Outcome) -> Iterator[Row]:
        """Who attended, of those who were offered a webinar."""
        people = self.offered[self.offered["webinar_offered"] == 1]
        yield share_row(self, outcome, int(people["webinar_attended"].sum()), len(people))


def share_row(study: FrameStudy, outcome: Outcome, events: int, base: int) -> Row:
    """A fact: `events` of `base` in every 100."""
    smallest = min(events, base - events)
    support = Support(n=base, persons=base, smallest_cell=smallest, residual_df=base)
    value = 100 * events / base if base else None
    fact = Fact("share", "count", outcome.unit, value, support)
    return study.row(outcome, EVERYONE, fact, n_treated=events)


def _naive(people: pd.DataFrame, side: pd.Series, outcome: Outcome, method: str) -> Result:
    """Share of those on one side less that of the others, nothing held alike (in every 100)."""
    own, others = people.loc[side, outcome.id], people.loc[~side, outcome.id]
    found = rate_difference(int(own.sum()), len(own), int(others.sum()), len(others))
    return replace(found, estimand="naive_difference", method=method, unit=outcome.unit)


def _holds_nil(found: Estimate) -> bool:
    return found.conf_low <= 0 <= found.conf_high


def _ends(found: Estimate) -> dict:
    return {
        name: cleared_estimate(value, decimals=1, signed=True)
        for name, value in (
            ("value", found.value),
            ("low", found.conf_low),
            ("high", found.conf_high),
        )
    }
