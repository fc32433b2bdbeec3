"""A programme of staff inclusion in one place, exact: its rows and checks.

One analysis of all sites answers for the nation; a region answers for itself where at least two
sites of its own started and two still wait, and where start dates could have fallen in enough other
ways. Start dates are permuted within regions, since sites were assigned and not people.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

import pandas as pd

from analysis.designs.rollouts.answers import WeightedAnswers, of_cells, wave_means
from analysis.designs.rollouts.imputation import imputation_effect
from analysis.disclosure.dominance import people_behind
from analysis.disclosure.parts import GROUPS
from analysis.inference.columns import WaveColumns
from analysis.inference.randomisation import seed_for
from analysis.inference.sequential import Asked, Draws, holm_lines
from analysis.plans.plan import Outcome
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
from analysis.studies.staff_inclusion import opinions
from analysis.studies.staff_inclusion.checks import checks_of, scale_checks_of
from analysis.studies.staff_inclusion.kind import EFFECT, GAP, MAIN
from analysis.studies.staff_inclusion.offers import SCALES
from analysis.study.frame_study import FrameStudy
from analysis.study.surveys.scale_quality import Scale
from analysis.vocabulary.regions import ALL, place_set

SITE, WAVE = "site_id", "wave"
FIRST, FIRST_LEFT = "first_wave", "first_interval"  # first under the programme: answers, leaving
LEFT = "left"
SMALLEST_SITES = 2  # on a side (METHODS section 0 rule 9)
NOT_HERE = ("no_comparison", "one_treated_site", "too_few_sites", "too_few_assignments")
TOGETHER = "minority ethnic groups"  # all but the reference: a part of everyone
MINORITIES = Role((TOGETHER,), part_of=GROUPS)


class InclusionStudy(FrameStudy):
    """One plan in one place; `everyone` holds a row a member of staff on the list of a wave."""

    # -- who is compared ---------------------------------------------------------------------------
    @cached_property
    def compared(self) -> pd.DataFrame:
        """Everyone asked at sites that asked for the programme, in the time of the plan; read
        only."""
        return self.everyone[self.everyone["excluded"] == ""]

    @cached_property
    def waves(self) -> int:
        """The last wave."""
        return int(self.compared[WAVE].max()) if len(self.compared) else 0

    @cached_property
    def sites(self) -> pd.DataFrame:
        """One row a compared site: site_id, region, starts_on, first wave under the programme."""
        return self.compared.drop_duplicates(SITE)[[SITE, "region", "starts_on", FIRST]]

    def asked_in(self, outcome: Outcome) -> pd.DataFrame:
        """Everyone who stands or could stand behind an outcome, with `started`; the outcome is
        missing where it is not known."""
        first = FIRST_LEFT if outcome.id == LEFT else FIRST
        rows = self.compared.assign(**{FIRST: self.compared[first]})
        return rows.assign(started=(rows[WAVE] >= rows[FIRST]).astype(float))

    def columns(self, outcome: Outcome) -> WaveColumns:
        """How a roll-out reads the rows."""
        return WaveColumns(
            unit=SITE,
            period=WAVE,
            first_treated=FIRST,
            block="region",
            outcome=outcome.id,
            scale=100.0 if outcome.unit == "in_every_100" else 1.0,
            response=("started", "ethnic_group", "service_band"),
        )

    # -- is there an effect to be worked out at all ------------------------------------------------
    def refusal(self, outcome: Outcome) -> str | None:
        """Why nothing is worked out of this outcome; None where it is."""
        if len(self.compared) < self.plan.smallest.people:
            return "too_few_people"
        if outcome.id not in SCALES:
            return None
        return None if self.scale_checks[outcome.id][0].passed else "unreliable_scale"

    @cached_property
    def scale_checks(self) -> dict[str, tuple[CheckResult, CheckResult]]:
        """Of each scale of the plan, before any effect: do its questions hang together, and do they
        work alike in each ethnic group."""
        scales = [o for o in self.plan.compared if o.id in SCALES]
        return {o.id: scale_checks_of(self.scale(o.id), o) for o in scales}

    def scale(self, name: str) -> Scale:
        """Answers without the programme: before a start, or at a site that waits."""
        rows = self.compared[self.compared["answered"]]
        before = rows[~(rows[WAVE] >= rows[FIRST])]
        seed = seed_for(self.plan.study, self.place, name, "reliability")
        reference, groups = self.plan.groups.reference, self.groups
        return Scale(name, before, SCALES[name], "ethnic_group", reference, groups, seed)

    @cached_property
    def checks(self) -> tuple[CheckResult, ...]:
        """Where anything is compared; in a place with too few sites, how many there are."""
        return checks_of(self)

    @cached_property
    def enough_sites(self) -> bool:
        """At least two sites that started and two that wait, in this place."""
        started = int((self.sites[FIRST] <= self.waves).sum())
        return min(started, len(self.sites) - started) >= SMALLEST_SITES

    # -- rows --------------------------------------------------------------------------------------
    def _rows_of(self, outcome: Outcome) -> Iterator[Row]:
        result = self.effect(outcome)
        yield self.row(outcome, EVERYONE, self._or_described(result), family=f"places_{outcome.id}")
        if self.place == ALL and not self.refusal(outcome):
            if outcome.role == "primary":
                yield from self._by_group(outcome)
            yield from opinions.of_outcome(self, outcome)
        if outcome.kind == "share":
            yield from self.rate_rows(outcome)

    def effect(self, outcome: Outcome) -> Result:
        """The effect among everyone behind an outcome; worked out once."""
        if outcome.id not in self._effects:
            self._effects[outcome.id] = self._effect_of(outcome, self.asked_in(outcome))
        return self._effects[outcome.id]

    @cached_property
    def _effects(self) -> dict[str, Result]:
        return {}

    @cached_property
    def weighted(self) -> dict[str, WeightedAnswers]:
        """What was found with inverse-response weights, by outcome."""
        return {}

    def _or_described(self, result: Result) -> Result | Fact:
        """In a place with too few sites nothing is compared: its own figures stand there."""
        few = isinstance(result, NotEstimable) and result.reason in NOT_HERE
        if self.place == ALL or not few:
            return result
        return Fact(result.estimand, result.method, result.unit, support=result.support)

    def _effect_of(
        self, outcome: Outcome, asked: pd.DataFrame, estimand: str = EFFECT, method: str = MAIN
    ) -> Result:
        what = (estimand, method, outcome.unit)
        if refused := self.refusal(outcome):
            return NotEstimable(*what, refused, Support())
        if self.place != ALL and not self.enough_sites:
            return NotEstimable(*what, "too_few_sites", Support())
        columns = self.columns(outcome)
        answers = asked[asked[outcome.id].notna()]
        cells = wave_means(asked, columns)
        test = imputation_effect(cells, of_cells(columns), what, self._draws(outcome, estimand))
        used = test.panel.cells()
        used = used[used["reason"] == ""]
        index = pd.MultiIndex.from_frame(answers[[SITE, WAVE]])
        inside = index.isin(pd.MultiIndex.from_frame(used[["unit", "period"]]))
        return self.with_people(test.result, answers, outcome, inside)

    def _draws(self, outcome: Outcome, estimand: str) -> Draws:
        """As many draws as the class hangs on: p against the levels of its family, or of all
        places, and the ends of the interval against the size that matters."""
        family = next((f for f in self.plan.families if outcome.id in f.outcomes), None)
        alpha = family.alpha if family else self.plan.families[0].alpha
        beside = len(family.outcomes) if family else 1
        places = len(place_set(self.plan.data.places).ids)
        lines = holm_lines(alpha, beside if self.place == ALL else places)
        asked = Asked(tuple(sorted(set(lines))), (-outcome.size, outcome.size))
        return Draws(seed=seed_for(self.plan.study, self.place, outcome.id, estimand), asked=asked)

    def with_people(
        self, result: Result, answers: pd.DataFrame, outcome: Outcome, inside: Sequence[bool]
    ) -> Result:
        """The result with the answers that it rests on and the levels seen on both sides.

        People are counted in the wave in which they are most: nobody stands twice in a wave, and in
        several waves the same people can stand.
        """
        rows = answers[inside]
        on = rows["started"] == 1
        support = replace(
            result.support,
            n=len(rows),
            n_identifying=len(rows),
            n_treated=int(on.sum()),
            persons=_in_one_wave(rows),
            smallest_cell=_smallest(rows, outcome),
            cells_identifying=int(rows["region"].nunique()),
            residual_df=max(len(rows) - 100, 0),
            left_out=tuple(
                (name, n) for name, n in (("no_comparison_then", len(answers) - len(rows)),) if n
            ),
            clusters_left_out=answers[SITE].nunique() - rows[SITE].nunique(),
        )
        if not isinstance(result, Estimate):
            return replace(result, support=support)
        scale = self.columns(outcome).scale
        levels = [scale * float(rows.loc[side, outcome.id].mean()) for side in (on, ~on)]
        found = replace(result, support=support, group_value=levels[0], comparison_value=levels[1])
        if result.estimand not in (EFFECT, "group_effect"):
            return found
        without = levels[0] - result.value  # model output: nobody was asked without the programme
        low, high = outcome.scale or (0.0, 100.0)
        return replace(found, comparison_estimated=min(max(without, low), high))

    # -- by group ----------------------------------------------------------------------------------
    def _by_group(self, outcome: Outcome) -> Iterator[Row]:
        """The effect within each group, and on the gap between minority ethnic staff and the
        reference; of a scale whose questions do not work alike there is neither."""
        reference, asked = self.plan.groups.reference, self.asked_in(outcome)
        others = tuple(group for group in self.groups if group != reference)
        parts = {reference: (reference,), TOGETHER: others, **{g: (g,) for g in others}}
        for name, groups in parts.items():
            own = asked[asked["ethnic_group"].isin(groups)]
            found = self._apart(outcome) or self._effect_of(outcome, own, "group_effect")
            row = self.row(outcome, name, found, family="exploratory")
            role = None if name == reference else Role(part_of=TOGETHER)
            yield row if role is None else row.with_(role=MINORITIES if name == TOGETHER else role)
        gap = self._apart(outcome, "gap_difference", GAP) or self._gap(outcome, asked, others)
        yield self.row(outcome, f"{TOGETHER} less {reference}", gap, family="groups")

    def _apart(
        self, outcome: Outcome, estimand: str = "group_effect", method: str = MAIN
    ) -> NotEstimable | None:
        """Nothing is said by group of a scale that is not the same in each group."""
        scale = self.scale_checks.get(outcome.id)
        if scale is None or scale[1].passed is not False:
            return None
        return NotEstimable(estimand, method, outcome.unit, "questions_differ", Support())

    def _gap(self, outcome: Outcome, asked: pd.DataFrame, others: tuple[str, ...]) -> Result:
        """The effect on the difference between the two means of each site and wave that has both,
        weighted by n1 n2 / (n1 + n2), what such a difference rests on."""
        columns, reference = self.columns(outcome), self.plan.groups.reference
        known = asked[asked[outcome.id].notna()]
        sides = [known[known["ethnic_group"].isin(g)] for g in (others, (reference,))]
        own, white = (wave_means(s, columns) for s in sides)
        both = own.merge(white[[SITE, WAVE, "weight", outcome.id]], on=[SITE, WAVE])
        weight = both["weight_x"] * both["weight_y"] / (both["weight_x"] + both["weight_y"])
        gap = both[f"{outcome.id}_x"] - both[f"{outcome.id}_y"]
        cells = both.assign(weight=weight, **{outcome.id: gap})[list(own.columns)]
        what = ("gap_difference", GAP, outcome.unit)
        draws = self._draws(outcome, "gap_difference")
        test = imputation_effect(cells, of_cells(columns), what, draws)
        used = test.panel.cells()
        used = pd.MultiIndex.from_frame(used.loc[used["reason"] == "", ["unit", "period"]])
        rows = pd.concat(sides)
        inside = pd.MultiIndex.from_frame(rows[[SITE, WAVE]]).isin(used)
        found = self.with_people(test.result, rows, outcome, inside)
        smaller = _smallest(rows[inside & rows["ethnic_group"].isin(others).to_numpy()], outcome)
        found = replace(found, support=replace(found.support, smallest_cell=smaller))
        return replace(found, **dict.fromkeys(LEVELS)) if isinstance(found, Estimate) else found

    # -- facts -------------------------------------------------------------------------------------
    def _fact_rows(self, outcome: Outcome) -> Iterator[Row]:
        """A share of those who answered at sites that had started; nothing is compared."""
        values = self.compared[outcome.id].dropna()
        hits, n = int(values.sum()), len(values)
        support = Support(n=n, persons=n, smallest_cell=min(hits, n - hits), residual_df=n)
        value = 100 * hits / n if n else None
        fact = Fact("share", "count", outcome.unit, value, support)
        yield self.row(outcome, EVERYONE, fact).with_(direction="undefined", n_treated=hits)


def _in_one_wave(rows: pd.DataFrame) -> int:
    return int(rows.groupby(WAVE).size().max()) if len(rows) else 0


def _smallest(rows: pd.DataFrame, outcome: Outcome) -> int:
    """Fewest people on a side, counted in one wave; of an event, with or without it."""
    found = []
    for side in (1.0, 0.0):
        own = rows[rows["started"] == side]
        if outcome.kind == "share":
            found += [_in_one_wave(own[own[outcome.id] == value]) for value in (0.0, 1.0)]
        else:
            seen = own[own[WAVE] == own[WAVE].mode().min()] if len(own) else own
            found.append(people_behind(seen[outcome.id].to_numpy(dtype=float)))
    return min(found)
