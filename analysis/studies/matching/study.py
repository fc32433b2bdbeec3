"""Ethnic matching in one place: from the selected people to every row, check and table source of
its record.

The numbers come from designs/ and disparity/; here is only which of them a plan asks for, on whom,
and in which order. Everything in this module is exact and private. Each quantity is computed once,
on first use.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.designs.cohorts import assignment
from analysis.designs.cohorts.balance import (
    AMBER,
    Balance,
    balance,
    combined_codes,
    randomisation_check,
)
from analysis.designs.cohorts.matching import Matched, radius_match
from analysis.designs.cohorts.practitioner_lot import matching_effect_by_lot
from analysis.disclosure.dominance import smaller_side
from analysis.disclosure.named.tables import TableNames
from analysis.disclosure.people_said import cleared_share, decided
from analysis.disparity.relative_rate import rate_difference
from analysis.errors import PlanError
from analysis.extracts.frames.dyads import Dyads, quarter_of
from analysis.extracts.frames.quality import (
    MATCHED,
    OTHER,
    lost_outcomes,
    select_for_comparison,
    survey_response,
)
from analysis.inference.columns import DyadColumns, DyadOutcome, MatchColumns, Quantity
from analysis.inference.missing import unknown_exposure_bounds
from analysis.inference.planned.power import minimum_detectable_effect
from analysis.inference.randomisation import seed_for
from analysis.plans.plan import Outcome, Plan
from analysis.record.row import Row
from analysis.results import (
    EVERYONE,
    CheckResult,
    Estimate,
    Fact,
    NotEstimable,
    Result,
    Support,
)
from analysis.said.numbers import ClearedNumber, planned, tally
from analysis.said.texts import say
from analysis.studies.matching.kind import MAIN
from analysis.study.group_rates import COUNTS, event_counts, relative_rates, shown_counts
from analysis.study.losses.lost_rows import REFUSAL, Link, Side, lost_rows_check, too_many_lost
from analysis.study.losses.response import deciding_rate, response_check
from analysis.study.place_study import PlaceStudy
from analysis.study.surveys.scale_quality import Scale, scale_checks
from analysis.vocabulary.ethnicity import NOT_LINKED
from analysis.vocabulary.regions import did_you_mean

COLUMNS = {
    "person": "person_id",
    "practitioner": "practitioner_id",
    "person_group": "person_group",
    "practitioner_group": "practitioner_group",
}
CELLS, OFFICE_PERIOD = ["office_id", "period", "stratum"], ["office_id", "period"]
IDS = ("person_id", "practitioner_id")
FLAGS = ("same_group", "match_requested", "followed_window")
FACT = "matched"  # the one fact: how many had a practitioner of their own group


FOLLOWED_SHORT, NO_OUTCOME = "followed_short", "no_outcome"


def _with_flow(result: Result, people: pd.DataFrame, outcome: str, short: pd.Series) -> Result:
    """The result with those of `people` who are not in it: followed for less than the window
    (`short`), not at risk, or without an answer."""
    known = people[outcome].notna()
    reasons = {
        FOLLOWED_SHORT: int((short & ~known).sum()),
        NO_OUTCOME: int((~short & ~known).sum()),
    }
    left_out = tuple((reason, n) for reason, n in reasons.items() if n)
    assert len(people) == result.support.n + sum(n for _, n in left_out), (
        "everyone compared is used or left out by reason"
    )
    gone = people["practitioner_id"].nunique() - people.loc[known, "practitioner_id"].nunique()
    used = people[known]
    behind = smaller_side(used[outcome].to_numpy(), used["same_group"].to_numpy())
    support = replace(
        result.support,
        left_out=left_out,
        clusters_left_out=gone,
        smallest_cell=min(result.support.smallest_cell, behind),
    )
    return replace(result, support=support)


def coded(people: pd.DataFrame, dyads: Dyads) -> pd.DataFrame:
    """The columns that designs read, without text: ids as codes in the order of the ids, groups
    and places as categories. Each is coded once, and not in each of a hundred regressions."""
    ids = {name: people[name].astype("category").cat.codes for name in IDS if name in people}
    groups = [*COLUMNS.values(), *CELLS, *dyads.covariates]
    texts = {name: people[name].astype("category") for name in groups if name not in IDS}
    kept = [*dyads.outcomes, *(name for name in FLAGS if name in people)]
    return people[kept].assign(**ids, **texts)


def _so_many(passed: bool | None, needed: ClearedNumber) -> str:
    """Of a share that is withheld: on which side of what is needed, where that tells no more."""
    if passed is None:
        return "It cannot be told how many"
    return say("{few} {needed}% of", few="At least" if passed else "Fewer than", needed=needed)


@dataclass(frozen=True, eq=False)
class MatchingStudy(PlaceStudy):
    """One plan in one place. `dyads.frame` holds everyone, known or not; nothing is dropped before
    it is counted."""

    plan: Plan
    place: str
    dyads: Dyads
    already_public: bool
    hidden: frozenset[str] = field(kw_only=True, repr=False)

    # -- who is compared ---------------------------------------------------------------------------
    @property
    def _selected_by(self) -> dict:
        first, last = self._period
        matched = self.plan.exposure.matched_groups
        return {"matched_groups": matched, "period_from": first, "period_to": last}

    @cached_property
    def _selection(self) -> tuple[pd.DataFrame, dict[str, int]]:
        return select_for_comparison(self.everyone, **self._selected_by)

    @cached_property
    def lost(self) -> Link:
        """People who would be compared, and those of them without a row in the table of outcomes,
        by side."""
        counts = lost_outcomes(self.everyone, **self._selected_by)
        names = {MATCHED: "matched people", OTHER: "others"}
        sides = tuple(
            Side(names[key], int(row.n), int(row["lost"])) for key, row in counts.iterrows()
        )
        return Link("those who could be compared", "the table of outcomes", sides)

    @property
    def _period(self) -> tuple[str | None, str | None]:
        """First and last quarter of the study."""
        data = self.plan.data
        first, last = (None if day is None else quarter_of(day) for day in (data.from_, data.to))
        return first, last

    @cached_property
    def everyone(self) -> pd.DataFrame:
        """All rows of the data; read only."""
        return self.dyads.frame

    @cached_property
    def in_period(self) -> pd.DataFrame:
        """Rows within the period of the study, compared or not: nothing that is worked out looks at
        others; read only."""
        first, last = self._period
        period = self.everyone["period"]
        inside = pd.Series(True, index=period.index)
        inside &= period >= first if first else True
        return self.everyone[inside & (period <= last if last else True)]

    @cached_property
    def _coded(self) -> pd.DataFrame:
        """Rows in the main comparison as designs read them (`coded`); read only."""
        return coded(self.compared_people, self.dyads)

    @cached_property
    def _coded_period(self) -> pd.DataFrame:
        """Rows within the period as designs read them; read only."""
        return coded(self.in_period, self.dyads)

    @property
    def compared_people(self) -> pd.DataFrame:
        """Rows in the main comparison, with `same_group`; read only."""
        return self._selection[0]

    @property
    def excluded(self) -> dict[str, int]:
        """Rows that are not in the main comparison, by reason (exact)."""
        return self._selection[1]

    @property
    def n_in(self) -> int:
        return len(self.everyone)

    @property
    def n_used(self) -> int:
        return len(self._selection[0])

    @cached_property
    def _declared(self) -> tuple[int, int]:
        """Practitioners with a known ethnic group, and all who have people of the study in this
        place (exact)."""
        groups = self.in_period.drop_duplicates("practitioner_id")["practitioner_group"]
        return int(groups.isin(self.groups).sum()), int((groups != NOT_LINKED).sum())

    @cached_property
    def declared_percent(self) -> float:
        """Practitioners with a known ethnic group, percent of all who have people of the study in
        this place: what is decided by, from counts in fives unless already public (S6); 0 where too
        few are there to ask. What may be told of it, `cleared_share` says."""
        return deciding_rate(*self._declared, self.asked("")) or 0.0

    @cached_property
    def refusal(self) -> str | None:
        """Why nothing is compared in this place at all; None where it can be."""
        if self.n_used < self.plan.smallest.people:
            return "too_few_people"
        if too_many_lost([self.lost], self.plan.smallest.lost_rows_percent):
            return REFUSAL
        return (
            "low_declaration"
            if self.declared_percent < self.plan.exposure.declared_percent
            else None
        )

    # -- is the comparison fair --------------------------------------------------------------------
    @cached_property
    def balance(self) -> Balance | None:
        """Recorded characteristics of matched and other people, before and within cells; None where
        there are none."""
        covariates = list(self.dyads.covariates)
        if not covariates or self.refusal:
            return None
        cells = [*CELLS, "person_group"]
        return balance(self._coded, covariates=covariates, treated="same_group", cells=cells)

    @cached_property
    def checks(self) -> tuple[CheckResult, ...]:
        found = [self._declaration_check(), self._lost_rows_check()]
        if self.balance is not None:
            found.append(self._balance_check())
        if self.balance is not None and self.plan.comparison.how_chosen == "by_lot":
            found.append(self._randomisation_check())
        surveys = [o for o in self.plan.compared if o.survey]
        scales = [
            check
            for o in surveys
            if self.dyads.scale_items
            for check in scale_checks(self._scale_of(o))
        ]
        return (*found, *(self._response_check(o) for o in surveys), *scales)

    def _lost_rows_check(self) -> CheckResult:
        most = self.plan.smallest.lost_rows_percent
        return lost_rows_check([self.lost], most=most, asked=self.asked("check: lost rows"))

    def _scale_of(self, outcome: Outcome) -> Scale:
        """The single answers behind a survey outcome, of the people compared."""
        return Scale(
            outcome.id,
            self.compared_people,
            self.dyads.scale_items,
            "person_group",
            self.plan.groups.reference,
            self.groups,
            seed_for(self.plan.study, self.place, "reliability", outcome.id),
        )

    def _balance_check(self) -> CheckResult:
        """Red lights on characteristics that the main comparison does not allow for; the others are
        taken out anyway."""
        frame, adjust = self.balance.to_frame(), self.plan.adjust_for
        allowed = (*adjust.outside, *adjust.service_decided)
        red = frame[frame["light"] == "red"]["covariate"]
        uncovered = [name for name in red if not name.startswith(allowed)] if allowed else list(red)
        shown = tally(len(uncovered), "characteristics")
        text = say(
            "{all} characteristics: {red} lie more than {most}% of their spread apart within office"
            " and period, of which {uncovered} are not allowed for.",
            all=tally(len(frame), "characteristics"),
            red=tally(len(red), "characteristics"),
            most=planned(AMBER),
            uncovered=shown,
        )
        return CheckResult(
            "balance",
            not uncovered,
            text,
            float(len(uncovered)),
            0.0,
            bears_on="claim",
            shown=shown,
        )

    def _randomisation_check(self) -> CheckResult:
        """Was the lot kept: the practitioners are shuffled within office and period, where they
        were drawn."""
        return randomisation_check(
            self.compared_people,
            DyadColumns(**COLUMNS, covariates=tuple(self.dyads.covariates)),
            cells=CELLS,
            blocks=OFFICE_PERIOD,
            seed=seed_for(self.plan.study, self.place, "randomisation"),
        )

    def _declaration_check(self) -> CheckResult:
        floor, found = self.plan.exposure.declared_percent, self.declared_percent
        asked = self.asked("check: declaration", by="practitioners")
        share, needed = cleared_share(*self._declared, asked, count="declared"), planned(floor)
        passed: bool | None = found >= floor
        if share.is_withheld:
            passed = decided(*self._declared, lambda percent: percent >= floor)
            text = say(
                "{few} practitioners have a known ethnic group; {needed}% are needed.",
                few=_so_many(passed, needed),
                needed=needed,
            )
        else:
            text = say(
                "{share}% of practitioners have a known ethnic group; {needed}% are needed.",
                share=share,
                needed=needed,
            )
        return CheckResult("declaration", passed, text, found, floor, bears_on="claim", shown=share)

    @cached_property
    def response(self) -> pd.DataFrame:
        """People invited and people who answered the survey, by exposure and ethnic group."""
        return survey_response(
            self.compared_people, matched_groups=self.plan.exposure.matched_groups
        )

    def _response_check(self, outcome: Outcome) -> CheckResult:
        """Did enough answer, and about as many on either side? From counts in fives (rule S6)."""
        name, floor = f"response_{outcome.id}", self.plan.smallest.response_percent
        sides = self.response.groupby("exposure")[["answered", "n"]].sum()
        both = sides.reindex([MATCHED, OTHER], fill_value=0).itertuples(index=False, name=None)
        return response_check(
            name,
            [(int(answered), int(n)) for answered, n in both],
            self.asked(f"check: {name}", outcome=outcome.id),
            floor=floor,
            of=("of matched people", "of others"),
        )

    # -- estimates ---------------------------------------------------------------------------------
    def _rows_of(self, outcome: Outcome):
        main = self._main_result(outcome)
        yield self._row(outcome, EVERYONE, main, family=f"places_{outcome.id}")
        gaps = {
            group: self._own_group_gap(outcome, group)
            for group in self.plan.exposure.matched_groups
        }
        for group, gap in gaps.items():
            yield self._row(outcome, group, gap, family="exploratory")
        yield from self._group_differences(outcome, gaps)
        yield from self._relative_rates(outcome)
        for method, result in self._second_opinions(outcome):
            yield self._row(
                outcome, EVERYONE, replace(result, method=method), note="second_opinion"
            )
        if outcome.role == "primary" or self.plan.data.also_all:
            for group in self.plan.exposure.matched_groups:
                yield self._row(
                    outcome, group, self._matched_result(outcome, group), note="second_opinion"
                )
        if outcome.id == self.plan.leading:
            yield from self._bounds(outcome)

    def _row(self, outcome: Outcome, group: str, result: Result | Fact, **more) -> Row:
        if isinstance(result, Estimate) and result.std_error is not None:
            more |= {"mde": minimum_detectable_effect(result.std_error, result.df)}
        return self.row(outcome, group, result, **more)

    def _columns(self, outcome: Outcome, covariates: tuple[str, ...] | None = None) -> DyadOutcome:
        adjust = self.plan.adjust_for
        allowed = (*adjust.outside, *adjust.service_decided) if covariates is None else covariates
        return DyadOutcome(
            **COLUMNS,
            covariates=allowed,
            outcome=outcome.id,
            unit=outcome.unit,
            scale=self._scale(outcome),
        )

    @property
    def _errors(self) -> assignment.Errors:
        return assignment.Errors(cluster_on=self.plan.exposure.cluster_on)

    @staticmethod
    def _scale(outcome: Outcome) -> float:
        """Shares stand in every 100."""
        return 100.0 if outcome.kind == "share" else 1.0

    def _refused(self, estimand: str, method: str, outcome: Outcome) -> NotEstimable | None:
        reason = self.refusal
        return reason and NotEstimable(estimand, method, outcome.unit, reason, Support())

    def _matching_effect(
        self,
        outcome: Outcome,
        people: pd.DataFrame | None = None,
        covariates: tuple[str, ...] | None = None,
        **changed: str,
    ) -> Result:
        columns, errors = self._columns(outcome, covariates), replace(self._errors, **changed)
        people = self._coded if people is None else people
        refused = self._refused("matching_effect", MAIN, outcome)
        return refused or _with_flow(
            assignment.matching_effect(people, columns, cells=CELLS, errors=errors),
            people,
            outcome.id,
            self._short(people, outcome),
        )

    def _main_result(self, outcome: Outcome) -> Result:
        """The main comparison of an outcome, worked out once."""
        if outcome.id not in self._mains:
            self._mains[outcome.id] = self._matching_effect(outcome)
        return self._mains[outcome.id]

    @cached_property
    def _mains(self) -> dict[str, Result]:
        return {}

    def _own_group_gap(self, outcome: Outcome, group: str) -> Result:
        refused = self._refused("own_group_gap", "within_cells", outcome)
        if refused:
            return refused
        found = assignment.own_group_gap(
            self._coded,
            self._columns(outcome),
            group=group,
            cells=CELLS,
            errors=self._errors,
        )
        people = self._coded
        own = people[people["person_group"] == group]
        return _with_flow(found, own, outcome.id, self._short(own, outcome))

    def _short(self, people: pd.DataFrame, outcome: Outcome) -> pd.Series:
        return self.dyads.followed_short(people, outcome.id)

    @cached_property
    def followed_short(self) -> dict[str, int]:
        """Of those compared, by outcome, at risk and followed for less than its window (exact;
        none: left out)."""
        people = self._coded
        found = {o.id: int(self._short(people, o).sum()) for o in self.plan.compared}
        return {outcome: n for outcome, n in found.items() if n}

    def _group_differences(self, outcome: Outcome, gaps: dict[str, Result]):
        if self.refusal:
            return
        reference = self.plan.groups.reference
        found = assignment.gaps_differ(
            self._coded,
            self._columns(outcome),
            reference=reference,
            cells=CELLS,
            errors=self._errors,
            gaps=gaps,
        )
        for group, result in found.differences:
            yield self._row(outcome, f"{group} less {reference}", result, family="groups")

    def _relative_rates(self, outcome: Outcome):
        """Event of each group against the reference, from counts that may be shown (rule S6)."""
        if outcome.kind != "share":
            return
        reference = self.plan.groups.reference
        present = set(self._coded_period["person_group"].cat.categories)
        groups = [group for group in self.groups if group in present]
        for group, result, numbers in relative_rates(
            self.event_counts(outcome.id), groups, reference
        ):
            row = self._row(outcome, f"{group} to {reference}", result, family="page")
            yield row.with_(from_counts=tuple(numbers))

    def event_counts(self, outcome_id: str) -> pd.DataFrame:
        """People at risk and with the event, by ethnic group, as they may be shown."""
        return event_counts(
            self._coded_period,
            self.plan.outcome(outcome_id),
            group="person_group",
            groups=self.groups,
            place=self.place,
            clearance=self.clearance,
        )

    def _shown_counts(self, counted: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
        names = TableNames(
            self.place, "crude difference", {"same_group": "arm"}, COUNTS, outcome.id or ""
        )
        return shown_counts(counted, names=names, clearance=self.clearance)

    # -- how fragile -------------------------------------------------------------------------------
    def _second_opinions(self, outcome: Outcome):
        """Other ways to the same quantity: naive, with fewer characteristics; for primary outcomes
        also other effects and errors."""
        if self.refusal:
            return
        plan = self.plan
        yield "crude_means", self._naive_difference(outcome)
        if plan.adjust_for.outside or plan.adjust_for.service_decided:
            yield f"{MAIN}_nothing_allowed_for", self._matching_effect(outcome, covariates=())
            yield (
                f"{MAIN}_outside_only",
                self._matching_effect(outcome, covariates=tuple(plan.adjust_for.outside)),
            )
        if outcome.role == "primary" or plan.data.also_all:
            yield from self._other_models(outcome)

    def _other_models(self, outcome: Outcome):
        """Practitioner effects, other errors, and without those who asked for a match."""
        people, exposure = self._coded, self.plan.exposure
        by_practitioner = assignment.matching_effect(
            people,
            self._columns(outcome),
            cells=OFFICE_PERIOD,
            effects="practitioner",
            errors=self._errors,
        )
        yield "practitioner_effects", by_practitioner
        yield f"{MAIN}_clustered_sandwich", self._matching_effect(outcome, inference="sandwich")
        if self.plan.comparison.how_chosen == "by_lot":
            yield from self._by_lot(outcome)
        if exposure.cluster_on == "practitioner":
            yield f"{MAIN}_two_way_clusters", self._matching_effect(outcome, cluster_on="two_way")
        if exposure.requested:
            yield (
                f"{MAIN}_requests_left_out",
                self._matching_effect(outcome, people[~people["match_requested"].astype(bool)]),
            )

    def _by_lot(self, outcome: Outcome):
        """The main result tested by drawing anew the lot that placed practitioners within office
        and period."""
        main = self._main_result(outcome)
        if isinstance(main, Estimate):
            yield (
                f"{MAIN}_lot_drawn_anew",
                matching_effect_by_lot(
                    self._coded,
                    main,
                    self._columns(outcome),
                    cells=CELLS,
                    block=OFFICE_PERIOD,
                    seed=seed_for(self.plan.study, self.place, outcome.id, "lot"),
                ),
            )

    def _naive_difference(self, outcome: Outcome) -> Result:
        """Matched people less all others, nothing held alike; shares from counts in fives (rule
        S6)."""
        if outcome.kind != "share" or self.already_public:
            return assignment.naive_gap(self._coded, self._columns(outcome), errors=self._errors)
        seen = (
            self._coded[["same_group", outcome.id]]
            .dropna()
            .groupby("same_group")[outcome.id]
            .agg(people="size", events="sum")
        )
        counted = self._shown_counts(seen, outcome)
        if len(counted) < 2:
            return NotEstimable("naive_difference", "crude_means", outcome.unit, "zero_events")
        result = rate_difference(
            *counted.loc[True, ["events", "people"]], *counted.loc[False, ["events", "people"]]
        )
        return replace(result, estimand="naive_difference", method="crude_means", unit=outcome.unit)

    def matched_comparison(self, outcome: Outcome, group: str) -> Matched | NotEstimable:
        """Radius matching of people of one group: the same question as the own-group gap, asked in
        another way."""
        refused = self._refused("own_group_gap", "radius_matching", outcome)
        if refused:
            return refused
        if (outcome.id, group) not in self._matched:
            people = self._coded
            self._matched[outcome.id, group] = radius_match(
                people[(people["person_group"] == group) & people[outcome.id].notna()],
                MatchColumns(
                    treated="same_group",
                    outcome=outcome.id,
                    covariates=tuple(self.dyads.covariates),
                    exact=tuple(CELLS),
                    person="person_id",
                    scale=self._scale(outcome),
                ),
                Quantity("own_group_gap", outcome.unit),
            )
        return self._matched[outcome.id, group]

    @cached_property
    def _matched(self) -> dict[tuple[str, str], Matched]:
        return {}

    def _matched_result(self, outcome: Outcome, group: str) -> Result:
        found = self.matched_comparison(outcome, group)
        return found.result if isinstance(found, Matched) else found

    def _bounds(self, outcome: Outcome):
        """How far the unknown practitioners could move the gap of each group, whichever way they
        would have declared."""
        if self.refusal:
            return
        for group in self.plan.exposure.matched_groups:
            bounds = self._bounds_of(outcome, group)
            if bounds is not None:
                open_ = Fact("own_group_gap", "bounds_unknown_practitioners", outcome.unit)
                row = self._row(outcome, group, open_)
                yield row.bounded(bounds.low, bounds.high, reason="ethnicity_missing")

    def _bounds_of(self, outcome: Outcome, group: str):
        frame, groups = self._coded_period, self.plan.exposure.matched_groups
        known = frame["practitioner_group"].isin(groups)
        unknown = ~frame["practitioner_group"].isin(self.groups)
        people = frame[
            (frame["person_group"] == group) & (known | unknown) & frame[outcome.id].notna()
        ]
        other = next(g for g in (self.plan.groups.reference, *groups) if g != group)
        people = people.assign(
            practitioner_group=people["practitioner_group"].cat.set_categories(list(groups))
        )
        cells, value = (
            combined_codes(people, CELLS),
            people[outcome.id].to_numpy(dtype=float) * self._scale(outcome),
        )
        size = np.bincount(cells)

        def gap(filled: pd.DataFrame) -> float | None:
            """The value of own_group_gap without characteristics, and without its errors, which
            bounds do not need."""
            same = (filled["practitioner_group"] == group).to_numpy(dtype=float)
            same -= (np.bincount(cells, same) / size)[cells]
            return float(same @ value / (same @ same)) if same @ same > 0 else None

        return unknown_exposure_bounds(
            people,
            gap,
            self._columns(outcome),
            group=group,
            other=other,
            cells=CELLS,
        )

    # -- facts -------------------------------------------------------------------------------------
    def _fact_rows(self, outcome: Outcome):
        """A share that is a fact and no comparison: how many people of each group were matched."""
        if outcome.id != FACT:
            text = f"outcomes › {outcome.id}: no such fact can be worked out of matching."
            raise PlanError("E239", text, remedy=did_you_mean(str(outcome.id), [FACT]))
        for group in (EVERYONE, *self.plan.exposure.matched_groups):
            people = self.compared_people
            chosen = people if group == EVERYONE else people[people["person_group"] == group]
            matched, n = int(chosen["same_group"].sum()), len(chosen)
            support = Support(
                n=n, persons=n, smallest_cell=min(matched, n - matched), residual_df=n
            )
            value = None if n == 0 else 100 * matched / n
            share = Fact("share", "count", outcome.unit, value, support)
            row = self._row(outcome, group, share)
            yield row.with_(direction="undefined", n_treated=matched)
