"""A training trial in one place: from the people of its tables to every row, check and table source
of its record.

The numbers come from designs/; here is only which of them a plan asks for, on whom, and in which
order. Sites were drawn by lot, so that one analysis of all sites leads and most regions describe.
Everything in this module is exact and private; each quantity is computed once, on first use.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from analysis.designs.trials.attrition import LeeBounds
from analysis.designs.trials.trial import ArmComparison
from analysis.disclosure.parts import ARMS, LESS
from analysis.extracts.frames.trial_people import TrialPeople, trial_people
from analysis.inference.planned.power import minimum_detectable_effect
from analysis.inference.randomisation import seed_for
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
from analysis.studies.trial import levels
from analysis.studies.trial.checks import checks_of, reaction_response
from analysis.studies.trial.levels import ESTIMAND, METHOD
from analysis.studies.trial.measures import (
    RELEVANCE,
    SIDE,
    SITE,
    Measured,
    fact,
    leaving,
    score,
    with_characteristics,
)
from analysis.studies.trial.opinions import second_opinions
from analysis.study.losses.lost_rows import REFUSAL, Link, lost_rows_check, sides_of, too_many_lost
from analysis.study.place_study import PlaceStudy
from analysis.vocabulary.regions import ALL

SECOND = "second_opinion"
SIDES = {1.0: "those with the programme", 0.0: "those that waited"}
OTHER_SIDE = dict(
    zip(
        LEVELS,
        ("group_value", "comparison_value", "group_estimated", "comparison_estimated"),
        strict=True,
    )
)


@dataclass(frozen=True, eq=False)
class TrialStudy(PlaceStudy):
    """One plan in one place."""

    plan: Plan
    place: str
    people: TrialPeople
    already_public: bool = False
    hidden: frozenset[str] = field(kw_only=True, repr=False)
    adjust: tuple[str, ...] = ()  # characteristics in the model; those of no plan of a trial

    # -- who is compared ---------------------------------------------------------------------------
    @cached_property
    def managers(self) -> pd.DataFrame:
        """All managers of the programme, compared or not; read only."""
        return self.people.managers

    @cached_property
    def compared_managers(self) -> pd.DataFrame:
        """Managers at sites whose start the lot decided, beside sites that waited; read only."""
        return self.managers[self.managers["excluded"] == ""]

    @property
    def n_in(self) -> int:
        return len(self.managers)

    @property
    def n_used(self) -> int:
        return len(self.compared_managers)

    @property
    def excluded(self) -> dict[str, int]:
        """Managers that are not in the comparison, by reason (exact)."""
        counts = self.managers["excluded"].value_counts()
        return {reason: int(n) for reason, n in sorted(counts.items()) if reason}

    @cached_property
    def sites(self) -> pd.DataFrame:
        """Compared sites: site_id, block, arm, offered; read only."""
        return self.compared_managers.drop_duplicates(SITE)[[SITE, "block", "arm", SIDE, "tier"]]

    @property
    def providers_apart(self) -> bool:
        """No provider trains in more than one way, so that a way and its provider cannot be told
        apart."""
        active = self.compared_managers[self.compared_managers[SIDE] == 1].dropna(
            subset=["provider_id"]
        )
        ways = active.groupby("provider_id")["arm"].nunique()
        return active["arm"].nunique() > 1 and bool((ways == 1).all())

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Compared sites and managers, and those of them without a row in the tables of their
        people, by side.

        Nobody may have been asked about a manager, so that of them only a difference between the
        sides speaks of loss.
        """
        sites, managers = self.people.sites, self.compared_managers
        sites = sites[sites["excluded"] == ""]
        named = {"the sites compared": sites, "the managers compared": managers}
        asked = (
            ("the sites compared", "has_managers", "the table of managers", True),
            ("the sites compared", "has_in_post", "the table of staff in post", True),
            ("the managers compared", "has_staff", "the table of ratings by staff", False),
        )
        return tuple(
            Link(
                parents, child, sides_of(SIDES, named[parents][SIDE], named[parents][column]), whole
            )
            for parents, column, child, whole in asked
        )

    @cached_property
    def mode(self) -> str:
        """all: one clustered analysis; permute: a region whose own lot can tell; describe: counts
        only."""
        if self.sites[SIDE].nunique() < 2:
            return "describe"
        if self.place == ALL:
            return "all"
        return "permute" if levels.may_estimate(self.sites) else "describe"

    @cached_property
    def refusal(self) -> str | None:
        """Why the one analysis of all places is not made; None where it is."""
        fewest = self.sites.groupby(SIDE)[SITE].nunique().min() if len(self.sites) else 0
        if (
            self.plan.smallest.sites_each_arm
            and self.mode == "all"
            and fewest < self.plan.smallest.sites_each_arm
        ):
            return "too_few_sites"
        if too_many_lost(self.links, self.plan.smallest.lost_rows_percent):
            return REFUSAL
        return "too_few_people" if self.n_used < self.plan.smallest.people else None

    # -- what is measured on whom ------------------------------------------------------------------
    def measured(self, outcome: Outcome) -> Measured:
        """The people of one outcome at compared sites, those measured after the cross-over left
        out."""
        if outcome.id not in self._measured:
            self._measured[outcome.id] = self._measure(outcome, outcome.only_groups)
        return self._measured[outcome.id]

    @cached_property
    def _measured(self) -> dict[str, Measured]:
        return {}

    def _measure(self, outcome: Outcome, groups: tuple[str, ...]) -> Measured:
        if outcome.kind == "time_to_event":
            found = leaving(self.people.in_post, self.compared_managers, outcome, groups=groups)
        else:
            frame = self.managers if outcome.id in self.managers else self.people.ratings
            found = score(frame, outcome, groups=groups)
        return with_characteristics(found, self.adjust)

    # -- is the comparison fair --------------------------------------------------------------------
    @cached_property
    def checks(self) -> tuple[CheckResult, ...]:
        """By lot, uptake, contamination, and answers or losses of each outcome."""
        measured = [self.measured(outcome) for outcome in self.plan.compared]
        seed = seed_for(self.plan.study, self.place, "randomisation")
        smallest = self.plan.smallest.response_percent
        reactions = [o for o in self.plan.outcomes if o.role == "fact" and o.id == RELEVANCE]
        said = [
            reaction_response(self.managers, outcome, self.asked(""), smallest=smallest)
            for outcome in reactions
        ]
        found = checks_of(
            self.compared_managers,
            measured,
            smallest=smallest,
            reference=self.plan.groups.reference,
            seed=seed,
            asked=self.asked("checks of the trial"),
        )
        most = self.plan.smallest.lost_rows_percent
        lost = lost_rows_check(self.links, most=most, asked=self.asked("check: lost rows"))
        return (lost, *found, *said)

    # -- rows --------------------------------------------------------------------------------------
    def lead(self, outcome: Outcome) -> Result:
        """The result that answers for an outcome in this place."""
        if outcome.id not in self._leads:
            self._leads[outcome.id] = self._lead(outcome)
        return self._leads[outcome.id]

    @cached_property
    def _leads(self) -> dict[str, Result]:
        return {}

    def _lead(self, outcome: Outcome) -> Result:
        if self.mode == "describe" or self.refusal:
            reason = self.refusal if self.mode != "describe" and self.refusal else "no_comparison"
            return NotEstimable(ESTIMAND, METHOD, outcome.unit, reason, Support())
        measured = self.measured(outcome)
        if self.mode == "permute":
            return levels.permuted_difference(measured, seed=self._seed(outcome, "permutation"))
        lead, self._cr2_beside[outcome.id] = levels.leading_difference(
            measured, seed=self._seed(outcome, "lot")
        )
        return lead

    @cached_property
    def _cr2_beside(self) -> dict[str, Result | None]:
        """The CR2 row of each outcome whose lead rests on the lot drawn anew."""
        return {}

    def _seed(self, outcome: Outcome, analysis: str) -> int:
        return seed_for(self.plan.study, self.place, outcome.id, analysis)

    def _rows_of(self, outcome: Outcome):
        lead = self.lead(outcome)
        with_error = (
            self._cr2_beside.get(outcome.id) or lead
        )  # the same value, with the error that CR2 gives it
        own = Fact(ESTIMAND, METHOD, outcome.unit) if self.mode == "describe" else lead
        row = self._row(outcome, EVERYONE, own, family=f"places_{outcome.id}")
        if with_error is not lead:
            row = row.with_(mde=minimum_detectable_effect(with_error.std_error, with_error.df))
        yield row
        if self.mode != "all" or self.refusal:
            return
        yield from self._group_rows(outcome)
        yield from self._arm_rows(outcome)
        if with_error is not lead:
            yield self._row(outcome, EVERYONE, with_error, note=SECOND)
        measured, seed = self.measured(outcome), self._seed(outcome, "permutation")
        for result in second_opinions(measured, self.took_part(outcome), seed=seed):
            yield self._row(outcome, EVERYONE, result, note=SECOND)
        cost = levels.cost_of_outcome(measured, with_error, self.compared_managers)
        yield self._row(outcome, EVERYONE, cost, note=SECOND)
        yield from self._bounds(outcome)

    def _row(self, outcome: Outcome, group: str, result: Result | Fact, **more) -> Row:
        if isinstance(result, Estimate) and result.std_error is not None:
            more |= {"mde": minimum_detectable_effect(result.std_error, result.df)}
        return self.row(outcome, group, result, **more)

    def _group_rows(self, outcome: Outcome):
        """The effect within each ethnic group, and less that within the reference group."""
        reference, everyone = self.plan.groups.reference, self._measure(outcome, ())
        found = levels.by_group(everyone, groups=self.groups, reference=reference)
        for group, (within, gap) in found.items():
            row = self._row(outcome, group, within, family="exploratory")
            about = not outcome.only_groups or group in outcome.only_groups
            yield row if about else row.with_(role=Role())
            if gap is not None:
                yield self._row(
                    outcome, f"{group} less {reference}", gap, family=f"groups_{outcome.id}"
                )

    def pairs(self, outcome: Outcome):
        """Every pair of arms with p-values by Holm, waiting sites always second; empty where there
        are but two arms."""
        if self.mode != "all" or self.refusal:
            return ()
        found = levels.pairs(self.measured(outcome))
        return tuple(
            _turned(pair) if pair.arm == self.plan.comparison.waiting else pair for pair in found
        )

    def _arm_rows(self, outcome: Outcome):
        measured = self.measured(outcome)
        for pair in self.pairs(outcome):
            result = replace(pair.result, method=f"{pair.arm}_less_{pair.against}")
            waited = pair.against == self.plan.comparison.waiting
            named = pair.arm if waited else f"{pair.arm}{LESS}{pair.against}"
            role = Role(part_of=ARMS if waited else None, name=named)
            yield self._row(outcome, EVERYONE, result, note=SECOND).with_(role=role)
            if waited:
                cost = levels.cost_of_outcome(
                    measured, pair.result, self.compared_managers, arm=pair.arm
                )
                row = self._row(outcome, EVERYONE, cost, note=SECOND)
                yield row.with_(role=Role(name=pair.arm))
        trend = levels.dose(measured)
        if trend is not None:
            yield self._row(outcome, EVERYONE, trend, note=SECOND)

    def took_part(self, outcome: Outcome):
        """Effect on those whom the offer brought to take part, with the first stage."""
        if outcome.id not in self._took_part:
            measured = self.measured(outcome)
            self._took_part[outcome.id] = levels.of_those_who_took_part(measured, measured.exposure)
        return self._took_part[outcome.id]

    @cached_property
    def _took_part(self) -> dict:
        return {}

    def _bounds(self, outcome: Outcome):
        """What missing outcomes could hide, as a row without an estimate."""
        measured = self.measured(outcome)
        if measured.horizon is not None:
            return
        found = levels.bounds_for_losses(measured, seed=self._seed(outcome, "lee"))
        if isinstance(found, LeeBounds):
            row = self._row(outcome, EVERYONE, Fact(ESTIMAND, "lee_bounds", outcome.unit))
            yield row.bounded(found.conf_low, found.conf_high)

    # -- facts -------------------------------------------------------------------------------------
    def _fact_rows(self, outcome: Outcome):
        """A share or a mean among managers whose site had the programme, by lot or not; nothing is
        compared."""
        value, hits, support = fact(self.managers, outcome)
        estimand = "share" if outcome.kind == "share" else "money"
        row = self._row(outcome, EVERYONE, Fact(estimand, "count", outcome.unit, value, support))
        yield row.with_(direction="undefined", n_treated=hits)


def _turned(pair: ArmComparison) -> ArmComparison:
    """The same difference seen from the other side."""
    result = pair.result
    if isinstance(result, Estimate):
        changed = {
            "value": -result.value,
            "conf_low": -result.conf_high,
            "conf_high": -result.conf_low,
        }
        levels_too = {name: getattr(result, other) for name, other in OTHER_SIDE.items()}
        result = replace(result, **changed, **levels_too)
    return ArmComparison(pair.against, pair.arm, result, pair.p_holm)


def open_trial(
    plan: Plan, place: str, tables: dict[str, pd.DataFrame], *, hidden: frozenset[str]
) -> tuple[TrialStudy, str | None]:
    """The study of one place, and the last day before the cross-over (ISO; None where there is
    none)."""
    programme = plan.data.programme or plan.study
    people = trial_people(tables, programme=programme, waiting=plan.comparison.waiting or "")
    study = TrialStudy(plan, place, people, hidden=hidden)
    compared = study.compared_managers  # whoever is not compared does not end the follow-up
    last = (study.managers if compared.empty else compared)["crossover_on"].min()
    return study, None if pd.isna(last) else str((last - pd.Timedelta(days=1)).date())
